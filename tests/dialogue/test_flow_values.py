"""The small languages inside flows: conditions, hours, templates, keys, phrases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.text_caller import PROMPTS
from voice.dialogue.answers import keyed_answer
from voice.dialogue.conditions import parse_condition
from voice.dialogue.confirm import Decision, after_no, decide
from voice.dialogue.flow import AskStep, Thresholds
from voice.dialogue.hours import local_time, parse_hours
from voice.dialogue.loader import Business
from voice.dialogue.render import RenderError, Wording, render
from voice.dialogue.yamlfile import parse_yaml

TODAY = date(2026, 1, 14)
VALUES = {"balance": "42.50", "state": "delivered", "empty": None, "n": 3, "ok": True}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("balance > 0", True),
        ("balance >= 42.5", True),
        ("balance < 42.5", False),
        ("state is delivered", True),
        ("state is not delivered", False),
        ("state = delivered", True),
        ("balance is 42.50", True),
        ("ok is yes", True),
        ("empty is known", False),
        ("empty is unknown", True),
        ("nothing is delivered", False),
        ("nothing > 0", False),
        ("state > 0", False),
        ("desk is open", True),
        ("desk is closed", False),
        ("desk is not closed", True),
        ("balance > 0 and state is delivered", True),
        ("balance > 0 and state is lost", False),
    ],
)
def test_conditions(text: str, holds: bool) -> None:
    assert parse_condition(text).holds(VALUES, lambda name: name == "desk") is holds


@pytest.mark.parametrize("text", ["", "balance", "> 3", "balance > much", "a b is c", "and"])
def test_conditions_that_mean_nothing(text: str) -> None:
    with pytest.raises(ValueError):
        parse_condition(text)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-01-14 08:59", False),
        ("2026-01-14 09:00", True),
        ("2026-01-14 13:59", True),
        ("2026-01-14 14:00", False),
        ("2026-01-17 10:30", True),
        ("2026-01-18 10:30", False),
        ("2026-12-25 10:30", False),
    ],
)
def test_hours(when: str, is_open: bool) -> None:
    hours = parse_hours({"mon-fri": "09:00-14:00, 16:00-20:00", "sat": "10:00-11:00", "closed": "12-25"})
    assert hours.open_at(datetime.fromisoformat(when)) is is_open


def test_local_time_follows_the_zone() -> None:
    noon = int(datetime(2026, 7, 1, 12, 0, tzinfo=UTC).timestamp() * 1000)
    assert local_time(noon, "Europe/Madrid").hour == 14


@pytest.mark.parametrize(
    ("template", "lang", "expected"),
    [
        ("Debe {a|amount}.", "es", "Debe cuarenta y dos euros con cincuenta céntimos."),
        ("You owe {a|amount}.", "en", "You owe forty-two euros and fifty cents."),
        ("{d|date}", "en", "Tuesday, January twentieth"),
        ("{c|digits}", "es", "uno dos tres, cuatro cinco seis"),
        ("{n|number} {n}", "en", "three three"),
        ("{n|ordinal}", "en", "third"),
        ("{name}", "es", "Ana"),
        ("{s|state}", "es", "de camino"),
        ("{s}", "en", "on its way"),
    ],
)
def test_templates(template: str, lang: str, expected: str) -> None:
    words = {"state": {"shipped": {"es": "de camino", "en": "on its way"}}}
    values = {"a": "42.50", "d": "2026-01-20", "c": "123456", "n": 3, "name": "Ana", "s": "shipped"}
    assert render(template, lang, values, Wording(TODAY, "EUR", words, {"s": "state"})) == expected


@pytest.mark.parametrize(
    "template", ["{missing}", "{a|date}", "{a|nothing}", "{name|amount}", "{s|state}", "{name|number}"]
)
def test_a_text_that_cannot_be_said_is_an_error_without_its_value(template: str) -> None:
    values = {"a": "42.50", "name": "Ana", "s": "unheard"}
    with pytest.raises(RenderError) as caught:
        render(template, "es", values, Wording(TODAY, words={"state": {}}))
    assert "Ana" not in str(caught.value)
    assert "42" not in str(caught.value)


def ask(**more: object) -> AskStep:
    text = {"es": "x", "en": "x"}
    base = {"type": "ask", "slot": "s", "label": text, "prompt": text, "retry": [text], "then": "t"}
    return AskStep.model_validate(base | more)


@pytest.mark.parametrize(
    ("step", "keys", "value"),
    [
        (ask(kind="yes_no"), "1", "yes"),
        (ask(kind="yes_no"), "2", "no"),
        (ask(kind="yes_no"), "3", None),
        (ask(kind="digits", length=4), "1234", "1234"),
        (ask(kind="digits", length=4), "123", None),
        (ask(kind="amount", confirm="explicit"), "20", "20.00"),
        (ask(kind="date"), "1503", "2026-03-15"),
        (ask(kind="date"), "1001", "2027-01-10"),
        (ask(kind="date", max="today"), "1001", "2026-01-10"),
        (ask(kind="date"), "3102", None),
        (ask(kind="date"), "2902", None),
        (ask(kind="text"), "1", None),
        (ask(kind="digits", keypad=False), "1234", None),
    ],
)
def test_keys_as_answers(step: AskStep, keys: str, value: str | None) -> None:
    assert keyed_answer(step, keys, TODAY) == value


@pytest.mark.parametrize(
    ("step", "confidence", "decision"),
    [
        (ask(kind="date"), 0.9, Decision.ECHO),
        (ask(kind="date"), 0.6, Decision.QUESTION),
        (ask(kind="date"), 0.3, Decision.REFUSE),
        (ask(kind="date", confirm="explicit"), 1.0, Decision.QUESTION),
        (ask(kind="date", confirm="implicit"), 0.5, Decision.ECHO),
        (ask(kind="date", confirm="never"), 0.5, Decision.TAKE),
        (ask(kind="amount", confirm="explicit"), 1.0, Decision.QUESTION),
        (ask(kind="yes_no"), 0.5, Decision.TAKE),
        (ask(kind="digits", sensitive=True), 0.9, Decision.ECHO),
        (ask(kind="digits", sensitive=True), 0.6, Decision.REFUSE),
    ],
)
def test_confirmation_policy(step: AskStep, confidence: float, decision: Decision) -> None:
    assert decide(step, confidence, Thresholds()) is decision


@pytest.mark.parametrize(
    ("text", "lang", "rest"),
    [
        ("no", "es", ""),
        ("no el quince", "es", "el quince"),
        ("no no el quince", "es", "el quince"),
        ("no the fifteenth", "en", "the fifteenth"),
        ("norte", "es", None),
        ("november", "en", None),
        ("sí", "es", None),
    ],
)
def test_what_follows_a_no(text: str, lang: str, rest: str | None) -> None:
    assert after_no(text, lang) == rest


@pytest.mark.parametrize("lang", ["es", "en"])
def test_phrases_cover_what_callers_may_say(telecom: Business, lang: str) -> None:
    from voice.languages import language

    phrases = telecom.flow.phrases(lang)
    assert len(phrases) == len(set(phrases))
    assert all(p == language(lang).normalise(p) and p for p in phrases)
    for intent in telecom.flow.intents.values():
        assert {language(lang).normalise(e) for e in intent.examples[lang]} <= set(phrases)
    assert set(language(lang).digit_words) <= set(phrases)
    assert {"es": {"sí", "precio", "agente"}, "en": {"yes", "price", "agent"}}[lang] <= set(phrases)


def test_static_texts_are_whole_sentences(telecom: Business) -> None:
    texts = telecom.static_texts()
    assert (telecom.flow.disclosure["es"], "es") in texts
    assert (telecom.texts.get("filler", "en"), "en") in texts
    assert all("{" not in text for text, _ in texts)
    assert len(texts) == len(set(texts))
    spoken = {text for text, _ in texts}
    assert "consultar su saldo" not in spoken, "labels are parts of sentences"


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(
            st.sampled_from(["a: ", "- ", "{", "}", "[", "]", "\n", "  ", "&x ", "*x", "'", "|"]), max_size=40
        ).map("".join),
    )
)
def test_any_text_is_a_document_or_a_problem(source: str) -> None:
    document = parse_yaml("f", source)
    assert document.problems or document.data is not None or source.strip() != ""


def test_a_mutilated_flow_never_raises(tmp_path: Path) -> None:
    """Every line left out once: problems or a working flow, never a traceback."""
    from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, make_prompts
    from voice.dialogue.loader import check_path

    lines = APPOINTMENTS.splitlines()
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    path = folder / "flows" / "appointments.yaml"
    outcomes = set()
    for index in range(1, len(lines), 3):
        path.write_text("\n".join(lines[:index] + lines[index + 1 :]), encoding="utf-8")
        business, problems = check_path(path, folder)
        assert (business is None) == any(p.severity == "error" for p in problems)
        assert all(p.line <= len(lines) and p.remedy for p in problems)
        outcomes.add(business is None)
    assert outcomes == {True, False}
    assert PROMPTS.is_dir()
