"""What is said for politeness' sake: greetings, thanks, and turns of talk that claim nothing. Pure."""

from __future__ import annotations

import re
from functools import cache

from voice.languages.base import phrase_list

_SOCIAL = {
    "es": phrase_list(
        """
        hola, buenos, buenas, buen, buena, muy, dia, dias, tarde, tardes, noche, noches, bienvenido,
        bienvenida,
        adios, hasta luego, hasta pronto, hasta otra, gracias, muchas gracias, mil gracias, de nada, por su
        paciencia, por la espera, por esperar, por llamar, por contarmelo, por favor, por supuesto, perdone,
        perdon, disculpe, claro, que si, si, no, vale, bien, entendido, entiendo, comprendo, perfecto, exacto,
        de acuerdo, un, una, otra, momento, segundo, minuto, instante, ya veo, veamos, pregunta, primero,
        con gusto, con mucho gusto, encantado, encantada, espere, tomese su tiempo, sin prisa, ningun
        problema,
        no hay problema, no hay de que, tranquilo, tranquila, no se preocupe, lo siento, mucho, lo siento
        mucho,
        que tenga, que pase, feliz, me alegro, a usted, que pena, vaya, bueno, pues, que le vaya bien, a ver,
        por desgracia, lamentablemente, me temo, segun el sistema, si quiere, si lo prefiere, si prefiere,
        si lo desea, si desea, para estar seguros, para entenderle, para ayudarle, para ayudarle mejor,
        digame,
        cuenteme, adelante, entonces, y, aqui estoy, tambien, ademas, desde luego, claro que si, correcto,
        le escucho, por avisar, por decirmelo, por la informacion, cuidese, que se mejore, mejorese, son cosas
        que pasan, me alegro de haberle ayudado, es un placer, siga, continue, vamos por partes, despues de
        eso,
        antes de eso, pasado ese plazo, hasta entonces, en su lugar, yo, pero, por ejemplo, sin problema,
        descuide,
        hare lo que pueda, si necesita algo mas, si hay algo mas, a ver que pone, a ver que dice
        """
    ),
    "en": phrase_list(
        """
        hello, hi, hey, good, morning, afternoon, evening, night, day, welcome, youre welcome, you are
        welcome,
        bye, goodbye, thanks, thank you, very much, so much, for waiting, for calling, for your patience,
        for telling me, for that, for asking, for your time, for holding, please, sorry, pardon, excuse me,
        of course, sure, certainly, absolutely, yes, no, okay, ok, fine, perfect, great, right, alright,
        all right, exactly, understood, got it, i see, i understand, no problem, not at all, no worries,
        dont worry, never mind, my pleasure, take your time, one, a, just, moment, second, minute, wait,
        hold on, bear with me, well, so, then, now, first, question, have a, nice, lovely, go ahead, im sorry,
        i am sorry, im afraid, unfortunately, according to the system, if you like, if you want, if you
        prefer,
        if you wish, if you would like, if youd like,
        just to be sure, just to be clear, to be sure, to be clear,
        to help you, lets see, let me see, see you, i hear you, im listening, very, quick, and, actually,
        too, also, as well, take care, get well soon, these things happen, that happens, for letting me know,
        at all,
        after that, before that, until then, by then, instead, for example, go on, please go on, glad to help,
        happy to help, it happens, its a pleasure, anything else, no rush, ill do what i can, i will do what
        i can, ill do my best, if you need anything else,
        if there is anything else, lets see what it says
        """
    ),
}


@cache
def _phrases(lang: str) -> re.Pattern[str]:
    longest_first = sorted(_SOCIAL[lang], key=len, reverse=True)
    return re.compile(f"(?:(?>{'|'.join(longest_first)})(?: |$))++")  # atomic: no time for odd input


def is_social(clause: str, lang: str) -> bool:
    """Whether a folded clause only greets, thanks, agrees or the like."""
    return _phrases(lang).fullmatch(clause) is not None
