"""The agents' desk over HTTP: its page, its API and its live socket. ``docs/desk.md`` is the guide."""

from __future__ import annotations

import asyncio
import hashlib
import html
import logging
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Final

from aiohttp import web

from voice.desk import security as sec
from voice.desk.auth import COOKIE, SESSION_HOURS, OneTimeLinks, agent_name
from voice.desk.live import LiveDesk
from voice.desk.views import ticket_json, ticket_row
from voice.events import RecordingSaved
from voice.model import JsonDict
from voice.queue.service import DISPOSITIONS, QueueService
from voice.settings import Settings
from voice.store.seam import Bus, Store

log = logging.getLogger(__name__)

MAX_NOTE: Final = 4000
STATIC: Final = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "texts.js": "text/javascript",
    "ticket.js": "text/javascript",
    "enter.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Desk:
    """What the routes share. ``on_link`` gets a new token each time one was used, to print it."""

    def __init__(
        self,
        queue: QueueService,
        store: Store,
        bus: Bus,
        links: OneTimeLinks,
        settings: Settings,
        *,
        on_link: Callable[[str], None] | None = None,
    ) -> None:
        self.queue = queue
        self.store = store
        self.links = links
        self.settings = settings
        self.wall_ms = queue.wall_ms
        self.live = LiveDesk(bus, self.snapshot)
        self._on_link = on_link
        self._files = {name: _static(name) for name in (*STATIC, "desk.html", "enter.html")}
        self._tags = {
            name: f'"{hashlib.sha256(body).hexdigest()[:16]}"' for name, body in self._files.items()
        }

    async def close(self) -> None:
        await self.live.close()

    def snapshot(self) -> JsonDict:
        """All that is on the desk now."""
        return {"now": self.wall_ms(), "tickets": [ticket_row(item) for item in self.queue.open_tickets()]}

    # --- pages ------------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        if sec.session_of(request, self.links) is None:
            return self._enter_page(request, "", status=401)
        return web.Response(
            body=self._files["desk.html"], content_type="text/html", charset="utf-8", headers=sec.headers()
        )

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            return sec.problem(404, "unknown", "there is no such file")
        head = sec.headers(cache="no-cache") | {"ETag": self._tags[name]}
        if request.headers.get("If-None-Match") == self._tags[name]:
            return web.Response(status=304, headers=head)
        return web.Response(body=self._files[name], content_type=STATIC[name], charset="utf-8", headers=head)

    async def enter_page(self, request: web.Request) -> web.Response:
        """Shows a button and uses nothing up."""
        remote = request.remote or ""
        token = request.match_info["token"]
        if self.links.attempts.blocked(remote):
            return self._enter_page(request, "", status=429)
        if not self.links.valid(token):
            self.links.attempts.wrong(remote)
            return self._enter_page(request, "", status=410)
        return self._enter_page(request, token, status=200)

    async def enter(self, request: web.Request) -> web.Response:
        remote = request.remote or ""
        token = request.match_info["token"]
        if self.links.attempts.blocked(remote):
            return self._enter_page(request, "", status=429)
        if not sec.same_origin(request, self.settings.server.public_url):
            return self._enter_page(request, "", status=403)
        name = agent_name(str((await request.post()).get("agent", "")))
        if not name:
            return self._enter_page(request, token, status=400)
        secret = self._exchange(token, name)
        if secret is None:
            self.links.attempts.wrong(remote)
            return self._enter_page(request, "", status=410)
        response = web.Response(status=303, headers=sec.headers() | {"Location": "/desk"})
        response.set_cookie(
            COOKIE,
            secret,
            path="/desk",
            max_age=SESSION_HOURS * 3600,
            httponly=True,
            samesite="Strict",
            secure=sec.is_https(request),
        )
        return response

    def _enter_page(self, request: web.Request, token: str, *, status: int) -> web.Response:
        """``data-status`` lets the page's script say what happened in the reader's language."""
        text = self._files["enter.html"].decode()
        # the token came in the address; it goes back escaped, although only a valid one gets here
        text = text.replace("{{status}}", str(status)).replace("{{token}}", html.escape(token, quote=True))
        return web.Response(
            text=text, content_type="text/html", charset="utf-8", status=status, headers=sec.headers()
        )

    def _exchange(self, token: str, name: str) -> str | None:
        secret = self.links.exchange(token, name)
        if secret is not None and self._on_link is not None:
            self._on_link(self.links.issue())
        return secret

    # --- sessions ---------------------------------------------------------------------------------------

    async def open_session(self, request: web.Request) -> web.StreamResponse:
        """For programs: a one-time token for a bearer secret."""

        async def work(request: web.Request) -> web.Response:
            remote = request.remote or ""
            if self.links.attempts.blocked(remote):
                return sec.problem(429, "slow_down", "too many wrong attempts; try again in a minute")
            body = await sec.body_of(request)
            token = sec.text_of(body, "token", limit=200)
            name = agent_name(sec.text_of(body, "agent", limit=200, default="")) or "operator"
            secret = self._exchange(token, name)
            if secret is None:
                self.links.attempts.wrong(remote)
                return sec.problem(
                    401,
                    "wrong_token",
                    "this token was used or is too old; the server's console has a new one",
                )
            return _json({"session": secret, "agent": name})

        return await sec.answer(work, request)

    async def close_session(self, request: web.Request) -> web.Response:
        self.links.revoke(sec.secret_of(request)[0])
        response = _json({"ok": True})
        response.del_cookie(COOKIE, path="/desk")
        return response

    def _agent(self, request: web.Request) -> str:
        session = sec.session_of(request, self.links)
        assert session is not None, "only guarded handlers ask"
        return session.agent

    async def me(self, request: web.Request) -> web.Response:
        return _json({"agent": self._agent(request), "dispositions": list(DISPOSITIONS)})

    # --- tickets ----------------------------------------------------------------------------------------

    async def list_queue(self, request: web.Request) -> web.Response:
        return _json(self.snapshot())

    async def show_ticket(self, request: web.Request) -> web.Response:
        ticket_id = request.match_info["id"]
        item = self.queue.open_ticket(ticket_id)
        if item is not None:
            return _json(self._shown(ticket_json(item.ticket, item.position), item.packet))
        ticket = await self.store.ticket(ticket_id)
        if ticket is None:
            return sec.problem(404, "unknown", "there is no such ticket")
        return _json(self._shown(ticket_json(ticket, 0), await self.store.packet(ticket_id) or {}))

    def _shown(self, ticket: JsonDict, packet: JsonDict) -> JsonDict:
        return {"now": self.wall_ms(), "ticket": ticket, "packet": packet}

    async def accept(self, request: web.Request) -> web.Response:
        ticket = await self.queue.accept(request.match_info["id"], self._agent(request))
        return _json({"ticket": ticket_json(ticket, 0)})

    async def complete(self, request: web.Request) -> web.Response:
        body = await sec.body_of(request)
        disposition = sec.text_of(body, "disposition", limit=40)
        note = sec.text_of(body, "note", limit=MAX_NOTE)
        ticket = await self.queue.complete(request.match_info["id"], self._agent(request), disposition, note)
        return _json({"ticket": ticket_json(ticket, 0)})

    # --- calls ------------------------------------------------------------------------------------------

    async def list_calls(self, request: web.Request) -> web.Response:
        return _json({"calls": await self.store.calls(_number(request, "limit", 100, 1, 1000))})

    async def call_events(self, request: web.Request) -> web.Response:
        after = _number(request, "after", -1, -1, 2**31)
        events = await self.store.events(request.match_info["id"], after)
        if not events and after < 0:
            return sec.problem(404, "unknown", "there is no such call")
        return _json({"events": [event.to_json() for event in events]})

    async def recording(self, request: web.Request) -> web.StreamResponse:
        events = await self.store.events(request.match_info["id"])
        saved = [e.data.path for e in events if isinstance(e.data, RecordingSaved)]
        path = await asyncio.to_thread(inside, self.settings.data, saved[-1]) if saved else None
        if path is None:
            return sec.problem(404, "unknown", "this call has no recording (yet)")
        head = sec.headers(cache="private, no-store") | {"Content-Type": "audio/wav"}
        return web.FileResponse(path, headers=head)

    async def live_socket(self, request: web.Request) -> web.StreamResponse:
        secret, by_cookie = sec.secret_of(request)
        if (by_cookie or "Origin" in request.headers) and not sec.same_origin(
            request, self.settings.server.public_url
        ):
            return sec.problem(403, "cross_site", "the live socket is for the desk's own page")
        return await self.live.serve(
            request,
            calls=request.query.get("calls") == "1",
            signed_in=lambda: self.links.session(secret) is not None,
        )


def routes(desk: Desk) -> list[web.AbstractRouteDef]:
    """Everything under ``/desk``, for ``app.add_routes``."""

    def own(handler: sec.Handler) -> sec.Handler:
        return sec.guarded(desk.links, desk.settings.server.public_url, handler)

    return [
        web.get("/desk", desk.page),
        web.get("/desk/", desk.page),
        web.get("/desk/static/{name}", desk.static),
        web.get("/desk/enter/{token}", desk.enter_page),
        web.post("/desk/enter/{token}", desk.enter),
        web.post("/desk/api/session", desk.open_session),
        web.delete("/desk/api/session", own(desk.close_session)),
        web.get("/desk/api/me", own(desk.me)),
        web.get("/desk/api/queue", own(desk.list_queue)),
        web.get("/desk/api/tickets/{id}", own(desk.show_ticket)),
        web.post("/desk/api/tickets/{id}/accept", own(desk.accept)),
        web.post("/desk/api/tickets/{id}/complete", own(desk.complete)),
        web.get("/desk/api/calls", own(desk.list_calls)),
        web.get("/desk/api/calls/{id}/events", own(desk.call_events)),
        web.get("/desk/api/calls/{id}/recording", own(desk.recording)),
        web.get("/desk/api/live", own(desk.live_socket)),
    ]


def inside(data: Path, name: str) -> Path | None:
    """The WAV file called ``name`` if, links followed, it lies under the data folder."""
    root = data.resolve()
    for candidate in (Path(name), data / name):
        try:
            path = candidate.resolve()
            if path.is_relative_to(root) and path.suffix == ".wav" and path.is_file():
                return path
        except (OSError, ValueError):
            continue
    return None


def _json(body: JsonDict) -> web.Response:
    return web.json_response(body, headers=sec.headers())


def _number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    raw = request.query.get(name, str(default))
    try:
        value = int(raw)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise sec.BadRequest(f"{name} must be a whole number from {low} to {high}")
    return value


def _static(name: str) -> bytes:
    return (resources.files("voice.desk") / "static" / name).read_bytes()
