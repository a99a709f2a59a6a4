"""The packet against its published schema and against golden ones, in both languages.

``UPDATE_GOLDEN=1 pytest tests/queue/test_handoff_packet.py`` writes the schema and the golden packets anew;
read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.desk_rig import HANDOFF, story
from voice import events as ev
from voice.events import Event
from voice.insight.transcript import MASK
from voice.model import CallInfo, Handoff, IntentGuess, MoodSign, Result, Slot, Source, Tried
from voice.queue import known, summary
from voice.queue.packet import Packet, build
from voice.queue.wording import REASONS

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "handoff-packet.schema.json"
GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
INFO = CallInfo("CA1", "MZ1", "twilio", "+34600111222", "+34910000000")

URGENT_EN = Handoff(
    reason="urgent",
    queue="security",
    priority=0,
    lang="en",
    intent=IntentGuess("lost_phone", 0.74, "a lost or stolen phone"),
    alternatives=(IntentGuess("cancel", 0.31, "cancelling a line"), IntentGuess("order_status", 0.2)),
    slots=(Slot("line", "600111222", "", 1.0, True, Source.PROFILE, "line"),),
    tried=(Tried("Block the SIM", "no answer from the system", "timeout"),),
    skills=("security",),
    mood="calm",
    urgent=True,
)
_LINE = Slot("line", "600111222", "seis cero cero", 0.97, True, Source.SPEECH)
_DAY = Slot("day", "2026-03-15", "the fifteenth", 0.97, False, Source.SPEECH)
_PLACE = Slot("place", "north", "", 0.7, False, Source.SPEECH)
_GOES = Slot("sure", "yes", "yes", 0.95, True, Source.SPEECH)
_LAST_CALL = Handoff(
    reason="friction",
    queue="orders",
    priority=3,
    lang="en",
    intent=IntentGuess("order", 0.93, "order status"),
    slots=(
        replace(_LINE, label="line"),
        replace(_DAY, label="delivery date"),
        replace(_PLACE, label="shop", spoken="the north"),
        replace(_GOES, label="go over the order", spoken="yes"),
    ),
    tried=(
        Tried("look up the order", "done", kind="call", code="ok", label="look up the order"),
        Tried("change the date", "failed", kind="call", code="failed", label="change the date"),
        Tried("change the date", "failed", kind="call", code="failed", label="change the date"),
        Tried("order status", "answered", kind="answer", code="answered", label="order status"),
    ),
    results=(
        Result("state", "choice", "shipped", "status", "on its way", "order_status", "look up the order"),
        Result("paid", "amount", "1042.50", "amount paid", "", "order_status", "look up the order"),
        Result("day", "date", "2026-03-15", "", "", "order_status", "look up the order", told=True),
        Result("card", "digits", "4111111111111111", "card", "", "x", "look up the order", sensitive=True),
    ),
    mood="frustrated",
    why_mood=(MoodSign("already_told", 2), MoodSign("not_understood", 3), MoodSign("long_call")),
    stopped_at="delivery date",
)
# as the dialogue gives it: the same call in the flow's other language
HARD_EN = replace(
    _LAST_CALL,
    worded=(
        replace(
            _LAST_CALL,
            lang="es",
            intent=IntentGuess("order", 0.93, "estado de un pedido"),
            slots=(
                replace(_LINE, label="línea"),
                replace(_DAY, label="día de la entrega"),
                replace(_PLACE, label="tienda", spoken="la norte"),
                replace(_GOES, label="revisar el pedido", spoken="sí"),
            ),
            tried=(
                Tried("consultar el pedido", "hecho", kind="call", code="ok", label="consultar el pedido"),
                Tried("cambiar la fecha", "falló", kind="call", code="failed", label="cambiar la fecha"),
                Tried("cambiar la fecha", "falló", kind="call", code="failed", label="cambiar la fecha"),
                Tried("estado de un pedido", "respondido", kind="answer", code="answered"),
            ),
            results=(
                Result("state", "choice", "shipped", "estado", "en camino", "order_status", "consultar"),
                Result("paid", "amount", "1042.50", "importe pagado", "", "order_status", "consultar"),
            ),
            stopped_at="día de la entrega",
        ),
    ),
)
NOTHING_ES = Handoff(reason="no_match", queue="general", priority=5, lang="es")
NOTHING_EN = Handoff(reason="no_input", queue="general", priority=5, lang="en")
CASES: dict[str, tuple[Handoff, list[Event]]] = {
    "es-invoice": (HANDOFF, story("CA1")),
    "en-lost-phone": (
        URGENT_EN,
        [
            Event("CA1", 0, 1500, ev.CallerSaid("someone stole my phone on the bus", 0.9, "en", 400, 1400)),
            Event("CA1", 1, 1530, ev.Responded(1, 25, 500)),
        ],
    ),
    "es-not-understood": (
        NOTHING_ES,
        [
            Event("CA1", 0, 900, ev.CallerSaid("pues mire es que no me llega la señal", 0.4, "es", 0, 800)),
            Event("CA1", 1, 2000, ev.CallerNotUnderstood("ask", 1)),
        ],
    ),
    "en-silent": (NOTHING_EN, []),
    "en-hard": (
        HARD_EN,
        [
            Event(
                "CA1", 0, 900, ev.CallerSaid("i want to change the delivery of my order", 0.9, "en", 0, 800)
            )
        ],
    ),
}  # fmt: skip


def _packet(handoff: Handoff, events: list[Event], **changes: Any) -> Packet:
    options: dict[str, Any] = {
        "ticket_id": "t-CA1",
        "created_at_ms": 1_767_225_600_000,
        "recording": None,
        "call_ms": 21_100,
    }
    return build(handoff, events, INFO, **(options | changes))


def _compare(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_the_documented_schema_is_the_codes() -> None:
    schema = Packet.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Centralita handoff packet"}
    _compare(SCHEMA, head | {k: v for k, v in schema.items() if k != "title"})


@pytest.mark.parametrize("name", CASES)
def test_golden_packets(name: str) -> None:
    packet = _packet(*CASES[name]).model_dump(mode="json")
    _compare(GOLDEN / f"{name}.json", packet)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(packet)
    assert Packet.model_validate_json(json.dumps(packet)).model_dump(mode="json") == packet


def test_timings() -> None:
    timings = _packet(HANDOFF, story("CA1")).timings
    assert timings.to_handoff_ms == 21_050
    assert timings.bot_talk_ms == 2600 + 1400 + 1600 + 1200
    assert timings.caller_talk_ms == 1200 + 4400 + 1600
    assert timings.response_median_ms == 20
    assert _packet(HANDOFF, []).timings.response_median_ms is None


def test_a_sensitive_value_is_nowhere_in_the_packet() -> None:
    card = Slot(
        "card", "4556737586899855", "cuatro cinco cinco seis", 0.9, True, Source.SPEECH, "tarjeta", True
    )
    handoff = replace(
        HANDOFF,
        slots=(card,),
        tried=(
            Tried(
                "Cobrar en 4556 7375 8689 9855", "rechazada 4556-7375-8689-9855", "cuatro, cinco cinco seis"
            ),
        ),
    )
    events = [
        Event("CA1", 0, 0, ev.CallerSaid("es la Cuatro cinco cinco seis y ya", 0.9, "es", 0, 1)),
        Event("CA1", 1, 0, ev.CallerKeyed("4556737586899855")),
    ]
    text = _packet(handoff, events).model_dump_json()
    assert "4556" not in text
    assert "cinco cinco" not in text
    assert MASK in text


def test_every_reason_has_words_in_both_languages() -> None:
    reasons = {"caller_asked", "no_match", "no_input", "flow", "action_failed", "urgent", "loop", "fault"}
    for lang in ("es", "en"):
        assert set(REASONS[lang]) == reasons | {"friction", "time", "not_verified", "correction"}
    assert summary.reason_text("something_new", "es") == "something new"


def test_values_as_people_write_them() -> None:
    assert known.value_text("2026-03-15", "es") == "15 de marzo de 2026"
    assert known.value_text("2026-03-15", "en") == "March 15, 2026"
    assert known.value_text("2026-99-99", "en") == "2026-99-99"
    assert known.value_text("45.20", "es") == "45.20"


def test_an_unsure_intent_is_given_as_a_guess() -> None:
    text = _packet(URGENT_EN, []).summary
    assert "Probably calling about a lost or stolen phone (74% sure), though it could be" in text
    assert "though it could be cancelling a line or the order status." in text


# with halves of surrogate pairs, which JSON can carry and UTF-8 cannot
_TEXT = st.text(st.characters(), max_size=12)
_SLOTS = st.lists(
    st.builds(
        Slot,
        _TEXT,
        _TEXT,
        _TEXT,
        st.floats(0, 1),
        st.booleans(),
        st.sampled_from(Source),
        _TEXT,
        st.booleans(),
    ),
    max_size=3,
)


@settings(max_examples=150, deadline=None)
@given(
    handoff=st.builds(
        Handoff,
        reason=_TEXT,
        queue=_TEXT,
        priority=st.integers(0, 9),
        lang=st.sampled_from(["es", "en", "fr"]),
        intent=st.none() | st.builds(IntentGuess, _TEXT, st.floats(-1, 2), _TEXT),
        slots=_SLOTS.map(tuple),
        tried=st.lists(st.builds(Tried, _TEXT, _TEXT, _TEXT), max_size=2).map(tuple),
        mood=_TEXT,
        urgent=st.booleans(),
    ),
    said=_TEXT,
)
def test_any_handoff_makes_a_valid_packet(handoff: Handoff, said: str) -> None:
    packet = _packet(handoff, [Event("CA1", 0, 0, ev.CallerSaid(said, 0.5, "es", 5, 3))], call_ms=-5)
    packet.model_dump_json()
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(packet.model_dump(mode="json"))
    assert packet.one_line
