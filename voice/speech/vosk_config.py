"""What a client of our recognition server asks for: a ``config`` message, every value checked."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final

from voice.model import SAMPLE_RATE
from voice.speech.graph import UNKNOWN
from voice.speech.phones import SILENCE
from voice.speech.seam import Grammar
from voice.speech.user_lexicon import WORD
from voice.speech.vosk_protocol import (
    MAX_PHONES,
    MAX_PHONES_A_WORD,
    MAX_PRONOUNCED,
    MAX_WORD,
    Pronunciations,
)
from voice.speech.whole_words import MODEL_PHONES

# "<eps>" in a grammar ends the process (Vosk 0.3.45); such marks are never part of words.
_MARKS = ("<", "#")
RATES: Final = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  # Hz
MAX_PHRASES: Final = 20_000  # ours repeats some to weight them: 4000
MAX_ALTERNATIVES: Final = 10


class BadRequest(Exception):
    """The client's message cannot be understood. The text is sent as the reason of the close."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a client asked for, checked."""

    rate: int = SAMPLE_RATE
    phrases: list[str] = field(default_factory=list)
    words: bool = True
    alternatives: int = 0
    grammar: Grammar | None = None  # of our own client, instead of phrases
    pronunciations: Pronunciations = ()  # of our own client, beside a grammar

    def updated(self, asked: Any, lang: str) -> Config:
        """With the values of a ``config`` message. Raises :class:`BadRequest`."""
        if not isinstance(asked, dict):
            raise BadRequest("config must be an object")
        rate = asked.get("sample_rate", self.rate)
        if not isinstance(rate, int | float) or rate not in RATES:
            raise BadRequest(f"sample_rate must be one of {', '.join(map(str, RATES))}")
        phrases = _strings("phrase_list", asked.get("phrase_list", self.phrases))
        alternatives = asked.get("max_alternatives", self.alternatives)
        if isinstance(alternatives, bool) or not isinstance(alternatives, int):
            raise BadRequest("max_alternatives must be a number")
        if not 0 <= alternatives <= MAX_ALTERNATIVES:
            raise BadRequest(f"max_alternatives must be 0 to {MAX_ALTERNATIVES}")
        grammar = _grammar(asked["grammar"], lang) if "grammar" in asked else self.grammar
        if grammar is not None and rate != SAMPLE_RATE:
            raise BadRequest(f"with a grammar, sample_rate must be {SAMPLE_RATE}")
        said = (
            _pronunciations(asked["pronunciations"], lang)
            if "pronunciations" in asked
            else self.pronunciations
        )
        return Config(int(rate), phrases, bool(asked.get("words", self.words)), alternatives, grammar, said)


def _strings(name: str, asked: Any) -> list[str]:
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise BadRequest(f"{name} must be a list of strings")
    if len(asked) > MAX_PHRASES:
        raise BadRequest(f"{name} has more than {MAX_PHRASES} phrases")
    spaced = [" ".join(one.split()) for one in asked]  # a label of a graph holds no other space
    different = dict.fromkeys(spaced)
    if any(len(word) > MAX_WORD for one in different for word in one.split()):
        raise BadRequest(f"a word of {name} is longer than {MAX_WORD}")
    if any("\ud800" <= letter <= "\udfff" for one in different for letter in one):
        raise BadRequest(f"{name} is not Unicode")
    if any(mark in one for one in different for mark in _MARKS):
        return [one for one in spaced if not any(mark in one for mark in _MARKS)] or [UNKNOWN]
    return spaced


def _grammar(asked: Any, lang: str) -> Grammar:
    """Fields that we do not know are of a newer client, and left out."""
    if not isinstance(asked, dict):
        raise BadRequest("grammar must be an object")
    values: dict[str, Any] = {}
    for known in fields(Grammar):
        value = asked.get(known.name, known.default)
        if known.name == "lang" or known.name not in asked:
            continue
        if isinstance(known.default, bool):
            if not isinstance(value, bool):
                raise BadRequest(f"grammar.{known.name} must be true or false")
            values[known.name] = value
        else:
            values[known.name] = tuple(_strings(f"grammar.{known.name}", value))
    return Grammar(lang, **values)


def _pronunciations(asked: Any, lang: str) -> Pronunciations:
    if not isinstance(asked, dict) or len(asked) > MAX_PRONOUNCED:
        raise BadRequest(f"pronunciations must be an object of {MAX_PRONOUNCED} words or fewer")
    if any(len(word) > MAX_WORD or not WORD.fullmatch(word) for word in asked):
        raise BadRequest("a key of pronunciations is not a word")
    phones = set(MODEL_PHONES[lang]) - {SILENCE}
    found, length = [], 0
    for word, ways in sorted(asked.items()):
        if not isinstance(ways, list) or not all(isinstance(way, str) for way in ways):
            raise BadRequest("a word's pronunciations must be a list of strings")
        split = tuple(tuple(way.split()[: MAX_PHONES_A_WORD + 1]) for way in ways)
        if not split or any(
            not 0 < len(way) <= MAX_PHONES_A_WORD or not phones.issuperset(way) for way in split
        ):
            raise BadRequest(f"a pronunciation must be 1 to {MAX_PHONES_A_WORD} phones of '{lang}'")
        length += sum(map(len, split))
        found.append((word, split))
    if length > MAX_PHONES:
        raise BadRequest(f"pronunciations have more than {MAX_PHONES} phones")
    return tuple(found)
