"""A flow's dialogue that lends the caller to an external application for a while. Pure.

Wraps the flow's own dialogue: the flow's ``relay`` step is an invocation to it, which waits as for any
action, and its end decides where the flow goes on. In between the application has the conversation: what
the caller says goes to it, what it sends is spoken sentence by sentence. A person is reachable all the time,
by key 0 and by asking: that goes to the flow, as if it waited for an action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voice.dialogue.flow import Flow
from voice.dialogue.flow_calls import RELAY, RelayStep
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import (
    Action,
    ActionDone,
    ActionFailed,
    Began,
    Dialogue,
    HangUp,
    Heard,
    HearingFailed,
    Input,
    Invoke,
    Keyed,
    Listen,
    Note,
    PartlyHeard,
    RelayClose,
    RelayClosed,
    RelayHeard,
    RelayOpen,
    RelaySend,
    Returned,
    Say,
    Silence,
    Spoke,
    Tick,
    Transfer,
)
from voice.dialogue.texts import Texts
from voice.dialogue.wishes import wants_person
from voice.errors import WireError
from voice.events import LanguageChanged, RelayEnded, RelayStarted
from voice.model import BargeIn, Ended, Expect, ExpectKind, KeypadSpec, Prompt, Utterance
from voice.relay import messages
from voice.relay.stale import Answers
from voice.speech.phrasing import sentences

MOST_INVALID = 10  # messages in a row that cannot be understood: Telnyx's limit too
MOST_SILENCES = 3
MOST_UNSAID_CHARS = 4_000  # of an answer without the end of a sentence
MOST_ANSWER_CHARS = 12_000  # a quarter of an hour of talk in one answer
_ENDS = (".", "!", "?", "…", ":")
SETTLED_MS = 500  # without a token: a whole sentence is an answer, whether its end is told or not
NOT_PLAYED = "play takes recordings at the application's own host, or where the flow's play_from says"
TOO_MANY = "Too many recordings before the caller's turn"
MOST_NAME_CHARS = 60  # of a recording, in the transcript
MOST_RECORDINGS = (
    20  # since the caller last had their turn: each may be a minute, and is held until it is played
)
MOST_IMPOSED_CHARS = 450  # half a minute of talk: a person is never further away than that
ONE_KEY = KeypadSpec(min_keys=1, max_keys=1)


@dataclass(slots=True)
class _Session:
    """One application's time with the caller. Times are the call's."""

    invocation: str
    step: RelayStep
    began: int
    fillers: int = 0
    waits_since: int | None = 0  # for the application to say something; None: for the caller
    unsaid: str = ""
    unsaid_since: int = 0
    answers: Answers = field(default_factory=Answers)
    answer_chars: int = 0
    partial: str = ""  # of the caller's words, as it was sent last
    said: set[str] = field(default_factory=set)
    silences: int = 0
    invalid: int = 0
    lang: str = ""
    interruptible: bool = True
    playing: str = ""  # the name of the last recording
    preemptible: bool = False  # ... which gives way to what comes next
    imposed: int = 0  # characters that could not be interrupted, since the caller last had their turn
    recordings: int = 0  # since then, too


class RelayDialogue:
    """A :class:`voice.dialogue.seam.Dialogue`: ``inner``, and what its ``relay`` steps lead to. ``codes``:
    our language to what applications call it ("es-ES")."""

    def __init__(self, inner: FlowDialogue, flow: Flow, texts: Texts, codes: dict[str, str]) -> None:
        self._inner = inner
        self._flow = flow
        self._texts = texts
        self._codes = codes
        self._session: _Session | None = None
        self._now = 0
        self._began: Began | None = None

    @property
    def lang(self) -> str:
        return self._inner.lang

    @lang.setter
    def lang(self, lang: str) -> None:
        self._inner.lang = lang

    def step(self, event: Input, now: int) -> list[Action]:
        self._now = max(now, self._now)
        if isinstance(event, Began):
            self._began = event
        if isinstance(event, RelayHeard | RelayClosed):
            session = self._session
            if session is None or session.invocation != event.id:
                return []  # of an application that was left
            return self._told(session, event)
        session = self._session
        if isinstance(event, PartlyHeard):
            return [] if session is None else self._partly(session, event)
        if session is None:
            return self._flow_goes_on(self._inner.step(event, now))
        if isinstance(event, Heard | Keyed | Silence | Spoke | Tick | HearingFailed):
            return self._turn(session, event)
        out = self._inner.step(event, now)  # who is calling became known, or an action ended late
        return self._flow_goes_on(out) if out or isinstance(event, Returned) else []

    def checkpoint(self) -> Callable[[], None] | None:
        """What an application was told cannot be taken back."""
        return self._inner.checkpoint() if self._session is None else None

    @property
    def awaited(self) -> bool:
        """The application owes the caller an answer."""
        return self._session is not None and self._session.waits_since is not None

    @property
    def answering(self) -> bool:
        """The application has begun an answer, and not said that it is over."""
        return self._session is not None and self._session.answers.open

    def deadline(self) -> int | None:
        session = self._session
        if session is None:
            return self._inner.deadline()
        limit = session.began + session.step.limit_s * 1000
        if session.unsaid.strip():
            limit = min(limit, self._settles(session))
        if session.waits_since is None:
            return limit
        patience = self._flow.patience
        steps = (patience.filler_ms, patience.apology_ms, patience.limit_ms)
        return min(limit, session.waits_since + steps[min(session.fillers, 2)])

    # --- the flow -----------------------------------------------------------------------------------

    def _flow_goes_on(self, actions: list[Action]) -> list[Action]:
        """The flow's own decisions; an invocation of a relay step opens one."""
        out: list[Action] = []
        for action in actions:
            step = self._relay_step(action) if isinstance(action, Invoke) else None
            if step is not None and isinstance(action, Invoke):
                out += self._open(action, step)
                continue
            if isinstance(action, Transfer | HangUp | Listen) and self._session is not None:
                out += self._leave("left")
            out.append(action)
        return out

    def _relay_step(self, invoke: Invoke) -> RelayStep | None:
        if invoke.name != RELAY:  # a tool of a language model may have the name of a step
            return None
        step = self._flow.steps.get(invoke.id.rpartition("-")[0])
        return step if isinstance(step, RelayStep) else None

    def _open(self, invoke: Invoke, step: RelayStep) -> list[Action]:
        hidden = () if step.send_sensitive else self._flow.sensitive
        parameters = {
            name: str(value)[:500]
            for name, value in invoke.arguments.items()
            if value is not None and step.arguments.get(name) not in hidden
        }
        began = self._began
        message = messages.setup(
            session=invoke.id,
            call=began.call_id if began else "",
            caller=began.caller if began else "",
            called=began.called if began else "",
            parameters=parameters | {"lang": self.lang},
        )
        self._session = _Session(invoke.id, step, self._now, waits_since=self._now)
        opened = RelayOpen(invoke.id, step.url, step.secret_env, message)
        return [Note(RelayStarted(invoke.id)), opened, self._listen(self._session)]

    def _leave(self, how: str) -> list[Action]:
        session, self._session = self._session, None
        assert session is not None
        return [Note(RelayEnded(session.invocation, how)), RelayClose(session.invocation)]

    def _done(self, how: str, item: ActionDone | ActionFailed) -> list[Action]:
        """The application's part is over; the flow goes on."""
        assert self._session is not None
        rest = self._say_rest()
        if self._session.preemptible:
            rest = [Say((), instead=True)]  # nothing comes next that a recording could give way to
        return [*rest, *self._leave(how), *self._flow_goes_on(self._inner.step(item, self._now))]

    def _failed(self, why: str, kind: str = "fault") -> list[Action]:
        assert self._session is not None
        self._session.unsaid = ""
        return self._done(why, ActionFailed(self._session.invocation, kind))

    # --- the caller ---------------------------------------------------------------------------------

    def _turn(self, session: _Session, event: Input) -> list[Action]:
        if isinstance(event, Heard | Keyed | Silence):
            session.imposed = session.recordings = 0
        match event:
            case Heard():
                if wants_person(event.transcript.text, self.lang):
                    return self._person(event)
                return self._heard(session, event)
            case Keyed(keys="0"):
                return self._person(event)
            case Keyed():
                session.silences = 0
                sent = self._cut(session, event.heard_prompts)
                sent += [RelaySend(session.invocation, messages.dtmf(key)) for key in event.keys]
                return [*sent, *self._wait(session)]
            case Silence():
                return self._silent(session)
            case HearingFailed():
                self._inner.step(event, self._now)
                return self._failed("hearing")
            case Tick():
                return self._late(session)
            case _:
                return []  # Spoke: nothing of ours is said without listening but a filler

    def _person(self, event: Input) -> list[Action]:
        """A person was asked for: the flow's own way, past the application."""
        session = self._session
        assert session is not None
        left = self._leave("person")
        wanted = self._inner.step(event, self._now)
        if not wanted:  # it did not take that for asking: at least the flow goes on
            wanted = self._inner.step(ActionFailed(session.invocation, "fault"), self._now)
        return [*left, *self._flow_goes_on(wanted)]

    def _heard(self, session: _Session, event: Heard) -> list[Action]:
        words = event.transcript.text.strip()
        cut = self._cut(session, event.heard_prompts)
        if not words:
            return [*cut, *self._silent(session)]
        session.silences = 0
        prompt = messages.prompt(words, self._code(), last=True)
        return [*cut, RelaySend(session.invocation, prompt), *self._wait(session)]

    def _partly(self, session: _Session, event: PartlyHeard) -> list[Action]:
        """The words so far of a turn that goes on, for an application that wants them. A wish for a person is
        not its business."""
        words = event.text.strip()
        if not session.step.partial or words in ("", session.partial) or wants_person(words, self.lang):
            return []
        session.partial = words
        return [RelaySend(session.invocation, messages.prompt(words, self._code(), last=False))]

    def _code(self) -> str:
        return self._codes.get(self.lang, self.lang)

    def _cut(self, session: _Session, heard: tuple[Utterance, ...]) -> list[Action]:
        """The application learns what was heard of an answer that was interrupted."""
        session.partial = ""
        own = [one for one in heard if one.text in session.said]
        played, session.playing = session.playing, ""
        session.said.clear()
        unsaid, session.unsaid, session.answer_chars = session.unsaid, "", 0
        if not unsaid and all(one.ended is Ended.FULL for one in own):
            return []
        session.answers.interrupted()
        text = " ".join(one.heard for one in own if one.heard and one.text != played)
        ms = sum(one.heard_ms for one in own)
        return [RelaySend(session.invocation, messages.interrupt(text, ms))]

    def _wait(self, session: _Session) -> list[Action]:
        """For the application's answer; the caller may go on meanwhile."""
        session.waits_since, session.fillers = self._now, 0
        return [self._listen(session)]

    def _silent(self, session: _Session) -> list[Action]:
        if session.waits_since is not None:
            return [self._listen(session)]  # it is the application that is awaited
        session.silences += 1
        if session.silences >= MOST_SILENCES:
            return self._failed("silence", "timeout")
        text = self._texts.get(f"not_heard_{min(session.silences, 2)}", self.lang)
        return [Say((Prompt(text, self.lang, BargeIn.ANY, "lead"),)), self._listen(session)]

    def _listen(self, session: _Session) -> Listen:
        patience = self._flow.patience
        waits = patience.limit_ms + 5_000 if session.waits_since is not None else 0
        return Listen(
            Expect(
                ExpectKind.TEXT,
                self.lang,
                keypad=ONE_KEY,
                no_input_ms=max(session.step.no_input_ms, waits),
                endpoint_ms=session.step.endpoint_ms,
                step=session.invocation.rpartition("-")[0],
                partials=session.step.partial,
            )
        )

    def _settles(self, session: _Session) -> int:
        """When what has come of an answer is said, if nothing more comes: half a sentence when the caller
        would need a word from us."""
        whole = session.unsaid.rstrip().endswith(_ENDS)
        return session.unsaid_since + (SETTLED_MS if whole else self._flow.patience.filler_ms)

    # --- time ---------------------------------------------------------------------------------------

    def _late(self, session: _Session) -> list[Action]:
        due = self.deadline()
        if due is None or self._now < due:
            return []
        if self._now >= session.began + session.step.limit_s * 1000:
            return self._failed("longest", "timeout")
        if session.unsaid.strip():  # rather than a word of ours
            half = not session.unsaid.rstrip().endswith(_ENDS)
            session.waits_since, session.fillers = (self._now, 0) if half else (None, 2)
            return [*self._say_rest(), self._listen(session)]
        if session.fillers >= 2:
            return self._failed("no_answer", "timeout")
        key = "apology_wait" if session.fillers else "filler"
        session.fillers += 1
        prompt = Prompt(self._texts.get(key, self.lang), self.lang, BargeIn.ANY, key)
        return [Say((prompt,)), self._listen(session)]

    # --- the application ----------------------------------------------------------------------------

    def _told(self, session: _Session, event: RelayHeard | RelayClosed) -> list[Action]:
        if isinstance(event, RelayClosed):
            return self._failed(event.why, "timeout" if event.why == "timeout" else "fault")
        try:
            message = messages.read(event.message)
        except WireError as error:
            return self._invalid(session, str(error))
        match message:
            case messages.Text():
                session.invalid = 0
                return self._text(session, message)
            case messages.Play():
                session.invalid = 0
                return self._play(session, message)
            case messages.Language():
                session.invalid = 0
                return self._language(session, message.lang)
            case messages.End():
                value = {**message.values, "handed": message.handed}
                return self._done(
                    "handoff" if message.handed else "ended", ActionDone(session.invocation, value)
                )
            case messages.Refused():
                return [RelaySend(session.invocation, messages.error(message.why))]

    def _invalid(self, session: _Session, why: str) -> list[Action]:
        session.invalid += 1
        if session.invalid >= MOST_INVALID:
            return self._failed("bad_messages")
        return [RelaySend(session.invocation, messages.error(f"Invalid message: {why}"))]

    def _language(self, session: _Session, lang: str) -> list[Action]:
        if lang not in self._flow.languages:
            offered = ", ".join(self._codes.get(one, one) for one in self._flow.languages)
            return [RelaySend(session.invocation, messages.error(f"Languages here are: {offered}"))]
        if lang == self.lang:
            return []
        self._inner.lang = lang
        return [Note(LanguageChanged(lang, "application")), self._listen(session)]

    def _text(self, session: _Session, text: messages.Text) -> list[Action]:
        if not session.answers.takes(text.token, text.last, self._now):
            return []
        session.lang = text.lang if text.lang in self._flow.languages else self.lang
        session.interruptible = text.interruptible
        session.answer_chars += len(text.token)
        if session.answer_chars > MOST_ANSWER_CHARS or len(session.unsaid) > MOST_UNSAID_CHARS:
            return self._failed("too_much")
        session.unsaid += text.token
        whole = sentences(session.unsaid)
        # the end of a sentence is known when another one begins, or the answer is over
        ready, rest = (whole, "") if text.last else (whole[:-1], whole[-1] if whole else "")
        if not text.last and session.unsaid[-1:].isspace() and rest:
            rest += " "
        session.unsaid, session.unsaid_since = rest, self._now
        prompts = tuple(self._prompt(session, one) for one in ready)
        if prompts:
            session.waits_since, session.fillers = None, 2
        if text.last:
            session.answer_chars = 0
            if not prompts and session.waits_since is not None and not session.said:
                return []  # an empty answer: the caller still waits
        elif not prompts:
            return []
        return [*([self._say(prompts)] if prompts else []), self._listen(session)]

    def _play(self, session: _Session, play: messages.Play) -> list[Action]:
        """A recording, behind what was said before it."""
        if not messages.may_play(play.source, session.step.url, session.step.play_from):
            return [RelaySend(session.invocation, messages.error(NOT_PLAYED))]
        if session.recordings >= MOST_RECORDINGS:
            return [RelaySend(session.invocation, messages.error(TOO_MANY))]
        session.recordings += 1
        before = self._say_rest()
        policy = BargeIn.ANY
        if not play.interruptible and not session.imposed:
            session.imposed, policy = MOST_IMPOSED_CHARS, BargeIn.NONE
        name = urlsplit(play.source).path.rpartition("/")[2][:MOST_NAME_CHARS]
        recording = Prompt(
            f"[{name}]",
            self.lang,
            policy,
            "relay",
            source=play.source,
            loop=play.loop,
            preemptible=play.preemptible,
        )
        playing = self._say((recording,))
        session.said.add(recording.text)
        session.preemptible, session.playing = play.preemptible, recording.text
        session.waits_since, session.fillers = None, 2
        return [*before, playing, self._listen(session)]

    def _say(self, prompts: tuple[Prompt, ...]) -> Say:
        """Behind what is being said, but instead of a recording that gives way."""
        session = self._session
        assert session is not None
        instead, session.preemptible = session.preemptible, False
        if instead:
            session.said.discard(session.playing)  # that was no interruption
        return Say(prompts, instead)

    def _prompt(self, session: _Session, text: str) -> Prompt:
        session.said.add(text)
        policy = BargeIn.ANY
        if not session.interruptible and session.imposed + len(text) <= MOST_IMPOSED_CHARS:
            session.imposed += len(text)
            policy = BargeIn.NONE
        return Prompt(text, session.lang or self.lang, policy, "relay")

    def _say_rest(self) -> list[Action]:
        session = self._session
        assert session is not None
        text, session.unsaid = session.unsaid.strip(), ""
        return [self._say((self._prompt(session, text),))] if text else []


def with_relays(inner: FlowDialogue, flow: Flow, texts: Texts, codes: dict[str, str]) -> Dialogue:
    """``inner``, able to relay where its flow does."""
    if any(isinstance(step, RelayStep) for step in flow.steps.values()):
        return RelayDialogue(inner, flow, texts, codes)
    return inner
