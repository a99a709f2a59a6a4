"""Callers who change their mind: what they refuse and want instead, and what they said before and
correct. Pure.

Works on words without punctuation, as recognizers give them: "no quiero cancelar quiero saber mi saldo".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from voice.languages import fold
from voice.languages.base import phrase_list, word_list

_SAME = 80.0  # similarity of 100 from which words are one of the author's own sentences


@dataclass(frozen=True, slots=True)
class Refusal:
    """Folded words. ``refused`` is "" when the caller drops whatever is under way, ``wanted`` when nothing
    takes its place."""

    refused: str
    wanted: str


_OPENINGS = r"^(?:(?:no|ah|bueno|espere|espera|perdon|perdone|pues|oiga|mire|oh|wait|sorry|well|okay|ok) )*?"
_REFUSED = {
    "es": re.compile(
        _OPENINGS + r"(?:ya )?no (?:quiero|queria|quisiera|necesito|deseo|es por|era por|llamo por)"
        r" (?P<refused>.+?)"
        r"(?: sino(?: que)? (?P<rather>.+)"
        r"| (?:pero |mejor |solo )?(?P<wanted>(?:lo que quiero|quiero|quisiera|queria|necesito|prefiero"
        r"|es por|llamo|digame)\b.*)| mejor (?P<better>.+))?$"
    ),
    "en": re.compile(
        _OPENINGS + r"i (?:do not|dont|did not|didnt|no longer) (?:really |actually )?(?:want|need|mean|wish)"
        r"(?: to)? (?P<refused>.+?)"
        r"(?: but(?: rather)? (?P<rather>.+)"
        r"| (?:instead |just )?(?P<wanted>(?:i want|i just want|id like|i would like|i need|i meant|id rather"
        r"|tell me|give me)\b.*)| instead (?P<better>.+))?$"
    ),
}
_SLIPPED = {  # the first wish was a slip of the tongue
    "es": re.compile(
        r"^(?P<refused>.+?) (?:no perdone?|perdon no|no no|no espere?a?|digo|mejor dicho|quiero decir)"
        r" (?P<wanted>.+)$"
    ),
    "en": re.compile(
        r"^(?P<refused>.+?) (?:no sorry|sorry no|no wait|no no|no i mean|i mean|or rather) (?P<wanted>.+)$"
    ),
}
_MISHEARD = {
    "es": re.compile(
        r"(?:no )*(?:eso|ese|esa|el numero)? ?(?:esta (?:muy )?mal|no es(?: (?:eso|ese|esa|asi|correct[oa]))?"
        r"|es incorrect[oa]|es otr[oa])"
    ),
    "en": re.compile(
        r"(?:no )*(?:that|thats|this|it|its|the number)? ?(?:is|was)? ?(?:wrong|incorrect"
        r"|not (?:right|correct|it)|isnt (?:right|correct|it))"
    ),
}
_DROPPED = {
    "es": re.compile(
        _OPENINGS + r"(?:he cambiado de (?:idea|opinion)|cambie de (?:idea|opinion)|olvidelo|olvidalo|dejelo"
        r"|dejalo|mejor no"
        r"|(?:en realidad |la verdad )?(?:ya )?no (?:lo )?quiero(?: hacerlo| nada)?(?=$)"
        r"|lo he pensado mejor|ya no (?:hace falta|lo necesito|importa)|da igual|no importa"
        r"|ya (?:lo|la) he encontrado)(?: (?P<wanted>.+))?$"
    ),
    "en": re.compile(
        _OPENINGS + r"(?:i changed my mind|i have changed my mind|ive changed my mind|forget it|forget that"
        r"|forget about it|scratch that"
        r"|(?:actually )?i (?:dont|do not)(?: really)? want (?:to|it)(?: any ?more)?(?=$)"
        r"|on second thought|never ?mind(?: that| it)?(?: i found it)?"
        r"|i no longer need it|i found it)(?: (?P<wanted>.+))?$"
    ),
}


_NOT_WANTED = {
    "es": re.compile(
        _OPENINGS
        + r"(?:no )?(?:(?:eso|esto) )?no es (?:eso )?(?:lo que|por lo que) (?:yo )?(?:quiero|queria|he"
        r" pedido|pedi|necesito|buscaba|llamo|llamaba)$|"
        + _OPENINGS
        + r"(?:yo )?no (?:le )?(?:he pedido|pedi|queria|quiero) eso$"
    ),
    "en": re.compile(
        _OPENINGS
        + r"(?:no )?(?:that|this|it)(?:s| is| was) not (?:what|why) (?:i|im|i am|ive) ?(?:want|wanted"
        r"|asked for|need|meant to ask|calling|called|asking for)$|"
        + _OPENINGS
        + r"i (?:did not|didnt|do not|dont) (?:ask for|want) (?:that|this)$"
    ),
}


def refusal(text: str, lang: str, examples: Iterable[str] = ()) -> Refusal | None:
    """What the caller does not want, and what instead; None when the words refuse nothing. ``examples`` are
    the flow's own: "ya no quiero seguir con ustedes" may be how its callers leave."""
    said = fold(text)
    dropped = _DROPPED[lang].match(said)
    if dropped:
        return Refusal("", dropped["wanted"] or "")
    found = _REFUSED[lang].match(said)
    if found is None:
        return None
    own = (example for example in map(fold, examples) if _REFUSED[lang].match(example))
    if any(fuzz.ratio(said, example) >= _SAME for example in own):
        return None
    return Refusal(found["refused"], found["rather"] or found["wanted"] or found["better"] or "")


def not_wanted(text: str, lang: str) -> bool:
    """True when the caller was taken to want something that they do not: "that is not what I want"."""
    return _NOT_WANTED[lang].match(fold(text)) is not None


def slip(text: str, lang: str) -> Refusal | None:
    """What was said by mistake, and what was meant: "I want to cancel, no sorry, I want my balance"."""
    found = _SLIPPED[lang].match(fold(text))
    return Refusal(found["refused"], found["wanted"]) if found else None


def misheard(text: str, lang: str) -> bool:
    """True when the caller only says that what they just heard is wrong: "no, that is wrong"."""
    return _MISHEARD[lang].fullmatch(fold(text)) is not None


# --- earlier answers --------------------------------------------------------------------------------


_OPENS = {  # how a correction begins
    "es": re.compile(
        r"^(?:no(?: no)? (?:el|la|los|las|mi|perdon|espere|espera)|perdone?|perdona|disculpe)\b"
    ),
    "en": re.compile(r"^(?:no (?:the|my|wait|sorry)|sorry|wait|actually)\b"),
}
_BARE = re.compile(r"^no (?:no )?(?=\w)")  # "no, día es el martes": names without their article
_IS = frozenset(word_list("es era son eran sera seria is was are were"))
_WRONG = {
    "es": re.compile(
        r"\b(?:cambiar|cambie|cambia|corregir|corrija|corrijo|me equivoque|me he equivocado|esta mal"
        r"|no es correct[oa]|es incorrect[oa]|queria decir|esta equivocad[oa]|estaba mal"
        r"|(?:(?:se|le) )?(?:(?:lo|la|los|las) )?(?:he dicho|dije|he dado|di|he puesto|puse) mal"
        r"|me (?:he )?(?:confundido|liado|confundi))\b"
    ),
    "en": re.compile(
        r"\b(?:change|correct|fix|i made a mistake|got .* wrong|is wrong|was wrong|isnt right|is not right"
        r"|the wrong|i meant|should be|should have been|i (?:said|gave|told you) (?:it |that )?wrong"
        r"|(?:i )?(?:mixed|messed) (?:it |that )?up|isnt correct|is not correct|is incorrect)\b"
    ),
}
_NO_VALUE = frozenset(
    word_list(
        """
        wrong right esta mal incorrecto incorrecta correcto X
        """
    )
)
_LINKS = frozenset(
    word_list(
        """
        es era son eran fue sera seria por a al el la los las un una no que en realidad correcto bien digo
        is was are were should be have been to the a an it its its actually correct right rather
        """
    )
)
_WORDLESS = frozenset(word_list("el la los las de del the a an of su mi your my"))


_CORRECTING = {  # what opens a correction that names nothing: "no, perdón, es el quince"
    "es": re.compile(
        r"^(?:(?:no|ay|ah|uy|perdon|perdone|perdona|disculpe|disculpa|espere|espera|un momento|bueno|que|es"
        r"|pero) )*"
        r"(?:perdone?|perdona|disculpe|disculpa|me equivoque|me he equivocado|queria decir|quise decir"
        r"|mejor dicho|(?:(?:me )?(?:lo |la )?(?:puede|puedes|podria|podrias|puedo|podemos|podriamos|quiero"
        r"|quisiera|queria) )?(?:cambiar|mover|pasar|poner)(?:me)?l[oa]"
        r"|(?:cambie|mueva|pase|ponga)(?:me)?l[oa]"
        r"|(?:me )?(?:lo|la) (?:puede|puedes|podria|podrias|podemos) (?:cambiar|mover|pasar|poner)"
        r"|mejor|prefiero|preferiria|puede ser|podria ser|y si es|digo|corrijo|rectifico)"
        r"(?: (?:no|perdon|digo|es|son|era|eran|a|al|el|la|para|por|que|en realidad))* (?P<value>.+)$"
    ),
    "en": re.compile(
        r"^(?:(?:no|oh|ah|oops|sorry|wait|well|actually|hold on) )*"
        r"(?:sorry|wait|actually|i made a mistake|my mistake|i meant|i mean|i meant to say|correction"
        r"|i (?:got|said) it wrong|i (?:got|said) that wrong|(?:id |i would )?rather|i prefer|id prefer"
        r"|make it"
        r"|(?:(?:can|could) (?:i|we|you) |(?:id|i would) like to |i (?:want|need) to )?"
        r"(?:change|move|switch) (?:it|that)|(?:can|could) (?:we|you) make it"
        r"|(?:can|could) it be|what about|how about)"
        r"(?: (?:no|sorry|i mean|it|its|is|was|that|the|to|for|should|be|actually))* (?P<value>.+)$"
    ),
}


@dataclass(frozen=True, slots=True)
class Correction:
    """``value`` holds the words that may be the new value, "" when the caller only says which is wrong."""

    slot: str
    value: str


def earlier_answer(text: str, lang: str, names: Mapping[str, Sequence[str]]) -> Correction | None:
    """Which earlier answer the words correct: "no, the order number was one two three". ``names`` are what
    the answers given so far are called; of two that fit, the longer name counts."""
    said = fold(text)
    wrong = _WRONG[lang].search(said) is not None
    opened = wrong or _OPENS[lang].search(said) is not None
    bare = None if opened else _BARE.match(said)
    if not opened and bare is None:
        return None
    words = said[bare.end() :].split() if bare else said.split()
    best: tuple[int, str, int] | None = None  # words of the name, slot, where the words after it begin
    for slot, ways in names.items():
        for way in ways:
            name = [word for word in fold(way).split() if word not in _WORDLESS]
            end = _after_name(words, name)
            if (
                bare
                and end is not None
                and not (words[0] == name[0] and _IS.issuperset(words[end : end + 1]))
            ):
                continue
            if end is not None and (best is None or len(name) > best[0]):
                best = (len(name), slot, end)
    if best is None:
        return None
    value = _WRONG[lang].sub("", " ".join(words[best[2] :])).split()
    while value and value[0] in _LINKS:
        value = value[1:]
    if all(word in _NO_VALUE for word in value):
        value = []
    return Correction(best[1], " ".join(value)) if value or wrong else None


def corrected_value(text: str, lang: str) -> str:
    """The words that may be the new value of a correction that does not say of what: "no, perdón, es el
    quince"; "" when the words open no correction."""
    found = _CORRECTING[lang].match(fold(text))
    return found["value"] if found else ""


def without_label(text: str, label: str) -> str:
    """The words, folded, that are neither of a label nor small: "febrero" of "la factura de febrero" where
    the label is "mes de la factura"."""
    known = {*fold(label).split(), *_WORDLESS}
    return " ".join(word for word in fold(text).split() if word not in known)


_RATHER = {  # how a caller begins who thinks better of it; none of these words is part of a wish
    "es": frozenset(
        word_list(
            """
            no ah ay bueno espere espera perdon perdone perdona disculpe oiga oye mire mira pues y pero mejor
            antes primero casi a ver en realidad que quiero decir digo entonces ya
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            no oh ah well wait sorry hold on hang actually but and so first instead rather okay ok look you
            know what i mean
            """
        )
    ),
}
_FIRST = {  # wherever they stand
    "es": frozenset({"antes", "primero", "mejor"}),
    "en": frozenset({"first", "instead", "rather"}),
}


def rather(text: str, lang: str) -> str:
    """What a caller wants who thinks better of it: "dígame cuánto debo" of "no, espere, mejor dígame antes
    cuánto debo"; "" when the words do not begin so."""
    words = fold(text).split()
    start = next((i for i, word in enumerate(words) if word not in _RATHER[lang]), len(words))
    left = [
        word
        for i, word in enumerate(words)
        if i >= start and (word not in _FIRST[lang] or words[i - 1] in ("el", "the"))  # "the first of May"
    ]
    return " ".join(left) if len(left) < len(words) else ""


def says_wrong(text: str, lang: str) -> bool:
    """Whether the words say that something is wrong: "el teléfono está mal"."""
    return _WRONG[lang].search(fold(text)) is not None


_PREPOSITIONS = frozenset({"of", "for", "on", "in", "at", "with", "to", "from", "about"})


def head_of(label: str, lang: str) -> str:
    """The noun that a label is about: "número" of "número de cliente", "number" of "customer number"."""
    words = fold(label).split()
    if lang == "en":
        end = next((place for place, word in enumerate(words) if word in _PREPOSITIONS), len(words))
        return next(iter(reversed(words[:end])), "")
    return next((word for word in words if word not in _WORDLESS), "")


def _after_name(words: Sequence[str], name: Sequence[str]) -> int | None:
    """Where the words after ``name`` begin, when its words stand in order with only small words between."""
    if not name:
        return None
    for start, word in enumerate(words):
        if word != name[0]:
            continue
        at, left = start + 1, list(name[1:])
        while left and at < len(words) and (words[at] == left[0] or words[at] in _WORDLESS):
            if words[at] == left[0]:
                left.pop(0)
            at += 1
        if not left:
            return at
    return None


# --- one of two -------------------------------------------------------------------------------------

_EITHER = {
    "es": phrase_list(
        """
        la primera, la segunda, el primero, el segundo, lo primero, lo segundo, la primera opción, la segunda
        opción, ninguna, ninguno, ninguna de las dos, ninguno de los dos, ninguna de esas, no ninguna,
        las dos, los dos, las dos cosas, no, no gracias
        """
    ),
    "en": phrase_list(
        """
        the first, the second, the first one, the second one, first, second, first one, second one, the first
        option, the second option, neither, neither one, neither of them, none, none of them, no neither,
        both, both of them, no, no thanks
        """
    ),
}
_NEITHER = frozenset({"ninguna", "ninguno", "neither", "none"})
_BOTH = frozenset({"ambas", "ambos", "both"})


def either_phrases(wishes: Iterable[str], lang: str) -> list[str]:
    """What may be answered to "this or that?", beside the wishes' own sentences."""
    return [*wishes, *_EITHER[lang]]


def neither(text: str) -> bool:
    """True when the caller wants none of two."""
    return not _NEITHER.isdisjoint(fold(text).split())


def both(text: str) -> bool:
    """True when the caller wants both of two."""
    said = fold(text)
    return said in ("las dos", "los dos", "las dos cosas") or not _BOTH.isdisjoint(said.split())
