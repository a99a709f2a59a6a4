"""A call whose provider hears and speaks: words come and words go, the dialogue is the same.

What :mod:`voice.call.media` is for audio. There is nothing to record, and voice timing is the provider's;
deadlines are ours: silence counts from the end of what the provider says (:mod:`voice.call.telling`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from voice import events as ev
from voice.call.calltime import CallTime
from voice.call.conversation import Conversation, ConversationCall
from voice.call.recorder import Recorder
from voice.call.services import Services, Transport
from voice.call.telling import Began, Over, Send, Telling, TellingAction
from voice.call.turns import TurnTaking
from voice.dialogue.seam import Dialogue
from voice.model import BargeIn, Completeness, Digit, Expect, Frame, Prompt, Transcript
from voice.speech.seam import Grammar
from voice.telephony.seam import Interrupted, MarkPlayed, Played, Said, Speaking, TextWire

LOST_MS = 6_000  # words that go on and are never finished count as they are after so long
# A provider stops for words, so they follow; recognised at leisure, and dictated numbers take their time.
RESUME_MS = 4_000
LONGEST_PAUSE_MS = 30_000


class TextCall(ConversationCall, Protocol):
    """What it needs of its call."""

    def enter(self, work: Callable[[], None]) -> None: ...
    def on_key(self, digit: Digit) -> None: ...


class _Hearing:
    """What the provider hears, in the conversation's terms."""

    def __init__(self, media: TextMedia, lang: str) -> None:
        self._media = media
        self._grammar = Grammar(lang)
        self.expect: Expect | None = None
        self.enabled = True
        self.since: int | None = None  # while the caller talks
        self.last_ms = 0
        self.text = ""
        self.lang = lang

    @property
    def grammar(self) -> Grammar:
        return self._grammar

    @grammar.setter
    def grammar(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._media.speak(grammar.lang)

    @property
    def talking(self) -> bool:
        return self.since is not None

    def configure(self, *, endpoint_ms: int, max_speech_ms: int) -> None:
        """The provider decides when a turn is over."""

    def so_far(self, text: str, heard: Completeness) -> None:
        """As :meth:`configure`."""

    def answered(self, *, joined: bool = False) -> None:
        """There is no audio to hear again."""

    def settle(self) -> None:
        """As :meth:`answered`."""

    def give_up(self) -> None:
        """Words come whole: there is nothing to wait for."""

    def drop(self) -> None:
        self.since, self.text = None, ""


class _Voice:
    """What the provider says, in the conversation's terms."""

    def __init__(self, media: TextMedia) -> None:
        self._media = media
        self.answers = False  # what is said next answers a turn

    def answer_to(self, silence_ms: int) -> None:
        self.answers = True

    def pause(self) -> None:
        self._media.telling.pause()

    def resume(self) -> None:
        self._media.do(self._media.telling.resume(self._media.now()))

    def clear(self) -> None:
        self.answers = False
        self._media.do(self._media.telling.clear(self._media.now()))


class TextMedia:
    """One call's words, and the conversation they carry (see :class:`voice.call.medium.Medium`)."""

    def __init__(
        self,
        call: TextCall,
        services: Services,
        wire: TextWire,
        transport: Transport,
        dialogue: Dialogue,
        time: CallTime,
    ) -> None:
        self._call = call
        self._services = services
        self._wire = wire
        self._transport = transport
        self._time = time
        self._confidence = services.settings.relay.confidence
        self._utterances = 0
        self._lang = dialogue.lang
        self._music: set[int] = set()
        self._closed = False
        self.recorder: Recorder | None = None
        self.telling = Telling(wire.greeting())
        self._hearing = _Hearing(self, dialogue.lang)
        self._voice = _Voice(self)
        floor = TurnTaking(resume_ms=RESUME_MS, longest_pause_ms=LONGEST_PAUSE_MS)
        self.conversation = Conversation(call, services, dialogue, self._voice, self._hearing, None, floor)

    def now(self) -> int:
        """The call's time."""
        return self._time.now()

    # --- the caller's side --------------------------------------------------------------------------

    def frame(self, frame: Frame) -> None:
        """A wire of text has none."""

    def signal(self, item: Digit | MarkPlayed | Said | Interrupted | Speaking | Played) -> None:
        """A message of the provider."""
        now = self.now()
        match item:
            case Digit():
                self._hearing.drop()
                self._call.on_key(Digit(item.key, now))
            case Said():
                self._said(item, now)
            case Interrupted():
                self._interrupted(item, now)
            case Speaking():
                self.do(self.telling.speaking(item.on, now))
            case Played():
                self.do(self.telling.played(item.text, now))
            case _:
                pass

    def _said(self, said: Said, now: int) -> None:
        self._hearing.lang = said.lang or self._hearing.grammar.lang
        if said.final:
            self._heard(said.text, now)
            return
        self._talks(now)
        self._hearing.text = said.text
        self.conversation.partly_heard(self._transcript(said.text, now, final=False))

    def _interrupted(self, item: Interrupted, now: int) -> None:
        if not self.telling.interrupted(item.heard, now):
            return
        self._talks(now)
        if self.telling.stopped and not self.conversation.paused:
            # a prompt that the caller may not stop, or that nobody listens over: it is said to its end
            self.do(self.telling.resume(now))

    def _talks(self, now: int) -> None:
        self._hearing.last_ms = now
        if self._hearing.since is None:
            self._hearing.since = now
            self._call.note(ev.SpeechStarted(now))
            self.conversation.speech_on(now)

    def _heard(self, text: str, now: int) -> None:
        """The provider has finished hearing ``text``."""
        self._talks(now)
        said = self._transcript(text, now, final=True)
        self._hearing.drop()
        self._call.note(ev.SpeechEnded(said.start_ms, now))
        self.conversation.speech_off(0, recognised=True)
        self.conversation.heard(said)

    def _transcript(self, text: str, now: int, *, final: bool) -> Transcript:
        return Transcript(
            text,
            self._confidence if text else 0.0,
            final=final,
            lang=self._hearing.lang,
            start_ms=now if self._hearing.since is None else self._hearing.since,
            end_ms=now,
            engine="provider",
        )

    # --- our side -----------------------------------------------------------------------------------

    def say(self, prompt: Prompt) -> None:
        self._utterances += 1
        number = self._utterances
        self.conversation.saying(number, prompt)
        self._call.note(ev.BotSaid(number, prompt.text, prompt.lang, prompt.key, prompt.barge_in.value))
        self.do(self.telling.say(number, prompt, self.now()))

    def say_text(self, key: str, barge_in: BargeIn, **values: str) -> None:
        """Says a system text in the call's language."""
        self.say(self.text(key, barge_in, **values))

    def text(self, key: str, barge_in: BargeIn, **values: str) -> Prompt:
        """A system text in the call's language."""
        lang = self.conversation.lang
        return Prompt(self._services.texts.get(key, lang, **values), lang, barge_in, key=f"texts.{key}")

    def play_music(self, ms: int) -> None:
        self._utterances += 1
        self._music.add(self._utterances)
        lang = self.conversation.lang
        self.conversation.saying(self._utterances, Prompt("", lang, BargeIn.NONE))
        self.do(self.telling.music(self._utterances, lang, ms, self.now()))

    def hush(self) -> None:
        """Everything that is playing or waiting to be said is dropped."""
        self._voice.clear()

    def speak(self, lang: str) -> None:
        """The provider hears and speaks ``lang`` from here on."""
        if lang != self._lang and not self._closed:
            self._lang = lang
            self._transport.send(self._wire.language(lang))

    def do(self, actions: list[TellingAction]) -> None:
        """Carries out what telling decides."""
        for action in actions:
            if isinstance(action, Send):
                self._send(action)
            elif isinstance(action, Began):
                if self._voice.answers and action.id not in self._music:
                    self._voice.answers = False
                    self.conversation.first_audio()
            else:
                self._over(action)

    def _send(self, action: Send) -> None:
        if self._closed:
            return
        if action.text:
            message = self._wire.text(
                action.text,
                action.lang,
                interruptible=action.interruptible,
                preemptible=action.preemptible,
            )
        elif action.source:
            message = self._wire.play(
                action.source,
                action.loop,
                interruptible=action.interruptible,
                preemptible=action.preemptible,
            )
        else:
            message = self._wire.music()
        if message:
            self._transport.send(message)

    def _over(self, over: Over) -> None:
        result = over.utterance
        if over.id in self._music:
            self._music.discard(over.id)
        else:
            self._call.note(ev.BotHeard(over.id, result.heard, result.heard_ms, result.ended.value))
            self.conversation.was_heard(result)
        self._call.enter(partial(self.conversation.finished, over.id))

    # --- time and end -------------------------------------------------------------------------------

    def pump(self) -> None:
        """What has fallen due."""
        now = self.now()
        self.do(self.telling.tick(now))
        if self._hearing.since is not None and now >= self._hearing.last_ms + LOST_MS:
            self._heard(self._hearing.text, now)

    def deadline(self) -> int | None:
        times = [self.telling.deadline(), self.conversation.deadline()]
        if self._hearing.since is not None:
            times.append(self._hearing.last_ms + LOST_MS)
        known = [time for time in times if time is not None]
        return min(known) if known else None

    def stalled(self) -> bool:
        """Nobody talks all the time: whether the line is dead is for the socket's pings to find out."""
        return False

    def close(self, conclusion: dict[str, str]) -> None:
        """Nothing more is heard or said; the provider is told how it ended."""
        self._hearing.drop()
        self._voice.clear()
        self._transport.send(self._wire.end(conclusion))
        self._closed = True
