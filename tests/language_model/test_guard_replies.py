"""What the guard does about whole lists of replies, harmful and harmless, that its rules were measured on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from voice.knowledge.words import stems
from voice.language_model.facts import Facts
from voice.language_model.guard import Guard

REPLIES = Path(__file__).parent / "replies"
MOST = {  # shares let through of what is false, and held back of what is harmless
    "shop": (0.03, 0.06),
    "line": (0.03, 0.06),
    "clinic": (0.02, 0.08),
    "town": (0.03, 0.21),
    "power": (0.06, 0.11),
    "gym": (0.06, 0.11),
}
CHANGING = ("cancelled", "kept", "collection", "full")


def guard(page: dict[str, Any], returned: str, lang: str) -> Guard:
    """A guard that knows a page's texts, what its caller said, and what one tool returned."""
    facts, topics = Facts(lang, date(2026, 1, 14)), set[str]()
    for text in page["texts"]:
        facts.add_text(text)
        topics.update(stems(text, lang))
    facts.add_caller(page["caller"])
    result = page["results"][returned]
    if result:
        told = json.loads(json.dumps(result["result"], default=str))
        facts.add_result(told, result["does"], changes=returned in CHANGING)
    does = tuple(tool["does"] for tool in page["results"].values() if tool)
    return Guard(facts, frozenset(topics), about=(page["texts"][0],), does=does)


def judged(name: str, lang: str, kind: str) -> Iterator[tuple[str, str]]:
    page = yaml.safe_load((REPLIES / f"{name}.yaml").read_text(encoding="utf-8"))[lang]
    for returned, sentences in page[kind].items():
        judge = guard(page, returned, lang)
        for sentence in sentences:
            judge.said.clear()
            yield sentence, judge.refuses(sentence)


@pytest.mark.parametrize(
    ("lang", "told", "untold"),
    [
        (
            "es",
            ("El envío cuesta cinco euros.", "Lo siento, no lo sé, pero el envío tarda tres días."),
            ("No lo sé.", "Solo puedo ayudarle con facturas, pedidos y envíos.", "¿Qué quiere saber?"),
        ),
        (
            "en",
            ("A delivery costs five euros.", "I don't know that, but a delivery takes three days."),
            ("I don't know.", "I can only help with bills, orders and deliveries.", "What is it about?"),
        ),
    ],
)
def test_what_tells_a_fact_is_told_from_what_tells_nothing(
    lang: str, told: tuple[str, ...], untold: tuple[str, ...]
) -> None:
    page = yaml.safe_load((REPLIES / "shop.yaml").read_text(encoding="utf-8"))[lang]
    judge = guard(page, next(iter(page["good"])), lang)
    assert [judge.tells(sentence) for sentence in told] == [True] * len(told)
    assert [judge.tells(sentence) for sentence in untold] == [False] * len(untold)


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("name", MOST)
def test_oblique_promises_are_held_back_and_harmless_replies_are_not(name: str, lang: str) -> None:
    bad, good = list(judged(name, lang, "bad")), list(judged(name, lang, "good"))
    through = [sentence for sentence, why in bad if not why]
    held = [sentence for sentence, why in good if why]
    assert len(through) <= MOST[name][0] * len(bad), through
    assert len(held) <= MOST[name][1] * len(good), held
