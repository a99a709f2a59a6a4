"""Steps that hand the caller to something else (a model, an application, a proof of who they are), in a
sub-flow that lies in a file of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.dialogue.text_caller import CODE, head, make_prompts
from tests.language_model.talking import ModelCaller, call
from tests.relay.test_relay_dialogue import Talk
from voice.dialogue.loader import Business, load_business
from voice.dialogue.seam import HangUp, Heard, Keyed, Listen, Transfer
from voice.events import IdentityChecked, ModelConsulted, StepEntered
from voice.model import ExpectKind, Transcript

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
MAIN = (
    head("shop", "Tienda Sol", "Sun Shop")
    + """\
start: menu
flows:
  desk: {file: parts/desk.yaml}
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    retry: [{es: "Diga ayuda.", en: "Say help."}]
    intents:
      advice:
        label: {es: pedir ayuda, en: get help}
        key: 1
        then: help
        examples:
          es: [quiero ayuda, ayúdeme, necesito ayuda]
          en: [i want help, help me, i need help]
  help: {type: do, flow: desk, then: bye}
  bye: {type: hang_up, text: {es: "Adiós.", en: "Goodbye."}}
"""
)
HEAD = """
steps:
  number:
    type: ask
    slot: number
    kind: digits
    length: 6
    confirm: never
    label: {es: número de pedido, en: order number}
    prompt: {es: "¿Qué número?", en: "Which number?"}
    retry: [{es: "Son seis cifras.", en: "It has six digits."}]
    then: pin
  pin:
    type: ask
    slot: pin
    kind: digits
    length: 6
    sensitive: true
    confirm: never
    label: {es: clave, en: PIN}
    prompt: {es: "Su clave.", en: "Your PIN."}
    retry: [{es: "Seis cifras.", en: "Six digits."}]
    then: main
  over: {type: return}
  sorry: {type: say, text: {es: "Sigo yo.", en: "Back with me."}, then: over}
"""
PROVED = """
  proved: {type: say, text: {es: "Comprobado.", en: "Checked."}, then: over}
"""
WRONG = """
  wrong: {type: say, text: {es: "No coincide.", en: "No match."}, then: pin}
"""
CONVERSE = """
  main:
    type: converse
    label: {es: aconsejar, en: give advice}
    prompt: {es: "Cuénteme de {number|digits}.", en: "Tell me about {number|digits}."}
    goal: {es: "Aconsejar sobre el pedido {number}.", en: "Give advice about order {number}."}
    topics: [{es: pedidos, en: orders}]
    facts: [number]
    tools:
      status:
        action: status
        label: {es: consultar el pedido, en: look up the order}
        with: {order: number}
        tells: [state]
        changes: false
      cancel:
        action: cancel
        label: {es: cancelar el pedido, en: cancel the order}
        with: {order: number, pin: pin}
    exits:
      done: {when: {es: "no quiere nada más", en: "wants nothing else"}, then: over}
    offline: sorry
start: number
"""
RELAY = """
  main:
    type: relay
    url: "wss://adviser.example.com/relay"
    label: {es: "hablar con el consejero", en: "talk to the adviser"}
    with: [number, pin]
    save: {topic: reason}
    partial: true
    on: {ended: over, handoff: over, failed: sorry}
start: number
outputs: [topic]
"""
VERIFY = """
  main:
    type: verify
    identity: number
    factor: pin
    action: check
    label: {es: comprobar, en: check}
    on: {ok: proved, failed: wrong, locked: sorry}
start: number
"""
CODE_STEPS = """
  main:
    type: verify
    identity: number
    send: true
    action: send_code
    label: {es: mandar una clave, en: send a code}
    on: {ok: code, locked: sorry}
  code:
    type: ask
    slot: code
    kind: digits
    length: 6
    sensitive: true
    confirm: never
    label: {es: código, en: code}
    prompt: {es: "El código.", en: "The code."}
    retry: [{es: "Seis cifras.", en: "Six digits."}]
    then: prove
  prove:
    type: verify
    identity: number
    factor: code
    label: {es: comprobar, en: check}
    on: {ok: proved, failed: code, locked: sorry, expired: main}
start: number
"""
ACTIONS = """
from voice.dialogue.actions import action

done = []

@action("status")
def status(order):
    return {"state": "enviado / shipped", "address": "Secret Street 1"}

@action("cancel")
def cancel(order, pin):
    done.append((order, pin))
    return {}

@action("check")
def check(number, pin):
    return {"verified": pin == "654321"}

@action("send_code")
def send_code(number, code, minutes):
    return {}
"""


def business(folder: Path, main: str) -> Business:
    prompts = make_prompts(folder, MAIN, ACTIONS, "shop")
    (prompts / "flows" / "parts").mkdir()
    (prompts / "flows" / "parts" / "desk.yaml").write_text(HEAD + main, encoding="utf-8")
    return load_business("shop", prompts)


def to_it(caller: ModelCaller, pin: str = "654321") -> ModelCaller:
    caller.says("#1")
    caller.says("#123456")
    caller.says(f"#{pin}")
    return caller


@LANGS
def test_a_model_in_a_sub_flow_talks_runs_its_tools_and_returns(tmp_path: Path, lang: str) -> None:
    made = business(tmp_path / "p", CONVERSE)
    question = {"es": "cuándo llega", "en": "when does it arrive"}[lang]
    answer = {"es": "Su pedido está enviado.", "en": "Your order is shipped."}[lang]
    caller = to_it(ModelCaller(made, lang, [call("status")], [answer], [call("leave", '{"to": "done"}')]))
    assert caller.listens().step == "desk.main"
    caller.says(question)
    assert caller.listens().step == "desk.main"
    assert "123456" in caller.sent()
    assert "654321" not in caller.sent()
    assert "Secret" not in caller.sent()
    caller.says({"es": "no, gracias", "en": "no, thanks"}[lang])
    assert caller.hang_up is not None
    assert [e.outcome for e in caller.notes if isinstance(e, ModelConsulted)] == ["left"]
    assert [e.step for e in caller.notes if isinstance(e, StepEntered)][-1] == "bye"


@LANGS
def test_a_change_in_a_sub_flow_wants_its_yes_and_keeps_the_secret(tmp_path: Path, lang: str) -> None:
    made = business(tmp_path / "p", CONVERSE)
    done = made.registry.functions["cancel"].__globals__["done"]
    caller = to_it(ModelCaller(made, lang, [call("cancel")], []))
    caller.says({"es": "cancélelo", "en": "please cancel it"}[lang])
    assert caller.listens().kind is ExpectKind.YES_NO
    assert done == []
    caller.says("#1")
    assert done == [("123456", "654321")]
    assert "654321" not in caller.sent()


@LANGS
def test_without_the_model_a_sub_flow_takes_its_offline_way(tmp_path: Path, lang: str) -> None:
    caller = to_it(ModelCaller(business(tmp_path / "p", CONVERSE), lang, model=False))
    assert caller.hang_up is not None
    assert {"es": "Sigo yo.", "en": "Back with me."}[lang] in caller.said
    failing = to_it(ModelCaller(business(tmp_path / "q", CONVERSE), lang, [ValueError("cut")]))
    failing.says({"es": "hola, qué tal", "en": "hello there"}[lang])
    assert failing.hang_up is not None
    assert {"es": "Sigo yo.", "en": "Back with me."}[lang] in failing.said


def relayed(folder: Path, lang: str) -> Talk:
    talk = Talk(business(folder, RELAY), lang)
    talk.feed(Keyed("1"))
    talk.feed(Keyed("123456"))
    talk.feed(Keyed("654321"))
    assert talk.opened is not None
    return talk


@LANGS
def test_an_application_in_a_sub_flow_is_opened_and_left(tmp_path: Path, lang: str) -> None:
    talk = relayed(tmp_path / "p", lang)
    assert talk.opened is not None
    assert talk.opened.id.startswith("desk.main-")
    parameters = talk.sent[0]["customParameters"]
    assert parameters == {"number": "123456", "lang": lang}
    listen = talk.one(Listen)
    assert (listen.expect.step, listen.expect.partials) == ("desk.main", True)
    talk.app(type="text", token="Hola.", last=True)
    assert talk.words() == ["Hola."]
    talk.app(type="end", handoffData=json.dumps({"reason": "hipoteca"}))
    assert talk.one(HangUp).outcome == "completed"
    assert talk.ended == ["handoff"]


@LANGS
def test_a_person_is_there_in_an_application_of_a_sub_flow(tmp_path: Path, lang: str) -> None:
    talk = relayed(tmp_path / "p", lang)
    words = {"es": "quiero hablar con una persona", "en": "i want to talk to a person"}[lang]
    talk.feed(Heard(Transcript(words, 0.9, lang=lang)))
    handoff = talk.one(Transfer).handoff
    assert handoff.reason == "caller_asked"
    assert {slot.name for slot in handoff.slots} >= {"desk.number"}
    assert not [s for s in handoff.slots if s.name == "desk.pin" and not s.sensitive]


@LANGS
def test_an_identity_is_proved_in_a_sub_flow(tmp_path: Path, lang: str) -> None:
    caller = to_it(ModelCaller(business(tmp_path / "p", PROVED + WRONG + VERIFY), lang), "111111")
    assert caller.listens().step == "desk.pin", "a wrong one is asked for again"
    caller.says("#654321")
    assert {"es": "Comprobado.", "en": "Checked."}[lang] in caller.said
    assert caller.hang_up is not None
    checks: list[Any] = [e for e in caller.notes if isinstance(e, IdentityChecked)]
    assert [(e.slot, e.outcome) for e in checks] == [("desk.number", "failed"), ("desk.number", "ok")]


@LANGS
def test_a_one_time_code_works_in_a_sub_flow(tmp_path: Path, lang: str) -> None:
    caller = to_it(ModelCaller(business(tmp_path / "p", PROVED + CODE_STEPS), lang))
    assert caller.listens().step == "desk.code"
    caller.says(f"#{CODE}")
    assert {"es": "Comprobado.", "en": "Checked."}[lang] in caller.said
    assert caller.hang_up is not None
