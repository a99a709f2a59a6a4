"""Which speakers are for training and which for measuring: fixed, so that no figure flatters itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

AN4_TEST = 18
DIGITS_TEST = frozenset({"lucas", "yweweler"})


def an4_test_speakers(speakers: Iterable[str], count: int = AN4_TEST) -> frozenset[str]:
    """``count`` of AN4's speakers, women (names in f) and men (in m) in proportion: of each the first by the
    SHA-256 of their names."""
    everyone = sorted(set(speakers), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    women = [name for name in everyone if name.startswith("f")]
    men = [name for name in everyone if not name.startswith("f")]
    of_women = round(count * len(women) / len(everyone)) if everyone else 0
    return frozenset(women[:of_women] + men[: count - of_women])


def held_out_speakers(corpus: str, speakers: Iterable[str]) -> frozenset[str]:
    """Who is kept for measuring in a corpus (the name of its folder); in one without a split, everybody."""
    everyone = frozenset(speakers)
    if corpus == "an4_train_en":
        return an4_test_speakers(everyone)
    if corpus == "digits_en":
        return everyone & DIGITS_TEST
    return everyone
