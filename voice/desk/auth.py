"""Who may use the desk: one-time addresses, the sessions they turn into, and a brake on guessing.

The server prints an address with a token. Opening it changes nothing (mail and chat programs open links
to preview them); pressing its button exchanges the token, once, for a session. Only hashes are kept: a
look-up by hash tells nothing about a token through its timing.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from voice.clock import Clock

COOKIE: Final = "desk_session"
SESSION_HOURS: Final = 12
MAX_LINKS: Final = 100
MAX_SESSIONS: Final = 1000
MAX_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Session:
    """An agent at the desk. ``expires_ms`` is on the monotonic clock."""

    agent: str
    expires_ms: int


def agent_name(raw: str) -> str:
    """A name as it may be shown and logged: one line, without control characters; may be empty."""
    printable = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in raw)
    return " ".join(unicodedata.normalize("NFC", printable).split())[:MAX_NAME].strip()


class OneTimeLinks:
    """Tokens of 256 random bits. All times are of ``clock``; nothing survives the process."""

    def __init__(self, clock: Clock, *, link_minutes: int = 60) -> None:
        self._clock = clock
        self._link_ms = link_minutes * 60_000
        self._links: OrderedDict[bytes, int] = OrderedDict()  # hash -> when it ends; oldest first
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self.attempts = Attempts(clock)

    def issue(self) -> str:
        """A new token, for an address ``/desk/enter/<token>``."""
        token = secrets.token_urlsafe(32)
        self._links[_digest(token)] = self._clock.now_ms() + self._link_ms
        while len(self._links) > MAX_LINKS:
            self._links.popitem(last=False)
        return token

    def valid(self, token: str) -> bool:
        """Whether the token could be exchanged now. Changes nothing."""
        return self._links.get(_digest(token), -1) > self._clock.now_ms()

    def exchange(self, token: str, agent: str) -> str | None:
        """A session's secret for a token, once; None when it was used, is too old, or never was."""
        ends = self._links.pop(_digest(token), -1)
        if ends <= self._clock.now_ms():
            return None
        secret = secrets.token_urlsafe(32)
        self._sessions[_digest(secret)] = Session(agent, self._clock.now_ms() + SESSION_HOURS * 3_600_000)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return secret

    def session(self, secret: str) -> Session | None:
        key = _digest(secret)
        found = self._sessions.get(key)
        if found is not None and found.expires_ms <= self._clock.now_ms():
            del self._sessions[key]
            return None
        return found

    def revoke(self, secret: str) -> None:
        self._sessions.pop(_digest(secret), None)


class Attempts:
    """Wrong tokens and sessions per remote address: ``limit`` a minute, then refused for the rest of it.

    Guessing 256 bits is hopeless anyway; this keeps the noise down. The table holds the last
    ``remotes`` addresses, so that it cannot grow."""

    def __init__(self, clock: Clock, *, limit: int = 10, remotes: int = 1024) -> None:
        self._clock = clock
        self._limit = limit
        self._remotes = remotes
        self._wrong: OrderedDict[str, tuple[int, int]] = OrderedDict()  # remote -> minute, count

    def blocked(self, remote: str) -> bool:
        minute, count = self._wrong.get(remote, (-1, 0))
        return minute == self._clock.now_ms() // 60_000 and count >= self._limit

    def wrong(self, remote: str) -> None:
        now = self._clock.now_ms() // 60_000
        minute, count = self._wrong.pop(remote, (now, 0))
        self._wrong[remote] = (now, count + 1 if minute == now else 1)
        while len(self._wrong) > self._remotes:
            self._wrong.popitem(last=False)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
