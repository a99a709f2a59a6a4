"""The words of a drawing, in every language of the lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from voice.dialogue.conditions import Clause, Condition, Group

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
_SPANISH: Final[Mapping[str, str]] = {
    "is open": "está abierto", "is closed": "está cerrado", "is not open": "no está abierto",
    "is not closed": "no está cerrado", "is known": "se conoce", "is unknown": "no se conoce",
    "is not known": "no se conoce", "is not unknown": "se conoce",
    "is yes": "es sí", "is not yes": "no es sí",
    "is": "es", "is not": "no es", "in": "es", "not in": "no es", "and": " y ", "or": " o ",
}  # fmt: skip


def condition_words(condition: Condition, lang: str) -> str:
    """A condition as it is drawn: in English as flows write it, in Spanish with the same names and values."""
    return condition.text() if lang != "es" else _in_spanish(condition.root, outer=True)


def _in_spanish(part: Group | Clause, *, outer: bool = False) -> str:
    if isinstance(part, Clause):
        if said := _SPANISH.get(f"{part.operator} {part.value}"):
            return f"{part.name} {said}"
        return f"{part.name} {_SPANISH.get(part.operator, part.operator)} {' o '.join(part.values)}"
    if part.how == "not":
        return f"no ({_in_spanish(part.parts[0], outer=True)})"
    said = _SPANISH[part.how].join(_in_spanish(inner) for inner in part.parts)
    return said if outer or len(part.parts) == 1 else f"({said})"
