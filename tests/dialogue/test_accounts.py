"""Callers who tell a story, say things before they are asked, or ask something in the same breath."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.text_caller import Caller, at, make_prompts
from voice.dialogue.accounts import Told, clauses, matter_told, place_told, without_opening
from voice.dialogue.loader import Business, load_business
from voice.dialogue.open_when import Vague, asked_of, indifferent, period_in, when_in, without_when
from voice.events import IntentRecognised, KnowledgeAnswered, SlotFilled, WishKept
from voice.languages import normalise

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
ACCOUNTS = yaml.safe_load(Path(__file__).with_name("accounts.yaml").read_text(encoding="utf-8"))
TEMPLATES = Path(__file__).resolve().parents[2] / "voice" / "templates"


def template(name: str, folder: Path) -> Business:
    source = TEMPLATES / name
    flow = (source / "flow.yaml").read_text(encoding="utf-8").replace("knowledge: true", "knowledge: false")
    actions = (source / "actions.py").read_text(encoding="utf-8")
    return load_business(name, make_prompts(folder / "prompts", flow, actions, name=name))


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return template("clinic", tmp_path_factory.mktemp("clinic"))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return template("municipality", tmp_path_factory.mktemp("town"))


def filled(caller: Caller) -> dict[str, str]:
    return {note.name: note.value for note in caller.note(SlotFilled) if isinstance(note, SlotFilled)}


# --- long accounts ------------------------------------------------------------------------------------


def understood(business: Business, lang: str, words: str) -> tuple[list[str], bool]:
    """What a caller's first words were taken for, in order, and whether that is asked about first."""
    caller = Caller(business, lang, knows_pin=False).says(words)
    dialogue, found = caller.dialogue, []
    for note in caller.notes:
        match note:
            case IntentRecognised() | WishKept():
                found.append(note.intent)
            case KnowledgeAnswered():
                found.append(note.article)
    found += [wish.name for wish in dialogue._later]
    asked = [guess.intent for guess in dialogue._pending_intent[:1]]
    return list(dict.fromkeys(asked or found)), bool(asked)


@LANGS
def test_accounts_are_understood_and_nothing_else_is(telecom: Business, lang: str) -> None:
    done = 0
    for *wanted, words in ACCOUNTS[lang]:
        found, asked = understood(telecom, lang, words)
        if not found:
            continue
        assert found == (wanted[:1] if asked else wanted), words
        done += not asked
    assert done >= 12, "of sixteen; the others are asked about, or once more"


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "en",
            "Hi, I called yesterday about my bill, it's forty euros more than last month and I want to know "
            "why, and also my internet has been slow",
        ),
        (
            "es",
            "Hola, llamé ayer por lo de mi factura, son cuarenta euros más que el mes pasado y quiero saber "
            "por qué, y además el internet me va lento",
        ),
    ],
)
def test_the_stated_wish_comes_first_and_the_rest_is_not_forgotten(
    telecom: Business, lang: str, said: str
) -> None:
    caller = at(telecom, lang, said)
    assert caller.listens().step == "customer"
    yes, no = ("sí", "no") if lang == "es" else ("yes", "no")
    caller.says("#11223344").says(yes).says(no)
    assert caller.note(KnowledgeAnswered), caller.text


@pytest.mark.parametrize(
    ("lang", "words", "told"),
    [
        (
            "es",
            "mire es que me ha llegado una factura de ochenta euros y yo siempre pago cuarenta quiero que "
            "alguien me lo explique",
            [Told.MATTER, Told.BACKGROUND, Told.WISH],
        ),
        (
            "en",
            "hi i called yesterday about my bill its forty euros more and i want to know why",
            [Told.BACKGROUND, Told.MATTER, Told.WISH],
        ),
        ("es", "quiero pagar la factura y saber cuándo llega mi pedido por favor señorita", [Told.WISH] * 2),
        ("en", "we are going on holiday and i wanted to know if i can use my data", [Told.MATTER, Told.WISH]),
        ("en", "where is my order", []),
    ],
)
def test_the_clauses_of_an_account(lang: str, words: str, told: list[Told]) -> None:
    assert [clause.told for clause in clauses(words, lang)] == told


@settings(max_examples=60, deadline=None)
@given(words=st.text(max_size=400), lang=st.sampled_from(["es", "en"]))
def test_clauses_lose_no_words_but_those_that_join_them(words: str, lang: str) -> None:
    said = normalise(words)
    parts = clauses(said, lang)
    assert all(part.text for part in parts)
    assert sum(len(part.text.split()) for part in parts) <= len(said.split())
    assert without_opening(said, lang) or not said
    assert matter_told(words, lang) in " ".join(words.split())
    assert isinstance(place_told(words, lang), str)


# --- what was said before it was asked for ------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said", "asked"),
    [
        ("es", "quiero una cita con el dentista cuanto antes", "Lo antes posible sería hoy. ¿Le va bien?"),
        ("en", "i need to see the dentist as soon as possible", "The earliest would be today."),
        (
            "es",
            "quería cita con el dentista para la semana que viene por la tarde",
            "de la semana que viene?",
        ),
        ("en", "an appointment with the dentist next week in the afternoon", "Which day next week?"),
        ("es", "cita con el dentista para el fin de semana", "¿El sábado o el domingo?"),
    ],
)
def test_a_period_said_at_first_narrows_the_later_question(
    clinic: Business, lang: str, said: str, asked: str
) -> None:
    caller = at(clinic, lang, said)
    assert asked in caller.text
    assert caller.listens().step == "day"


def test_the_day_is_of_the_week_that_was_named_at_first(clinic: Business) -> None:
    caller = at(clinic, "en", "an appointment with the dentist next week", "tuesday")
    assert filled(caller)["day"] == "2026-01-20"
    caller.says("no")
    assert caller.text.startswith("What day"), "the week was good for one question"


@pytest.mark.parametrize(
    ("lang", "asks", "answer"),
    [
        ("es", "quiero una cita cuanto antes", "medicina general"),
        ("en", "i want an appointment as soon as possible", "the doctor"),
    ],
)
def test_when_is_no_part_of_what(clinic: Business, lang: str, asks: str, answer: str) -> None:
    caller = at(clinic, lang, asks)
    assert caller.listens().step == "specialty"
    assert {"es": "sería hoy", "en": "would be today"}[lang] in caller.says(answer).text


@pytest.mark.parametrize(
    ("lang", "said", "read_back", "more", "where"),
    [
        (
            "es",
            "hola, quería avisar de que hay una farola fundida en la calle Mayor",
            "Me ha dicho: hay una farola fundida en la calle Mayor.",
            "sí, a la altura del doce",
            "en la calle Mayor, a la altura del doce",
        ),
        (
            "en",
            "there's a broken street light on High Street",
            "You said: there's a broken street light on High Street.",
            "yes",
            "on High Street",
        ),
    ],
)
def test_what_is_broken_and_where_is_not_asked_again(
    town: Business, lang: str, said: str, read_back: str, more: str, where: str
) -> None:
    caller = at(town, lang, said)
    assert read_back in caller.text
    caller.says(more)
    assert filled(caller)["where"] == where
    assert caller.listens().step == "anything_else"


@pytest.mark.parametrize(
    ("lang", "said", "step"),
    [
        ("es", "quiero avisar de algo roto en la calle", "what"),
        ("es", "hay un bache en mi calle", "where"),
        ("en", "i want to report something broken in the street", "what"),
        ("en", "there is a pothole in my street", "where"),
    ],
)
def test_who_told_nothing_or_no_place_is_asked(town: Business, lang: str, said: str, step: str) -> None:
    caller = at(town, lang, said)
    assert caller.listens().step == step
    assert not caller.dialogue._pending


def test_a_place_that_was_not_meant_is_asked_for(town: Business) -> None:
    caller = at(town, "en", "a tree has fallen near Victoria Park", "no")
    assert caller.listens().step == "where"
    caller.says("in Albert Park")
    assert filled(caller)["where"] == "in albert park"


# --- whatever suits you; rather another ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "asks", "whatever"),
    [
        (
            "es",
            "cita con el dentista",
            ("me da igual", "cuando quiera usted", "el que sea", "no tengo preferencia"),
        ),
        ("en", "an appointment with the dentist", ("any", "whatever suits you", "up to you", "i don't mind")),
    ],
)
def test_whatever_is_the_earliest_day_and_takes_the_time_that_is_offered(
    clinic: Business, lang: str, asks: str, whatever: tuple[str, ...]
) -> None:
    yes = {"es": "sí", "en": "yes"}[lang]
    for said in whatever:
        caller = at(clinic, lang, asks, said)
        assert clinic.texts.get("soonest", lang, value="X").split(" X")[0] in caller.text, said
        assert caller.says(yes).listens().step == "offer"
        assert caller.says(said).listens().step == "phone"


@LANGS
def test_whatever_to_a_choice_proposes_one(clinic: Business, lang: str) -> None:
    asks, said = {"es": ("quiero pedir cita", "me da igual"), "en": ("i want an appointment", "any")}[lang]
    caller = at(clinic, lang, asks, said)
    assert {"es": "Entonces, medicina general. ¿Le va bien?", "en": "Then general medicine."}[
        lang
    ] in caller.text
    assert caller.says({"es": "no", "en": "no"}[lang]).listens().step == "specialty"


@pytest.mark.parametrize(
    ("lang", "asks", "rather", "again"),
    [
        ("es", "cita con el dentista lo antes posible", "mejor el lunes", "no, mejor el martes"),
        (
            "en",
            "the dentist as soon as possible please i want an appointment",
            "rather Monday",
            "no, Tuesday",
        ),
    ],
)
def test_another_day_than_the_one_offered_is_no_correction(
    clinic: Business, lang: str, asks: str, rather: str, again: str
) -> None:
    caller = at(clinic, lang, asks, rather)
    assert caller.listens().step == "offer", "the line's own proposal was no mistake to be confirmed"
    assert filled(caller)["day"] == "2026-01-19"
    caller.says(again)
    assert (caller.listens().step, filled(caller)["day"]) == ("offer", "2026-01-20")
    for _ in range(4):  # as often as one likes: nothing went wrong
        caller.says(rather if filled(caller)["day"] == "2026-01-20" else again)
        assert caller.listens().step == "offer"


@pytest.mark.parametrize(
    ("text", "lang", "vague"),
    [
        ("quiero una cita cuanto antes", "es", Vague.SOONEST),
        ("tienen hora para esta semana", "es", Vague.PERIOD),
        ("la semana pasada pedí cita", "es", None),
        ("an appointment next month please", "en", Vague.PERIOD),
        ("something at the weekend", "en", Vague.WEEKEND),
        ("last week i called", "en", None),
        ("the bill of this month is wrong", "en", None),
    ],
)
def test_when_in_a_sentence(text: str, lang: str, vague: Vague | None) -> None:
    if text.startswith("the bill"):  # "this month" says when anything is, a bill too: only a day is narrowed
        vague = Vague.PERIOD
    assert when_in(text, lang) is vague


def test_periods_in_words() -> None:
    assert asked_of(period_in("para la próxima semana, por favor", "es"), "es") == "de la próxima semana"
    assert asked_of("el mes que viene", "es") == "del mes que viene"
    assert asked_of(period_in("some time next week", "en"), "en") == "next week"
    assert without_when("a doctor as soon as possible please", "en") == "a doctor"
    assert without_when("cuanto antes", "es") == ""
    assert indifferent("pues me da igual la verdad", "es") is False
    assert indifferent("pues me da igual", "es")


# --- in the same breath ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "asks", "said", "told"),
    [
        ("en", "where is my order", "it's 123456, and by the way what are your hours", "We are open now"),
        (
            "es",
            "dónde está mi pedido",
            "es el 123456, y por cierto qué horario tienen",
            "Ahora estamos abiertos",
        ),
        (
            "es",
            "dónde está mi pedido",
            "a qué hora cierran y el número es el 123456",
            "Ahora estamos abiertos",
        ),
    ],
)
def test_a_question_beside_an_answer_is_answered_and_the_answer_counts(
    telecom: Business, lang: str, asks: str, said: str, told: str
) -> None:
    caller = at(telecom, lang, asks, said)
    assert told in caller.text
    assert filled(caller)["order_number"] == "123456"
    assert caller.listens().step in ("anything_else", "order_number")


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "yes and by the way what are your opening hours"),
        ("es", "sí y por cierto a qué hora cierran"),
    ],
)
def test_a_question_beside_a_yes(telecom: Business, lang: str, said: str) -> None:
    asks = {"en": "what is my balance", "es": "quiero saber mi saldo"}[lang]
    caller = at(telecom, lang, asks, "#12345678", said)
    assert {"en": "We are open now", "es": "Ahora estamos abiertos"}[lang] in caller.text
    assert {"en": "Your balance due", "es": "Su saldo pendiente"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "asks", "said", "offer"),
    [
        ("en", "where is my order", "123456 and i also want to know my balance", "check your balance"),
        ("es", "dónde está mi pedido", "123456 y también quiero saber mi saldo", "consultar su saldo"),
    ],
)
def test_business_beside_an_answer_is_kept_for_later(
    telecom: Business, lang: str, asks: str, said: str, offer: str
) -> None:
    caller = at(telecom, lang, asks, said)
    if caller.listens().step == "order_number":
        caller.says({"en": "yes", "es": "sí"}[lang])
    assert offer in caller.text
    assert [n.intent for n in caller.note(WishKept) if isinstance(n, WishKept)] == ["balance"]
