"""How words are pronounced, in the phones that the built-in acoustic models know.

The pronunciations come from espeak-ng's phoneme events, spoken by several voices of the language, so that
any word of a flow can be recognised without a dictionary. English digits and letters have phones of their
own (:mod:`voice.speech.whole_words`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from voice.speech import espeak_library as espeak
from voice.speech.loanwords import by_spanish_ears, looks_english
from voice.speech.phones import PHONES, SILENCE
from voice.speech.readings import plain_letters, readings, speakable
from voice.speech.whole_words import own_phones

Pronunciation = tuple[str, ...]

VOICES = {"en": ("en-us", "en", "en-gb-x-rp"), "es": ("es-419", "es")}
# 130 words a minute: slow enough that few sounds are elided
_SLOWLY = ((espeak.PARAMETER_RATE, 130), (espeak.PARAMETER_WORD_GAP, 0))


def _table(text: str) -> dict[str, Pronunciation]:
    """Reads ``mnemonic=PHONE`` or ``mnemonic=PHONE+PHONE`` entries."""
    entries = (item.rsplit("=", 1) for item in text.split())
    return {mnemonic: tuple(phones.split("+")) for mnemonic, phones in entries}


_SILENT = _table("_=SIL _:=SIL _|=SIL")
_SPANISH = _SILENT | _table(
    """a=a e=e E=e i=i o=o u=u aI=a+j aU=a+w eI=e+j eU=e+w oI=o+j j=j w=w
    b=b B=b d=d D=d g=g Q=g p=p t=t k=k tS=tS S=tS f=f s=s T=T x=x h=x J^=y l^=y
    l=l m=m n=n N=n n^=ny r=r *=r **=r R2=rr"""
)
_SPANISH["@-"] = ()  # what glides into the last sound of "ser"
_ENGLISH = _SILENT | _table(
    """p=P b=B t=T d=D k=K g=G f=F v=V s=S z=Z m=M n=N l=L w=W j=Y h=HH T=TH D=DH S=SH Z=ZH N=NG tS=CH dZ=JH
    r=R r-=R ?=T n-=N t#=D t2=T t[=T w#=W @L=AH+L
    I=IH I#=IH I2=IH i=IY i:=IY E=EH a=AE aa=AE a#=AH @=AH V=AH @-=AH @5=AH 3=ER 3:=ER VR=ER IR=ER
    0=AA A:=AA O=AO O2=AO O:=AO U=UH u:=UW aU=AW aI=AY aI2=AY eI=EY OI=OY oU=OW
    O@=AO+R o@=AO+R A@=AA+R U@=UH+R i@=IH+R e@=EH+R i@3=IY+ER aI3=AY+ER aI@=AY+AH"""
)
_BRITISH = _ENGLISH | _table("O@=AO o@=AO A@=AA U@=UH i@=IH e@=EH 3=AH aa=AA i@3=IY+AH aI3=AY+AH")
_MNEMONICS = {"es": _SPANISH, "es-419": _SPANISH, "en-us": _ENGLISH, "en": _BRITISH, "en-gb-x-rp": _BRITISH}
_STRESS_AND_MARKS = "',%="
_LENGTHENERS = ("", ";", "|")

# How function words sound inside a phrase, which a voice that speaks them alone does not show, and
# common variants of the digits. Callers ask for their own language in its sounds, and whole phrases are
# strict: "en español" read by English rules alone was not heard.
_REDUCED: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "a": ("AH", "EY"),
        "an": ("AE N", "AH N"),
        "and": ("AE N D", "AH N D", "AH N"),
        "can": ("K AE N", "K AH N"),
        "do": ("D UW", "D AH"),
        "for": ("F AO R", "F ER"),
        "four": ("F AO R", "F AO"),
        "from": ("F R AH M",),
        "i": ("AY",),
        "in": ("IH N",),
        "is": ("IH Z",),
        "my": ("M AY",),
        "nine": ("N AY N",),
        "not": ("N AA T",),
        "of": ("AH V",),
        "oh": ("OW",),
        "our": ("AA R",),
        "seven": ("S EH V AH N", "S EH V N"),
        "that": ("DH AE T", "DH AH T"),
        "the": ("DH AH", "DH IY"),
        "three": ("TH R IY",),
        "to": ("T AH", "T UW"),
        "was": ("W AH Z",),
        "you": ("Y UW", "Y AH"),
        "your": ("Y AO R", "Y ER"),
        "zero": ("Z IH R OW", "Z IY R OW"),
        "castellano": ("K AA S T EH Y AA N OW",),
        "en": ("EH N",),
        "español": ("EH S P AA N Y OW L",),
        "favor": ("F AA V AO R", "F AA B AO R"),
        "habla": ("AA B L AA",),
        "hablan": ("AA B L AA N",),
        "hablar": ("AA B L AA R",),
        "hablas": ("AA B L AA S",),
        "alguien": ("AA L G Y EH N", "AA L G IY EH N"),
        "entiendo": ("EH N T Y EH N D OW", "EH N T IY EH N D OW"),
        "hable": ("AA B L EH", "AA B L EY"),
        "hablo": ("AA B L OW",),
        "hay": ("AY",),
        "me": ("M EH",),
        "podemos": ("P OW D EH M OW S", "P AO DH EH M OW S"),
        "puede": ("P W EH D EH", "P W EH DH EH"),
        "que": ("K EH",),
        "usted": ("UW S T EH D", "UW S T EH"),
        "por": ("P AO R",),
        "prefiero": ("P R EH F Y EH R OW",),
        "quiero": ("K Y EH R OW",),
    },
    "es": {
        "can": ("k a n",),
        "do": ("d u",),
        "english": ("i n g l i s", "i n g l i tS", "e n g l i tS"),
        "i": ("i", "a j", "a", "a i"),
        "please": ("p l i s", "p l i"),
        "speak": ("s p i k", "e s p i k", "s p i"),
        "speaks": ("s p i k s", "s p i s"),
        "to": ("t u", "t a"),
        "want": ("w a n t", "g w a n"),
        "you": ("j u",),
        "anyone": ("e n i w a n",),
        "don't": ("d o n", "d o n t", "d o"),
        "does": ("d a s",),
        "i'd": ("a j d", "a j"),
        "like": ("l a j k", "l a k"),
        "not": ("n o t", "n a"),
        "sorry": ("s o r i", "s a r i"),
        "excuse": ("e s k j u s",),
        "hello": ("x e l o", "e l o u"),
        "spanish": ("s p a n i s", "s p a n i tS", "e s p a n i tS"),
        "this": ("d i s",),
        "we": ("w i", "g w i"),
        "who": ("x u", "u"),
        "gmail": ("x i m e j l", "y i m e j l"),
        "hotmail": ("x o t m e j l", "o t m a j l"),
    },
}

# What a voice would spell out or read in its own way, and no caller does.
_SAID: dict[str, dict[str, tuple[str, ...]]] = {
    "en": dict.fromkeys(("mm", "mmm"), ("M",))
    | dict.fromkeys(("hm", "hmm"), ("HH M", "M"))
    | {"yeah": ("Y AE", "Y EH", "Y AE AH", "Y EH AH")},
    "es": dict.fromkeys(("mm", "mmm", "hm", "hmm"), ("m",))
    | dict.fromkeys(("ok", "okay", "okey"), ("o k e j", "o k e")),
}

_MOST_WAYS = 12  # of a word that is read in several


def pronounce(words: Iterable[str], lang: str) -> dict[str, tuple[Pronunciation, ...]]:
    """Every known way to say each word; words that cannot be said in ``lang``'s phones are left out. What is
    no word of plain letters ("5g", "são") is said as :func:`voice.speech.readings.readings` reads it.

    Takes espeak-ng's lock once a word and voice (0.5 ms), so that live speech is never held up for long.
    Raises :class:`voice.errors.VoiceError` when espeak-ng cannot be opened.
    """
    found: dict[str, tuple[Pronunciation, ...]] = {}
    for word in words:
        ways = _ways(word, lang) if speakable(word) else ()
        if ways:
            found[word] = ways
            continue
        said = dict.fromkeys(way for reading in readings(word, lang) for way in _joined(reading, lang))
        if said:
            found[word] = tuple(islice(said, _MOST_WAYS))
    return found


def _joined(reading: Sequence[str], lang: str) -> list[Pronunciation]:
    """The ways of saying several words as one; none when one of them has none."""
    parts = [_ways(word, lang) or _ways(plain_letters(word, lang), lang) for word in reading]
    if not all(parts):
        return []
    # their first ways together, their second ones, and so on: usually those of one accent
    together = (tuple(ways[at % len(ways)] for ways in parts) for at in range(max(map(len, parts))))
    return [tuple(phone for way in ways for phone in way) for ways in together]


def _ways(word: str, lang: str) -> tuple[Pronunciation, ...]:
    """The ways of saying a word of plain letters."""
    said = _SAID[lang].get(word)
    ways = [] if said else [_spoken(word, voice) for voice in VOICES[lang]]
    ways += [tuple(way.split()) for way in said or _REDUCED[lang].get(word, ())]
    if lang == "es" and not said and looks_english(word):
        ways += _as_english(word)
    known = set(PHONES[lang])
    usable = [way for way in ways if way and known.issuperset(way)]
    return tuple(dict.fromkeys(own_phones(word, way, lang) for way in usable))


def _as_english(word: str) -> list[Pronunciation]:
    said = _spoken(word, VOICES["en"][0])
    return [by_spanish_ears(said)] if said and set(said) <= set(PHONES["en"]) else []


def phones_of(mnemonics: Sequence[str], voice: str) -> list[Pronunciation]:
    """What each of espeak-ng's phoneme mnemonics sounds like, in ``voice`` (a key of its own language).

    Marks and lengtheners sound like nothing, ``()``; a mnemonic without a phone is ``("?",)``. Raises
    KeyError for a voice whose mnemonics are not known.
    """
    table = _MNEMONICS[voice]
    names = [name.strip(_STRESS_AND_MARKS) for name in mnemonics]
    sounds: list[Pronunciation] = []
    for index, name in enumerate(names):
        said = () if name in _LENGTHENERS else table.get(name, ("?",))
        linked = len(said) == 2 and said[1] == "R" and names[index + 1 : index + 2] == ["r"]
        sounds.append(said[:1] if linked else said)
    return sounds


@lru_cache(maxsize=16_384)
def _spoken(word: str, voice: str) -> Pronunciation:
    """The phones of a word as ``voice`` says it; a sound without a phone appears as ``"?"``.

    Takes 1.5 ms, 3 s for the telecom line's words; an edited flow has mostly the words it had.
    """
    _, phonemes = espeak.phonemes_of(word, voice, _SLOWLY)
    sounds = phones_of([name for name, _ in phonemes], voice)
    return tuple(phone for said in sounds for phone in said if phone != SILENCE)
