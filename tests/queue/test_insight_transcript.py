from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from voice import events as ev
from voice.events import Event, EventData
from voice.insight.transcript import MASK, Line, fold


def _events(*items: tuple[int, EventData]) -> list[Event]:
    return [Event("CA1", seq, at, data) for seq, (at, data) in enumerate(items)]


def test_the_bot_said_only_what_was_heard() -> None:
    lines = fold(
        _events(
            (0, ev.BotSaid(1, "Hola. Puede decir saldo o factura.", "es", "a", "any")),
            (0, ev.BotSaid(2, "O pulse cero.", "es", "b", "any")),
            (1200, ev.BotHeard(1, "Hola.", 900, "cut")),
            (1200, ev.BotHeard(2, "", 0, "unheard")),
            (2500, ev.CallerSaid("factura", 0.8, "es", 1100, 2000)),
            (2600, ev.BotSaid(3, "Un momento.", "es", "c", "none")),
        )
    )
    assert lines == [
        Line("bot", "Hola.", 0, 1.0, 900, "cut"),
        Line("caller", "factura", 1100, 0.8),
    ]


def test_sound_without_words_and_silence_make_no_line() -> None:
    assert fold(_events((0, ev.CallerSaid("", 0.0, "es", 0, 300)), (9, ev.CallerSilent("ask", 1)))) == []


def test_what_answers_a_sensitive_question_is_masked_every_try() -> None:
    lines = fold(
        _events(
            (0, ev.CallerSaid("mi cuenta", 0.9, "es", 0, 1)),
            (1, ev.StepEntered("pin")),
            (2, ev.CallerSaid("siete tres nueve", 0.4, "es", 2, 3)),
            (3, ev.CallerNotUnderstood("pin", 1)),
            (4, ev.StepEntered("pin", 2)),
            (5, ev.CallerKeyed("7391", sensitive=True)),
            (5, ev.SlotFilled("pin", MASK, MASK, 1.0, False, "dtmf", sensitive=True)),
            (6, ev.StepEntered("next")),
            (7, ev.CallerKeyed("12")),
        )
    )
    assert [line.text for line in lines] == ["mi cuenta", MASK, MASK, "12"]
    assert [line.who for line in lines] == ["caller", "caller", "keypad", "keypad"]


def test_a_sensitive_profile_value_masks_nothing_that_was_said() -> None:
    lines = fold(
        _events(
            (0, ev.StepEntered("ask")),
            (1, ev.CallerSaid("hola", 0.9, "es", 0, 1)),
            (2, ev.SlotFilled("iban", MASK, MASK, 1.0, True, "profile", sensitive=True)),
        )
    )
    assert [line.text for line in lines] == ["hola"]


_DATA = st.one_of(
    st.builds(
        ev.BotSaid, st.integers(0, 3), st.text(max_size=9), st.just("es"), st.just("k"), st.just("any")
    ),
    st.builds(
        ev.BotHeard,
        st.integers(0, 3),
        st.text(max_size=9),
        st.integers(0, 900),
        st.sampled_from(["full", "cut", "unheard"]),
    ),
    st.builds(
        ev.CallerSaid,
        st.text(max_size=9),
        st.floats(0, 1),
        st.just("es"),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    st.builds(ev.CallerKeyed, st.text("0123456789", max_size=4), st.booleans()),
    st.builds(ev.StepEntered, st.sampled_from("ab")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_DATA, max_size=25))
def test_no_line_says_what_no_event_did(items: list[EventData]) -> None:
    events = _events(*((n, data) for n, data in enumerate(items)))
    heard = {d.heard.strip() for d in items if isinstance(d, ev.BotHeard)}
    said = {d.text for d in items if isinstance(d, ev.CallerSaid)}
    keyed = {d.keys for d in items if isinstance(d, ev.CallerKeyed) and not d.sensitive} | {MASK}
    for line in fold(events):
        assert line.text
        assert line.text in {"bot": heard, "caller": said, "keypad": keyed}[line.who]
    # an unfinished call is the beginning of the finished one, but for prompts still being said
    assert len(fold(events[:-1])) <= len(fold(events))


def test_the_words_that_stated_a_wish_are_marked_with_it() -> None:
    lines = fold(
        _events(
            (0, ev.StepEntered("menu")),
            (1, ev.CallerSaid("dame un consejo", 0.9, "es", 1, 2)),
            (3, ev.StepEntered("advisor")),
            (4, ev.CallerSaid("cuánto cuesta el envío", 0.9, "es", 4, 5)),
            (6, ev.CallerSaid("quiero pagar lo de enero", 0.9, "es", 6, 7)),
            (8, ev.ModelConsulted("advisor", "left", 10, [], [])),
            (8, ev.IntentRecognised("pay", 0.9)),
            (8, ev.StepEntered("menu")),
            (9, ev.CallerSaid("lo de los horarios del centro", 0.5, "es", 9, 10)),
            (11, ev.CallerSaid("sí", 0.9, "es", 11, 12)),
            (12, ev.IntentRecognised("hours", 0.9)),
            (13, ev.StepEntered("hours")),
        )
    )
    assert [line.intent for line in lines] == ["", "", "pay", "hours", "hours"]
