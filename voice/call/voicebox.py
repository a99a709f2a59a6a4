"""What one call says: prompts and music through the mouth and the paced playout onto the wire."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from voice import events as ev
from voice.audio.playout import Finished, Playout, SendAudio, SendMark
from voice.audio.tones import hold_music, silence
from voice.call.calltime import CallTime
from voice.call.services import Transport
from voice.errors import EngineError
from voice.model import BargeIn, Prompt, Utterance
from voice.relay.recordings import Player
from voice.speech.phrasing import pause_ms, split
from voice.speech.seam import Mouth, Speaking
from voice.telephony.seam import Wire


class VoiceboxListener(Protocol):
    def on_first_audio(self) -> None: ...
    def on_finished(self, utterance: int, result: Utterance) -> None: ...
    def on_mute(self, error: EngineError) -> None: ...
    def on_sent(self, pcm: bytes, at_ms: int) -> None: ...
    def on_cut(self, at_ms: int) -> None: ...
    def note(self, data: ev.EventData) -> None: ...


class Voicebox:
    """One call's mouth. Ids of utterances rise by one; the wire's marks name them."""

    def __init__(
        self,
        wire: Wire,
        transport: Transport,
        mouth: Mouth,
        time: CallTime,
        listener: VoiceboxListener,
        *,
        lead_ms: int,
        player: Player | None = None,
    ) -> None:
        self._wire = wire
        self._player = player
        self._transport = transport
        self._mouth = mouth
        self._time = time
        self._listener = listener
        self._playout = Playout(lead_ms=lead_ms)
        self._next = 1
        self._speaking: dict[int, list[Speaking]] = {}
        self._pauses: dict[int, int] = {}  # ms of silence before a phrase, until its first audio
        self._music: set[int] = set()
        self._music_at = 0
        self._turn = 0
        self._first_mark = ""
        self._paused = False

    @property
    def next_utterance(self) -> int:
        """The id that the next prompt or music will have."""
        return self._next

    def say(self, prompt: Prompt) -> int:
        """Queues a prompt behind what is being said; returns its utterance id."""
        utterance = self._open(prompt.text)
        self._listener.note(
            ev.BotSaid(utterance, prompt.text, prompt.lang, prompt.key, prompt.barge_in.value)
        )
        handles = self._speaking[utterance] = []
        if prompt.source:
            handles += self._play(utterance, prompt)
            return utterance
        phrases = split(prompt.text, prompt.lang)
        numbers = [self._playout.add_phrase(utterance, phrase) for phrase in phrases]
        self._playout.finish(utterance)
        for number, after in zip(numbers[1:], phrases, strict=False):
            # engines trim the silence around what they say; the breath between two phrases is ours, and
            # belongs to the later one, so that the earlier one counts as heard when its words were
            self._pauses[number] = pause_ms(after) * 100 // prompt.pace
        for number, phrase in zip(numbers, phrases, strict=True):
            handles.append(
                self._mouth.speak(
                    phrase,
                    prompt.lang,
                    partial(self._made, number),
                    partial(self._made_all, number),
                    prompt.pace,
                )
            )
        self.pump()
        return utterance

    def _play(self, utterance: int, prompt: Prompt) -> list[Speaking]:
        """A recording; without a player, as in replay, none of it."""
        number = self._playout.add_phrase(utterance, prompt.text)
        self._playout.finish(utterance)
        made, done = partial(self._made, number), partial(self._made_all, number)
        if self._player is None:
            done(None)
            return []
        imposed = prompt.barge_in is BargeIn.NONE
        return [self._player.play(prompt.source, prompt.loop, imposed=imposed, on_audio=made, on_done=done)]

    def music(self, ms: int) -> int:
        """Plays the next ``ms`` of the hold music: not in the transcript, and cut without trace."""
        loop = hold_music()
        start = self._music_at % len(loop)
        self._music_at = start + ms * 16
        pcm = (loop[start:] + loop * (1 + ms * 16 // len(loop)))[: ms * 16]
        utterance = self._open("")
        self._music.add(utterance)
        number = self._playout.add_phrase(utterance, "")
        self._playout.finish(utterance)
        self._playout.feed(number, pcm, self._time.now())
        self._playout.finish_phrase(number)
        self.pump()
        return utterance

    def _open(self, text: str) -> int:
        utterance, self._next = self._next, self._next + 1
        self._playout.begin(utterance, text, self._time.now())
        return utterance

    def answer_to(self, silence_ms: int) -> None:
        """What is said next answers a turn: its first audio is reported, and followed at once by a mark that
        carries the wait, so that a caller on any line can tell how long the answer itself took."""
        self._turn += 1
        self._first_mark = f"turn.{self._turn};wait={silence_ms}"

    # --- interruption -------------------------------------------------------------------------------

    def pause(self) -> None:
        """Silence at once; what was not heard is kept for :meth:`resume`."""
        now = self._time.now()
        self._paused = True
        self._transport.send(self._wire.clear())
        self._playout.pause(now)
        self._listener.on_cut(now)

    def resume(self) -> None:
        if self._paused:
            self._paused = False
            self._playout.resume(self._time.now())
            self.pump()

    def clear(self) -> None:
        """Silence at once and for good."""
        now = self._time.now()
        if self._playout.playing and not self._paused:
            self._transport.send(self._wire.clear())
            self._listener.on_cut(now)
        self._paused = False
        self._pauses.clear()
        self._report(self._playout.clear(now))

    # --- playing ------------------------------------------------------------------------------------

    def mark_played(self, name: str) -> None:
        self._report(self._playout.mark_played(name, self._time.now()))

    def pump(self) -> None:
        """Sends what is due. Cheap when nothing is."""
        done: list[Finished] = []
        for item in self._playout.pull(self._time.now()):
            if isinstance(item, SendAudio):
                self._transport.send(self._wire.audio(item.pcm))
                if self._first_mark:
                    self._transport.send(self._wire.mark(self._first_mark))
                    self._first_mark = ""
                    self._listener.on_first_audio()
                self._listener.on_sent(item.pcm, item.at_ms)
            elif isinstance(item, SendMark):
                self._transport.send(self._wire.mark(item.name))
            else:
                done.append(item)
        if done:
            self._report(done)

    @property
    def playing(self) -> bool:
        return self._playout.playing

    def deadline(self) -> int | None:
        return self._playout.deadline()

    def close(self) -> None:
        """Stops making speech; nothing more is sent."""
        for handles in self._speaking.values():
            for handle in handles:
                handle.cancel()
        self._speaking.clear()
        self._report(self._playout.clear(self._time.now()))

    # --- inside -------------------------------------------------------------------------------------

    def _made(self, phrase: int, pcm: bytes) -> None:
        pause = self._pauses.pop(phrase, 0)
        self._playout.feed(phrase, silence(pause) + pcm if pause else pcm, self._time.now())
        self.pump()

    def _made_all(self, phrase: int, error: EngineError | None) -> None:
        self._pauses.pop(phrase, None)
        self._playout.finish_phrase(phrase)
        if error is not None:
            self._listener.on_mute(error)
        self.pump()

    def _report(self, finished: list[Finished]) -> None:
        for item in finished:
            for handle in self._speaking.pop(item.utterance_id, ()):
                handle.cancel()
            result = item.utterance
            if item.utterance_id in self._music:
                self._music.discard(item.utterance_id)
            else:
                self._listener.note(
                    ev.BotHeard(item.utterance_id, result.heard, result.heard_ms, result.ended.value)
                )
            self._listener.on_finished(item.utterance_id, result)
