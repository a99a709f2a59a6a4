"""A call and what is known of its caller: found before the first word, within its budget, kept at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.call.line_under_test import LineUnderTest, prompt
from voice import events as ev
from voice.clock import ManualClock
from voice.dialogue.flow import Flow
from voice.dialogue.loader import load_business
from voice.dialogue.seam import Began, CutCall, Listen, Note, Say
from voice.events import Event
from voice.model import Expect, ExpectKind, IntentGuess
from voice.profile.keys import Keys
from voice.profile.service import Profiles, Welcome
from voice.settings import Settings

ASK = Expect(ExpectKind.INTENT, "en", no_input_ms=3000)
NUMBER = "+34600000001"


class Shelf:
    """Profiles that take their time: ``slow_ms`` of the call's clock."""

    def __init__(self, clock: ManualClock, welcome: Welcome, slow_ms: int = 0) -> None:
        self.clock, self.welcome, self.slow_ms = clock, welcome, slow_ms
        self.asked: list[str] = []
        self.kept: list[Sequence[Event]] = []

    async def load(self, caller: str) -> Welcome:
        self.asked.append(caller)
        if self.slow_ms:
            await self.clock.sleep(self.slow_ms)
        return self.welcome

    async def keep(self, events: Sequence[Event]) -> None:
        self.kept.append(events)


def began_with(line: LineUnderTest) -> Began:
    began = line.dialogues[0].inputs[0]
    assert isinstance(began, Began)
    return began


async def test_the_dialogue_begins_knowing_who_calls(line: LineUnderTest) -> None:
    cut = CutCall("order", "en", IntentGuess("order", 1.0))
    shelf = Shelf(line.clock, Welcome({"known": "yes", "order": "1234"}, cut, 12))
    line.services = replace(line.services, profiles=shelf)
    phone = line.phone()
    await phone.ring()
    began = began_with(line)
    assert (dict(began.profile), began.cut) == ({"known": "yes", "order": "1234"}, cut)
    assert shelf.asked == [NUMBER]
    (loaded,) = phone.log(ev.ProfileLoaded)
    assert (loaded.found, loaded.names) == (True, ["known", "order"])
    assert "1234" not in str(loaded), "what is known does not go into the log, only that it is"
    await phone.hang_up()
    assert any(isinstance(event.data, ev.CallEnded) for event in shelf.kept[0])


async def test_a_caller_who_hangs_up_meanwhile_and_one_who_is_let_down(line: LineUnderTest) -> None:
    line.services = replace(line.services, profiles=Shelf(line.clock, Welcome(), slow_ms=200))
    phone = line.phone()
    await phone.ring()
    assert line.dialogues[0].inputs == []
    await phone.hang_up()
    assert phone.session.outcome == "abandoned"
    second = line.phone()
    await second.ring("CA2")
    second.session.drain()
    await second.audio(400)
    assert line.dialogues[1].inputs == [], "the dialogue does not begin with a caller who is on the way out"
    await second.hang_up()


def _telecom(line: LineUnderTest) -> Flow:
    return load_business("telecom", Settings(prompts=line.services.settings.prompts).prompts).flow


class SlowStore:
    """Never answers."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock

    async def recall(self, keys: Sequence[str], now_ms: int) -> list[object]:
        await self.clock.sleep(3_600_000)
        return []

    async def amend(self, *args: object, **more: object) -> None:
        await self.clock.sleep(3_600_000)


async def test_a_store_that_never_answers_costs_300_ms_and_nothing_else(line: LineUnderTest) -> None:
    store: object = SlowStore(line.clock)
    flow = _telecom(line)
    profiles = Profiles(store, line.clock, Keys(b"0123456789abcdef"), lambda: flow)  # type: ignore[arg-type]  # a store of two methods
    line.services = replace(line.services, profiles=profiles, flow_name=flow.name)
    line.script = lambda event, now: [Say((prompt("Hello."),)), Listen(ASK)]
    phone = line.phone()
    await phone.ring()
    await phone.audio(280)
    assert line.dialogues[0].inputs == []
    await phone.audio(40)
    began = began_with(line)
    assert (dict(began.profile), began.cut) == ({}, None)
    (loaded,) = phone.log(ev.ProfileLoaded)
    assert (loaded.found, loaded.why, loaded.ms) == (False, "slow", 300)
    await phone.audio(200)
    assert phone.count("media"), "and the line speaks"
    phone.message("stop", stop={"callSid": "CA1", "accountSid": "AC1"})
    await phone.session.settled()
    while not phone.task.done():
        line.clock.advance(1000)
        await phone.session.settled()
    assert phone.session.outcome == "abandoned"


async def test_two_calls_through_the_database(line: LineUnderTest) -> None:
    flow = _telecom(line)
    keys = Keys(b"0123456789abcdef")
    profiles = Profiles(line.store, line.clock, keys, lambda: flow)
    line.services = replace(line.services, profiles=profiles, flow_name=flow.name, flow_version=flow.version)
    slot = ev.SlotFilled("order_number", "123456", "123456", 1.0, True, "dtmf")
    asked = [
        ev.SlotFilled("may_remember", "yes", "yes", 1.0, True, "speech"),
        ev.IntentRecognised("order", 1.0),
        ev.StepEntered("order_number"),
        slot,
        ev.StepEntered("review"),
    ]
    line.script = lambda event, now: [*(Note(item) for item in asked), Say((prompt("Well?"),)), Listen(ASK)]
    first = line.phone()
    await first.ring()
    await first.audio(200)
    await first.hang_up()
    second = line.phone()
    await second.ring("CA2")
    began = line.dialogues[1].inputs[0]
    assert isinstance(began, Began)
    assert began.cut is not None
    assert (began.cut.step, began.cut.slots[-1].value) == ("review", "123456")
    assert began.profile["last_outcome"] == "cut"
    await second.hang_up()
