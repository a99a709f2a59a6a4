"""What is drawn of a flow: its steps as boxes, its ways as edges, in one language. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from voice.dialogue.check_graph import reach, ways_of
from voice.dialogue.flow import (
    AskStep,
    BranchStep,
    CallStep,
    DoStep,
    Flow,
    HandoffStep,
    HangUpStep,
    Listening,
    MenuStep,
    ReturnStep,
    SayStep,
    Step,
    group_of,
    targets,
)
from voice.drawing.words import KINDS, WORDS, condition_words

START = "start:"
QUEUE = "queue:"
MOST_TEXT = 120
_HUB = 4  # ways to a menu that borrows its wishes, from which they are told in the boxes they leave
_MOST_LABELS = 2  # of ways between the same two steps


@dataclass(slots=True)
class Box:
    """``text`` is what is said or done; ``notes`` are short lines below it; ``links`` are (label, step) of
    ways that are told in the box instead of drawn."""

    id: str
    kind: str
    name: str
    text: str = ""
    notes: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    label: str = ""
    dashed: bool = False


@dataclass(slots=True)
class Chart:
    """The steps of the flow itself (``name`` "") or of one sub-flow. What leads from behind one of ``roots``
    to it leads back."""

    name: str
    boxes: dict[str, Box]
    edges: list[Edge]
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything on one page. ``notes`` stand above the charts."""

    title: str
    summary: str
    lang: str
    charts: tuple[Chart, ...]
    notes: tuple[str, ...] = ()


def drawing_of(flow: Flow, lang: str) -> Drawing:
    """The drawing of a checked flow, in one of its languages."""
    words = WORDS[lang]
    groups = ["", *dict.fromkeys(group_of(name) for name in flow.steps if group_of(name))]
    notes = [
        f"{words['campaigns']}: {name}"
        + (f" ({words['until']} {campaign.until})" if campaign.until else "")
        + f": {shortened(campaign.text.get(lang, ''), MOST_TEXT)}"
        for name, campaign in flow.campaigns.items()
    ]
    summary = words["summary"].format(
        steps=len(flow.steps), intents=len(flow.intents), slots=len(flow.slots), version=flow.version
    )
    charts = tuple(_chart(flow, group, lang) for group in groups)
    return Drawing(flow.title.get(lang, flow.name), summary, lang, charts, tuple(notes))


def shortened(text: str, most: int) -> str:
    """``text`` in at most so many characters, cut between words."""
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    return plain[: most - 1].rsplit(" ", 1)[0].rstrip(".,;: ") + "…"


def _chart(flow: Flow, group: str, lang: str) -> Chart:
    names = [name for name in flow.steps if group_of(name) == group]
    boxes = {name: _box(flow, name, lang) for name in names}
    found: dict[tuple[str, str, bool], list[str]] = {}
    for name in names:
        for target, label, dashed in _ways(flow, name, lang):
            found.setdefault((name, target, dashed), []).append(label)
    edges = [
        Edge(source, target, _joined(labels), dashed) for (source, target, dashed), labels in found.items()
    ]
    hubs = _hubs(flow, edges)
    inside = [edge for edge in edges if edge.target in boxes and edge.target not in hubs]
    for edge in edges:
        if edge.target not in boxes or edge.target in hubs:
            boxes[edge.source].links.append((edge.label, edge.target))
    start = flow.groups[group].start if group in flow.groups else flow.start if not group else ""
    if start in boxes:
        boxes[START] = Box(START, "start", KINDS[lang]["start"])
        inside.insert(0, Edge(START, start))
    for edge in _queues(flow, names, lang):
        boxes.setdefault(edge.target, Box(edge.target, "queue", edge.target.removeprefix(QUEUE)))
        inside.append(edge)
    return Chart(group, boxes, inside, (flow.main,) if flow.main in boxes else ())


def _hubs(flow: Flow, edges: list[Edge]) -> set[str]:
    """The menus such as "anything else?" that so many steps lead to that arrows would hide the rest."""
    met = Counter(edge.target for edge in edges)
    return {n for n, s in flow.steps.items() if isinstance(s, MenuStep) and s.same_as and met[n] >= _HUB}


def _joined(labels: list[str]) -> str:
    said = list(dict.fromkeys(label for label in labels if label))
    more = f" +{len(said) - _MOST_LABELS}" if len(said) > _MOST_LABELS else ""
    return ", ".join(said[:_MOST_LABELS]) + more


# --- boxes --------------------------------------------------------------------------------------------


def _box(flow: Flow, name: str, lang: str) -> Box:
    step = flow.steps[name]
    words = WORDS[lang]
    box = Box(name, step.type, name.rpartition(".")[2], shortened(_text(step, lang), MOST_TEXT))
    if isinstance(step, AskStep):
        box.notes.append(f"{step.slot.rpartition('.')[2]}: {step.kind}{' ***' if step.sensitive else ''}")
    if isinstance(step, MenuStep) and step.same_as:
        box.links.append((words["same_as"], step.same_as))
    if isinstance(step, DoStep):
        box.links.append((words["runs"], flow.groups[step.flow].start))
    if isinstance(step, CallStep):
        box.notes.append(step.action)
    if isinstance(step, ReturnStep) and step.outcome:
        box.notes.append(step.outcome)
    if isinstance(step, HandoffStep) and step.priority is not None:
        box.notes.append(f"P{step.priority}{' !' if step.urgent else ''}")
    return box


def _text(step: Step, lang: str) -> str:
    match step:
        case SayStep():
            return step.text.get(lang, "")
        case Listening():
            return step.prompt.get(lang, "")
        case CallStep():
            return step.label.get(lang, "")
        case HandoffStep():
            return step.announce.get(lang, "") if step.announce else ""
        case HangUpStep():
            return step.text.get(lang, "") if step.text else ""
        case DoStep():
            return step.flow
        case _:
            label = getattr(step, "prompt", None) or getattr(step, "label", None) or {}
            return str(label.get(lang, ""))


# --- ways ---------------------------------------------------------------------------------------------


def _ways(flow: Flow, name: str, lang: str) -> Iterator[tuple[str, str, bool]]:
    """(target, label, whether it is a digression) of every way out of a step."""
    step = flow.steps[name]
    for path, target in targets(step):
        label, dashed = _label(step, path, lang)
        yield target, label, dashed


def _label(step: Step, path: tuple[str | int, ...], lang: str) -> tuple[str, bool]:
    words = WORDS[lang]
    match path:
        case ("intents", key, _) if isinstance(step, MenuStep):
            intent = step.intents[str(key)]
            return _keyed(intent.key, intent.label.get(lang, str(key))), intent.digression
        case ("options", key, _) if isinstance(step, AskStep):
            option = step.options[str(key)]
            return _keyed(option.key, option.label.get(lang, str(key))), False
        case ("when", int() as at, _) if isinstance(step, BranchStep):
            return condition_words(step.when[at].condition, lang), False
        case ("exits", key, _):
            return str(key), False
        case ("on", outcome):
            return words.get(str(outcome), str(outcome)), False
        case _:
            return words.get(str(path[0]), str(path[0])), False


def _keyed(key: str | None, label: str) -> str:
    return f"{key} · {label}" if key else label


def _queues(flow: Flow, names: list[str], lang: str) -> Iterator[Edge]:
    """Each handoff to the queues it may lead to: its own, else those of the wishes that come here."""
    ways = ways_of(flow)
    reached = {name: reach(ways, [intent.then]) for name, intent in flow.intents.items()}
    for name in names:
        step = flow.steps[name]
        if not isinstance(step, HandoffStep):
            continue
        if step.queue is not None:
            yield Edge(name, QUEUE + step.queue)
            continue
        found: dict[str, list[str]] = {}
        for wish, steps in reached.items():
            if name in steps:
                intent = flow.intents[wish]
                queue = intent.queue or flow.person.queue
                found.setdefault(queue, []).append(shortened(intent.label.get(lang, wish), 24))
        for queue, wishes in (found or {flow.person.queue: []}).items():
            yield Edge(name, QUEUE + queue, _joined(wishes) if len(found) > 1 else "")
