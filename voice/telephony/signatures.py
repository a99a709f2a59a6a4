"""Twilio's request signatures: made and checked.

Algorithm: https://www.twilio.com/docs/usage/security#validating-requests. HMAC-SHA1, keyed with the
account's auth token, over the URL followed by each POST parameter's name and value in order of names,
in base64. A WebSocket upgrade is signed over its ``wss`` URL alone.

Twilio may sign a URL with or without its port, whatever was configured, so both are tried, as the
provider's own library does: it adds 443 to ``https`` and 80 to anything else, ``wss`` included. For
``wss`` 443 is tried here too.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, urlsplit

HEADER: Final = "X-Twilio-Signature"

_DEFAULT_PORTS: Final = {"https": (443,), "wss": (443, 80), "http": (80,), "ws": (80,)}


def sign(auth_token: str, url: str, parameters: Iterable[tuple[str, str]] = ()) -> str:
    """The signature of a request to ``url``, character for character as the provider calls it.

    A name that occurs several times counts once for each different value, in order of values.
    """
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    digest = hmac.digest(auth_token.encode(), text.encode("utf-8", "surrogatepass"), "sha1")
    return base64.b64encode(digest).decode("ascii")


def valid(auth_token: str, url: str, signature: str, parameters: Iterable[tuple[str, str]] = ()) -> bool:
    """Whether ``signature`` was made with ``auth_token``; takes the same time wherever they differ.

    False without an auth token, so that forgetting one opens nothing."""
    if not auth_token:
        return False
    pairs = list(parameters)
    given = signature.encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(sign(auth_token, one, pairs).encode(), given) for one in _spellings(url)]
    return any(matches)


def _spellings(url: str) -> list[str]:
    """``url`` without and with its port; only as it is when it cannot be taken apart."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [url]
    if not parts.hostname:
        return [url]
    if port:
        bare = parts.netloc.removesuffix(f":{port}")
        return list(dict.fromkeys((url, parts.geturl(), _at(parts, bare))))
    ports = _DEFAULT_PORTS.get(parts.scheme, ())
    with_ports = (_at(parts, f"{parts.netloc}:{number}") for number in ports)
    return list(dict.fromkeys((url, parts.geturl(), *with_ports)))


def _at(parts: SplitResult, netloc: str) -> str:
    return parts._replace(netloc=netloc).geturl()
