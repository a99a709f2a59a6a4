"""What callers say beside the answer: that they have not got what is asked for, or that they did not catch
what they were told. Pure.

Works on words without punctuation, as recognizers give them: "el número no lo tengo aquí".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from voice.languages import fold
from voice.languages.base import word_list

MOST_WORDS = 14  # a longer turn says more than that

# --- not having it ----------------------------------------------------------------------------------

_OPENINGS = {
    "es": r"^(?:(?:es que|pues|la verdad|lo siento|perdone?|perdona|disculpe|ay|uy|eh|bueno|no|oiga|mire"
    r"|ahora|ahora mismo|en este momento|aqui|yo|que) )*?",
    "en": r"^(?:(?:sorry|well|um|uh|oh|no|im afraid|i am afraid|actually|right now|at the moment|the thing is"
    r"|but|so) )*?",
}
_PLACE = {
    "es": r"(?:aqui|ahi|por aqui|a mano|conmigo|delante|encima|a la vista)",
    "en": r"(?:here|with me|on me|at hand|to hand|handy|in front of me|nearby)",
}
_TIME = {
    "es": r"(?:ahora|ahora mismo|en este momento|ya|todavia|hoy|la verdad|yo|claro|obviamente|pues|perdone"
    r"|perdon|lo siento|disculpe|de memoria|de cabeza)",
    "en": r"(?:right now|now|at the moment|just now|anymore|any more|right here|exactly|obviously|of course"
    r"|sorry|im afraid|i am afraid|unfortunately|though|by heart|off ?hand|off the top of my head)",
}
_MESSAGE = {  # that a code comes in
    "es": r"(?:codigo|mensaje|sms|mensajito|correo)(?: (?:al|en el) (?:movil|telefono|celular))?",
    "en": r"(?:code|message|text|text message|sms|email)(?: on my (?:phone|mobile))?",
}
_PARTS = ("first", "second", "third", "fourth", "fifth", "sixth")
_LACKS = {
    "es": re.compile(
        _OPENINGS["es"]
        + r"(?:"
        + r"(?:el|la|los|las|ese|esa|esos|esas|mi|mis) (?P<first>.+?) (?:yo |ahora |ahora mismo |aqui )*no"
        + r" (?:me )?(?:lo|la|los|las) (?:tengo|se|recuerdo|encuentro|llevo|veo|he traido)"
        + r"|no (?:me )?(?:tengo|encuentro|recuerdo|acuerdo de|acuerdo del|se|llevo|veo)"
        + rf"(?: {_PLACE['es']}| {_TIME['es']})*"
        + r" (?:(?:cual|cuales) (?:es|son|era|eran) (?:el |la |los |las |mi |mis )?|que |cual )?"
        + r"(?:el |la |los |las |ese |esa |esos |esas |mi |mis |ningun |ninguna |un |una )?"
        + r"(?P<second>.+?)(?: (?:es|era|fue|puse|di|tengo|me dieron|elegi|toca|pusimos))?"
        + r"|(?:todavia |aun )?no (?:me |nos )?(?:ha |han )?(?:llegado|llega|llego|recibido|recibo|entra"
        + r"|he recibido|mandaron|mandado|enviado)(?: (?:todavia|aun|ya))?"
        + rf" (?:el |la |los |ese |ningun |nada de )?(?P<third>{_MESSAGE['es']})"
        + rf"|(?:el |la |ese )?(?P<fourth>{_MESSAGE['es']})(?: todavia| aun)? no"
        + r" (?:me |nos )?(?:ha |han )?(?:llegado|llega|llego|sale|aparece|entra)"
        + r"|no (?:me )?(?:lo|la|los|las) (?:tengo|llevo|encuentro|veo|he traido|se|recuerdo)"
        + r"|no me acuerdo(?: de (?:el|ella|ellos|ellas|eso|cual es|cual era))?|no caigo(?: ahora)?"
        + r"|no (?:se|recuerdo|tengo ni idea de) (?:cual|cuales) (?:es|era|son|eran)"
        + r"|(?:se )?me (?:lo |la )?(?:he|ha) olvidado(?: cual (?:es|era))?|(?:lo|la) (?:he olvidado|olvide)"
        + r"|se me (?:olvido|olvida|ha ido)(?: de la cabeza)?"
        + r"|(?:(?:se )?me (?:he|ha) olvidado|he olvidado|olvide|se me (?:olvido|olvida))"
        + r" (?:de |del )?(?:el |la |los |las |mi |mis )?(?P<sixth>.+?)"
        + r"|(?:me )?(?:lo|la|los|las) (?:he |deje |tengo )?(?:dejado|olvidado|deje|tengo|olvide)(?= en )"
        + rf")(?P<where>(?: {_PLACE['es']}| {_TIME['es']}"
        + r"| en (?:casa|la oficina|el trabajo|el coche|otro sitio))*)$"
    ),
    "en": re.compile(
        _OPENINGS["en"]
        + r"(?:"
        + r"(?:the|that|my|those) (?P<first>.+?) i (?:do not|dont|cannot|cant|havent|have not|did not|didnt)"
        + r"(?: really)? (?:have|got|know|remember|find|recall|bring)(?: it| them| that)?"
        + r"|i (?:really |honestly |just |actually )*(?:do not|dont|cannot|cant|havent|have not|no longer"
        + r"|did not|didnt)(?: really| actually)?"
        + r" (?:have|got|know|remember|find|recall|see|bring|get)"
        + r" (?:(?:what|which)(?: (?:is|was|are))? )?(?:the |that |my |any |a |an |those )?(?P<second>.+?)"
        + r"(?: (?:is|was|i used|i gave|i put|i chose|it is|it was))?"
        + rf"|(?:the |that |my )?(?P<fourth>{_MESSAGE['en']})"
        + r" (?:has not|hasnt|have not|havent|did not|didnt|does not|doesnt|is not|isnt|never|still has not)"
        + r"(?: yet)? (?:arrived?|come|came|coming|arriving|come through|shown up|reached me)(?: yet)?"
        + r"|i (?:have not|havent|did not|didnt|never|still havent) (?:yet )?(?:received?|got|gotten|get|had)"
        + rf" (?:the |that |any |a )?(?P<fifth>{_MESSAGE['en']})(?: yet)?"
        + r"|i (?:left|forgot) (?:it|them|that|my|the)(?: (?P<third>.+?))??"
        + r"|(?:ive|i have) (?:completely |totally )?forgotten(?: (?:it|them|that|what it (?:is|was)))?"
        + r"|(?:ive|i have) (?:completely |totally )?forgotten (?:the|my|that|those) (?P<sixth>.+?)"
        + r"|i (?:forgot|forget)|i (?:cant|cannot) think of it|it (?:has )?slipped my mind"
        + rf")(?P<where>(?: {_PLACE['en']}| {_TIME['en']}"
        + r"| at (?:the office|work|home)| in (?:the|my) (?:car|office))*)$"
    ),
}
# What numbers stand on, and what they are called whatever they number.
_THINGS = frozenset(
    word_list(
        """
        numero dato datos codigo clave referencia factura recibo tarjeta papel papeles documento carta correo
        mensaje contrato cosa ninguno ninguna number numbers code reference bill invoice card paper papers
        document letter mail message contract one it them that information details
        ella eso ello
        cifras numeros datos ultimas ultimos sms movil text email digits last
        """
    )
)
_SMALL = frozenset(word_list("de del el la los las mi mis su sus ese esa al en of the my your that on"))


def lacks_it(text: str, lang: str, called: Iterable[str] = ()) -> bool:
    """True when the caller has not got at hand what was asked for, or does not know it: "el número no lo
    tengo aquí". ``called`` are the words of what was asked for. That somebody lacks something else ("no tengo
    línea") counts only when they also say where they do not have it."""
    found, words = _lacked(text, lang)
    if found is None:
        return False
    known = _THINGS.union(word for name in called for word in fold(name).split())
    where = re.search(_PLACE[lang] + "$", found["where"] or "") is not None
    return all(word in known for word in words) or (where and len(words) <= 3)


def lacks_just_that(text: str, lang: str) -> bool:
    """True when they say so and name no thing, so that nothing else can be meant: "I've forgotten it"."""
    found, words = _lacked(text, lang)
    return found is not None and not words


def _lacked(text: str, lang: str) -> tuple[re.Match[str] | None, list[str]]:
    """How it is said that something is lacking, and the words that name what."""
    said = fold(text)
    found = _LACKS[lang].match(said) if len(said.split()) <= MOST_WORDS else None
    parts = found.groupdict() if found else {}
    thing = next((parts[key] for key in _PARTS if parts.get(key)), "")
    return found, [word for word in thing.split() if word not in _SMALL]


_AND_THEN = {  # begins another clause, after which a caller explains themselves
    "es": frozenset(word_list("estoy soy es porque pero y lo se ay perdone disculpe que pues asi")),
    "en": frozenset(word_list("im i because but and sorry its so its it can could")),
}
MOST_BEGINNINGS = 4


def beginnings(text: str, lang: str) -> list[str]:
    """The words, and what stands before each new clause: "no sé mi número estoy muy nervioso" begins with
    "no sé mi número"."""
    said = fold(text).split()
    if len(said) > 2 * MOST_WORDS:
        return [text]
    cuts = [i for i, word in enumerate(said) if i >= 3 and word in _AND_THEN[lang]]
    return [text, *(" ".join(said[:i]) for i in cuts[:MOST_BEGINNINGS])]


_BUT = {
    "es": frozenset(word_list("pero y aunque es porque no")),
    "en": frozenset(word_list("but and though i because")),
}


def endings(text: str, lang: str) -> list[str]:
    """What stands from each word on that begins another clause: "no tengo el número" of "mi pedido, pero no
    tengo el número"."""
    said = fold(text).split()
    return [" ".join(said[i:]) for i in range(2, len(said)) if said[i] in _BUT[lang]]


# --- hearing it again -------------------------------------------------------------------------------

_AGAIN = {
    "es": re.compile(
        r"^(?:(?:perdone?|perdona|disculpe|disculpa|y|a ver|pero|oiga|espere|espera|un momento|eh) )*"
        r"(?:"
        r"(?:(?:a|de|por|en|con) )?(?:cuanto|cuantos|cuantas|cuando|cual|que"
        r"(?: (?:cantidad|importe|precio|dia|fecha|hora|horas|horario|numero|saldo))?|como)"
        r" (?:me )?(?:era|eran|fue|habia dicho|ha dicho|has dicho|dijo|dijiste|decia|dice|dices|dicho)"
        r"(?: que)?(?: (?:era|eran|es|son|fue|debo|debia|tengo que pagar|abren|cierran|abrian|cerraban|llega"
        r"|llegaba))?(?: (?:eso|el (?:importe|total|saldo|dia|precio|horario)"
        r"|la (?:cantidad|fecha|hora|factura|entrega)))?"
        r"|(?:que|como) (?:me )?(?:ha dicho|dijo|has dicho|dijiste|habia dicho) (?:de|del|sobre|con) .+"
        r"|(?:(?:a|de|por) )?(?:cuanto|cuando|cual|que|donde) .+ (?:otra vez|de nuevo|ha dicho|me ha dicho"
        r"|dijo|me dijo|dijiste|habia dicho)"
        r"|(?:esta usted|esta|estas) segur[oa](?: de eso)?"
        r"|(?:a )?(?:cuanto|cuando|que (?:dia|fecha|hora|precio)|a que hora) (?:es|era|sera|cuesta|vale"
        r"|sale|llega"
        r"|vence|toca)(?: (?:eso|esto|la fecha|el plazo|entonces))?"
        r"|cuanto|cuando|que dia|que fecha|a que hora|cuanto dinero"
        r")$"
    ),
    "en": re.compile(
        r"^(?:(?:sorry|and|wait|um|uh|well|but|hang on|hold on|excuse me) )*"
        r"(?:"
        r"(?:how much|how many|when|what|which|what (?:amount|day|date|time|number|price|hours)"
        r"|which (?:day|date))"
        r" (?:was|were|did you say)(?: (?:that|it|this|the (?:amount|total|date|day|time|number|price|balance"
        r"|invoice|bill|hours|delivery date|payment date)))?(?: (?:was|is|were|are))?(?: again)?"
        r"|(?:how much|when|what(?: (?:amount|day|date|time|number))?) (?:is|are)"
        r" (?:it|that|they|the \w+) again"
        r"|(?:how much|how many|when|what|which|where) .+ (?:again|did you say)"
        r"|what did you say (?:about|for) .+|are you sure(?: about (?:that|it))?"
        r"|(?:what|which) (?:day|date) is (?:that|it)"
        r"|how much (?:is|does) (?:that|it)(?: cost| then)?|when is (?:that|it)(?: then)?|when does it arrive"
        r"|how much|when|what day|what date|what time|what amount"
        r")$"
    ),
}


def asks_what_was_told(text: str, lang: str) -> bool:
    """True when the caller asks for something that they were told already: "¿cuánto era?"."""
    said = fold(text)
    return len(said.split()) <= MOST_WORDS and _AGAIN[lang].match(said) is not None
