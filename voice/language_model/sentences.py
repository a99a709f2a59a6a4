"""Cuts streamed text into sentences as they become whole, so that the first is spoken while the rest is
still being written. Pure."""

from __future__ import annotations

import re
import unicodedata

from voice.speech.phrasing import sentences

MOST_CHARACTERS = 2000  # of text without the end of a sentence: no speech, but a runaway
_THOUGHT, _THOUGHT_OVER = "<think>", "</think>"
# What models write although they are told that it is spoken: list signs, headings, emphasis, code.
_LINE_START = re.compile(r"(?m)^[ \t]*(?:[-*•]+|#{1,6}|>|\d{1,2}[.)])[ \t]+")
_MARKS = re.compile(r"[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_PICTURES = frozenset({"So", "Sk", "Me", "Cf", "Co", "Cn"})
_LINES = re.compile(r"[ \t]*\n\s*")


class SentenceStream:
    """One answer. Text that never becomes a sentence is dropped, not spoken by halves."""

    def __init__(self) -> None:
        self._text = ""
        self._thinking: bool | None = None  # None: it may still begin with a thought

    def feed(self, piece: str) -> list[str]:
        """The sentences that are whole now. A sentence is whole when the next one begins."""
        self._text += "".join(c if c.isprintable() or c in "\n\t" else " " for c in piece)
        if self._thinking is not False and self._thinks():
            return []
        if len(self._text) > MOST_CHARACTERS:
            self._text = self._text[:MOST_CHARACTERS]
        whole: list[str] = []
        if "\n" in self._text:  # a line is whole with its end, whatever it ends in
            done, _, self._text = self._text.rpartition("\n")
            whole += _cut(done)
        found = sentences(self._text)
        if len(found) > 1:
            for sentence in found[:-1]:
                whole += _cut(sentence)
            self._text = found[-1] + (" " if self._text[-1].isspace() else "")
        return whole

    def _thinks(self) -> bool:
        """Some servers send a model's thoughts before its answer, between tags: they are not spoken."""
        begun = self._text.lstrip()
        if self._thinking is None and len(begun) < len(_THOUGHT) and _THOUGHT.startswith(begun):
            return True
        self._thinking = begun.startswith(_THOUGHT)
        if self._thinking:
            _, over, answer = begun.partition(_THOUGHT_OVER)
            self._thinking = not over
            self._text = (
                answer if over else begun[: len(_THOUGHT)] + begun[len(_THOUGHT) :][-len(_THOUGHT_OVER) :]
            )
        return self._thinking

    def flush(self) -> list[str]:
        """What is left when the answer is whole."""
        rest, self._text = self._text, ""
        return [] if self._thinking else _cut(rest)


def plain(text: str) -> str:
    """Text without the marks of Markdown, and without pictures."""
    words = "".join(c for c in text if c != "\ufe0f" and unicodedata.category(c) not in _PICTURES)
    lines = _LINE_START.sub("", words)
    return _MARKS.sub("", _LINK.sub(r"\1", lines)).strip()


def _cut(text: str) -> list[str]:
    found: list[str] = []
    for line in _LINES.split(plain(text)):
        if line and line[-1] not in ".!?…:;,":
            line += "."
        found += [s for s in sentences(line) if any(c.isalnum() for c in s)]
    return found
