"""How a business's own words are said: ``lexicon.es.txt`` and ``lexicon.en.txt`` beside a flow.

Each line is a word and one way to say it, either in the phones of the acoustic model or respelled in letters
that the language's voices read; ``#`` starts a comment. Several lines of one word are several ways, and they
take the place of what espeak-ng would say::

    centralita  s e n t r a l i t a
    wifi        uifi
    wifi        guaifai
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from voice.errors import Problem
from voice.speech.lexicon import Pronunciation, pronounce
from voice.speech.phones import PHONES, SILENCE
from voice.speech.readings import speakable

MAX_BYTES = 200_000  # 8000 lines; espeak-ng reads 2000 respellings a second
_TOO_LARGE = "Keep only the words of this flow that are not said as they are written."
Entries = dict[str, tuple[Pronunciation, ...]]
WORD = re.compile(r"[^\W_]+(?:['·-][^\W_]+)*")


def lexicon_file(flow_file: Path | str, lang: str) -> Path:
    """Where a flow's own pronunciations are."""
    return Path(flow_file).parent / f"lexicon.{lang}.txt"


def read_user_lexicon(path: Path, lang: str) -> tuple[Entries, list[Problem]]:
    """The ways to say each word, and what is wrong, by line; nothing at all when there is no such file.

    Raises :class:`voice.errors.VoiceError` when espeak-ng, which reads respellings, cannot be opened.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            return {}, [Problem(str(path), 1, f"is larger than {MAX_BYTES} bytes", _TOO_LARGE)]
        lines = data.decode("utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Problem(str(path), 1, f"cannot be read ({error})", "Save the file as UTF-8 text.")]
    found: dict[str, list[Pronunciation]] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, 1):
        tokens = unicodedata.normalize("NFC", line).split("#")[0].split()
        if not tokens:
            continue
        word = tokens[0].lower()
        said = _ways(word, tokens[1:], lang)
        if isinstance(said, str):
            problems.append(Problem(str(path), number, said, _REMEDIES[lang]))
        else:
            found.setdefault(word, []).extend(said)
    return {word: tuple(dict.fromkeys(said)) for word, said in found.items()}, problems


_REMEDIES = {
    lang: f"Write WORD and then letters as they sound in '{lang}', or phones of this list: "
    + " ".join(phone for phone in PHONES[lang] if phone != SILENCE)
    for lang in PHONES
}


def _ways(word: str, tokens: list[str], lang: str) -> tuple[Pronunciation, ...] | str:
    """The ways that one line gives, or what is wrong with it."""
    if not WORD.fullmatch(word):
        return f"'{word}' is not a word"
    if not tokens:
        return f"'{word}' has no pronunciation"
    if all(token in PHONES[lang] and token != SILENCE for token in tokens):
        return (tuple(tokens),)
    respelled = [token.lower() for token in tokens]
    wrong = next((token for token in respelled if not speakable(token)), None)
    if wrong is not None:
        return f"'{wrong}' is neither a phone nor letters"
    said = pronounce(respelled, lang)
    if any(token not in said for token in respelled):
        return f"'{' '.join(tokens)}' cannot be said in '{lang}'"
    if len(respelled) == 1:
        return said[respelled[0]]
    return (tuple(phone for token in respelled for phone in said[token][0]),)


def unsayable(words: Iterable[str], lang: str, entries: Mapping[str, object]) -> list[str]:
    """The words that neither espeak-ng's voices nor ``entries`` say how to pronounce, sorted."""
    doubtful = {word for word in words if word not in entries and not (word.isascii() and speakable(word))}
    return sorted(doubtful - pronounce(doubtful, lang).keys())
