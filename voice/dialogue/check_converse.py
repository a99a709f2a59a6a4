"""What is wrong with a flow's stretches of conversation with a language model."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator

from voice.dialogue.actions import Registry
from voice.dialogue.flow import Flow, MenuStep
from voice.dialogue.flow_converse import ModelTool
from voice.dialogue.flow_steps import ConverseStep
from voice.dialogue.yamlfile import Document, Path
from voice.errors import Problem


def check_converse(
    flow: Flow, document: Document, registry: Registry, names: Collection[str]
) -> Iterator[Problem]:
    """``names`` are the flow's slots and variables."""
    for name, step in flow.steps.items():
        where: Path = ("steps", name)
        fallback = step.fallback if isinstance(step, MenuStep) else None
        if fallback is not None and not isinstance(flow.steps.get(fallback), ConverseStep):
            message = f"'{fallback}' is no step of type converse"
            yield document.problem((*where, "fallback"), message, "Name one that is, or leave it out.")
        if not isinstance(step, ConverseStep):
            continue
        there = f"There are: {', '.join(sorted(names))}."
        for fact in step.facts:
            if fact in flow.sensitive:
                message = f"'{fact}' is sensitive: the model may not know it"
                yield document.problem((*where, "facts"), message, "Leave it out.")
            elif fact not in names:
                message = f"'{fact}' is neither a slot nor a variable"
                yield document.problem((*where, "facts"), message, there)
        for own, tool in step.tools.items():
            place = (*where, "tools", own)
            yield from _check_tool(flow, document, registry, place, tool, names)


def _check_tool(
    flow: Flow, document: Document, registry: Registry, place: Path, tool: ModelTool, names: Collection[str]
) -> Iterator[Problem]:
    there = f"There are: {', '.join(sorted(names))}."
    for source in tool.arguments.values():
        if source not in names:
            message = f"'{source}' is neither a slot nor a variable"
            yield document.problem((*place, "with"), message, there)
    if tool.action in flow.actions:
        return
    function = registry.functions.get(tool.action)
    if function is None:
        known = ", ".join([*registry.functions, *flow.actions]) or "none"
        remedy = f"Write it in actions.py with @action, or under actions with a url. There are: {known}."
        message = f"the action '{tool.action}' does not exist"
        yield document.problem((*place, "action"), message, remedy)
        return
    try:
        inspect.signature(function).bind(**dict.fromkeys(tool.arguments))
    except TypeError as error:
        message = f"the action '{tool.action}' does not take these arguments ({error})"
        wants = ", ".join(inspect.signature(function).parameters) or "nothing"
        yield document.problem(place, message, f"It takes: {wants}. Write them under with.")
