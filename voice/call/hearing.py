"""What one call hears: frames in; speech, silence and transcripts out. Recognised only while speech lasts."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Protocol

from voice.call.answer_check import AnswerCheck
from voice.call.prosody import SAME, Loudness, Prosody, in_noise
from voice.call.rejoin import GAP_MS, MOST_MS
from voice.dialogue.completeness import completeness
from voice.errors import EngineError
from voice.model import FRAME_BYTES, Completeness, Expect, Transcript
from voice.speech.ears import RecognitionNotice
from voice.speech.echo import EchoCheck
from voice.speech.endpointing import Endpointer, SpeechOff, SpeechOn
from voice.speech.seam import Ear, EarStream, Grammar
from voice.speech.vad import Activity, MeasuresNoise

PRE_ROLL_FRAMES = 15  # 300 ms before the onset was decided: soft first sounds are kept
KEPT_MS = 200  # after the last speech, when what follows is joined to it
JOIN_MS = 800  # how long a transcript waits for the one that it may be the second half of
LETTER_MS = 54  # of speech for a letter: at 45 "dónde está", 840 ms, was "dónde está mi pedido" already


class HearingListener(Protocol):
    def on_speech(self, start_ms: int) -> None: ...
    def on_partial(self, transcript: Transcript) -> None: ...
    def on_silence(self, ended: SpeechOff) -> None: ...
    def on_transcript(self, transcript: Transcript) -> None: ...
    def on_deaf(self, error: EngineError) -> None: ...


class _Utterance:
    """From its onset to its transcript. ``base_ms``: where its audio begins. ``grammar`` and ``expect`` are
    of when it began; ``pcm`` ends soon after its last speech."""

    __slots__ = (
        "base_ms", "before", "check", "ended", "expect", "foreseen", "grammar", "joined", "joining",
        "loudness", "pcm", "said", "said_ms", "stream",
    )  # fmt: skip

    def __init__(self, base_ms: int, pcm: bytes, grammar: Grammar, expect: Expect | None) -> None:
        self.base_ms = base_ms
        self.pcm = bytearray(pcm)
        self.grammar, self.expect = grammar, expect
        self.check: AnswerCheck | None = None
        self.foreseen = False  # its words so far are a guess, which may be checked
        self.loudness = Loudness()
        self.stream: EarStream | None = None  # None while it opens
        self.ended: SpeechOff | None = None
        self.said: Transcript | None = None
        self.said_ms = 0  # when it was known
        self.before: _Utterance | None = None  # the one that it may go on with
        self.joining: EarStream | None = None  # recognises both as one
        self.joined: Transcript | None = None

    def judge(self, text: str) -> Completeness:
        return Completeness.OPEN if self.expect is None else completeness(self.expect, text)

    def keep(self, pcm: bytes) -> None:
        if len(self.pcm) <= 16 * MOST_MS:
            self.pcm += pcm

    def end(self, ended: SpeechOff) -> None:
        self.ended = ended
        whole = len(self.pcm) <= 16 * MOST_MS  # else nobody goes on with it
        if whole:
            del self.pcm[len(self.pcm) - 16 * max(0, ended.silence_ms - KEPT_MS) :]

    def may_follow(self, before: _Utterance) -> bool:
        """Whether its speaker may have paused only since ``before``."""
        if before.ended is None or self.ended is None or before.ended.why == "longest":
            return False
        gap_ms = self.ended.start_ms - before.ended.end_ms
        return gap_ms <= GAP_MS and len(before.pcm) + len(self.pcm) <= 16 * MOST_MS

    def told(self, transcript: Transcript) -> Transcript:
        """In the times of the call. The words of ``before`` are in its own."""
        assert self.ended is not None  # a final transcript answers the end of the audio
        words = tuple(
            replace(w, start_ms=w.start_ms + self.base_ms, end_ms=w.end_ms + self.base_ms)
            for w in transcript.words
        )
        return replace(transcript, words=words, start_ms=self.ended.start_ms, end_ms=self.ended.end_ms)

    def told_joined(self, transcript: Transcript) -> Transcript:
        """As :meth:`told`, of this one and the one before."""
        before = self.before
        assert before is not None
        assert before.ended is not None
        assert self.ended is not None
        cut_ms = len(before.pcm) // 16
        words = []
        for word in transcript.words:
            base_ms = before.base_ms if word.start_ms < cut_ms else self.base_ms - cut_ms
            words.append(replace(word, start_ms=word.start_ms + base_ms, end_ms=word.end_ms + base_ms))
        start_ms, end_ms = before.ended.start_ms, self.ended.end_ms
        return replace(transcript, words=tuple(words), start_ms=start_ms, end_ms=end_ms)

    def absorb(self) -> None:
        """It and the one before are one from here on."""
        before = self.before
        assert before is not None
        assert before.ended is not None
        assert self.ended is not None
        self.ended = replace(self.ended, start_ms=before.ended.start_ms)
        self.base_ms -= len(before.pcm) // 16
        self.pcm = before.pcm + self.pcm
        self.grammar, self.expect, self.before = before.grammar, before.expect, None

    def cancel(self) -> None:
        """No transcript of it will come."""
        self.end_check()
        for stream in (self.stream, self.joining):
            if stream is not None:
                stream.cancel()

    def end_check(self) -> None:
        if self.check is not None:
            self.check.close()
            self.check = None


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
        self.manner = SAME  # of the last utterance
        self._pre_roll: deque[bytes] = deque(maxlen=PRE_ROLL_FRAMES)
        self._carry = b""
        self._tone = False
        self._end_ms = 0  # of the audio so far
        self._utterance: _Utterance | None = None  # being said
        self._finishing: set[_Utterance] = set()  # their last audio is with the recognizer
        self._told: _Utterance | None = None  # the last one whose transcript was told
        self._answered: _Utterance | None = None  # and the one whose answer can be taken back
        self.grammar = Grammar("es")
        self.expect: Expect | None = None  # what the grammar was made for
        self.joined: Transcript | None = None  # of the last one and the one that was answered, as one
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
        self._end_ms = end_ms
        if self._finishing:
            self._wait_no_longer()
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
        if self._utterance is not None:
            self._utterance.keep(pcm)
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
        grammar = self.grammar
        utterance = self._utterance = _Utterance(end_ms - len(pcm) // 16, pcm, grammar, self.expect)
        if grammar.phrases and not (grammar.digits or grammar.kinds):
            utterance.check = AnswerCheck(self._ear, grammar, pcm, self._know, utterance.judge)

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
        utterance.cancel()
        if utterance is self._utterance:
            self._utterance = None
            self._endpointer.reset()

    def _finish(self, change: SpeechOff) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            utterance.end_check()
            utterance.end(change)
            self._finishing.add(utterance)
        self._listener.on_silence(change)
        if utterance is not None and utterance.stream is not None:
            if self._answered is not None and utterance.may_follow(self._answered):
                self._join(self._answered, utterance)
            utterance.stream.finish()

    def _join(self, before: _Utterance, utterance: _Utterance) -> None:
        """Recognises both as one answer to what was asked when the first began."""
        utterance.before = before
        over = False

        def heard(transcript: Transcript) -> None:
            nonlocal over
            if transcript.final:
                over, utterance.joining = True, None
                utterance.joined = utterance.told_joined(transcript)
                self._tell(utterance)

        def failed(error: EngineError) -> None:
            nonlocal over
            if not isinstance(error, RecognitionNotice):  # it was worth a try
                over, utterance.joining = True, None
                self._tell(utterance)

        stream = self._ear.open(before.grammar, heard, failed)
        if not over:
            utterance.joining = stream
            stream.feed(bytes(before.pcm + utterance.pcm))
            stream.finish()

    def _heard(self, transcript: Transcript, utterance: _Utterance) -> None:
        utterance.said, utterance.said_ms = utterance.told(transcript), self._end_ms
        self._tell(utterance)

    def _wait_no_longer(self) -> None:
        """What was heard is told without what takes too long."""
        for one in tuple(self._finishing):
            joining = one.joining
            if joining is not None and one.said is not None and self._end_ms - one.said_ms > JOIN_MS:
                one.joining = None
                joining.cancel()
                self._tell(one)

    def _tell(self, utterance: _Utterance) -> None:
        """Once all is known of it that is wanted."""
        said = utterance.said
        if said is None or utterance.joining is not None:
            return
        self._finishing.discard(utterance)
        loudness, noise = utterance.loudness, self._noise()
        manner = self._prosody.turn(loudness, said.words, said.lang) if said.text else SAME
        self.manner = replace(manner, noisy=in_noise(loudness, noise))
        self._told, self.joined = utterance, utterance.joined
        self._listener.on_transcript(said)

    def _noise(self) -> float:
        return self._activity.noise if isinstance(self._activity, MeasuresNoise) else 0.0

    # --- one utterance in two parts -----------------------------------------------------------------

    def answered(self, *, joined: bool = False) -> None:
        """What was told last is being answered, and that can be taken back. ``joined``: with what was
        answered before, as one."""
        self._answered = self._told
        if self._told is not None and self._told.before is not None:
            if joined:
                self._told.absorb()
            self._told.before = None

    def settle(self) -> None:
        """The answer stands."""
        self._answered = None

    # --- forgetting ---------------------------------------------------------------------------------

    def give_up(self) -> None:
        """Forget what was said before and is still with the recognizer; who talks now is heard on."""
        for one in self._finishing:
            one.cancel()
        self._finishing.clear()

    def drop(self) -> None:
        """Forget what is being heard or recognised: no transcript of it will come."""
        utterance, self._utterance = self._utterance, None
        if utterance is not None:
            utterance.cancel()
        self.give_up()
        self._endpointer.reset()

    close = drop
