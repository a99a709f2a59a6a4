"""Which speakers are for training and which for measuring: fixed, so that no figure flatters itself."""

from __future__ import annotations

from collections.abc import Iterable

# Of AN4 women (names in f) and men (in m) apart, in the order of the SHA-256 of their names: the first 5 of
# 21 and 13 of 53.
_AN4 = """
    fbbh fjam fkdo fmjc fnsv mcel mcfl mcrt mdxn mdxs mewl mgah mjdr mmaf mnjl mrjc2 mtcv mtje
"""
HELD_OUT = {
    "an4_train_en": frozenset(_AN4.split()),
    "digits_en": frozenset({"lucas", "yweweler"}),
    "prompts_es": frozenset({"allison"}),
}
"""Who is kept for measuring in each corpus, by the name of its folder."""


def held_out_speakers(corpus: str, speakers: Iterable[str]) -> frozenset[str]:
    """Those of ``speakers`` who are kept for measuring; in a corpus without a split, everybody."""
    everyone = frozenset(speakers)
    return everyone & HELD_OUT.get(corpus, everyone)
