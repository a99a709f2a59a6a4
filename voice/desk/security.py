"""What every desk answer carries and every desk request must show: headers, session, same origin."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from voice.desk.auth import COOKIE, OneTimeLinks, Session
from voice.errors import StoreError, TicketError
from voice.model import JsonDict
from voice.queue.service import Refusal

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CSRF_HEADER: Final = "X-Desk"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: with it browsers send "Origin: null" with a form, and the origin could not be checked
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def headers(*, cache: str = "no-store") -> dict[str, str]:
    return {**HEADERS, "Cache-Control": cache}


def problem(status: int, code: str, message: str, *, by: str = "", allow: str = "") -> web.Response:
    """``message`` says what to do; ``code`` is for programs."""
    error: JsonDict = {"code": code, "message": message}
    if by:
        error["by"] = by
    more = {"Allow": allow} if allow else {}
    if status in (429, 503):
        more["Retry-After"] = "5" if status == 503 else "60"
    return web.json_response({"error": error}, status=status, headers=headers() | more)


def secret_of(request: web.Request) -> tuple[str, bool]:
    """The session's secret, and whether it came in the cookie (a browser)."""
    authorization = request.headers.get("Authorization", "")
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip(), False
    return request.cookies.get(COOKIE, ""), True


def session_of(request: web.Request, links: OneTimeLinks) -> Session | None:
    secret, _ = secret_of(request)
    return links.session(secret) if secret else None


def same_origin(request: web.Request, public_url: str) -> bool:
    """Whether the page that sent this is ours: its Origin names the host that was asked (or the public
    address of a proxy in front). Browsers send Origin with every POST and every WebSocket."""
    origin = urlsplit(request.headers.get("Origin", ""))
    if not origin.netloc or origin.scheme not in ("http", "https"):
        return False
    return origin.netloc == request.host or (
        bool(public_url) and f"{origin.scheme}://{origin.netloc}" == public_url
    )


def is_https(request: web.Request) -> bool:
    """As the browser sees it, also behind a proxy that ends TLS."""
    return (
        request.secure
        or request.headers.get("X-Forwarded-Proto", "") == "https"
        or request.headers.get("Origin", "").startswith("https://")
    )


def guarded(links: OneTimeLinks, public_url: str, handler: Handler) -> Handler:
    """An API handler that only a session reaches, and whose errors are JSON."""

    async def guard(request: web.Request) -> web.StreamResponse:
        remote = request.remote or ""
        secret, by_cookie = secret_of(request)
        session = links.session(secret) if secret else None
        if session is None:
            if links.attempts.blocked(remote):
                return problem(429, "slow_down", "too many wrong attempts; try again in a minute")
            if secret and not by_cookie:
                links.attempts.wrong(remote)
            return problem(
                401, "signed_out", "not signed in: open the one-time address that the server printed"
            )
        ours = request.headers.get(CSRF_HEADER) == "1" and same_origin(request, public_url)
        if by_cookie and request.method != "GET" and not ours:
            return problem(403, "cross_site", f"this must come from the desk's page, with {CSRF_HEADER}: 1")
        return await answer(handler, request)

    return guard


async def answer(handler: Handler, request: web.Request) -> web.StreamResponse:
    """Runs an API handler; what it raises on purpose becomes a JSON error."""
    try:
        return await handler(request)
    except Refusal as error:
        status = 404 if error.code == "unknown" else 400 if error.code == "disposition" else 409
        return problem(status, error.code, str(error), by=error.by)
    except TicketError as error:
        return problem(409, "conflict", str(error))
    except StoreError as error:
        log.error("the desk could not use the store: %s", error)
        return problem(503, "store", "this could not be stored just now; try again in a few seconds")
    except BadRequest as error:
        return problem(400, "bad_request", str(error))


class BadRequest(ValueError):
    """The request's body or query is wrong; the message says how it should be."""


async def body_of(request: web.Request) -> JsonDict:
    """A JSON object; an empty body is an empty one."""
    try:
        raw = await request.json() if request.can_read_body else {}
    except (ValueError, RecursionError):
        raise BadRequest("the body must be a JSON object") from None
    if not isinstance(raw, dict):
        raise BadRequest("the body must be a JSON object")
    return raw


def text_of(body: JsonDict, name: str, *, limit: int, default: str = "") -> str:
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > limit:
        raise BadRequest(f"{name} must be text of at most {limit} characters")
    return value
