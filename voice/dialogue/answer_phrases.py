"""How callers word an answer to a closed question, for a recognizer of whole phrases: a yes or no with what
they say beside it, and an option by a part of its name, with the article or preposition that their sentence
wants, in a short form, or politely. The readers of answers understand many more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from voice.dialogue.sayings import articles_of
from voice.languages.base import phrase_list, word_list

# A yes or no alone is in voice.languages, where it is also what the reader of answers goes by. "Por mi" has
# no accent here: of two spellings of one sound each is believed half where speech is open.
SAID_YES: Mapping[str, tuple[str, ...]] = {
    "es": phrase_list(
        """
        venga vale, vale venga, venga sí, vale sí, vale perfecto, sí perfecto, sí vale perfecto, sí
        de acuerdo, vale de acuerdo, sí adelante, pues vale, pues claro, sí por supuesto, sí
        exactamente, sí muy bien, sí me viene bien, vale me viene bien, sí me va bien, vale me va
        bien, perfecto me va bien, sí me parece bien, vale me parece bien, por mi sí, por mi vale,
        sí ese es, sí es ese, sí ese mismo, sí eso mismo, sí sí correcto, sí sí eso es, sí hágalo,
        sí hazlo, sí confirmo, sí lo confirmo, sí es verdad, sí cuando quiera, sí lo pruebo, vale lo
        pruebo, sí lo voy a probar, vale lo voy a probar, sí lo reconozco, sí es mío, sí es mía
        """
    ),
    "en": phrase_list(
        """
        yes go ahead, yeah go ahead, yeah sure go ahead, sure go ahead, okay go ahead, please go
        ahead, yes please go ahead, yeah okay, yes okay, okay yes, okay sure, sure why not, yeah why
        not, yes that's fine, okay that's fine, yeah that's fine, fine by me, yes that works, yeah
        that works, that works for me, yes that works for me, yeah that works for me, yes that suits
        me, yes it does, that's perfect, yes that's perfect, yeah that's perfect, yes perfect, yes
        exactly, yes that's it, yep that's it, yes of course, yeah of course, yes absolutely, yes
        definitely, yes please do, yes it's right, yep that's right, yep please, yes i would, yes i
        will, yes i agree, yes let's do it, okay let's do it, sounds good to me, yes sounds good,
        yes that sounds good, yes that's the one, yes i'll do that, okay i'll do that, yes i'll try
        that, okay i'll try that, okay i'll try it, yes it's mine, yes that's mine, yes i recognise
        it, yes do it, yeah do it
        """
    ),
}
SAID_NO: Mapping[str, tuple[str, ...]] = {
    "es": phrase_list(
        """
        pues no, pues no gracias, no mejor no, mejor que no, no muchas gracias, de momento no, no de
        momento no, ahora no gracias, no hace falta gracias, no me viene bien, no no me viene bien,
        no me va bien, no no me va bien, no puedo, no no puedo, ese día no puedo, no ese día no
        puedo, no otro día, no mejor otro día, no gracias otro día, no gracias adiós, no gracias
        hasta luego, no es mío, no es mía, no no es mío, ese cargo no es mío, no ese cargo no es
        mío, no lo reconozco, no no lo reconozco, no ya lo he probado, no lo pruebo, no quiero
        probarlo, no no hace falta, no no es así, no así no, no todavía no, ahora mismo no
        """
    ),
    "en": phrase_list(
        """
        nope thanks, nah thanks, no not really, no not now, not now thanks, not right now, no not
        right now, not right now thanks, no thanks not now, no not yet, no i can't, no i can't do
        that day, no that doesn't work, no that doesn't work for me, no that doesn't suit me, no
        another day, it's not mine, no it's not mine, no that's not mine, no that charge is not
        mine, i don't recognise it, no i don't recognise it, no please don't, no i don't want to, no
        i don't want that, no leave it, no don't do that, no thanks bye, no thank you bye, no thank
        you goodbye, nope i'm good, no thanks i'm good, no thanks i'm fine, no i'd rather not, no
        not that one, no need thanks, no that isn't right, no i've tried that, no i already tried
        that, no thanks very much, no not today
        """
    ),
}

_NOUNS = {
    "es": (
        "{the}", "con {the}", "para {the}", "por {the}", "en {the}", "es {the}", "es por {the}",
        "es para {the}", "sí {the}", "sí para {the}", "prefiero {the}", "{bare}", "es {bare}", "para {bare}",
        "sí {bare}",
    ),
    "en": (
        "{the}", "with {the}", "for {the}", "in {the}", "on {the}", "at {the}", "because of {the}",
        "it's {the}", "it's about {the}", "it's for {the}", "yes {the}", "i'd like {the}", "{bare}",
        "for {bare}", "it's {bare}", "it's about {bare}",
        "yes {bare}",
    ),
}  # fmt: skip
_SENTENCES = {"es": ("{}", "es que {}", "porque {}", "sí {}"), "en": ("{}", "because {}", "yes {}")}
_POLITE = {"es": ("por favor", "si puede ser"), "en": ("please", "if possible")}
_POLITELY = frozenset(
    {"{}", "{bare}", "{the}", "con {the}", "en {the}", "with {the}", "in {the}", "on {the}"}
)
_SHORT = (
    ("it is", "it's"), ("i am", "i'm"), ("that is", "that's"), ("do not", "don't"), ("does not", "doesn't"),
    ("cannot", "can't"), ("is not", "isn't"), ("i have", "i've"), ("i would", "i'd"),
)  # fmt: skip
_ARTICLES = {"es": ("el", "la", "los", "las", "un", "una"), "en": ("the", "a", "an", "my")}


_ASKS = {
    "es": frozenset(word_list("qué cuál cuáles cuándo cuánto cómo dónde a hasta están abren cierran")),
    "en": frozenset(word_list("what when where how which are do can is")),
}
_AND = {"es": "y", "en": "and"}


def asked_besides(example: str, lang: str) -> tuple[str, ...]:
    """An example of a wish, and a question as it is put amid something else: "y qué horario tienen"."""
    asks = example.strip().lower().partition(" ")[0] in _ASKS[lang]
    return (example, f"{_AND[lang]} {example.strip()}") if asks else (example,)


@lru_cache(maxsize=2048)
def ways_to_say(phrase: str, lang: str) -> tuple[str, ...]:
    """``phrase``, an option's name or what its author listed, and how it stands in an answer."""
    plain = phrase.strip().lower()
    first, _, rest = plain.partition(" ")
    article = first if rest and first in _ARTICLES[lang] else ""
    bare = rest if article else plain
    if not article and " " in bare:
        said = [
            (pattern, pattern.format(way)) for way in _shortened(plain, lang) for pattern in _SENTENCES[lang]
        ]
    else:
        said = list(_nouns(bare, article, lang))
    polite = [f"{way} {end}" for pattern, way in said if pattern in _POLITELY for end in _POLITE[lang]]
    return tuple(dict.fromkeys([plain, *(way for _, way in said), *polite]))


def _nouns(bare: str, article: str, lang: str) -> Iterator[tuple[str, str]]:
    """Patterns, and what they make of a noun."""
    the = (article,) if article else articles_of(bare) if lang == "es" else ("the",)
    for one in the:
        for pattern in _NOUNS[lang]:
            if article and "{bare}" in pattern:
                continue  # "a tooth" is not read in "tooth"
            yield pattern, pattern.format(the=f"{one} {bare}", bare=bare)


def _shortened(plain: str, lang: str) -> list[str]:
    """English as it is written and as it is said: "it is too small", "it's too small"."""
    short = plain
    for long, said in _SHORT if lang == "en" else ():
        short = f" {short} ".replace(f" {long} ", f" {said} ").strip()
    return list(dict.fromkeys((plain, short)))
