"""A shop whose flow talks through a language model, and a caller in text whose model is a script."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.dialogue.text_caller import Caller, head, make_prompts
from voice.dialogue.loader import Business, load_business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import Consult, Input, ModelDone, ModelFailed, ModelSaid, StopConsulting
from voice.language_model.seam import ToolCall

SHOP = (
    head("shop", "Tienda Sol", "Sun Shop")
    + """\
knowledge: true
start: menu
goodbye: bye
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    retry:
      - {es: "Diga pedido, o consejo.", en: "Say order, or advice."}
    fallback: advisor
    intents:
      order:
        label: {es: hacer un pedido, en: place an order}
        key: 1
        then: pin
        examples:
          es: [quiero hacer un pedido, quiero comprar, hacer un pedido]
          en: [i want to place an order, i want to buy, place an order]
      advice:
        label: {es: pedir consejo, en: get advice}
        key: 2
        then: advisor
        examples:
          es: [quiero un consejo, aconséjeme, necesito consejo]
          en: [i want advice, give me advice, i need advice]
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
    then: advisor
  code:
    type: ask
    slot: code
    kind: digits
    length: 6
    label: {es: número de pedido, en: order number}
    prompt: {es: "¿Qué número de pedido?", en: "Which order number?"}
    retry:
      - {es: "Son seis cifras.", en: "It has six digits."}
      - {es: "Márquelo.", en: "Key it in."}
    then: bye
  advisor:
    type: converse
    label: {es: aconsejar, en: give advice}
    prompt: {es: "Cuénteme.", en: "Tell me."}
    goal: {es: "Aconsejar sobre pedidos y lámparas.", en: "Give advice about orders and lamps."}
    topics:
      - {es: "lámparas, pedidos y envíos", en: "lamps, orders and deliveries"}
    never: {es: [velas], en: [candles]}
    facts: [today]
    tools:
      status:
        action: status
        label: {es: consultar el estado de un pedido, en: look up an order's status}
        with: {order: code}
        tells: [state, day]
        changes: false
      cancel:
        action: cancel
        label: {es: cancelar el pedido, en: cancel the order}
        with: {order: code, pin: pin}
        tells: [state]
    exits:
      done: {when: {es: "no quiere nada más", en: "wants nothing else"}, then: bye}
      by_number: {when: {es: "quiere dar su número", en: "wants to give the number"}, then: code}
    offline: offline_menu
    limits: {turns: 4}
  offline_menu:
    type: menu
    same_as: menu
    prompt: {es: "Dígame: ¿pedido o consejo?", en: "Tell me: order or advice?"}
    retry:
      - {es: "Diga pedido.", en: "Say order."}
  bye:
    type: hang_up
    text: {es: "Adiós.", en: "Goodbye."}
"""
)
ACTIONS = """
from voice.dialogue.actions import action

done = []

@action("status")
def status(order):
    return {"state": "shipped", "day": "2026-01-20", "address": "Secret Street 1"}

@action("cancel")
def cancel(order, pin):
    done.append((order, pin))
    return {"state": "cancelled"}
"""
ARTICLE = {
    "es": "# Envíos\n\n## Preguntas\n- ¿Cuánto tarda el envío?\n- ¿Cuánto cuesta el envío?\n"
    "- ¿Hacen envíos?\n\n## Respuesta\nEl envío tarda tres días y cuesta cinco euros.\n",
    "en": "# Deliveries\n\n## Questions\n- How long does a delivery take?\n- How much is a delivery?\n"
    "- Do you deliver?\n\n## Answer\nA delivery takes three days and costs five euros.\n",
}


def shop(folder: Path) -> Business:
    prompts = make_prompts(folder, SHOP, ACTIONS, "shop")
    for lang, text in ARTICLE.items():
        (prompts / "knowledge" / lang).mkdir(parents=True)
        (prompts / "knowledge" / lang / "delivery.md").write_text(text, encoding="utf-8")
    return load_business("shop", prompts)


def call(name: str, arguments: str = "{}") -> ToolCall:
    return ToolCall("c1", name, arguments)


Turn = Sequence[str | ToolCall | Exception]


class ModelCaller(Caller):
    """``answers``: what the model says to each request: sentences, tool calls, or a ValueError with the
    kind of its failure. A request beyond them is never answered."""

    answers: list[Turn]

    def __init__(self, business: Business, lang: str, *answers: Turn, model: bool = True) -> None:
        self.answers = list(answers)
        self.asked: list[Consult] = []
        self.stopped: list[str] = []
        self.model = model
        super().__init__(business, lang)

    def make(self, business: Business, lang: str) -> FlowDialogue:
        return FlowDialogue(business.flow, business.texts, business.understanding, lang, self.model)

    def feed(self, item: Input, after_ms: int = 0) -> list[object]:  # type: ignore[override]
        batch = super().feed(item, after_ms)
        for action in batch:
            if isinstance(action, StopConsulting):
                self.stopped.append(action.id)
            elif isinstance(action, Consult):
                self.asked.append(action)
                self._answer(action)
        return list(batch)

    def _answer(self, request: Consult) -> None:
        if not self.answers:
            return
        turn, calls = self.answers.pop(0), []
        for part in turn:
            if request.id in self.stopped:
                return
            if isinstance(part, str):
                self.feed(ModelSaid(request.id, part), 100)
            elif isinstance(part, ToolCall):
                calls.append(part)
            else:
                self.feed(ModelFailed(request.id, str(part)), 100)
                return
        if request.id not in self.stopped:
            self.feed(ModelDone(request.id, tuple(calls), 100), 100)

    def sent(self) -> str:
        """Everything that left the house."""
        return str([request.ask for request in self.asked])
