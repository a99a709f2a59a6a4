"""Words that have phones of their own: English digits, letters, yes and no.

The one-syllable words that a line asks for most differ by 30 ms of sound, and people swallow what tells
them apart. Their sounds are therefore learned apart from the same sounds in other words: the EY of "a" is
``EY/a``. So each such word has a model of its own, made of as many phones as the word has sounds (as
recognizers of connected digits have had since Rabiner et al., 1989: "High performance connected digit
recognition using hidden Markov models"), and any other word is still made of the language's phones.

Spanish has none: they need many people's recordings of these very words. Learned from synthetic voices and
95 s of people, Spanish digits with phones of their own were heard worse than without (6 of 10, not 9).
"""

from __future__ import annotations

from collections.abc import Sequence

from voice.speech.phones import PHONES

_SOUNDS = {
    "en": """
        zero=Z+IH+R+OW oh=OW one=W+AH+AA+N two=T+UW three=TH+R+IY four=F+AO+R five=F+AY+V six=S+IH+K
        seven=S+EH+V+AH+N eight=EY+T nine=N+AY yes=Y+EH+S no=N+OW
        a=EY b=B+IY c=S+IY d=D+IY e=IY f=EH+F g=JH+IY h=EY+CH i=AY j=JH+EY k=K+EY l=EH+L m=EH+M n=EH+N o=OW
        p=P+IY q=K+Y+UW r=AA+R s=EH+S t=T+IY u=Y+UW v=V+IY w=D+AH+B+L+Y+UW x=EH+K+S y=W+AY z=Z+IY
        """,
    "es": "",
}
_OWN = {
    lang: {word: tuple(sounds.split("+")) for word, _, sounds in (e.partition("=") for e in text.split())}
    for lang, text in _SOUNDS.items()
}
OWN_WORDS = {lang: tuple(words) for lang, words in _OWN.items()}
MODEL_PHONES = {
    lang: (*PHONES[lang], *(f"{phone}/{word}" for word, sounds in _OWN[lang].items() for phone in sounds))
    for lang in PHONES
}
"""Every phone an acoustic model has outputs for: the language's, then those of single words. Their order is
that of the outputs and must not change without training the models again."""


def own_phones(word: str, phones: Sequence[str], lang: str) -> tuple[str, ...]:
    """``phones`` of ``word``, those that it has for itself in their place."""
    own = _OWN[lang].get(word, ())
    return tuple(f"{phone}/{word}" if phone in own else phone for phone in phones)


def sound_of(phone: str) -> str:
    """The language's phone that a phone of one word sounds like; any other is itself."""
    return phone.partition("/")[0]
