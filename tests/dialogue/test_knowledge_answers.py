"""Questions answered from the articles in the middle of a call, in both languages."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.loader import Business
from voice.dialogue.seam import CutCall, Heard
from voice.events import KnowledgeAnswered
from voice.model import Ended, IntentGuess, Transcript, Utterance

ROUTER = {"es": "cómo reinicio el router", "en": "how do i restart the router"}
SHORT = {"es": "apagando el router", "en": "switch the router off"}
MORE = {"es": "cinco minutos", "en": "five minutes"}
OFFER = {"es": "¿Quiere que le cuente más?", "en": "Would you like to know more?"}
YES, NO = {"es": "sí por favor", "en": "yes please"}, {"es": "no gracias", "en": "no thanks"}
LANGS = pytest.mark.parametrize("lang", ["es", "en"])


def told(caller: Caller) -> list[tuple[str, str]]:
    return [(e.article, e.part) for e in caller.notes if isinstance(e, KnowledgeAnswered)]


@LANGS
def test_a_short_answer_then_more_then_back_to_the_menu(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang])
    assert SHORT[lang] in caller.text
    assert caller.text.endswith(OFFER[lang])
    caller.says(YES[lang])
    assert MORE[lang] in caller.text
    assert told(caller) == [("no-internet", "short"), ("no-internet", "more")]
    assert caller.listens().step == "menu"
    caller.says({"es": "cuánto debo", "en": "how much do i owe"}[lang])
    assert caller.listens().step == "customer"


@LANGS
@pytest.mark.parametrize("by_keys", [True, False])
def test_no_more_leads_back_and_a_wish_goes_on_at_once(telecom: Business, lang: str, by_keys: bool) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang]).says("#2" if by_keys else NO[lang])
    assert MORE[lang] not in caller.text
    assert caller.listens().step == "menu"
    again = Caller(telecom, lang).says(ROUTER[lang])
    again.says({"es": "dónde está mi pedido", "en": "where is my order"}[lang])
    assert again.listens().step == "order_number"


@LANGS
def test_another_question_is_answered_at_once_and_silence_leads_back(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang])
    caller.says({"es": "qué formas de pago hay", "en": "what are the ways to pay"}[lang])
    assert told(caller)[-1] == ("ways-to-pay", "short")
    caller.says("")
    assert caller.handoff is None
    assert caller.listens().step == "menu"


@LANGS
def test_in_the_middle_of_a_question_the_line_comes_back_to_it(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says({"es": "cuánto debo", "en": "how much do i owe"}[lang])
    assert caller.listens().step == "customer"
    caller.says({"es": "qué es el roaming", "en": "what is roaming"}[lang])
    assert told(caller) == [("roaming-eu", "short")]
    caller.says(NO[lang])
    assert caller.listens().step == "customer"
    assert caller.listens().digits
    caller.says("#12345678")
    assert caller.listens().kind.value == "yes_no"


@LANGS
def test_the_packet_says_what_was_answered(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang]).says("#0")
    (tried,) = caller.handed().tried
    assert {"es": "No funciona internet en casa", "en": "The internet at home does not work"}[
        lang
    ] in tried.what
    assert tried.label in tried.what
    assert "-" not in tried.label, "a title, not a file's name"


@LANGS
def test_the_same_question_again_gets_it_all_and_then_a_person(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang]).says(NO[lang]).says(ROUTER[lang])
    assert MORE[lang] in caller.text
    caller.says(ROUTER[lang])
    assert caller.handed().reason == "loop"


@LANGS
def test_repeat_help_and_the_other_language_work_while_more_is_offered(telecom: Business, lang: str) -> None:
    for words in ({"es": "repita", "en": "repeat"}, {"es": "ayuda", "en": "help"}):
        caller = Caller(telecom, lang).says(ROUTER[lang]).says(words[lang])
        assert caller.text.endswith(OFFER[lang])
    other = {"es": "en", "en": "es"}[lang]
    caller.says({"es": "in english please", "en": "en español por favor"}[lang])
    assert caller.text.endswith(OFFER[other])
    assert MORE[other] in caller.says(YES[other]).text


@LANGS
def test_what_no_article_covers_is_not_answered(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang)
    caller.says({"es": "cuántos habitantes tiene méxico", "en": "my cat is sick"}[lang])
    assert told(caller) == []


def test_a_question_in_the_other_language_switches_at_the_beginning(telecom: Business) -> None:
    caller = Caller(telecom, "es").says("how do i restart the router")
    assert caller.dialogue.lang == "en"
    assert SHORT["en"] in caller.text


@LANGS
def test_the_recognizer_hears_the_questions(telecom: Business, lang: str) -> None:
    phrase = ROUTER[lang]
    assert phrase in telecom.flow.phrases(lang)
    expect = Caller(telecom, lang).listens()
    assert expect.meanings[expect.phrases.index(phrase)] == "article"
    assert (telecom.flow.articles and telecom.flow.articles.answers(lang)[0], lang) in telecom.static_texts()


@LANGS
@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("asked", ["article", "answer"])
def test_an_answer_that_the_caller_did_not_hear_is_not_told_as_answered(
    telecom: Business, lang: str, asked: str, heard: bool
) -> None:
    caller = Caller(telecom, lang)
    if asked == "article":
        caller.says(ROUTER[lang])
    else:
        caller.says({"es": "quiero saber mi saldo", "en": "i want to know my balance"}[lang])
        caller.says("#12345678").says(YES[lang])
    if not heard:
        unheard = tuple(Utterance(p.text, "", 0, Ended.UNHEARD) for p in caller.answer)
        caller.answer = []
        person = {"es": "quiero hablar con una persona", "en": "i want to talk to a person"}[lang]
        caller.feed(Heard(Transcript(person, 1.0, lang=lang), unheard), 1000)
    if caller.handoff is None:
        caller.says("#0")
    outcomes = [tried.code for tried in caller.handed().tried]
    assert ("answered" in outcomes) == heard


@LANGS
def test_a_question_goes_on_from_the_one_before_to_another_country(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says({"es": "qué es el roaming", "en": "what is roaming"}[lang])
    caller.says({"es": "y en américa", "en": "and in america"}[lang])
    caller.says({"es": "y en alemania", "en": "and in germany"}[lang])
    assert [name for name, _ in told(caller)] == ["roaming-eu", "roaming-world", "roaming-eu"]
    again = Caller(telecom, lang).says({"es": "pago más en europa", "en": "do i pay more in europe"}[lang])
    again.says({"es": "y cuánto cuesta en américa", "en": "and how much does it cost in america"}[lang])
    assert [name for name, _ in told(again)] == ["roaming-eu", "roaming-world"]
    again.says({"es": "y en serbia", "en": "and in serbia"}[lang])
    assert len(told(again)) == 2, "no article names it"
    assert not again.over


@pytest.mark.parametrize(
    ("lang", "words", "article"),
    [
        ("es", "aquí no hay red", "coverage"),
        ("es", "el wifi no me va", "no-internet"),
        ("es", "mi abuela no oye bien", ""),
        ("en", "there's no network here", "coverage"),
        ("en", "my wifi isn't working", "no-internet"),
        ("en", "there's no butter in the fridge", ""),
    ],
)
def test_what_is_lacking_is_no_answer_to_how_can_i_help(
    telecom: Business, lang: str, words: str, article: str
) -> None:
    caller = Caller(telecom, lang).says(words)
    assert [name for name, _ in told(caller)] == [article] * bool(article)
    assert caller.listens().step == "menu"


@pytest.mark.parametrize(
    ("lang", "words"),
    [("es", "por ahora no gracias"), ("es", "creo que no"), ("en", "well no thanks"), ("en", "i'd say no")],
)
def test_a_no_in_a_few_words_is_still_one(telecom: Business, lang: str, words: str) -> None:
    assert Caller(telecom, lang).says(words).listens().step == "anything_else"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        *(
            ("es", w)
            for w in ("cuénteme", "dígame más", "siga", "sí cuénteme más", "más información por favor")
        ),
        *(("en", w) for w in ("go on", "tell me more", "yes tell me more please", "more details please")),
    ],
)
def test_more_is_asked_for_in_other_words_than_yes(telecom: Business, lang: str, words: str) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang]).says(words)
    assert MORE[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        *(
            ("es", w)
            for w in ("gracias", "ok gracias", "con eso me vale", "tengo otra pregunta", "otra cosa")
        ),
        *(
            ("en", w)
            for w in ("thanks", "ok thanks", "that's fine", "that's enough", "i have another question")
        ),
    ],
)
def test_enough_is_said_in_other_words_than_no(telecom: Business, lang: str, words: str) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang]).says(words)
    assert caller.text == {"es": "¿Qué más necesita?", "en": "What else do you need?"}[lang]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "eso ya lo he probado"),
        ("es", "ya lo he hecho y sigue igual"),
        ("es", "eso no es lo que he preguntado"),
        ("en", "i've tried that already"),
        ("en", "i've already done that and it's the same"),
        ("en", "that's not what i asked"),
    ],
)
def test_an_article_that_did_not_help_is_no_answer_and_a_person_is_named(
    telecom: Business, lang: str, words: str
) -> None:
    caller = Caller(telecom, lang).says(ROUTER[lang]).says(words)
    assert {"es": "una persona", "en": "a person"}[lang] in caller.text
    assert caller.listens().step == "menu"
    caller.says("#0")
    (tried,) = caller.handed().tried
    assert tried.code == "failed"


@LANGS
def test_a_question_instead_of_going_on_with_a_cut_call_is_answered(telecom: Business, lang: str) -> None:
    cut = CutCall("customer", lang, IntentGuess("balance", 1.0), call_id="CA0")
    caller = Caller(telecom, lang, cut=cut).says(ROUTER[lang])
    assert SHORT[lang] in caller.text
    assert caller.text.endswith(OFFER[lang])
    assert caller.says(NO[lang]).listens().step == "menu"
    caller = Caller(telecom, lang, cut=cut).says(YES[lang])
    assert caller.listens().step == "customer"
