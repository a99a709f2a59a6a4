"""Keys under which callers are kept: HMACs of their numbers and identities, never these themselves.

Telephone numbers are few enough to try them all against a plain hash, so the hash is keyed with a secret of
this installation. Without the secret the table tells nobody's number; with another secret, nobody is known.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Final

from voice.errors import ConfigError

KEY_FILE: Final = "profile.key"
SHORTEST_KEY: Final = 16
SHORTEST_NUMBER: Final = 5
_NOT_DIGITS: Final = re.compile(r"[^0-9]")
_KEYPAD: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# what providers send for a withheld number: the word keyed in, which looks like one
_WITHHELD: Final = frozenset(
    word.translate(_KEYPAD)
    for word in ("ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN", "UNAVAILABLE", "PRIVATE", "WITHHELD")
)


def plain_number(raw: str) -> str:
    """The digits of a caller's number, international where it was; "" when it is withheld or no number."""
    text = raw.strip()
    if any(c.isalpha() for c in text):
        return ""
    digits = _NOT_DIGITS.sub("", text)
    if digits.startswith("00"):
        digits = digits[2:]
    if not SHORTEST_NUMBER <= len(digits) <= 20 or digits in _WITHHELD:
        return ""
    return digits


class Keys:
    """``secret``: at least :data:`SHORTEST_KEY` bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_KEY:
            raise ConfigError(f"setting profile.key must have at least {SHORTEST_KEY} characters")
        self._secret = secret

    def number(self, raw: str) -> str:
        """The key of a caller's number; "" when it is withheld."""
        digits = plain_number(raw)
        return "n:" + self._digest("number", digits) if digits else ""

    def identity(self, slot: str, value: str) -> str:
        """The key of whoever ``slot`` (a customer number) names; "" without a value."""
        plain = "".join(c for c in value.casefold() if c.isalnum())
        return "i:" + self._digest(f"identity.{slot}", plain) if plain else ""

    def lock(self, key: str) -> str:
        """Under which failed verifications of a number or an identity are counted."""
        return "l:" + self._digest("lock", key)

    def fingerprint(self) -> str:
        """Of the secret: tells whether two are the same, and nothing else of them."""
        return self._digest("fingerprint", "")[:16]

    def _digest(self, domain: str, value: str) -> str:
        content = f"centralita.profile.{domain}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, content, hashlib.sha256).hexdigest()


def load_keys(data: Path, configured: str = "") -> Keys:
    """The keys of this installation: from the setting ``profile.key`` (several servers share it), else from
    a file in the data folder that only its owner can read, made when there is none yet.

    Raises ConfigError."""
    if configured:
        return Keys(configured.encode())
    path = data / KEY_FILE
    try:
        return Keys(_read(path) or _make(path))
    except OSError as error:
        raise _unreadable(path, error) from error


def existing_keys(data: Path, configured: str = "") -> Keys | None:
    """As :func:`load_keys`, but nothing is made: None when there is no secret yet."""
    path = data / KEY_FILE
    try:
        secret = configured.encode() or _read(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    return Keys(secret) if secret else None


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(f"{path}: {error.strerror}; make it readable for the server, or set profile.key")


def _read(path: Path) -> bytes:
    try:
        secret = path.read_bytes().strip()
    except FileNotFoundError:
        return b""
    if len(secret) < SHORTEST_KEY:
        raise ConfigError(
            f"{path} is damaged: restore it from a backup, or remove it (callers known so far are then new)"
        )
    return secret


def _make(path: Path) -> bytes:
    """Whole or not at all: of two that make it at once, one wins and both read the same."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(secrets.token_hex(32).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
    finally:
        partial.unlink(missing_ok=True)
    return _read(path)
