"""Turn-taking as a pure machine: who has the floor, when a prompt yields, and when a turn is over.

It hears of speech, keys, prompts and time, and answers with :data:`TurnAction` values. Rules, each from
what callers complain of:

* A prompt yields only to what its policy allows; what is said or keyed meanwhile is kept for afterwards.
* Speech that interrupts only *pauses* the prompt: with words it becomes a turn. Without any in
  :data:`RESUME_MS`, with words hardly believed, or with signs of listening ("ajá", "okay") that answer
  nothing, it resumes where it was heard. After :data:`FALSE_STARTS` such false starts, or :data:`SIGNS` of
  listening, the prompt is played to its end; words that are believed still stop it.
* Keys make an answer at once when it cannot grow any more; keys pressed early feed the next question.
* Every wait has a deadline: no input, between keys, and for a recognizer that never answers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from voice.dialogue.completeness import (
    answers_with_backchannel,
    completeness,
    is_backchannel,
    is_hesitation,
    meaning_of,
)
from voice.dialogue.seam import Heard, Keyed, Silence
from voice.model import BargeIn, Completeness, Digit, Expect, KeypadSpec, Transcript

FALSE_STARTS = 2
HESITATIONS = 2  # that a question waits on for; more of them get what any unclear answer gets
SIGNS = 4  # of listening, that a prompt stands still for: more of them is music
NOISE_MS = 400  # wordless sound shorter than this is a click or a cough, not an answer
RECOGNITION_MS = 6000  # later than this, the recognizer counts as deaf for this turn
RESUME_MS = 2000  # a prompt stands still for so long without a word
LONGEST_PAUSE_MS = 5000  # and so long with some: a television talks for ever
# Confidence from which words stop a prompt: what synthetic callers said over one had 0.91 and more, of real
# ones in a street 90 % (en) and 100 % (es) have 0.85. Music and a television were taken for words of up to
# 0.82. Believed from less: a "vale" or "okay" that answers the question, as they are fillers as well,
# who asks for a person, and a known phrase in open speech, which nothing forced to be one.
BELIEVED, BELIEVED_ANSWER = 0.83, 0.49
# Of a turn for a letter of its phrase. Callers' phrases and prompts read aloud take at most 165 (99 of 100:
# 150); phrases that music was taken for, with 0.95, took 200 to 250.
DRAWN_OUT_MS = 180
DRAWN_OUT_LETTERS = 8  # and 3 a word: "no", digits and letters are drawn out by people
TELLING_WORDS = 3  # of a phrase that is known amid other words
TYPE_AHEAD = 32
MOST_KEPT_CHARS = 600  # of what is said during a prompt that may not be interrupted: more is talk to others
ANY_KEY = KeypadSpec(min_keys=1, max_keys=1)


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop what is playing now. ``resumable`` by speech; keys end the prompt for good."""

    by: str  # speech or dtmf
    onset_ms: int
    resumable: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """It was no interruption: go on where the prompt was heard. ``why``: ``no_words``, ``unsure`` (words not
    believed), ``backchannel``, ``late`` (talk without end), ``dropped`` (a key was pressed), ``went_on`` (the
    end of what it answers)."""

    why: str = "no_words"


@dataclass(frozen=True, slots=True)
class DropSpeech:
    """Stop recognising: keys won, or no transcript came in time. ``talking``: also what is being said now."""

    talking: bool = True


@dataclass(frozen=True, slots=True)
class TurnDone:
    """The caller's turn. ``said_end_ms`` is the last speech or the last key; ``silence_ms`` was waited."""

    turn: Heard | Keyed | Silence
    said_end_ms: int
    silence_ms: int


@dataclass(frozen=True, slots=True)
class AllSpoken:
    """Everything that was to be said has been played or cut, and nothing is being listened for."""


TurnAction = Interrupt | Resume | DropSpeech | TurnDone | AllSpoken


@dataclass(slots=True)
class _Held:
    """A finished answer that waits for a prompt that may not be interrupted."""

    turn: Heard | Keyed
    said_end_ms: int
    silence_ms: int


def _both(kept: _Held | None, answer: _Held) -> _Held:
    """What waits when ``answer`` comes while ``kept`` does: sentences add up, the same ones do not; of
    anything else the last counts."""
    if kept is None or not isinstance(kept.turn, Heard) or not isinstance(answer.turn, Heard):
        return answer
    first, last = kept.turn.transcript, answer.turn.transcript
    text = f"{first.text} {last.text}"
    if last.lang != first.lang or last.text == first.text or len(text) > MOST_KEPT_CHARS:
        return answer
    whole = replace(
        last,
        text=text,
        confidence=min(first.confidence, last.confidence),
        words=first.words + last.words,
        start_ms=first.start_ms,
    )
    return _Held(Heard(whole), answer.said_end_ms, answer.silence_ms)


class TurnTaking:
    """State of one call's floor. Methods take ``now`` in call milliseconds, return what should happen.

    A prompt that speech paused stands still for at most ``resume_ms`` without words, ``longest_pause_ms``
    with some."""

    def __init__(self, *, resume_ms: int = RESUME_MS, longest_pause_ms: int = LONGEST_PAUSE_MS) -> None:
        self._resume_ms, self._longest_pause_ms = resume_ms, longest_pause_ms
        self.expect: Expect | None = None
        self._prompts: deque[tuple[int, BargeIn]] = deque()
        self._keys: deque[Digit] = deque(maxlen=TYPE_AHEAD)  # pressed, not yet part of an answer
        self._answer = ""
        self._last_key_ms = 0
        self._held: _Held | None = None
        self._believed: tuple[str, ...] = ()  # of what was listened for last
        self._talking = False  # between speech onset and end
        self._awaited: int | None = None  # recognition result due by then
        self._silence_from: int | None = None
        self._paused = False
        self._paused_ms = 0  # when
        self._worded = False  # the speech that is going on has words
        self._false_starts = 0
        self._signs = 0
        self._hesitations = 0
        self._silence_ms = 0

    # --- what we say --------------------------------------------------------------------------------

    def speak(self, utterance: int, policy: BargeIn) -> None:
        """A prompt was queued behind the others."""
        self._prompts.append((utterance, policy))
        self._silence_from = None

    def finished(self, utterance: int, now: int) -> list[TurnAction]:
        """A prompt was played out or cut."""
        if all(number != utterance for number, _ in self._prompts):
            return []  # cut earlier, when a turn was taken
        self._prompts = deque(p for p in self._prompts if p[0] != utterance)
        if self._prompts:
            # the next prompt may be one that yields to what was kept
            return self._yield_to_kept(now)
        self._paused = False
        if self.expect is None:
            return [AllSpoken()]
        self._silence_from = now
        return self._yield_to_kept(now)

    @property
    def speaking(self) -> bool:
        return bool(self._prompts)

    @property
    def yields(self) -> bool:
        """Nothing is being said, or nothing that speech may not interrupt."""
        return not self._prompts or self._prompts[0][1].by_speech

    @property
    def paused(self) -> bool:
        """A prompt stands still because of speech that may turn out to be no interruption."""
        return self._paused

    # --- what we wait for ---------------------------------------------------------------------------

    def listen(self, expect: Expect, now: int) -> list[TurnAction]:
        """The dialogue wants an answer. Keys pressed earlier count, in order."""
        self.expect = expect
        self._believed = expect.believed
        self._answer = ""
        self._false_starts = self._signs = self._hesitations = 0
        self._silence_from = None if self._prompts else now
        return self._yield_to_kept(now)

    def stop_listening(self) -> None:
        self.expect = None
        self._answer = ""
        self._held = None
        self._silence_from = None
        self._awaited = None
        self._talking = False  # hearing is dropped with it: the end of this speech will not be reported
        self._paused = False

    def forget_keys(self) -> None:
        """Type-ahead is dropped: after an error and before an irreversible confirmation."""
        self._keys.clear()

    # --- the caller ---------------------------------------------------------------------------------

    def speech_on(self, start_ms: int, now: int) -> list[TurnAction]:
        self._talking = True
        self._worded = False
        return self._pause(start_ms, now)

    def partial(self, transcript: Transcript, now: int) -> list[TurnAction]:
        """What was heard so far of speech that goes on."""
        if not transcript.text or not self._talking:
            return []
        if is_backchannel(transcript.text, transcript.lang) or is_hesitation(
            transcript.text, transcript.lang
        ):
            return []  # over in a moment, or noise
        self._worded = True
        return self._pause(now, now)  # it was resumed for want of words: here they are

    def completeness(self, text: str, lang: str) -> Completeness:
        """How far ``text``, heard so far, is all the caller is going to say."""
        if self._prompts and not self._answers(text) and is_backchannel(text, lang):
            return Completeness.COMPLETE  # and the prompt goes on the sooner
        return Completeness.OPEN if self.expect is None else completeness(self.expect, text)

    def _pause(self, onset_ms: int, now: int) -> list[TurnAction]:
        if not self._prompts or self._paused:
            return []
        if self._false_starts >= FALSE_STARTS or self._signs >= SIGNS:
            return []
        if not self._prompts[0][1].by_speech:
            return []
        self._paused, self._paused_ms = True, now
        return [Interrupt("speech", onset_ms, resumable=True)]

    def speech_off(self, silence_ms: int, now: int) -> None:
        """Speech ended ``silence_ms`` ago; the recognizer's final result is due."""
        self._talking = False
        self._silence_ms = silence_ms
        self._awaited = now + RECOGNITION_MS

    def heard(self, transcript: Transcript, now: int) -> list[TurnAction]:
        """The final transcript of the caller's utterance."""
        self._awaited = None
        end, silence = transcript.end_ms, self._silence_ms
        if not transcript.text:
            return self._wordless(transcript, now, silence)
        answers = self._answers(transcript.text)
        clear = answers or self._means(transcript.text, "person") or self._is_known(transcript.text)
        least = BELIEVED_ANSWER if clear else BELIEVED
        if self._prompts and (transcript.confidence < least or self._drawn_out(transcript)):
            return self._resume("unsure", false_start=True)
        if not answers and is_backchannel(transcript.text, transcript.lang):
            return self._listened(now)
        if self._hesitates(transcript):
            return self._waited(now)
        return self._complete(_Held(Heard(transcript), end, silence), now)

    def went_on(self, now: int) -> list[TurnAction]:
        """What the caller said belongs to what is being answered, and changes nothing of it."""
        self._awaited = None
        if not self._prompts and self.expect is not None:
            self._silence_from = now
        return self._resume("went_on", false_start=False)

    def taken_back(self, expect: Expect, now: int) -> list[TurnAction]:
        """The last turn was only half of one: its answer is no more, and ``expect`` is awaited again. Keys
        pressed and words said since were meant for what is no more."""
        self._awaited = self._held = None
        self.forget_keys()
        self._prompts.clear()
        self._paused = False
        return self.listen(expect, now)

    def deaf(self, now: int, talking: bool = False) -> list[TurnAction]:
        """The recognizer failed on an utterance: treat it as sound without words. ``talking``: the caller is
        in the middle of another one; of one that failed in mid-speech no end will be reported."""
        self._talking = talking
        return self.heard(Transcript("", 0.0, start_ms=max(0, now - NOISE_MS), end_ms=now), now)

    def key(self, digit: Digit, now: int) -> list[TurnAction]:
        self._keys.append(digit)
        if self.expect is None:
            return []
        actions: list[TurnAction] = []
        if self._talking or self._awaited is not None:
            self._talking, self._awaited = False, None
            actions.append(DropSpeech())
        if self._prompts:
            if not self._prompts[0][1].by_dtmf:
                if self._paused:
                    # its speech was dropped: nothing else would start it again
                    actions += self._resume("dropped", false_start=False)
                return actions
            actions.append(Interrupt("dtmf", digit.at_ms, resumable=False))
            self._prompts.clear()
            self._paused = False
        return actions + self._collect(now)

    # --- time ---------------------------------------------------------------------------------------

    def deadline(self) -> int | None:
        times = []
        if self._paused:
            times.append(self._pause_over())
        if self._awaited is not None:
            times.append(self._awaited)
        if self.expect is not None and not self._prompts and not self._talking and self._awaited is None:
            if self._answer:
                times.append(self._last_key_ms + self._keypad().inter_digit_ms)
            elif self._silence_from is not None:
                times.append(self._silence_from + self.expect.no_input_ms)
        return min(times) if times else None

    def tick(self, now: int) -> list[TurnAction]:
        due = self.deadline()
        if due is None or now < due:
            return []
        if self._paused and now >= self._pause_over():
            if self._worded:
                self._false_starts = FALSE_STARTS  # what talks for so long will not stop soon
            return self._resume("late" if self._worded else "no_words", false_start=True)
        if self._awaited is not None and now >= self._awaited:
            # it may still come: then it must not answer what is asked next
            return [DropSpeech(talking=False), *self.deaf(now, self._talking)]
        if self._answer:
            return self._complete(_Held(Keyed(self._answer), self._last_key_ms, 0), now)
        return self._done(Silence(), now, 0)

    # --- inside -------------------------------------------------------------------------------------

    def _pause_over(self) -> int:
        return self._paused_ms + (self._longest_pause_ms if self._worded else self._resume_ms)

    def _keypad(self) -> KeypadSpec:
        return self.expect.keypad or ANY_KEY if self.expect else ANY_KEY

    def _collect(self, now: int) -> list[TurnAction]:
        """Moves pressed keys into the answer until it is complete or keys run out."""
        pad = self._keypad()
        while self._keys:
            digit = self._keys.popleft()
            self._last_key_ms = now
            if digit.key == pad.terminator and pad.max_keys > 1:
                if len(self._answer) >= pad.min_keys:
                    return self._complete(_Held(Keyed(self._answer), now, 0), now)
                continue  # a stray terminator (often pressed after an answer that was already complete)
            if digit.key == pad.erase and pad.max_keys > 1:
                self._answer = ""
                self._silence_from = now
                continue
            self._answer += digit.key
            if len(self._answer) >= pad.max_keys:
                return self._complete(_Held(Keyed(self._answer), now, 0), now)
        return []

    def _answers(self, text: str) -> bool:
        """Whether a sign of listening would be an answer here: to the question itself, not to what is said
        before it."""
        return len(self._prompts) < 2 and answers_with_backchannel(self.expect, text)

    def _means(self, text: str, meaning: str) -> bool:
        expect = self.expect
        return expect is not None and (text, meaning) in zip(expect.phrases, expect.meanings, strict=False)

    def _is_known(self, text: str) -> bool:
        """Whether open speech is, or holds, a phrase that tells its meaning."""
        said = f" {text} "
        return any(
            text == phrase or (f" {phrase} " in said and len(phrase.split()) >= TELLING_WORDS)
            for phrase in self._believed
        )

    def _drawn_out(self, said: Transcript) -> bool:
        """Whether a phrase was heard in far more sound than it takes to say it."""
        if self.expect is not None and (self.expect.digits or self.expect.kinds or not self.expect.phrases):
            return False
        letters = sum(map(str.isalpha, said.text))
        long = letters >= max(DRAWN_OUT_LETTERS, 3 * len(said.text.split()))
        return long and said.end_ms - said.start_ms > DRAWN_OUT_MS * letters

    def _listened(self, now: int) -> list[TurnAction]:
        """The caller showed that they listen, and nothing more."""
        if not self._prompts and self.expect is not None:
            self._silence_from = now
        self._signs += self._paused
        return self._resume("backchannel", false_start=False)

    def _hesitates(self, transcript: Transcript) -> bool:
        """Whether the caller is about to answer. A short "¿eh?" asks to repeat; a long one is a breath."""
        if self._hesitations >= HESITATIONS or not is_hesitation(transcript.text, transcript.lang):
            return False
        meaning = meaning_of(self.expect, transcript.text)
        if meaning in ("yes", "no"):
            return False
        return not meaning or transcript.end_ms - transcript.start_ms >= NOISE_MS

    def _waited(self, now: int) -> list[TurnAction]:
        """The caller made a sound of thinking: the wait for the answer begins anew."""
        if not self._prompts and self.expect is not None:
            self._silence_from = now
            self._hesitations += 1
        return self._resume("no_words", false_start=True)

    def _resume(self, why: str, *, false_start: bool) -> list[TurnAction]:
        if not self._paused:
            return []
        self._paused = False
        self._false_starts += false_start
        return [Resume(why)]

    def _wordless(self, transcript: Transcript, now: int, silence: int) -> list[TurnAction]:
        if self._paused:
            return self._resume("no_words", false_start=True)
        if self._prompts or self.expect is None:
            return []
        if transcript.end_ms - transcript.start_ms < NOISE_MS:
            self._silence_from = now
            return []
        return self._complete(_Held(Heard(transcript), transcript.end_ms, silence), now)

    def _complete(self, answer: _Held, now: int) -> list[TurnAction]:
        """An answer is there: a turn at once, unless a prompt that may not be interrupted is playing."""
        by_speech = isinstance(answer.turn, Heard)
        if self._prompts and not self._paused:
            policy = self._prompts[0][1]
            if not (policy.by_speech if by_speech else policy.by_dtmf):
                self._held = _both(self._held, answer)
                self._answer = ""
                return []
            first: list[TurnAction] = [
                Interrupt("speech" if by_speech else "dtmf", answer.said_end_ms, resumable=False)
            ]
        else:
            first = []
        return first + self._done(answer.turn, answer.said_end_ms, answer.silence_ms)

    def _yield_to_kept(self, now: int) -> list[TurnAction]:
        if self.expect is None:
            return []
        if self._held is not None:
            held, self._held = self._held, None
            return self._complete(held, now)
        if self._keys:
            if self._prompts:
                if not self._prompts[0][1].by_dtmf:
                    return []
                self._prompts.clear()
                self._paused = False
                return [Interrupt("dtmf", now, resumable=False), *self._collect(now)]
            return self._collect(now)
        return []

    def _done(self, turn: Heard | Keyed | Silence, said_end_ms: int, silence_ms: int) -> list[TurnAction]:
        self.expect = None
        self._answer = ""
        self._held = None
        self._silence_from = None
        self._paused = False
        self._prompts.clear()
        return [TurnDone(turn, said_end_ms, silence_ms)]
