"""A flow's labels within sentences: topics are nouns ("balance enquiry"), intents and actions are verbs
("check your balance"), and either may be in another language than the reader's. Pure."""

from __future__ import annotations

import re

from voice.languages import fold
from voice.model import IntentGuess
from voice.queue.grammar import lower, the
from voice.queue.wording import AFTER_VERBS, NOT_VERBS, ONLY_VERBS, VERBS


def intent_label(intent: IntentGuess) -> str:
    return lower(intent.label or intent.intent.replace("_", " ").replace(".", " "))


def named(label: str, of: str, lang: str) -> str:
    """A label with its article; one in another language than the reader's (``of``) stands in quotes."""
    if of == lang:
        return the(lower(label), lang)
    return quoted(label, lang)


def quoted(text: str, lang: str) -> str:
    return f"«{text}»" if lang == "es" else f"“{text}”"


def topic(label: str, of: str, lang: str) -> str:
    """A flow's topic is written bare ("consulta de saldo", "balance enquiry") or with its article."""
    if of != lang:
        return named(label, of, lang)
    if is_verb(label, lang):
        return label if lang == "es" else quoted(theirs(label, lang), lang)
    if lang == "en" and label.split(" ", 1)[0].endswith("ing"):
        return label
    return the(label, lang)


def theirs(label: str, lang: str) -> str:
    """A label that is said to the caller ("check your balance"), said of them; in Spanish it is the same."""
    return re.sub(r"\byour\b", "their", label) if lang == "en" else label


def is_verb(label: str, lang: str) -> bool:
    """Whether it is what a caller wants to do ("consultar su saldo", "check your balance"): an intent's label
    completes "do you want to...", its topic is a noun."""
    first, second, *_ = [*fold(label).split(), "", ""]
    if lang == "en":
        return first in ONLY_VERBS or (first in VERBS and (second in AFTER_VERBS or not second))
    return re.fullmatch(r"\w+[aei]r(?:se|lo|la|me)?", first) is not None and first not in NOT_VERBS
