"""Features that were made apart, met by one caller in one call."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.dialogue.text_caller import PROMPTS, Caller, head, make_prompts
from voice.dialogue.answering import LEAD
from voice.dialogue.loader import Business, load_business
from voice.knowledge.seam import ANSWER
from voice.languages import language
from voice.model import ExpectKind
from voice.slots.reader import parse

LANGS = pytest.mark.parametrize("lang", ["es", "en"])

ASKED = (
    head("asked", "Prueba", "Trial")
    + """\
goodbye: bye
campaigns:
  fees:
    text: {es: "Este mes no cobramos comisiones.", en: "There are no fees this month."}
    from: 2026-01-01
    until: 2026-12-31
    after: disclosure
    enough: {es: "¿Era eso lo que quería saber?", en: "Is that what you wanted to know?"}
start: menu
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué desea?", en: "What would you like?"}
    again: {es: "¿Algo más?", en: "Anything else?"}
    retry: [{es: "Diga saldo o bloquear.", en: "Say balance or block."}]
    intents:
      balance:
        label: {es: ver su saldo, en: check your balance}
        key: 1
        then: customer
        examples:
          es: [quiero saber mi saldo, cuánto tengo en la cuenta, mi saldo por favor, ver el saldo]
          en: [what is my balance, how much is in my account, my balance please, check my balance]
      block:
        label: {es: bloquear la tarjeta, en: block your card}
        key: 2
        then: customer
        examples:
          es: [bloquear mi tarjeta, he perdido la tarjeta, me han robado la tarjeta, quiero anular la tarjeta]
          en: [block my card, i lost my card, my card was stolen, i want to cancel my card]
  customer:
    type: ask
    slot: customer
    kind: digits
    length: 6
    confirm: explicit
    label: {es: número de cliente, en: customer number}
    prompt: {es: "¿Su número de cliente?", en: "Your customer number?"}
    retry: [{es: "Son seis cifras.", en: "It has six digits."}]
    then: bye
  bye: {type: hang_up, text: {es: "Adiós.", en: "Goodbye."}}
"""
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("line") / "prompts", ASKED, name="asked")
    return load_business("asked", folder)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "quiero saber mi saldo"),
        ("es", "sí pero también quiero saber mi saldo"),
        ("es", "no me han robado la tarjeta"),
        ("en", "yes but what is my balance"),
        ("en", "no my card was stolen"),
    ],
)
def test_a_wish_said_to_a_yes_or_no_question_is_heard_and_ends_no_call(
    asked: Business, lang: str, words: str
) -> None:
    caller = Caller(asked, lang).says(words)
    assert caller.hang_up is None
    assert caller.listens().step == "customer"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "correcto menos el final"),
        ("es", "bueno mi número es otro"),
        ("en", "yes but the end is wrong"),
    ],
)
def test_half_a_yes_is_none(lang: str, words: str) -> None:
    assert parse(ExpectKind.YES_NO, words, lang, today=date(2026, 1, 14)) is None


@LANGS
def test_that_is_wrong_after_an_answer_asks_again_and_does_not_hang_up(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says({"es": "pedido", "en": "order status"}[lang])
    caller.says({"es": "uno uno dos dos tres tres", "en": "one one two two three three"}[lang])
    caller.says({"es": "no está mal", "en": "no that is wrong"}[lang])
    assert caller.hang_up is None
    assert caller.listens().step == "order_number"


@LANGS
def test_a_bare_no_in_a_menu_is_no_wish(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says("no")
    assert caller.listens().kind is ExpectKind.INTENT
    assert caller.says("no").hang_up is not None


@LANGS
def test_nothing_more_after_an_article_ends_the_call(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says(
        {"es": "cómo reinicio el router", "en": "how do i restart the router"}[lang]
    )
    caller.says("no").says("no")
    if caller.hang_up is None:
        caller.says("no")
    assert caller.hang_up is not None


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "vale gracias"), ("es", "perfecto gracias"), ("en", "okay thanks")]
)
def test_thanks_are_no_yes_to_anything_else(telecom: Business, lang: str, words: str) -> None:
    caller = (
        Caller(telecom, lang).says({"es": "pedido", "en": "order status"}[lang]).says("#123456").says(words)
    )
    assert caller.hang_up is not None


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "quiero darme de baja no perdón quiero saber mi saldo"),
        ("en", "i want to cancel no sorry i want my balance"),
    ],
)
def test_the_wish_after_a_slip_is_the_one(telecom: Business, lang: str, words: str) -> None:
    assert Caller(telecom, lang).says(words).listens().step == "customer"


@LANGS
def test_pace_costs_no_patience(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang)
    for _ in range(3):
        caller.says({"es": "más despacio", "en": "slower"}[lang])
    caller.says({"es": "qué puede hacer", "en": "what can you do"}[lang])
    assert caller.handoff is None


@LANGS
def test_the_packet_holds_a_value_that_was_not_confirmed_yet(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says({"es": "cuánto debo", "en": "how much do i owe"}[lang])
    (slot,) = caller.says("#12345678").says("#0").handed().slots
    assert (slot.value, slot.confirmed) == ("12345678", False)


@LANGS
def test_a_rejected_value_is_not_in_the_packet(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says({"es": "cuánto debo", "en": "how much do i owe"}[lang])
    assert caller.says("#12345678").says("no").says("#0").handed().slots == ()


@pytest.mark.parametrize(("lang", "words"), [("es", "ya no hace falta"), ("en", "never mind i found it")])
def test_what_is_no_longer_wanted_is_left(telecom: Business, lang: str, words: str) -> None:
    caller = Caller(telecom, lang).says({"es": "he perdido el teléfono", "en": "i lost my phone"}[lang])
    assert caller.says(words).listens().step == "menu"


@LANGS
def test_a_number_in_two_turns_is_one_number(telecom: Business, lang: str) -> None:
    caller = Caller(telecom, lang).says({"es": "cuánto debo", "en": "how much do i owe"}[lang])
    caller.says({"es": "uno dos tres cuatro", "en": "one two three four"}[lang])
    caller.says({"es": "cinco seis siete ocho", "en": "five six seven eight"}[lang])
    assert caller.listens().kind is ExpectKind.YES_NO
    assert {"es": "cinco seis siete ocho", "en": "five six seven eight"}[lang] in caller.text


def test_wishes_are_not_answered_from_articles(telecom: Business) -> None:
    said = yaml.safe_load((Path(__file__).parent / "telecom_utterances.yaml").read_text(encoding="utf-8"))
    articles, lost = telecom.flow.articles, []
    assert articles is not None
    for part in ("train", "test"):
        for by_lang in said[part].values():
            for lang, sentences in by_lang.items():
                for words in (language(lang).normalise(sentence) for sentence in sentences):
                    found = articles.find(words, lang, date(2026, 1, 14))
                    guesses = telecom.understanding.classify(words, lang) if found else ()
                    best = guesses[0].confidence if guesses else 0.0
                    best = best if best >= telecom.flow.intent_thresholds.low else 0.0
                    if found and found[0].confidence >= max(ANSWER, best + LEAD):
                        lost.append(words)
    assert lost == []


def test_the_version_covers_the_articles(tmp_path: Path) -> None:
    flow = ASKED.replace("goodbye: bye", "goodbye: bye\nknowledge: true")
    folder = make_prompts(tmp_path / "prompts", flow, name="asked")
    for lang in ("es", "en"):
        (folder / "knowledge" / lang).mkdir(parents=True)
        page = (PROMPTS / "knowledge" / lang / "puk.md").read_text(encoding="utf-8")
        (folder / "knowledge" / lang / "puk.md").write_text(page, encoding="utf-8")
    before = load_business("asked", folder).flow
    assert load_business("asked", folder).flow.version == before.version
    page = page.replace("## More", "## More\n\nOne thing more.")
    (folder / "knowledge" / "en" / "puk.md").write_text(page, encoding="utf-8")
    after = load_business("asked", folder).flow
    assert after.version != before.version
    assert after.files == before.files
