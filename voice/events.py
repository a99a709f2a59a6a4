"""The closed, versioned union of what can happen in a call.

A call is an append-only sequence of these. The transcript, the handoff packet, the figures and the
replay are folds of it; what is not in the log did not happen. Each class names its ``kind`` and is
registered in :data:`KINDS`. A field may be added with a default; any other change needs a new kind.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final


@dataclass(frozen=True, slots=True)
class EventData:
    """Base of all event payloads: plain JSON values only."""

    kind: ClassVar[str] = ""

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a call's log: ``seq`` rises by one from 0, ``at_ms`` is the call's own time."""

    call_id: str
    seq: int
    at_ms: int
    data: EventData

    @property
    def kind(self) -> str:
        return self.data.kind

    def to_json(self) -> dict[str, Any]:
        return {
            "call_id": self.call_id,
            "seq": self.seq,
            "at_ms": self.at_ms,
            "kind": self.kind,
            "data": self.data.to_json(),
        }


@dataclass(frozen=True, slots=True)
class CallStarted(EventData):
    kind: ClassVar[str] = "call.started"
    provider: str
    caller: str
    called: str
    lang: str
    flow: str
    flow_version: str
    wall_ms: int
    stream_id: str = ""


@dataclass(frozen=True, slots=True)
class DisclosureMade(EventData):
    """The caller was told that a machine answers; ``text_sha256`` proves which words."""

    kind: ClassVar[str] = "disclosure.made"
    lang: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class AudioGap(EventData):
    kind: ClassVar[str] = "audio.gap"
    start_ms: int
    ms: int


@dataclass(frozen=True, slots=True)
class AudioStalled(EventData):
    """No audio arrived for ``ms``."""

    kind: ClassVar[str] = "audio.stalled"
    ms: int


@dataclass(frozen=True, slots=True)
class WireRejected(EventData):
    kind: ClassVar[str] = "wire.rejected"
    why: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class SpeechStarted(EventData):
    kind: ClassVar[str] = "speech.started"
    start_ms: int


@dataclass(frozen=True, slots=True)
class SpeechEnded(EventData):
    """``why`` the turn was over: complete, silence, unfinished, hesitation or longest (see
    :class:`voice.speech.endpointing.SpeechOff`)."""

    kind: ClassVar[str] = "speech.ended"
    start_ms: int
    end_ms: int
    why: str = "silence"


@dataclass(frozen=True, slots=True)
class CallerSaid(EventData):
    """A final transcript that became a turn (empty text: sound without words). ``silence_ms`` is the
    end silence that was waited for before the turn was taken as finished."""

    kind: ClassVar[str] = "caller.said"
    text: str
    confidence: float
    lang: str
    start_ms: int
    end_ms: int
    silence_ms: int = 0
    words: list[list[Any]] | None = None  # [text, start_ms, end_ms, confidence]
    engine: str = ""  # which recognizer heard it, where there are several


@dataclass(frozen=True, slots=True)
class CallerKeyed(EventData):
    """Keys that became a turn. For sensitive answers ``keys`` holds one bullet a key."""

    kind: ClassVar[str] = "caller.keyed"
    keys: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class CallerSilent(EventData):
    kind: ClassVar[str] = "caller.silent"
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class CallerNotUnderstood(EventData):
    kind: ClassVar[str] = "caller.not_understood"
    step: str
    count: int


@dataclass(frozen=True, slots=True)
class BargedIn(EventData):
    """The caller interrupted; ``delay_ms`` is from speech onset (or key) to our clear."""

    kind: ClassVar[str] = "caller.barged_in"
    by: str  # speech or dtmf
    delay_ms: int


@dataclass(frozen=True, slots=True)
class BotSaid(EventData):
    """A prompt was handed to the line. ``id`` pairs it with its :class:`BotHeard`."""

    kind: ClassVar[str] = "bot.said"
    id: int
    text: str
    lang: str
    key: str
    barge_in: str


@dataclass(frozen=True, slots=True)
class BotHeard(EventData):
    """What the caller heard of a prompt; ``ended`` is full, cut or unheard."""

    kind: ClassVar[str] = "bot.heard"
    id: int
    heard: str
    heard_ms: int
    ended: str


@dataclass(frozen=True, slots=True)
class BotResumed(EventData):
    """A prompt that speech had paused goes on: ``why`` it was no interruption: no_words, unsure, backchannel,
    late, dropped or went_on (see :class:`voice.call.turns.Resume`)."""

    kind: ClassVar[str] = "bot.resumed"
    why: str


@dataclass(frozen=True, slots=True)
class TurnTakenBack(EventData):
    """The caller had only paused: what answered their turn number ``turn`` is taken back, and the
    ``caller.said`` that follows is all of what they said. What the dialogue noted since that turn does not
    stand (:func:`voice.insight.standing.standing`)."""

    kind: ClassVar[str] = "turn.taken_back"
    turn: int


@dataclass(frozen=True, slots=True)
class Responded(EventData):
    """``response_ms``: from the caller's last speech frame (or last key) to our first audio frame, less
    the configured end silence ``silence_ms``."""

    kind: ClassVar[str] = "turn.responded"
    turn: int
    response_ms: int
    silence_ms: int


@dataclass(frozen=True, slots=True)
class StepEntered(EventData):
    kind: ClassVar[str] = "dialogue.step"
    step: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class IntentRecognised(EventData):
    kind: ClassVar[str] = "dialogue.intent"
    intent: str
    confidence: float
    label: str = ""
    alternatives: list[list[Any]] | None = None  # [intent, confidence]


@dataclass(frozen=True, slots=True)
class WishKept(EventData):
    """A second wish of one sentence, kept until the first is dealt with."""

    kind: ClassVar[str] = "dialogue.wish_kept"
    intent: str
    confidence: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class KnowledgeAnswered(EventData):
    """A question was answered from an article; ``part`` is short, more or all."""

    kind: ClassVar[str] = "knowledge.answered"
    article: str
    title: str
    confidence: float
    part: str


@dataclass(frozen=True, slots=True)
class ModelConsulted(EventData):
    """A stay with the language model is over. ``outcome``: left, or why it failed; ``refused``: why sentences
    of it were not said; ``articles`` it was given."""

    kind: ClassVar[str] = "model.consulted"
    step: str
    outcome: str
    tokens: int
    refused: list[str]
    articles: list[str]


@dataclass(frozen=True, slots=True)
class SlotFilled(EventData):
    """Sensitive slots carry bullets in ``value`` and ``spoken``."""

    kind: ClassVar[str] = "dialogue.slot"
    name: str
    value: str
    spoken: str
    confidence: float
    confirmed: bool
    source: str
    label: str = ""
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class SlotConfirmed(EventData):
    kind: ClassVar[str] = "dialogue.confirmed"
    name: str
    how: str  # explicit, implicit or rejected


@dataclass(frozen=True, slots=True)
class ExperimentAssigned(EventData):
    """The arm of an experiment that this call is in, from its beginning."""

    kind: ClassVar[str] = "dialogue.experiment"
    experiment: str
    arm: str


@dataclass(frozen=True, slots=True)
class CampaignTold(EventData):
    """A message for many callers, such as a known outage, was handed to the line."""

    kind: ClassVar[str] = "dialogue.campaign"
    campaign: str


@dataclass(frozen=True, slots=True)
class LanguageChanged(EventData):
    kind: ClassVar[str] = "dialogue.language"
    lang: str
    why: str


@dataclass(frozen=True, slots=True)
class ActionStarted(EventData):
    kind: ClassVar[str] = "action.started"
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ActionFinished(EventData):
    """``ok`` is false when it failed; ``failure`` then has its kind (timeout, refused, ...), and it may have
    been done all the same when it is ``uncertain``."""

    kind: ClassVar[str] = "action.finished"
    id: str
    name: str
    ok: bool
    ms: int
    failure: str = ""
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class ValuesSaved(EventData):
    """What an action answered and the flow saved; nothing that was declared sensitive."""

    kind: ClassVar[str] = "dialogue.saved"
    step: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class IdentityChecked(EventData):
    """Whether the caller is who ``slot`` says. ``outcome``: ok, failed, expired, locked, sent (a code), or
    fault. ``identity`` is a key that tells no number; ``left`` how many more tries this call has."""

    kind: ClassVar[str] = "identity.checked"
    slot: str
    method: str  # factor or code
    outcome: str
    left: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True)
class ProfileLoaded(EventData):
    """What was known of the caller. ``by``: number or identity; ``why`` nothing was: withheld, unknown,
    slow or failed. Only the names of what was known."""

    kind: ClassVar[str] = "profile.loaded"
    by: str
    found: bool
    ms: int
    why: str = ""
    names: list[str] | None = None


@dataclass(frozen=True, slots=True)
class ProfileErased(EventData):
    """What was remembered of the caller was erased at the caller's wish: this call adds nothing to it."""

    kind: ClassVar[str] = "profile.erased"
    by: str  # caller or consent


@dataclass(frozen=True, slots=True)
class CallResumed(EventData):
    """The caller went on with an earlier call that was cut off (``resumed`` false: did not want to)."""

    kind: ClassVar[str] = "call.resumed"
    call: str
    step: str
    resumed: bool = True


@dataclass(frozen=True, slots=True)
class FrictionDecided(EventData):
    """The call was going badly enough for something to be done: ``decision`` is simplify, apologise, offer
    or hand_over. ``why`` has the reasons in words by language, ``signs`` by name with how often."""

    kind: ClassVar[str] = "dialogue.friction"
    decision: str
    score: float
    why: dict[str, list[str]]
    signs: list[list[Any]]


@dataclass(frozen=True, slots=True)
class HandoffRequested(EventData):
    kind: ClassVar[str] = "handoff.requested"
    reason: str
    queue: str
    priority: int
    intent: str = ""


@dataclass(frozen=True, slots=True)
class TicketChanged(EventData):
    """A ticket was made or moved; ``state`` is one of :class:`voice.model.TicketState`."""

    kind: ClassVar[str] = "ticket.changed"
    ticket: str
    state: str
    agent: str = ""
    waited_ms: int = 0
    durable: bool = True


@dataclass(frozen=True, slots=True)
class QueuePosition(EventData):
    kind: ClassVar[str] = "queue.position"
    ticket: str
    position: int


@dataclass(frozen=True, slots=True)
class EngineFailed(EventData):
    kind: ClassVar[str] = "engine.failed"
    engine: str
    why: str


@dataclass(frozen=True, slots=True)
class RecordingSaved(EventData):
    kind: ClassVar[str] = "recording.saved"
    path: str
    ms: int


@dataclass(frozen=True, slots=True)
class RelayStarted(EventData):
    """An external application was asked to take the conversation (see :mod:`voice.relay`)."""

    kind: ClassVar[str] = "relay.started"
    id: str


@dataclass(frozen=True, slots=True)
class RelayEnded(EventData):
    """``how``: ended, handoff, person (the caller asked for one), left, or what failed: unreachable, refused,
    timeout, closed, flood, no_answer, silence, longest, bad_messages, too_much, hearing."""

    kind: ClassVar[str] = "relay.ended"
    id: str
    how: str


@dataclass(frozen=True, slots=True)
class CallEnded(EventData):
    """``outcome``: transferred, completed, abandoned, callback, refused, failed. ``reason`` says why."""

    kind: ClassVar[str] = "call.ended"
    outcome: str
    reason: str
    ms: int


def _all() -> dict[str, type[EventData]]:
    return {cls.kind: cls for cls in EventData.__subclasses__() if cls.kind}


KINDS: Final[dict[str, type[EventData]]] = _all()


def from_json(raw: dict[str, Any]) -> Event:
    """The inverse of :meth:`Event.to_json`. Unknown fields are ignored (a newer writer), an unknown
    kind raises ``KeyError``."""
    cls = KINDS[raw["kind"]]
    names = {f.name for f in fields(cls)}
    data = cls(**{k: v for k, v in raw["data"].items() if k in names})
    return Event(raw["call_id"], raw["seq"], raw["at_ms"], data)
