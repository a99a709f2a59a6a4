"""Wishes a caller may utter at any step: a person, a repetition, another language, going back, help, time.

A wish is the whole utterance, politeness aside: "el agente me dijo" is not a wish for an agent. Only the
wish for a person and for a language are also found inside a longer sentence, by an unmistakable clause
("quiero hablar con una persona"), and never when it is negated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from rapidfuzz import fuzz

from voice.languages import fold, language
from voice.languages.base import word_list
from voice.model import LANGUAGES

_CLOSE = 87  # rapidfuzz ratio from which a heard phrase counts as a known one: one wrong letter in 8
_POLITE = {
    "es": frozenset(
        word_list(
            """
        por favor porfa porfavor hola buenos buenas dias tardes noches gracias oiga oye mire mira eh este em
        pues bueno senorita senor disculpe perdone ya ahora ay entonces ok vale es que ahorita si y
        """
        )
    ),
    "en": frozenset(
        word_list(
            """
        please hello hi hey good morning afternoon evening thanks thank you uh um er well okay ok now so
        just yes and look listen sorry right
        """
        )
    ),
}
_ANSWERS = frozenset({"si", "yes", "ok", "okay", "vale", "right"})  # an answer amid other words is one
_ASKING = {
    "es": frozenset(
        word_list(
            """
        quiero queria quisiera querria necesito necesitaria deseo puedo puede puedes podria podrias podemos
        me gustaria prefiero hay tiene tienen dame deme deje dejeme a con de un una unos algun alguna lo la
        el le que poner ponga pongame paseme pasame pasa pase pasan pasar pasarme paso transfiera
        transfierame transferirme comunica comuniqueme comunicame comunicar comunicarme conecteme contacteme
        conectar hablar hablo hable atender atienda atiendame ser atendido otro otra mejor directamente
        necesitamos queremos contactar favor ayuda alli ahi servicio atencion cliente al cuanto antes
        urgente urgentemente pasen comuniquenme darme dar llamar
        """
        )
    ),
    "en": frozenset(
        word_list(
            """
        i id want wanna would like need to can could may let me get give a an the talk speak with through
        put transfer connect us is there someone for have some any speaking talking be connected another
        rather prefer directly immediately asap urgently help from in your im trying we do you live real
        actual of service customer somewhere over here at call then instead actually
        """
        )
    ),
}
_NOUNS = {
    "es": frozenset(
        word_list(
            """
        persona personas agente agentes asesor asesora asesores operador operadora operadores humano humana
        representante ejecutivo ejecutiva alguien empleado empleada encargado encargada supervisor
        supervisora teleoperador teleoperadora telefonista comercial tecnico responsable gestor gestora
        """
        )
    ),
    "en": frozenset(
        word_list(
            """
        person people agent agents operator representative rep human humans someone somebody advisor adviser
        associate supervisor manager attendant receptionist specialist
        """
        )
    ),
}
_ATTRIBUTES = frozenset(
    word_list(
        """
        real verdad carne hueso viva vivo humana humano fisica being live physical actual
        """
    )
)
_CLAUSE = {
    "es": re.compile(
        r"\b(?:"
        r"(?:quiero|queria|quisiera|querria|necesito|puedo|podria|gustaria|prefiero|dejeme|dejame|deseo|exijo)"
        r" (?:que me (?:pasen|pase|comuniquen|atienda|pongan)(?: con)?"
        r"|hablar(?: ya| ahora)? con|comunicarme con)"
        r"|(?:pas[ae](?:me|n)?|pasarme?|paso|comunique(?:me)?|comunica(?:me)?|pongame|transfier[ae](?:me)?"
        r"|conect[ae](?:me)?) (?:ya |ahora )?(?:con|a)"
        r") (?:un |una |algun |alguna |otro |otra |el |la |su )?(\w+)"
    ),
    "en": re.compile(
        r"\b(?:"
        r"(?:(?:i|we) (?:really )?(?:want|need|demand|would like|wanna)|id (?:really )?like|can i|could i"
        r"|may i|let me|can we|rather|prefer) (?:to )?(?:talk|speak|be (?:transferred|connected)) (?:to|with)"
        r"|(?:transfer|connect) me (?:over )?(?:to|with)|put me (?:through |on )?(?:to|with)|get me|give me"
        r") (?:a |an |the |some |another |your )?(?:real |live |human |actual )?(\w+)"
    ),
}
_NEGATION = {
    "es": frozenset({"no", "ni", "sin", "nunca", "tampoco"}),
    "en": frozenset(
        {"no", "not", "dont", "never", "without", "wouldnt", "rather", "doesnt", "cant", "didnt"}
    ),
}
_LONE_NO = re.compile(r"^\W*no\s*[,.;:!]\s*", re.IGNORECASE)  # "no, quiero hablar con una persona"
_NO_MACHINE = {
    "es": re.compile(
        r"\bno quiero (?:seguir )?(?:hablar|hablando)? ?(?:mas )?(?:con )?(?:una |esta |la |un |este |las )?"
        r"(?:maquinas?|robots?|contestador)\b"
        r"|\b(?:hart|cansad)[oa] (?:ya )?de (?:hablar con )?(?:las |los |esta |este |tanta |una |un )?"
        r"(?:maquinas?|robots?|contestador)\b"
    ),
    "en": re.compile(
        r"\b(?:dont|do not) (?:want|like) (?:to |talking )?(?:talk |speak )?(?:to |with )?"
        r"(?:a |this |these |any )?(?:machines?|robots?|bots?|computers?)\b"
        r"|\b(?:hate|sick of|tired of|fed up with) (?:talking |speaking )?(?:to )?(?:a |this |these |the )?"
        r"(?:machines?|robots?|bots?|computers?)\b"
    ),
}
_BYE = {
    "es": re.compile(r"\b(?:adios|chao|chau|nos vemos|hasta (?:luego|pronto|otra|manana|la vista))\b"),
    "en": re.compile(r"\b(?:bye|goodbye|see you(?: later)?|have a (?:nice|good|great) day)\b"),
}
_BEFORE_BYE = {
    "es": frozenset(word_list("muchas muchisimas mil muy amable nada mas no eso es todo listo perfecto")),
    "en": frozenset(word_list("very much so a lot that is thats all it no nothing else im fine done great")),
}
_NO_MORE = {
    "es": re.compile(
        r"\b(?:eso (?:es|era|seria) todo|(?:solo )?eso era|era (?:solo )?eso|nada mas(?: que eso)?"
        r"|(?:con eso|asi) (?:me )?(?:basta|vale|es suficiente|esta bien)"
        r"|ya esta(?: todo)?|no necesito (?:nada )?mas(?: nada)?|no quiero nada mas)\b"
    ),
    "en": re.compile(
        r"\b(?:(?:thats|that is|that was|that will be|thatll be) (?:all|it|everything)|nothing (?:else|more)"
        r"|(?:im|i am) (?:fine|good|done|all set|okay)|all good|i dont need anything(?: else)?|no more)\b"
    ),
}
_NO_THANKS = {
    "es": re.compile(r"\b(?:no (?:muchas )?gracias|nada|no hace falta)\b"),
    "en": re.compile(r"\b(?:no (?:thanks|thank you)|nothing|not now)\b"),
}
_THANKS = {
    "es": frozenset(
        word_list(
            "gracias muchas muchisimas mil muy amable ok vale perfecto estupendo genial por todo ah bueno"
        )
    ),
    "en": frozenset(
        word_list(
            "thanks thank you so very much a lot many ok okay great perfect lovely oh well cheers for that ta"
            " wonderful brilliant fantastic excellent super"
        )
    ),
}
_ANYWHERE = ("repeat", "back", "help", "ability", "wait", "slower", "faster")
_MENU = re.compile(r"\b(?:menu|inicio|empezar|start|beginning)\b")
_LANGUAGE_NAMES = {
    "espanol": "es", "castellano": "es", "spanish": "es",
    "ingles": "en", "english": "en",
}  # fmt: skip
_SPEAK = re.compile(
    r"\b(?:speaks?|speaking|talk|hablar|habla|hablas|hablan|hable|hablo|hablen|continuar|continue|atienda)"
    r" (?:in |en |only |solo )?(\w+)|\b(?:in|en) (\w+)$|\b(?:in|en) (\w+) (?:please|por favor)\b"
)
_LANGUAGE_POLITE = frozenset(
    word_list(
        """
        do you does anyone can i we want need prefer to rather would id like quiero prefiero
        """
    )
)


def wants_person(text: str, lang: str) -> bool:
    """True when the caller asks to talk to a person."""
    words = fold(_LONE_NO.sub("", text)).split()
    if not words:
        return False
    said = " ".join(words)
    if _person_clause(said, lang) or _NO_MACHINE[lang].search(said):
        return True
    nouns, negation = _NOUNS[lang], _NEGATION[lang]
    if any(w in negation - {"rather"} for w in words) or len(words) > 14:
        return False
    content = _strip(words, lang)
    if _is_phrase(content, _folded(lang, "person_phrases")) and len(content) > 1:
        return True
    heads = [w for w in content if _is_noun(w, nouns)]
    left = [w for w in content if w not in heads and w not in _ASKING[lang] and w not in _ATTRIBUTES]
    if not heads:
        return " ".join(content) in _folded(lang, "person_phrases")
    return not left


def wants_repeat(text: str, lang: str) -> bool:
    """True when the caller asks to hear the last prompt again, or did not understand it."""
    return _whole(text, lang, "repeat_phrases")


def wants_slower(text: str, lang: str) -> bool:
    """True when the caller asks to be spoken to more slowly."""
    return _whole(text, lang, "slower_phrases")


def wants_faster(text: str, lang: str) -> bool:
    """True when the caller asks to be spoken to faster."""
    return _whole(text, lang, "faster_phrases")


def asks_ability(text: str, lang: str) -> bool:
    """True when the caller asks what this line can do."""
    return _whole(text, lang, "ability_phrases")


def wants_back(text: str, lang: str) -> bool:
    """True when the caller asks for the step or menu before."""
    return _whole(text, lang, "back_phrases")


def wants_menu(text: str, lang: str) -> bool:
    """True when the caller asks for the main menu, or to begin again."""
    return wants_back(text, lang) and _MENU.search(fold(text)) is not None


def wants_help(text: str, lang: str) -> bool:
    """True when the caller asks what can be said here."""
    return _whole(text, lang, "help_phrases")


def wants_wait(text: str, lang: str) -> bool:
    """True when the caller asks for a moment ("espere", "hold on")."""
    return _whole(text, lang, "wait_phrases")


def greets(text: str, lang: str) -> bool:
    """True for a greeting without a wish ("hola, buenas tardes", "hello?", "can you hear me?")."""
    return _whole(text, lang, "greeting_phrases")


def means_anywhere(text: str, lang: str) -> bool:
    """True for exactly the words of a language that ask for something at any step: "go back", "repeat"."""
    said = " ".join(_without_edges(fold(text).split(), lang))
    return any(said in _folded(lang, f"{kind}_phrases") for kind in _ANYWHERE)


def says_goodbye(text: str, lang: str) -> bool:
    """True when the caller takes their leave ("muchas gracias, hasta luego") and says nothing else."""
    said, farewells = _BYE[lang].subn(" ", fold(text))
    return farewells > 0 and all(w in _POLITE[lang] or w in _BEFORE_BYE[lang] for w in said.split())


def says_no_more(text: str, lang: str, *, to_a_question: bool = False) -> bool:
    """True when the caller needs nothing else ("eso es todo, gracias") and says nothing else. With
    ``to_a_question`` also when they only decline: "no, gracias", "nothing"."""
    said, closings = _NO_MORE[lang].subn(" ", fold(text))
    if to_a_question:
        said, declined = _NO_THANKS[lang].subn(" ", said)
        closings += declined
    return closings > 0 and all(w in _POLITE[lang] or w in _BEFORE_BYE[lang] for w in said.split())


def thanks_only(text: str, lang: str) -> bool:
    """True for thanks and nothing else."""
    words = fold(text).split()
    return any(w in ("gracias", "thanks", "thank", "cheers", "ta") for w in words) and all(
        w in _THANKS[lang] for w in words
    )


def does_not_know(text: str, lang: str) -> bool:
    """True when the caller does not know or have what was asked for ("no lo tengo a mano")."""
    return _whole(text, lang, "unknown_phrases")


def declines(text: str, lang: str) -> bool:
    """True when the caller does not want to say what the call is about."""
    return _whole(text, lang, "decline_phrases")


def wants_language(text: str) -> str | None:
    """The language the caller asks to speak, in whichever language: "in English, please" gives "en"."""
    words = fold(text).split()
    if not words or len(words) > 20:
        return None
    said = " ".join(words)
    for code in LANGUAGES:
        polite = _POLITE["es"] | _POLITE["en"]
        content = [w for w in words if w not in polite - {"you"}]
        if " ".join(content) in _folded(code, "switch_phrases") or said in _folded(code, "switch_phrases"):
            return code
    for match in _SPEAK.finditer(said):
        code = next((_LANGUAGE_NAMES[g] for g in match.groups() if g in _LANGUAGE_NAMES), "")
        if code:
            before = said[: match.start()].split()[-4:]
            negated = any(w in _NEGATION["es"] | _NEGATION["en"] - {"rather"} for w in before)
            return next(c for c in LANGUAGES if c != code) if negated else code
    left = [w for w in words if w not in _POLITE["es"] | _POLITE["en"] | _LANGUAGE_POLITE]
    return _LANGUAGE_NAMES.get(left[0]) if len(left) == 1 else None


def _person_clause(said: str, lang: str) -> bool:
    for match in _CLAUSE[lang].finditer(said):
        if not _is_noun(match.group(1), _NOUNS[lang]):
            continue
        before = said[: match.start()].split()[-2:]
        if not set(before) & (_NEGATION[lang] - {"rather"}):
            return True
    return False


def _is_noun(word: str, nouns: frozenset[str]) -> bool:
    if word in nouns:
        return True
    return len(word) >= 5 and any(fuzz.ratio(word, noun) >= _CLOSE for noun in nouns)


def _strip(words: list[str], lang: str) -> list[str]:
    return [w for w in words if w not in _POLITE[lang]]


@cache
def _folded(lang: str, kind: str) -> tuple[str, ...]:
    phrases: Iterable[str] = getattr(language(lang), kind)
    return tuple(dict.fromkeys(fold(p) for p in phrases))


def _whole(text: str, lang: str, kind: str) -> bool:
    words = fold(text).split()
    if not words or len(words) > 12:
        return False
    phrases = _folded(lang, kind)
    inner = [w for w in words if w not in _POLITE[lang] or w in _ANSWERS]  # "un sí por favor momento"
    forms = (words, _without_edges(words, lang), inner)
    return any(_is_phrase(form, phrases) for form in forms)


def _without_edges(words: list[str], lang: str) -> list[str]:
    """The words without the politeness around them."""
    polite, start, end = _POLITE[lang], 0, len(words)
    while start < end and words[start] in polite:
        start += 1
    while end > start and words[end - 1] in polite:
        end -= 1
    return words[start:end]


def _is_phrase(words: list[str], phrases: tuple[str, ...]) -> bool:
    """Whether the words are one of the phrases, allowing one wrong letter in eight in longer ones."""
    said = " ".join(words)
    if said in phrases:
        return True
    return len(said) >= 6 and any(
        abs(len(p) - len(said)) <= 2 and len(p) >= 6 and fuzz.ratio(said, p) >= _CLOSE for p in phrases
    )
