"""Callers who need a moment: who ask for one, go and look for something, and are back. Pure.

Works on words without punctuation, as recognizers give them: "no lo tengo a mano espere un momentito".
"""

from __future__ import annotations

import re
from functools import cache

from voice.dialogue.wishes import wants_wait
from voice.languages import fold, language
from voice.languages.base import word_list

MOST_WORDS = 14  # a longer turn says more than that

OPENINGS = {  # what may stand before it
    "es": r"^(?:(?:y|pero|perdone?|perdona|disculpe|disculpa|oiga|oye|mire|eh|a ver|hola|buenas|buenos dias"
    r"|una pregunta|ay|uy|pues|es que|bueno|espere|espera|un momento|no entiendo) )*",
    "en": r"^(?:(?:and|but|sorry|excuse me|wait|hold on|hello|hi|hey|um|uh|oh|well|so|okay|ok|look|listen"
    r"|one question|hang on|i dont understand|i do not understand) )*",
}
_LOOKS = {
    "es": re.compile(
        OPENINGS["es"]
        + r"(?:(?:espere?|espera|esperese|aguarde?|permitame|dejeme|dejame|deje|deja|ahora|ya|voy|vale"
        r"|d[ea]me|una?|momento|momentito|segundo|segundito|minuto|minutito|instante|por favor|que|a|y"
        r"|mientras|se|me|lo|la|los|las|le|estoy|tengo que|ver|si|aqui|primero) )*"
        r"(?:(?:busco|busque|buscar|buscando|miro|mire|mirar|mirando|encuentro|encuentre|encontrar|saco|saque"
        r"|cojo|coja|coger|traigo|traiga|traer|pregunto|preguntar|localizo|localizar|consulto|consultar"
        r"|levanto|apunto|apunte|apuntar|abro|abra)(?:l[oa]s?|me)?"
        r"|(?:a )?por (?:el|ella|ellos|ellas|el \w+|la \w+|los \w+|las \w+))(?: .+)?$"
    ),
    "en": re.compile(
        OPENINGS["en"] + r"(?:(?:please|just|let me|give me|one|a|moment|second|sec|minute|while|ill|i will|i"
        r"|have to|need to|im|i am|let|me|so i can|and|for|to|go|going to|gonna|bear with me|must) )*"
        r"(?:look(?:ing)?(?: for| it up)|find(?:ing)?|get(?:ting)?|fetch(?:ing)?|grab(?:bing)?|check(?:ing)?"
        r"|search(?:ing)?|writ(?:e|ing) (?:it|that) down) (?:it|that|them|my|the|a pen|for)\b(?: .+)?$"
    ),
}


_BUSY = {
    "es": re.compile(
        r"\b(?:conduciendo|manejando|aparcando|cruzando|cocinando|ocupad[oa]|en el coche|aparco)\b"
    ),
    "en": re.compile(r"\b(?:driving|parking|pulling over|cooking|busy|in the car|crossing)\b"),
}
_MOMENT = {
    "es": re.compile(
        r"\b(?:esper[ae]\w*|aguarde?|momento|momentito|segundo|segundito|minuto|minutito|instante|dejeme"
        r"|dejame"
        r"|deja|deje|permitame|(?:lo|la|los|las|lo estoy|la estoy) (?:busco|miro|saco|cojo|traigo|consulto"
        r"|buscando|mirando)|voy a (?:buscar|mirar|coger|por|traer|sacar)\w*)\b"
    ),
    "en": re.compile(
        r"\b(?:wait|hold on|hang on|moment|second|sec|minute|let me|bear with me"
        r"|(?:ill|i will|im|i am|going to) (?:go )?(?:and )?"
        r"(?:get|look|find|fetch|grab|check|looking|getting|finding|going))\b"
    ),
}


def looks_it_up(text: str, lang: str) -> bool:
    """True when the caller says that they are looking for something, or are busy: "espere que lo busco", "let
    me find my card", "hang on, I'm driving". Who only thinks of another wish ("busco un móvil") names no "it"
    and asks for no moment."""
    said = fold(text)
    if len(said.split()) > MOST_WORDS or not (_LOOKS[lang].match(said) or _BUSY[lang].search(said)):
        return False
    return _MOMENT[lang].search(said) is not None


# --- at the end of something else -------------------------------------------------------------------


def wants_time(text: str, lang: str) -> bool:
    """True when the caller asks for a moment, whatever they say before: "it's in my e-mail, hold on a
    second". One word alone at the end ("wait") may be part of what was said."""
    if wants_wait(_NO.sub("", text), lang) or looks_it_up(text, lang):
        return True
    words = [word for word in fold(text).split() if word not in _POLITE]
    if len(words) > MOST_WORDS:
        return False
    return any(
        tuple(words[-size:]) in _moments(lang) and not _MEASURES.intersection(words[-size - 1 : -size])
        for size in range(2, min(5, len(words)) + 1)
    )


_NO = re.compile(r"^no,? (?=\w)", re.IGNORECASE)  # "no wait" refuses nothing yet
_POLITE = frozenset(word_list("por favor please gracias thanks vale ok okay"))
# before a moment that is not asked for: "me cortaron hace un momento", "it takes one minute"
_MEASURES = frozenset(word_list("hace cada desde dura tarda takes took within every"))


@cache
def _moments(lang: str) -> frozenset[tuple[str, ...]]:
    said = (tuple(fold(phrase).split()) for phrase in language(lang).wait_phrases)
    return frozenset(words for words in said if len(words) > 1 and words != ("a", "ver"))


# --- back again -------------------------------------------------------------------------------------

_BACK = {
    "es": re.compile(
        r"^(?:(?:vale|venga|bueno|pues|ok|okey|listo|lista|perdone?|perdona|disculpe|gracias|hola|si|oiga"
        r"|a ver|muy bien|por fin|espere|bien) )*"
        r"(?:ya|ya ya|listo|lista|ya estoy(?: aqui| de vuelta| list[oa]| con usted)?|estoy (?:aqui|list[oa])"
        r"|(?:ya|aqui) (?:lo|la|los|las) (?:tengo|veo|traigo)(?: aqui| delante| a mano)?"
        r"|(?:lo|la|los|las) tengo(?: ya)?(?: aqui| delante| a mano)?|ya he vuelto|he vuelto"
        r"|ya (?:lo|la|los|las) (?:he encontrado|encontre|he cogido)|aqui (?:esta|estoy)|sigo aqui"
        r"|(?:ya )?(?:puede|podemos) (?:seguir|continuar)|gracias por esperar"
        r"|perdone? (?:la espera|por la espera))"
        r"(?: (?:si|ya|gracias|perdone?|disculpe|vale|por esperar))*$"
    ),
    "en": re.compile(
        r"^(?:(?:okay|ok|right|yes|yeah|so|well|alright|all right|sorry|thanks|thank you|hi|hello|great|there"
        r"|and|now) )*"
        r"(?:ready|im ready|i am ready|im back|i am back|back|im here|i am here|still here|im still here"
        r"|(?:i )?got (?:it|them)|(?:ive|i have) (?:got )?(?:it|them|that)|i (?:have )?found (?:it|them)"
        r"|found (?:it|them)|here (?:it is|we go|i am|they are)|there (?:it is|we go)"
        r"|(?:we|you) can (?:go on|continue|carry on)|thanks for waiting|thank you for waiting"
        r"|sorry (?:about|for) (?:that|the wait))"
        r"(?: (?:now|here|with me|in front of me|again|okay|ok|thanks|thank you|sorry|for waiting))*$"
    ),
}


def is_back(text: str, lang: str) -> bool:
    """True when the caller only says that they are there, or have it now: "ya estoy", "okay, I've got it"."""
    return _BACK[lang].match(fold(text)) is not None
