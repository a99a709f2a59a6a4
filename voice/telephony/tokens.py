"""One-use tokens that tie a stream to the call whose webhook asked for it.

A token goes out as a custom parameter in our TwiML, Twilio brings it back in the stream's ``start``.
It is good for one call, once, for a short time. It is checked by its MAC, so that in a cluster the
stream may reach another process than the webhook did; "once" holds within a process.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import deque

from voice.clock import Clock

_MAC_BYTES = 18
_NONCE_BYTES = 9


class StreamTokens:
    """``auth_token`` is the shared secret; without one a random key makes tokens local to the process."""

    def __init__(self, auth_token: str, clock: Clock, good_for_ms: int = 60_000) -> None:
        secret = auth_token.encode() or secrets.token_bytes(32)
        self._key = hmac.digest(secret, b"centralita stream token", "sha256")
        self._clock = clock
        self._good_for_ms = good_for_ms
        self._used: set[str] = set()
        self._expiries: deque[tuple[int, str]] = deque()  # nearly in order; a late one is dropped late

    def issue(self, call_sid: str) -> str:
        expires = self._clock.wall_ms() + self._good_for_ms
        body = f"{expires:x}.{secrets.token_urlsafe(_NONCE_BYTES)}"
        return f"{body}.{self._mac(body, call_sid)}"

    def redeem(self, token: str, call_sid: str) -> bool:
        """True exactly once for a token that was issued for this call and has not expired."""
        now = self._clock.wall_ms()
        while self._expiries and self._expiries[0][0] <= now:
            self._used.discard(self._expiries.popleft()[1])
        body, _, mac = token.rpartition(".")
        if not hmac.compare_digest(mac.encode("utf-8", "replace"), self._mac(body, call_sid).encode()):
            return False
        expires = int(body.split(".")[0], 16)
        if expires <= now or token in self._used:
            return False
        self._used.add(token)
        self._expiries.append((expires, token))
        return True

    def _mac(self, body: str, call_sid: str) -> str:
        text = f"{body}.{call_sid}".encode("utf-8", "replace")
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")[:_MAC_BYTES]).decode()
