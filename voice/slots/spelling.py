"""Reads what is spelled letter by letter: names, codes, what stands on either side of an "at". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from voice.languages import Lexicon, fold
from voice.languages.base import word_list
from voice.slots.numbers import Number, numbers_at

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_LETTER_NAMES = {
    "es": {
        **{letter: letter for letter in _ALPHABET if letter != "y"},  # which is a word here
        "be": "b", "be alta": "b", "be larga": "b", "be grande": "b", "ce": "c", "de": "d", "ele": "l",
        "efe": "f", "ge": "g", "hache": "h", "i latina": "i", "jota": "j", "ka": "k", "elle": "ll",
        "eme": "m", "ene": "n", "ene con tilde": "ñ", "pe": "p", "cu": "q", "erre": "r", "ere": "r",
        "ese": "s", "te": "t", "uve": "v", "ve": "v", "ve chica": "v", "ve corta": "v", "ve baja": "v",
        "be chica": "v", "be corta": "v", "be baja": "v", "che": "ch", "erre doble": "rr", "doble erre": "rr",
        "uve doble": "w", "doble uve": "w", "doble ve": "w", "doble u": "w", "ve doble": "w",
        "doble be": "w", "equis": "x", "i griega": "y", "y griega": "y", "ye": "y", "zeta": "z", "ceta": "z",
    },
    "en": {
        **{letter: letter for letter in _ALPHABET},
        "double u": "w", "double you": "w", "zee": "z", "zed": "z", "bee": "b", "see": "c", "cee": "c",
        "dee": "d", "ee": "e", "eff": "f", "gee": "g", "aitch": "h", "haitch": "h", "jay": "j", "kay": "k",
        "el": "l", "ell": "l", "em": "m", "en": "n", "pee": "p", "cue": "q", "queue": "q", "are": "r",
        "ar": "r", "ess": "s", "tee": "t", "tea": "t", "you": "u", "vee": "v", "ex": "x", "why": "y",
        "wye": "y", "oh": "o", "ay": "a", "eye": "i",
    },
}  # fmt: skip
SIGNS = {
    "es": {
        "arroba": "@", "punto": ".", "guion": "-", "guion medio": "-", "guion normal": "-", "menos": "-",
        "guion bajo": "_", "subguion": "_", "raya baja": "_", "barra baja": "_", "barra": "/", "mas": "+",
        "underscore": "_", "signo mas": "+",
    },
    "en": {
        "at": "@", "at sign": "@", "dot": ".", "point": ".", "period": ".", "full stop": ".", "dash": "-",
        "hyphen": "-", "minus": "-", "underscore": "_", "under score": "_", "slash": "/", "plus": "+",
    },
}  # fmt: skip
# "a de antonio", "b as in bravo", and the words of the international spelling alphabet alone
_LIKE = {"es": ("de", "como", "como en"), "en": ("as in", "for", "like", "is for", "like in")}
_NATO = dict(
    zip(
        word_list(
            """
            alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa
            quebec romeo sierra tango uniform victor whiskey xray yankee zulu
            """
        ),
        _ALPHABET,
        strict=True,
    )
) | {"alfa": "a", "juliett": "j", "whisky": "w", "eco": "e", "quebeck": "q", "noviembre": "n", "yanqui": "y"}
_WHOLE = frozenset({"com", "net", "org", "es", "mx", "gmail", "hotmail", "outlook", "yahoo"})
_CASE_AND_SUCH = frozenset(
    word_list(
        "mayuscula minuscula mayusculas minusculas acento tilde capital uppercase lowercase letra letter"
    )
)
_MOST = 12  # candidates kept at each word of a code


def read_spelled(text: str, lang: str, lexicon: Lexicon) -> str | None:
    """The letters, digits and signs of a spelled word, lower-case; None when something in it is no letter.

    "be de barcelona" and "b as in bravo" are one letter when the word begins with it.
    """
    words = with_enye(text)
    spelled: list[str] = []
    at = 0
    while at < len(words):
        length, said = one_letter(words, at, lang, lexicon)
        if not length:
            if words[at] not in lexicon.fillers and words[at] not in _CASE_AND_SUCH:
                return None
            length, said = 1, ""
        spelled.append(said)
        at += length
    return "".join(spelled) or None


def with_enye(text: str) -> list[str]:
    """Folded words; "eñe" keeps its sign as "ene con tilde" so that it is not an n."""
    named = text.lower().replace("ñ", "\0").replace("e\0e", " ene con tilde ").replace("\0", "ñ")
    return fold(named).split()


def one_letter(words: Sequence[str], at: int, lang: str, lexicon: Lexicon) -> tuple[int, str]:
    """How many words from ``at`` are one letter, digit or sign, and which; 0 when they are none."""
    tables: tuple[Mapping[str, str], ...] = (_LETTER_NAMES[lang], SIGNS[lang])
    for length in range(min(3, len(words) - at), 0, -1):
        name = " ".join(words[at : at + length])
        for table in tables:
            if name in table:
                return length + _example(words, at + length, table[name], lang, lexicon), table[name]
    word = words[at]
    if word in lexicon.repeats:
        length, said = one_letter(words, at + 1, lang, lexicon) if at + 1 < len(words) else (0, "")
        return (length + 1, said * lexicon.repeats[word]) if length else (0, "")
    if word in _NATO:
        return 1, _NATO[word]
    if word in lexicon.zero or word in lexicon.units:
        return 1, str(lexicon.units.get(word, 0))
    if word.isdecimal() or (word in _WHOLE and at):
        return 1, word
    return 0, ""


def _example(words: Sequence[str], at: int, letter: str, lang: str, lexicon: Lexicon) -> int:
    """How many words from ``at`` only say which letter was meant. Digits and signs say none after a word
    that may be one of what is spelled too: "ce de cero", "be de guion", "t for ten"."""
    for link in sorted(_LIKE[lang], key=len, reverse=True):
        parts = link.split()
        example = at + len(parts)
        if list(words[at:example]) == parts and example < len(words):
            word = words[example]
            sounds = word[0] == letter or (letter in "bvwx" and word[0] in "bvgwx")
            spelled = link in ("de", "for") and (word in lexicon.number_words or word in SIGNS[lang])
            if len(word) > 2 and sounds and not spelled and word not in _LETTER_NAMES[lang]:
                return len(parts) + 1
    return 0


# --- codes: letters and digits, dictated in any groups ----------------------------------------------


@cache
def letter_words(lang: str) -> frozenset[str]:
    """The single words that may be one letter."""
    return frozenset(name for name in _LETTER_NAMES[lang] if " " not in name)


def read_codes(text: str, lang: str, lexicon: Lexicon) -> list[tuple[str, float]]:
    """What ``text`` may be as letters and digits without separators, upper-case, likeliest first, each with
    its doubt (0 is none). "O" may be a letter or a zero, "de" a D or a word, "veinte uno" 21 or 201: the
    caller's check digit decides, so the readings are given, not chosen from.
    """
    words = with_enye(text)[:80]
    numbers = numbers_at(words, lexicon, homophones=True)
    states: list[list[tuple[str, float]]] = [[] for _ in range(len(words) + 1)]
    states[0] = [("", 0.0)]
    for at, word in enumerate(words):
        best = sorted(states[at], key=lambda state: state[1])[:_MOST]
        if not best:
            continue
        for length, said, doubt in _pieces(words, at, word, lang, lexicon, numbers):
            for code, so_far in best:
                if len(code) + len(said) <= 40:
                    states[at + length].append((code + said, so_far + doubt))
    seen: dict[str, float] = {}
    for code, doubt in sorted(states[-1], key=lambda state: state[1]):
        if code:
            seen.setdefault(code, round(doubt, 3))
    return list(seen.items())[: 2 * _MOST]


def _pieces(
    words: Sequence[str], at: int, word: str, lang: str, lexicon: Lexicon, numbers: Mapping[int, Number]
) -> list[tuple[int, str, float]]:
    """What may stand at a word: how many words it takes, what it says, and how doubtful that is."""
    found: list[tuple[int, str, float]] = []
    number = numbers.get(at)
    if any(c.isdecimal() for c in word) and any(c.isalpha() for c in word):
        found.append((1, word.upper(), 0.0))
    elif number is not None:
        length, text, split = number.end - at, number.text, number.split
        if text.isdecimal():
            found.append((length, text, 0.0))
        if split != text and split.isdecimal():
            found.append((length, split, 0.2))
    if any(c.isdecimal() for c in word):
        return found
    length, said = one_letter(words, at, lang, lexicon)
    if not length and len(word) == 1:
        length, said = 1, word
    if length and said.isalpha():
        doubtful = length == 1 and (word in lexicon.fillers or number is not None)
        alone = not (_is_piece(words, at - 1, lang, lexicon) or _is_piece(words, at + 1, lang, lexicon))
        found.append((length, said.upper(), (0.3 if alone else 0.02) if doubtful else 0.0))
    if word in lexicon.fillers or word in SIGNS[lang] or word in _CASE_AND_SUCH:
        found.append((1, "", 0.1 if length and said.isalpha() else 0.0))
    elif not found:
        found.append((1, "", 0.25))
    return found


def _is_piece(words: Sequence[str], at: int, lang: str, lexicon: Lexicon) -> bool:
    """Whether the word there is surely a letter or a digit of the code."""
    if not 0 <= at < len(words):
        return False
    word = words[at]
    if any(c.isdecimal() for c in word) or word in lexicon.units or word in lexicon.zero:
        return True
    return len(word) == 1 or word in letter_words(lang)
