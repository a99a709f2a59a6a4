"""A caller in text: drives a dialogue by the contract of its seam, and checks that contract as it goes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from voice.dialogue.actions import NotFound
from voice.dialogue.conversation import spoken_ms
from voice.dialogue.flow import Flow
from voice.dialogue.loader import Business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import (
    FORGET_CALLER,
    Action,
    ActionDone,
    ActionFailed,
    Began,
    Consult,
    CutCall,
    HangUp,
    Heard,
    IdentityCheck,
    Input,
    Invoke,
    Keyed,
    Listen,
    Note,
    Say,
    Silence,
    Transfer,
)
from voice.events import EventData, SlotFilled
from voice.model import Ended, Expect, Handoff, Prompt, Transcript, Utterance

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
# what the telecom line's customers key in when it asks who they are
PINS = {"12345678": "2580", "87654321": "1937", "11223344": "4826", "20304050": "6194", "55667788": "3571"}
CODE = "042137"
# A Wednesday, 10:00 in Madrid: the office is open.
WEDNESDAY = int(datetime(2026, 1, 14, 9, 0, tzinfo=UTC).timestamp() * 1000)


_compiled: dict[tuple[int, str], tuple[Flow, frozenset[str]]] = {}  # the flow is kept for its id's sake


def compiled_phrases(flow: Flow, lang: str) -> frozenset[str]:
    """What a recognizer learns when the flow is loaded."""
    if (id(flow), lang) not in _compiled:
        _compiled[id(flow), lang] = (flow, frozenset(flow.phrases(lang)))
    return _compiled[id(flow), lang][1]


class Caller:
    """One call in text. ``act``: run the flow's actions at once; else they wait in ``invoke``. A caller of
    the telecom line who ``knows_pin`` keys it in as soon as it is asked for, as part of the same turn."""

    def __init__(
        self,
        business: Business,
        lang: str = "es",
        *,
        act: bool = True,
        wall_ms: int = WEDNESDAY,
        profile: Mapping[str, str] | None = None,
        cut: CutCall | None = None,
        knows_pin: bool = True,
    ) -> None:
        self.dialogue = self.make(business, lang)
        self.knows_pin = knows_pin and business.flow.name == "telecom"
        self._acknowledged = 0  # of answer: reported as heard
        self.business = business
        self.act = act
        self.now = 0
        self.batch: list[Action] = []
        self.said: list[str] = []  # everything, in order
        self.answer: list[Prompt] = []  # said since the last turn
        self.notes: list[EventData] = []
        self.expect: Expect | None = None
        self.invoke: Invoke | None = None
        self.consulting = False  # the language model is being asked
        self.handoff: Handoff | None = None
        self.announced = ""
        self.hang_up: HangUp | None = None
        self.feed(Began("+34600000000", "+34900000000", wall_ms, profile=profile or {}, cut=cut))

    def make(self, business: Business, lang: str) -> FlowDialogue:
        return FlowDialogue(business.flow, business.texts, business.understanding, lang)

    @property
    def over(self) -> bool:
        return self.handoff is not None or self.hang_up is not None

    def listens(self) -> Expect:
        """What is waited for now; fails when nothing is."""
        assert self.expect is not None, self.said[-2:]
        return self.expect

    def handed(self) -> Handoff:
        """The handoff; fails when there was none."""
        assert self.handoff is not None, self.said[-2:]
        return self.handoff

    @property
    def text(self) -> str:
        """What the line said since the last turn."""
        return " ".join(prompt.text for prompt in self.answer)

    def note(self, kind: type[EventData]) -> list[EventData]:
        return [data for data in self.notes if isinstance(data, kind)]

    def feed(self, item: Input, after_ms: int = 0) -> list[Action]:
        self.now += after_ms
        self.batch = self.dialogue.step(item, self.now)
        self._carry_out(self.batch)
        self._check()
        if self.invoke is not None and self.act:
            invoke, self.invoke = self.invoke, None
            self.feed(self.run(invoke), 300)
        return self.batch

    def _carry_out(self, batch: Iterable[Action]) -> None:
        for action in batch:
            match action:
                case Say():
                    assert action.prompts
                    self.answer += action.prompts
                    self.said += [prompt.text for prompt in action.prompts]
                case Listen():
                    self.expect, self.invoke, self.consulting = action.expect, None, False
                case Invoke():
                    self.invoke, self.expect, self.consulting = action, None, False
                case Consult():
                    self.expect, self.invoke, self.consulting = None, None, True
                case Transfer():
                    self.handoff, self.expect = action.handoff, None
                    self.announced = action.announce[0].text
                case HangUp():
                    self.hang_up, self.expect = action, None
                case Note():
                    self.notes.append(action.data)

    def _check(self) -> None:
        """The seam's promises, after every batch."""
        ends = [a for a in self.batch if isinstance(a, Listen | Invoke | Consult | Transfer | HangUp)]
        assert len(ends) <= 1, self.batch
        if ends:
            assert self.batch[-1] is ends[0], "what ends a batch stands last"
        if self.expect is not None:
            for lang, phrases in ((self.expect.lang, self.expect.phrases), *self.expect.others):
                known = compiled_phrases(self.business.flow, lang)
                assert known.issuperset(phrases), sorted({*phrases} - known)
        waits = self.expect is not None or self.invoke is not None or self.consulting
        if not self.over:
            assert waits, "no silent state"
            due = self.dialogue.deadline()
            assert due is not None
            assert due <= self.now + 300_000

    def run(self, invoke: Invoke) -> Input:
        if invoke.check is not None:
            return ActionDone(invoke.id, self._judged(invoke, invoke.check))
        if invoke.name == FORGET_CALLER and invoke.name not in self.business.registry.functions:
            return ActionDone(invoke.id, {})  # the business has no part of its own in it
        function = self.business.registry.functions[invoke.name]
        try:
            value = function(**invoke.arguments)
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
        except NotFound as error:
            return ActionFailed(invoke.id, error.kind)
        return ActionDone(invoke.id, value)

    def _judged(self, invoke: Invoke, check: IdentityCheck) -> dict[str, object]:
        """As voice.profile.verify answers, without its memory; every code that is sent is :data:`CODE`."""
        if check.method == "code":
            return {"outcome": "ok" if check.factor == CODE else "failed", "identity": "i:test"}
        function = self.business.registry.functions[invoke.name]
        try:
            if check.method == "send":
                function(**invoke.arguments, code=CODE, minutes=check.valid_minutes)
                return {"outcome": "sent"}
            right = function(**invoke.arguments)["verified"]
        except NotFound:
            return {"outcome": "sent" if check.method == "send" else "failed"}
        return {"outcome": "ok" if right else "failed", "identity": "i:test"}

    def _heard(self) -> tuple[Utterance, ...]:
        new = self.answer[self._acknowledged :]
        self._acknowledged = len(self.answer)
        return tuple(Utterance(p.text, p.text, spoken_ms((p,)), Ended.FULL) for p in new)

    def says(self, text: str, confidence: float = 1.0, lang: str = "") -> Caller:
        """A turn: words, ``#keys``, or nothing at all. ``lang``: what a recognizer of several took it for."""
        heard = self._heard()
        self.answer, self._acknowledged = [], 0
        if not text:
            self.feed(Silence(heard), 6000)
        elif text.startswith("#"):
            self.feed(Keyed(text[1:], heard), 1000)
        else:
            said = Transcript(text, confidence, lang=lang or self.dialogue.lang, told_apart=bool(lang))
            self.feed(Heard(said, heard), 1000)
        for _ in range(3):
            if self.knows_pin and self.expect is not None and self.expect.step == "pin":
                given = [n.value for n in self.notes if isinstance(n, SlotFilled) and n.name == "customer"]
                self.feed(Keyed(PINS.get(given[-1], "0000"), self._heard()), 1000)
        return self


def head(name: str, es: str, en: str) -> str:
    """How the flows of tests begin: in both languages."""
    return f"""
name: {name}
title: {{es: {es}, en: {en}}}
languages: [es, en]
disclosure: {{es: "Soy un asistente automático.", en: "I am an automatic assistant."}}
"""


APPOINTMENTS = (
    head("appointments", "Citas", "Appointments")
    + """\
thresholds: {low: 0.4, high: 0.8}
hours:
  desk: {mon-fri: "09:00-18:00"}
start: menu
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    retry:
      - {es: "Diga cita o pago.", en: "Say appointment or payment."}
      - {es: "Marque uno para cita, dos para pago.", en: "Press one for an appointment, two for a payment."}
    intents:
      visit:
        label: {es: pedir cita, en: make an appointment}
        key: 1
        then: day
        examples:
          es: [quiero pedir cita, necesito una cita, una cita por favor, cita]
          en: [i want an appointment, i need an appointment, an appointment please, appointment]
      pay:
        label: {es: hacer un pago, en: make a payment}
        key: 2
        then: amount
        examples:
          es: [quiero hacer un pago, necesito pagar, un pago por favor, pago]
          en: [i want to make a payment, i need to pay, a payment please, payment]
  day:
    type: ask
    slot: day
    kind: date
    min: today
    label: {es: día de la cita, en: appointment day}
    prompt: {es: "¿Qué día?", en: "What day?"}
    retry:
      - {es: "Dígame el día.", en: "Tell me the day."}
      - {es: "Por ejemplo: el quince de marzo.", en: "For example: the fifteenth of March."}
    then: place
  place:
    type: ask
    slot: place
    kind: choice
    confirm: implicit
    label: {es: lugar, en: place}
    prompt: {es: "¿Centro o norte?", en: "Centre or north?"}
    retry:
      - {es: "¿Prefiere centro o norte?", en: "Would you rather have centre or north?"}
      - {es: "Marque uno, centro, o dos, norte.", en: "Press one for centre, or two for north."}
    options:
      centre: {label: {es: el centro, en: the centre}, key: 1, say: {es: [centro], en: [centre]}}
      north: {label: {es: el norte, en: the north}, key: 2, say: {es: [norte], en: [north]}}
    then: notes
  notes:
    type: ask
    slot: remark
    kind: text
    confirm: never
    label: {es: observaciones, en: remarks}
    prompt: {es: "¿Algo que debamos saber?", en: "Anything we should know?"}
    retry:
      - {es: "Dígame si hay algo más.", en: "Tell me if there is something else."}
      - {es: "Por ejemplo: llego tarde.", en: "For example: I will be late."}
    then: book
  book:
    type: call
    action: book
    label: {es: reservar la cita, en: book the appointment}
    with: {day: day, place: place}
    save: {code: code}
    on: {ok: booked, timeout: slow}
  slow:
    type: say
    text: {es: "No responde.", en: "It does not answer."}
    then: menu
  booked:
    type: say
    answer: true
    text:
      es: "Reservado para {day} en {place}, código {code|digits}."
      en: "Booked for {day} in {place}, code {code|digits}."
    then: menu
  amount:
    type: ask
    slot: amount
    kind: amount
    confirm: explicit
    min: 5
    max: 500
    label: {es: cantidad, en: amount}
    prompt: {es: "¿Cuánto?", en: "How much?"}
    retry:
      - {es: "Dígame la cantidad.", en: "Tell me the amount."}
      - {es: "Por ejemplo: veinte euros.", en: "For example: twenty euros."}
    then: pin
  pin:
    type: ask
    slot: pin
    kind: digits
    length: 4
    sensitive: true
    confirm: never
    label: {es: clave, en: PIN}
    prompt: {es: "Marque su clave.", en: "Enter your PIN."}
    retry:
      - {es: "Son cuatro cifras.", en: "It has four digits."}
      - {es: "Márquela en el teclado.", en: "Key it in."}
    then: sure
  sure:
    type: ask
    slot: sure
    kind: yes_no
    label: {es: seguro, en: sure}
    prompt: {es: "¿Pagamos {amount}?", en: "Shall we pay {amount}?"}
    retry:
      - {es: "¿Sí o no a pagar?", en: "Yes or no to paying?"}
      - {es: "Marque uno o dos.", en: "Press one or two."}
    yes: pay
    no: bye
  pay:
    type: call
    action: pay
    label: {es: pagar, en: pay}
    with: [amount, pin]
    on: {ok: bye}
  bye:
    type: hang_up
    text: {es: "Adiós.", en: "Goodbye."}
"""
)

APPOINTMENT_ACTIONS = """
from voice.dialogue.actions import action

@action("book")
def book(day, place):
    return {"code": "4711"}

@action("pay")
def pay(amount, pin):
    return {}
"""


def make_prompts(folder: Path, flow: str, actions: str = "", name: str = "appointments") -> Path:
    """A prompts folder with this flow, these actions and the project's own system texts."""
    (folder / "flows").mkdir(parents=True)
    (folder / "texts").mkdir()
    for lang in ("es", "en"):
        text = (PROMPTS / "texts" / f"{lang}.yaml").read_text(encoding="utf-8")
        (folder / "texts" / f"{lang}.yaml").write_text(text, encoding="utf-8")
    (folder / "flows" / f"{name}.yaml").write_text(flow, encoding="utf-8")
    if actions:
        (folder / "actions.py").write_text(actions, encoding="utf-8")
    return folder


def at(business: Business, lang: str, *lines: str, knows_pin: bool = True) -> Caller:
    """A caller who has said ``lines``, the line still there before each."""
    caller = Caller(business, lang, knows_pin=knows_pin)
    for line in lines:
        assert not caller.over, f"over before {line!r}: {caller.said[-2:]}"
        caller.says(line)
    return caller


def started_at(business: Business, step: str) -> Business:
    """The same business, whose flow begins at ``step``."""
    moved = Business(business.flow.model_copy(update={"start": step}), business.texts, business.registry)
    moved.understanding = business.understanding  # learned once
    return moved
