"""What callers say beside the answer, for a recognizer of whole phrases, and at which questions it is
awaited.

The readers that understand such words (:mod:`voice.dialogue.asides`, :mod:`~voice.dialogue.inquiries`,
:mod:`~voice.dialogue.minds`, :mod:`~voice.dialogue.wishes`) take many more than can be listed; here are the
commonest. ``tests/dialogue/test_heard_everywhere.py`` holds every phrase against its reader. What a language
knows of itself ("repeat", "a person") is in :mod:`voice.languages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from voice.dialogue.confirm import says_to
from voice.dialogue.flow import AskStep, MenuStep
from voice.languages import fold, language
from voice.languages.base import phrase_list
from voice.model import Expect, ExpectKind

Meant = tuple[str, tuple[str, ...]]
"""A meaning, and the phrases that have it."""


class Saying(StrEnum):
    """Families of what is said beside the answer; the value is the meaning in a grammar."""

    WHO = "who"  # who, or what, is answering?
    TOLD = "told"  # what was told, once more
    MEANT = "meant"  # what does the question mean, and what for?
    DOUBT = "doubt"  # are you sure?
    LOOKING = "looking"  # the caller goes and looks
    READY = "ready"  # the caller is back, or has it now
    NO_MORE = "no_more"  # nothing else is wanted
    THANKS = "thanks"
    DROPPED = "dropped"  # what is under way is not wanted any more
    NOT_WANTED = "not_wanted"  # it never was
    WRONG = "wrong"  # what was just read back
    WHEN = "when"  # a day that is none yet
    LACKING = "lacking"  # what is asked for is not at hand
    MORE = "more"  # of what was told in short
    ENOUGH = "enough"  # of it; there may be another question
    NO_HELP = "no_help"  # it was known, or something else was asked


def _both(es: str, en: str) -> Mapping[str, tuple[str, ...]]:
    return {"es": phrase_list(es), "en": phrase_list(en)}


_DAY_PARTS = {
    "es": ("por la mañana", "por la tarde"),
    "en": ("in the morning", "in the afternoon"),
}
_PERIODS = _both(
    "esta semana, la semana que viene, la próxima semana, este mes, el mes que viene, el próximo mes",
    "this week, next week, this month, next month",
)
_WEEK_PARTS = {  # "next week in the afternoon"
    lang: tuple(f"{period} {part}" for period in _PERIODS[lang] for part in _DAY_PARTS[lang])
    for lang in _PERIODS
}

PHRASES: Mapping[Saying, Mapping[str, tuple[str, ...]]] = {
    Saying.WHO: _both(
        """
        es usted una máquina, eres una máquina, eres un robot, es usted un robot, es un robot, es una máquina,
        esto es una máquina, esto es una grabación, con quién hablo, con quién estoy hablando, quién es usted,
        estoy hablando con una máquina, estoy hablando con un robot, hablo con una máquina, es usted una
        persona, eres una persona, eres una persona de verdad
        """,
        """
        are you a robot, are you a machine, are you a person, are you a real person, are you human, are you
        real, is this a robot, is this a machine, is this a recording, is this a real person, am i talking to
        a machine, am i talking to a robot, am i talking to a person, am i talking to a real person, am i
        speaking to a real person, who am i talking to, who am i speaking to, who are you, who is this
        """,
    ),
    Saying.TOLD: _both(
        """
        cuánto era, cuánto ha dicho, cuánto dijo, cuánto ha dicho que era, qué día era, qué día ha dicho,
        cuándo era, qué fecha era, a qué hora era, cuándo ha dicho, cuánto me ha dicho
        """,
        """
        how much was that, how much was it, how much did you say, what was the amount, when was that, what day
        was that, what day did you say, what was the date, what time was that, when did you say
        """,
    ),
    Saying.MEANT: _both(
        """
        qué quiere decir, qué quieres decir, qué quiere decir eso, a qué se refiere, qué significa eso, para
        qué lo necesita, para qué lo quiere, para qué lo quieren, para qué lo necesitan, por qué lo necesita,
        por qué me lo pide, por qué lo pregunta, qué número, qué código, qué número es, qué número quiere, no
        entiendo la pregunta, no entiendo nada, no entiendo lo que me pide
        """,
        """
        what do you mean, what do you mean by that, what does that mean, why do you need that, why do you need
        it, why do you need to know, why do you ask, why are you asking, what do you need it for, what number,
        which number, what code, which code, what number is that, i don't understand the question, i don't
        get the question, what are you asking, what are you talking about, i don't understand anything
        """,
    ),
    Saying.DOUBT: _both(
        "está seguro, está segura, está usted seguro, estás seguro, está seguro de eso",
        "are you sure, are you really sure, are you sure about that, are you sure about it",
    ),
    Saying.LOOKING: _both(
        """
        espere que lo busco, espere que la busco, un momento que lo busco, un momento que la busco, espere un
        momento que lo busco, espera que lo busco, espere que lo miro, un segundo que lo miro, un momento que
        lo miro, espere que voy a buscarlo, un momento voy a buscarlo, déjeme que lo busque, déjeme que lo
        mire, espere que busco el papel, espere que busco la factura, espere que busco la tarjeta, espere que
        cojo el papel, espere que estoy conduciendo, un momento estoy conduciendo
        """,
        """
        let me find that, let me get that, let me look for it, let me go and get it, hold on let me find it,
        hold on let me get it, hold on i'm looking for it, wait let me find it, wait let me get it,
        one moment let me find it, just a moment let me get it, let me find my card, let me get my
        card, let me find my bill, let me get a pen, hang on i'm driving, hold on i'm driving
        """,
    ),
    Saying.MORE: _both(
        """
        cuénteme, cuénteme más, sí cuénteme, sí cuénteme más, dígame más, sí dígame más, siga, sí siga,
        continúe, explíqueme
        más, quiero saber más, más información, más detalles, adelante
        """,
        """
        go on, yes go on, tell me more, yes tell me more, carry on, continue, go ahead, yes go ahead, explain
        more, i'd like
        to know more, i want to know more, more information, more details
        """,
    ),
    Saying.ENOUGH: _both(
        """
        gracias, muchas gracias, ok gracias, vale gracias, perfecto gracias, vale muchas gracias, con eso me
        vale, con eso
        me basta, con eso basta, es suficiente, me vale, ya lo sé, otra cosa, es otra cosa, tengo otra
        pregunta, otra
        pregunta, tengo otra duda, quería preguntar otra cosa, quiero preguntar otra cosa
        """,
        """
        thanks, thank you, ok thanks, okay thanks, okay thank you, great thanks, perfect thanks, that's fine,
        that's enough,
        that'll do, that will do, i'm good, i know that, something else, another question, i have another
        question, i've got
        another question, i want to ask something else, i wanted to ask something else
        """,
    ),
    Saying.NO_HELP: _both(
        """
        ya lo he hecho, ya lo he probado, eso ya lo he hecho, eso ya lo he probado, ya lo he intentado, eso
        ya lo he intentado,
        ya lo hice, eso ya lo hice, ya lo probé, sigue igual, ya lo he hecho y sigue igual, ya lo he probado
        y sigue igual,
        ya lo he hecho y no funciona, ya lo he probado y no funciona, eso no me sirve, no me sirve, eso no me
        ayuda, no me
        ayuda, eso no es lo que he preguntado, no es lo que he preguntado, no he preguntado eso, eso no es lo
        que pregunté,
        no es eso, no era eso, no me refería a eso
        """,
        """
        i've done that, i've already done that, i've tried that, i've tried that already, i've already tried
        that, i did
        that, i did that already, i already did that, i already tried that, it's the same, it's still the
        same, i've already
        done that and it's the same, i've tried that and it doesn't work, i've already tried that and it
        doesn't work, that
        doesn't help, that didn't help, that's no help, that's no use, that's not what i asked, that's not
        what i meant, that
        is not what i asked, i didn't ask that, not that, that's not it
        """,
    ),
    Saying.READY: _both(
        """
        ya, ya estoy, ya estoy aquí, ya lo tengo, ya la tengo, ya los tengo, ya las tengo, lo tengo, la tengo,
        aquí lo tengo, aquí la tengo, listo, lista, vale ya estoy, vale ya lo tengo, vale ya la tengo
        """,
        """
        ready, i'm ready, okay i'm ready, i'm back, okay i'm back, i've got it, okay i've got it, i've got it
        now, i have it, i have it here, i have it now, okay i have it, got it, okay got it, here it is
        """,
    ),
    Saying.NO_MORE: _both(
        """
        eso es todo, eso es todo gracias, no eso es todo gracias, no gracias eso es todo, eso era todo, nada
        más, nada más gracias, no nada más, no nada más gracias, no gracias nada más, con eso es suficiente,
        con eso me basta, ya está, ya está gracias, ya está todo, así está bien gracias, no necesito nada más,
        no necesito más
        """,
        """
        that's all, that's all thanks, that's all thank you, that is all, that's everything, that'll be all,
        that will be all, no that's all thanks, no that's all thank you, no thanks that's all, no that's it,
        that's it thanks, nothing else, nothing else thanks, no nothing else, no nothing else thanks, nothing
        more, i'm done, i'm all set, no i'm all set, i'm good thanks, i'm fine thanks, no i'm good thanks, no
        i'm fine thank you, all good, i don't need anything else
        """,
    ),
    Saying.THANKS: _both(
        """
        gracias, muchas gracias, muchísimas gracias, vale gracias, vale muchas gracias, ok gracias, perfecto
        gracias, muy amable gracias
        """,
        """
        thanks, thank you, thank you very much, thank you so much, thanks a lot, okay thanks, okay thank you,
        great thanks, great thank you, perfect thanks, perfect thank you
        """,
    ),
    Saying.DROPPED: _both(
        """
        he cambiado de idea, he cambiado de opinión, cambié de idea, cambié de opinión, olvídelo, olvídalo, no
        olvídelo, déjelo, déjalo, no déjelo, bueno déjelo, mejor no, lo he pensado mejor, ya no
        hace falta, ya no lo necesito
        """,
        """
        i changed my mind, i've changed my mind, i have changed my mind, sorry i changed my mind, forget it,
        forget that, forget about it, never mind, no never mind, oh never mind, never mind that, scratch that,
        on second thought, i no longer need it
        """,
    ),
    Saying.NOT_WANTED: _both(
        """
        no es eso lo que quiero, eso no es lo que quiero, no es lo que quiero, no es lo que quería, no es lo
        que he pedido, no es por lo que llamo, no he pedido eso
        """,
        """
        that's not what i want, that is not what i want, that's not what i wanted, that's not what i asked
        for, that's not why i'm calling, i don't want that, i didn't ask
        for that
        """,
    ),
    Saying.WRONG: _both(
        """
        no eso está mal, eso está mal, no está mal, no es ese, no es esa, no no es ese, no es eso, eso no es,
        no eso no es, no es otro
        """,
        """
        no that's wrong, that's wrong, that is wrong, no that is wrong, that's not right, no that's not right,
        that's not it, no that's not it, that isn't right, that's incorrect
        """,
    ),
    Saying.WHEN: {
        lang: (*first, *_PERIODS[lang], *_WEEK_PARTS[lang])
        for lang, first in _both(
            """
            cuanto antes, lo antes posible, lo más pronto posible, lo antes que pueda, lo antes que puedan,
            cuanto antes mejor, el primer día, el primer día que tengan, el primer día que haya, el primer día
            libre, el primer hueco que tengan, la primera cita que tengan, este fin de semana, el fin de
            semana, el próximo fin de semana, el fin de semana que viene, cualquier día, cualquiera, el día
            que sea, cuando sea, cuando quieran, cuando puedan, cuando haya, me da igual, me da igual el día
            """,
            """
            as soon as possible, as soon as you can, the earliest, the earliest day, the earliest possible,
            the earliest you have, the earliest day you have, the earliest available, the soonest, the first
            day, the first day you have, the first available, this weekend, next
            weekend, the weekend, any day, any day is fine, any day works, whenever, whenever you can, any
            time, i don't mind, right away, some time next week
            """,
        ).items()
    },
}

_LACKS = {
    "es": (
        "no tengo {the}", "no tengo {my} {bare}", "no sé {my} {bare}", "no me sé {my} {bare}",
        "no me sé {the}", "no sé {the}", "no sé cuál es {my} {bare}", "no recuerdo {my} {bare}",
        "no recuerdo {the}", "no me acuerdo de {my} {bare}", "no me acuerdo {of_the}", "no encuentro {the}",
    ),
    "en": (
        "i don't have my {bare}", "i don't have the {bare}", "i don't have a {bare}",
        "i don't know my {bare}",
        "i don't know the {bare}", "i don't remember my {bare}", "i can't remember my {bare}",
        "i can't find my {bare}", "i can't find the {bare}", "i forgot my {bare}",
    ),
}  # fmt: skip
_WHAT_IS = {
    "es": ("qué es {the}",),
    "en": ("what is the {bare}", "what is my {bare}", "what is a {bare}"),
}
_CHANGES = {
    "es": (
        "cambiar {the}", "quiero cambiar {the}", "corregir {the}", "me equivoqué de {bare}",
        "me he equivocado de {bare}", "me equivoqué en {the}", "me he equivocado en {the}", "{the} está mal",
        "no {the} está mal",
    ),
    "en": (
        "change the {bare}", "i want to change the {bare}", "change my {bare}", "i want to change my {bare}",
        "the {bare} is wrong", "the {bare} was wrong", "no the {bare} is wrong", "correct the {bare}",
        "my {bare} is wrong",
    ),
}  # fmt: skip
_ARTICLES = {
    "es": ("el", "la", "los", "las", "un", "una", "su", "mi"),
    "en": ("the", "a", "an", "your", "my"),
}
_FEMININE = ("a", "cion", "sion", "dad", "tud", "ez")
_MASCULINE = ("dia", "ema", "oma", "mapa")  # whatever follows
_BY_KIND = {  # what callers call the only answer of its kind
    "es": {
        "date": ("la fecha", "el día"),
        "amount": ("la cantidad", "el importe"),
        "time": ("la hora",),
        "phone": ("el teléfono",),
    },
    "en": {
        "date": ("the date", "the day"),
        "amount": ("the amount",),
        "time": ("the time",),
        "phone": ("the phone",),
    },
}


def wish_phrases(label: str, lang: str) -> tuple[str, ...]:
    """A wish by the name that its author gave it, as in "do you want to make an appointment?"; none where
    the name is a list, which nobody says."""
    if "," in label:
        return ()
    return (label, {"es": "quiero {}", "en": "i want to {}"}[lang].format(label))


def usual_names(kind: str, lang: str) -> tuple[str, ...]:
    """What callers call the only answer of its kind."""
    return _BY_KIND[lang].get(kind, ())


def change_phrases(names: Iterable[str], lang: str) -> list[str]:
    """How a caller says that an earlier answer is wrong."""
    return list(_of(names, _CHANGES[lang], lang))


def lacking_phrases(label: str, lang: str) -> tuple[str, ...]:
    """That the caller has not got what is asked for, by its name: "no sé mi número de cliente"."""
    return tuple(_of([label], _LACKS[lang], lang))


def what_is_phrases(label: str, lang: str) -> tuple[str, ...]:
    """What it is that is asked for: "what is the customer number"."""
    return tuple(_of([label], _WHAT_IS[lang], lang))


def _of(names: Iterable[str], patterns: Iterable[str], lang: str) -> Iterator[str]:
    for name in names:
        first, _, rest = name.lower().partition(" ")
        named = bool(rest) and first in _ARTICLES[lang]
        bare = rest if named else name.lower()
        known = (first,) if named and first in ("el", "la", "los", "las") else articles_of(bare)
        for the in known:
            of_the = f"del {bare}" if the == "el" else f"de {the} {bare}"
            my = "mis" if the in ("los", "las") else "mi"
            for pattern in patterns:
                yield pattern.format(bare=bare, the=f"{the} {bare}", of_the=of_the, my=my)


def articles_of(noun: str) -> tuple[str, ...]:
    """The articles of a Spanish noun, by the ending of its first word; both where it does not tell."""
    first = fold(noun).partition(" ")[0]
    many = first.endswith("s") and len(first) > 3
    stem = first.removesuffix("s") if many else first
    if stem.endswith(_FEMININE) and not stem.endswith(_MASCULINE):
        return ("las",) if many else ("la",)
    if stem.endswith(("o", *_MASCULINE)):
        return ("los",) if many else ("el",)
    return ("los", "las") if many else ("el", "la")


_CLITICS = {"la": "la", "el": "lo", "lo": "lo", "los": "los", "las": "las"}
_BEFORE_E = {"c": "qu", "g": "gu", "z": "c"}  # "marcar", "marque"
_ACCENTED = dict(zip("aeiou", "áéíóú", strict=True))


def order_phrases(deed: str, lang: str) -> tuple[str, ...]:
    """How callers say to do what a question is about: "bloquéela", "quiero bloquearla" where ``deed``, its
    label, is "bloquear la línea". Empty where the label names no deed."""
    verb, _, rest = deed.lower().partition(" ")
    said = _orders(verb, rest, lang)
    orders = [phrase for phrase in said if says_to(phrase, deed, lang)]
    yes = {"es": "sí", "en": "yes"}[lang]
    return (*orders, *(f"{yes} {order}" for order in orders if not order.startswith(yes)))


def _orders(verb: str, rest: str, lang: str) -> list[str]:
    if lang == "en":
        if verb.endswith("s") and not verb.endswith("ss"):
            return []  # "accepts the time" says what the caller does
        doing = [f"{verb} it", *([f"{verb} {rest}"] if rest else [])]
        said = [f"{before}{do}" for do in doing for before in ("", "please ", "i want to ")]
        return [*said, *(f"{do} please" for do in doing), f"{verb} it now"]
    if not verb.endswith(("ar", "er", "ir")):
        return []
    article, _, noun = rest.partition(" ")
    clitic = _CLITICS.get(article, "lo")
    doing = [verb + clitic, *([f"{verb} {article} {noun.split()[0]}"] if noun else [])]
    said = [f"{before}{do}" for do in doing for before in ("", "quiero ")]
    if verb.endswith("ar"):  # other verbs change more
        stem = verb.removesuffix("ar")
        soft = stem[:-1] + _BEFORE_E.get(stem[-1:], stem[-1:])
        told = (_stressed(soft) + "e" + clitic, _stressed(stem) + "a" + clitic)
        said += [f"{do}{after}" for do in told for after in ("", " por favor", " ya")]
    return said


def _stressed(stem: str) -> str:
    """With the accent that a verb gets with "la" after it; "u" of "qu" and "gu" is mute."""
    at = max((i for i, letter in enumerate(stem) if letter in _ACCENTED), default=-1)
    if at > 0 and stem[at] == "u" and stem[at - 1 : at + 2] in ("qu", "gu"):
        at = max((i for i, letter in enumerate(stem[: at - 1]) if letter in _ACCENTED), default=-1)
    return stem if at < 0 else stem[:at] + _ACCENTED[stem[at]] + stem[at + 1 :]


# --- where ------------------------------------------------------------------------------------------

_SAID_ANYWHERE = (Saying.WHO, Saying.MEANT, Saying.DOUBT)
_SAID_AT_QUESTIONS = (*_SAID_ANYWHERE, Saying.LOOKING, Saying.DROPPED, Saying.NO_MORE)
_SAID_INSTEAD = (Saying.NOT_WANTED, Saying.THANKS, Saying.READY)  # where a yes or no is no answer
_LISTED = frozenset({ExpectKind.YES_NO, ExpectKind.CHOICE})
_WRITTEN_DOWN = frozenset(  # what callers look up, and may not have at hand
    {ExpectKind.DIGITS, ExpectKind.PHONE, ExpectKind.CARD, ExpectKind.IBAN, ExpectKind.EMAIL}
    | {ExpectKind.POSTCODE, ExpectKind.IDENTIFIER, ExpectKind.SPELLED}
)


def _sayings(kinds: Iterable[Saying], lang: str, *, beside_numbers: bool = False) -> list[Meant]:
    """Beside numbers and letters a word alone would too often be heard in the answer."""
    return [
        (kind.value, tuple(p for p in PHRASES[kind][lang] if " " in p or not beside_numbers))
        for kind in kinds
    ]


def said_at_menu(step: MenuStep, lang: str) -> list[Meant]:
    """What may be said beside a wish, by meaning."""
    kinds = [*_SAID_ANYWHERE, *([Saying.NO_MORE] if step.no else [])]
    return _sayings([*kinds, *([Saying.THANKS] if step.yes or not step.no else [])], lang)


def said_at_question(step: AskStep, lang: str) -> list[Meant]:
    """What may be said beside an answer to ``step``, by meaning."""
    kinds = [*_SAID_AT_QUESTIONS, *(() if step.expects is ExpectKind.YES_NO else _SAID_INSTEAD)]
    groups = _sayings(kinds, lang, beside_numbers=step.expects not in _LISTED)
    if step.expects in (ExpectKind.DATE, ExpectKind.TIME):
        groups += _sayings([Saying.WHEN], lang)
    if step.expects in _WRITTEN_DOWN:
        label = step.label[lang]
        groups.append((Saying.LACKING.value, lacking_phrases(label, lang)))
        groups.append((Saying.MEANT.value, what_is_phrases(label, lang)))
    return groups


def said_to_confirmation(step: object, lang: str) -> list[Meant]:
    """What may be said beside a yes or no to what was heard, by meaning."""
    kinds = list(_SAID_ANYWHERE)
    if isinstance(step, AskStep):
        kinds += [Saying.WRONG, Saying.DROPPED, Saying.LOOKING]
    elif isinstance(step, MenuStep) and step.no:
        kinds.append(Saying.NO_MORE)
    return _sayings(kinds, lang)


_COURTESY = {"es": (" por favor",), "en": (" please",)}


def said_as(words: str, saying: Saying, lang: str) -> bool:
    """Whether a turn is just one of a family's phrases, with a "please" or without."""
    said = fold(words)
    for courtesy in _COURTESY[lang]:
        said = said.removesuffix(courtesy)
    return any(said == fold(phrase) for phrase in PHRASES[saying][lang])


def with_phrases(expect: Expect, phrases: list[str], meaning: str) -> Expect:
    """With more that may be said; nothing changes where speech is open."""
    normalise = language(expect.lang).normalise
    new = [p for p in dict.fromkeys(map(normalise, phrases)) if p and p not in expect.phrases]
    if not expect.phrases or not new:
        return expect
    meanings = (*expect.meanings, *(f"{meaning}:{p}" for p in new)) if expect.meanings else ()
    return replace(expect, phrases=(*expect.phrases, *new), meanings=meanings)
