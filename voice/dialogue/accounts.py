"""Long accounts taken apart: "I called yesterday about my bill, it's forty euros more, and I want to know
why". Pure.

A caller who tells a story says a few things of it only so that it can be followed. What they want stands in
a clause that opens as a wish, or else in what they say is the matter now; what was said or done earlier is
told on the way. Works on words without punctuation, as recognizers give them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from voice.languages import fold, language
from voice.languages.base import word_list

STORY_WORDS = 12  # from which a sentence is an account of several clauses
MOST_WORDS = 100  # of an account; nobody is heard for longer
CLAUSE_WORDS = 3
_AS_LONG = 4  # words of a clause from which a new subject begins another


class Told(Enum):
    """What a clause is in an account."""

    WISH = "wish"  # "I want to know why"
    MATTER = "matter"  # "it's forty euros more than last month"
    BACKGROUND = "background"  # "I called yesterday about my bill"


@dataclass(frozen=True, slots=True)
class Clause:
    """``text`` in the words of the caller. ``also``: introduced as something more ("and also ...")."""

    text: str
    told: Told
    also: bool = False


_HARD = {  # begin another clause wherever they stand
    "es": frozenset(word_list("y pero porque asi entonces ademas tambien aunque luego pues")),
    "en": frozenset(word_list("and but because so then also although plus besides")),
}
_SOFT = {  # and these unless a wish is being told: "quiero saber cuándo ..."
    "es": frozenset(word_list("que cuando resulta mientras yo creo nadie")),
    "en": frozenset(word_list("when while that since i they you she he we nobody nothing its im ive")),
}
_NO_SUBJECT_AFTER = frozenset(  # "what I owe", "can you", "if they"
    word_list(
        """
        that what if how when why where who which whether because and but so than as know do does did are is
        can could would will should may have has was were think until before after the my a thing from
        with to for of
        on at about semana mes ano lunes martes miercoles jueves viernes sabado domingo
        por con de del lo la el los las al hasta desde para en como donde si mas menos asi ya tengo tiene hay
        a saber tal
        """
    )
)
_ALSO = {
    "es": frozenset(word_list("ademas tambien aparte")),
    "en": frozenset(word_list("also besides plus another")),
}
_BY_THE_WAY = {
    "es": re.compile(r"(?:de paso|por cierto|ya que estamos|otra cosa|una cosa mas)\b"),
    "en": re.compile(r"(?:by the way|while i have you|another thing|one more thing|as well)\b"),
}
_WISH = {
    "es": re.compile(
        r"(?:(?:lo que (?:yo )?|solo |yo |que |asi que |por eso |pues |ahora |entonces |y |nada )*)"
        r"(?:quiero|queria|queriamos|quisiera|querria|necesito|necesitaria|necesitamos|deseo|pretendo"
        r"|me gustaria|a ver si|a ver (?:cuando|cuanto|como|por que|que)|me interesa"
        r"|(?:me |nos )?(?:puede|pueden|podria|podrian|puedes|podeis)(?! ser)\b|llamo (?:para|porque|por)"
        r"|era para|es para|digame|diganme|por que|cuanto|como (?:puedo|hago)|que (?:puedo"
        r"|tengo que) hacer)\b"
    ),
    "en": re.compile(
        r"(?:(?:so |and |now |then |well |just |really |what |all |the reason )*)"
        r"(?:i (?:just |really |only |also )*(?:want|wanted|need|needed|would like|was wondering"
        r"|am wondering|wonder"
        r"|would love)|id (?:just )?(?:like|love|need)|we (?:want|need|would like)|im (?:calling|ringing"
        r"|phoning)"
        r"|i am (?:calling|ringing|phoning)|(?:can|could|would|will) (?:you|i|we|somebody|someone)|tell me"
        r"|please|how (?:do|can|much|long)|what (?:do|can|should|is|are)|why (?:is|did|do|have|am|was))\b"
    ),
}
_GOES_ON = {  # a second wish after the words that opened the first: "quiero pagar y saber cuándo ..."
    "es": re.compile(
        r"(?:que )?(?:\w+(?:[aei]r)(?:me|lo|la|les)?|cuando|donde|cual|a que|que (?:dia|hora|horario))\b"
    ),
    "en": re.compile(
        r"(?:to |know|ask|check|see|find|get|pay|cancel|change|hear|when|where|what|which|how)\b"
    ),
}
_EARLIER = {
    "es": re.compile(
        r"\b(?:llame|llamamos|llamaron|hable|hablamos|me (?:dijo|dijeron|dijiste|dijisteis|contaron"
        r"|aseguraron"
        r"|prometieron)|siempre|normalmente|(?<!desde )(?<!desde el )(?:ayer|anteayer|anoche)|el otro dia"
        r"|(?:la|el) (?:semana|mes|ano|lunes|martes|miercoles|jueves|viernes) pasad[oa]"
        r"|hace (?!falta)\w+|estaba|estabamos|iba|ibamos|tenia|era|eran|fui|fuimos|trabajo|vivo)\b"
    ),
    "en": re.compile(
        r"\b(?:called|rang|phoned|spoke|talked|(?:told|promised|assured) me|(?:they|she|he|you) (?:said|told)"
        r"|always|usually|normally|(?<!since )yesterday|the other day|last (?:night|week|month|year|monday"
        r"|tuesday|wednesday|thursday|friday)|ago|used to|was|were|i work|i live)\b"
    ),
}
_OPENING = {
    "es": re.compile(
        r"(?:(?:hola|buen[oa]s|dias|tardes|noches|mire|mira|oiga|oye|vera|veras|vamos a ver|a ver|pues|bueno"
        r"|eh|ay|le (?:cuento|explico)|te (?:cuento|explico)|resulta(?: que)?|es que|lo que pasa es que|si"
        r"|perdone|disculpe|senorita|que) )+"
    ),
    "en": re.compile(
        r"(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|look|listen|well|so|right|okay|um|uh|oh|dear"
        r"|you see|the thing is|basically|yes|sorry|excuse me|let me explain) )+"
    ),
}


def without_opening(words: str, lang: str) -> str:
    """Without greetings and the words that begin a story; as it was when nothing else was said."""
    said = words.split()
    found = _OPENING[lang].match(" ".join(map(fold, said)) + " ")
    left = said[len(found[0].split()) :] if found else said
    return " ".join(left or said)


def clauses(words: str, lang: str) -> tuple[Clause, ...]:
    """The clauses of normalised ``words``; empty when they are too few, or too many, for an account."""
    said = words.split()
    if not STORY_WORDS <= len(said) <= MOST_WORDS:
        return ()
    said = without_opening(words, lang).split()
    folded = [fold(word) for word in said]
    cuts = _cuts(folded, lang)
    found: list[Clause] = []
    for start, end in zip(cuts, [*cuts[1:], len(said)], strict=True):
        opening = start
        while start < end and folded[start] in _HARD[lang]:
            start += 1
        aside = _BY_THE_WAY[lang].match(" ".join(folded[start:end]))
        start += len(aside[0].split()) if aside else 0
        text = " ".join(folded[start:end])
        if not text:
            continue
        also = aside is not None or not _ALSO[lang].isdisjoint(folded[opening : min(start + 2, end)])
        goes_on = bool(found) and found[-1].told is Told.WISH and _GOES_ON[lang].match(text) is not None
        told = Told.WISH if goes_on else _told(text, lang)
        found.append(Clause(" ".join(said[start:end]), told, also))
    return tuple(found)


def _cuts(folded: Sequence[str], lang: str) -> list[int]:
    """Where clauses begin."""
    cuts, wishing = [0], False
    for at in range(len(folded)):
        rest, size = " ".join(folded[at:]), at - cuts[-1]
        opens = _WISH[lang].match(rest) is not None
        before = folded[at - 1] if at else ""
        if at and size and all(word in _HARD[lang] for word in folded[cuts[-1] : at]):
            wishing = wishing or opens
            continue
        if at and size < CLAUSE_WORDS and not (opens and not wishing and before not in _NO_SUBJECT_AFTER):
            wishing = wishing or (opens and size == 0)
            continue
        hard = folded[at] in _HARD[lang]
        soft = folded[at] in _SOFT[lang] and before not in _NO_SUBJECT_AFTER and size >= _AS_LONG
        if at and (hard or (not wishing and (soft or (opens and before not in _NO_SUBJECT_AFTER)))):
            cuts.append(at)
            wishing = opens
        elif not at:
            wishing = opens
    return cuts


def _told(text: str, lang: str) -> Told:
    if _WISH[lang].match(text):
        return Told.WISH
    return Told.BACKGROUND if _EARLIER[lang].search(text) else Told.MATTER


# --- what was told, as the answer to a question that comes later ------------------------------------

_REPORTS = {
    "es": re.compile(
        r"^(?:(?:yo )?(?:quiero|queria|quisiera|querria|necesito|llamo|llamaba|llamamos|me gustaria|es"
        r"|era|vengo"
        r"|tengo que)(?: por| para| porque)?(?: (?:a|de|que|lo de))? ?)?"
        r"(?:(?:avisar(?:les|le|os)?|informar(?:les|le)?|notificar|reportar|denunciar|comunicar(?:les|le)?"
        r"|decir(?:les|le)?|dar (?:un |el )?(?:aviso|parte)|poner (?:un )?aviso|hacer un aviso)"
        r"(?: (?:de|sobre|a))?(?: que)? ?)?"
    ),
    "en": re.compile(
        r"^(?:(?:i|we)(?: just)? (?:want|wanted|would like|need|have|am calling|was calling)(?: to)? "
        r"|id like to "
        r"|(?:im|i am|were|we are) (?:calling|ringing|phoning) (?:to |about |because )?)?"
        r"(?:(?:report|notify you|tell you|let you know|inform you|make you aware|complain)"
        r"(?: (?:about|of|that))?(?: that)? )?"
    ),
}
_EMPTY = frozenset(
    word_list(
        """
        algo alguna alguno cosa aviso problema incidencia roto rota calle ciudad via publica something thing
        problem report issue incident broken street road city town public
        """
    )
)


def matter_told(text: str, lang: str) -> str:
    """What a sentence tells, without greeting and "I would like to report": the answer to a later "what is
    wrong?". "" when it only announces that something is."""
    said = without_opening(" ".join(text.split()), lang).split()
    folded = [fold(word).replace(" ", "") or "," for word in said]
    found = _REPORTS[lang].match(" ".join(folded) + " ")
    start = len(found[0].split()) if found else 0
    while start < len(said) and folded[start] in ("que", "that", "about", "de"):
        start += 1
    light = language(lang).function_words | _EMPTY
    telling = any(word not in light and len(word) > 2 for word in folded[start:])
    return " ".join(said[start:]).strip(" ,.;:") if telling else ""


_WAYS = {
    "es": r"calle|plaza|plazuela|plazoleta|avenida|avda|paseo|camino|carretera|glorieta|ronda|travesia"
    r"|callejon"
    r"|parque|barrio|urbanizacion|poligono|rotonda|cuesta|bulevar|puente|pasaje|autovia",
    "en": r"street|road|avenue|lane|square|park|drive|close|place|boulevard|bridge|roundabout|crescent"
    r"|terrace",
}
_PLACE = {
    "es": re.compile(
        r"\b(?:(?:en|por|junto a|frente a|delante de|detras de|al lado de|a la altura de) (?:la |el |una "
        r"|un )?"
        rf"|(?:la |el ))(?:{_WAYS['es']})(?: (?!(?:y|que|porque|pero|desde|hace|no|esta|estan|hay|lleva"
        rf"|llevan|se|me|quiero"
        r"|por|muy|tambien|ahora|hoy|ayer|donde|para|sin|cuando|entonces|o|siempre|otra)\b)\w+){1,9}"
    ),
    "en": re.compile(
        r"\b(?:(?:on|in|at|near|outside|opposite|by|next to|in front of|(?:my|our|the) street)\b)"
        r"(?: the corner of)?(?: number)?"
        r"(?: (?!(?:the|my|our|this|that|a|your|their|and|on|in|at|of)\b)\w+){1,4}?"
        rf" (?:{_WAYS['en']})\b(?:(?: at)?(?: the)? (?:number|corner|junction|near|opposite|next to"
        rf"|in front of)"
        r"(?: (?!(?:and|that|because|but|since|it|is|there)\b)\w+){1,4})?"
    ),
}


def place_told(text: str, lang: str) -> str:
    """The street or square that a sentence names, with what stands before it: "en la calle Mayor"; "" when it
    names none. "In my street" is none."""
    said = text.split()
    folded = [fold(word).replace(" ", "") or "," for word in said]
    found = _PLACE[lang].search(" ".join(folded))
    if found is None:
        return ""
    start = len(found.string[: found.start()].split())
    return " ".join(said[start : start + len(found[0].split())]).strip(" ,.;:")
