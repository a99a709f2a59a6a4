"""A ``converse`` step as the model is told of it: what it may know, and tools with their schemas. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from voice.dialogue.flow import AskStep, Flow
from voice.dialogue.flow_converse import ModelTool
from voice.dialogue.flow_steps import ConverseStep
from voice.dialogue.memory import Memory
from voice.language_model.prompting import Brief, Limits, Tool
from voice.language_model.secrets import without_values
from voice.model import JsonDict

_SHAPES = {
    "digits": "Digits only",
    "integer": "A whole number",
    "amount": "A decimal number such as 42.50",
    "date": "ISO 8601, such as 2026-03-01",
    "time": "24 hours, such as 15:30",
    "yes_no": "yes or no",
}


def brief_of(
    flow: Flow,
    step: ConverseStep,
    lang: str,
    memory: Memory,
    values: Mapping[str, Any],
    render: Callable[[str], str],
) -> Brief:
    """What the model is told. ``values`` are the call's by name. Sensitive slots are never among it; their
    values are its secrets."""
    secrets = tuple(slot.value for slot in memory.slots.values() if slot.sensitive)
    secrets += tuple(slot.spoken for slot in memory.slots.values() if slot.sensitive)
    vocabulary = [intent.label[lang] for intent in flow.intents.values()]
    if flow.articles is not None:
        vocabulary += [*flow.articles.answers(lang), *flow.articles.questions(lang)]
    tools = {name: offered(flow, name, tool, lang, memory) for name, tool in step.tools.items()}
    own = step.limits
    return Brief(
        lang=lang,
        business=flow.title[lang],
        goal=without_values(render(step.goal[lang]), secrets),
        topics=tuple(topic[lang] for topic in step.topics),
        exits={name: exit_.when[lang] for name, exit_ in step.exits.items()},
        tools={name: tool for name, tool in tools.items() if tool is not None},
        facts={
            name: without_values(str(values[name]), secrets)
            for name in step.facts
            if name not in flow.sensitive and values.get(name) is not None
        },
        hearsay=frozenset(name for name in step.facts if name in flow.slots and _free(flow.slots[name])),
        never=step.never.get(lang, ()),
        secrets=secrets,
        vocabulary=tuple(vocabulary),
        limits=Limits(own.turns, own.tokens, own.tool_rounds, own.sentences, own.answer_tokens),
    )


def _free(ask: AskStep) -> bool:
    """Whether a slot takes whatever the caller says: that is true of nothing but the caller."""
    return ask.kind == "text" and not ask.spelled


def offered(flow: Flow, name: str, tool: ModelTool, lang: str, memory: Memory) -> Tool | None:
    """The tool with what is still to be given. None while it needs a secret that is not known yet: a model
    never asks for one."""
    properties: dict[str, JsonDict] = {}
    for parameter, source in tool.arguments.items():
        ask = flow.slots.get(source)
        if ask is None or source in memory.slots:
            continue  # a variable, or known: the line fills it in itself
        if ask.sensitive:
            return None
        properties[parameter] = schema_of(ask, lang)
    does = " ".join(tool.label[lang].replace("{", "").replace("}", "").split("|")[0].split())
    return Tool(name, does, properties, tuple(properties), tool.tells, tool.changes)


def schema_of(step: AskStep, lang: str) -> JsonDict:
    """The JSON Schema of a slot's value: always text, in the form the slot itself keeps."""
    schema: JsonDict = {"type": "string", "description": step.label[lang]}
    if step.kind in _SHAPES:
        schema["description"] += f". {_SHAPES[step.kind]}"
    if step.kind == "choice":
        schema["enum"] = list(step.options)
    elif step.kind == "yes_no":
        schema["enum"] = ["yes", "no"]
    elif step.kind == "digits":
        schema["pattern"] = f"^[0-9]{{{step.shortest},{step.longest}}}$"
    return schema


def filled(tool: ModelTool, values: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the action, from slots and variables."""
    return {parameter: values.get(source) for parameter, source in tool.arguments.items()}
