"""Which text of an application belongs to an answer that the caller has interrupted. Pure.

The protocol has no ids: an answer is text up to ``last: true``. What comes after our ``interrupt`` is the
rest of an interrupted answer, and is not said, as long as all of this holds:

* ``last: true`` of the interrupted answer had not come before; the first that comes is its end;
* it goes on within :data:`PAUSE_MS` of the text before it: an application that stopped its answer is quiet
  until it has another one;
* it goes on in the middle: it begins with a space, a mark or a small letter, or completes a word or an
  opening mark. What begins as sentences do may be the next answer, and is said.

In doubt text is said: a sentence too much is heard past, an answer that is lost is silence.
"""

from __future__ import annotations

from dataclasses import dataclass

PAUSE_MS = 400
_TAIL = 20  # characters of what came before that are kept
_OPENING = frozenset("¿¡\"'«“‘([-#")


@dataclass(slots=True)
class Answers:
    """The answers of one application, as they come. Times are the call's, in ms."""

    _open: bool = False  # text has come, and no end yet
    _stale: bool = False
    _tail: str = ""
    _last_ms: int = 0

    @property
    def open(self) -> bool:
        """An answer has begun and is not over."""
        return self._open and not self._stale

    def interrupted(self) -> None:
        """The caller has interrupted what was being said."""
        self._stale, self._open = self._open or self._stale, False

    def takes(self, token: str, last: bool, now: int) -> bool:
        """Whether a text is to be said; false when it is of an interrupted answer."""
        if self._stale and (now - self._last_ms > PAUSE_MS or begins(token, self._tail)):
            self._stale = False
        stale = self._stale
        self._last_ms = now
        if last:
            self._open = self._stale = False
            self._tail = ""
        else:
            self._open = not stale
            self._tail = (self._tail + token)[-_TAIL:]
        return not stale


def begins(token: str, before: str) -> bool:
    """Whether ``token`` begins as an answer does, and not as what goes on after ``before``."""
    if not token or token[0].isspace():
        return False
    first = token[0]
    if not (first.isupper() or first.isdecimal() or first in _OPENING):
        return False
    if not before or before[-1].isspace():
        return True
    if before[-1] in _OPENING:
        return False
    # a word of capitals, or a number, that was cut by the tokens
    return not ((first.isupper() and before[-1].isupper()) or (first.isdecimal() and _in_number(before)))


def _in_number(before: str) -> bool:
    return before[-1].isdecimal() or (before[-1] in ".,:/" and before[-2:-1].isdecimal())
