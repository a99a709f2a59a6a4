"""What a provider's voice is given to say, one piece at a time, and how much of it was heard. Pure.

A wire of text has no marks and no clear: what was sent is said, unless the caller interrupts it or (where
the provider reports what it does) the next text takes its place. So only one prompt is out at a time, and
the next one goes when that has been said: by the provider's word where it gives any, else by its length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from voice.model import BargeIn, Ended, Prompt, Utterance
from voice.speech.phrasing import split

MS_PER_CHARACTER = 66  # 165 words a minute: speech of 15 characters a second
START_MS = 400  # from our text to the provider's first sound
NEVER_STARTED_MS = 5_000  # a beginning not reported by then was lost
NEVER_ENDED_MS = 3_000  # and an end, so long after twice the time that the words take
PAUSE_MS = 1_500  # silent with words left to say: between two sentences, or done
RECORDING_MS = 5_000  # taken for the length of a recording: the provider plays it, and does not tell
MOST_LOOPS = 6
ENOUGH = 0.8  # of the letters reported as said: providers report other punctuation and numbers
MOST_REPEATS = 3  # a prompt that may not be interrupted, and is all the same, is begun again so often


@dataclass(frozen=True, slots=True)
class Send:
    """Say ``text`` (empty: play a piece of music, or the recording at ``source``)."""

    text: str
    lang: str
    interruptible: bool
    preemptible: bool
    source: str = ""
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Began:
    """The first sound of an utterance."""

    id: int


@dataclass(frozen=True, slots=True)
class Over:
    """An utterance was said, or cut."""

    id: int
    utterance: Utterance


TellingAction = Send | Began | Over


@dataclass(slots=True)
class _Item:
    id: int
    prompt: Prompt
    phrases: list[str]
    music_ms: int = 0
    heard: list[str] = field(default_factory=list)  # words, of earlier tellings
    sent_at: int | None = None
    started_at: int | None = None
    said: str = ""  # by the provider's word
    repeats: int = 0

    @property
    def rest(self) -> str:
        return " ".join(self.phrases)

    @property
    def takes_ms(self) -> int:
        return self.music_ms or START_MS + MS_PER_CHARACTER * len(self.rest)


class Telling:
    """One call's words on their way to the caller. Times are the call's, in ms."""

    def __init__(self, greeting: str = "") -> None:
        self._greeting = greeting  # said by the provider itself
        self._items: deque[_Item] = deque()
        self._reports = False  # the provider tells when it speaks
        self._reports_words = False
        self._paused = False
        self._stopped = False  # the caller stopped the first item in the middle
        self._quiet_since: int | None = None

    # --- what is to be said -------------------------------------------------------------------------

    def say(self, utterance: int, prompt: Prompt, now: int) -> list[TellingAction]:
        if prompt.source:
            self._items.append(_Item(utterance, prompt, [], RECORDING_MS * _loops(prompt)))
        else:
            self._items.append(_Item(utterance, prompt, split(prompt.text, prompt.lang)))
        return self._next(now)

    def music(self, utterance: int, lang: str, ms: int, now: int) -> list[TellingAction]:
        self._items.append(_Item(utterance, Prompt("", lang), [], ms))
        return self._next(now)

    def pause(self) -> None:
        """Nothing more is sent; what the caller stopped in the middle stays so."""
        self._paused = True

    def resume(self, now: int) -> list[TellingAction]:
        """Goes on, with what was stopped from the phrase in which it was."""
        self._paused = False
        if self._stopped:
            self._stopped = False
            return self._again(now)
        return self._next(now)

    def clear(self, now: int) -> list[TellingAction]:
        """Nothing of it is to be said any more."""
        self._paused = self._stopped = False
        self._quiet_since = None
        items, self._items = self._items, deque()
        done: list[TellingAction] = []
        for item in items:
            if item.sent_at is None and not item.heard:
                done.append(self._over(item, Ended.UNHEARD, now))
            else:
                if item.sent_at is not None:
                    item.heard += self._so_far(item, now)
                done.append(self._over(item, Ended.CUT, now))
        return done

    # --- what the provider tells --------------------------------------------------------------------

    def speaking(self, on: bool, now: int) -> list[TellingAction]:
        """Its voice begins, or falls silent."""
        self._reports = True
        item = self._out()
        if item is None or item.music_ms:
            return []
        if on:
            self._quiet_since = None
            return self._started(item, now)
        if item.started_at is None:
            # of the one before, unless this one has been out for as long as it takes
            late = item.sent_at is not None and now - item.sent_at >= item.takes_ms // 2
            return self._finish(item, now) if late else []
        if not self._reports_words or _covers(item.said, item.rest):
            return self._finish(item, now)
        self._quiet_since = now
        return []

    def played(self, text: str, now: int) -> list[TellingAction]:
        """It has said ``text``."""
        self._reports_words = True
        item = self._out()
        if item is None or item.music_ms:
            return []
        if not item.said and not _fits(text, item.rest):
            return []  # of the one before
        item.said = f"{item.said} {text}"
        done = self._started(item, now)
        if self._quiet_since is not None and _covers(item.said, item.rest):
            done += self._finish(item, now)
        return done

    def interrupted(self, heard: str, now: int) -> bool:
        """It stopped for the caller after ``heard``. False when it was of nothing that is out."""
        item = self._out()
        if item is None or item.music_ms or (heard and not _fits(heard, item.rest)):
            return False
        words = item.rest.split()
        item.heard += words[: len(heard.split())]
        item.phrases = _from_phrase(item.phrases, len(heard.split()))
        item.sent_at = item.started_at = None
        item.said = ""
        self._stopped, self._quiet_since = True, None
        return True

    @property
    def stopped(self) -> bool:
        """The caller stopped what was being said, and nobody has decided about it yet."""
        return self._stopped

    @property
    def busy(self) -> bool:
        return bool(self._items)

    # --- time ---------------------------------------------------------------------------------------

    def deadline(self) -> int | None:
        item = self._out()
        if item is None or item.sent_at is None:
            return None
        if item.music_ms or not self._reports:
            return item.sent_at + item.takes_ms
        if self._quiet_since is not None:
            return self._quiet_since + PAUSE_MS
        if item.started_at is None:
            return item.sent_at + NEVER_STARTED_MS + item.takes_ms
        return item.started_at + 2 * item.takes_ms + NEVER_ENDED_MS

    def tick(self, now: int) -> list[TellingAction]:
        due, item = self.deadline(), self._out()
        if due is None or item is None or now < due:
            return []
        return self._finish(item, now)

    # --- inside -------------------------------------------------------------------------------------

    def _out(self) -> _Item | None:
        """The item that the provider has."""
        if self._items and self._items[0].sent_at is not None:
            return self._items[0]
        return None

    def _next(self, now: int) -> list[TellingAction]:
        """The first item goes out, when nothing else is and nothing stands in its way."""
        if self._paused or self._stopped or not self._items or self._items[0].sent_at is not None:
            return []
        item = self._items[0]
        item.sent_at = now
        actions: list[TellingAction] = []
        prompt = item.prompt
        if prompt.source:
            return [
                Send(
                    "",
                    prompt.lang,
                    prompt.barge_in.by_speech,
                    prompt.preemptible or not prompt.loop,
                    prompt.source,
                    _loops(prompt),
                )
            ]
        if item.music_ms:
            return [Send("", prompt.lang, interruptible=False, preemptible=True)]
        if prompt.text == self._greeting and not item.heard:
            pass  # the provider says it by itself
        else:
            interruptible = prompt.barge_in.by_speech
            actions.append(Send(item.rest, prompt.lang, interruptible, preemptible=self._reports))
        self._greeting = ""
        if not self._reports:
            actions += self._started(item, now)
        return actions

    def _again(self, now: int) -> list[TellingAction]:
        item = self._items[0]
        item.repeats += 1
        if item.phrases and item.repeats <= MOST_REPEATS:
            return self._next(now)
        self._items.popleft()
        ended = Ended.CUT if item.phrases else Ended.FULL
        return [self._over(item, ended, now), *self._next(now)]

    def _started(self, item: _Item, now: int) -> list[TellingAction]:
        if item.started_at is not None:
            return []
        item.started_at = now
        return [Began(item.id)]

    def _finish(self, item: _Item, now: int) -> list[TellingAction]:
        self._items.popleft()
        self._quiet_since = None
        item.heard += item.rest.split()
        return [*self._started(item, now), self._over(item, Ended.FULL, now), *self._next(now)]

    def _so_far(self, item: _Item, now: int) -> list[str]:
        """The words of an item that may have been heard by now."""
        words = item.rest.split()
        if self._reports_words:
            return words[: len(item.said.split())]
        if item.started_at is None or item.sent_at is None:
            return []
        part = (now - item.started_at) / max(1, item.takes_ms)
        return words[: int(len(words) * min(1.0, part))]

    def _over(self, item: _Item, ended: Ended, now: int) -> Over:
        text = item.prompt.text
        heard = text if ended is Ended.FULL else " ".join(item.heard)
        ms = item.music_ms or MS_PER_CHARACTER * len(heard)
        return Over(item.id, Utterance(text, heard, ms, ended))


def _loops(prompt: Prompt) -> int:
    """How often a provider plays a recording. What is said next may have to wait for all of it, and we cannot
    stop it: never without end, and once where the caller cannot either."""
    if prompt.barge_in is BargeIn.NONE:
        return 1
    return min(prompt.loop or MOST_LOOPS, MOST_LOOPS)


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _covers(said: str, text: str) -> bool:
    return _letters(said) >= ENOUGH * _letters(text)


def _plain(words: Iterable[str]) -> list[str]:
    found = ("".join(c for c in word.lower() if c.isalnum()) for word in words)
    return [word for word in found if word]


def _fits(heard: str, text: str) -> bool:
    """Whether ``heard`` may be the beginning of ``text``: providers may write it otherwise further on."""
    first, all_of_it = _plain(heard.split()[:2]), _plain(text.split()[:3])
    return not first or not all_of_it or first[0] == all_of_it[0]


def _from_phrase(phrases: list[str], heard: int) -> list[str]:
    """The phrases from the one in which the first ``heard`` words end."""
    for n, phrase in enumerate(phrases):
        heard -= len(phrase.split())
        if heard < 0:
            return phrases[n:]
    return []
