"""Telnyx's webhook signatures, checked: Ed25519 over ``timestamp|body`` with the account's public key.

Source: https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks (webhook signing) and the
``telnyx`` package's ``verify_ed25519``. Headers ``telnyx-signature-ed25519`` (base64) and
``telnyx-timestamp`` (seconds); one older than :data:`TOLERANCE_MS` is refused, so that nothing can be sent
again later.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from voice.errors import ConfigError

SIGNATURE_HEADER: Final = "telnyx-signature-ed25519"
TIMESTAMP_HEADER: Final = "telnyx-timestamp"
TOLERANCE_MS: Final = 5 * 60_000


class TelnyxKey:
    """An account's public key, in base64. Raises :class:`ConfigError` for one that cannot be used."""

    def __init__(self, public_key: str) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        except ImportError as error:
            raise ConfigError(
                "setting telnyx.public_key needs one more library: pip install 'centralita[telnyx]'"
            ) from error
        try:
            self._key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        except ValueError as error:
            raise ConfigError("setting telnyx.public_key: not an Ed25519 public key in base64") from error

    def valid(self, body: bytes, signature: str, timestamp: str, wall_ms: int) -> bool:
        """Whether ``body`` was signed with this key's other half, lately."""
        from cryptography.exceptions import InvalidSignature

        if re.fullmatch(r"[0-9]{1,12}", timestamp) is None:
            return False
        if abs(wall_ms - int(timestamp) * 1000) > TOLERANCE_MS:
            return False
        try:
            given = base64.b64decode(signature, validate=True)
            self._key.verify(given, timestamp.encode() + b"|" + body)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True
