"""How nouns alone and vague openings are treated: taken, asked about, or turned down (bare_words.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from voice.dialogue.loader import load_business
from voice.model import LANGUAGES

BARE_WORDS = Path(__file__).with_name("bare_words.yaml")
Classify = Callable[[str], tuple[str, float]]


def bare_tables(
    prompts: Path, ours: Callable[[Mapping[str, Sequence[str]], str], Classify], failures: bool
) -> None:
    print("\nnouns alone and vague openings (bare_words.yaml)")
    print(f"{'':24} {'n':>4} {'straight':>9} {'asked':>7} {'refused':>8} {'wrongly':>8}")
    for name, sets in yaml.safe_load(BARE_WORDS.read_text(encoding="utf-8")).items():
        flow = load_business(name, prompts).flow
        for lang in LANGUAGES:
            classify = ours({i: list(one.examples[lang]) for i, one in flow.intents.items()}, lang)
            for kind, said in sets.items():
                high, low = flow.intent_thresholds.high, flow.intent_thresholds.low
                _row(f"{lang} {name} {kind}", classify, _pairs(said[lang]), (low, high), failures)


def _pairs(said: Any) -> list[tuple[str, str]]:
    if isinstance(said, dict):
        return [(intent, text) for intent, texts in said.items() for text in texts]
    return [("", text) for text in said]


def _row(
    title: str,
    classify: Classify,
    pairs: Sequence[tuple[str, str]],
    limits: tuple[float, float],
    failures: bool,
) -> None:
    low, high = limits
    found = [(intent, text, *classify(text)) for intent, text in pairs]
    taken = [one for one in found if one[3] >= high]
    asked = sum(low <= sure < high for *_, sure in found)
    wrongly = [one for one in taken if one[0] != one[2]]
    n = len(found)
    shares = (len(taken) - len(wrongly), asked, n - len(taken) - asked, len(wrongly))
    cells = " ".join(f"{share / n:8.1%}" for share in shares)
    print(f"{title:24} {n:4}  {cells}")
    if failures:
        print(*(f"    {text!r}: {best} {sure:.2f}" for _, text, best, sure in wrongly), sep="\n")
