"""Signatures: the published example of the Standard Webhooks specification, and every way to be wrong."""

from __future__ import annotations

import pytest

from voice.webhooks.signing import ID, SIGNATURE, TIMESTAMP, BadSignature, key_of, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, STAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(**changed: str) -> dict[str, str]:
    right = {ID: MESSAGE, TIMESTAMP: str(STAMP), SIGNATURE: SIGNED}
    return right | {name.replace("_", "-"): value for name, value in changed.items()}


def test_the_published_example() -> None:
    assert sign(SECRET, MESSAGE, STAMP, BODY) == SIGNED
    assert verify(SECRET, headers(), BODY, STAMP + 200) == MESSAGE
    assert verify(SECRET, headers(webhook_signature=f"v1,other v1a,x {SIGNED}"), BODY, STAMP) == MESSAGE


@pytest.mark.parametrize(
    ("changed", "body", "now", "message"),
    [
        ({"webhook_id": "msg_other"}, BODY, STAMP, "not right"),
        ({"webhook_timestamp": str(STAMP + 1)}, BODY, STAMP, "not right"),
        ({}, BODY + b" ", STAMP, "not right"),
        ({"webhook_signature": SIGNED.replace("v1,", "v2,")}, BODY, STAMP, "not right"),
        ({"webhook_signature": "ñ"}, BODY, STAMP, "not right"),
        ({}, BODY, STAMP + 301, "too old"),
        ({}, BODY, STAMP - 301, "clock is wrong"),
        ({"webhook_timestamp": "soon"}, BODY, STAMP, "not a number"),
        ({"webhook_timestamp": "9" * 40}, BODY, STAMP, "not a number"),
        ({"webhook_signature": ""}, BODY, STAMP, "not signed"),
    ],
)
def test_what_is_not_right_is_refused(changed: dict[str, str], body: bytes, now: int, message: str) -> None:
    with pytest.raises(BadSignature, match=message):
        verify(SECRET, headers(**changed), body, now)


def test_secrets() -> None:
    assert key_of("plain words") == b"plain words"
    with pytest.raises(ValueError, match="base64"):
        key_of("whsec_not base64!")
