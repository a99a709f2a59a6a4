"""The words that the guard of a language model looks at, folded (claims in Spanish with their accents)."""

from __future__ import annotations

import re

from voice.languages.base import word_list

# Days named by their distance.
TODAY = {
    "es": frozenset({"hoy", "ayer", "manana"}),
    "en": frozenset({"today", "tomorrow", "yesterday", "tonight"}),
}
MEASURES = {
    "es": frozenset(
        word_list(
            """
            dia dias semana semanas mes meses ano anos hora horas minuto minutos segundo segundos
            por % porciento giga gigas gb mega megas mb centimo centimos cuota cuotas plazo plazos
            punto puntos laborables habiles
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            day days week weeks month months year years hour hours minute minutes second seconds
            percent per % gigabyte gigabytes gb megabyte megabytes mb cent cents instalment
            instalments installments point points working business
            """
        )
    ),
}
SIGNS = frozenset("$€£")
BETWEEN = frozenset(word_list("con y and de of punto point coma"))
# English names of months that are also other words count as a day only beside a number.
AMBIGUOUS = frozenset({"may", "march", "sun", "sat", "second"})

# Doing or promising something: the verb is the group. Its stem must stand in a fact: an article says it, or a
# tool was run that does it. Spanish futures are told from other forms by their accents.
_DONE_ES = r"ado|ada|ados|adas|ido|ida|idos|idas|cho|cha|sto|sta|to"
_FUTURE_ES = r"aré|eré|iré|dré|aremos|eremos|iremos|dremos|ará|erá|irá|drá|arán|erán|irán|drán"
_DONE_EN = r"\w+ed|sent|made|done|given|paid|set|put|cut"
CLAIMS = {
    "es": (
        re.compile(
            r"\b(?:he|hemos|ha|han|queda|quedó|quedará|está|están|sido) (?:ya |sido )?"
            rf"(\w+(?:{_DONE_ES}))\b"
        ),
        re.compile(rf"\b(\w{{2,}}(?:{_FUTURE_ES}))\b"),
        re.compile(r"\b(?:voy|vamos|va|van) a (\w+r)(?:le|les|se|lo|la|los|las|selo|sela)?\b"),
        re.compile(r"\b(garantiz\w+|promet\w+|asegur\w+|compromet\w+)\b"),
        re.compile(
            r"\b(gratis|gratuit\w+|descuent\w+|reembols\w+|devoluci\w+|compensaci\w+|abono|abonamos|regal\w+)\b"
        ),
    ),
    "en": (
        re.compile(
            r"\b(?:i|we|ive|weve|has|have|been|is|are|was|were)(?: have| has| just| now| already| been)* "
            rf"({_DONE_EN})\b"
        ),
        re.compile(
            r"\b(?:ill|well|youll|theyll|itll|will|shall|going to|gonna) (?:now |also |soon |be |get |not )*"
            r"(\w+)\b"
        ),
        re.compile(r"\b(guarante\w+|promis\w+|assur\w+|commit\w*)\b"),
        re.compile(r"\b(free|discount\w*|refund\w*|compensat\w+|credit\w*|waiv\w+|gift)\b"),
    ),
}
# What any assistant says of itself, and nouns that look like such verbs.
HARMLESS = {
    "es": frozenset(
        word_list(
            """
            ayudar ayudare ayudaremos ayudado ayudara explicar explicare contar contare decir dire
            mirar mirare mirado comprobar comprobare comprobado consultar consultare consultado
            buscar buscare buscado ver vere visto encontrar encontrado encontrare tener tendra
            tendre sera seran seria hara podra podre podran puedo estara entendido entender dicho
            preguntar preguntare preguntado necesitara necesitado podido hablar hablado para tanto
            cuanto esto hasta asunto momento punto contento correcto listo quiera quisiera pudiera
            cualquiera manera primera tercera fuera espera era fibra cobra compra otra carrera
            frontera tarjetera verdadera entera segura ahora hora nuestra muestra lectura escritura
            factura lamento siento repetir repetire leer leere pasar pasare pasarle
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            help explain tell look check see find need have be able know ask say take interested
            pleased sorry glad checked looked found understood asked called happy repeat read try
            tried want like described mentioned listed included located supposed allowed required
            needed connected
            """
        )
    ),
}
SECRETS = {
    "es": re.compile(
        r"\b(?:contrasena|clave|pin|cvv|codigo de seguridad|numero de (?:su |la )?tarjeta|firma)\b"
    ),
    "en": re.compile(r"\b(?:password|passcode|pin|cvv|security code|card number|secret)\b"),
}
ASKING = {
    "es": re.compile(
        r"\b(?:digame|diga|deme|dame|cual|indique|indiqueme|facilite|necesito|teclee|marque|escriba)\b"
    ),
    "en": re.compile(r"\b(?:tell|give|what|enter|say|provide|need|type|share|confirm)\b"),
}
ADDRESS = re.compile(r"https?://|www\.|\b[\w.-]+@[\w-]+|\b[\w-]+\.(?:com|es|org|net|io)\b", re.IGNORECASE)
