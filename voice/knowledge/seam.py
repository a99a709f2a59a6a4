"""The seam of knowledge: what the dialogue asks of it. Values and a protocol, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from voice.knowledge.article import Article

ANSWER = 0.5
"""Below this confidence an article is not the answer (docs/knowledge.md has the measurement)."""


@dataclass(frozen=True, slots=True)
class Match:
    """An article and how likely it is the one that is asked for."""

    article: Article
    confidence: float


class Knowledge(Protocol):
    """Knows which article answers a question."""

    def find(self, question: str, lang: str, today: date, *, after: str = "") -> tuple[Match, ...]:
        """Likely articles, best first, at most three; empty when the question has no words of its own.
        ``after`` is the question that it goes on from ("and in America?").
        The caller decides from which confidence one is said (:data:`ANSWER`)."""
        ...

    def article(self, name: str, lang: str) -> Article | None: ...

    def articles(self, lang: str) -> tuple[Article, ...]: ...

    def answers(self, lang: str) -> tuple[str, ...]:
        """Everything that may be said, to be synthesised ahead of need."""
        ...

    def questions(self, lang: str) -> tuple[str, ...]:
        """Every way of asking that the articles list, for the recognizer."""
        ...
