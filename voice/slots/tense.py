"""Whether a sentence tells of something past: "it arrived on Tuesday", "lo compré el lunes". Pure.

Only what can hardly mean the future counts: a wish in the sentence ("I wanted to come on Monday") outweighs
every past form, and of Spanish forms that differ by an accent alone ("pago", "pagó") it must be there.
"""

from __future__ import annotations

from voice.languages import Lexicon, fold, language, normalise
from voice.languages.base import word_list

_WISHES = {
    "en": frozenset(
        word_list(
            """
            would could can will ll ill id itll well youll theyll shall should want wanted wants need needed
            needs like hope hoping hoped wish prefer please going gonna let lets wondering thinking planning
            planned supposed scheduled expected booked due get wont cant may might must tomorrow next
            following coming meant
            """
        )
    ),
    "es": frozenset(
        word_list(
            """
            quiero queria quisiera querria quiere queriamos queremos gustaria podria podrian puede puedo
            podemos pueden necesito necesita necesitaba necesitaria necesitamos deseo desearia prefiero
            preferiria espero esperaba para voy vamos va van ir sera seria pensado pensaba prevista previsto
            programada programado quedado quedamos proximo proxima viene debe deberia tendria ojala siguiente
            decir
            """
        )
    ),
}
_PAST = {
    "en": frozenset(
        word_list(
            """
            was were did didnt wasnt werent been since bought came went got paid sent happened broke took made
            left lost stole stolen gave received said told called ordered arrived started stopped began fell
            spoke saw found wrote met drank ate drove flew forgot rang ended cancelled canceled moved changed
            signed used heard brought caught chose knew spent kept built stood threw
            """
        )
    ),
    "es": frozenset(
        word_list(
            """
            fue fui fueron fuimos era eran estuve estuvo estuvieron tuve tuvo tuvimos tuvieron hice hizo
            hicimos hicieron vine vino vinieron puse puso pusieron dije dijo dijeron dio dieron vio vieron
            traje trajo trajeron pude pudo hubo nacio naci murio recibio ocurrio sucedio vencio rompio perdio
            vi vimos dimos oi lei estuvimos dijimos pusimos pudimos trajimos
            perdi recibi pedi pidio sali salio vendi vendio escribio volvio cayo desde
            """
        )
    ),
}
_PAPERS = frozenset(word_list("invoice bill receipt statement charge factura recibo extracto cargo"))
_OF = frozenset(word_list("of from de del"))
_ARTICLES = frozenset(word_list("the el dia"))
_DATED = frozenset(word_list("dated fechada fechado"))
_WHO = frozenset(
    word_list(
        """
        i we they he she it you which that who just already was were got have has ive weve theyve been never
        finally card
        """
    )
)
_NO_PAST = frozenset(word_list("need indeed speed feed seed bed wed red used united"))
_HAVE = frozenset(word_list("he has ha hemos han habia habian habiamos"))
_PARTICIPLES = frozenset(word_list("hecho visto puesto dicho escrito roto abierto vuelto muerto ido"))
_NO_PRETERITE = frozenset(word_list("aqui ahi alli asi casi mi si ti que porque cafe bebe jose este"))
_CLITICS = frozenset(word_list("se me nos lo la los las le les"))
_UNACCENTED = frozenset(
    word_list(
        """
        compre pague cobre perdi devolvi recibi solicite contrate cancele estropeo corto rompio cayo apago
        """
    )
)
_NOW_STILL = frozenset(word_list("no sin estoy esta estamos llevo lleva tengo tiene sigue sigo desde"))


def tells_the_past(text: str, lang: str) -> bool:
    """Whether ``text``, as it was said, is in a past tense and wishes for nothing."""
    words = normalise(text).split()
    bare = [fold(word) for word in words]
    if _dates_a_paper(bare, language(lang).lexicon):
        return True
    if any(_wishes(bare, i, lang) for i in range(len(bare))):
        return False
    return _english(bare) if lang == "en" else _spanish(words, bare)


def _wishes(bare: list[str], i: int, lang: str) -> bool:
    """A word of wishing; "May" beside a day is none."""
    if bare[i] not in _WISHES[lang]:
        return False
    lexicon = language(lang).lexicon
    near = [*bare[max(0, i - 2) : i], *bare[i + 1 : i + 3]]
    days = lexicon.number_words | lexicon.ordinals.keys()
    return bare[i] != "may" or not any(t in days or t[:1].isdecimal() for t in near)


def _dates_a_paper(bare: list[str], lexicon: Lexicon) -> bool:
    """ "The invoice of September fifteenth", "la factura del quince": of a day gone by, whatever is wished;
    not "la factura del gas"."""
    if not _DATED.isdisjoint(bare):
        return True
    days = lexicon.number_words | lexicon.ordinals.keys() | lexicon.months.keys()
    for paper, of, *rest in zip(bare, bare[1:], bare[2:], [*bare[3:], ""], strict=False):
        day = rest[rest[0] in _ARTICLES]
        if paper in _PAPERS and of in _OF and (day in days or day[:1].isdecimal()):
            return True
    return False


def _english(bare: list[str]) -> bool:
    if _PAST["en"].intersection(bare):
        return True
    regular = (i for i, w in enumerate(bare) if len(w) > 4 and w.endswith("ed") and w not in _NO_PAST)
    return any(i == 0 or bare[i - 1] in _WHO for i in regular)


def _spanish(words: list[str], bare: list[str]) -> bool:
    return any(_is_past(words[i], bare, i) for i in range(len(words)))


def _is_past(word: str, bare: list[str], i: int) -> bool:
    plain, before = bare[i], bare[i - 1] if i else ""
    if plain == "desde":
        return bool(_NOW_STILL.intersection(bare[:i]))
    if plain in _PAST["es"] or (len(plain) > 5 and plain.endswith(("aron", "ieron"))):
        return True
    if before in _HAVE and (plain.endswith(("ado", "ido")) or plain in _PARTICIPLES):
        return True
    if before in _CLITICS and plain in _UNACCENTED:
        return "que" not in bare[:i]
    return len(word) > 3 and plain not in _NO_PRETERITE and _ends_a_preterite(word)


def _ends_a_preterite(word: str) -> bool:
    """ "pagó", "compré", "salí"; "pagaré" is to come."""
    return word.endswith(("ó", "í")) or (word.endswith("é") and not word.endswith(("aré", "eré", "iré")))
