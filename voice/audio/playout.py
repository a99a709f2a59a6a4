"""Paced playout with marks: what is sent when, and what was really heard. A pure machine.

An utterance is made of phrases whose audio may still be growing. After each phrase goes a mark that the
provider echoes when it has played everything before it; a phrase counts as heard when its mark came back.
A provider that never echoes is served too: a phrase also counts as heard :data:`ECHO_MS` after its audio
was over. What was sent but not acknowledged before a clear was not heard.

We never send more than ``lead_ms`` ahead of the play cursor, so that a clear takes effect everywhere soon
and a slow provider is never flooded. When the synthesizer is slow, playing just waits for it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from voice.model import FRAME_BYTES, FRAME_MS, Ended, Utterance

ECHO_MS = 2000
"""A phrase whose audio has been over for so long was heard, even without its mark."""

_LOW_MS = 40  # with less than this ahead, audio shorter than a whole chunk is sent rather than awaited


@dataclass(frozen=True, slots=True)
class SendAudio:
    """``pcm`` (whole 20 ms frames) will be heard from ``at_ms`` on."""

    pcm: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class SendMark:
    name: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Comes exactly once for each utterance that began."""

    utterance_id: int
    utterance: Utterance


PlayoutAction = SendAudio | SendMark | Finished


class _Phrase:
    __slots__ = ("attempt", "done", "heard", "index", "owner", "pcm", "sent", "settled", "text")

    def __init__(self, owner: _Utterance, text: str) -> None:
        self.owner = owner
        self.index = len(owner.phrases)
        self.text = text
        self.pcm: bytes | bytearray = b""  # the engine's own bytes while there is only one piece: no copy
        self.done = False  # no more audio will come
        self.sent = 0  # bytes of pcm
        self.attempt = 0  # how often a pause took back what had been sent
        self.heard = False
        self.settled = False  # heard, or without any audio to hear

    def ms(self) -> int:
        """Of the audio so far, in whole frames."""
        return -(-len(self.pcm) // FRAME_BYTES) * FRAME_MS


class _Utterance:
    __slots__ = ("complete", "heard_ms", "id", "next", "phrases", "text")

    def __init__(self, utterance_id: int, text: str) -> None:
        self.id = utterance_id
        self.text = text
        self.phrases: list[_Phrase] = []
        self.complete = False  # no more phrases will come
        self.next = 0  # index of the phrase being sent
        self.heard_ms = 0

    def over(self) -> bool:
        return self.complete and all(phrase.settled for phrase in self.phrases)

    def outcome(self) -> Finished:
        """FULL only when every phrase that has words was heard."""
        heard = [phrase for phrase in self.phrases if phrase.heard]
        if not heard:
            return Finished(self.id, Utterance(self.text, "", 0, Ended.UNHEARD))
        if self.over() and all(phrase.heard or not phrase.text.strip() for phrase in self.phrases):
            return Finished(self.id, Utterance(self.text, self.text, self.heard_ms, Ended.FULL))
        text = " ".join(phrase.text.strip() for phrase in heard)
        return Finished(self.id, Utterance(self.text, text, self.heard_ms, Ended.CUT))


@dataclass(frozen=True, slots=True)
class _Pending:
    """A mark on its way; ``end_ms`` is when the audio before it is over."""

    name: str
    phrase: _Phrase
    end_ms: int


class Playout:
    """What one call says. Every method that takes ``now`` takes the call's own time, which never goes back.

    Ids of utterances that are gone (cleared, finished) are ignored, so an engine's late callbacks do no harm.
    """

    __slots__ = (
        "_chunk_bytes",
        "_chunk_ms",
        "_cursor",
        "_lead_ms",
        "_next_phrase",
        "_now",
        "_paused",
        "_pending",
        "_phrases",
        "_utterances",
    )

    def __init__(self, lead_ms: int, chunk_ms: int = 100) -> None:
        """``lead_ms`` is at least 40. A chunk is at most half of it, so that one is always there while the
        next is sent."""
        if lead_ms < 2 * FRAME_MS:
            raise ValueError(f"lead_ms is {lead_ms}, must be at least {2 * FRAME_MS}")
        self._lead_ms = lead_ms
        self._chunk_ms = max(FRAME_MS, min(chunk_ms, lead_ms // 2) // FRAME_MS * FRAME_MS)
        self._chunk_bytes = self._chunk_ms // FRAME_MS * FRAME_BYTES
        self._utterances: deque[_Utterance] = deque()  # in playing order; the first is the one being heard
        self._phrases: dict[int, _Phrase] = {}  # of these utterances, by phrase id
        self._next_phrase = 0
        self._pending: deque[_Pending] = deque()  # marks on their way, in sending order
        self._cursor = 0  # when the audio sent so far will be over
        self._now = 0  # the latest time we were told
        self._paused = False

    # --- filling ------------------------------------------------------------------------------------

    def begin(self, utterance_id: int, text: str, now: int) -> None:
        """Queues an utterance behind those already begun; ``text`` is all that it says."""
        self._now = max(self._now, now)
        self._utterances.append(_Utterance(utterance_id, text))

    def add_phrase(self, utterance_id: int, text: str) -> int:
        """Adds the next phrase; returns its id (one that is ignored when the utterance is gone)."""
        self._next_phrase += 1
        for utterance in self._utterances:
            if utterance.id == utterance_id and not utterance.complete:
                phrase = _Phrase(utterance, text)
                utterance.phrases.append(phrase)
                self._phrases[self._next_phrase] = phrase
        return self._next_phrase

    def feed(self, phrase_id: int, pcm: bytes, now: int) -> None:
        """Adds audio (8 kHz PCM of any length) to a phrase. Call :meth:`pull` afterwards."""
        self._now = max(self._now, now)
        phrase = self._phrases.get(phrase_id)
        if phrase is None or phrase.done or not pcm:
            return
        if not phrase.pcm:
            phrase.pcm = pcm
            return
        if isinstance(phrase.pcm, bytes):
            phrase.pcm = bytearray(phrase.pcm)
        phrase.pcm += pcm

    def finish_phrase(self, phrase_id: int) -> None:
        """No more audio for it. Call :meth:`pull` afterwards."""
        phrase = self._phrases.get(phrase_id)
        if phrase is not None:
            phrase.done = True

    def finish(self, utterance_id: int) -> None:
        """No more phrases for it. Call :meth:`pull` afterwards."""
        for utterance in self._utterances:
            if utterance.id == utterance_id:
                utterance.complete = True

    # --- playing ------------------------------------------------------------------------------------

    def pull(self, now: int) -> list[PlayoutAction]:
        """What is due now, in order."""
        self._now = max(self._now, now)
        out: list[PlayoutAction] = []
        pending = self._pending
        while pending and pending[0].end_ms + ECHO_MS <= now:
            self._heard(pending.popleft().phrase)
        if not self._paused:
            self._send(now, out)
        self._collect(out)
        return out

    def mark_played(self, name: str, now: int) -> list[Finished]:
        """The provider echoed a mark: its phrase and all before it were heard. Unknown names, and those
        sent before a clear or a pause, are ignored."""
        self._now = max(self._now, now)
        if not any(mark.name == name for mark in self._pending):
            return []
        while True:
            mark = self._pending.popleft()
            self._heard(mark.phrase)
            if mark.name == name:
                break
        out: list[Finished] = []
        self._collect(out)
        return out

    def clear(self, now: int) -> list[Finished]:
        """Ends everything; what was not acknowledged by now was not heard. The caller of this sends the
        wire's clear."""
        self._now = max(self._now, now)
        out = [utterance.outcome() for utterance in self._utterances]
        self._utterances.clear()
        self._phrases.clear()
        self._pending.clear()
        self._cursor = now
        self._paused = False
        return out

    def pause(self, now: int) -> None:
        """Stops sending, because the caller may be interrupting. The caller of this sends the wire's
        clear, so what was not acknowledged is taken back, to be sent again from the start of its phrase."""
        self._now = max(self._now, now)
        if self._paused:
            return
        self._paused = True
        self._pending.clear()
        self._cursor = now
        for utterance in self._utterances:
            for phrase in utterance.phrases:
                if phrase.sent and not phrase.settled:
                    phrase.sent = 0
                    phrase.attempt += 1
                    utterance.next = min(utterance.next, phrase.index)

    def resume(self, now: int) -> None:
        """Nobody interrupted: goes on where the caller last heard a whole phrase. Call :meth:`pull`."""
        self._now = max(self._now, now)
        self._paused = False
        self._cursor = max(self._cursor, now)

    # --- looking ------------------------------------------------------------------------------------

    def deadline(self) -> int | None:
        """When :meth:`pull` must be called next, whatever else happens; None: nothing is due by time."""
        if self._utterances and self._utterances[0].over():
            return self._now
        due = self._pending[0].end_ms + ECHO_MS if self._pending else None
        if self._paused:
            return due
        phrase = self._sending()
        if phrase is None:
            return due
        available = len(phrase.pcm) - phrase.sent
        if available >= self._chunk_bytes or phrase.done:
            ms = min(self._chunk_ms, -(-available // FRAME_BYTES) * FRAME_MS)
            when = self._cursor + ms - self._lead_ms if ms else self._now
        elif available >= FRAME_BYTES:
            when = self._cursor - _LOW_MS
        else:
            return due  # only more audio can change anything
        when = max(when, self._now)
        return when if due is None else min(when, due)

    @property
    def playing(self) -> bool:
        """Whether any utterance has begun and not finished, paused or not."""
        return bool(self._utterances)

    @property
    def paused(self) -> bool:
        return self._paused

    # --- inside -------------------------------------------------------------------------------------

    def _sending(self) -> _Phrase | None:
        """The phrase to send from, or None while there is none."""
        for utterance in self._utterances:
            if utterance.next < len(utterance.phrases):
                return utterance.phrases[utterance.next]
            if not utterance.complete:
                return None
        return None

    def _send(self, now: int, out: list[PlayoutAction]) -> None:
        while (phrase := self._sending()) is not None:
            available = len(phrase.pcm) - phrase.sent
            if available == 0:
                if not phrase.done:
                    return
                self._sent(phrase, out)
                continue
            cursor = max(self._cursor, now)
            if available >= self._chunk_bytes:
                size = self._chunk_bytes
            elif phrase.done:
                size = available
            elif cursor - now <= _LOW_MS:
                size = available // FRAME_BYTES * FRAME_BYTES
            else:
                return
            ms = -(-size // FRAME_BYTES) * FRAME_MS
            if size == 0 or cursor + ms > now + self._lead_ms:
                return
            pcm = bytes(phrase.pcm[phrase.sent : phrase.sent + size])
            if short := -size % FRAME_BYTES:
                pcm += bytes(short)
            phrase.sent += size
            out.append(SendAudio(pcm, cursor))
            self._cursor = cursor + ms
            if phrase.done and phrase.sent == len(phrase.pcm):
                self._sent(phrase, out)

    def _sent(self, phrase: _Phrase, out: list[PlayoutAction]) -> None:
        """All audio of a phrase is out: its mark follows. A phrase without audio has nothing to mark."""
        phrase.owner.next = phrase.index + 1
        if not phrase.pcm:
            phrase.settled = True
            return
        again = f"+{phrase.attempt}" if phrase.attempt else ""  # a late echo of the first time is not ours
        name = f"{phrase.owner.id}.{phrase.index}{again}"
        self._pending.append(_Pending(name, phrase, self._cursor))
        out.append(SendMark(name))

    def _heard(self, phrase: _Phrase) -> None:
        phrase.heard = phrase.settled = True
        phrase.owner.heard_ms += phrase.ms()
        phrase.pcm = b""  # it can no longer be sent again

    def _collect(self, out: list[PlayoutAction] | list[Finished]) -> None:
        while self._utterances and self._utterances[0].over():
            utterance = self._utterances.popleft()
            for phrase_id in [i for i, phrase in self._phrases.items() if phrase.owner is utterance]:
                del self._phrases[phrase_id]
            out.append(utterance.outcome())
