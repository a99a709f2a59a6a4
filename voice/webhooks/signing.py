"""Signatures as the Standard Webhooks specification 1.0 has them, made and checked. Pure.

``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over ``ID.TIMESTAMP.BODY``, where ID is the
header ``webhook-id`` (the same for every retry of a request), TIMESTAMP the header ``webhook-timestamp``
(seconds since 1970, UTC) and BODY the body byte for byte. A secret that begins with ``whsec_`` is base64 of
the key; any other is the key itself. Many languages have a library for it: www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
PREFIX: Final = "whsec_"
TOLERANCE_S: Final = 300


class BadSignature(ValueError):
    """A request is not from who it says, or too old. The message says which, and holds no secret."""


def key_of(secret: str) -> bytes:
    """The key of a secret. Raises ValueError when it begins with ``whsec_`` and is not base64."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret that begins with whsec_ must go on in base64") from None


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` of ``body``. ``timestamp`` is in seconds."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def verify(secret: str, headers: Mapping[str, str], body: bytes, now_s: int) -> str:
    """The id of a request that is signed and recent; it may still be a repetition. ``headers`` is looked
    up by lower-case names. Raises :class:`BadSignature`."""
    message_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    given = headers.get(SIGNATURE, "")
    if not (message_id and stamp and given):
        raise BadSignature("the request is not signed")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15):
        raise BadSignature("webhook-timestamp is not a number of seconds")
    if abs(now_s - int(stamp)) > TOLERANCE_S:
        raise BadSignature("the request is too old, or a clock is wrong")
    expected = sign(secret, message_id, int(stamp), body).encode()
    if not any(hmac.compare_digest(one.encode(), expected) for one in given.split(" ")[:10]):
        raise BadSignature("the signature is not right: is the secret the same on both sides?")
    return message_id
