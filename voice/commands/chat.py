"""Talk to a flow in text: the same dialogue as on the telephone, without audio.

Write what the caller says, one line a turn. #123 presses keys, an empty line is silence. The flow's
actions are called for real, and so are external applications, whose answers are waited for.

    voice chat --flow telecom --lang es
    printf 'quiero saber mi saldo\\n#12345678\\nsí\\n#2580\\nno\\n' | voice chat --json

What depends on the caller, the day or chance can be tried: --profile vip=yes, --at "2026-12-24 19:30" (in the
flow's time zone), --arm greeting=short.

With --json every line out is a JSON object whose "type" is say, listen, step, intent, slot, confirmed,
language, trouble, action, relay, handoff, hang_up or note. Lines in are plain text as above, or objects:
{"say": "..."}, {"say": "...", "confidence": 0.5}, {"keys": "123"}, {"silence": true}.

Exit status: 0 the dialogue came to its end (a person or a goodbye), 1 the lines ran out before that,
2 wrong use.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from voice import settings
from voice.call.invoking import action_finished
from voice.clock import RealClock
from voice.commands.chat_memory import chat_memory
from voice.commands.chat_relay import PAUSE_MS, SETTLE_MS, ChatRelay
from voice.dialogue.actions import ActionRunner
from voice.dialogue.conversation import spoken_ms
from voice.dialogue.flow import Flow
from voice.dialogue.hours import zone
from voice.dialogue.known import PROFILE, PROFILE_NAMES, arms_of, known_names
from voice.dialogue.loader import Business, load_business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import (
    Action,
    ActionDone,
    ActionFailed,
    Began,
    Consult,
    HangUp,
    Heard,
    Input,
    Invoke,
    Keyed,
    Listen,
    ModelDone,
    ModelFailed,
    ModelSaid,
    Note,
    RelayClose,
    RelayOpen,
    RelaySend,
    Say,
    Silence,
    StopConsulting,
    Tick,
    Transfer,
)
from voice.errors import ActionError, ConfigError
from voice.events import ActionStarted, EventData
from voice.language_model.seam import LanguageModelError
from voice.language_model.service import ModelService, Sentence, configured
from voice.model import CallInfo, Ended, JsonDict, Prompt, Transcript, Utterance
from voice.profile.verify import Actions
from voice.relay.dialogue import RelayDialogue, with_relays

TURN_MS = 2000  # how long a line takes to say, on the chat's own clock
ACTION_MS = 300
MOST_CALLS = 20_000  # tried until one falls into the arms that were asked for

_TYPES = {
    "dialogue.step": "step",
    "dialogue.intent": "intent",
    "dialogue.slot": "slot",
    "dialogue.confirmed": "confirmed",
    "dialogue.language": "language",
    "caller.silent": "trouble",
    "caller.not_understood": "trouble",
    "action": "action",
    "relay.started": "relay",
    "relay.ended": "relay",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--flow", help="name of a flow in the prompts folder, or a path (default: settings)")
    parser.add_argument("--lang", choices=("es", "en"), help="language to begin in (default: settings)")
    parser.add_argument("--prompts", type=Path, metavar="DIR", help="prompts folder (default: settings)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, in and out")
    parser.add_argument(
        "--at", metavar="MOMENT", help="when the call is, such as '2026-12-24 19:30' (default: now)"
    )
    parser.add_argument(
        "--profile", action="append", default=[], metavar="NAME=VALUE", help="what is known of the caller"
    )
    parser.add_argument(
        "--caller",
        metavar="NUMBER",
        default="",
        help="chat as this number: the data folder's profile is used and kept, as on the telephone",
    )
    parser.add_argument(
        "--arm", action="append", default=[], metavar="EXPERIMENT=ARM", help="the arm of an experiment"
    )
    parser.add_argument("--notes", action="store_true", help="show steps, intents and slots as well")


class Chat:
    """A dialogue driven by lines, on its own clock. ``out`` gets one JSON-able object for each thing."""

    def __init__(
        self,
        business: Business,
        runner: Actions,
        lang: str,
        began: Began,
        out: Callable[[JsonDict], None],
        call: CallInfo | None = None,
        model: ModelService | None = None,
        relays: ChatRelay | None = None,
        codes: Mapping[str, str] | None = None,
    ) -> None:
        dialogue = FlowDialogue(
            business.flow, business.texts, business.understanding, lang, model is not None
        )
        self._dialogue = with_relays(dialogue, business.flow, business.texts, dict(codes or {}))
        self._relays = relays or ChatRelay()
        self._model = model
        self._asking = ""  # the language model's answer that is wanted
        self._runner = runner
        self._began = began
        self._out = out
        self._call = call or CallInfo("chat", "chat", "chat")
        self._heard: list[Prompt] = []
        self.now = 0  # ms of the chat's own clock
        self.noted: list[EventData] = []
        self.outcome = "abandoned"
        self.over = False

    async def open(self) -> None:
        await self._feed(self._began)
        await self._answers()

    async def close(self) -> None:
        await self._relays.close()

    async def turn(self, line: str) -> None:
        """One line of the caller; raises :class:`ConfigError` for an object that means nothing."""
        if self._relays.open:  # it may have said something meanwhile
            while not self.over and (item := await self._relays.next(SETTLE_MS)) is not None:
                await self._feed(item)
            if self.over:
                return
        heard = tuple(Utterance(p.text, p.text, spoken_ms((p,)), Ended.FULL) for p in self._heard)
        self.now += spoken_ms(self._heard) + TURN_MS
        self._heard = []
        await self._feed(read_line(line, self._dialogue.lang, heard))
        await self._answers()

    async def until_line(self) -> bool:
        """While the caller of a terminal thinks, an application that has them may go on. Whether there is
        anything more to say."""
        while self._relays.open and not self.over:
            item = await self._relays.next_or_line()
            if item is None:
                break
            await self._feed(item)
        return not self.over

    async def _answers(self) -> None:
        """Waits, by the real clock, until an application that has the caller has answered."""
        dialogue, clock = self._dialogue, self._relays.clock
        while isinstance(dialogue, RelayDialogue) and not self.over:
            if not dialogue.awaited and not dialogue.answering:
                return
            due, since = dialogue.deadline(), clock.now_ms()
            left = PAUSE_MS if due is None or not dialogue.awaited else due - self.now
            item = await self._relays.next(left)
            self.now += clock.now_ms() - since
            if item is None and not dialogue.awaited:
                return
            await self._feed(item or Tick())

    async def _feed(self, item: Input) -> None:
        waiting: Input | None = item
        while waiting is not None:
            waiting = await self._carry_out(self._dialogue.step(waiting, self.now))

    async def _carry_out(self, actions: Iterable[Action]) -> Input | None:
        answer: Input | None = None
        for action in actions:
            match action:
                case Say():
                    self._say(action.prompts)
                case Listen():
                    expect = action.expect
                    kind = expect.kind.value
                    self._out({"type": "listen", "kind": kind, "step": expect.step, "lang": expect.lang})
                case Invoke():
                    answer = await self._run(action)
                case Consult():
                    await self._consult(action)
                case StopConsulting():
                    self._asking = "" if self._asking == action.id else self._asking
                case RelayOpen() | RelaySend() | RelayClose():
                    self._relays.do(action)
                case Transfer():
                    self._say(action.announce)
                    self._out({"type": "handoff"} | asdict(action.handoff))
                    self.over, self.outcome = True, "transferred"
                case HangUp():
                    self._out({"type": "hang_up", "outcome": action.outcome, "reason": action.reason})
                    self.over, self.outcome = True, action.outcome
                case Note():
                    data = action.data
                    self.noted.append(data)
                    kind = _TYPES.get(data.kind, "note")
                    self._out({"type": kind, "kind": data.kind} | data.to_json())
        return answer

    def _say(self, prompts: Iterable[Prompt]) -> None:
        for prompt in prompts:
            self._heard.append(prompt)
            self._out({"type": "say", "text": prompt.text, "lang": prompt.lang, "key": prompt.key})

    async def _consult(self, request: Consult) -> None:
        assert self._model is not None  # without one the dialogue asks none
        self._asking = request.id
        answer = self._model.answer(request.ask)
        try:
            async with asyncio.timeout(request.timeout_ms / 1000):
                async for item in answer:
                    if self._asking != request.id:
                        return
                    if isinstance(item, Sentence):
                        await self._feed(ModelSaid(request.id, item.text))
                    else:
                        await self._feed(ModelDone(request.id, item.calls, item.tokens))
        except LanguageModelError as error:
            self._out({"type": "action", "name": "language model", "ok": False, "failure": error.kind})
            await self._feed(ModelFailed(request.id, error.kind))
        except TimeoutError:
            self._model.too_slow()
            await self._feed(ModelFailed(request.id, "timeout"))
        finally:
            await answer.aclose()

    async def _run(self, invoke: Invoke) -> Input:
        self.now += ACTION_MS
        told: JsonDict = {"type": "action", "name": invoke.name}
        self.noted.append(ActionStarted(invoke.id, invoke.name))
        answer: ActionDone | ActionFailed
        try:
            answer = ActionDone(invoke.id, await self._runner.run(invoke, self._call))
            self._out(told | {"ok": True})
        except ActionError as error:
            self._out(told | {"ok": False, "failure": error.kind, "why": str(error)})
            answer = ActionFailed(invoke.id, error.kind, str(error), error.uncertain)
        self.noted.append(action_finished(invoke, answer, ACTION_MS))
        return answer


def read_line(line: str, lang: str, heard: tuple[Utterance, ...] = ()) -> Input:
    """A line as an input of the dialogue. Raises :class:`ConfigError`."""
    text = line.strip()
    confidence = 1.0
    if text.startswith("{"):
        said = _object(text)
        if said.get("silence") is True:
            return Silence(heard)
        if "keys" in said:
            return Keyed(str(said["keys"]), heard)
        if not isinstance(said.get("say"), str):
            raise ConfigError('a line must be {"say": "..."}, {"keys": "123"} or {"silence": true}')
        text, confidence = said["say"], _confidence(said.get("confidence", 1.0))
    elif not text:
        return Silence(heard)
    elif text.startswith("#"):
        return Keyed(text[1:].replace(" ", "").rstrip("#"), heard)
    return Heard(Transcript(text, confidence, lang=lang), heard)


def _object(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"not a JSON object: {error}") from error
    assert isinstance(value, dict)  # it begins with a brace
    return value


def _confidence(value: Any) -> float:
    if isinstance(value, int | float) and 0 <= value <= 1:
        return float(value)
    raise ConfigError("confidence is a number from 0 to 1")


def _as_json(item: JsonDict) -> None:
    print(orjson.dumps(item).decode(), flush=True)


def _as_text(item: JsonDict, notes: bool) -> None:
    match item["type"]:
        case "say":
            print(f"< {item['text']}")
        case "handoff":
            _print_handoff(item)
        case "hang_up":
            print(f"[the line hangs up: {item['outcome']}, {item['reason']}]")
        case "action":
            why = f" ({item['why']})" if item.get("why") else ""
            print(f"[action {item['name']}: {'ok' if item['ok'] else item['failure']}{why}]")
        case "relay":
            print(f"[application {item['id']}: {item.get('how', 'asked for')}]")
        case "code":
            print(f"[one-time code: {item['code']}]")
        case "listen":
            pass
        case kind if notes:
            print(
                f"    {kind}: " + ", ".join(f"{k} {v}" for k, v in item.items() if k not in ("type", "kind"))
            )
    sys.stdout.flush()


def _print_handoff(item: JsonDict) -> None:
    print(f"[to a person: queue {item['queue']}, priority {item['priority']}, because {item['reason']}]")
    if item["intent"]:
        print(f"    wants: {item['intent']['label']} ({item['intent']['confidence']:.2f})")
    for slot in item["slots"]:
        sure = "verified" if slot["verified"] else "confirmed" if slot["confirmed"] else ""
        print(f"    {slot['label']}: {slot['value']}{sure and f' ({sure})'}")
    for result in item["results"]:
        print(f"    answered: {result['label'] or result['name']}: {result['shown'] or result['value']}")
    for tried in item["tried"]:
        print(f"    tried: {tried['what']}: {tried['outcome']}")


def _pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """Raises :class:`ConfigError`."""
    found = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not (name and equals and value):
            raise ConfigError(f"{option} {pair}: write it as NAME=VALUE")
        found[name] = value
    return found


def _began(flow: Flow, arguments: argparse.Namespace) -> Began:
    """Who calls and when, as the options say. Raises :class:`ConfigError`."""
    wall_ms = RealClock().wall_ms()
    if arguments.at:
        try:
            moment = datetime.fromisoformat(arguments.at)
        except ValueError:
            raise ConfigError(f"--at {arguments.at}: write it as '2026-12-24 19:30'") from None
        wall_ms = int(moment.replace(tzinfo=zone(flow.timezone)).timestamp() * 1000)
    profile = _pairs(arguments.profile, "--profile")
    for name in profile:
        if PROFILE + name not in known_names(flow):
            known = ", ".join((*PROFILE_NAMES, *flow.profile))
            raise ConfigError(f"--profile {name}: a profile tells {known}; add others to the flow's profile")
    arms = _pairs(arguments.arm, "--arm")
    for name, arm in arms.items():
        if arm not in flow.experiments.get(name, {}):
            known = ", ".join(f"{n}={a}" for n, shares in flow.experiments.items() for a in shares) or "none"
            raise ConfigError(f"--arm {name}={arm}: there are {known}")
    calls = (f"chat-{number}" for number in range(MOST_CALLS))
    call_id = next((c for c in calls if arms.items() <= arms_of(flow, c).items()), None)
    if call_id is None:
        raise ConfigError("--arm: no call is ever in these arms together; are their shares 0?")
    chosen = {"lang": arguments.lang} if arguments.lang else {}  # before what the profile says
    return Began("", "", wall_ms, parameters=chosen, call_id=call_id, profile=profile)


async def _talk(arguments: argparse.Namespace, chosen: settings.Settings) -> int:
    business = load_business(chosen.call.flow, chosen.prompts)
    runner = ActionRunner(business.flow, chosen.prompts, registry=business.registry)

    def out(item: JsonDict) -> None:
        if arguments.json:
            _as_json(item)
        else:
            _as_text(item, arguments.notes)

    # asyncio's own handler would only ask the task to stop, which a blocking read never notices
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if arguments.caller and business.flow.remember is None:
        print("This flow remembers nobody: it has no 'remember' section.", file=sys.stderr)
    began, lang = _began(business.flow, arguments), chosen.call.lang
    try:
        async with chat_memory(chosen, business.flow, runner, arguments.caller, out) as memory:
            if arguments.caller:
                began = await memory.known(began)
            model = configured(chosen.model, RealClock())
            codes = chosen.relay.codes
            chat = Chat(business, memory.actions, lang, began, out, memory.call, model, codes=codes)
            try:
                await _lines(chat)
            finally:
                await chat.close()
                if model is not None:
                    await model.close()
            if arguments.caller:
                memory.noted = chat.noted
                await memory.keep(began, lang, chat.outcome, chat.now)
    finally:
        await runner.close()
    return 0 if chat.over else 1


async def _lines(chat: Chat) -> None:
    """Standard input, line by line, until the dialogue or the lines are over."""
    await chat.open()
    while not chat.over:
        if sys.stdin.isatty():
            print("> ", end="", flush=True)
            if not await chat.until_line():
                break
        # on this thread on purpose: nothing else runs while the caller thinks
        line = sys.stdin.readline()
        if not line:
            if sys.stdin.isatty():
                print()
            break
        await chat.turn(line)


def run(arguments: argparse.Namespace) -> int:
    overrides = {
        "call.flow": arguments.flow,
        "call.lang": arguments.lang,
        "prompts": arguments.prompts,
    }
    return asyncio.run(_talk(arguments, settings.load(arguments.config, overrides=overrides)))
