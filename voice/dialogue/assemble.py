"""Puts a flow together from what its authors wrote once: defaults, reusable slots, sub-flows. Pure.

Works on plain data, before the models: afterwards every step is written out in full, and a sub-flow's steps
stand among the flow's under names that begin with its own (``payment.card``), as do its slots and variables.
:attr:`Document.origins` remembers where each piece is written, so that mistakes are told with that line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from voice.dialogue.conditions import parse_condition
from voice.dialogue.flow import PERSON, Flow
from voice.dialogue.render import PLACEHOLDER
from voice.dialogue.yamlfile import Document, Path

MOST_LEVELS = 5  # sub-flows inside sub-flows
CAMPAIGN = "campaign"
CAMPAIGN_ON = f"{CAMPAIGN}.on"
_OF_THE_CALL = ("today", "time", "caller", "intent")
_FOR_QUESTIONS = ("barge_in", "no_input_ms", "endpoint_ms", "max_speech_ms", "ladder")
_SHARED = ("words", "actions", "hours", "holidays", "experiments")  # by name, for the whole line
_OF_A_GROUP = frozenset({"inputs", "outputs", "start", "steps", "slots", "flows", "defaults", "file"})
# what a sub-flow's file may hold besides: a whole flow may be one too, and then its head does not count
_OF_A_FILE = _OF_A_GROUP | {field.alias or name for name, field in Flow.model_fields.items()}

Read = Callable[[str], Document]
"""The document of a file named in the flow, by its path from the flow's folder."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A mapping of steps and what belongs to it, with where it stands."""

    body: Mapping[str, Any]
    document: Document
    base: Path
    prefix: str = ""
    slots: Mapping[str, tuple[Any, Document, Path]] = field(default_factory=dict)
    defaults: Mapping[str, tuple[Any, Document, Path]] = field(default_factory=dict)
    flows: Mapping[str, str] = field(default_factory=dict)  # names of sub-flows here to their full names
    files: tuple[str, ...] = ()  # the files that this one is in, outermost first

    def full(self, name: Any) -> str:
        return f"{self.prefix}.{name}" if self.prefix else str(name)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


class _Assembler:
    def __init__(self, document: Document, read: Read) -> None:
        self.document = document
        self.read = read
        self.steps: dict[str, Any] = {}
        self.groups: dict[str, Any] = {}
        self.data: dict[str, Any] = dict(document.data)

    def run(self) -> dict[str, Any]:
        whole = self._with_own(_Piece(self.data, self.document, ()))
        self._take(whole)
        for name, campaign in _mapping(self.data.get("campaigns")).items():
            if isinstance(campaign, dict) and "enough" in campaign:
                self._campaign_question(name, campaign)
        if isinstance(self.data.get("steps"), dict):
            self.data["steps"] = self.steps
        if isinstance(self.data.get("flows"), dict):
            self.data["flows"] = self.groups
        return self.data

    # --- steps -----------------------------------------------------------------------------------

    def _with_own(self, piece: _Piece) -> _Piece:
        """With the slots, defaults and sub-flows that the piece itself brings."""
        body, doc, base = piece.body, piece.document, piece.base
        slots, defaults = (
            {name: (raw, doc, (*base, key, name)) for name, raw in _mapping(body.get(key)).items()}
            for key in ("slots", "defaults")
        )
        flows = {name: piece.full(name) for name in _mapping(body.get("flows"))}
        return replace(
            piece,
            slots={**piece.slots, **slots},
            defaults={**piece.defaults, **defaults},
            flows={**piece.flows, **flows},
        )

    def _take(self, piece: _Piece) -> None:
        for name, step in _mapping(piece.body.get("steps")).items():
            full = piece.full(name)
            where: Path = ("steps", full)
            if piece.prefix:
                self.document.origins[where] = (piece.document, (*piece.base, "steps", name))
            if isinstance(step, dict):
                step = self._filled(piece, step, where)
                step = _Renaming(piece).step(step) if piece.prefix else step
            self.steps[full] = step
        for name, raw in _mapping(piece.body.get("flows")).items():
            self._group(piece, str(name), raw)

    def _filled(self, piece: _Piece, step: dict[str, Any], where: Path) -> dict[str, Any]:
        """The step with what its slot and the defaults say where it says nothing itself."""
        kind = step.get("type")
        found = dict(step)
        given: list[tuple[str, tuple[Any, Document, Path]]] = []
        if kind == "ask" and isinstance(slot := step.get("slot"), str) and slot in piece.slots:
            raw, document, path = piece.slots[slot]
            given += [(key, (value, document, (*path, key))) for key, value in _mapping(raw).items()]
        wanted = _FOR_QUESTIONS if kind in ("ask", "menu") else ("barge_in",) if kind == "say" else ()
        wanted = (*wanted, "inter_digit_ms") if kind == "ask" else wanted
        given += [(key, piece.defaults[key]) for key in wanted if key in piece.defaults]
        for key, (value, document, path) in given:
            if key == "ladder" and isinstance(value, dict) and isinstance(found.get("ladder"), dict):
                found["ladder"] = {**value, **found["ladder"]}
            elif key not in found:
                found[key] = value
                self.document.origins[*where, key] = (document, path)
        return found

    # --- sub-flows -------------------------------------------------------------------------------

    def _group(self, parent: _Piece, name: str, raw: Any) -> None:
        full, where = parent.full(name), (*parent.base, "flows", name)
        if not isinstance(raw, dict):
            self._wrong(
                parent.document, where, f"'{name}' is not a group of steps", "Give it start and steps."
            )
            return
        piece = replace(parent, body=raw, base=where, prefix=full)
        if "file" in raw:
            found = self._of_file(piece, raw, where)
            if found is None:
                return
            piece = found
        elif full.count(".") >= MOST_LEVELS:
            self._wrong(parent.document, where, "too many flows inside flows", "Write them side by side.")
            return
        self.document.origins[("flows", full)] = (piece.document, piece.base)
        if piece.document is self.document and piece.base == ("flows", full):
            del self.document.origins[("flows", full)]
        allowed = _OF_A_FILE if "file" in raw else _OF_A_GROUP
        for key in piece.body:
            if key not in allowed:
                message = f"'{key}' is not known in a sub-flow"
                self._wrong(piece.document, (*piece.base, key), message, f"It may have: {_listed()}.")
        self.groups[full] = {k: piece.body[k] for k in ("inputs", "outputs", "start") if k in piece.body}
        if isinstance(self.groups[full].get("start"), str):
            self.groups[full]["start"] = piece.full(self.groups[full]["start"])
        if not _mapping(piece.body.get("steps")):
            self._wrong(piece.document, piece.base, f"the sub-flow '{name}' has no steps", "Write its steps.")
        self._take(self._with_own(piece))

    def _of_file(self, piece: _Piece, raw: dict[str, Any], where: Path) -> _Piece | None:
        file = raw["file"]
        if not isinstance(file, str) or len(raw) > 1:
            self._wrong(piece.document, where, "a sub-flow has a file, or steps", "Write one of them.")
            return None
        if file in piece.files or len(piece.files) >= MOST_LEVELS:
            self._wrong(piece.document, (*where, "file"), f"'{file}' is inside itself", "Take it out.")
            return None
        part = self.read(file)
        if part.problems or not isinstance(part.data, dict):
            unreadable = [p for p in part.problems if p.line == 1 and "cannot be read" in p.message]
            if unreadable or not part.problems:
                self._wrong(piece.document, (*where, "file"), f"'{file}' cannot be read", "Check its name.")
            self.document.problems += [p for p in part.problems if p not in unreadable]
            return None
        self._share(part)
        own = _Piece(part.data, part, (), piece.prefix, {}, piece.defaults, {}, (*piece.files, file))
        return own

    def _share(self, part: Document) -> None:
        """What a file brings for the whole line; the same name must not mean two things."""
        for key in _SHARED:
            for name, value in _mapping(part.data.get(key)).items():
                here = dict(_mapping(self.data.get(key)))
                if name in here and here[name] != value:
                    message = f"'{name}' is something else in {self.document.file}"
                    self._wrong(part, (key, name), message, "Give one of them another name.")
                elif name not in here:
                    self.data[key] = {**here, name: value}
                    self.document.origins[(key, name)] = (part, (key, name))
        if isinstance(names := part.data.get("profile"), list):
            self.data["profile"] = list(dict.fromkeys([*(self.data.get("profile") or []), *names]))
        lexicon = dict(_mapping(self.data.get("lexicon")))
        for lang, words in _mapping(part.data.get("lexicon")).items():
            lexicon[lang] = [*lexicon.get(lang, []), *words] if isinstance(words, list) else words
        if lexicon:
            self.data["lexicon"] = lexicon

    # --- campaigns -------------------------------------------------------------------------------

    def _campaign_question(self, name: str, campaign: dict[str, Any]) -> None:
        """ "Is that all?" after a campaign's message: a step like any other."""
        where: Path = ("campaigns", name)
        goodbye = self.data.get("goodbye")
        if not isinstance(goodbye, str):
            remedy = "Write goodbye: and the step that hangs up, in the head of the flow."
            self._wrong(self.document, (*where, "enough"), "enough needs a goodbye to lead to", remedy)
            return
        full = f"{CAMPAIGN}.{name}"
        self.document.origins[("steps", full)] = (self.document, where)
        self.document.origins[("steps", full, "prompt")] = (self.document, (*where, "enough"))
        self.document.origins[("steps", full, "label")] = (self.document, (*where, "enough"))
        self.steps[full] = {
            "type": "ask", "slot": full, "kind": "yes_no", "confirm": "never", "ask_again": True,
            "label": campaign["enough"], "prompt": campaign["enough"],
            "retry": campaign.get("retry") or [campaign["enough"]],
            "digressions": "none", "yes": goodbye, "no": CAMPAIGN_ON,
        }  # fmt: skip
        self.steps[CAMPAIGN_ON] = {"type": "return"}

    def _wrong(self, document: Document, path: Path, message: str, remedy: str) -> None:
        self.document.problems.append(document.problem(path, message, remedy))


def _listed() -> str:
    return ", ".join(sorted(_OF_A_GROUP - {"file"}))


class _Renaming:
    """Makes the names in a sub-flow's steps its own. What is wrongly written stays for the models to tell."""

    def __init__(self, piece: _Piece) -> None:
        self.prefix = piece.prefix
        self.flows = piece.flows

    def step(self, step: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self.entry(key, value) for key, value in step.items())

    def entry(self, key: str, value: Any) -> tuple[str, Any]:
        match key, value:
            case (
                ("then" | "yes" | "no" | "unknown" | "otherwise" | "same_as" | "offline" | "fallback"),
                str(),
            ):
                value = self.target(value)
            case "on", dict():
                value = {name: self.target(item) for name, item in value.items()}
            case (("options" | "intents"), dict()):
                value = {name: self.led(item) for name, item in value.items()}
            case "when", list():
                value = [self.when(item) for item in value]
            case "ladder", dict() if value.get("then", PERSON) != PERSON:
                value = {**value, "then": self.target(value["then"])}
            case (("slot" | "identity" | "factor"), str()):
                value = self.own(value)
            case (("tools" | "exits"), dict()):
                value = {name: self.tool(item) for name, item in value.items()}
            case (("tools" | "exits"), list()):
                value = [self.tool(item) for item in value]
            case "flow", str():
                value = self.flows.get(value, value)
            case (("forget" | "facts"), list()):
                value = [self.own(name) for name in value]
            case "with", _:
                value = self.given(value)
            case "save", dict():
                value = {self.own(name): item for name, item in value.items()}
            case (("examples" | "yes_says" | "no_says" | "type" | "kind"), _):
                pass
            case _:
                value = self.said(value)
        return key, value

    def own(self, name: Any) -> Any:
        known = not isinstance(name, str) or name in _OF_THE_CALL or "." in name
        return name if known else f"{self.prefix}.{name}"

    def target(self, name: Any) -> Any:
        return f"{self.prefix}.{name}" if isinstance(name, str) else name

    def led(self, value: Any) -> Any:
        found = self.said(value)
        return {**found, "then": self.target(value["then"])} if "then" in _mapping(value) else found

    def said(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.said(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.said(item) for item in value]
        return PLACEHOLDER.sub(self.placeholder, value) if isinstance(value, str) else value

    def placeholder(self, match: re.Match[str]) -> str:
        form = f"|{match[2]}" if match[2] is not None else ""
        return f"{{{self.own(match[1].strip())}{form}}}"

    def when(self, value: Any) -> Any:
        found = self.led(value)
        if isinstance(_mapping(value).get("if"), str):
            try:
                found["if"] = parse_condition(value["if"]).renamed(self.own).text()
            except ValueError:
                found["if"] = value["if"]
        return found

    def given(self, value: Any) -> Any:
        if isinstance(value, list):
            return {name: self.own(name) for name in value if isinstance(name, str)}
        return {name: self.own(item) for name, item in value.items()} if isinstance(value, dict) else value

    def tool(self, value: Any) -> Any:
        led = self.led(value)
        return {**led, "with": self.given(value["with"])} if "with" in _mapping(value) else led


def assemble(document: Document, read: Read) -> Any:
    """The flow's data with every step in full; what is wrong is added to the document's problems.

    ``read`` is asked for each file that a sub-flow is in. What is no mapping is returned as it is.
    """
    if not isinstance(document.data, dict):
        return document.data
    return _Assembler(document, read).run()
