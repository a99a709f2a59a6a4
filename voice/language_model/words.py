"""The words that the guard of a language model looks at, folded (claims in Spanish with their accents)."""

from __future__ import annotations

import re

from voice.languages.base import word_list


def _measures(**units: str) -> dict[str, str]:
    return {word: unit for unit, words in units.items() for word in word_list(words)}


# Words that say what a number measures, and the measure.
MEASURES = {
    "es": _measures(
        day="dia dias jornada jornadas",
        week="semana semanas",
        fortnight="quincena quincenas",
        month="mes meses mensualidad mensualidades",
        year="ano anos",
        hour="hora horas",
        minute="minuto minutos",
        second="segundo segundos",
        percent="%",
        giga="giga gigas gb gigabyte gigabytes",
        mega="mega megas mb megabyte megabytes",
        instalment="cuota cuotas plazo plazos",
        point="punto puntos",
    ),
    "en": _measures(
        day="day days",
        week="week weeks",
        fortnight="fortnight fortnights",
        month="month months",
        year="year years",
        hour="hour hours",
        minute="minute minutes",
        second="second seconds",
        percent="%",
        giga="giga gigas gb gigabyte gigabytes gig gigs",
        mega="mega megas mb megabyte megabytes meg megs",
        instalment="instalment instalments installment installments",
        point="point points",
    ),
}
# That may stand between a number and its measure.
ADJECTIVES = {
    "es": frozenset(word_list("primeros primeras proximos proximas")),
    "en": frozenset(word_list("working business calendar full whole more extra other")),
}
ARTICLES = {"es": {"un": "uno", "una": "uno"}, "en": {"a": "one", "an": "one"}}
UNCOUNTED = frozenset(word_list("minuto segundo punto minute second point"))  # "one moment"
CLOCK_WORDS = frozenset(word_list("h am pm oclock"))
ORDINAL_ENDINGS = frozenset(word_list("st nd rd th"))
RANGES = frozenset(word_list("a o u y to or and"))
# Amounts that are no number.
QUANTITIES = {
    "es": frozenset(
        word_list(
            """
            docena docenas decena decenas veintena quincena treintena cuarentena cincuentena centenar
            centenares centena millar millares millon millones billon mitad tercio medio media cuarto
            doble triple cuadruple duro duros par
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            dozen dozens score grand fiver tenner half halves double triple twice thrice quarter
            couple fortnight
            """
        )
    ),
}
OTHERWISE = frozenset(
    word_list("medio media cuarto quarter par score grand")
)  # amounts before a measure only
SIGNS = frozenset("$€£")
BETWEEN = frozenset(word_list("con y and de of punto point coma"))
# English names of months that are also other words count as a day only beside a number.
AMBIGUOUS = frozenset({"may", "march", "sun", "sat", "second"})

SECRETS = {
    "es": re.compile(
        r"\b(?:contrasenas?|claves?|pin|cvv|cvc|csv|otp|firma|iban|caducidad"
        r"|codigos? (?:de |que )(?:seguridad|verificacion|acceso|un solo uso|le |recib\w*|ha |acaba)"
        r"|(?:numeros?|digitos|cifras) (?:de|en) (?:su |la |una )?(?:tarjeta|cuenta bancaria)"
        r"|cuenta bancaria|(?:cifras|digitos|numeros) (?:del reverso|de detras|de la parte|que hay))\b"
    ),
    "en": re.compile(
        r"\b(?:passwords?|passcodes?|pin|cvv|cvc|otp|secrets?|iban|sort code|expiry|expiration"
        r"|social security|bank account|(?:security|verification|access|one time) codes?"
        r"|code (?:we|i|you|that|from)|card (?:number|details)"
        r"|(?:digits|numbers?) (?:of|on|from) (?:your |the |a )?(?:card|back|bank account))\b"
    ),
}
ASKING = {
    "es": re.compile(
        r"\b(?:digame|diga|dime|deme|dame|da|dice|cual|indi\w+|facili\w+|neces\w+|tecle\w+|marque|escrib\w+"
        r"|introdu\w+|lea|leame|dict\w+|repit\w+|confirm\w+|propor\w+|envie\w*|mande\w*|comparta\w*)\b"
    ),
    "en": re.compile(
        r"\b(?:tell|give|what|whats|which|enter|say|provide|need|needs|type|share|confirm|read|repeat|send"
        r"|key"
        r"|have|may i|could i|can i)\b"
    ),
}
ADDRESS = re.compile(
    r"https?://|www\.|\b[\w.-]+@[\w-]+|\b[\w-]+\.(?:com|es|org|net|io|info|app|co|eu|uk|mx|ar|cl)\b"
    r"|\b(?:arroba|punto (?:com|es|org|net|io)|dot (?:com|es|org|net|io|co))\b",
    re.IGNORECASE,
)
