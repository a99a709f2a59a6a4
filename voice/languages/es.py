"""Spanish: how values are said and what callers say, for Spain and Latin America alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

from babel.numbers import get_currency_name

from voice.languages.base import (
    Currency,
    Language,
    Lexicon,
    cardinal,
    fold,
    ordinal,
    phrase_list,
    word_list,
)

MONTHS = word_list(
    """
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    """
)
WEEKDAYS = word_list(
    """
    lunes martes miércoles jueves viernes sábado domingo
    """
)

_UNITS = {
    "uno": 1,
    "dos": 2,
    "tres": 3,
    "cuatro": 4,
    "cinco": 5,
    "seis": 6,
    "siete": 7,
    "ocho": 8,
    "nueve": 9,
}
_HUNDREDS = {
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400,
    "quinientos": 500, "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
_TENS = {
    "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50,
    "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
}  # fmt: skip
_TEENS = {
    **{cardinal(n, "es"): n for n in range(10, 20)},
    **{cardinal(n, "es"): n for n in range(21, 30)},
    "veintiún": 21, "veintiuna": 21,
    **{f"{ten}i{unit}": n + k for ten, n in _TENS.items() if n > 20 for unit, k in _UNITS.items()},
}  # fmt: skip
_ORDINALS = {
    "primero": 1, "primer": 1, "segundo": 2, "tercero": 3, "tercer": 3, "cuarto": 4, "quinto": 5,
    "sexto": 6, "séptimo": 7, "octavo": 8, "noveno": 9, "décimo": 10,
}  # fmt: skip
_EARLY_TEENS = {11: "undécimo", 12: "duodécimo"}

CURRENCIES = {
    "EUR": Currency("euro", "euros", "céntimo", "céntimos"),
    "USD": Currency("dólar", "dólares", "centavo", "centavos"),
    "GBP": Currency("libra", "libras", "penique", "peniques", feminine=True),
    "PEN": Currency("sol", "soles", "céntimo", "céntimos"),
    **{code: Currency("peso", "pesos", "centavo", "centavos") for code in ("MXN", "ARS", "COP", "CLP")},
}


def _folded(words: dict[str, int]) -> dict[str, int]:
    return {fold(word): value for word, value in words.items()}


def _feminine(words: dict[str, int]) -> dict[str, int]:
    return {re.sub(r"o(s?)$", r"a\1", word): value for word, value in words.items()}


LEXICON = Lexicon(
    zero=frozenset({"cero", "ceros"}),
    zero_if_near=frozenset(),
    units=_UNITS,
    units_if_near={"un": 1, "una": 1},
    homophones={},
    teens=_folded(_TEENS),
    tens=_TENS,
    hundreds={**_HUNDREDS, **_feminine(_HUNDREDS)},
    lone_hundreds=frozenset({"cien"}),
    hundred=frozenset(),
    scales={
        "mil": 1000,
        **dict.fromkeys(("millon", "millones"), 10**6),
        **dict.fromkeys(("millardo", "millardos"), 10**9),
        **dict.fromkeys(("billon", "billones"), 10**12),
    },
    one_before_scale=frozenset({"un"}),
    tens_joiner="y",
    hundred_joiner="",
    repeats={"doble": 2, "dobles": 2, "triple": 3, "triples": 3, "cuadruple": 4},
    ordinals=_folded({**_ORDINALS, **_feminine(_ORDINALS)}),
    months={**{m: i for i, m in enumerate(MONTHS, 1)}, "setiembre": 9},
    weekdays={fold(d): i for i, d in enumerate(WEEKDAYS)},
    fillers=frozenset(
        word_list(
            """
            a ah al bueno con creo de del dice digamos el eh em ejem ella en entonces era eran es ese eso
            esta este esto fue guion hola la las le les lo los luego me mi mira mire mismo mis numero
            numeros o para pero por favor porque pues punto que quiero sea seria si son su sus te tengo
            termina tiene un una vale verdad vera y ya yo cliente codigo cuenta cifra cifras digito digitos
            empieza espacio raya barra coma despues total seguido documento dni factura importe cantidad
            pedido telefono gracias exactamente exacto unos unas mas menos aproximadamente cerca alrededor
            como ok dia fecha seguro correcto ay uy
            """
        )
    ),
    corrections=phrase_list(
        """
        no perdon, no perdone, no perdona, perdon, perdone, perdona, mejor dicho, quiero decir, digo, no
        espere, no espera, me equivoque, me he equivocado, no mejor, corrijo, no disculpe, disculpe, no,
        bueno mejor, o mejor, queria decir, lo que queria decir es, sino, mas bien, error
        """
    ),
    minus=frozenset({"menos"}),
    decimal_words=frozenset({"coma", "punto"}),
    half_words=frozenset({"medio", "media"}),
    currency_words=frozenset(
        word_list(
            """
            usd eur gbp mxn ars cop clp pen unidos estados euro euros dolar dolares peso pesos sol soles
            libra libras pavo pavos esterlina esterlinas mexicanos colombianos argentinos chilenos
            americanos estadounidenses eurillos
            yen yenes yuan yuanes won wones franco francos rupia rupias rublo rublos reales guarani guaranies
            boliviano bolivianos quetzal quetzales colones lempira lempiras corona coronas peseta pesetas
            uruguayos dominicanos canadienses australianos suizos
            """
        )
    ),
    cent_words=frozenset(
        word_list(
            """
            centimo centimos centavo centavos penique peniques cent cents
            """
        )
    ),
    idioms=phrase_list(
        """
        un momento, un momentito, un segundo, un segundito, un minuto, un minutito, una vez mas, una pregunta,
        una cosa, una duda, por un lado, primera hora, ultima hora, en primer lugar, en segundo lugar,
        un dia de estos, ni uno ni otro, una manana cualquiera
        """
    ),
    next_ones=phrase_list(
        """
        el siguiente, el que viene, el que sigue, el otro, el proximo, el de la otra, el de la otra semana,
        el de la semana siguiente, el de la siguiente, el de la siguiente semana, el dia siguiente,
        al dia siguiente, el dia despues, al otro dia, la semana siguiente, la otra, el de despues
        """
    ),
    after_days=frozenset(
        word_list(
            """
            me nos le les va vienen vendria puede podria sin creo mejor estaria bien si por en a antes despues
            hasta o y no cuando porque que pero seria tambien igual perfecto temprano tempranito estoy mismo
            """
        )
    ),
    places=frozenset(word_list("calle avenida plaza carretera colonia barrio piso apartamento extension")),
)

LETTER_NAMES = dict(
    zip(
        "ABCDEFGHIJKLMNÑOPQRSTUVWXYZ",
        phrase_list(
            """
            a, be, ce, de, e, efe, ge, hache, i, jota, ka, ele, eme, ene, eñe, o, pe, cu, erre, ese, te, u,
            uve, uve doble, equis, i griega, zeta
            """
        ),
        strict=True,
    )
)

YES = phrase_list(
    """
    sí, sí sí, sí por favor, sí claro, sí sí claro, sí correcto, sí es correcto, sí exacto, sí eso es, sí así
    es, sí está bien, sí vale, bueno sí, eh sí, pues sí, sí señor, sí señora, sí señorita,
    claro, claro que sí, por supuesto,
    por supuesto que sí, desde luego, vale, de acuerdo, correcto, es correcto, está bien, así es, eso es,
    exacto, exactamente, efectivamente, en efecto, perfecto, bueno, afirmativo, ok, okey, okay, dale, cómo
    no, ya lo creo, confirmo, lo confirmo, acepto, es verdad, es cierto, cierto, está correcto, me parece
    bien, muy bien, adelante, seguro, sip, ese mismo, esa misma, eso mismo, el mismo, la misma, ándale,
    órale, ajá, simón, genial, estupendo, no hay problema, sin problema, no me importa, por qué no, obvio,
    obviamente, tal cual, quiero, sí quiero, estoy de acuerdo, de una, sale, mhm, continuar, hágalo, hazlo,
    verdad
    """
)
NO = phrase_list(
    """
    no, no no, no en vez de sí, no gracias, no señor, no señora, no señorita, claro que no, por supuesto que
    no, desde luego que no, para nada, de ninguna manera, de ningún modo, en absoluto, ni hablar, negativo,
    incorrecto, no es correcto, no es correcta, no está bien, está mal, eso no, así no, no es así, no es
    eso, no quiero, no lo quiero, no es cierto, no es verdad, no acepto, no confirmo, no estoy de acuerdo,
    tampoco, nunca, jamás, nada de eso, qué va, nanay, mejor no, todavía no, aún no, creo que
    no, pienso que no, me parece que no, no creo, no lo creo, ahora no, está equivocado, es incorrecto, está
    incorrecto, es falso, falso, no hace falta, no es necesario, ya no, nel, nop, rechazo, cancelar,
    cancela, no me parece bien, no vale, no así está bien, así está bien, no está bien así, está bien así,
    no gracias así está bien, no por ahora, por ahora no, no ya está, no eso es todo
    """
)
NEITHER = phrase_list(
    """
    no sé, no lo sé, no estoy seguro, no estoy segura, no entiendo, no entendí, no le entiendo, no te
    entiendo, no le entendí, no oigo, no le oigo, no recuerdo, no me acuerdo, no lo recuerdo, quizá, quizás,
    tal vez, a lo mejor, puede ser, depende, ni idea, sí y no, no escuché, no le escuché, no he entendido,
    no escucho, no le escucho, más o menos, no tengo claro
    """
)
PERSON = phrase_list(
    """
    persona, una persona, agente, un agente, asesor, un asesor, asesora, operador, operadora, un operador,
    una operadora, representante, un representante, ejecutivo, humano, alguien, hablar con una persona,
    hablar con un agente, hablar con un asesor, hablar con un operador, hablar con una operadora, hablar con
    alguien, hablar con un representante, hablar con un humano, quiero hablar con una persona, quiero hablar
    con un agente, quiero hablar con alguien, quiero un agente, quiero una persona, necesito hablar con una
    persona, necesito un agente, necesito hablar con alguien, puedo hablar con alguien, puedo hablar con una
    persona, puedo hablar con un agente, me puede pasar con una persona, me pasa con un agente, páseme con
    una persona, pásame con una persona, páseme con un agente, pásame con un agente, pasar con un operador,
    comuníqueme con un asesor, comuníqueme con una persona, atención al cliente, una persona real, persona
    de verdad, con una persona por favor, agente por favor, un agente por favor, con un agente por favor, una
    persona por favor, operador por favor, un operador por favor, con un operador por favor, un asesor por
    favor, prefiero hablar con una persona, prefiero una persona
    """
)
REPEAT = phrase_list(
    """
    repita, repite, repetir, repítelo, repítalo, repita por favor, repite por favor, me lo repite, me lo
    repites, me repite, puede repetir, puedes repetir, puede repetirlo, puedes repetirlo, me lo puede
    repetir, me lo puedes repetir, podría repetir, podría repetirlo, me lo podría repetir, otra vez, otra
    vez por favor, de nuevo, cómo, cómo dice, cómo dijo, cómo ha dicho, qué, qué dice, qué dijo, qué has
    dicho, qué ha dicho, perdón, perdone, perdona, mande, no entendí, no entiendo, no le entiendo, no le
    entendí, no te entendí, no he entendido, no te he entendido, no le he entendido, no escuché, no le
    escuché, no te escuché, no oí, no he oído, no le he oído, no oigo, no le oigo, no te oigo, no escucho,
    más despacio, hable más despacio, más lento, dígalo otra vez, dilo otra vez, me lo dice otra vez,
    disculpe, eh, no oigo nada, no se oye, no se oye nada, no le oigo bien, hable más alto, más alto, perdone
    cómo ha dicho,
    perdón cómo ha dicho, perdone cómo dice, perdón cómo dice, perdone qué ha dicho
    """
)
BACK = phrase_list(
    """
    atrás, volver, volver atrás, quiero volver, vuelve, vuelve atrás, regresar, regresa, ir atrás, menú
    anterior, volver al menú, volver al menú anterior, menú principal, volver al menú principal, regresar al
    menú, regresar al menú principal, ir al menú principal, menú, volver al inicio, inicio, empezar de
    nuevo, volver a empezar, empezar otra vez, el paso anterior, anterior
    """
)
HELP = phrase_list(
    """
    ayuda, ayúdame, ayúdeme, necesito ayuda, qué puedo decir, qué puedo hacer, qué opciones hay, qué
    opciones tengo, cuáles son las opciones, cuáles son mis opciones, opciones, más opciones, qué digo, qué
    tengo que decir, no sé qué decir, cómo funciona, me puede ayudar, puede ayudarme, me puedes ayudar, me
    ayuda
    """
)
WAIT = phrase_list(
    """
    un momento, un momento por favor, espere, espera, espere un momento, espera un momento, un segundo, deme
    un segundo, dame un segundo, deme un momento, dame un momento, un minuto, deme un minuto, ahora mismo,
    voy a buscarlo, estoy buscando, déjeme buscar, déjame ver, déjeme ver, a ver, ahorita, momento, un
    segundito, un momentito, no cuelgue, aguarde, aguarde un momento, puede esperar, puede esperar un momento,
    puede esperar un segundo, puedes esperar, puedes esperar un momento, me da un momento, me da un segundo,
    espéreme, espéreme un momento, espérame, espérame un momento, espere un segundo, espera un segundo,
    espere un momentito, espera un momentito, deme un momentito, dame un momentito, espere un segundito,
    espera un segundito, deme un segundito, espere un minuto, espera un minuto, dame un minuto, un minutito
    """
)
SWITCH = phrase_list(
    """
    español, en español, castellano, en castellano, español por favor, en español por favor, habla español,
    hablas español, hablan español, hablar en español, quiero hablar en español, quiero español, prefiero
    español, spanish, in spanish, spanish please, in spanish please, do you speak spanish, i want spanish, i
    speak spanish, speak spanish, can we speak spanish, habla usted español, hola habla español, alguien habla
    español, hay alguien que hable español, se habla español, puede hablar español, podemos hablar en español,
    me puede hablar en español, no hablo inglés, no entiendo inglés, does anyone speak spanish, i don't speak
    english
    """
)
GREETING = phrase_list(
    """
    hola, hola hola, buenas, muy buenas, buenos días, buenas tardes, buenas noches, buen día, hola buenas,
    hola buenos días, hola buenas tardes, hola buenas noches, hola qué tal, oiga, oye, aló, diga, dígame, me
    oye, me escucha, hola me oye, hola me escucha
    """
)
BYE = phrase_list(
    """
    adiós, hasta luego, hasta pronto, hasta la vista, hasta otra, chao, chau, nos vemos, gracias adiós,
    gracias hasta luego, adiós gracias, hasta luego gracias, adiós buenos días, adiós buenas tardes
    """
)
UNKNOWN = phrase_list(
    """
    no lo sé, no sé, no me lo sé, no sé cuál es, no lo tengo, no lo tengo a mano, no lo tengo aquí, no
    tengo el número, no tengo el número aquí, el número no lo tengo aquí, ahora mismo no lo tengo, no
    tengo, no tengo ninguno, no tengo ese número, no lo recuerdo, no me acuerdo, no recuerdo, no lo
    encuentro, no sé dónde está, dónde está, dónde lo encuentro, ni idea, cuál es, qué es eso, no la sé,
    no me la sé, no la tengo, no la recuerdo, no me ha llegado, no me ha llegado nada, no me llega, no me
    llega nada, no he recibido nada, no me llegó, no me llegó nada, no me ha llegado
    todavía, todavía no me ha llegado, no me ha llegado aún, aún no me ha llegado
    """
)
SLOWER = phrase_list(
    """
    más despacio, más despacio por favor, hable más despacio, habla más despacio, puede hablar más despacio,
    vaya más despacio, más lento, hable más lento, no tan rápido, va muy rápido, habla muy rápido, despacio,
    despacito, hable despacio
    """
)
FASTER = phrase_list(
    """
    más rápido, hable más rápido, puede hablar más rápido, más deprisa, vaya más rápido
    """
)
ABILITY = phrase_list(
    """
    qué puedes hacer, qué puede hacer, qué sabes hacer, qué sabe hacer, en qué me puede ayudar, en qué puede
    ayudarme, en qué me puedes ayudar, para qué sirves, qué servicios tiene, qué puedo pedir, qué puedo
    preguntar, qué más puede hacer, qué más, y qué más
    """
)
DECLINE = phrase_list(
    """
    no quiero decirlo, prefiero no decirlo, no quiero decir, no lo quiero decir, no se lo voy a decir, es
    personal, es privado, es un asunto personal, no, nada, no importa, da igual, eso es cosa mía
    """
)
BACKCHANNELS = phrase_list(
    """
    ajá, ah, aha, mm, mhm, hm, ya, ya ya, sí, sí sí, vale, vale vale, ok, okey, claro, bueno, bien, muy
    bien, de acuerdo, entiendo, ah sí, ah vale, ah ya, perfecto, eso, exacto
    """
)
FUNCTION_WORDS = frozenset(
    word_list(
        """
        el la los las un una unos de del que y en si por con para mi me se lo le su es soy esta estoy al
        como mas pero quiero quisiera necesito tengo puedo puede hola buenos buenas dias tardes noches
        gracias favor muy hay he ha cuando donde cual cuanto cuanta porque hasta desde sobre tambien ya yo
        usted ustedes hablar saber ver llamo llamaba mucho ese esa eso este esto sin ni o todo todos bien
        espanol hacer tiene tienen mis sus nada alguien
        """
    )
)


@dataclass(frozen=True, slots=True, eq=False)  # one object a language: identity is enough
class Spanish(Language):
    def say_number(self, n: int) -> str:
        # num2words leaves "uno" whole before a scale: "veintiuno mil" for "veintiún mil"
        said = re.sub(r"veintiuno (?=mil\b|[a-z]*ill)", "veintiún ", cardinal(n, "es"))
        return re.sub(r"\buno (?=mil\b|[a-z]*ill)", "un ", said)

    def say_ordinal(self, n: int) -> str:
        if n in _EARLY_TEENS:
            return _EARLY_TEENS[n]
        if 13 <= n <= 19:
            return "decimo" + ordinal(n - 10, "es")
        return ordinal(n, "es")

    def say_date(self, day: date, today: date) -> str:
        near = {0: "hoy", 1: "mañana", -1: "ayer"}.get((day - today).days)
        if near:
            return near
        number = "primero" if day.day == 1 else self.say_number(day.day)
        said = f"el {WEEKDAYS[day.weekday()]}, {number} de {MONTHS[day.month - 1]}"
        return said if day.year == today.year else f"{said} de {self.say_number(day.year)}"

    def say_time(self, at: time) -> str:
        if at.minute == 0 and at.hour in (0, 12):
            return "las doce de la noche" if at.hour == 0 else "las doce del mediodía"
        hour = at.hour % 12 or 12
        article, name = ("la", "una") if hour == 1 else ("las", self.say_number(hour))
        minutes = {0: "", 15: " y cuarto", 30: " y media"}.get(at.minute)
        if minutes is None:
            minutes = f" y {self.say_number(at.minute)}"
        part = "de la madrugada" if at.hour < 6 else "de la mañana" if at.hour < 12 else "de la tarde"
        if at.hour >= 20 or at.hour == 0:
            part = "de la noche"
        return f"{article} {name}{minutes} {part}"

    def date_phrases(self, today: date) -> tuple[str, ...]:
        near = phrase_list(
            """
            hoy, mañana, pasado mañana, ayer, anteayer, el, el día, este, el próximo
            """
        )
        after = ("que viene", "próximo", "pasado", "de este mes", "del mes que viene", "la semana que viene")
        ahead = phrase_list(
            """
            dentro de, una semana, semanas, días, mes, meses, fin de mes, perdón, no
            """
        )
        days = ("primero", *(self.say_number(n) for n in range(1, 32)))
        years = [f"de {self.say_number(today.year + n)}" for n in (-1, 0, 1)]
        months = [f"de {month}" for month in MONTHS]
        return tuple(
            dict.fromkeys((*near, *WEEKDAYS, *after, *ahead, *days, "de", "del", *MONTHS, *months, *years))
        )

    def _count(self, n: int, one: str, many: str, feminine: bool) -> str:
        said = self.say_number(n)
        if feminine:
            said = re.sub(r"cientos\b", "cientas", said).replace("quinientos", "quinientas")
            said = re.sub(r"uno$", "una", said)
        else:
            said = re.sub(r"veintiuno$", "veintiún", said)
            said = re.sub(r"\buno$", "un", said)
        of = "de " if n and n % 10**6 == 0 else ""
        return f"{said} {of}{one if n == 1 else many}"

    def _join_money(self, parts: list[str]) -> str:
        return " con ".join(parts)

    def _other_currency(self, code: str) -> Currency:
        one, many = (str(get_currency_name(code, count, locale="es")) for count in (1, 2))
        return Currency(one, many, "centavo", "centavos", feminine=one.endswith("a"))


def _number_words() -> tuple[str, ...]:
    words = ["cero", "un", "una", *_UNITS, *_TEENS, *_TENS, *_HUNDREDS, *_feminine(_HUNDREDS)]
    return tuple(dict.fromkeys((*words, "mil", "millón", "millones", "y")))


SPANISH = Spanish(
    code="es",
    yes_phrases=YES,
    no_phrases=NO,
    neither_phrases=NEITHER,
    person_phrases=PERSON,
    repeat_phrases=REPEAT,
    back_phrases=BACK,
    help_phrases=HELP,
    wait_phrases=WAIT,
    digit_words=("cero", *_UNITS, "doble", "triple"),
    number_words=_number_words(),
    backchannels=BACKCHANNELS,
    switch_phrases=SWITCH,
    greeting_phrases=GREETING,
    bye_phrases=BYE,
    unknown_phrases=UNKNOWN,
    decline_phrases=DECLINE,
    slower_phrases=SLOWER,
    faster_phrases=FASTER,
    ability_phrases=ABILITY,
    please="por favor",
    currencies=CURRENCIES,
    minus_word="menos",
    lexicon=LEXICON,
    function_words=FUNCTION_WORDS,
    plus_word="más",
    clock_words=phrase_list(
        """
        media hora, hora y media, un cuarto de hora, tres cuartos de hora, y media, y cuarto, en punto, menos
        cuarto, mediodía, medianoche, a las, a la, de la mañana, de la tarde, de la noche, por la mañana, por
        la tarde, una hora, un día, una semana, un mes, un año
        """
    ),
    and_word="y",
    space_word="espacio",
    letter_names=LETTER_NAMES,
    duration_words={
        "Y": ("año", "años", False),
        "O": ("mes", "meses", False),
        "W": ("semana", "semanas", True),
        "D": ("día", "días", False),
        "H": ("hora", "horas", True),
        "M": ("minuto", "minutos", False),
        "S": ("segundo", "segundos", False),
    },
)
