"""The conversation as a person reads it: a fold of a call's events.

A line of the virtual agent holds only what the caller heard of it, and a prompt of which nothing was
heard makes no line. What was said or keyed for a sensitive slot is masked here too, although the session
masks it before it is logged: two locks on one door.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from voice import events as ev
from voice.events import Event
from voice.insight.standing import standing
from voice.model import Ended, Source

MASK: Final = "••••"

CALLER: Final = "caller"
BOT: Final = "bot"
KEYPAD: Final = "keypad"


@dataclass(frozen=True, slots=True)
class Line:
    """``who`` is caller, bot or keypad. ``at_ms`` is when it began; ``confidence`` is 1.0 but for speech
    of the caller. For the bot, ``text`` is what was heard, ``heard_ms`` how long that took, and ``ended``
    says whether the caller let it finish (full) or not (cut). ``intent`` is what the caller was understood to
    want by it, or by what they said on the same question."""

    who: str
    text: str
    at_ms: int
    confidence: float = 1.0
    heard_ms: int = 0
    ended: str = Ended.FULL.value
    intent: str = ""


def fold(events: Iterable[Event]) -> list[Line]:
    """All lines of a call in the order in which they began to be said; works on a call in progress."""
    lines: list[Line | None] = []
    said: dict[int, int] = {}  # a prompt's id -> its place in ``lines``, None there until it is heard
    said_at: dict[int, int] = {}
    answers: list[int] = []  # places of what the caller answered in the current step
    wishes: list[int] = []  # those among them that may have stated a wish
    step = ""
    for event in standing(events):
        data = event.data
        match data:
            case ev.BotSaid():
                said[data.id] = len(lines)
                said_at[data.id] = event.at_ms
                lines.append(None)
            case ev.BotHeard() if data.id in said and data.heard.strip():
                lines[said[data.id]] = Line(
                    BOT, data.heard.strip(), said_at[data.id], heard_ms=data.heard_ms, ended=data.ended
                )
            case ev.CallerSaid() if data.text:
                answers.append(len(lines))
                wishes.append(len(lines))
                lines.append(Line(CALLER, data.text, data.start_ms, confidence=data.confidence))
            case ev.CallerKeyed() if data.keys:
                answers.append(len(lines))
                wishes.append(len(lines))
                keys = MASK if data.sensitive else data.keys
                lines.append(Line(KEYPAD, keys, event.at_ms))
            case ev.StepEntered() if data.step != step:
                step = data.step
                # the answer that leads into a step belongs to the step before it
                answers.clear()
                wishes.clear()
            case ev.ModelConsulted():
                del wishes[:-1]  # the others were said to the model
            case ev.IntentRecognised():
                for place in wishes:
                    if (line := lines[place]) is not None:
                        lines[place] = replace(line, intent=data.intent)
                wishes.clear()
            case ev.SlotFilled() if data.sensitive and data.source in (Source.SPEECH, Source.DTMF):
                for place in answers:
                    line = lines[place]
                    if line is not None:
                        lines[place] = replace(line, text=MASK)
            case _:
                pass
    return [line for line in lines if line is not None]
