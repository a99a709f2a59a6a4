"""What one call hears: frames in; speech, silence and transcripts out. Recognised only while speech lasts."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Protocol

from voice.call.answer_check import AnswerCheck
from voice.call.prosody import SAME, Loudness, Prosody
from voice.errors import EngineError
from voice.model import FRAME_BYTES, Completeness, Transcript
from voice.speech.ears import RecognitionNotice
from voice.speech.echo import EchoCheck
from voice.speech.endpointing import Endpointer, SpeechOff, SpeechOn
from voice.speech.seam import Ear, EarStream, Grammar
from voice.speech.vad import Activity

PRE_ROLL_FRAMES = 15  # 300 ms before the onset was decided: soft first sounds are kept
LETTER_MS = 54  # of speech for a letter: at 45 "dónde está", 840 ms, was "dónde está mi pedido" already


class HearingListener(Protocol):
    def on_speech(self, start_ms: int) -> None: ...
    def on_partial(self, transcript: Transcript) -> None: ...
    def on_silence(self, ended: SpeechOff) -> None: ...
    def on_transcript(self, transcript: Transcript) -> None: ...
    def on_deaf(self, error: EngineError) -> None: ...


class _Utterance:
    """From its onset to its transcript. ``base_ms``: where its audio begins."""

    __slots__ = ("base_ms", "check", "ended", "foreseen", "loudness", "stream")

    def __init__(self, base_ms: int, check: AnswerCheck | None) -> None:
        self.base_ms = base_ms
        self.check = check
        self.foreseen = False  # its words so far are a guess, which may be checked
        self.loudness = Loudness()
        self.stream: EarStream | None = None  # None while it opens
        self.ended: SpeechOff | None = None


class Hearing:
    """One call's ear. ``audio`` is called for each piece of audio in order, 50 times a second."""

    def __init__(
        self, ear: Ear, listener: HearingListener, *, activity: Activity, onset_ms: int, endpoint_ms: int
    ):
        self._ear = ear
        self._listener = listener
        self._activity = activity
        self._echo = EchoCheck()
        self._endpointer = Endpointer(onset_ms=onset_ms, endpoint_ms=endpoint_ms)
        self._prosody = Prosody()
        self.manner = SAME  # of the last utterance with words
        self._pre_roll: deque[bytes] = deque(maxlen=PRE_ROLL_FRAMES)
        self._carry = b""
        self._tone = False
        self._utterance: _Utterance | None = None  # being said
        self._finishing: set[_Utterance] = set()  # their last audio is with the recognizer
        self.grammar = Grammar("es")
        self.enabled = True  # off: speech is still noticed (for the log), but not recognised

    @property
    def talking(self) -> bool:
        """An utterance has begun whose end will be told."""
        return self._endpointer.speaking

    def configure(self, *, endpoint_ms: int, max_speech_ms: int) -> None:
        self._endpointer.configure(endpoint_ms, max_speech_ms)

    def sent(self, pcm: bytes, at_ms: int) -> None:
        """What the caller hears from ``at_ms`` on: the line may send it back."""
        self._echo.sent(pcm, at_ms)

    def so_far(self, text: str, heard: Completeness) -> None:
        """What the words of the utterance being heard are so far."""
        utterance = self._utterance
        if utterance is not None and utterance.check is not None and utterance.foreseen:
            heard = utterance.check.so_far(text, heard)
        self._know(text, heard)

    def _know(self, text: str, heard: Completeness) -> None:
        self._endpointer.heard(heard, LETTER_MS * sum(map(str.isalpha, text)))

    def audio(self, pcm: bytes, end_ms: int, tone: bool = False) -> None:
        """``pcm`` ends at ``end_ms``. Whole 20 ms frames are used at once, the rest waits for more. A
        ``tone`` of the keypad is silence to the recognizer, and not speech."""
        self._tone = tone
        if len(pcm) == FRAME_BYTES and not self._carry:
            self._frame(pcm, end_ms)
            return
        data = self._carry + pcm
        whole = len(data) - len(data) % FRAME_BYTES
        self._carry = data[whole:]
        at = end_ms - len(data) // 16
        for i in range(0, whole, FRAME_BYTES):
            at += 20
            self._frame(data[i : i + FRAME_BYTES], at)

    def _frame(self, pcm: bytes, end_ms: int) -> None:
        stream = self._utterance.stream if self._utterance is not None else None
        behind_ms = 0
        speech = not self._tone and self._activity.step(pcm)
        if self._tone:
            pcm = bytes(FRAME_BYTES)
        if stream is not None:
            stream.feed(pcm)  # first: what it reports of this audio counts for this frame
            behind_ms = stream.behind_ms
        if self._utterance is not None and self._utterance.check is not None:
            self._utterance.check.audio(pcm, self._endpointer.silence_ms)
        if speech and self._utterance is not None:
            self._utterance.loudness.add(pcm)
        change = self._endpointer.step(speech, end_ms, behind_ms)
        self._pre_roll.append(pcm)
        if change is None:
            return
        if isinstance(change, SpeechOff):
            self._finish(change)
        elif self.enabled and self._echo.is_echo(b"".join(self._pre_roll), end_ms):
            self._endpointer.reset()  # while it lasts it is looked at again after every onset
        else:
            self._begin(change, end_ms)

    def _begin(self, change: SpeechOn, end_ms: int) -> None:
        # an engine may fail at once: that speech began is known before
        self._listener.on_speech(change.start_ms)
        if not (self.enabled and self._endpointer.speaking):
            return
        pcm = b"".join(self._pre_roll)
        only_phrases = self.grammar.phrases and not (self.grammar.digits or self.grammar.kinds)
        check = AnswerCheck(self._ear, self.grammar, pcm, self._know) if only_phrases else None
        utterance = self._utterance = _Utterance(end_ms - len(pcm) // 16, check)

        def heard(transcript: Transcript) -> None:
            if transcript.final:
                self._heard(transcript, utterance)
            elif utterance is self._utterance:
                utterance.foreseen = transcript.foreseen
                self._listener.on_partial(transcript)

        def failed(error: EngineError) -> None:
            if not isinstance(error, RecognitionNotice):
                self._lost(utterance)
            self._listener.on_deaf(error)

        stream = self._ear.open(self.grammar, heard, failed)
        if utterance is self._utterance:
            utterance.stream = stream
            stream.feed(pcm)

    def _lost(self, utterance: _Utterance) -> None:
        """No transcript of this utterance will come; if the caller still talks, another one begins."""
        self._finishing.discard(utterance)
        _end_check(utterance)
        if utterance is self._utterance:
            self._utterance = None
            self._endpointer.reset()

    def _finish(self, change: SpeechOff) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            _end_check(utterance)
            utterance.ended = change
            self._finishing.add(utterance)
        self._listener.on_silence(change)
        if utterance is not None and utterance.stream is not None:
            utterance.stream.finish()

    def _heard(self, transcript: Transcript, utterance: _Utterance) -> None:
        self._finishing.discard(utterance)
        base, ended = utterance.base_ms, utterance.ended
        words = tuple(
            replace(w, start_ms=w.start_ms + base, end_ms=w.end_ms + base) for w in transcript.words
        )
        assert ended is not None  # a final transcript answers the end of the audio
        said = replace(transcript, words=words, start_ms=ended.start_ms, end_ms=ended.end_ms)
        if said.text:
            self.manner = self._prosody.turn(utterance.loudness, words, said.lang)
        self._listener.on_transcript(said)

    def give_up(self) -> None:
        """Forget what was said before and is still with the recognizer; who talks now is heard on."""
        for one in self._finishing:
            if one.stream is not None:
                one.stream.cancel()
        self._finishing.clear()

    def drop(self) -> None:
        """Forget what is being heard or recognised: no transcript of it will come."""
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            _end_check(utterance)
        for one in (utterance, *self._finishing):
            if one is not None and one.stream is not None:
                one.stream.cancel()
        self._finishing.clear()
        self._endpointer.reset()

    close = drop


def _end_check(utterance: _Utterance) -> None:
    if utterance.check is not None:
        utterance.check.close()
        utterance.check = None
