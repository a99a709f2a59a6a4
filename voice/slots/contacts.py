"""Reads telephone numbers and e-mail addresses. Pure.

Which numbers exist, and how each country groups its digits, is for ``phonenumbers`` to know (imported on
first use: 40 ms, then 0.1 ms a number).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from voice.languages import Language
from voice.languages.base import word_list
from voice.slots.money import strangers
from voice.slots.numbers import Number, find_numbers, is_written, tokenise
from voice.slots.reading import Outcome, Parsed, Refused, Why
from voice.slots.spelling import SIGNS, letter_words, one_letter, with_enye

_PLUS = frozenset({"mas", "plus", "+"})
_EXTENSION = frozenset({"extension", "ext", "anexo", "interno"})
_MOST_STRANGERS = 6
_MOST_GROUPINGS = 32


@cache
def _phones() -> ModuleType:
    import phonenumbers

    return phonenumbers


def read_phone(text: str, facts: Language, country: str) -> Outcome:
    """A telephone number as E.164 ("+34612345678"); without its country code, one of ``country``."""
    tokens = tokenise(text)
    cut = next((i for i, t in enumerate(tokens) if t in _EXTENSION), len(tokens))
    tokens = tokens[:cut] if cut else tokens
    numbers = [n for n in find_numbers(tokens, facts.lexicon, homophones=True) if n.text.isdecimal()]
    if not numbers:
        return Refused(Why.NOTHING)
    strange = strangers(tokens, numbers, facts.lexicon)
    if strange > _MOST_STRANGERS:
        return Refused(Why.NOTHING)
    worst: Refused | None = None
    for digits, doubt in _phone_readings(tokens, numbers):
        number = _parse_phone(digits, country)
        if number is None:
            worst = worst or Refused(Why.SHORT, len(digits))
            continue
        value, spoken = _e164(number), say_phone(_e164(number), facts, country)
        if _phones().is_valid_number(number):
            return Parsed(value, spoken, max(0.3, 1.0 - doubt - 0.05 * strange))
        worst = worst or _phone_refusal(number, digits)
    return worst or Refused(Why.NOTHING)


def _phone_readings(tokens: Sequence[str], numbers: Sequence[Number]) -> list[tuple[str, float]]:
    first = numbers[0].start
    plus = "+" if first and tokens[first - 1] in _PLUS else ""
    joined = "".join(n.text for n in numbers)
    found = [(plus + digits, 0.15 * bool(i)) for i, digits in enumerate(_groupings(numbers))]
    if not plus and joined.startswith("00"):
        found.insert(0, ("+" + joined[2:], 0.0))
    if not plus and len(joined) > 10:
        found.append(("+" + joined, 0.1))  # "treinta y cuatro, seis uno dos ...": the plus left out
    return list(dict.fromkeys(found))


def _groupings(numbers: Sequence[Number]) -> list[str]:
    """The digits of numbers that may each be meant as a whole or in parts: "twenty eight" is 28 or 20 8,
    "eight hundred five" 805 or 800 5. Likeliest first."""
    found = [""]
    for number in numbers:
        texts = [number.text]
        if number.split != number.text and number.split.isdecimal():
            texts.append(number.split)
        if 100 < number.value < 1000 and number.value % 100 and number.end - number.start > 1:
            texts.append(f"{number.value // 100 * 100}{number.value % 100}")
        if len(found) * len(texts) > _MOST_GROUPINGS:
            texts = texts[:1]
        found = [before + text for text in texts for before in found]
    return found


def _parse_phone(digits: str, country: str) -> Any:
    phones = _phones()
    try:
        return phones.parse(digits, country or None)
    except phones.NumberParseException:
        return None


def _phone_refusal(number: Any, digits: str) -> Refused:
    reasons = _phones().ValidationResult
    result = _phones().is_possible_number_with_reason(number)
    if result in (reasons.TOO_SHORT, reasons.IS_POSSIBLE_LOCAL_ONLY):
        return Refused(Why.SHORT, len(digits.lstrip("+")))
    if result == reasons.TOO_LONG:
        return Refused(Why.LONG, len(digits.lstrip("+")))
    return Refused(Why.IMPOSSIBLE, len(digits.lstrip("+")))


def _e164(number: Any) -> str:
    return str(_phones().format_number(number, _phones().PhoneNumberFormat.E164))


def phone_is_valid(value: str) -> bool:
    """Whether an E.164 number is one that its country's plan has."""
    number = _parse_phone(value, "")
    return number is not None and bool(_phones().is_valid_number(number))


def keyed_phone(keys: str, country: str) -> str | None:
    """Keys as E.164, or None when no phone of ``country`` (or, after 00, of another) has them."""
    for digits in (f"+{keys[2:]}", keys) if keys.startswith("00") else (keys,):
        number = _parse_phone(digits, country)
        if number is not None and _phones().is_valid_number(number):
            return _e164(number)
    return None


def say_phone(value: str, facts: Language, country: str) -> str:
    """A number for the ear: digit by digit, in the groups of its country; the code only for another's."""
    phones = _phones()
    number = _parse_phone(value, country)
    if number is None:
        return facts.say_digits(value)
    home = phones.region_code_for_number(number) == country
    form = phones.PhoneNumberFormat.NATIONAL if home else phones.PhoneNumberFormat.INTERNATIONAL
    groups = re.findall(r"\d+", phones.format_number(number, form))
    said = ", ".join(" ".join(facts.say_number(int(d)) for d in group) for group in groups)
    return said if home else f"{facts.plus_word} {said}"


# --- e-mail -----------------------------------------------------------------------------------------

# What an address may be: the form of the HTML standard for <input type=email>, with a dot in the domain.
EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}",
    re.IGNORECASE,
)
_PROVIDERS = {
    "gmail": "gmail.com", "hotmail": "hotmail.com", "outlook": "outlook.com", "yahoo": "yahoo.com",
    "icloud": "icloud.com", "live": "live.com", "msn": "msn.com", "proton": "proton.me",
}  # fmt: skip
_HEARD = (
    (r"\b(?:g|ge|ji|yi|gi|jey|ye) ?(?:mail|meil|mel|meyl|mei l)\b|\b[jy]imeil\b|\bgemail\b", "gmail"),
    (r"\b(?:hot|jot|ot) ?(?:mail|meil|mel|meyl)\b", "hotmail"),
    (r"\b(?:out|aut|au) ?(?:look|luk|luc)\b", "outlook"),
    (r"\b(?:ya|ia|lla) ?(?:hoo|ju|hu|u)\b|\byahu\b", "yahoo"),
    (r"\b(?:i|ai) (?:cloud|claud)\b|\baiclaud\b", "icloud"),
    (r"\b(?:dot|punto) (?:com|con|comm|kom)\b", "punto com"),
    (r"\ba ver\b", ""),
    (r"\ba rroba\b|\ba roba\b|\barova\b|\barrova\b", "arroba"),
)  # what recognizers make of the names of mail providers
_TLDS = frozenset(
    word_list("com es org net mx ar co cl pe uk us edu gov gob eu info io fr de it pt ca cat me app")
)
_LEAD_INS = {
    "es": re.compile(
        r"^.*?\b(?:(?:mi |el |un )?(?:correo(?: electronico)?|e ?mail|mail|imeil|direccion)"
        r"(?: (?:electronico|es|seria|de contacto))*|(?:apunta|apunte|anote|anota|escriba))\b(?= \w+ )"
    ),
    "en": re.compile(
        r"^.*?\b(?:(?:my |the |an )?(?:e ?mail(?: address)?|address)(?: (?:is|would be|its|s))*"
        r"|write(?: to)?)\b(?= \w+ )"
    ),
}
_NOISE = {
    "es": frozenset(
        word_list(
            """todo junto juntos minusculas minuscula mayuscula mayusculas sin espacios espacio letras letra
            palabra eh em pues bueno ver si es eso gracias favor por y seguido"""
        )
    ),
    "en": frozenset(
        word_list(
            """all one word lowercase lower case capital uppercase letters letter together no spaces um uh
            please thanks thank its is thats so okay and sign the symbol"""
        )
    ),
}
# Names of letters that are words of names and addresses too: letters only beside other letters or signs.
_ALSO_WORDS = {
    "es": frozenset(word_list("a de e o u te ye ve be ce che i")),
    "en": frozenset(word_list("a i are see you why tea queue el em en ex eye oh")),
}
_AT = {"es": ("arroba", "at"), "en": ("at", "arroba")}


def read_email(text: str, facts: Language) -> Outcome:
    """An address in lower case, spelled, in words or both: "ana punto pe arroba gmail punto com"."""
    written = EMAIL.search(text)
    if written:
        return _email(written[0].lower(), facts, 1.0)
    words = _heard_words(text, facts.code)
    at = _at_of(words, facts.code)
    if at is None:
        return Refused(Why.NOTHING)
    local, doubt = _side(_before(words[:at], facts), facts, domain=False)
    domain, more = _side(words[at + 1 :], facts, domain=True)
    domain = _PROVIDERS.get(domain, domain)
    value = f"{local.strip('.-')}@{_with_dot(domain)}"
    if EMAIL.fullmatch(value):
        return _email(value, facts, max(0.3, 1.0 - doubt - more))
    return Refused(Why.FORMAT if local or domain else Why.NOTHING)


def _email(value: str, facts: Language, sure: float) -> Parsed:
    return Parsed(value, say_email(value, facts), sure)


def _heard_words(text: str, lang: str) -> list[str]:
    said = " ".join(with_enye(text.replace("@", f" {_AT[lang][0]} ").replace("_", " guion bajo ")))
    for pattern, word in _HEARD:
        said = re.sub(pattern, "dot com" if word == "punto com" and lang == "en" else word, said)
    return said.replace("ñ", "n").split()


def _at_of(words: Sequence[str], lang: str) -> int | None:
    """The place of the "at" that a domain follows: the last one with a dot or a provider after it."""
    for name in _AT[lang]:
        for i in range(len(words) - 2, 0, -1):
            rest = words[i + 1 :]
            dotted = {"punto", "dot", "point"} & set(rest) or set(rest) & _PROVIDERS.keys()
            if words[i] == name and (dotted or rest[-1] in _TLDS):
                return i
    return None


def _before(words: Sequence[str], facts: Language) -> Sequence[str]:
    """What stands before the "at", without the sentence that leads up to it."""
    said = " ".join(words)
    led = _LEAD_INS[facts.code].match(said + " ")
    rest = said[led.end() :].split() if led else list(words)
    return rest or words


def _side(words: Sequence[str], facts: Language, *, domain: bool) -> tuple[str, float]:
    """One side of an address, and how doubtful it is: a side of many plain words hardly is one."""
    lang, out, doubt, i = facts.code, [], 0.0, 0
    numbers = {n.start: n for n in find_numbers(words, facts.lexicon)}
    plain = 0
    after_name = -1  # where a letter's name of several words ended ("i griega")
    while i < len(words):
        word = words[i]
        number = numbers.get(i)
        if number is not None and number.text.isdecimal() and not _letter_o(words, number.end - 1, facts):
            out.append(number.text)
            i = number.end
            continue
        length, said = one_letter(words, i, lang, facts.lexicon)
        noise = word in _NOISE[lang] and not (length and (out or i + 1 < len(words)) and len(word) <= 1)
        if (
            noise
            and not (domain and word in _TLDS and i)
            and (word in facts.lexicon.fillers or word not in letter_words(lang))
        ):
            i += 1
            continue
        beside = i == after_name or _beside_letter(words, i, facts)
        if length == 1 and word in _ALSO_WORDS[lang] and not beside:
            length = 0  # "ana de la torre"
        if length and said != "@":
            out.append(said)
            i += length
            after_name = i if length > 1 else after_name
            continue
        if domain and word in facts.lexicon.fillers and word not in _TLDS and i and out[-1:] != ["."]:
            break  # "gmail punto com gracias"
        plain += 1
        out.append(word)
        i += 1
    doubt = 0.0 if plain <= 2 else 0.15 * (plain - 2)
    return re.sub(r"\.{2,}", ".", "".join(out)).strip("."), doubt


def _letter_o(words: Sequence[str], i: int, facts: Language) -> bool:
    """Whether this "o" is the letter: it stands first, or beside no digit ("b o o k"), or the digit is called
    "zero" here."""
    ohs, lexicon = facts.lexicon.zero_if_near, facts.lexicon
    if words[i] not in ohs:
        return False
    before = next((w for w in reversed(words[:i]) if w not in ohs and w not in lexicon.repeats), "")
    after = next((w for w in words[i:] if w not in ohs), "")
    beside = any(is_written(w) or w in lexicon.number_words for w in (before, after))
    return not before or not beside or bool(lexicon.zero & set(words))


def _beside_letter(words: Sequence[str], i: int, facts: Language) -> bool:
    """Whether the word before or after is a letter or a sign, or there is no other."""
    if len(words) == 1:
        return True
    for near in (i - 1, i + 1):
        if not 0 <= near < len(words):
            continue
        length, said = one_letter(words, near, facts.code, facts.lexicon)
        if not length:
            continue
        letter = len(words[near]) == 1 or not said.isalpha() or words[near] not in _ALSO_WORDS[facts.code]
        if letter or facts.code == "es":  # "be be" are letters, "you are" may be a name
            return True
    return False


def _with_dot(domain: str) -> str:
    """ "gmailcom": the "dot" was not heard."""
    if "." in domain:
        return domain
    for provider in _PROVIDERS:
        if domain.startswith(provider) and domain[len(provider) :] in _TLDS:
            return f"{provider}.{domain[len(provider) :]}"
    return domain


def say_email(value: str, facts: Language) -> str:
    """An address for the ear: what stands before the "at" letter by letter when it is no plain word."""
    local, _, domain = value.partition("@")
    at = _AT[facts.code][0]
    return " ".join([*_side_said(local, facts), at, *_side_said(domain, facts)])


def _side_said(side: str, facts: Language) -> Iterator[str]:
    """Words as words, digits one by one, what is short or has no vowel letter by letter, signs by name."""
    names = {sign: name for name, sign in reversed(SIGNS[facts.code].items())}
    for part in re.findall(r"[a-z]+|\d|[^a-z\d]", side, re.IGNORECASE):
        if part.isdecimal():
            yield facts.say_number(int(part))
        elif not part.isalpha():
            yield names.get(part, part)
        elif part in _TLDS or part in _PROVIDERS or (len(part) > 3 and re.search("[aeiou]", part)):
            yield part
        else:
            yield from (facts.letter_names.get(c.upper(), c) for c in part)


def begins_email(words: Sequence[str], lang: str) -> bool:
    """Whether folded ``words`` hold an address, or the beginning of one.

    An English "at" begins one only after spelled letters or signs, after the word e-mail, or before a
    domain: in free text it is far more often the preposition ("I am at home").
    """
    for i, word in enumerate(words):
        if not i or word not in _AT[lang]:
            continue
        if word == "arroba":
            return True
        around = set(words[max(0, i - 3) : i])
        spelled = (
            len(words[i - 1]) == 1
            or words[i - 1].isdecimal()
            or around & {"dot", "underscore", "dash", "hyphen"}
        )
        announced = {"email", "mail"} & set(words[:i])
        after = words[i + 1 :]
        domain = bool(after) and (after[0] in _PROVIDERS or "dot" in after[:4])
        if spelled or announced or domain:
            return True
    return False


def email_span(words: Sequence[str], facts: Language) -> tuple[int, int] | None:
    """Where in folded ``words`` of a sentence a spoken address begins and ends; None when it has no end.

    It begins after the words that announce it ("mi correo es"), else with the letters, digits and signs
    that lead up to the "at", and at least one word.
    """
    lang = facts.code
    at = _at_of(words, lang)
    if at is None:
        return None
    end = next((i + 1 for i in range(at + 1, len(words)) if words[i] in _TLDS | _PROVIDERS.keys()), 0)
    while end and end + 1 < len(words) and words[end] in ("punto", "dot") and words[end + 1] in _TLDS:
        end += 2
    said = " ".join(words[:at])
    led = _LEAD_INS[lang].match(said + " ")
    if led:
        return len(said[: led.end()].split()), end or len(words)
    start = at - 1
    while start and (one_letter(words, start - 1, lang, facts.lexicon)[0] or words[start] in SIGNS[lang]):
        start -= 1
    return (start, end) if end else None


def ends_email(words: Sequence[str]) -> bool:
    """Whether the last of folded ``words`` may be the end of an address."""
    return bool(words) and words[-1] in _TLDS
