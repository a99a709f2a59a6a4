"""The caller and the dialogue: what turn-taking decides is carried out, and turns go to the dialogue.

Part of the call session's shell: no I/O of its own, everything goes through the call it belongs to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Protocol

from voice import events as ev
from voice.call import turns
from voice.call.consulting import Consulting
from voice.call.prosody import SAME, Manner
from voice.call.recorder import Recorder
from voice.call.rejoin import Answered, GoesOn, goes_on
from voice.call.services import Services
from voice.dialogue import seam as dlg
from voice.errors import where
from voice.model import Completeness, Digit, Expect, ExpectKind, Prompt, Transcript, Utterance
from voice.speech.seam import Grammar

log = logging.getLogger(__name__)

DEAF_TURNS = 2  # recognition failures after which only the keypad is offered
MASK = "•"


class ConversationCall(Protocol):
    """What a conversation needs of its call."""

    call_id: str

    def now(self) -> int: ...
    def note(self, data: ev.EventData) -> None: ...
    def say(self, prompt: Prompt) -> None: ...
    def enter(self, work: Callable[[], None]) -> None: ...
    def effect(self, work: Coroutine[Any, Any, None]) -> None: ...
    def connection(self, work: Coroutine[Any, Any, None]) -> None: ...
    async def run_action(self, request: dlg.Invoke) -> None: ...
    def relay(self, action: dlg.RelayAction) -> None: ...
    def on_all_spoken(self) -> None: ...
    def on_transfer(self, transfer: dlg.Transfer) -> None: ...
    def on_goodbye(self, outcome: str, reason: str) -> None: ...
    def on_fault(self) -> None: ...


class Ears(Protocol):
    """What hears for a conversation (see :class:`voice.call.hearing.Hearing`)."""

    enabled: bool
    grammar: Grammar
    expect: Expect | None

    @property
    def talking(self) -> bool: ...
    def answered(self, *, joined: bool = False) -> None: ...
    def settle(self) -> None: ...
    def configure(self, *, endpoint_ms: int, max_speech_ms: int) -> None: ...
    def so_far(self, text: str, heard: Completeness) -> None: ...
    def give_up(self) -> None: ...
    def drop(self) -> None: ...


class Voice(Protocol):
    """What speaks for a conversation (see :class:`voice.call.voicebox.Voicebox`)."""

    def answer_to(self, silence_ms: int) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def clear(self) -> None: ...


# What a dialogue may do in answer to a turn that can be taken back: nothing happens outside the call.
_TAKEN_BACK = (dlg.Say, dlg.Listen, dlg.Note, dlg.Consult, dlg.StopConsulting)
# What a dialogue learns from outside the talk: going back to before it would lose it.
_STAYS = (dlg.ActionDone, dlg.ActionFailed, dlg.Recognised, dlg.Returned, dlg.HearingFailed)


@dataclass(frozen=True, slots=True)
class _Undo:
    """The last turn, while its answer can be taken back. ``restore`` puts the dialogue back before it."""

    answered: Answered
    restore: Callable[[], None]
    heard_prompts: tuple[Utterance, ...]


class Conversation:
    """One call's talk with the dialogue. ``active`` only while the dialogue has the caller; prompts are
    followed through all phases, because whoever speaks needs to know when all was heard."""

    def __init__(
        self,
        call: ConversationCall,
        services: Services,
        dialogue: dlg.Dialogue,
        voicebox: Voice,
        hearing: Ears,
        recorder: Recorder | None,
        floor: turns.TurnTaking | None = None,
    ) -> None:
        self._call = call
        self._metrics = services.metrics
        self._consulting = Consulting(services.model, services.clock)
        self._dialogue = dialogue
        self._voicebox = voicebox
        self._hearing = hearing
        self._recorder = recorder
        self._turns = floor or turns.TurnTaking()
        self._heard_prompts: list[Utterance] = []
        self._undo: _Undo | None = None
        self._asked: Expect | None = None  # last
        self._manner = SAME  # of the last words that were heard
        self._turn = 0
        self._deaf_turns = 0
        self._said_end_ms = 0
        self._waited_ms = 0
        self._recognising_since: int | None = None
        self._sensitive = False
        self.active = True

    @property
    def lang(self) -> str:
        return self._dialogue.lang

    @property
    def speaking(self) -> bool:
        """Something is being said or waits to be."""
        return self._turns.speaking

    @property
    def paused(self) -> bool:
        """What is being said stands still for the caller."""
        return self._turns.paused

    def stop(self) -> None:
        """The dialogue no longer has the caller."""
        self.active = False
        self._settle()
        self._consulting.stop_all()
        self._voicebox.resume()  # nobody is left to decide about an interruption: what was said goes on
        self._turns.stop_listening()
        self._hearing.enabled = False
        self._hearing.drop()
        self._end_of_secret()

    def resume(self, item: dlg.Input) -> None:
        """The dialogue has the caller again."""
        self.active = True
        self._hearing.drop()  # who talks at this moment is heard from here on: nobody listened to the rest
        self._hearing.enabled = self._deaf_turns < DEAF_TURNS
        self.feed(item)

    # --- the caller ---------------------------------------------------------------------------------

    def speech_on(self, start_ms: int) -> None:
        if self.active and self._hearing.enabled:
            self._take(self._turns.speech_on(start_ms, self._call.now()))

    def speech_off(self, silence_ms: int, *, recognised: bool = False) -> None:
        """The caller's speech is over. ``recognised``: what it was is known already."""
        if self.active and self._hearing.enabled:
            now = self._call.now()
            self._recognising_since = None if recognised else now
            self._turns.speech_off(silence_ms, now)

    def partly_heard(self, transcript: Transcript) -> None:
        """The words so far of an utterance that goes on."""
        if not (self.active and self._hearing.enabled):
            return
        self._hearing.so_far(transcript.text, self._turns.completeness(transcript.text, transcript.lang))
        self._take(self._turns.partial(transcript, self._call.now()))
        expect = self._turns.expect
        if expect is not None and expect.partials and transcript.text:
            self.feed(dlg.PartlyHeard(transcript.text))

    def heard(self, transcript: Transcript, manner: Manner = SAME, joined: Transcript | None = None) -> None:
        """What the caller said, and how it sounded; ``joined`` with what was answered last, as one."""
        self._manner = manner if transcript.text else replace(self._manner, noisy=manner.noisy)
        now = self._call.now()
        if self._recognising_since is not None:  # of a provider's hearing nothing is known
            self._metrics.recognition_seconds.observe((now - self._recognising_since) / 1000)
        self._metrics.utterances.labels(transcript.engine or "local").inc()
        if not self.active:
            return
        undo, what = self._undo, GoesOn.NOT
        if undo is not None and joined is not None and self._turns.yields:
            what = goes_on(undo.answered, transcript, joined, self._turns.expect)
        if undo is None or joined is None or what is GoesOn.NOT:
            self._take(self._turns.heard(transcript, now))
        elif what is GoesOn.SAME:
            self._hearing.answered(joined=True)
            self._take(self._turns.went_on(now))
        else:
            self._take_back(undo, joined)

    def key(self, digit: Digit) -> None:
        if self.active:
            self._take(self._turns.key(digit, self._call.now()))

    def deaf(self) -> None:
        """The recognizer failed: this turn counts as not understood, the next time the keypad takes over."""
        self._deaf_turns += 1
        if not self.active:
            return
        if self._deaf_turns < DEAF_TURNS:
            self._take(self._turns.deaf(self._call.now(), self._hearing.talking))
            return
        self._hearing.enabled = False
        self._hearing.drop()
        self._turns.stop_listening()
        self._voicebox.clear()
        self.feed(dlg.HearingFailed("recognizer"))

    # --- our side -----------------------------------------------------------------------------------

    def saying(self, utterance: int, prompt: Prompt) -> None:
        """``utterance`` is about to be said: its policy counts from its first audio on."""
        self._turns.speak(utterance, prompt.barge_in)

    def finished(self, utterance: int) -> None:
        """``utterance`` was played out or cut."""
        self._take(self._turns.finished(utterance, self._call.now()))

    def was_heard(self, result: Utterance) -> None:
        """Known at once, also for what is being cut by the turn that is about to be told of it."""
        self._heard_prompts.append(result)

    def spoken(self) -> None:
        """All was said and nothing is listened for: the dialogue goes on."""
        self.feed(dlg.Spoke(self._take_heard()))

    def first_audio(self) -> None:
        """The first audio of an answer has gone out."""
        response = max(0, self._call.now() - self._said_end_ms - self._waited_ms)
        self._call.note(ev.Responded(self._turn, response, self._waited_ms))
        self._metrics.response_seconds.observe(response / 1000)

    # --- time ---------------------------------------------------------------------------------------

    def deadline(self) -> int | None:
        if not self.active:
            return None
        times = [t for t in (self._turns.deadline(), self._dialogue.deadline()) if t is not None]
        return min(times) if times else None

    def tick(self, now: int) -> None:
        if not self.active:
            return
        self._take(self._turns.tick(now))
        due = self._dialogue.deadline()
        if due is not None and now >= due:
            self.feed(dlg.Tick())

    # --- what turn-taking decides -------------------------------------------------------------------

    def _take(self, actions: list[turns.TurnAction]) -> None:
        for action in actions:
            if isinstance(action, turns.Interrupt):
                self._interrupt(action)
            elif isinstance(action, turns.Resume):
                self._call.note(ev.BotResumed(action.why))
                self._voicebox.resume()
            elif isinstance(action, turns.DropSpeech):
                if action.talking:
                    self._hearing.drop()
                else:
                    self._hearing.give_up()
            elif isinstance(action, turns.TurnDone):
                self._turn_done(action)
            else:
                self._call.on_all_spoken()

    def _interrupt(self, action: turns.Interrupt) -> None:
        delay = max(0, self._call.now() - action.onset_ms)
        self._call.note(ev.BargedIn(action.by, delay))
        self._metrics.barge_in_seconds.observe(delay / 1000)
        if action.resumable:
            self._voicebox.pause()
        else:
            self._voicebox.clear()

    def _take_back(self, undo: _Undo, joined: Transcript) -> None:
        """What was answered was half a turn: the dialogue goes back to before it, and hears all of it."""
        now = self._call.now()
        self._call.note(ev.TurnTakenBack(self._turn))
        self._consulting.stop_all()
        self._voicebox.clear()
        spoken = self.lang
        undo.restore()
        if self.lang != spoken:
            self._call.note(ev.LanguageChanged(self.lang, "taken_back"))
        self._heard_prompts = list(undo.heard_prompts)
        expect = undo.answered.expect
        self._aim(expect)
        self._hearing.answered(joined=True)
        self._settle()
        self._take(self._turns.taken_back(expect, now))
        self._take(self._turns.heard(joined, now))

    def _settle(self) -> None:
        """What was answered last stands."""
        self._undo = None
        self._hearing.settle()

    def _may_take_back(self, heard: dlg.Heard) -> None:
        """Before the dialogue hears of a turn. What was said in secret is not kept."""
        expect = self._asked
        restore = None if expect is None or expect.sensitive else self._dialogue.checkpoint()
        if expect is not None and restore is not None:
            answered = Answered(expect, heard.transcript)
            self._undo = _Undo(answered, restore, tuple(self._heard_prompts))
            self._hearing.answered()

    def _turn_done(self, done: turns.TurnDone) -> None:
        self._voicebox.clear()
        self._settle()
        turn = done.turn
        if isinstance(turn, dlg.Silence):
            # the ladder's prompt is no answer: nobody waits for it
            self._end_of_secret()
            self.feed(dlg.Silence(self._take_heard()))
            return
        if isinstance(turn, dlg.Heard):
            self._may_take_back(turn)
        self._turn += 1
        self._said_end_ms, self._waited_ms = done.said_end_ms, done.silence_ms
        self._voicebox.answer_to(done.silence_ms)
        if isinstance(turn, dlg.Keyed):
            keys = MASK * len(turn.keys) if self._sensitive else turn.keys
            self._call.note(ev.CallerKeyed(keys, self._sensitive))
        else:
            self._note_said(turn.transcript, done.silence_ms)
        self._end_of_secret()
        if isinstance(turn, dlg.Heard):
            manner = self._manner
            turn = replace(turn, louder_db=manner.louder_db, faster=manner.faster, noisy=manner.noisy)
        self.feed(replace(turn, heard_prompts=self._take_heard()))

    def _note_said(self, said: Transcript, silence_ms: int) -> None:
        text = MASK * 4 if self._sensitive and said.text else said.text
        words: list[list[Any]] | None = None
        if not self._sensitive:
            words = [[w.text, w.start_ms, w.end_ms, w.confidence] for w in said.words]
        self._call.note(
            ev.CallerSaid(
                text,
                said.confidence,
                said.lang,
                said.start_ms,
                said.end_ms,
                silence_ms,
                words,
                engine=said.engine,
            )
        )

    def _take_heard(self) -> tuple[Utterance, ...]:
        heard, self._heard_prompts = tuple(self._heard_prompts), []
        return heard

    def _end_of_secret(self) -> None:
        self._sensitive = False
        if self._recorder is not None:
            self._recorder.resume()

    # --- what the dialogue decides ------------------------------------------------------------------

    def feed(self, item: dlg.Input) -> None:
        """One input to the dialogue, its decisions carried out."""
        if not self.active:
            return
        try:
            actions = self._dialogue.step(item, self._call.now())
        except Exception as error:  # noqa: BLE001 - a bug in a flow or in us must not leave a caller in silence
            # not the message: it may hold what the caller said
            log.error("call %s: dialogue failed: %s", self._call.call_id, where(error))
            self._call.on_fault()
            return
        if isinstance(item, _STAYS) or not all(isinstance(action, _TAKEN_BACK) for action in actions):
            self._settle()
        for action in actions:
            self._carry_out(action)

    def _model_answered(self, item: dlg.ModelSaid | dlg.ModelDone | dlg.ModelFailed) -> None:
        self._call.enter(lambda: self.feed(item))

    def _carry_out(self, action: dlg.Action) -> None:
        if isinstance(action, dlg.Say):
            if action.instead:
                self._voicebox.clear()
            for prompt in action.prompts:
                self._call.say(prompt)
        elif isinstance(action, dlg.Listen):
            self._listen(action)
        elif isinstance(action, dlg.Note):
            if isinstance(action.data, ev.CallerNotUnderstood | ev.CallerSilent):
                self._turns.forget_keys()  # they were meant for another question than the one that comes
            self._call.note(action.data)
        elif isinstance(action, dlg.Invoke):
            self._call.effect(self._call.run_action(action))
        elif isinstance(action, dlg.Consult):
            self._call.connection(self._consulting.run(action, self._model_answered))
        elif isinstance(action, dlg.StopConsulting):
            self._consulting.stop(action.id)
        elif isinstance(action, dlg.Transfer):
            self._call.on_transfer(action)
        elif isinstance(action, dlg.RelayOpen | dlg.RelaySend | dlg.RelayClose):
            self._call.relay(action)
        else:
            self._call.on_goodbye(action.outcome, action.reason)

    def _listen(self, action: dlg.Listen) -> None:
        expect = action.expect
        self._aim(expect)
        if expect.kind is ExpectKind.YES_NO:
            self._turns.forget_keys()  # what cannot be taken back is not confirmed by a key pressed before
        self._take(self._turns.listen(expect, self._call.now()))

    def _aim(self, expect: Expect) -> None:
        """The ear and the recorder are set for what is asked."""
        self._asked, self._sensitive = expect, expect.sensitive
        if self._recorder is not None and expect.sensitive:
            self._recorder.pause()
        self._hearing.grammar, self._hearing.expect = grammar_of(expect), expect
        self._hearing.configure(endpoint_ms=expect.endpoint_ms, max_speech_ms=expect.max_speech_ms)


def grammar_of(expect: Expect) -> Grammar:
    """What a recognizer is told may be said. A wish may be worded in other ways than it is listed."""
    return Grammar(
        expect.lang,
        expect.phrases,
        expect.digits,
        expect.kinds,
        loose=expect.kind is ExpectKind.INTENT,
        others=expect.others,
    )
