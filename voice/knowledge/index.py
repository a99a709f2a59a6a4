"""Finds the article that answers a question: BM25 over stemmed questions and texts, in both languages.

:class:`ArticleIndex` ranks articles by BM25 of their best passage (a question or the title) and of the
whole, and gives the best ones a confidence: how likely it is that the article is the one that is asked for,
and not a neighbour or nothing at all. BM25's own score says nothing about that (it grows with the length of
the question), so the confidence is a logistic regression over how much of the passage was asked and how
much of the question stands in the article. ``tools/knowledge`` fits it and ``make eval-knowledge`` measures
it; figures are in docs/knowledge.md.

No I/O. Import takes a third of a second (bm25s), so it happens with the first index, not with this module.
"""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from voice.knowledge.article import Article
from voice.knowledge.seam import Match
from voice.knowledge.words import PLACE, Groups, Vocabulary
from voice.languages import fold

if TYPE_CHECKING:
    import numpy as np

EXACT = 0.98  # for a question in an article's own words
MOST_CHARACTERS = 300  # of a question that is looked at


class ArticleIndex:
    """The articles of one business. Immutable; shared by all calls."""

    def __init__(self, articles: Iterable[Article], words: Mapping[str, Groups] | None = None) -> None:
        self._articles = {(article.name, article.lang): article for article in articles}
        same = words or {}
        langs = dict.fromkeys(lang for _, lang in self._articles)
        self._by_lang = {
            lang: Passages(
                [a for a in self._articles.values() if a.lang == lang], Vocabulary(lang, same.get(lang, ()))
            )
            for lang in langs
        }

    def __len__(self) -> int:
        return len(self._articles)

    def find(self, question: str, lang: str, today: date, *, after: str = "") -> tuple[Match, ...]:
        passages = self._by_lang.get(lang)
        if passages is None:
            return ()
        return passages.find(question[:MOST_CHARACTERS], today, after[:MOST_CHARACTERS])

    def article(self, name: str, lang: str) -> Article | None:
        return self._articles.get((name, lang))

    def articles(self, lang: str) -> tuple[Article, ...]:
        return tuple(article for article in self._articles.values() if article.lang == lang)

    def answers(self, lang: str) -> tuple[str, ...]:
        return tuple(text for a in self.articles(lang) for text in (a.short, a.more) if text)

    def questions(self, lang: str) -> tuple[str, ...]:
        return tuple(question for article in self.articles(lang) for question in article.questions)


@dataclass(frozen=True, slots=True)
class _Passage:
    article: int
    stems: frozenset[str]
    weight: float  # the sum of its stems' idf


# What an article as a whole counts for beside its best passage, in the order of the articles.
_WHOLE = 0.5


class Passages:
    """One language's articles, indexed: each question and title, and each article as a whole."""

    def __init__(self, articles: Sequence[Article], vocabulary: Vocabulary) -> None:
        self._articles, self._vocabulary = articles, vocabulary
        self._asked = [{fold(question) for question in a.questions} for a in articles]
        whole = [vocabulary.stems(" ".join((*a.questions, a.text))) for a in articles]
        self._stems = [frozenset(found) for found in whole]
        spread = Counter(stem for own in self._stems for stem in own)  # in how many articles a stem stands
        n = len(articles)
        self._idf = {stem: math.log(1 + (n - df + 0.5) / (df + 0.5)) for stem, df in spread.items()}
        self._strange = math.log(1 + (n + 0.5) / 0.5)  # the idf of a stem no article has
        asked = [
            (number, found)
            for number, article in enumerate(articles)
            for text in (*article.questions, article.title)
            if (found := vocabulary.stems(text))
        ]
        self._passages = [_Passage(n, frozenset(found), self._weigh(set(found))) for n, found in asked]
        self._of_passages = _bm25([found for _, found in asked])
        self._of_articles = _bm25(whole)

    def _weigh(self, found: Iterable[str]) -> float:
        return sum(self._idf.get(stem, self._strange) for stem in found)

    def features(self, question: str, after: str = "") -> list[tuple[int, tuple[float, ...]]]:
        """The articles that share a stem with the question, best first, three at most; with each what its
        confidence is computed from (see :data:`WEIGHTS`)."""
        asked = frozenset(self._vocabulary.stems(question))
        if any(word.startswith(PLACE) for word in asked):  # somewhere else than before
            asked |= {word for word in self._vocabulary.stems(after) if not word.startswith(PLACE)}
        known = [stem for stem in asked if stem in self._idf]
        total = self._weigh(asked)
        if not self._passages or not known or not total:
            return []
        ranks, of_passages = _WHOLE * _scores(self._of_articles, known), _scores(self._of_passages, known)
        best: dict[int, tuple[float, _Passage]] = {}
        for passage, score in zip(self._passages, of_passages, strict=True):
            if score > best.get(passage.article, (0.0,))[0]:
                best[passage.article] = (float(score), passage)
        for article, (score, _) in best.items():
            ranks[article] += score
        found: list[tuple[int, tuple[float, ...]]] = []
        for article in sorted(best, key=lambda number: (-ranks[number], number))[:3]:
            passage = best[article][1]
            covered = self._weigh(asked & passage.stems) / passage.weight
            inside = self._weigh(asked & self._stems[article]) / total
            if any(word.startswith(PLACE) for word in asked - self._stems[article]):
                inside = 0.0  # what it says may not hold there
            values = (covered, inside, float(len(asked) > 1))
            found.append((article, values))
        return found

    def find(self, question: str, today: date, after: str = "") -> tuple[Match, ...]:
        matches = []
        for number, values in self.features(question, after):
            article = self._articles[number]
            if article.holds(today):
                exact = fold(question) in self._asked[number]
                matches.append(Match(article, EXACT if exact else _confidence(values)))
        return tuple(sorted(matches, key=lambda match: -match.confidence))


# Fitted by tools/knowledge/fit.py: how much of the best passage was asked, how much of the question is in
# the article (both weighed by rarity), whether it is more than one word; and the constant. The share of the
# question in the passage and the lead over the next article were tried too and got weights near 0.
WEIGHTS = (5.41, 4.09, 1.74)
BIAS = -8.00


def _confidence(values: Sequence[float]) -> float:
    logit = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, values, strict=True))
    return round(1 / (1 + math.exp(-logit)), 3)


@cache
def _quiet() -> None:
    """The library sets its log to DEBUG when it is imported, over whatever the server chose."""
    logging.getLogger("bm25s").setLevel(logging.WARNING)


def _bm25(corpus: list[tuple[str, ...]]) -> Any:
    import bm25s

    _quiet()
    index = bm25s.BM25(method="lucene")  # the variant whose idf is never negative
    if corpus:
        index.index([list(found) for found in corpus], show_progress=False)
    return index


def _scores(index: Any, known: list[str]) -> np.ndarray[Any, Any]:
    """BM25 of every document, the best of them 1."""
    scores: np.ndarray[Any, Any] = index.get_scores(known).astype(float)
    top = float(scores.max())
    return scores / top if top > 0 else scores
