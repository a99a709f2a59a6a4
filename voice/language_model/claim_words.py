"""The words in which somebody says that something was done, will be done or costs nothing. Spanish with its
accents, which tell "cancelo" from "canceló"; verbs are group 1 of a pattern."""

from __future__ import annotations

import re

from voice.languages import fold
from voice.languages.base import word_list

# What a business does to a customer's things. The stem of a Spanish verb, with both forms of irregular ones.
_STEMS_ES = word_list(
    """
    cancel anul envi enví mand devolv devuelv reembols abon rebaj descont descuent perdon elimin borr
    cambi actualiz modific activ desactiv bloque desbloque reserv agend program registr tramit gestion
    solicit proces apunt anot contrat renov renuev aplic regal compens cobr carg ingres transfer transfier
    conced autoriz arregl repar solucion resolv resuelv escal restituy reintegr bonific condon quit retir
    pag repon reenvi reenví ampli amplí asign llam notific traslad traspas baj sub
    """
)
_VERBS_EN = word_list(
    """
    cancel refund return ship dispatch change update modify activate deactivate block unblock book
    schedule reschedule register discount credit waive remove add transfer process renew upgrade downgrade
    escalate issue apply approve reimburse compensate reduce lower delete close replace fix resolve
    complete submit file place reset notify email text forward arrange grant extend deduct adjust reopen
    confirm deliver charge pay send give make put cut sort handle
    """
)
_IRREGULAR_EN = {
    "pay": ("paid", "paying"),
    "send": ("sent", "sending"),
    "give": ("gave", "given", "giving"),
    "make": ("made", "making"),
    "put": ("putting",),
    "cut": ("cutting",),
    "ship": ("shipped", "shipping"),
    "submit": ("submitted", "submitting"),
    "reset": ("resetting",),
    "cancel": ("cancelled", "canceled", "cancelling", "canceling"),
    "transfer": ("transferred", "transferring"),
}
# Irregular forms, by their stems, under the stem of their verb.
ALIKE = {
    "es": {
        **dict.fromkeys(("devuelv", "devuelt", "devolu"), "devolv"),
        **dict.fromkeys(("resuelv", "resuelt", "resolu"), "resolv"),
        **dict.fromkeys(("descont", "descontari"), "descuent"),
        "renuev": "renov",
        "transfier": "transf",
    },
    "en": {"sent": "send", "paid": "pay", "made": "make", "gave": "give", "given": "give", "done": "do"},
}


def _past_en(verb: str) -> tuple[str, ...]:
    irregular = tuple(form for form in _IRREGULAR_EN.get(verb, ()) if not form.endswith("ing"))
    if verb in ("reset", "put", "cut"):
        return (verb,)
    if irregular:
        return irregular
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return (f"{verb[:-1]}ied",)
    return (f"{verb}d" if verb.endswith("e") else f"{verb}ed",)


def _doing_en(verb: str) -> tuple[str, ...]:
    irregular = tuple(form for form in _IRREGULAR_EN.get(verb, ()) if form.endswith("ing"))
    return irregular or (f"{verb[:-1]}ing" if verb.endswith("e") else f"{verb}ing",)


_PAST = "|".join(form for verb in _VERBS_EN for form in _past_en(verb))
_DOING = "|".join(form for verb in _VERBS_EN for form in _doing_en(verb))
_NOW = "|".join(_VERBS_EN)
_STEM = "|".join(_STEMS_ES)
ACTING = {
    "es": re.compile(
        "(?:"
        + "|".join(sorted({fold(stem) for stem in _STEMS_ES}))
        + r")\w{0,9}|devuelt\w+|resuelt\w+|repuest\w+|hech\w+"
    ),
    "en": re.compile(f"{_NOW}|{_PAST}|{_DOING}|done"),
}
"""Verbs by which a business acts: that it did so is true only when a tool said so, or did it."""

PERSONAL = {
    "es": re.compile(
        r"\b(?:su|sus|le|les|se l[oa]s?|lo|usted|ustedes|ya|te|tu)\b"
        r"|\bl(?:a|os|as) (?:he|ha|hemos|han|va|van|voy|vamos|acab\w+|\w+(?:mos|are|ere|ire|ara|era|ira"
        r"|aran|eran|iran))\b"
    ),
    "en": re.compile(r"\b(?:your|yours|you|youre|youve|it|its|thats|now|already)\b"),
}
_PARTICIPLE_ES = r"\w+(?:ado|ada|ados|adas|ido|ida|idos|idas|cho|cha|chos|chas|sto|sta|stos|stas|to|ta)"
_FUTURE_ES = r"aré|eré|iré|dré|aremos|eremos|iremos|dremos|ará|erá|irá|drá|arán|erán|irán|drán"
_NOUN_ES = (  # before a noun, not before a verb
    r"(?<!\bel )(?<!\bun )(?<!\bsu )(?<!\bsus )(?<!\bdel )(?<!\bal )(?<!\bde )(?<!\bpor )(?<!\bcon )"
    r"(?<!\bsin )(?<!\btu )(?<!\bson )"
    r"(?<!\beste )(?<!\botro )(?<!\bese )(?<!\bcada )(?<!\bnuestro )(?<!\bningún )(?<!\balgún )(?<!\bmi )"
    r"(?<!\by )(?<!\bo )(?<!\bprimer )(?<!\búltimo )(?<!\bpróximo )(?<!\bnuevo )(?<!\ben )"
)
_ADVERBS_EN = r"(?:(?:have|has|just|now|already|also|been|being|gladly|then|hereby|happily|\w+ly) )*"

# FIRST: who speaks does it. STATE: the caller's matter is so. SAID: something is so, or will
# be. GIFT: it costs the caller less, in a question, too.
FIRST, STATE, SAID, GIFT = "first", "state", "said", "gift"
CLAIMS: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    "es": (
        (FIRST, re.compile(rf"\b(?:he|hemos) (?:ya |ahora )?({_PARTICIPLE_ES})\b")),
        (SAID, re.compile(
            r"\b(?:ha|han|queda|quedan|quedó|quedado|quedará|quedarán|está|están|sido|fue|fueron|es|son"
            r"|sale|salen) "
            rf"(?:ya |sido |todo )*({_PARTICIPLE_ES})\b"
        )),
        (FIRST, re.compile(
            r"\b(?:acabo de|acabamos de|procedo a|procedemos a|paso a|pasamos a|déjeme|permítame"
            r"|voy a|vamos a) (\w+r)(?:le|les|se|lo|la|los|las|selo|sela)?\b"
        )),
        (SAID, re.compile(r"\b(?:va|van) a (\w+r)(?:le|les|se|lo|la|los|las|selo|sela)?\b")),
        (FIRST, re.compile(rf"{_NOUN_ES}\b((?:{_STEM})(?:o|ío|é|í|iendo|yendo|ando))\b(?! del?\b)")),
        (SAID, re.compile(rf"\b((?:{_STEM})(?:amos|emos|imos))\b")),
        (SAID, re.compile(rf"\bse (?:l[eoa]s? )?((?:{_STEM})(?:ó|ió|aron|ieron|a|an|e|en))\b")),
        (STATE, re.compile(rf"^(?:(?:ya|listo|hecho|perfecto|bien|vale|pues) )*((?:{_STEM})[aiu]d[oa]s?)\b")),
        (SAID, re.compile(rf"\b(\w*(?:{_FUTURE_ES}))\b")),
        (SAID, re.compile(r"\b(garantiz\w+|promet\w+|asegur\w+|compromet\w+)\b")),
        (GIFT, re.compile(
            r"\b(gratis|gratuit\w+|descuent\w+|reembols\w+|devoluci\w+|compensaci\w+|abonamos|regal\w+)\b"
        )),
        (SAID, re.compile(r"\b(?:le|les|te) (llama|llaman|contactan?|visitan?|escriben?|avisan?)\b")),
        (SAID, re.compile(r"\b(va|van|viene|vienen|acude|acuden) a su (?:casa|domicilio|oficina|tienda)\b")),
    ),
    "en": (
        (FIRST, re.compile(rf"\b(?:i|we|ive|weve) {_ADVERBS_EN}(\w+ed|{_PAST}|done)\b")),
        (SAID, re.compile(rf"\b(?:has|have|been|is|are|was|were|its|youre|thats|got|gets?) {_ADVERBS_EN}"
                          rf"(?:been )?(\w+ed|{_PAST}|done)\b")),
        (FIRST, re.compile(rf"\b(?:im|i am|were|we are) {_ADVERBS_EN}(\w+ing)\b")),
        (FIRST, re.compile(rf"^(?:(?:ok|okay|sure|now|alright|right|great) )*({_DOING})\b")),
        (FIRST, re.compile(
            r"\b(?:let me|allow me to|happy to|glad to|ill|i will|well|we will|i shall|we shall|going to"
            r"|gonna) (?:now |also |soon |just |get |gladly |be )*(\w+)\b"
        )),
        (FIRST, re.compile(rf"\b(?:i|we) (?:now |just |also |hereby |then |gladly )*({_NOW})\b")),
        (STATE, re.compile(
            rf"^(?:(?:ok|okay|sure|there|right|great|all|now|already|its|perfect) )*({_PAST}|done)\b"
        )),
        (SAID, re.compile(
            r"\b(?:youll|theyll|itll|will|shall) (?:now |also |soon |be |get |not |have )*(\w+)\b"
        )),
        (SAID, re.compile(r"\b(guarante\w+|promis\w+|assur\w+|commit\w*|entitled)\b")),
        (GIFT, re.compile(
            r"\b(free|discount\w*|refund\w*|compensat\w+|credit\w*|waiv\w+|gift|complimentary)\b"
        )),
        (SAID, re.compile(r"\b(calls?|contacts?|visits?|rings?|phones?|emails?|texts?) you\b")),
        (SAID, re.compile(r"\b(comes?|goes) to your (?:house|home|place|office|door)\b")),
    ),
}  # fmt: skip
# What a question takes for done in passing: "shall I confirm the slot that I have reserved?"
IN_PASSING = {
    "es": re.compile(
        r"\bque (?:(?:le|les|se|ya|lo|la|los|las|me) )*(?:he|hemos|acabo de|acabamos de) "
        r"(?!dicho|entendido|explicado|leído|oído|encontrado|visto)(\w+)"
    ),
    "en": re.compile(
        r"(?<!have )(?<!did )(?<!had )(?<!should )(?<!would )(?<!can )(?<!could )(?<!shall )(?<!may )"
        r"\b(?:that |which )?(?:ive|weve|i have|we have|i|we) (?:just |already |now )?"
        r"(?!said|told|read|mentioned|found|understood|heard|explained|asked|need)(\w+ed|made|sent|put|set"
        r"|booked)\b"
    ),
}
# What must stand in a fact word by word.
LITERALLY = {
    "es": re.compile(
        r"\b(?:sin (?:ningun )?(?:coste|costo|cargo|gastos?)|no (?:le |les |se )?(?:cuestan?|costara) nada"
        r"|no (?:\w+ ){0,3}paga\w*|corre\w* de nuestra cuenta|invita la casa|de regalo|sin falta"
        r"|(?:tiene|doy|damos) (?:mi|nuestra) palabra|cuente con ello"
        r"|dinero (?:\w+ ){0,2}(?:de vuelta|en camino)|delo por hecho|esta hecho|ya esta listo"
        r"|(?:doy|damos|ofrezco|ofrecemos|hago|hacemos|pongo|dejo) (?:\w+ ){0,3}"
        r"(?:descuento|reembolso|rebaja|abono|regalo|bono|cupon|compensacion|devolucion|credito|promocion))\b"
        r"|^(?:hecho|listo hecho|ya esta|todo listo)$"
    ),
    "en": re.compile(
        r"\b(?:(?:at )?no (?:extra )?(?:cost|charge|fee)|costs? (?:you )?nothing|on (?:us|the house)"
        r"|(?:wont|dont|not|never|without)(?: \w+){0,2} pay\w*|money back|money is on its way"
        r"|pays for|have (?:my|our) word|rest assured|count on it"
        r"|definitely|take care of it|off (?:your|the) (?:bill|invoice|price|order)"
        r"|(?:its|thats|all|youre all|consider it|already) (?:all )?(?:done|set|sorted|taken care of)"
        r"|(?:get|gets|receive|give|giving|offer|offering|qualify for|eligible for) (?:\w+ ){0,3}"
        r"(?:discount|refund|credit|voucher|coupon|compensation|gift|reduction|rebate))\b"
        r"|^(?:done|all done|all set)$"
    ),
}
# "I cannot promise that" promises nothing.
DECLINED = {
    "es": re.compile(
        r"\bno (?:(?:le|les|se|lo|la|me|te) )*(?:puedo|podemos|podría|podríamos|puede|es posible)(?: \w+)?"
        r" (?:asegur|garantiz|promet|compromet)\w*"
        r"|\bno (?:(?:le|les|se|lo) )*(?:sé|sabemos|(?:puedo|podemos|sabría|podría) (?:decir|ver|saber"
        r"|confirm"
        r"|asegur)\w*)"
        r" (?:cuándo|si|qué|lo que|cómo|por qué|dónde|cuánto|quién)\b.*"
    ),
    "en": re.compile(
        r"\b(?:cant|cannot|can not|couldnt|could not|not able to|unable to|wont|will not) "
        r"(?:promise|guarantee|assure|commit)\w*"
        r"|\b(?:dont know|do not know|not sure|(?:cant|cannot|can not|couldnt) (?:tell(?: you)?|see|say|know"
        r"|confirm))"
        r" (?:when|whether|if|what|how|why|where|which|who)\b.*"
    ),
}
# A clause that asks, by how it begins: "did it arrive", not "it arrived?".
ASKS = {
    "es": re.compile(
        r"^(?:ya |y |entonces )?(?:(?:le|les|se|se lo|lo|la|me) )*(?:ha|han|fue|era|estaba|esta|es|tiene"
        r"|hay|recibio"
        r"|cuando|que|como|donde|cual|quien|cuanto|por que|para que|a que|en que|quiere|prefiere|desea"
        r"|puede)\b"
    ),
    "en": re.compile(
        r"^(?:and |so )?(?:did|does|do|has|have|had|is|are|was|were|when|what|how|where|which|who|why"
        r"|would|could"
        r"|can|shall|should|may)\b"
    ),
}
# By themselves: that a tool did what it does.
DONE = {"es": frozenset(("hecho", "listo", "ya esta")), "en": frozenset(("done", "all done"))}

EXPECTED = frozenset(word_list("by until expected due planned hasta previsto prevista vuelve"))
"""Words in a field's name that say of its value that it is still to come."""


def is_to_do(word: str, lang: str) -> bool:
    """Whether a folded word of a field's name is a verb as of something to be done."""
    return word in _VERBS_EN if lang == "en" else re.fullmatch(r"\w{2,}[aei]r", word) is not None


CLAUSES = re.compile(r"[,;:.!?¿¡…—–()]+|\s-\s|\b(?:pero|but)\b")
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
            frontera tarjetera verdadera entera segura ahora hora nuestra muestra lectura escritura molesto
            molesta
            factura lamento siento repetir repetire leer leere pasar pasare pasarle cuenta cierto
            gusto resto alto cierta esta correcta pregunta lista nada llamado llamada llamando costo probado
            intentado quedado
            """
        )
    ),
    "en": frozenset(
        word_list(
            """
            help explain tell look check see find need have be able know ask say take interested
            pleased sorry glad checked looked found understood asked called happy repeat read try
            tried want like described mentioned listed included located supposed allowed required
            needed connected looking checking trying listening asking wondering having calling
            afraid going here to you i we it they that this put connect happen depend leave the a an your my
            """
        )
    ),
}
