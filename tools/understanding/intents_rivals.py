"""scikit-learn's usual pipeline for intents, to measure ours against. Not a dependency: None without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from voice.dialogue.background import BACKGROUND
from voice.languages import fold

_NONE = "~"  # the class of the background sentences


@cache
def _installed() -> bool:
    try:
        import_module("sklearn.linear_model")
    except ImportError:
        return False
    return True


def rival(examples: Mapping[str, Sequence[str]], lang: str) -> Callable[[str], tuple[str, float]] | None:
    """TF-IDF of words, word pairs and letter groups with a logistic regression, on the same examples and
    background as ours. Of C 8 and 30, a calibrated linear SVM and a temperature-scaled regression, C = 30 was
    the best all round."""
    if not _installed():
        return None
    text: Any = import_module("sklearn.feature_extraction.text")
    pipeline: Any = import_module("sklearn.pipeline")
    linear: Any = import_module("sklearn.linear_model")
    words = text.TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, analyzer="word", tokenizer=str.split, token_pattern=None
    )
    letters = text.TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True)
    features = pipeline.FeatureUnion([("words", words), ("letters", letters)])
    model = linear.LogisticRegression(C=30.0, max_iter=300, class_weight="balanced")
    whole = pipeline.make_pipeline(features, model)
    pairs = [(fold(t), intent) for intent, texts in examples.items() for t in texts]
    pairs += [(fold(t), _NONE) for t in BACKGROUND[lang]]
    whole.fit([t for t, _ in pairs], [intent for _, intent in pairs])
    names = [str(name) for name in whole.classes_]

    def classify(said: str) -> tuple[str, float]:
        odds = whole.predict_proba([fold(said)])[0]
        best = max((i for i, name in enumerate(names) if name != _NONE), key=lambda i: float(odds[i]))
        return names[best], float(odds[best])

    return classify
