"""A caller who only paused: what was answered is taken back, or goes on, and two turns stay two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.call.line_under_test import PROMPTS, LineUnderTest, Phone, prompt
from tests.call.test_hearing_overlap import LOUD, QUIET, Line
from voice import events as ev
from voice.call.hearing import JOIN_MS
from voice.call.rejoin import GAP_MS, Answered, GoesOn, goes_on
from voice.call.turns import TurnTaking
from voice.dialogue.loader import Business, load_business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import (
    Action,
    ActionDone,
    Began,
    Heard,
    Input,
    Invoke,
    Listen,
    Note,
    Say,
)
from voice.events import CallerNotUnderstood
from voice.insight.transcript import fold
from voice.model import BargeIn, Digit, Expect, ExpectKind, KeypadSpec, Transcript, Word
from voice.speech.seam import Grammar

SAID = {"i want to pay": "pay", "i want to pay my bill": "bill", "my bill": "bill", "an agent": "person"}
MENU = Expect(
    ExpectKind.INTENT,
    "en",
    tuple(SAID),
    meanings=tuple(SAID.values()),
    keypad=KeypadSpec(1, 1),
    no_input_ms=4000,
)
NUMBER = Expect(ExpectKind.DIGITS, "en", digits=True, shortest=4, longest=8)
CONFIRM = Expect(ExpectKind.YES_NO, "en", ("yes", "no"), meanings=("yes", "no"))


@pytest.fixture(scope="module")
def telecom() -> Business:
    return load_business("telecom", PROMPTS)


def heard(text: str, confidence: float = 0.9) -> Transcript:
    words = tuple(Word(word, 100 * n, 100 * n + 90, confidence) for n, word in enumerate(text.split()))
    return Transcript(text, confidence, words)


@pytest.mark.parametrize(
    ("first", "alone", "joined", "asked", "expected"),
    [
        ("i want to pay", "", "i want to pay my bill", MENU, GoesOn.OTHERWISE),
        ("i want to pay", "my", "i want to pay my bill", CONFIRM, GoesOn.OTHERWISE),
        ("i want to pay my bill", "my bill", "i want to pay my bill", CONFIRM, GoesOn.SAME),
        ("my bill", "", "my bill", CONFIRM, GoesOn.SAME),  # a cough after it
        ("i want to pay", "yes", "i want to pay", CONFIRM, GoesOn.NOT),  # it answers what is asked now
        ("i want to pay", "an agent", "i want to pay an agent", MENU, GoesOn.NOT),
        ("", "my bill", "i want to pay my bill", MENU, GoesOn.OTHERWISE),
        ("put me with slower", "an agent", "an agent", MENU, GoesOn.OTHERWISE),
        ("put me a", "through", "put me through to her", MENU, GoesOn.OTHERWISE),
        ("put me a", "my bill", "put me a my bill", MENU, GoesOn.NOT),
        ("", "", "", MENU, GoesOn.NOT),
    ],
)  # fmt: skip
def test_what_two_parts_of_a_wish_make(
    first: str, alone: str, joined: str, asked: Expect, expected: GoesOn
) -> None:
    assert goes_on(Answered(MENU, heard(first)), heard(alone), heard(joined), asked) is expected


@pytest.mark.parametrize(
    ("first", "alone", "joined", "expected"),
    [
        ("one two three four", "", "one two three four five six", GoesOn.OTHERWISE),
        ("one two three", "four five", "one two three four five", GoesOn.OTHERWISE),
        ("one two three four", "yes", "one two three four", GoesOn.NOT),
        ("one two three four", "", "one two three five six", GoesOn.NOT),  # not the same digits
        ("one two three four", "", "one two three four one two three four five", GoesOn.NOT),  # too many
    ],
)
def test_what_two_parts_of_a_number_make(first: str, alone: str, joined: str, expected: GoesOn) -> None:
    assert goes_on(Answered(NUMBER, heard(first)), heard(alone), heard(joined), CONFIRM) is expected


def test_an_answer_to_the_next_question_needs_not_be_heard_better_than_the_one_before() -> None:
    answered = Answered(MENU, heard("my bill"))
    assert goes_on(answered, heard("yes", 0.6), heard("my bill", 0.95), CONFIRM) is GoesOn.NOT
    assert goes_on(answered, heard("yes", 0.3), heard("my bill", 0.95), CONFIRM) is GoesOn.SAME


def test_words_that_are_hardly_believed_take_nothing_back() -> None:
    answered = Answered(MENU, heard("i want to pay"))
    assert goes_on(answered, heard(""), heard("i want to pay my bill", 0.3), MENU) is GoesOn.NOT


# --- the ear ----------------------------------------------------------------------------------------


def answered_line() -> Line:
    line = Line()
    line.hearing.grammar, line.hearing.expect = Grammar("en", tuple(SAID)), MENU
    line.say()
    line.ear.streams[0].answer("i want to pay")
    line.hearing.answered()
    line.hearing.grammar = Grammar("en", ("yes", "no"))
    return line


def test_both_parts_are_heard_as_one_by_what_was_asked_first() -> None:
    line = answered_line()
    line.say()
    _, joined, alone = sorted(line.ear.streams, key=lambda s: s.grammar.phrases != tuple(SAID))
    joined.answer("i want to pay my bill")
    assert len(line.listener.heard) == 1  # until both are known
    alone.answer("")
    assert line.listener.heard[1].text == ""
    both = line.hearing.joined
    assert both is not None
    assert both.text == "i want to pay my bill"
    assert (both.start_ms, both.end_ms) == (line.listener.heard[0].start_ms, line.listener.heard[1].end_ms)
    assert 600 * 16 < joined.bytes < 2 * 16 * (300 + 300 + 200)


@pytest.mark.parametrize("why", ["settled", "late", "nothing answered"])
def test_nothing_is_heard_twice_that_can_change_nothing(why: str) -> None:
    line = answered_line()
    if why == "settled":
        line.hearing.settle()
    elif why == "late":
        line.audio(QUIET, GAP_MS)
    else:
        line = Line()
        line.say()
    before = len(line.ear.streams)
    line.say()
    assert len(line.ear.streams) == before + 1


def test_a_failing_second_look_at_both_parts_holds_nothing_up() -> None:
    line = answered_line()
    line.audio(LOUD, 300)
    line.ear.broken = True
    line.audio(QUIET, 500)
    line.ear.streams[1].answer("my bill")
    assert [said.text for said in line.listener.heard] == ["i want to pay", "my bill"]
    assert line.hearing.joined is None


def test_a_slow_second_look_at_both_parts_is_not_waited_for() -> None:
    line = answered_line()
    line.say()
    _, joined, alone = sorted(line.ear.streams, key=lambda s: s.grammar.phrases != tuple(SAID))
    alone.answer("my bill")
    line.audio(QUIET, JOIN_MS)
    assert len(line.listener.heard) == 1
    line.audio(QUIET, 40)
    assert [said.text for said in line.listener.heard] == ["i want to pay", "my bill"]
    assert line.hearing.joined is None
    assert joined.cancelled


def test_a_key_for_the_answer_that_is_no_more_answers_nothing() -> None:
    turns = TurnTaking()
    turns.listen(CONFIRM, 0)
    turns.speak(1, BargeIn.SPEECH)
    assert turns.key(Digit("1", 100), 100) == []  # kept for the end of the prompt
    assert turns.taken_back(MENU, 200) == []
    assert turns.expect is MENU


# --- whole calls ------------------------------------------------------------------------------------


def answers(*actions: Action) -> Callable[[Input, int], list[Action]]:
    def script(event: Input, now: int) -> list[Action]:
        if isinstance(event, Began):
            return [Say((prompt("Yes?"),)), Listen(MENU)]
        if isinstance(event, Heard):
            text = f"You want {event.transcript.text}. One sentence. Two sentences. Three sentences."
            return [Say((prompt(text),)), *actions]
        return []

    return script


async def pausing(line: LineUnderTest, first: str, alone: str, joined: str) -> Phone:
    """Says ``first``, and ``alone`` in the first half second of the answer."""
    phone = line.phone()
    await phone.ring()
    line.dialogues[0].can_go_back = True
    await phone.audio(600)
    line.ear.answers.append(first)
    await phone.audio(600, line.speech[: 600 * 16])
    await phone.audio(900)
    line.ear.answers += [alone, joined]
    await phone.audio(600, line.speech[: 600 * 16])
    await phone.audio(1400)
    return phone


def wishes(line: LineUnderTest) -> list[str]:
    return [i.transcript.text for i in line.dialogues[0].inputs if isinstance(i, Heard)]


async def test_an_answer_to_half_a_wish_is_taken_back(line: LineUnderTest) -> None:
    line.script = answers(Note(CallerNotUnderstood("menu", 1)), Listen(MENU))
    phone = await pausing(line, "i want to pay", "", "i want to pay my bill")
    assert wishes(line) == ["i want to pay my bill"]
    assert [t.turn for t in phone.log(ev.TurnTakenBack)] == [1]
    assert [s.text for s in phone.log(ev.CallerSaid)] == ["i want to pay", "i want to pay my bill"]
    assert phone.log(ev.BotSaid)[-1].text.startswith("You want i want to pay my bill")
    cut = phone.log(ev.BotHeard)[1]
    assert cut.ended != "full"
    await phone.audio(3000)
    assert phone.log(ev.BotHeard)[-1].ended == "full"
    lines = fold(phone.session.events)
    assert [one.text for one in lines if one.who == "caller"] == ["i want to pay my bill"]
    assert [one.who for one in lines] == ["bot", "caller", "bot", "bot"], (
        "the beginning of an answer was heard"
    )


async def test_the_end_of_a_sentence_that_was_understood_changes_nothing(line: LineUnderTest) -> None:
    line.script = answers(Listen(MENU))
    phone = await pausing(line, "i want to pay my bill", "my bill", "i want to pay my bill")
    assert wishes(line) == ["i want to pay my bill"]
    assert [r.why for r in phone.log(ev.BotResumed)] == ["went_on"]
    await phone.audio(3000)
    assert phone.log(ev.BotHeard)[-1].ended == "full"


@pytest.mark.parametrize("what", ["action", "protected", "secret"])
async def test_what_cannot_be_taken_back_is_not(line: LineUnderTest, what: str) -> None:
    """An action has begun, a text must be heard out, or a secret was not kept."""

    def script(event: Input, now: int) -> list[Action]:
        secret = what == "secret"
        asked = Expect(ExpectKind.INTENT, "en", tuple(SAID), meanings=tuple(SAID.values()), sensitive=secret)
        if isinstance(event, Began):
            return [Say((prompt("Yes?"),)), Listen(asked)]
        policy = BargeIn.NONE if what == "protected" else BargeIn.ANY
        more: Action = Invoke("a1", "x", {}, 5000) if what == "action" else Listen(MENU)
        return (
            [Say((prompt("This goes on. For a while. And on.", policy),)), more]
            if isinstance(event, Heard)
            else []
        )

    line.script = script
    phone = await pausing(line, "i want to pay", "", "i want to pay my bill")
    assert phone.log(ev.TurnTakenBack) == []
    assert wishes(line)[0] == "i want to pay"


# --- the dialogue -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "half", "whole"), [
    ("es", "hola", "quiero saber mi saldo"), ("en", "my order", "where is my order"),
])  # fmt: skip
def test_a_dialogue_that_went_back_knows_nothing_of_the_turn(
    telecom: Business, lang: str, half: str, whole: str
) -> None:
    def begun() -> FlowDialogue:
        dialogue = FlowDialogue(telecom.flow, telecom.texts, telecom.understanding, lang)
        dialogue.step(Began("+34600000001", "+34900000000", 1_768_381_200_000), 0)
        return dialogue

    straight, back = begun(), begun()
    restore = back.checkpoint()
    assert restore is not None
    back.step(Heard(heard(half)), 6000)
    restore()
    assert back.step(Heard(heard(whole)), 8000) == straight.step(Heard(heard(whole)), 8000)
    assert back.deadline() == straight.deadline()


# --- what happens in between ------------------------------------------------------------------------


class Measured:
    """How much audio each utterance of a line has had, in bytes, from here on."""

    def __init__(self, line: LineUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bytes: list[int] = []
        opening = line.ear.open

        def opened(*given: Any) -> Any:
            stream, at = opening(*given), len(self.bytes)
            self.bytes.append(0)
            monkeypatch.setattr(stream, "feed", lambda pcm: self.feed(at, pcm))
            return stream

        monkeypatch.setattr(line.ear, "open", opened)

    def feed(self, at: int, pcm: bytes) -> None:
        self.bytes[at] += len(pcm)


async def test_three_parts_of_one_wish_are_heard_as_one(
    line: LineUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.script = answers(Listen(MENU))
    phone = line.phone()
    await phone.ring()
    line.dialogues[0].can_go_back = True
    await phone.audio(600)
    measured = Measured(line, monkeypatch)
    line.ear.answers += ["", "i want", "i want to pay", "", "i want to pay my bill"]
    for _ in range(3):
        await phone.audio(600, line.speech[: 600 * 16])
        await phone.audio(900)
    await phone.audio(600)
    assert wishes(line) == ["i want to pay my bill"]
    first, _, two, _, three = measured.bytes
    assert three - two > two - first > 0


async def test_an_action_that_ended_in_between_is_not_forgotten(line: LineUnderTest) -> None:
    async def slow() -> dict[str, Any]:
        await line.clock.sleep(2300)
        return {}

    def script(event: Input, now: int) -> list[Action]:
        if isinstance(event, Began):
            return [Invoke("late-1", "x", {}, 60_000), Say((prompt("Yes?"),)), Listen(MENU)]
        return answers(Listen(MENU))(event, now)

    line.actions.run_action, line.script = lambda invoke: slow(), script
    phone = line.phone()
    await phone.ring()
    line.dialogues[0].can_go_back = True
    await phone.audio(600)
    line.ear.answers += ["i want to pay", "", "i want to pay my bill"]
    await phone.audio(600, line.speech[: 600 * 16])
    await phone.audio(900)
    await phone.audio(600, line.speech[: 600 * 16])
    await phone.audio(1400)
    assert any(isinstance(one, ActionDone) for one in line.dialogues[0].inputs)
    assert phone.log(ev.TurnTakenBack) == []


def test_what_an_action_answered_is_never_copied(telecom: Business) -> None:
    class Odd:
        def __deepcopy__(self, memo: object) -> None:
            raise TypeError("a connection cannot be copied")

    dialogue = FlowDialogue(telecom.flow, telecom.texts, telecom.understanding, "en")
    dialogue.step(Began("+34600000001", "+34900000000", 1_768_381_200_000), 0)
    dialogue._memory.variables["connection"] = odd = Odd()
    restore = dialogue.checkpoint()
    assert restore is not None
    restore()
    assert dialogue._memory.variables["connection"] is odd
    dialogue._memory.variables["connection"] = [odd]
    dialogue._memory.profile = {"odd": odd}
    assert dialogue.checkpoint() is None  # a turn that cannot be taken back is no broken call
