"""The sounds of each language, as the built-in acoustic models and all pronunciations name them.

English has the phones of the CMU dictionary, Spanish those of both sides of the ocean: ``T`` as in Castilian
"zeta", ``y`` for "yo" and "llave", ``j`` and ``w`` inside diphthongs, ``rr`` for the long r.
"""

from __future__ import annotations

SILENCE = "SIL"
PHONES = {
    lang: tuple(phones.split())
    for lang, phones in {
        "en": (
            "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y "
            "Z ZH"
        ),
        "es": "a e i o u b tS d f g x j y k l m n ny p r rr s t T w",
    }.items()
}
