"""A call's audio, both ways: what comes is put in order, recorded, heard; what is said is played, recorded.

Audio takes the short way, all plain calls: gap filler -> recorder -> voice activity -> endpointer. What the
ear and the mouth report is told to the call's conversation, in order with everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from voice import events as ev
from voice.audio.gaps import Gap, GapFiller
from voice.call.calltime import CallTime
from voice.call.conversation import Conversation, ConversationCall
from voice.call.hearing import Hearing
from voice.call.keypad import RECOGNISED_MS, Keypad, listens
from voice.call.recorder import Recorder
from voice.call.services import Services, Transport
from voice.call.timer import CallTimer
from voice.call.voicebox import Voicebox
from voice.dialogue.seam import Dialogue
from voice.errors import EngineError
from voice.model import BargeIn, Digit, Frame, Prompt, Transcript, Utterance
from voice.speech.ears import RecognitionNotice
from voice.speech.endpointing import SpeechOff
from voice.speech.failover import RecognitionMoved
from voice.telephony.seam import Interrupted, MarkPlayed, Played, Said, Speaking, Wire

log = logging.getLogger(__name__)


class MediaCall(ConversationCall, Protocol):
    """What it needs of its call."""

    def enter(self, work: Callable[[], None]) -> None: ...
    def on_key(self, digit: Digit) -> None: ...
    def on_fault(self, announce: str = ...) -> None: ...


class Media:
    """One call's ear, mouth and recording, and the conversation they carry; from the call's start to its
    end. ``recorder`` is None for a call that is not recorded."""

    def __init__(
        self,
        call: MediaCall,
        services: Services,
        wire: Wire,
        transport: Transport,
        dialogue: Dialogue,
        time: CallTime,
        timer: CallTimer,
        recorder: Recorder | None,
    ) -> None:
        settings = services.settings
        self._call = call
        self._services = services
        self._time = time
        self._timer = timer
        self._gaps = GapFiller()
        self._keypad = Keypad(listens(settings.call, wire))
        self.recorder = recorder
        self._hearing = Hearing(
            services.ear,
            self,
            activity=services.new_activity(),
            onset_ms=settings.speech.onset_ms,
            endpoint_ms=settings.speech.endpoint_ms,
        )
        self._voicebox = Voicebox(
            wire,
            transport,
            services.mouth,
            time,
            self,
            lead_ms=settings.call.lead_ms,
            player=services.player,
        )
        self.conversation = Conversation(call, services, dialogue, self._voicebox, self._hearing, recorder)

    # --- the caller's side --------------------------------------------------------------------------

    def frame(self, frame: Frame) -> None:
        """The short way, 50 times a second."""
        for item in self._gaps.push(frame):
            if type(item) is Gap:
                self.note(ev.AudioGap(item.start_ms, item.ms))
                self._keypad.lost(item.start_ms + item.ms)
                continue
            assert isinstance(item, Frame)
            at = item.at_ms
            pcm = item.pcm
            end = at + len(pcm) // 16
            now = self._time.audio(end)
            went_on = self._keypad.tone
            keys = self._keypad.audio(pcm, end)
            tone = self._keypad.tone
            if self.recorder is not None:
                # which question a key will answer is not known yet: it may be one for a secret
                self.recorder.caller(bytes(len(pcm)) if tone else pcm, at)
                if tone and not went_on:
                    self.recorder.erase_caller(at - RECOGNISED_MS)
            for key in keys:
                self._call.enter(partial(self._call.on_key, key))
            self._hearing.audio(pcm, end, tone)
            self._timer.reached(now)

    def signal(self, item: Digit | MarkPlayed | Said | Interrupted | Speaking | Played) -> None:
        """The provider signals a key, or that it has played what was sent before a mark."""
        if isinstance(item, MarkPlayed):
            self._voicebox.mark_played(item.name)
        elif isinstance(item, Digit) and self._keypad.signalled(item, self._time.now()):
            self._call.on_key(item)

    def on_speech(self, start_ms: int) -> None:
        def started() -> None:
            self.note(ev.SpeechStarted(start_ms))
            self.conversation.speech_on(start_ms)

        self._call.enter(started)

    def on_partial(self, transcript: Transcript) -> None:
        self._call.enter(lambda: self.conversation.partly_heard(transcript))

    def on_silence(self, ended: SpeechOff) -> None:
        def over() -> None:
            self.note(ev.SpeechEnded(ended.start_ms, ended.end_ms, ended.why))
            self.conversation.speech_off(ended.silence_ms)

        self._call.enter(over)

    def on_transcript(self, transcript: Transcript) -> None:
        manner, joined = self._hearing.manner, self._hearing.joined
        self._call.enter(lambda: self.conversation.heard(transcript, manner, joined))

    def on_deaf(self, error: EngineError) -> None:
        def failed() -> None:
            self._engine_failed(error.failed if isinstance(error, RecognitionMoved) else "recognizer", error)
            if not isinstance(error, RecognitionNotice):  # after a notice the transcript still comes
                self.conversation.deaf()

        self._call.enter(failed)

    # --- our side -----------------------------------------------------------------------------------

    def say(self, prompt: Prompt) -> None:
        # the policy is known before the first audio goes out: synthesis may answer within say()
        self.conversation.saying(self._voicebox.next_utterance, prompt)
        self._voicebox.say(prompt)

    def say_text(self, key: str, barge_in: BargeIn, **values: str) -> None:
        """Says a system text in the call's language."""
        self.say(self.text(key, barge_in, **values))

    def text(self, key: str, barge_in: BargeIn, **values: str) -> Prompt:
        """A system text in the call's language."""
        lang = self.conversation.lang
        return Prompt(self._services.texts.get(key, lang, **values), lang, barge_in, key=f"texts.{key}")

    def play_music(self, ms: int) -> None:
        music = Prompt("", self.conversation.lang, BargeIn.NONE)
        self.conversation.saying(self._voicebox.next_utterance, music)
        self._voicebox.music(ms)

    def hush(self) -> None:
        """Everything that is playing or waiting to be said is dropped."""
        self._voicebox.clear()

    def on_first_audio(self) -> None:
        self.conversation.first_audio()

    def on_sent(self, pcm: bytes, at_ms: int) -> None:
        self._hearing.sent(pcm, at_ms)
        if self.recorder is not None:
            self.recorder.agent(pcm, at_ms)

    def on_cut(self, at_ms: int) -> None:
        if self.recorder is not None:
            self.recorder.cut(at_ms)

    def on_mute(self, error: EngineError) -> None:
        def failed() -> None:
            self._engine_failed("synthesizer", error)
            self._call.on_fault("")

        self._call.enter(failed)

    def on_finished(self, utterance: int, result: Utterance) -> None:
        if result.text:
            self.conversation.was_heard(result)
        self._call.enter(lambda: self.conversation.finished(utterance))

    def note(self, data: ev.EventData) -> None:
        """Into the call's event log."""
        self._call.note(data)

    def _engine_failed(self, engine: str, error: EngineError) -> None:
        log.error("call %s: %s failed: %s", self._call.call_id, engine, error)
        self._services.metrics.engine_failures.labels(engine).inc()
        self.note(ev.EngineFailed(engine, str(error)))

    # --- time and end -------------------------------------------------------------------------------

    def pump(self) -> None:
        """Sends what is due. Cheap when nothing is."""
        self._voicebox.pump()

    def deadline(self) -> int | None:
        """When audio or the conversation next wants the time, in call time."""
        times = [t for t in (self._voicebox.deadline(), self.conversation.deadline()) if t is not None]
        return min(times) if times else None

    def stalled(self) -> bool:
        """No audio has come for ``call.stall_seconds``."""
        return self._time.quiet_ms >= self._services.settings.call.stall_seconds * 1000

    def close(self, conclusion: dict[str, str]) -> None:
        """Nothing more is heard or said."""
        self._hearing.close()
        self._record_the_rest()
        self._voicebox.close()

    def _record_the_rest(self) -> None:
        """Audio that waited for a frame before it, which will not come any more."""
        for item in self._gaps.flush():
            if isinstance(item, Gap):
                self.note(ev.AudioGap(item.start_ms, item.ms))
            elif self.recorder is not None:
                self.recorder.caller(item.pcm, item.at_ms)
