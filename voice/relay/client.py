"""A connection to an external ConversationRelay application: the part with a socket.

Only to the address that the flow says: no redirects, no proxies, TLS verified. With a secret the request
carries ``X-Twilio-Signature`` over the address, as applications expect it of Twilio. Sizes and the time to
connect are bounded here, messages a second and unsent ones in :mod:`voice.call.relaying`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import orjson
from websockets.asyncio import client
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from voice.dialogue.seam import RelayOpen
from voice.errors import CentralitaError
from voice.telephony import signatures
from voice.telephony.messages import MAX_MESSAGE_BYTES

log = logging.getLogger(__name__)

# The library's own log has what callers said at level DEBUG.
_WIRE_LOG = logging.getLogger(f"{__name__}.wire")
_WIRE_LOG.setLevel(logging.WARNING)

CONNECT_SECONDS: Final = 3
PING_SECONDS: Final = 20


class RelayError(CentralitaError):
    """The application cannot be reached. ``why``: unreachable, refused or timeout."""

    def __init__(self, why: str, message: str) -> None:
        self.why = why
        super().__init__(message)


class Link(Protocol):
    """An open connection."""

    async def send(self, message: dict[str, Any]) -> None: ...

    async def receive(self) -> str | bytes | None:
        """The next message; None when the application has closed."""


class _NoRedirects(client.connect):
    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _SocketLink:
    def __init__(self, connection: client.ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: dict[str, Any]) -> None:
        try:
            await self._connection.send(orjson.dumps(message).decode())
        except WebSocketException as error:
            raise RelayError("closed", "the application has closed") from error

    async def receive(self) -> str | bytes | None:
        try:
            return await self._connection.recv()
        except WebSocketException:
            return None


@asynccontextmanager
async def connect(request: RelayOpen, environment: Mapping[str, str] | None = None) -> AsyncIterator[Link]:
    """Opens ``request.url``; closes it on leaving. Raises :class:`RelayError`."""
    connecting = _NoRedirects(
        request.url,
        additional_headers=_headers(request, os.environ if environment is None else environment),
        ssl=ssl.create_default_context() if request.url.startswith("wss:") else None,
        compression=None,
        proxy=None,
        open_timeout=CONNECT_SECONDS,
        ping_interval=PING_SECONDS,
        close_timeout=1,
        max_size=MAX_MESSAGE_BYTES,
        max_queue=16,
        logger=_WIRE_LOG,
    )
    try:
        connection = await connecting
    except TimeoutError as error:
        raise RelayError("timeout", "the application did not answer in time") from error
    except InvalidHandshake as error:
        raise RelayError("refused", f"the application refused ({type(error).__name__})") from error
    except (OSError, InvalidURI) as error:
        raise RelayError(
            "unreachable", f"the application cannot be reached ({type(error).__name__})"
        ) from error
    try:
        yield _SocketLink(connection)
    finally:
        await asyncio.shield(connection.close())


@asynccontextmanager
async def nowhere(request: RelayOpen) -> AsyncIterator[Link]:
    """For replay: the same call must give the same log, whoever answers elsewhere."""
    links: tuple[Link, ...] = ()
    for link in links:
        yield link
    raise RelayError("unreachable", "a replay connects to no applications")


def _headers(request: RelayOpen, environment: Mapping[str, str]) -> dict[str, str]:
    if not request.secret_env:
        return {}
    secret = environment.get(request.secret_env, "")
    if not secret:
        raise RelayError("refused", f"set {request.secret_env}: the application expects signed requests")
    return {signatures.HEADER: signatures.sign(secret, request.url)}
