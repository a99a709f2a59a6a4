"""Reads names of people, said or spelled. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from voice.languages import Language, fold, normalise
from voice.languages.base import word_list
from voice.slots.reading import Outcome, Parsed, Refused, Why
from voice.slots.spelling import letter_words, one_letter, read_spelled, with_enye

_MOST_WORDS = 7
_PLAIN = 0.8  # no list tells a name from another word: sure enough to echo only when it is asked for
_LEAD_INS = {
    "es": re.compile(
        r"^(?:(?:s[ií]|hola|buenas|buenos d[ií]as|buenas tardes|eh|em|pues|bueno|mire|a ver|ah|vale) )*"
        r"(?:(?:mi nombre(?: completo)? es|(?:yo )?me llamo|soy(?: yo)?|le habla|habla|de parte de|"
        r"est[aá] a nombre de|a nombre de|es(?: a nombre de)?|mi apellido es|mis apellidos son|"
        r"el nombre es|apellidos?|nombre)"
        r" )*(?:(?:la|el) )?(?:(?:señora|señorita|señor|doctora|doctor|don|doña|sra|sr) )*"
    ),
    "en": re.compile(
        r"^(?:(?:yes|yeah|hi|hello|hey|uh|um|er|well|okay|ok|sure|so|good morning|good afternoon) )*"
        r"(?:(?:my (?:full |first |last |sur)?name(?: is|'s)|the name(?: is|'s)|i am|i'm|this is|it's|it is|"
        r"you're speaking (?:to|with)|they call me|call me|under the name(?: of)?|the reservation is under|"
        r"under|name is|last name|first name|surname|name) )*"
        r"(?:(?:mister|missus|misses|miss|doctor|mr|mrs|ms|dr) )*"
    ),
}
_TRAIL = {
    "es": re.compile(
        r"(?: (?:por favor|gracias|para servirle|eso es|s[ií]|señorita|al habla|al aparato|vale|ya))+$"
    ),
    "en": re.compile(r"(?: (?:please|thanks|thank you|speaking|here|that's it|yes|right))+$"),
}
_PARTICLES = frozenset(
    word_list(
        "de del la las los y i e da do dos das di della van von der den le san santa saint bin al el o mc mac"
    )
)
# What announces a name in the middle of a sentence; "soy cliente" is none, so "soy" does not.
_ANNOUNCED = {
    "es": re.compile(r"\b(?:mi nombre(?: completo)? es|me llamo|a nombre de|le habla|de parte de) (.+)"),
    "en": re.compile(
        r"\b(?:my (?:full )?name is|my name's|under the name(?: of)?|this is|they call me) (.+)"
    ),
}
_STOPS = frozenset(
    word_list(
        """
        quiero queria quisiera necesito llamo llamaba para porque que con mi mis numero telefono correo y
        tengo por favor gracias i want need would like and my number phone email calling about from because
        to with the a for please thanks thank quieren cliente
        """
    )
)


def read_name(text: str, facts: Language) -> Outcome:
    """A person's name as it is written ("Juan García de la Torre"), spelled letters joined."""
    said = normalise(text)
    lang = facts.code
    said = _TRAIL[lang].sub("", said)
    said = _LEAD_INS[lang].sub("", said + " ").strip()
    words = said.split()
    if not words:
        return Refused(Why.NOTHING)
    letters = read_spelled_name(said, facts)
    if isinstance(letters, Parsed) and letters.confidence >= 0.9 and not _is_plain_name(words):
        return letters
    if not _is_plain_name(words):
        return Refused(Why.FORMAT if any(c.isdecimal() for c in said) else Why.NOTHING)
    strange = sum(_is_common(word, facts) for word in words)
    if strange and (strange == len(words) or strange > 1):
        return Refused(Why.NOTHING)
    value = name_case(said)
    return Parsed(value, value, max(0.3, _PLAIN - 0.3 * strange - (0.1 if len(words) > 5 else 0.0)))


def _is_plain_name(words: Sequence[str]) -> bool:
    long = [w for w in words if w not in _PARTICLES]
    letters = all(re.fullmatch(r"[^\W\d_]+(?:'[^\W\d_]+)*", w) for w in words)
    return letters and len(long) > 0 and len(words) <= _MOST_WORDS and any(len(w) > 1 for w in long)


def _is_common(word: str, facts: Language) -> bool:
    """Whether a word is one of the language's small words, numbers or fillers, which no name has."""
    bare, lexicon = fold(word), facts.lexicon
    if bare in _PARTICLES:
        return False
    numbers = bare in lexicon.units or bare in lexicon.teens or bare in lexicon.tens or bare in lexicon.scales
    return numbers or bare in lexicon.fillers or bare in facts.function_words or bare in _STOPS


def name_case(said: str) -> str:
    """A name with capitals, its particles without: "juan de la torre" is "Juan de la Torre"."""
    words = said.split()
    return " ".join(w if i and fold(w) in _PARTICLES else _capital(w) for i, w in enumerate(words))


def _capital(word: str) -> str:
    """ "o'brien" has two."""
    return "'".join(part[:1].upper() + part[1:] for part in word.split("'"))


def announced_name(text: str, facts: Language) -> str:
    """The name that a sentence announces ("me llamo Ana Ruiz y quiero ..."); "" when it announces none."""
    found = _ANNOUNCED[facts.code].search(normalise(text))
    if found is None:
        return ""
    words: list[str] = []
    for word in found[1].split():
        bare = fold(word)
        if bare in _STOPS or (_is_common(word, facts) and bare not in _PARTICLES):
            break
        words.append(word)
    while words and fold(words[-1]) in _PARTICLES:
        words.pop()
    return " ".join(words[:5])


# --- spelled ----------------------------------------------------------------------------------------


def read_spelled_name(text: str, facts: Language) -> Outcome:
    """What was spelled letter by letter, with a capital; "García, ge a erre ce i a" is its spelling."""
    lang = facts.code
    said = _TRAIL[lang].sub("", normalise(text.replace("-", " ")))
    said = _LEAD_INS[lang].sub("", said + " ").strip()
    parts = [
        part
        for part in re.split(r"\b(?:espacio|space|nuevo apellido|segundo apellido)\b", said)
        if part.strip()
    ]
    if not parts:
        return Refused(Why.NOTHING)
    read = [_spelled_part(part, facts) for part in parts]
    found = [r for r in read if r is not None]
    if len(found) < len(read):
        return Refused(Why.NOTHING)
    value = name_case(" ".join(name for name, _ in found))
    return Parsed(value, say_spelled(value, facts), min(sure for _, sure in found))


def _spelled_part(text: str, facts: Language) -> tuple[str, float] | None:
    whole = read_spelled(text, facts.code, facts.lexicon)
    words = with_enye(text)
    if whole is not None and _letters(words, facts) > 1:
        return whole, 1.0
    if whole is not None and len(whole) == 1 and whole.isalpha() and (sure := _lone_letter(words, facts)):
        return whole, sure
    for start in range(1, min(5, len(words) - 1)):  # said first, then spelled
        rest = " ".join(words[start:]).replace("ene con tilde", "eñe")
        spelled = read_spelled(rest, facts.code, facts.lexicon)
        if spelled is not None and _letters(words[start:], facts) > 1:
            same = fold(spelled) == "".join(words[:start])
            return spelled, 1.0 if same else 0.85
    if len(words) <= 2 and all(len(w) > 1 and w.isalpha() and not _is_common(w, facts) for w in words):
        return normalise(text), 0.6  # said and not spelled
    return None


def _lone_letter(words: Sequence[str], facts: Language) -> float:
    """How sure it is that one letter alone is the answer: "a as in alpha" is, "be" may be a word."""
    for at, word in enumerate(words):
        length, said = one_letter(words, at, facts.code, facts.lexicon)
        if not length or not said:
            continue
        if length > 1 and word in letter_words(facts.code):
            return 1.0
        return 0.9 if len(word) == 1 or length > 1 else 0.0 if _is_common(word, facts) else 0.6
    return 0.0


def _letters(words: Sequence[str], facts: Language) -> int:
    count = at = 0
    while at < len(words):
        length, said = one_letter(words, at, facts.code, facts.lexicon)
        count += bool(length and said)
        at += max(1, length)
    return count


def say_spelled(value: str, facts: Language) -> str:
    """A name letter by letter, a comma after each word and after every fourth letter."""
    said = []
    for word in value.split():
        names = [facts.letter_names.get(c.upper(), c.upper()) for c in word if c.isalnum()]
        said.append(", ".join(" ".join(names[i : i + 4]) for i in range(0, len(names), 4)))
    return f", {facts.space_word}, ".join(said)
