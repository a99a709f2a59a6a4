"""Clients' own pronunciations at a recognition server: a recognizer for each set of them.

A pronunciation goes before all others, so one client's must not reach another's calls. Each client has
recognizers of its own for what it sends, 11 MB and 50 ms each; what they compile is in the common cache,
under a key that holds the pronunciations. The last used are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_protocol import Pronunciations

MAX_OF_A_CLIENT: Final = 4  # flows of one line with a lexicon each
MAX_DIALECTS: Final = 16  # of a language


@dataclass(frozen=True, slots=True)
class Dialect:
    """A recognizer, and the phrases that it has learned for clients."""

    recognizer: VoskRecognizer
    prepared: set[str] = field(default_factory=set)


class Dialects:
    """Of one language. ``plain`` is for clients without pronunciations. Used by several threads."""

    def __init__(self, recognizer: VoskRecognizer, lang: str) -> None:
        self.plain = Dialect(recognizer)
        self._lang = lang
        self._made: OrderedDict[tuple[str, Pronunciations], Dialect] = OrderedDict()  # the last used last
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._made)

    def known(self, client: str, said: Pronunciations) -> Dialect | None:
        """The dialect of a client that sends ``said``, if it was made."""
        if not said or not self.plain.recognizer.learns(self._lang):
            return self.plain
        with self._lock:
            found = self._made.get((client, said))
            if found is not None:
                self._made.move_to_end((client, said))
            return found

    def make(self, client: str, said: Pronunciations) -> Dialect:
        """Another one, in place of the client's oldest if it has enough. Blocks; raises ModelError."""
        made = Dialect(self.plain.recognizer.with_pronunciations(self._lang, dict(said)))
        with self._lock:
            self._made[client, said] = made
            own = [key for key in self._made if key[0] == client]
            for key in [*own[:-MAX_OF_A_CLIENT], *list(self._made)[:-MAX_DIALECTS]]:
                self._made.pop(key, None)
        return made
