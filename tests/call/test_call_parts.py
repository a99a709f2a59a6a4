from __future__ import annotations

from pathlib import Path

from voice import events as ev
from voice.call.calltime import CallTime
from voice.call.files import CallFiles, safe_id
from voice.call.handover import from_log
from voice.clock import ManualClock
from voice.events import Event


def test_call_time_follows_audio_and_goes_on_without_it() -> None:
    clock = ManualClock(5000)
    time = CallTime(clock)
    assert time.now() == 0
    clock.advance(20)
    assert time.audio(20) == 20
    clock.advance(500)
    assert time.now() == 520
    assert time.quiet_ms == 500
    assert time.audio(60) == 520  # late audio never turns time back
    assert time.audio(540) == 540


def test_flooding_shows() -> None:
    clock = ManualClock()
    time = CallTime(clock)
    for n in range(100):
        time.audio((n + 1) * 20)
    assert time.ahead_ms == 2000


def test_call_ids_never_become_foreign_paths(tmp_path: Path) -> None:
    assert safe_id("CA0123456789abcdef") == "CA0123456789abcdef"
    for bad in ("../../etc/passwd", "a/b", "", ".", "..", "x" * 65, "a\0b", "ñ", "-rf"):
        safe = safe_id(bad)
        assert (tmp_path / safe).resolve().parent == tmp_path.resolve()
        assert safe.startswith("call-")


def test_the_same_call_id_twice_overwrites_nothing(tmp_path: Path) -> None:
    first, second = CallFiles.make(tmp_path, "CA1"), CallFiles.make(tmp_path, "CA1")
    first.write_packet({"a": 1})
    second.write_packet({"a": 2})
    assert first.call_id == "CA1"
    assert second.call_id == "CA1-2"
    assert first.packet.read_text() != second.packet.read_text()


def test_a_folder_that_cannot_be_made_does_not_stop_the_call(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    files = CallFiles.make(blocked / "calls", "CA1")
    assert not files.usable
    files.write_packet({})  # logged elsewhere, raises nothing


def test_a_handoff_from_the_log_keeps_what_was_collected() -> None:
    data: list[ev.EventData] = [
        ev.IntentRecognised("balance", 0.9, "consultar el saldo", [["invoice", 0.1]]),
        ev.SlotFilled("customer", "12345678", "uno dos...", 0.8, False, "speech", "número de cliente"),
        ev.SlotConfirmed("customer", "explicit"),
        ev.SlotFilled("amount", "10", "diez", 0.8, False, "speech"),
        ev.SlotConfirmed("amount", "rejected"),
    ]
    log = [Event("c", n, n * 10, d) for n, d in enumerate(data)]
    handoff = from_log(log, reason="fault", queue="general", lang="es")
    assert handoff.intent is not None
    assert handoff.intent.intent == "balance"
    assert [(s.name, s.value, s.confirmed) for s in handoff.slots] == [("customer", "12345678", True)]
