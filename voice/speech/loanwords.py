"""English words on a Spanish line: how they sound in a mouth that says them the English way.

Products, brands and the radio alphabet are full of them ("bluetooth", "wifi", "whiskey", "yankee"), and who
knows the word says it near its own language's way, where espeak-ng's Spanish voices read it by Spanish
rules. Both ways are then listened for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# The Spanish sound that a Spanish ear takes each English one for.
_SOUNDS = """
    AA=a AE=a AH=a AO=o AW=a+w AY=a+j B=b CH=tS D=d DH=d EH=e ER=e+r EY=e+j F=f G=g HH=x IH=i IY=i JH=y
    K=k L=l M=m N=n NG=n OW=o OY=o+j P=p R=r S=s SH=tS T=t TH=t UH=u UW=u V=b W=w Y=y Z=s ZH=y
"""
_HEARD = {
    english: tuple(spanish.split("+"))
    for english, _, spanish in (pair.partition("=") for pair in _SOUNDS.split())
}
# Letters that Spanish writes in no word of its own, or not there (Real Academia: "Ortografía de la lengua
# española", 2010, chapter I): k and w, an s before a consonant at the beginning, doubled letters other than
# cc, ll, nn and rr and vowels, a y between consonants or after one, and ends that no Spanish word has.
_FOREIGN = re.compile(
    r"""
    [kw] | ^s[bcdfgjklmnpqrtvxz] | sh|th|ph|ck | ([abdfghijmpqstuvwxyz])\1
    | (?<=[bcdfgjklmnpqrstvxz])y(?![aeiou]) | [bcfgmpqtv]$ | [a-z]-[a-z]
    """,
    re.VERBOSE,
)
_SPANISH_ONLY = re.compile("[áéíóúüñ]")


def looks_english(word: str) -> bool:
    """Whether a word of a Spanish line is spelled as Spanish words are not."""
    return _SPANISH_ONLY.search(word) is None and _FOREIGN.search(word) is not None


def by_spanish_ears(phones: Sequence[str]) -> tuple[str, ...]:
    """English phones as the Spanish ones they are taken for. Raises KeyError for anything else."""
    return tuple(heard for phone in phones for heard in _HEARD[phone])
