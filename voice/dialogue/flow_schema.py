"""The JSON Schema of flow files, for editors: what may stand where, with words as they are written.

It describes what authors write: before reusable slots, defaults and sub-flows are put together. It is no
replacement for ``voice check``, which knows a flow's steps, names and languages.
"""

from __future__ import annotations

from typing import Any

from voice.dialogue.flow import Flow

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAME = "^[a-z][a-z0-9_]*$"


def flow_schema() -> dict[str, Any]:
    """Plain JSON. The same for the same version of the program."""
    schema: dict[str, Any] = _plain(Flow.model_json_schema(by_alias=True))
    schema |= {"$schema": DIALECT, "title": "A flow of Centralita"}
    defs, properties = schema["$defs"], schema["properties"]
    field = defs["FieldSpec"]  # of an action: may be written as one word
    defs["FieldSpec"] = {"anyOf": [{"type": "string"}, field]}
    ask = defs["AskStep"]
    own = {"type", "slot", "then", "yes", "no", "forget"}
    defs["ReusableSlot"] = {
        "type": "object",
        "additionalProperties": False,
        "description": "What every step that asks for this slot says, unless it says otherwise",
        "properties": {name: value for name, value in ask["properties"].items() if name not in own},
    }
    ask["required"] = ["type", "slot"]  # the slot may bring the rest
    named = {"type": "object", "propertyNames": {"pattern": _NAME}}
    properties["slots"] = {**named, "additionalProperties": {"$ref": "#/$defs/ReusableSlot"}}
    properties["steps"] = {**properties["steps"], "propertyNames": {"pattern": _NAME}}
    group = defs["Group"]
    group["properties"] |= {
        "steps": properties["steps"],
        "slots": properties["slots"],
        "defaults": {"$ref": "#/$defs/Defaults"},
        "flows": {**named, "additionalProperties": {"$ref": "#/$defs/Group"}},
        "file": {"type": "string", "description": "The file it is in, instead of its steps"},
    }
    del group["required"]
    group["anyOf"] = [{"required": ["start", "steps"]}, {"required": ["file"]}]
    properties["flows"] = group["properties"]["flows"]
    return schema


def _plain(value: Any) -> Any:
    """Without what says nothing to an author: titles made of names, and "or nothing"."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        if key == "title" and isinstance(item, str):
            continue
        if key == "default" and item is None:
            continue
        found[key] = _plain(item)
    choices = found.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del found["anyOf"]
        found |= rest[0] if len(rest) == 1 else {"anyOf": rest}
    return found
