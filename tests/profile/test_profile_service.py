"""Profiles between store and calls: within a budget, with consent, erased for good; and identity checks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from voice import events as ev
from voice.cli import main
from voice.clock import ManualClock
from voice.dialogue.flow import Flow
from voice.dialogue.loader import load_business
from voice.dialogue.seam import IdentityCheck, Invoke
from voice.errors import ActionError, StoreError
from voice.events import Event, EventData
from voice.model import CallInfo, JsonDict, Remembered, Ticket, TicketState
from voice.profile.keys import Keys, load_keys
from voice.profile.service import Profiles
from voice.profile.spec import Remember
from voice.profile.tries import Tries
from voice.profile.verify import Verifier
from voice.store.engines import store_url
from voice.store.sql import SqlStore

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
NUMBER, OTHER = "+34600111222", "+34600111333"
CALL = CallInfo("CA1", "MZ1", "twilio", NUMBER)
KEYS = Keys(b"0123456789abcdef")
MINUTE = 60_000


class Gated(SqlStore):
    """Answers after ``delay_ms`` of the test's clock, or fails."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__("sqlite://")
        self.clock = clock
        self.delay_ms = 0
        self.broken = False

    async def _wait(self) -> None:
        if self.broken:
            raise StoreError("the disk is full")
        if self.delay_ms:
            await self.clock.sleep(self.delay_ms)

    async def recall(self, keys: Sequence[str], now_ms: int) -> list[Remembered]:
        await self._wait()
        return await super().recall(keys, now_ms)

    async def amend(self, *args: Any, **more: Any) -> JsonDict | None:
        await self._wait()
        return await super().amend(*args, **more)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(clock: ManualClock) -> AsyncIterator[Gated]:
    made = Gated(clock)
    await made.open()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def telecom() -> Flow:
    return load_business("telecom", PROMPTS).flow


def profiles(flow: Flow, store: Gated, clock: ManualClock, **remember: Any) -> Profiles:
    own = Remember.model_validate({"values": ("order_number",)} | remember)
    changed = flow.model_copy(update={"remember": own})
    return Profiles(store, clock, KEYS, lambda: changed)


def events(flow: Flow, clock: ManualClock, *data: EventData, outcome: str = "completed") -> list[Event]:
    began = ev.CallStarted("twilio", NUMBER, "+349", "en", flow.name, flow.version, clock.wall_ms())
    slot = ev.SlotFilled("order_number", "654321", "654321", 0.9, True, "speech", "order")
    asked = (ev.IntentRecognised("order", 0.9), ev.StepEntered("order_number"), slot)
    all_data = [began, *asked, *data, ev.CallEnded(outcome, "x", 60_000)]
    return [Event("CA1", n, n, item) for n, item in enumerate(all_data)]


async def test_the_next_call_knows_what_the_last_one_left(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock)
    assert (await known.load(NUMBER)).why == "unknown"
    assert (await known.load("anonymous")).why == "withheld"
    await known.keep(events(telecom, clock))
    welcome = await known.load("0034 600 111 222")
    assert (welcome.found, welcome.values["order_number"], welcome.values["language"]) == (
        True,
        "654321",
        "en",
    )
    assert not (await known.load(OTHER)).found
    rows = await store._read(lambda c: list(c.execute(text("SELECT key, body FROM memories"))))
    assert rows
    assert not any("600111222" in str(tuple(row)) for row in rows), "no number in clear"


async def test_a_case_is_open_until_somebody_closes_its_ticket(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock)
    ticket = Ticket("t-CA1", "CA1", "orders", 5, "en", "flow", "s", TicketState.ACCEPTED, 1, 1)
    await store.save_ticket(ticket, {})
    handed = ev.TicketChanged("t-CA1", "waiting")
    await known.keep(events(telecom, clock, handed, outcome="transferred"))
    assert (await known.load(NUMBER)).values["open_case"] == "order"
    await store.move_ticket("t-CA1", [TicketState.ACCEPTED], TicketState.COMPLETED, now_ms=2)
    assert "open_case" not in (await known.load(NUMBER)).values


async def test_a_slow_or_broken_store_means_nobody_is_known(
    telecom: Flow, store: Gated, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    known = profiles(telecom, store, clock)
    await known.keep(events(telecom, clock))
    store.delay_ms = 10_000
    loading = asyncio.create_task(known.load(NUMBER))
    await asyncio.sleep(0)  # it asks the store
    await asyncio.sleep(0)
    clock.advance(299)
    assert not loading.done()
    clock.advance(1)
    welcome = await loading
    assert (welcome.found, welcome.why, welcome.ms) == (False, "slow", 300)
    store.broken = True
    assert (await known.load(NUMBER)).why == "failed"
    await known.keep(events(telecom, clock))
    assert "the disk is full" in caplog.text
    assert "600111222" not in caplog.text


async def test_a_cut_call_is_remembered_for_ten_minutes(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock)
    await known.keep(events(telecom, clock, outcome="abandoned"))
    clock.advance(10 * MINUTE - 1)
    cut = (await known.load(NUMBER)).cut
    assert cut is not None
    assert cut.step == "order_number"
    clock.advance(1)
    welcome = await known.load(NUMBER)
    assert welcome.cut is None
    assert welcome.values["last_outcome"] == "cut"
    without = profiles(telecom, store, clock, resume=False)
    await without.keep(events(telecom, clock, outcome="abandoned"))
    assert (await without.load(NUMBER)).cut is None


async def test_a_call_that_came_to_an_end_takes_the_cut_one_away(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock)
    await known.keep(events(telecom, clock, outcome="abandoned"))
    await known.keep(events(telecom, clock, outcome="completed"))
    assert (await known.load(NUMBER)).cut is None


def _consent(answer: str) -> ev.SlotFilled:
    return ev.SlotFilled("remember_me", answer, answer, 1.0, True, "speech", "")


async def test_without_a_yes_nothing_is_kept_and_a_no_erases(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock, consent="remember_me")
    await known.keep(events(telecom, clock))
    assert not (await known.load(NUMBER)).found
    await known.keep(events(telecom, clock, _consent("yes")))
    await known.keep(events(telecom, clock))
    values = (await known.load(NUMBER)).values
    assert (values["consent"], values["calls"]) == ("yes", "2"), "a yes holds for later calls"
    await known.keep(events(telecom, clock, _consent("no"), outcome="abandoned"))
    assert (await known.load(NUMBER)).values == {"consent": "no"}, "so that nobody asks again"
    await known.keep(events(telecom, clock))
    assert (await known.load(NUMBER)).values == {"consent": "no"}, "and it holds for later calls"


async def test_erased_is_erased_and_the_call_does_not_bring_it_back(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock)
    await known.keep(events(telecom, clock, outcome="abandoned"))
    assert await known.erase(NUMBER)
    await known.keep(events(telecom, clock, ev.ProfileErased("caller"), outcome="abandoned"))
    assert not (await known.load(NUMBER)).found


async def test_what_is_old_is_forgotten(telecom: Flow, store: Gated, clock: ManualClock) -> None:
    known = profiles(telecom, store, clock, days=30)
    await known.keep(events(telecom, clock))
    clock.advance(30 * 24 * 60 * MINUTE)
    assert not (await known.load(NUMBER)).found
    tidy = asyncio.create_task(known.keep_tidy())
    while not clock.sleepers(None):  # noqa: ASYNC110 - its own pause is what is waited for
        await asyncio.sleep(0)
    tidy.cancel()
    count = await store._read(lambda c: c.execute(text("SELECT count(*) FROM memories")).scalar_one())
    assert count == 0


async def test_the_verified_profile_holds_more_than_the_numbers(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock, values=(), verified=("order_number",))
    identity = KEYS.identity("customer", "12345678")
    proved = ev.IdentityChecked("customer", "factor", "ok", identity=identity)
    await known.keep(events(telecom, clock, proved))
    assert "order_number" not in (await known.load(NUMBER)).values
    assert (await known.of_identity(identity))["order_number"] == "654321"
    assert await known.of_identity("i:nobody") == {}


async def test_a_flow_that_remembers_nothing_leaves_nothing(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    plain = telecom.model_copy(update={"remember": None})
    known = Profiles(store, clock, KEYS, lambda: plain)
    await known.keep(events(telecom, clock, outcome="abandoned"))
    assert (await known.load(NUMBER)).why == "unknown"
    assert await store.remembered("profile", 0) == []


# --- identity checks ------------------------------------------------------------------------------------


class Office:
    """The business's side of a check: one customer, one PIN."""

    def __init__(self) -> None:
        self.asked = 0
        self.codes: list[str] = []
        self.fails = False

    async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
        self.asked += 1
        if self.fails:
            raise ActionError("unreachable", "nobody there")
        if invoke.arguments.get("customer") != "12345678":
            raise ActionError("not_found", "no such customer")
        if invoke.name == "send_code":
            self.codes.append(invoke.arguments["code"])
            return {"sent_to": "22"}
        return {"verified": invoke.arguments["pin"] == "7391", "name": "Ana"}


def check(pin: str, customer: str = "12345678", **more: Any) -> Invoke:
    identity = IdentityCheck("customer", customer, "factor", pin, lock_after=3, lock_minutes=30)
    arguments = {"customer": customer, "pin": pin}
    return Invoke("v-1", "check_pin", arguments, 5000, replace(identity, **more))


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def verifier(office: Office, store: Gated, clock: ManualClock) -> Verifier:
    return Verifier(office, Tries(store, clock), clock, KEYS, new_code=lambda digits: "042137"[:digits])


async def outcome(verifier: Verifier, invoke: Invoke, call: CallInfo = CALL) -> str:
    return str((await verifier.run(invoke, call))["outcome"])


async def test_a_right_secret_proves_who_it_is(verifier: Verifier) -> None:
    found = await verifier.run(check("7391"), CALL)
    assert (found["outcome"], found["value"]["name"]) == ("ok", "Ana")
    assert found["identity"] == KEYS.identity("customer", "12345678")
    plain = Invoke("p", "check_pin", {"customer": "12345678", "pin": "x"}, 5000)
    assert (await verifier.run(plain, CALL))["verified"] is False, "other actions go through"


async def test_wrong_tries_lock_over_calls_and_the_lock_ends(
    verifier: Verifier, office: Office, clock: ManualClock
) -> None:
    calls = [replace(CALL, call_id=f"CA{n}", caller=f"+3460000000{n}") for n in range(5)]
    assert [await outcome(verifier, check("0000"), c) for c in calls[:3]] == ["failed", "failed", "locked"]
    assert await outcome(verifier, check("7391"), calls[3]) == "locked", "also with the right one"
    assert office.asked == 3
    assert await outcome(verifier, check("7391", "99999999"), calls[4]) == "failed", "only this identity"
    clock.advance(30 * MINUTE)
    assert await outcome(verifier, check("7391"), calls[3]) == "ok"
    assert await outcome(verifier, check("0000"), calls[3]) == "failed", "a right one clears the count"


async def test_many_at_once_have_no_more_tries(verifier: Verifier, office: Office) -> None:
    got = await asyncio.gather(*(outcome(verifier, check(f"{n:04d}")) for n in range(10)))
    assert office.asked == 3
    assert got.count("failed") <= 3
    assert "ok" not in got


async def test_one_number_cannot_guess_at_many_identities(verifier: Verifier, office: Office) -> None:
    got = [await outcome(verifier, check("1234", f"1111000{n}")) for n in range(12)]
    assert got[:8] == ["failed"] * 8
    assert set(got[8:]) == {"locked"}
    assert await outcome(verifier, check("7391")) == "locked"


async def test_an_unknown_customer_sounds_like_a_wrong_secret(verifier: Verifier) -> None:
    assert await verifier.run(check("7391", "99999999"), CALL) == {"outcome": "failed"}


async def test_a_check_that_could_not_be_made_costs_no_try(verifier: Verifier, office: Office) -> None:
    office.fails = True
    for _ in range(5):
        with pytest.raises(ActionError, match="nobody there"):
            await verifier.run(check("7391"), CALL)
    office.fails = False
    assert await outcome(verifier, check("7391")) == "ok"


async def test_a_slow_or_broken_store_counts_in_memory(verifier: Verifier, store: Gated) -> None:
    store.broken = True
    assert [await outcome(verifier, check("0000")) for _ in range(4)] == [
        "failed", "failed", "locked", "locked",
    ]  # fmt: skip
    store.broken = False
    assert await outcome(verifier, check("7391")) == "locked", "and what was counted is not lost"


async def test_a_store_that_failed_for_a_moment_unlocks_nobody(verifier: Verifier, store: Gated) -> None:
    for _ in range(3):
        await verifier.run(check("0000"), CALL)
    store.broken = True
    await verifier.run(check("0000"), CALL)
    store.broken = False
    assert await outcome(verifier, check("7391")) == "locked"


async def test_many_at_once_are_counted_while_the_store_fails(
    verifier: Verifier, store: Gated, office: Office
) -> None:
    store.broken = True
    got = await asyncio.gather(*(outcome(verifier, check(f"{n:04d}")) for n in range(10)))
    assert office.asked == 3
    assert got.count("failed") <= 3


WITHHELD = replace(CALL, call_id="CA5", caller="anonymous")


async def test_withheld_numbers_have_one_limit_together(
    verifier: Verifier, office: Office, clock: ManualClock
) -> None:
    """Each call tries another customer, so that none of these is ever locked."""
    odd = ["anonymous", "", "+266696687", "sip:one@example.com", "112"]
    calls = [replace(WITHHELD, call_id=f"CA{n}", caller=odd[n % 5]) for n in range(14)]
    tries = [check("1234", f"222200{n:02d}", withheld_after=10) for n in range(14)]
    got = [await outcome(verifier, one, call) for one, call in zip(tries, calls, strict=True)]
    assert got == ["failed"] * 9 + ["locked"] * 5
    assert office.asked == 10
    mine = check("7391", withheld_after=10)
    assert await outcome(verifier, mine, WITHHELD) == "locked", "a person, whoever it is"
    assert await outcome(verifier, mine, CALL) == "ok", "whoever shows a number is not held up"
    clock.advance(30 * MINUTE)
    assert await outcome(verifier, mine, WITHHELD) == "ok"


def test_a_colleague_ends_a_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def prove(clock: ManualClock, call: CallInfo, pin: str) -> str:
        store = SqlStore(store_url(tmp_path))
        await store.open()
        try:
            verifier = Verifier(Office(), Tries(store, clock), clock, load_keys(tmp_path))
            return await outcome(verifier, check(pin, withheld_after=2), call)
        finally:
            await store.close()

    def tries(*pins: str, call: CallInfo = CALL) -> list[str]:
        return [asyncio.run(prove(ManualClock(), call, pin)) for pin in pins]

    def unlock(*whose: str) -> str:
        assert main(["profile", "unlock", *whose, "--data", str(tmp_path)]) == 0
        return capsys.readouterr().out

    assert tries("1", "2", "3", "7391")[2:] == ["locked", "locked"]
    assert "may be made again" in unlock("--identity", "customer=12345678")
    assert tries("7391") == ["ok"]
    assert tries("1", "2", "7391", call=WITHHELD) == ["failed", "locked", "locked"]
    assert "may be made again" in unlock("--withheld", "customer")
    assert tries("7391", call=WITHHELD) == ["ok"]
    assert "no wrong tries" in unlock("--number", OTHER)


async def test_right_ones_of_withheld_numbers_use_nothing_up(verifier: Verifier) -> None:
    for _ in range(12):
        assert await outcome(verifier, check("7391", withheld_after=3), WITHHELD) == "ok"


async def test_a_locked_identity_answers_in_the_time_of_any_other(
    office: Office, store: Gated, clock: ManualClock
) -> None:
    class Slow(Office):
        async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
            if invoke.arguments.get("customer") == "12345678":
                await clock.sleep(400)
            return await super().run(invoke, call)

    verifier = Verifier(Slow(), Tries(store, clock), clock, KEYS)

    async def took(invoke: Invoke, caller: str) -> tuple[str, int]:
        began = clock.now_ms()
        call = replace(CALL, caller=caller)
        running = asyncio.create_task(outcome(verifier, invoke, call))
        while not running.done():
            await asyncio.sleep(0.001)  # the store's threads
            if clock.sleepers(None):
                clock.advance(50)
        return running.result(), clock.now_ms() - began

    assert (await took(check("7391"), NUMBER))[0] == "ok"
    answers = [await took(check("0000"), f"+3461000000{n}") for n in range(4)]
    assert [one for one, _ in answers] == ["failed", "failed", "locked", "locked"]
    unknown = await took(check("0000", "99999999"), OTHER)
    assert {ms for _, ms in (*answers, unknown)} == {400}


def send(customer: str = "12345678") -> Invoke:
    made = check("", customer, method="send")
    return replace(made, name="send_code", arguments={"customer": customer})


async def test_a_code_works_once_in_its_call_and_in_time(
    verifier: Verifier, office: Office, clock: ManualClock
) -> None:
    code = check("042137", method="code")
    assert await outcome(verifier, code) == "expired", "none was sent"
    assert (await verifier.run(send(), CALL))["outcome"] == "sent"
    assert office.codes == ["042137"]
    assert await outcome(verifier, code, replace(CALL, call_id="CA2", caller=OTHER)) == "expired"
    assert await outcome(verifier, check("000000", method="code")) == "failed"
    assert await outcome(verifier, code) == "ok"
    assert await outcome(verifier, code) == "expired", "once only"
    clock.advance(31 * MINUTE)
    await verifier.run(send(), CALL)
    clock.advance(5 * MINUTE)
    assert await outcome(verifier, code) == "expired"


async def test_codes_cannot_be_sent_without_end_nor_tell_who_is_a_customer(
    verifier: Verifier, office: Office
) -> None:
    assert [await outcome(verifier, send()) for _ in range(5)] == ["sent"] * 3 + ["locked"] * 2
    assert len(office.codes) == 3
    call = replace(CALL, call_id="CA7", caller=OTHER)
    assert await outcome(verifier, send("99999999"), call) == "sent"
    assert await outcome(verifier, check("042137", "99999999", method="code"), call) == "failed"
    assert await outcome(verifier, check("", "99999999", method="code"), call) == "failed"


async def test_a_code_that_arrives_costs_no_message_and_no_try(verifier: Verifier, office: Office) -> None:
    for _ in range(8):
        assert await outcome(verifier, send()) == "sent"
        assert await outcome(verifier, check("042137", method="code")) == "ok"
    assert len(office.codes) == 8


async def test_an_answer_that_says_neither_right_nor_wrong_is_a_fault(
    store: Gated, clock: ManualClock
) -> None:
    class Odd:
        async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
            return {"result": 1}

    with pytest.raises(ActionError, match="verified or ok: true or false"):
        await Verifier(Odd(), Tries(store, clock), clock, KEYS).run(check("7391"), CALL)


async def test_what_a_full_disk_could_not_keep_is_kept_once_there_is_room(
    telecom: Flow, store: Gated, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    known = profiles(telecom, store, clock)
    store.broken = True
    await known.keep(events(telecom, clock))
    assert "waits in memory" in caplog.text
    assert not await known.settle()
    assert known.unstored == 1
    store.broken = False
    assert await known.settle()
    assert known.unstored == 0
    values = (await known.load(NUMBER)).values
    assert (values["order_number"], values["calls"]) == ("654321", "1")


async def test_what_waits_is_dropped_by_a_wish_to_be_forgotten_and_goes_behind_a_later_call(
    telecom: Flow, store: Gated, clock: ManualClock
) -> None:
    known = profiles(telecom, store, clock)
    store.broken = True
    await known.keep(events(telecom, clock))
    await known.erase(NUMBER)
    assert known.unstored == 0, "also where the store would not erase"
    await known.keep(events(telecom, clock))
    store.broken = False
    clock.advance(60_000)
    await known.keep(events(telecom, clock))
    assert await known.settle()
    assert (await known.load(NUMBER)).values["calls"] == "1"


async def test_only_so_many_wait(
    telecom: Flow, store: Gated, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice.profile.service.MOST_WAITING", 2)
    known = profiles(telecom, store, clock)
    store.broken = True
    for _ in range(3):
        await known.keep(events(telecom, clock))
    assert known.unstored == 2
