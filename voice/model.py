"""The values that cross seams: frozen, slotted, validated at the edges and never on the audio path.

Units, everywhere in the project:

* times named ``*_ms`` are integer milliseconds of the call's own audio (0 is the first audio frame),
* audio named ``pcm`` is signed 16-bit little-endian mono at 8000 Hz unless a name says otherwise,
* confidences are 0.0 to 1.0,
* ``lang`` is a lower-case ISO 639-1 code: ``"es"`` or ``"en"``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SAMPLE_RATE = 8000
FRAME_MS = 20
FRAME_BYTES = SAMPLE_RATE * FRAME_MS // 1000 * 2
LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the caller's audio; ``at_ms`` is when its first sample was said."""

    pcm: bytes
    at_ms: int

    @property
    def ms(self) -> int:
        return len(self.pcm) // 16


@dataclass(frozen=True, slots=True)
class Digit:
    """One telephone key: ``0-9``, ``*``, ``#`` or ``A-D``."""

    key: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recognizer heard. An empty ``text`` in a final one means: sound, but no words."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    final: bool = True
    lang: str = "es"
    start_ms: int = 0
    end_ms: int = 0
    engine: str = ""  # which one heard it, where there are several
    told_apart: bool = False  # ``lang`` was heard, among several that were listened for
    foreseen: bool = False  # a partial of whole phrases: one may be named before it was said to its end


class BargeIn(StrEnum):
    """What may interrupt a prompt. What is said or keyed during ``NONE`` is kept, not lost."""

    NONE = "none"
    DTMF = "dtmf"
    SPEECH = "speech"
    ANY = "any"

    @property
    def by_speech(self) -> bool:
        return self in (BargeIn.SPEECH, BargeIn.ANY)

    @property
    def by_dtmf(self) -> bool:
        return self in (BargeIn.DTMF, BargeIn.ANY)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something to say. ``text`` is already in spoken form (numbers, dates and amounts in words). With a
    ``source``, the address of a recording, that is played and ``text`` only names it."""

    text: str
    lang: str
    barge_in: BargeIn = BargeIn.ANY
    key: str = ""  # where the text stands in its flow, for authors and for the event log
    pace: int = 100  # how fast, in hundredths of the voice's usual rate
    source: str = ""
    loop: int = 1  # how often it is played; 0: until it has been long enough
    preemptible: bool = False  # a recording that gives way to what is said next


class Ended(StrEnum):
    FULL = "full"
    CUT = "cut"
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What became of a prompt: ``heard`` holds only phrases whose marks the provider acknowledged."""

    text: str
    heard: str
    heard_ms: int
    ended: Ended


@dataclass(frozen=True, slots=True)
class KeypadSpec:
    """How keys make an answer: done at once at ``max_keys`` or on a terminator, else after a pause."""

    min_keys: int = 1
    max_keys: int = 1
    terminator: str = "#"
    erase: str = "*"
    inter_digit_ms: int = 3000


class ExpectKind(StrEnum):
    INTENT = "intent"
    YES_NO = "yes_no"
    INTEGER = "integer"
    DIGITS = "digits"
    AMOUNT = "amount"
    DATE = "date"
    TIME = "time"
    DURATION = "duration"
    PHONE = "phone"
    EMAIL = "email"
    SPELLED = "spelled"
    NAME = "name"
    POSTCODE = "postcode"
    IDENTIFIER = "identifier"
    CARD = "card"
    IBAN = "iban"
    CHOICE = "choice"
    TEXT = "text"


class Completeness(StrEnum):
    """How far what was heard so far is an answer: decides how much silence ends the turn."""

    EMPTY = "empty"  # no words yet
    OPEN = "open"  # words, and nothing that tells whether more will come
    UNFINISHED = "unfinished"  # the beginning of an answer: half a phrase, too few digits, an open e-mail
    HESITATING = "hesitating"  # ends in "eh", "um", "y", "and": the caller is about to go on
    EXTENSIBLE = "extensible"  # an answer that could go on and mean something else
    COUNTED = "counted"  # all that was asked for, though more may follow: digits nothing checks, an address
    COMPLETE = "complete"  # an answer that nothing can be added to


@dataclass(frozen=True, slots=True)
class Expect:
    """What the dialogue waits for: shapes the recognizer's grammar, endpointing and the keypad.

    ``phrases`` is the closed list of things a caller may say here (empty: open speech). Every phrase
    is lower-case, without punctuation, in ``lang``. ``digits`` adds a free loop of spoken digits.
    ``meanings`` (empty, or one for each phrase) says which phrases are the same answer; "" is part of an
    answer only. ``shortest`` and ``longest`` bound a digit string (0: not known), ``check`` names the test
    that the whole of it passes (see :mod:`voice.dialogue.checks`). ``kinds`` adds sub-grammars by name (see
    :mod:`voice.speech.kinds`). ``partials``: the dialogue is also told the words so far. ``believed``:
    phrases that stop a prompt even when they were hardly heard, where speech is open. ``others``: languages
    with their phrases, where the caller may not speak ``lang``.
    """

    kind: ExpectKind
    lang: str
    phrases: tuple[str, ...] = ()
    digits: bool = False
    keypad: KeypadSpec | None = None
    no_input_ms: int = 6000
    endpoint_ms: int = 500
    max_speech_ms: int = 20000
    sensitive: bool = False
    step: str = ""
    meanings: tuple[str, ...] = ()
    shortest: int = 0
    longest: int = 0
    check: str = ""
    kinds: tuple[str, ...] = ()
    partials: bool = False
    believed: tuple[str, ...] = ()
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Source(StrEnum):
    SPEECH = "speech"
    DTMF = "dtmf"
    PROFILE = "profile"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Slot:
    """A collected fact. ``value`` is normalised (ISO date, decimal string, digits), ``spoken`` as said."""

    name: str
    value: str
    spoken: str
    confidence: float
    confirmed: bool
    source: Source
    label: str = ""
    sensitive: bool = False
    verified: bool = False  # the caller proved to be whom it says
    dropped: bool = False  # said, and not held to: it did not fit, or the caller went back


@dataclass(frozen=True, slots=True)
class IntentGuess:
    intent: str
    confidence: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class MoodSign:
    """Something that made a call hard for its caller, and how often (see :mod:`voice.dialogue.friction`)."""

    sign: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Tried:
    """Something the virtual agent did before handing over, and how it ended, in the caller's language.

    ``kind`` (call, talk: with a language model, ask, question: for a yes or no, menu, answer, article),
    ``code`` (a key under ``tried.`` of the texts: ok, failed, no_input ...) and ``label`` (the step's own
    words) say the same for the summary, where they are known.
    """

    what: str
    outcome: str
    detail: str = ""
    kind: str = ""
    code: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a system of the business answered and the flow kept. ``type`` as in
    :mod:`voice.webhooks.fields`, ``value`` in its form there (masked when sensitive); ``shown``, where it is
    not empty, as people say it. ``source`` is what the step that asked for it is called."""

    name: str
    type: str
    value: str
    label: str = ""
    shown: str = ""
    action: str = ""
    source: str = ""
    sensitive: bool = False
    told: bool = False  # the caller has heard it


@dataclass(frozen=True, slots=True)
class Handoff:
    """What the dialogue knows when it asks for a person; the packet is built from this and the log."""

    reason: str  # machine-readable, one of voice.queue.summary.REASONS: caller_asked, no_match, ...
    queue: str
    priority: int  # 0 is most urgent, 5 is normal
    lang: str
    intent: IntentGuess | None = None
    alternatives: tuple[IntentGuess, ...] = ()
    slots: tuple[Slot, ...] = ()
    tried: tuple[Tried, ...] = ()
    skills: tuple[str, ...] = ()
    mood: str = "neutral"  # calm, neutral, frustrated
    urgent: bool = False
    why_mood: tuple[MoodSign, ...] = ()  # what the mood is read from, heaviest first
    stopped_at: str = ""  # what was being asked for, in the caller's language
    also: tuple[IntentGuess, ...] = ()  # wanted besides ``intent``, and not dealt with yet
    results: tuple[Result, ...] = ()
    worded: tuple[Handoff, ...] = ()  # the same in the flow's other languages, for agents who speak those


class TicketState(StrEnum):
    WAITING = "waiting"  # the caller is on the line
    ACCEPTED = "accepted"  # an agent has it
    COMPLETED = "completed"
    ABANDONED = "abandoned"  # the caller hung up first
    RETURNED = "returned"  # the caller chose to go back to the virtual agent
    CALLBACK = "callback"  # the caller (or a cut call) asks to be called back
    # a callback is accepted and completed like a waiting ticket


@dataclass(frozen=True, slots=True)
class Ticket:
    """A caller's place in a queue. Wall times are UTC epoch milliseconds (the ticket outlives the call)."""

    id: str
    call_id: str
    queue: str
    priority: int
    lang: str
    reason: str
    summary: str
    state: TicketState
    created_at: int
    updated_at: int
    skills: tuple[str, ...] = ()
    agent: str = ""
    caller: str = ""  # the number to ring, for callbacks
    version: int = 1  # rises with every change; stale writes are refused


@dataclass(frozen=True, slots=True)
class CallInfo:
    """Who is calling and how; ``parameters`` are the provider's custom parameters, untrusted."""

    call_id: str
    stream_id: str
    provider: str
    caller: str = ""
    called: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


JsonDict = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Something kept beyond a call: a small JSON object under a key that tells no number. Wall times are
    UTC epoch milliseconds; from ``expires_at`` on it does not exist."""

    key: str
    kind: str  # profile, cut or lock
    body: JsonDict
    updated_at: int
    expires_at: int
