"""The words of a drawing, in every language of the lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "start": "empieza", "say": "dice", "ask": "pregunta", "menu": "menú", "call": "acción",
        "verify": "identidad", "relay": "aplicación", "converse": "modelo de lenguaje", "branch": "condición",
        "do": "sub-flujo", "return": "vuelve", "handoff": "persona", "hang_up": "cuelga", "queue": "cola",
    },
    "en": {
        "start": "begins", "say": "says", "ask": "asks", "menu": "menu", "call": "action",
        "verify": "identity", "relay": "application", "converse": "language model", "branch": "condition",
        "do": "sub-flow", "return": "returns", "handoff": "person", "hang_up": "hangs up", "queue": "queue",
    },
}  # fmt: skip
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "yes": "sí", "no": "no", "unknown": "no lo tiene", "otherwise": "si no", "ok": "bien",
        "not_found": "no existe", "failed": "falla", "timeout": "tarda", "locked": "bloqueado",
        "expired": "caducado", "fault": "avería", "ended": "acaba", "handoff": "devuelve", "then": "",
        "offline": "sin modelo", "fallback": "lo demás", "ladder": "tras varias", "same_as": "deseos de",
        "runs": "ejecuta", "digression": "digresión: se contesta y se vuelve a la pregunta",
        "back": "sigue en otro paso, que el enlace busca", "always":
        "Desde cualquier paso: una persona (tecla 0), repetir, ayuda, menú principal y el otro idioma.",
        "campaigns": "Avisos", "legend": "Leyenda", "goodbye": "despedida", "until": "hasta",
        "summary": "{steps} pasos, {intents} deseos, {slots} datos; versión {version}",
        "drawn": "Dibujo de la línea {title}",
    },
    "en": {
        "yes": "yes", "no": "no", "unknown": "does not have it", "otherwise": "otherwise", "ok": "done",
        "not_found": "not found", "failed": "fails", "timeout": "too slow", "locked": "locked",
        "expired": "expired", "fault": "fault", "ended": "ends", "handoff": "hands back", "then": "",
        "offline": "without a model", "fallback": "anything else", "ladder": "after several tries",
        "same_as": "wishes of", "runs": "runs",
        "digression": "digression: answered, then back to the question",
        "back": "goes on at another step, which the link finds", "always":
        "From every step: a person (key 0), repeat, help, main menu and the other language.",
        "campaigns": "Campaigns", "legend": "Legend", "goodbye": "goodbye", "until": "until",
        "summary": "{steps} steps, {intents} wishes, {slots} slots; version {version}",
        "drawn": "Drawing of the line {title}",
    },
}  # fmt: skip
