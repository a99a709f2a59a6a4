"""``/healthz``: the process is alive. ``/readyz``: it may be sent calls, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web

Ready = Callable[[], tuple[bool, Mapping[str, str]]]
"""Whether to send calls here, and one word or phrase for each part that has something to say."""

_NO_STORE = {"Cache-Control": "no-store"}


def routes(ready: Ready) -> list[web.RouteDef]:
    """``/healthz`` answers 200 for as long as the event loop turns; restart what does not answer it.
    ``/readyz`` answers 200 or 503, with ``{"ready": bool, "checks": {name: state}}``; a load balancer
    stops sending calls on 503, and calls in progress go on."""

    async def healthz(request: web.Request) -> web.Response:
        return web.json_response({"alive": True}, headers=_NO_STORE)

    async def readyz(request: web.Request) -> web.Response:
        good, checks = ready()
        return web.json_response(
            {"ready": good, "checks": dict(checks)}, status=200 if good else 503, headers=_NO_STORE
        )

    return [web.get("/healthz", healthz), web.get("/readyz", readyz)]
