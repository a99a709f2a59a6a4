"""One stay of a caller with the language model, as a pure machine: what was said comes in, effects come out.

The model never acts. It writes sentences, which a :class:`~voice.language_model.guard.Guard` lets through
or not; and it asks for tools, which the dialogue runs (after the caller's yes where they change something).
Every way it can misbehave ends in :class:`Failed`, with which the dialogue goes on without it: too many
tools, no answer, an answer that may not be spoken twice in a row, more turns or tokens than it was given.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from voice.knowledge.article import Article
from voice.knowledge.words import stems
from voice.language_model import prompting
from voice.language_model.facts import Facts
from voice.language_model.guard import Guard
from voice.language_model.prompting import Brief, Tool
from voice.language_model.seam import Ask, ToolCall
from voice.language_model.secrets import without_secrets, without_values
from voice.model import JsonDict

MOST_CALLS = 3  # tools in one answer
MOST_RESULT = 4000  # characters of a tool's result that are sent
MOST_WORDS = 500  # characters of a caller's turn that are sent
_OF_THE_CALL = ("today", "time")  # what day it is bears out nothing that happens on it
CHARACTERS_A_TOKEN = 4  # a rule of thumb, where the server does not count


@dataclass(frozen=True, slots=True)
class Speak:
    """A sentence that may be said."""

    text: str


@dataclass(frozen=True, slots=True)
class Consult:
    """The model is asked; what it answers belongs to ``id``."""

    id: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class Stop:
    """What the model answers under ``id`` is not wanted any more."""

    id: str


@dataclass(frozen=True, slots=True)
class RunTool:
    """``arguments`` are the model's, of the schema's types; the dialogue still checks their values."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Propose:
    """The caller is asked whether this tool may be run: it changes something."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """The caller's turn."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The conversation with the model is over; ``exit`` is one of the brief's."""

    exit: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The model is of no use here: guard, tools, nonsense, limit, or the kind of a LanguageModelError."""

    why: str


Effect = Speak | Consult | Stop | RunTool | Propose | Wait | Leave | Failed
Find = Callable[[str], Sequence[Article]]
"""The articles that a caller's words may be about, best first."""


@dataclass(slots=True)
class _Answer:
    """The answer that is coming in."""

    spoken: list[str] = field(default_factory=list)
    heard: dict[str, str] = field(default_factory=dict)  # of those sentences that were cut
    over: bool = False  # enough was said, or something that may not be: the rest is not heard
    repeated: str = ""  # the first sentence that was passed over, as it had been said before

    def told(self) -> str:
        """What the caller was told, as far as is known."""
        return " ".join(filter(None, (self.heard.get(one, one) for one in self.spoken))) or "…"


class Consultation:
    """State of one stay. ``id`` distinguishes the requests of several stays in one call."""

    def __init__(self, brief: Brief, find: Find, today: date, id: str = "model") -> None:  # noqa: A002
        self._brief, self._find, self._id = brief, find, id
        facts = Facts(brief.lang, today)
        known = [(name, text) for name, text in brief.facts.items() if name not in _OF_THE_CALL]
        for text in (brief.goal, *brief.topics):
            facts.add_text(text)
        for name, text in known:
            if name in brief.hearsay:
                facts.add_caller(text)
            else:
                facts.add_value(text, name.replace("_", " "))
        self._facts = facts
        topics = {stem for text in brief.about() for stem in stems(text, brief.lang)}
        self._guard = Guard(facts, frozenset(topics), brief.never, prompting.rules(brief))
        self._guard.about = (brief.business, brief.goal, *brief.topics, *brief.exits.values())
        self._guard.does = tuple(tool.does for tool in brief.tools.values())
        self._messages: list[JsonDict] = []
        self._articles: list[Article] = []
        self._asks = self._turns = self._rounds = self._refusals = 0
        self._answer = _Answer()
        self._calls: deque[ToolCall] = deque()
        self._correction = ""
        self._repeats_left = 1  # times that the same may be said again in the stay, where all else failed
        self.tokens = 0
        self.refused: list[str] = []  # why sentences were held back, for the event log
        self.consulted: list[str] = []  # articles it was given
        self.told: list[str] = []  # sentences let through that tell a fact

    @property
    def asking(self) -> str:
        """The id of the request that runs or ran last."""
        return f"{self._id}-{self._asks}"

    @property
    def spoke(self) -> bool:
        """Whether something of the current answer was said."""
        return bool(self._answer.spoken)

    @property
    def spoke_ever(self) -> bool:
        """Whether something was said in this stay."""
        return self.spoke or any(m["role"] == "assistant" and m.get("content") for m in self._messages)

    # --- the caller --------------------------------------------------------------------------------

    def heard(self, words: str) -> list[Effect]:
        """A turn of the caller."""
        self._turns += 1
        if self._turns > self._brief.limits.turns:
            return [Failed("limit")]
        said = without_secrets(words, self._brief.lang, self._brief.secrets)[:MOST_WORDS]
        self._facts.add_caller(said)
        for article in self._find(said):
            if article not in self._articles:
                self._articles.append(article)
                self.consulted.append(article.name)
                self._facts.add_text(article.text)
        if self._messages and self._messages[-1]["role"] == "user":  # templates want the sides to alternate
            said = f"{self._messages.pop()['content']}\n{said}"
        self._messages.append({"role": "user", "content": said})
        self._rounds = self._refusals = 0
        return self._ask()

    def heard_of_us(self, heard: Mapping[str, str]) -> None:
        """What the caller heard of the sentences of the last answer; the rest was never said to them, so the
        model may say it again."""
        for text, part in heard.items():
            self._guard.heard(text, whole=part == text)
        self._answer.heard.update(heard)
        last = self._messages[-1] if self._messages else {}
        if last.get("role") == "assistant" and isinstance(last.get("content"), str) and self._answer.spoken:
            last["content"] = self._answer.told()

    def interrupted(self) -> list[Effect]:
        """The caller talks while the answer is coming in: their turn follows."""
        self._close_answer()
        return [self._stop()]

    # --- the model ---------------------------------------------------------------------------------

    def sentence(self, text: str) -> list[Effect]:
        """The model wrote a sentence."""
        answer = self._answer
        if answer.over:
            return []
        why = self._guard.refuses(text)
        if not why:
            answer.spoken.append(text)
            if self._guard.tells(text):
                self.told.append(text)
            if len(answer.spoken) < self._brief.limits.sentences:
                return [Speak(text)]
            answer.over = True
            self._close_answer()
            return [Speak(text), self._stop(), Wait()]
        self.refused.append(why)
        if why == "repeated":  # harmless: what follows may be new
            answer.repeated = answer.repeated or text
            return []
        answer.over = True
        stop = self._stop()
        if answer.spoken:
            self._close_answer()
            return [stop, Wait()]
        self._refusals += 1
        if self._refusals > 1:
            return [stop, Failed("guard")]
        self._correction = prompting.correction(self._brief.lang, why)
        return [stop, *self._ask()]

    def ended(self, calls: Sequence[ToolCall], tokens: int) -> list[Effect]:
        """The model's answer is whole."""
        if self._answer.over:
            return []
        self.tokens += tokens or self._estimate()
        self._correction = ""
        if not calls:
            if not self._answer.spoken:
                return self._only_repeated() if self._answer.repeated else [Failed("nonsense")]
            self._close_answer()
            return [Wait()]
        self._rounds += 1
        if self._rounds > self._brief.limits.tool_rounds or len(calls) > MOST_CALLS:
            return [Failed("tools")]
        self._messages.append(
            {
                "role": "assistant",
                "content": self._answer.told() if self._answer.spoken else None,
                "tool_calls": [
                    {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
                    for c in calls
                ],
            }
        )
        self._calls = deque(calls)
        return self._next_call()

    def _only_repeated(self) -> list[Effect]:
        """The answer had nothing that was not said before: the model is asked once more, and may then say the
        same again, once in a stay."""
        self._refusals += 1
        if self._refusals == 1:
            self._correction = prompting.correction(self._brief.lang, "repeated")
            return self._ask()
        if not self._repeats_left:
            return [Failed("repeated")]
        self._repeats_left -= 1
        text = self._answer.repeated
        self._guard.heard(text, whole=False)
        if self._guard.refuses(text):
            return [Failed("guard")]  # true when it was said first
        self._answer.spoken.append(text)
        self._close_answer()
        return [Speak(text), Wait()]

    def failed(self, kind: str) -> list[Effect]:
        """The server gave no answer, or only a part."""
        return [] if self._answer.over else [Failed(kind)]

    # --- tools -------------------------------------------------------------------------------------

    def ran(self, value: Mapping[str, Any] | None, failure: str = "") -> list[Effect]:
        """The tool that was to be run has ended: with a value, or a failure (``declined``: the caller said
        no; ``invalid``: its arguments may not be)."""
        call = self._calls.popleft()
        tool = self._brief.tools.get(call.name)
        if value is not None and tool is not None:
            told = {name: value[name] for name in tool.tells if name in value}
            self._facts.add_result(told, tool.does, changes=tool.changes)
            self._tell(call, {"ok": True} | told)
        else:
            if tool is not None:
                self._facts.add_failure(tool.does)
            self._tell(call, {"ok": False, "error": prompting.failure(self._brief.lang, failure)})
        return self._next_call()

    def _next_call(self) -> list[Effect]:
        while self._calls:
            call = self._calls[0]
            arguments = _object(call.arguments)
            if call.name == prompting.LEAVE:
                wanted = str((arguments or {}).get("to", ""))
                if wanted in self._brief.exits:
                    return [Leave(wanted)]
            tool = self._brief.tools.get(call.name)
            if tool is None or arguments is None or not _fits(tool, arguments):
                self._calls.popleft()
                self._tell(call, {"ok": False, "error": prompting.failure(self._brief.lang, "invalid")})
                continue
            return [Propose(call.name, arguments) if tool.changes else RunTool(call.name, arguments)]
        return self._ask()

    def _tell(self, call: ToolCall, result: JsonDict) -> None:
        content = json.dumps(result, ensure_ascii=False, default=str)
        content = without_values(content, self._brief.secrets)[:MOST_RESULT]
        self._messages.append({"role": "tool", "tool_call_id": call.id, "content": content})

    # --- asking ------------------------------------------------------------------------------------

    def _ask(self) -> list[Effect]:
        if self.tokens >= self._brief.limits.tokens:
            return [Failed("limit")]
        self._asks += 1
        self._answer = _Answer()
        system = prompting.system(self._brief, self._articles, self._correction)
        messages = ({"role": "system", "content": system}, *self._messages)
        tools = prompting.tools(self._brief)
        return [Consult(self.asking, Ask(messages, tools, self._brief.limits.answer_tokens))]

    def _close_answer(self) -> None:
        """What was said is part of the conversation now."""
        if self._answer.spoken:
            self._messages.append({"role": "assistant", "content": self._answer.told()})
        self._answer.over = True
        self._correction = ""

    def _stop(self) -> Stop:
        self.tokens += self._estimate()  # the server will not say what a broken-off answer cost
        return Stop(self.asking)

    def _estimate(self) -> int:
        sent = sum(len(str(message.get("content") or "")) for message in self._messages)
        return (sent + len(prompting.system(self._brief, self._articles, ""))) // CHARACTERS_A_TOKEN + 1


def _object(text: str) -> dict[str, Any] | None:
    """A JSON object; None for anything else. No arguments at all are an empty one."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _fits(tool: Tool, arguments: Mapping[str, Any]) -> bool:
    """Whether the arguments are as the schema says: all that is needed, nothing else, and short texts."""
    if not set(arguments) <= set(tool.properties) or not set(tool.required) <= set(arguments):
        return False
    for name, value in arguments.items():
        allowed = tool.properties[name].get("enum")
        if not isinstance(value, str) or not 0 < len(value) <= 200:
            return False
        if allowed is not None and value not in allowed:
            return False
    return True
