"""An agent's end of the desk API: signs in, follows calls, takes tickets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from voice.errors import CentralitaError
from voice.events import Event, from_json
from voice.model import JsonDict

TIMEOUT_S = 10.0


class DeskError(CentralitaError):
    """The desk refused or is not there."""


class DeskClient:
    """``async with await DeskClient.enter(base, token)``. Raises :class:`DeskError` with what to do."""

    def __init__(self, base: str, http: aiohttp.ClientSession, session: str) -> None:
        self._base = base
        self._http = http
        self._headers = {"Authorization": f"Bearer {session}"}

    @classmethod
    async def enter(cls, address: str, agent: str, *, session: str = "") -> DeskClient:
        """``address`` is the one-time address that the server printed (``.../desk/enter/TOKEN``), or, with
        a ``session`` that is known already, the server's address."""
        parts = urlsplit(address)
        base = f"{parts.scheme}://{parts.netloc}"
        http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        desk = cls(base, http, session)
        if session:
            return desk
        token = parts.path.rpartition("/desk/enter/")[2]
        try:
            answer = await desk._ask("POST", "/desk/api/session", {"token": token, "agent": agent})
        except DeskError:
            await http.close()
            raise
        desk._headers = {"Authorization": f"Bearer {answer['session']}"}
        return desk

    async def __aenter__(self) -> DeskClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def events(self, call_id: str, after: int = -1) -> list[Event]:
        """A call's log; kinds that this client does not know are left out."""
        answer = await self._ask("GET", f"/desk/api/calls/{quote(call_id)}/events?after={after}")
        found = []
        for raw in answer["events"]:
            try:
                found.append(from_json(raw))
            except (KeyError, TypeError):  # a newer server
                continue
        return found

    async def waiting(self) -> list[JsonDict]:
        return list((await self._ask("GET", "/desk/api/queue"))["tickets"])

    async def ticket(self, ticket_id: str) -> JsonDict:
        """``{"ticket": {...}, "packet": {...}}``."""
        return await self._ask("GET", f"/desk/api/tickets/{quote(ticket_id)}")

    async def accept(self, ticket_id: str) -> JsonDict:
        return await self._ask("POST", f"/desk/api/tickets/{quote(ticket_id)}/accept", {})

    async def complete(self, ticket_id: str, disposition: str, note: str = "") -> JsonDict:
        body = {"disposition": disposition, "note": note}
        return await self._ask("POST", f"/desk/api/tickets/{quote(ticket_id)}/complete", body)

    async def live(self) -> AsyncIterator[JsonDict]:
        """The desk's live feed with the events of calls, as the server sends it, until it closes."""
        url = f"{self._base}/desk/api/live?calls=1"
        try:
            async with self._http.ws_connect(url, headers=self._headers, heartbeat=20) as socket:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        yield json.loads(message.data)
        except aiohttp.ClientError as error:
            raise DeskError(f"the desk's live feed broke ({error})") from None

    async def _ask(self, method: str, path: str, body: JsonDict | None = None) -> dict[str, Any]:
        try:
            async with self._http.request(
                method, self._base + path, json=body, headers=self._headers
            ) as response:
                if response.status >= 400:
                    hint = {401: "; the one-time address was used or is too old"}.get(response.status, "")
                    raise DeskError(f"the desk answered {path} with status {response.status}{hint}")
                answer = await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise DeskError(f"the desk at {self._base} cannot be asked ({error})") from None
        if not isinstance(answer, dict):
            raise DeskError(f"the desk answered {path} with something unexpected")
        return answer
