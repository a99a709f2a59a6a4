"""Whole conversations with callers who rang before, who prove who they are, and who were cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dialogue.text_caller import Caller, head, make_prompts
from voice import events as ev
from voice.clock import ManualClock
from voice.dialogue.actions import ActionRunner
from voice.dialogue.loader import Business, check_path, load_business
from voice.dialogue.seam import ActionDone, ActionFailed, CutCall, Input, Invoke
from voice.errors import ActionError
from voice.events import Event
from voice.model import CallInfo, JsonDict, Remembered, Ticket
from voice.profile.keys import Keys
from voice.profile.service import Profiles, Welcome
from voice.profile.tries import Tries
from voice.profile.verify import Verifier

NUMBER = "+34600000000"
MINUTE = 60_000

FLOW = (
    head("bank", "Banco", "Bank")
    + """\
remember: {values: [order, state], verified: [name]}
actions:
  status:
    parameters: {order: digits}
    result: {state: {type: choice, values: [shipped, delivered]}, day: date}
  check_pin:
    parameters: {customer: digits, pin: digits}
    result: {verified: yes_no, name: text, owed: amount}
  send_code: {parameters: {customer: digits, code: digits, minutes: integer}, result: {}}
start: hello
steps:
  hello:
    type: branch
    when:
      - {if: profile.order is known and profile.state is not delivered, then: about_order}
      - {if: profile.known is yes, then: again}
    otherwise: menu
  again:
    type: say
    text: {es: "Me alegro de oírle otra vez.", en: "Welcome back."}
    then: menu
  about_order:
    type: menu
    same_as: menu
    prompt: {es: "¿Llama por su pedido {profile.order}?", en: "Is this about your order {profile.order}?"}
    retry:
      - {es: "¿Es por el pedido? Sí o no.", en: "Is it about the order? Yes or no."}
      - {es: "Diga sí, no, u otra cosa.", en: "Say yes, no, or something else."}
    yes: known_order
    no: menu
  known_order:
    type: call
    intent: order
    action: status
    label: {es: consultar el pedido, en: look up the order}
    with: {order: profile.order}
    save: {state: state, day: day}
    on: {ok: told}
  menu:
    type: menu
    prompt: {es: "¿En qué puedo ayudarle?", en: "How can I help you?"}
    retry:
      - {es: "Diga pedido o saldo.", en: "Say order or balance."}
      - {es: "Uno, pedido; dos, saldo; tres, olvidar.", en: "One, order; two, balance; three, forget."}
    intents:
      order:
        label: {es: saber de un pedido, en: ask about an order}
        key: 1
        then: order
        examples:
          es: [quiero saber de mi pedido, dónde está mi pedido, un pedido, pedido]
          en: [i want to know about my order, where is my order, an order, order]
      balance:
        label: {es: saber su saldo, en: know your balance}
        key: 2
        then: customer
        examples:
          es: [quiero saber mi saldo, cuánto debo, saldo, mi saldo]
          en: [i want to know my balance, how much do i owe, balance, my balance]
      forget:
        label: {es: que olvidemos sus datos, en: have your data forgotten}
        key: 3
        then: forget
        examples:
          es: [olvide mis datos, borre mis datos, quiero que borren mis datos]
          en: [forget my data, erase my data, i want you to erase my data]
  order:
    type: ask
    slot: order
    kind: digits
    length: 4
    label: {es: número de pedido, en: order number}
    prompt: {es: "¿Qué pedido?", en: "Which order?"}
    retry:
      - {es: "Dígame las cuatro cifras.", en: "Tell me the four digits."}
      - {es: "Márquelas en el teclado.", en: "Key them in."}
    then: colour
  colour:
    type: ask
    slot: colour
    kind: choice
    confirm: never
    label: {es: color, en: colour}
    prompt: {es: "¿El rojo o el azul?", en: "The red one or the blue one?"}
    retry:
      - {es: "¿Rojo o azul?", en: "Red or blue?"}
      - {es: "Marque uno, rojo, o dos, azul.", en: "Press one for red, or two for blue."}
    options:
      red: {label: {es: el rojo, en: the red one}, key: 1, say: {es: [rojo], en: [red]}}
      blue: {label: {es: el azul, en: the blue one}, key: 2, say: {es: [azul], en: [blue]}}
    then: look_up
  look_up:
    type: call
    action: status
    label: {es: consultar el pedido, en: look up the order}
    with: [order]
    save: {state: state, day: day}
    on: {ok: told}
  told:
    type: say
    answer: true
    text: {es: "Llega {day}.", en: "It arrives on {day}."}
    then: bye
  customer:
    type: ask
    slot: customer
    kind: digits
    length: 8
    label: {es: número de cliente, en: customer number}
    prompt: {es: "¿Su número de cliente?", en: "Your customer number?"}
    retry:
      - {es: "Son ocho cifras.", en: "It has eight digits."}
      - {es: "Márquelas en el teclado.", en: "Key them in."}
    then: pin
  pin:
    type: ask
    slot: pin
    kind: digits
    length: 4
    sensitive: true
    confirm: never
    label: {es: clave, en: PIN}
    prompt: {es: "Marque su clave.", en: "Key in your PIN."}
    retry:
      - {es: "Son cuatro cifras.", en: "It has four digits."}
      - {es: "Márquela en el teclado.", en: "Use the keypad."}
    then: check
  check:
    type: verify
    identity: customer
    factor: pin
    action: check_pin
    label: {es: comprobar la clave, en: check the PIN}
    save: {name: name, owed: owed}
    attempts: 3
    lock_after: 4
    on: {ok: who, failed: wrong, locked: shut}
  wrong:
    type: say
    text: {es: "Esa clave no es correcta.", en: "That PIN is not right."}
    then: pin
  shut:
    type: handoff
    queue: security
  who:
    type: branch
    when:
      - {if: profile.verified is yes, then: send}
    otherwise: shut
  send:
    type: verify
    identity: customer
    send: true
    action: send_code
    label: {es: enviar un código, en: send a code}
    on: {ok: code}
  code:
    type: ask
    slot: code
    kind: digits
    length: 6
    sensitive: true
    confirm: never
    label: {es: código, en: code}
    prompt: {es: "Le hemos enviado un código. Márquelo.", en: "We have sent you a code. Key it in."}
    retry:
      - {es: "Marque las seis cifras del mensaje.", en: "Key in the six digits of the message."}
      - {es: "Están en el mensaje que le enviamos.", en: "They are in the message that we sent you."}
    then: check_code
  check_code:
    type: verify
    identity: customer
    factor: code
    label: {es: comprobar el código, en: check the code}
    on: {ok: owes, failed: again_code, expired: send}
  again_code:
    type: say
    text: {es: "Ese código no es correcto.", en: "That code is not right."}
    then: code
  owes:
    type: say
    answer: true
    text: {es: "{name}, debe {owed}.", en: "{name}, you owe {owed}."}
    then: bye
  forget:
    type: call
    action: forget_caller
    label: {es: olvidar los datos, en: forget the data}
    on: {ok: forgotten}
  forgotten:
    type: say
    answer: true
    text: {es: "Sus datos están borrados.", en: "Your data is erased."}
    then: bye
  bye:
    type: hang_up
    text: {es: "Adiós.", en: "Goodbye."}
"""
)

ACTIONS = """
from voice.dialogue.actions import NotFound, action, same_secret

@action("status")
def status(order):
    return {"state": "shipped", "day": "2026-01-20"}

@action("check_pin")
def check_pin(customer, pin):
    if customer != "12345678":
        raise NotFound()
    return {"verified": same_secret(pin, "7391"), "name": "Ana", "owed": 42.5}

@action("send_code")
def send_code(customer, code, minutes):
    return {}
"""


class Shelf:
    """As much of a store as callers need, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Remembered] = {}

    async def recall(self, keys: Sequence[str], now_ms: int) -> list[Remembered]:
        return [m for m in self.kept.values() if m.key in keys and m.expires_at > now_ms]

    async def amend(
        self,
        key: str,
        kind: str,
        change: Callable[[JsonDict | None], JsonDict | None],
        *,
        now_ms: int,
        expires_at: int,
    ) -> JsonDict | None:
        old = self.kept.pop((key, kind), None)
        new = change(old.body if old and old.expires_at > now_ms else None)
        if new is not None:
            self.kept[key, kind] = Remembered(key, kind, new, now_ms, expires_at)
        return new

    async def forget(self, keys: Sequence[str]) -> int:
        gone = [place for place in self.kept if place[0] in keys]
        for place in gone:
            del self.kept[place]
        return len(gone)

    async def ticket(self, ticket_id: str) -> Ticket | None:
        return None


class Office:
    """What outlives calls: what is remembered, lock-outs, codes."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.clock = ManualClock()
        self.shelf = Shelf()
        keys = Keys(b"0123456789abcdef")
        store: object = self.shelf
        self.profiles = Profiles(store, self.clock, keys, lambda: business.flow)  # type: ignore[arg-type]
        runner = ActionRunner(business.flow, Path(), registry=business.registry)
        self.verifier = Verifier(
            runner,
            Tries(store, self.clock),  # type: ignore[arg-type]
            self.clock,
            keys,
            self.profiles,
            new_code=lambda digits: "042137",
        )
        self.calls = 0

    def ring(self, lang: str = "es") -> Known:
        self.calls += 1
        welcome = asyncio.run(self.profiles.load(NUMBER))
        return Known(self, f"CA{self.calls}", lang, welcome)


class Known(Caller):
    """A call of :data:`NUMBER`, whose log is kept when it ends."""

    def __init__(self, office: Office, call_id: str, lang: str, welcome: Welcome) -> None:
        self.office = office
        self.info = CallInfo(call_id, "MZ", "text", NUMBER)
        self.began_in = lang
        super().__init__(office.business, lang, profile=welcome.profile, cut=welcome.cut)

    def run(self, invoke: Invoke) -> Input:
        try:
            return ActionDone(invoke.id, asyncio.run(self.office.verifier.run(invoke, self.info)))
        except ActionError as error:
            return ActionFailed(invoke.id, error.kind)

    def ends(self, outcome: str = "abandoned") -> list[Event]:
        flow = self.office.business.flow
        began = ev.CallStarted(
            "text", NUMBER, "", self.began_in, flow.name, flow.version, self.office.clock.wall_ms()
        )
        data = [began, *self.notes, ev.CallEnded(outcome, "x", self.now)]
        log = [Event(self.info.call_id, n, n, item) for n, item in enumerate(data)]
        asyncio.run(self.office.profiles.keep(log))
        return log

    def gets(self, *turns: str) -> str:
        for turn in turns:
            self.says(turn)
        return self.text


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("known") / "prompts", FLOW, ACTIONS, "bank")
    return load_business("bank", folder)


@pytest.fixture
def office(bank: Business) -> Office:
    return Office(bank)


# --- again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "wish", "colour", "asked", "day"),
    [
        (
            "es",
            "dónde está mi pedido",
            "azul",
            "¿Llama por su pedido uno dos tres cuatro?",
            "veinte de enero",
        ),
        ("en", "where is my order", "blue", "Is this about your order one two three four?", "twentieth"),
    ],
)
def test_the_next_call_asks_about_the_order(
    office: Office, lang: str, wish: str, colour: str, asked: str, day: str
) -> None:
    first = office.ring(lang)
    assert day in first.gets(wish, "#1234", colour).lower()
    first.ends("completed")
    second = office.ring("es")
    assert second.dialogue.lang == lang, "in the language of the last call"
    assert asked in second.text
    assert day in second.gets("yes" if lang == "en" else "sí").lower()
    assert [n.intent for n in second.notes if isinstance(n, ev.IntentRecognised)] == ["order"]


def test_another_wish_goes_before_the_question_about_the_order(office: Office) -> None:
    call = office.ring()
    call.gets("pedido", "#1234", "rojo")
    call.ends("completed")
    assert "cliente" in office.ring().gets("quiero saber mi saldo")
    assert "¿En qué puedo" in office.ring().gets("no")


def test_who_asked_for_something_else_is_welcomed_back(office: Office) -> None:
    first = office.ring()
    first.gets("mi saldo")
    first.ends("completed")
    assert "Me alegro de oírle otra vez." in office.ring().text


def test_nobody_is_known_when_nothing_is(office: Office) -> None:
    assert office.ring().text.endswith("¿En qué puedo ayudarle?")


# --- cut off --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "offer", "yes", "question"),
    [
        ("es", "¿Seguimos donde lo dejamos?", "sí", "¿El rojo o el azul?"),
        ("en", "Shall we go on where we left off?", "yes please", "The red one or the blue one?"),
    ],
)
def test_a_cut_call_goes_on_at_the_same_question(
    office: Office, lang: str, offer: str, yes: str, question: str
) -> None:
    first = office.ring(lang)
    assert question in first.gets("#1", "#1234")
    first.ends()
    office.clock.advance(9 * MINUTE)
    second = office.ring(lang)
    assert offer in second.text
    assert question not in second.text
    assert question in second.gets(yes)
    assert "#" not in second.text
    assert second.gets("#1")
    assert second.hang_up is not None
    packet = {n.name: n.value for n in second.notes if isinstance(n, ev.SlotFilled)}
    assert packet["order"] == "1234", "what was collected is known again, and logged in this call too"
    assert [n.resumed for n in second.notes if isinstance(n, ev.CallResumed)] == [True]
    second.ends("completed")
    assert offer not in office.ring(lang).text


@pytest.mark.parametrize("turn", ["", "bla bla", "#7", "qué bonito día hace hoy"])
def test_whatever_is_not_a_no_goes_on(office: Office, turn: str) -> None:
    cut_at_colour(office)
    assert "¿El rojo o el azul?" in office.ring().gets(turn)


def cut_at_colour(office: Office) -> None:
    call = office.ring()
    call.gets("#1", "#1234")
    call.ends()


@pytest.mark.parametrize("turn", ["no", "#2", "no gracias"])
def test_a_no_begins_anew(office: Office, turn: str) -> None:
    cut_at_colour(office)
    call = office.ring()
    assert "¿Seguimos" in call.text
    assert "¿El rojo" not in call.gets(turn)
    assert call.expect is not None


def test_another_wish_begins_anew_with_it(office: Office) -> None:
    cut_at_colour(office)
    call = office.ring()
    assert "número de cliente" in call.gets("quiero saber mi saldo")
    assert [n.resumed for n in call.notes if isinstance(n, ev.CallResumed)] == [False]


def test_a_person_gets_what_was_collected_before_the_cut(office: Office) -> None:
    cut_at_colour(office)
    call = office.ring()
    call.says("quiero hablar con una persona")
    handoff = call.handed()
    assert handoff.intent is not None
    assert handoff.intent.intent == "order"
    assert [slot.value for slot in handoff.slots] == ["1234"]
    cut_at_colour(office)
    assert office.ring().says("#0").handed().intent is not None


def test_the_offer_can_be_had_in_the_other_language_and_again(office: Office) -> None:
    cut_at_colour(office)
    call = office.ring()
    assert "Shall we go on" in call.gets("in english please")
    assert "Shall we go on" in call.gets("repeat please")
    assert "The red one" in call.gets("yes")


def test_after_ten_minutes_it_is_over(office: Office) -> None:
    cut_at_colour(office)
    office.clock.advance(10 * MINUTE)
    assert "¿Seguimos" not in office.ring().text


def test_a_deaf_line_goes_on_by_keypad(office: Office) -> None:
    from voice.dialogue.seam import HearingFailed

    cut_at_colour(office)
    call = office.ring()
    call.feed(HearingFailed("recognizer"), 100)
    assert "rojo" in call.text


@pytest.mark.parametrize(
    "changed",
    [
        {"step": "gone"},
        {"step": "menu"},
        {"lang": "fr"},
        {"step": "", "intent": ev.IntentRecognised("gone", 1.0)},
    ],
)
def test_a_place_that_is_no_more_is_not_offered(
    office: Office, bank: Business, changed: Mapping[str, object]
) -> None:
    cut_at_colour(office)
    cut = asyncio.run(office.profiles.load(NUMBER)).cut
    assert cut is not None
    broken: CutCall = replace(cut, **changed)  # type: ignore[arg-type]
    assert "¿Seguimos" not in Caller(bank, cut=broken).text


# --- who it is ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "said", "wrong"),
    [
        ("es", "Ana, debe cuarenta y dos euros con cincuenta céntimos.", "no es correct"),
        ("en", "Ana, you owe forty-two euros and fifty cents.", "is not right"),
    ],
)
def test_a_secret_and_a_code_prove_who_it_is(office: Office, lang: str, said: str, wrong: str) -> None:
    call = office.ring(lang)
    assert wrong in call.gets("#2", "#12345678", "#0001")
    assert wrong not in call.gets("#7391")
    assert wrong in call.gets("#000000")
    assert said in call.gets("#042137")
    outcomes = [n.outcome for n in call.notes if isinstance(n, ev.IdentityChecked)]
    assert outcomes == ["failed", "ok", "sent", "failed", "ok"]
    log = str([event.to_json() for event in call.ends("completed")])
    assert "7391" not in log
    assert "042137" not in log
    assert "0001" not in log


def test_three_wrong_ones_lock_the_call_and_four_the_identity(office: Office) -> None:
    call = office.ring()
    call.gets("#2", "#12345678", "#0001", "#0002", "#0003")
    assert call.handed().queue == "security"
    again = office.ring()
    again.gets("#2", "#12345678", "#0004")
    assert again.handed().queue == "security"
    right = office.ring()
    right.gets("#2", "#12345678", "#7391")
    assert right.handed().queue == "security", "locked: also with the right one"
    assert not [slot for slot in right.handed().slots if slot.name == "pin"]
    office.clock.advance(30 * MINUTE)
    assert "código" in office.ring().gets("#2", "#12345678", "#7391")


def test_an_unknown_customer_hears_the_same(office: Office) -> None:
    assert "no es correcta" in office.ring().gets("#2", "#99999999", "#7391")


def test_a_check_that_fails_for_technical_reasons_goes_to_a_person(office: Office) -> None:
    call = office.ring()
    call.act = False
    call.gets("#2", "#12345678", "#7391")
    invoke = call.invoke
    assert invoke is not None
    assert invoke.check is not None
    call.feed(ActionFailed(invoke.id, "unreachable"), 100)
    assert call.handed().reason == "action_failed"


def test_another_number_must_be_proved_anew(office: Office) -> None:
    call = office.ring()
    call.gets("#2", "#12345678", "#7391")
    memory = call.dialogue._memory
    assert memory.is_verified("customer")
    assert memory.values()["profile.verified"] == "yes"
    memory.slots["customer"] = replace(memory.slots["customer"], value="87654321")
    assert not memory.is_verified("customer")
    assert "profile.verified" not in memory.values()


def test_a_cut_call_of_a_verified_caller_goes_on_before_the_check(office: Office) -> None:
    """Whoever rings from this number within ten minutes may be somebody else."""
    first = office.ring()
    assert "código" in first.gets("#2", "#12345678", "#7391")
    first.ends()
    second = office.ring()
    assert "clave" not in second.gets("sí"), "who it is must be said again too"
    assert "Marque su clave." in second.gets("#12345678")
    assert "no es correcta" in second.gets("#0000")


def test_the_verified_profile_comes_with_the_proof(office: Office) -> None:
    first = office.ring()
    first.gets("#2", "#12345678", "#7391", "#042137")
    first.ends("completed")
    second = office.ring()
    assert "profile.name" not in second.dialogue._memory.values(), "the number alone does not tell it"
    second.gets("#2", "#12345678", "#7391")
    assert second.dialogue._memory.values()["profile.name"] == "Ana"


# --- forgotten ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "wish", "told"),
    [("es", "borre mis datos", "Sus datos están borrados."), ("en", "erase my data", "Your data is erased.")],
)
def test_a_caller_may_be_forgotten(office: Office, lang: str, wish: str, told: str) -> None:
    first = office.ring(lang)
    first.gets("mi saldo" if lang == "es" else "my balance")
    first.ends("completed")
    second = office.ring(lang)
    assert told in second.gets(wish)
    second.ends("completed")
    assert office.shelf.kept == {}
    assert not asyncio.run(office.profiles.load(NUMBER)).found


# --- mistakes in flows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("4\n    sensitive: true\n    confirm: never", "4", "not a sensitive slot"),
        ("identity: customer", "identity: client", "'client' is not a slot"),
        ("    factor: pin\n", "", "write factor"),
        ("failed: wrong, locked: shut", "locked: shut", "on needs failed"),
        ("lock_after: 4", "lock_after: 4\n    withheld_after: 3", "it cannot be less"),
        ("    action: send_code\n", "", "needs an action that sends the code"),
        ("parameters: {order: digits}", "parameters: {order: digits, day: date}", "it is not given day"),
        ("save: {state: state, day: day}", "save: {day: colour}", "does not declare the result 'colour'"),
        ("result: {verified: yes_no, name", "result: {name", "does not declare whether the secret is right"),
        ("values: [order, state]", "values: [order, pin]", "'pin' is sensitive"),
        ("values: [order, state]", "values: [ordre]", "'ordre' is neither"),
        ("values: [order, state]", "consent: order", "not a slot of kind yes_no"),
        ("intent: order\n", "intent: ordre\n", "there is no intent 'ordre'"),
        ("parameters: {order: digits}", "parameters: {order: colour}", "must be one of"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_what_to_do(
    tmp_path_factory: pytest.TempPathFactory, old: str, new: str, message: str
) -> None:
    assert old in FLOW
    folder = make_prompts(tmp_path_factory.mktemp("bad") / "p", FLOW.replace(old, new, 1), ACTIONS, "bank")
    _, problems = check_path(folder / "flows" / "bank.yaml", folder)
    found = [problem for problem in problems if message in problem.message]
    assert found, problems
    assert found[0].remedy
    assert found[0].line > 1


# --- the sample line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "asked", "yes", "state"),
    [
        ("es", "¿Llama por su pedido uno dos tres, cuatro cinco seis?", "sí", "Su pedido va de camino."),
        ("en", "Is this about your order one two three, four five six?", "yes", "Your order is on its way."),
    ],
)
def test_the_sample_line_asks_about_an_order_that_has_not_come(
    telecom: Business, lang: str, asked: str, yes: str, state: str
) -> None:
    office = Office(telecom)
    first = office.ring(lang)
    assert state in first.gets("#2", "#123456")
    first.gets(yes, "no")
    assert first.hang_up is not None
    first.ends("completed")
    second = office.ring("es")
    assert asked in second.text
    assert state in second.gets(yes)
    delivered = office.ring(lang)
    delivered.gets("no", "#2", "#654321")
    delivered.ends("completed")
    assert "654" not in office.ring(lang).text, "it has come: there is nothing to ask about"
