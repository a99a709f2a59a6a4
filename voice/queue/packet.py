"""The handoff packet: the whole story of a call, for the person who takes it over.

Its JSON is a public format (``docs/handoff-packet.schema.json``). Fields may be added; a change that a
reader could trip over raises :data:`SCHEMA_VERSION`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from voice import events as ev
from voice.dialogue.friction import in_words
from voice.events import Event
from voice.insight.standing import standing
from voice.insight.transcript import MASK, Line, fold
from voice.model import LANGUAGES, CallInfo, Handoff, IntentGuess, Result, Slot
from voice.queue import summary as words
from voice.queue.known import result_label, result_text
from voice.queue.summary import ByRules, Facts, Summariser

SCHEMA_VERSION: Final = 1

Confidence = Annotated[float, Field(ge=0, le=1)]
Millis = Annotated[int, Field(ge=0)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, values: Any) -> Any:
        """Half a surrogate pair, which a provider's JSON may hold, is no text: that may not cost a packet."""
        if not isinstance(values, dict):
            return values
        return {
            k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in values.items()
        }


class Intent(Part):
    name: str = Field(description="Machine name, as in the flow")
    label: str = Field(description="For people, in the caller's language")
    confidence: Confidence


class PacketSlot(Part):
    name: str
    label: str = Field(description="For people, in the caller's language")
    value: str = Field(description="Normalised (ISO date, decimal, digits); masked when sensitive")
    spoken: str = Field(description="As it was said; masked when sensitive")
    confidence: Confidence
    confirmed: bool = Field(description="The caller agreed to this value")
    source: Literal["speech", "dtmf", "profile", "action"]
    sensitive: bool
    verified: bool = Field(False, description="The caller proved it, by a secret or a one-time code")
    dropped: bool = Field(
        False,
        description="Said, and not held to: it did not fit or was asked for anew. Confirm it before use",
    )


class PacketResult(Part):
    """What a system of the business answered during the call."""

    name: str
    label: str = Field(description="For people, in the caller's language where the flow has one")
    type: Literal["text", "digits", "integer", "amount", "date", "time", "yes_no", "choice", "phone"]
    value: str = Field(description="ISO date, decimal, digits, yes or no ...; masked when sensitive")
    shown: str = Field(description="As people write it, in the caller's language; masked when sensitive")
    action: str = Field(description="The action that answered it; empty where the log alone knows of it")
    source: str = Field(description="What the step that asked is called, in the caller's language")
    sensitive: bool
    told: bool = Field(description="The caller has heard it")


class Attempt(Part):
    what: str = Field(description="What the virtual agent did, in the caller's language")
    outcome: str
    detail: str


class TranscriptLine(Part):
    who: Literal["caller", "bot", "keypad"]
    text: str = Field(description="For the bot: only what the caller heard")
    at_ms: Millis
    confidence: Confidence
    ended: Literal["full", "cut", "unheard"] = Field(description="cut: the caller interrupted")


class Timings(Part):
    """Milliseconds of the call's own audio."""

    call_ms: Millis = Field(description="The call's length when the packet was made")
    to_handoff_ms: Millis = Field(description="From the first audio to the request for a person")
    bot_talk_ms: Millis = Field(description="Speech of the virtual agent that was heard")
    caller_talk_ms: Millis
    response_median_ms: int | None = Field(
        description="Median time to answer the caller, less the end silence"
    )


class Wording(Part):
    """The packet's texts in one language, for agents who read that one."""

    one_line: str
    summary: str
    reason_text: str
    why_mood: list[str]


class WrapUp(Part):
    agent: str
    disposition: str
    note: str
    completed_at: AwareDatetime


class Packet(Part):
    """What an agent gets with a caller. Texts are in the caller's language."""

    schema_version: Literal[1] = SCHEMA_VERSION
    ticket_id: str
    call_id: str
    created_at: AwareDatetime
    caller: str = Field(description="The number to ring; empty when withheld")
    called: str
    provider: str
    queue: str
    priority: int = Field(ge=0, description="0 is most urgent")
    urgent: bool
    skills: list[str]
    lang: Literal["es", "en"]
    mood: Literal["calm", "neutral", "frustrated"]
    why_mood: list[str] = Field([], description="What made the call hard, as clauses about the caller")
    reason: str = Field(
        description="Why a person: caller_asked, no_match, no_input, flow, action_failed, urgent, loop, "
        "fault, friction, time, not_verified, correction"
    )
    reason_text: str
    intent: Intent | None
    alternatives: list[Intent]
    also: list[Intent] = Field([], description="Wanted besides, said in the same breath, not dealt with yet")
    one_line: str
    summary: str
    worded: dict[Literal["es", "en"], Wording] = Field(
        {}, description="The texts in every language that agents read; the caller's are above as well"
    )
    slots: list[PacketSlot]
    results: list[PacketResult] = Field([], description="What our systems answered, and nothing else")
    tried: list[Attempt]
    transcript: list[TranscriptLine]
    recording: str | None = Field(description="Path of the recording, once it is saved")
    timings: Timings
    callback: Literal["asked", "cut"] | None = Field(
        None, description="Ring back, because the caller asked for it, or because the call was cut"
    )
    wrap_up: WrapUp | None = Field(None, description="What the agent wrote when the ticket was completed")


def build(
    handoff: Handoff,
    events: Sequence[Event],
    info: CallInfo,
    *,
    ticket_id: str,
    created_at_ms: int,
    recording: str | None,
    call_ms: int,
    summariser: Summariser | None = None,
) -> Packet:
    """A packet from what the dialogue knows and what the log holds. Sensitive values are masked in every
    text of it. ``created_at_ms`` is UTC epoch milliseconds, ``call_ms`` the call's length so far. What a
    ``summariser`` writes is taken where it keeps to the facts."""
    facts = facts_of(handoff, events)
    handoff, lines = facts.handoff, facts.lines
    worded = {lang: _wording(facts, lang, summariser) for lang in LANGUAGES}
    own = worded[handoff.lang]
    return Packet(
        ticket_id=ticket_id,
        call_id=info.call_id,
        created_at=datetime.fromtimestamp(created_at_ms / 1000, UTC),
        caller=info.caller,
        called=info.called,
        provider=info.provider,
        queue=handoff.queue,
        priority=max(0, handoff.priority),
        urgent=handoff.urgent,
        skills=list(handoff.skills),
        lang="en" if handoff.lang == "en" else "es",  # narrows the type
        mood=_mood(handoff.mood),
        reason=handoff.reason,
        why_mood=own.why_mood,
        reason_text=own.reason_text,
        intent=None if handoff.intent is None else _intent(handoff.intent),
        alternatives=[_intent(guess) for guess in handoff.alternatives],
        also=[_intent(guess) for guess in handoff.also],
        one_line=own.one_line,
        summary=own.summary,
        worded=worded,
        slots=[_slot(slot, handoff.lang) for slot in handoff.slots],
        results=[_result(result, handoff.lang) for result in handoff.results],
        tried=[Attempt(what=t.what, outcome=t.outcome, detail=t.detail) for t in handoff.tried],
        transcript=[_line(line) for line in lines],
        recording=recording,
        timings=_timings(events, call_ms),
    )


def facts_of(handoff: Handoff, events: Sequence[Event]) -> Facts:
    """What a summary may say: what is known and what was said, with sensitive values masked in all of it."""
    scrub = _scrubber(handoff.slots)
    lines = tuple(replace(line, text=scrub(line.text)) for line in fold(events))
    return Facts(_presentable(handoff, scrub), lines)


def _presentable(handoff: Handoff, scrub: Callable[[str], str]) -> Handoff:
    """In a language that agents read, without the values of sensitive slots in any of its texts."""
    return replace(
        handoff,
        lang="en" if handoff.lang == "en" else "es",
        slots=tuple(_masked(slot) for slot in handoff.slots),
        results=tuple(
            replace(
                one,
                value=MASK if one.sensitive else scrub(one.value),
                shown="" if one.sensitive else scrub(one.shown),
            )
            for one in handoff.results
        ),
        tried=tuple(
            replace(
                t, what=scrub(t.what), outcome=scrub(t.outcome), detail=scrub(t.detail), label=scrub(t.label)
            )
            for t in handoff.tried
        ),
        stopped_at=scrub(handoff.stopped_at),
        worded=tuple(_presentable(replace(other, worded=()), scrub) for other in handoff.worded),
    )


def _wording(facts: Facts, lang: str, summariser: Summariser | None) -> Wording:
    handoff, lines = facts.handoff, facts.lines
    text = summariser.summarise(facts, lang) if summariser is not None else ""
    if not text or not words.keeps_to_the_facts(text, facts, lang):
        text = ByRules().summarise(facts, lang)
    return Wording(
        one_line=words.one_line(handoff, lines, lang),
        summary=text,
        reason_text=words.reason_text(handoff.reason, lang),
        why_mood=in_words(handoff.why_mood, lang),
    )


def _timings(events: Sequence[Event], call_ms: int) -> Timings:
    bot = caller = 0
    to_handoff = call_ms
    responses: list[int] = []
    for event in standing(events):
        match event.data:
            case ev.BotHeard(heard_ms=ms):
                bot += ms
            case ev.CallerSaid(start_ms=start, end_ms=end):
                caller += max(0, end - start)
            case ev.Responded(response_ms=ms):
                responses.append(ms)
            case ev.HandoffRequested():
                to_handoff = event.at_ms
            case _:
                pass
    return Timings(
        call_ms=max(0, call_ms),
        to_handoff_ms=max(0, to_handoff),
        bot_talk_ms=max(0, bot),
        caller_talk_ms=caller,
        response_median_ms=round(median(responses)) if responses else None,
    )


def _scrubber(slots: Sequence[Slot]) -> Callable[[str], str]:
    """Removes the values of sensitive slots from any text, also when their characters stand apart
    (``1 2 3 4``, ``12-34``). Values of under three characters would mask half of every sentence."""
    patterns = []
    for slot in slots:
        for value in (slot.value, slot.spoken) if slot.sensitive else ():
            characters = [re.escape(c) for c in value if c.isalnum()]
            if len(characters) >= 3:
                patterns.append(r"[\s.,\-]*".join(characters))
    if not patterns:
        return lambda text: text
    pattern = re.compile("|".join(patterns), re.IGNORECASE)
    return lambda text: pattern.sub(MASK, text)


def _masked(slot: Slot) -> Slot:
    return replace(slot, value=MASK, spoken=MASK) if slot.sensitive else slot


def _mood(mood: str) -> Literal["calm", "neutral", "frustrated"]:
    if mood == "calm":
        return "calm"
    return "frustrated" if mood == "frustrated" else "neutral"


def _intent(guess: IntentGuess) -> Intent:
    label = guess.label or guess.intent.replace("_", " ")
    return Intent(name=guess.intent, label=label, confidence=_unit(guess.confidence))


def _slot(slot: Slot, lang: str) -> PacketSlot:
    return PacketSlot(
        name=slot.name,
        label=slot.label or slot.name.replace("_", " "),
        value=slot.value,
        spoken=slot.spoken,
        confidence=_unit(slot.confidence),
        confirmed=slot.confirmed,
        source=slot.source.value,
        sensitive=slot.sensitive,
        verified=slot.verified,
        dropped=slot.dropped,
    )


def _result(result: Result, lang: str) -> PacketResult:
    return PacketResult.model_validate(
        {
            "name": result.name,
            "label": result_label(result),
            "type": result.type,
            "value": result.value,
            "shown": MASK if result.sensitive else result_text(result, lang),
            "action": result.action,
            "source": result.source,
            "sensitive": result.sensitive,
            "told": result.told,
        }
    )


def _line(line: Line) -> TranscriptLine:
    return TranscriptLine.model_validate(
        {
            "who": line.who,
            "text": line.text,
            "at_ms": max(0, line.at_ms),
            "confidence": _unit(line.confidence),
            "ended": line.ended,
        }
    )


def _unit(confidence: float) -> float:
    return round(min(1.0, max(0.0, confidence)), 3)
