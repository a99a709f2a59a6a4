"""A flow that hands the conversation to an application, and the texts around it."""

from __future__ import annotations

from pathlib import Path

from voice.dialogue.loader import Business, load_business

FLOW = """
name: lent
title: {{es: "Prueba", en: "Test"}}
languages: [es, en]
disclosure: {{es: "Le atiende una máquina.", en: "A machine answers."}}
person: {{queue: shop}}
start: menu
steps:
  menu:
    type: menu
    prompt: {{es: "¿Qué desea?", en: "What would you like?"}}
    retry:
      - {{es: "Diga consejo.", en: "Say advice."}}
      - {{es: "Marque uno.", en: "Press one."}}
    intents:
      advice:
        label: {{es: "pedir consejo", en: "get advice"}}
        key: 1
        then: secret
        examples:
          es: ["quiero consejo", "necesito un consejo", "aconséjeme"]
          en: ["i want advice", "i need some advice", "give me a tip"]
  secret:
    type: ask
    slot: pin
    kind: digits
    length: 4
    sensitive: true
    confirm: never
    label: {{es: "clave", en: "code"}}
    prompt: {{es: "Su clave.", en: "Your code."}}
    retry: [{{es: "Cuatro cifras.", en: "Four digits."}}]
    then: advisor
  advisor:
    type: relay
    url: "{url}"
    label: {{es: "hablar con el consejero", en: "talk to the adviser"}}
    with: [caller, pin]
    save: {{topic: reason}}
    {more}
    on: {{ended: done, handoff: handed, failed: sorry, timeout: slow}}
  done: {{type: hang_up, text: {{es: "Hasta pronto.", en: "Goodbye."}}}}
  handed: {{type: handoff, queue: advice}}
  sorry: {{type: say, text: {{es: "Sigo yo.", en: "Back with me."}}, then: menu}}
  slow: {{type: say, text: {{es: "No contesta.", en: "No answer."}}, then: menu}}
"""


def business(folder: Path, url: str = "wss://adviser.example.com/relay", more: str = "") -> Business:
    """The flow, with its application at ``url``."""
    prompts = folder / "prompts"
    (prompts / "flows").mkdir(parents=True, exist_ok=True)
    texts = Path(__file__).resolve().parents[2] / "prompts" / "texts"
    if not (prompts / "texts").exists():
        (prompts / "texts").symlink_to(texts)
    (prompts / "flows" / "lent.yaml").write_text(FLOW.format(url=url, more=more), encoding="utf-8")
    return load_business("lent", prompts)
