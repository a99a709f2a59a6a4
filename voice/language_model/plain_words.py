"""The vocabulary of statements: what carries no claim of its own, what denies, what belongs to a day or an
amount, and what means the same. Folded; verbs of claims are in :mod:`voice.language_model.claim_words`."""

from __future__ import annotations

import re

from voice.languages.base import word_list

# Words that a statement may have beside those of a fact. Not among them: what widens a claim ("always",
# "all", "even", "whenever") or makes it the caller's present state ("now", "already").
FUNCTION = {
    "es": frozenset(
        word_list(
            """
            el la los las lo un una unos unas al del de en a con por para sin hasta desde entre sobre segun
            y e o u que como cuando si donde cual cuanto cuantos cuya cuyo este esta estos estas ese esa esos
            esas eso esto aquel aquella su sus tu tus mi mis nuestra nuestro nuestras nuestros usted ustedes
            le les se me nos te yo ella ello ellos ellas es son ser esta estan estar sea ha han he hemos haya
            haber hay fue fueron era sera seran seria tiene tienen tener tendra tendria tengo tenga tenemos
            puede pueden puedo podemos podra podria poder pueda debe deben deberia debera deber necesita
            necesitan necesitara necesitaria suele suelen hace hacer haga falta dice sigue siguen todavia aun
            tambien solo solamente pues entonces ademas luego despues asi ahi alli aqui ello
            posible normalmente generalmente habitualmente menos mas unos cada  otra otro vez favor muestra
            muestran pruebe prueba intente recuerde acuerdese gracias
            ver vera vea ve sabe va van estaba estaban habia habido podido sido queda quede quedan quedo
            quiere primero quedado encuentro encontrado
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            the a an of in on at to for from by with as than over into within about and or so that this
            these those it its he she they them their there here you your yours youre we us our i me my one
            is are am be been was were being has have had having do does did can could may might must
            should would will shall ill youll itll theyll well itd youd wed ive youve weve its thats theres
            which who whose where when if while then also too only just still usually normally generally
            need needs needed required please possible more less other another again some own out need get
            gets getting go see sees via per each according allowed able id like hes shes theyre were let
            lets first off make makes making show shows try remember yourself themselves found
            """
        )
    ),
}
NEGATIONS = {
    "es": frozenset(word_list("no nunca jamas nada nadie ningun ninguna ninguno tampoco ni sin imposible")),
    "en": frozenset(
        word_list(
            """
            not no never nobody nothing none without nor neither cannot cant couldnt dont doesnt didnt wont
            wouldnt isnt arent wasnt werent hasnt havent hadnt shouldnt neednt mustnt aint impossible unable
            """
        )
    ),
}
PRESENT = {  # what makes a statement one about now, which only a tool can tell
    "es": frozenset(word_list("ya ahora actualmente")),
    "en": frozenset(word_list("now already currently")),
}
# Verbs and nouns that say what a day or an amount is; without one they claim something. Stems.
OF_DAYS = {
    "es": frozenset(
        word_list(
            """
            llega llegada llegar llegara lleg entrega entregar entreg entregara recibe recibir recibira recib
            previst vence vencer venc vencimiento vencimient termin espera esper tarda tard demora demor dura
            dur plazo plaz fecha fech dia dias vuelve volver vuelv volv volvera momento
            """
        )
    ),
    "en": frozenset(
        word_list(
            "arriv come reach get deliv due finish expect plan schedul take last date day back return time"
        )
    ),
}
COMING = {  # beside a day
    "es": frozenset(word_list("viene proximo proxima siguiente")),
    "en": frozenset(word_list("next coming following")),
}
OF_CLOCKS = frozenset(word_list("quarter half past oclock am pm cuarto media punto"))
BOUNDS = frozenset(word_list("less more most least under over menos mas maximo minimo"))
"""Beside a figure, they make another claim of it."""
OURS = {  # who speaks for the business
    "es": re.compile(r"\b(?:yo|puedo|voy|(?!tenemos|hacemos)\w+[aei]mos)\b"),
    "en": re.compile(r"\b(?:i|we(?! have)|us|ill|im|ive|weve)\b"),
}
STRONG = frozenset(  # that deny more than a fact that says "not"
    word_list("never nobody nothing none nunca jamas nada nadie ningun ninguna ninguno")
)
OF_AMOUNTS = {
    "es": frozenset(word_list("cuest cost costo coste import total preci pag asciend sum debe deb euro")),
    "en": frozenset(word_list("cost price amount total sum pay owe come euro fee")),
}
# Stems of what means the same to a caller, under the first.
_SAME = {
    "es": """
        tiend local comerci establec · cost cuest preci import tarif · llev traig trae tra traer ·
        telefon movil celular · compr adquir adquier · devolv devuelv devolu devuelt retorn ·
        termin acab finaliz · empiez empez comenz comienz · ped paquet · abre abrir abiert abr ·
        cierr cerr · conserv mantien manten · cas domicili hogar viviend · val vig vigent ·
        enciend encend · avis notific · person companer agent · vuelv volv · reinici arranc
    """,
    "en": """
        store shop · bill invoic · cost price · bring take carri brought took taken · phone mobil ·
        buy purchas bought · parcel packag order · finish end · start begin began begun ·
        keep kept · tell told inform · home hous · send sent · pay paid · make made · give gave given ·
        person human colleagu agent · eat eaten ate · lend lent · hold held · sell sold · call rang ·
        restart reboot · websit webpag
    """,
}


def _groups(text: str) -> dict[str, str]:
    groups = [group.split() for group in text.split("·")]
    return {stem: group[0] for group in groups for stem in group}


SAME = {lang: _groups(text) for lang, text in _SAME.items()}
OPPOSITES = {"es": ("abre", "cierr"), "en": ("open", "close")}
CLITIC = re.compile(r"(?:se|me|te|nos)?l[oae]s?$|(?:se|nos)$")
"""Pronouns at the end of a Spanish verb: "llévelo", "avísenos"."""

FAILED = frozenset(
    word_list(
        """
        failed failure fail rejected refused denied declined error errors invalid unsuccessful impossible
        pending waiting unable not no never fallido fallida fallo rechazado rechazada denegado denegada
        pendiente imposible invalido
        """
    )
)
"""Words of a tool's result that say that it was not done (yet): services speak English to Spanish lines."""

ORDERING = re.compile(
    r"\b(?:ignore|disregard|forget|tell|say that|inform (?:him|her|them|the)|you (?:must|should)"
    r"|instructions?|assistant|ignor\w{1,4}|olvid\w{1,4}|haz caso|no hagas caso"
    r"|(?:di|diga|decir|dile|digale|dira|responde|contesta)(?: \w+)? que|dile|digale|cuentale|informale"
    r"|debes|tienes que|instruccion(?:es)?|asistente)\b"
)
"""How a text that somebody left in a record speaks to whoever reads it aloud."""
