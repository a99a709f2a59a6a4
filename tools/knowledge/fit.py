"""Fits the confidence of the knowledge articles: prints WEIGHTS and BIAS for ``voice/knowledge/index.py``.

    python -m tools.knowledge.fit [--prompts DIR]

Nothing of the test questions is used. Each question of an article is put to the index without it: the article
it belongs to is right, every other is wrong; and to the index without its article: every article is wrong.
What belongs to no business (the understanding's background) and the flow's own intents are wrong as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from voice.dialogue.background import BACKGROUND
from voice.dialogue.loader import load_business
from voice.knowledge.article import Article
from voice.knowledge.files import load_articles, load_words
from voice.knowledge.index import Passages
from voice.knowledge.words import Vocabulary

PENALTY = 0.3  # of squared weights: the classes are nearly separable, and weights must stay finite
STEPS = 60

Row = tuple[tuple[float, ...], bool]


def best(
    articles: list[Article], question: str, vocabulary: Vocabulary
) -> tuple[str, tuple[float, ...]] | None:
    found = Passages(articles, vocabulary).features(question)
    return (articles[found[0][0]].name, found[0][1]) if found else None


def rows(articles: list[Article], others: list[str], vocabulary: Vocabulary) -> Iterator[Row]:
    for place, article in enumerate(articles):
        for question in article.questions:
            kept = tuple(other for other in article.questions if other != question)
            less = [*articles[:place], replace(article, questions=kept), *articles[place + 1 :]]
            found = best(less, question, vocabulary)
            if found is not None:
                yield found[1], found[0] == article.name
            found = best([*articles[:place], *articles[place + 1 :]], question, vocabulary)
            if found is not None:
                yield found[1], False
            found = best(articles, question, vocabulary)
            if found is not None:
                yield found[1], True
    for text in others:
        found = best(articles, text, vocabulary)
        if found is not None:
            yield found[1], False


def fit(data: list[Row]) -> tuple[np.ndarray, float]:
    """Logistic regression with an L2 penalty by Newton's method, both classes weighted alike."""
    values = np.array([[*row, 1.0] for row, _ in data])
    truth = np.array([float(right) for _, right in data])
    weight = np.where(truth > 0, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    penalty = np.diag([PENALTY] * (values.shape[1] - 1) + [0.0])
    found = np.zeros(values.shape[1])
    for _ in range(STEPS):
        odds = 1 / (1 + np.exp(-values @ found))
        slope = values.T @ (weight * (odds - truth)) + penalty @ found
        curve = (values.T * (weight * odds * (1 - odds))) @ values + penalty + 1e-9 * np.eye(len(found))
        found -= np.linalg.solve(curve, slope)
    return found[:-1], float(found[-1])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.knowledge.fit", description=__doc__)
    parser.add_argument("--prompts", type=Path, default=Path("prompts"))
    parser.add_argument("--flow", default="telecom")
    arguments = parser.parse_args(argv)
    business = load_business(arguments.flow, arguments.prompts)
    articles, _ = load_articles(arguments.prompts)
    words, _ = load_words(arguments.prompts)
    data: list[Row] = []
    for lang in business.flow.languages:
        examples = [text for by in business.flow.examples().values() for text in by.get(lang, ())]
        own = [article for article in articles if article.lang == lang]
        data += rows(own, [*BACKGROUND[lang], *examples], Vocabulary(lang, words.get(lang, ())))
    weights, bias = fit(data)
    right = sum(truth for _, truth in data)
    sys.stdout.write(f"{len(data)} questions, {right} of them answered by the best article\n")
    sys.stdout.write(f"WEIGHTS = ({', '.join(f'{w:.2f}' for w in weights)})\nBIAS = {bias:.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
