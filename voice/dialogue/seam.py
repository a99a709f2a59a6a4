"""What goes into a dialogue and what comes out of it: plain values, no I/O, no clock.

The session feeds a dialogue with :data:`Input` values through ``step(input, now)`` and carries out the
:data:`Action` values it returns, in order. The protocol, exactly:

* After :class:`Say` + :class:`Listen` in one batch, the turn machine plays the prompts in order (each with
  its own barge-in policy), then waits ``expect.no_input_ms`` of silence from the end of the last prompt,
  then sends :class:`Silence`. Each turn of the caller ends the ``Listen``; the dialogue must give a new one
  (or a transfer, a hang-up or an invocation) in its answer.
* :class:`Say` without :class:`Listen` is followed by :class:`Spoke` when it was played or cut. A batch that
  ends in ``HangUp`` or ``Transfer`` needs no ``Spoke``: the session plays what is pending first.
* :class:`Invoke` may come with ``Say`` (a filler); its :class:`ActionDone` or :class:`ActionFailed` follows.
* :class:`RelayOpen` asks for an external application; its messages and its end come as :class:`RelayHeard`
  and :class:`RelayClosed` until :class:`RelayClose`.
* ``deadline()`` is the time at which the dialogue wants :class:`Tick`, whatever else happens. A dialogue
  that is neither listening, speaking, invoking nor transferred must have one (no silent state).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from voice.events import EventData
from voice.language_model.seam import Ask, ToolCall
from voice.model import Expect, Handoff, IntentGuess, Prompt, Slot, Transcript, Utterance

# a built-in action: erases what is remembered of the caller (a business's own function adds its part)
FORGET_CALLER = "forget_caller"


@dataclass(frozen=True, slots=True)
class CutCall:
    """An earlier call of this caller that was cut off: its question (``step``; "" to go on from the intent)
    and what was collected. No sensitive slot is among it, and nothing in it counts as verified."""

    step: str
    lang: str
    intent: IntentGuess
    slots: tuple[Slot, ...] = ()
    saved: Mapping[str, str] = field(default_factory=dict)
    call_id: str = ""
    begun: Mapping[str, str] = field(default_factory=dict)  # steps that do a thing once: ok, or uncertain


# --- inputs -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Began:
    """The call is up. ``wall_ms`` is UTC epoch milliseconds (for opening hours and relative dates),
    ``call_id`` decides the arms of experiments, ``profile`` is what is known of the caller (see
    :class:`Recognised` for what is known later)."""

    caller: str
    called: str
    wall_ms: int
    parameters: dict[str, str] = field(default_factory=dict)
    longest_ms: int = field(default=0, kw_only=True)  # the call is ended then; 0: never
    call_id: str = ""
    profile: Mapping[str, str] = field(default_factory=dict)
    cut: CutCall | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who is calling became known, or better known, during the call: added to ``Began.profile``."""

    profile: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """The caller said something; an empty text means sound without words. ``heard_prompts`` is what
    was heard of the prompts since the last input. ``louder_db`` and ``faster`` compare how it sounded with
    the caller's first turns (0 dB and 1.0: the same, or not known); ``noisy``: it was hardly louder than the
    noise around the caller."""

    transcript: Transcript
    heard_prompts: tuple[Utterance, ...] = ()
    louder_db: float = 0.0
    faster: float = 1.0
    noisy: bool = False


@dataclass(frozen=True, slots=True)
class PartlyHeard:
    """The words so far of what the caller is saying, where the ``Expect`` wants ``partials``. It ends no turn
    and needs no answer; the next one, or the :class:`Heard`, may say otherwise."""

    text: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """The caller finished a keypad answer (without terminator). ``0`` is not special here."""

    keys: str
    heard_prompts: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was said or keyed in time."""

    heard_prompts: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoke:
    """All that was said has been played, or was cut."""

    heard_prompts: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionDone:
    id: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ActionFailed:
    id: str
    kind: str  # see voice.errors.ActionError
    message: str = ""
    uncertain: bool = False  # it may have been done all the same


@dataclass(frozen=True, slots=True)
class Returned:
    """The caller came back from the queue (own wish, or nobody there)."""

    reason: str


@dataclass(frozen=True, slots=True)
class HearingFailed:
    """The recognizer is gone: only the keypad works from here on."""

    why: str


@dataclass(frozen=True, slots=True)
class RelayHeard:
    """A message of the application that was opened as ``id``, as it came."""

    id: str
    message: str | bytes


@dataclass(frozen=True, slots=True)
class RelayClosed:
    """The application that was opened as ``id`` is gone, or never came: ``why`` is unreachable, refused,
    timeout, closed or flood."""

    id: str
    why: str


@dataclass(frozen=True, slots=True)
class ModelSaid:
    """The language model wrote a whole sentence; nobody has said it yet."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelDone:
    """The language model's answer is whole; ``calls`` are the tools it wants run."""

    id: str
    calls: tuple[ToolCall, ...] = ()
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """No answer, or not all of it. ``kind``: see :class:`voice.language_model.seam.LanguageModelError`."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Tick:
    """The dialogue's own deadline was reached."""


Input = (
    Began
    | ModelSaid
    | ModelDone
    | ModelFailed
    | Recognised
    | Heard
    | PartlyHeard
    | Keyed
    | Silence
    | Spoke
    | ActionDone
    | ActionFailed
    | Returned
    | HearingFailed
    | RelayHeard
    | RelayClosed
    | Tick
)

# --- actions ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """``instead`` of what is being said and still to be said."""

    prompts: tuple[Prompt, ...]
    instead: bool = False


@dataclass(frozen=True, slots=True)
class Listen:
    expect: Expect


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """What is to be proved with an invocation: that the caller is who ``slot`` says (``identity``), by
    ``factor``: a secret that the action knows, or (``method`` code) the one-time code that was sent. With
    ``method`` send, such a code of ``digits`` digits is made and given to the action as ``code``.
    ``lock_after`` wrong ones within ``lock_minutes`` lock the identity for as long and longer, over all
    calls; ``withheld_after`` of all callers who withhold their number lock them out."""

    slot: str
    identity: str
    method: str  # factor, code or send
    factor: str = ""
    digits: int = 6
    valid_minutes: int = 5
    lock_after: int = 5
    lock_minutes: int = 30
    withheld_after: int = 20


@dataclass(frozen=True, slots=True)
class Invoke:
    """Run a flow's action. The session resolves ``name`` and enforces ``timeout_ms``. With ``check`` the
    answer's ``outcome`` is ok, failed, expired, locked or sent, its ``identity`` a key of who was proved,
    its ``profile`` what is known of them, and its ``value`` what the action itself answered. ``key`` is the
    same for the same wish with the same arguments; "" where every invocation is one of its own."""

    id: str
    name: str
    arguments: dict[str, Any]
    timeout_ms: int
    check: IdentityCheck | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Ask for a person. ``closing`` prompts are played after the ticket is stored."""

    handoff: Handoff
    announce: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True)
class RelayOpen:
    """Connect to the application at ``url`` and send it ``setup``; with ``secret_env`` the request is signed
    with the secret in that environment variable."""

    id: str
    url: str
    secret_env: str
    setup: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RelaySend:
    """A message to the application, once it is there."""

    id: str
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RelayClose:
    """The application is no longer wanted. Nothing of it is reported after this."""

    id: str


@dataclass(frozen=True, slots=True)
class HangUp:
    outcome: str  # completed, abandoned, failed
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """Goes into the event log as it is."""

    data: EventData


RelayAction = RelayOpen | RelaySend | RelayClose


@dataclass(frozen=True, slots=True)
class Consult:
    """Ask the language model. Its sentences come back as :class:`ModelSaid`, then one :class:`ModelDone` or
    :class:`ModelFailed`. The session enforces ``timeout_ms``."""

    id: str
    ask: Ask
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class StopConsulting:
    """Nothing more is wanted of that answer; it may be over already."""

    id: str


Action = Say | Listen | Invoke | Consult | StopConsulting | Transfer | HangUp | Note | RelayAction


class Dialogue(Protocol):
    """A conversation's decisions. One object per call; never shared."""

    lang: str

    def step(self, event: Input, now: int) -> list[Action]: ...

    def deadline(self) -> int | None: ...

    def checkpoint(self) -> Callable[[], None] | None:
        """How things stand before a turn; what is returned puts them back there, once. None: this dialogue,
        or what it is doing, cannot be taken back."""
