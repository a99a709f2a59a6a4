"""The least a media server can do: what ``voice bench`` measures our server against.

A bare aiohttp + uvloop receiver of Twilio Media Streams: parse, decode, voice activity, turns, paced
answers, clear on barge-in, and nothing else. Messages out have the size and pace of our server's
(:mod:`voice.audio.playout`): 100 ms each, at most 240 ms ahead, a mark at the end. It is written to be
fast: prompts are encoded once, frames keep the pace, no task, timer or queue a call.

``python -m voice.replay.floor --port N`` serves until SIGTERM, with ``/healthz`` and ``/metrics``.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import gc
import signal
from functools import lru_cache

import orjson
import uvloop
import webrtcvad
from aiohttp import WSMsgType, web

from voice.audio.g711 import ulaw_decode, ulaw_encode
from voice.audio.tones import hold_music
from voice.metrics import Metrics, routes, watch_loop_lag

PATH = "/telephony/twilio/stream"
ONSET_FRAMES = 10  # 200 ms of speech begin a turn
END_FRAMES = 15  # 300 ms of silence end it
CHUNK_MS = 100
LEAD_MS = 240
DEFAULT_ANSWER_MS = 1000


@lru_cache(maxsize=4)
def _answer(ms: int) -> list[str]:
    """The payloads of an answer, base64 mu-law of 100 ms each."""
    ulaw = ulaw_encode(hold_music()[: ms * 16])
    return [base64.b64encode(ulaw[i : i + CHUNK_MS * 8]).decode() for i in range(0, len(ulaw), CHUNK_MS * 8)]


class _Call:
    """One caller's turns and answers. Time is counted in the caller's frames."""

    def __init__(self, ws: web.WebSocketResponse, stream_sid: str, answer_ms: int) -> None:
        self._send = ws.send_str
        head = f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"'
        self._answer = [f'{head}{payload}"}}}}' for payload in _answer(answer_ms)]
        self._mark = f'{{"event":"mark","streamSid":"{stream_sid}","mark":{{"name":"end"}}}}'
        self._clear = f'{{"event":"clear","streamSid":"{stream_sid}"}}'
        self._is_speech = webrtcvad.Vad(3).is_speech
        self._speech = 0  # frames of speech in a row, while no turn is on
        self._silence = 0  # frames of silence in a row, while one is
        self._turn = False
        self._next = len(self._answer)  # of the answer's messages
        self._ahead_ms = 0  # sent and not yet heard

    async def frame(self, pcm: bytes) -> None:
        self._ahead_ms -= 20
        if self._is_speech(pcm, 8000):
            self._silence = 0
            self._speech += 1
            if self._speech == ONSET_FRAMES and not self._turn:
                self._turn = True
                if self._ahead_ms > 0 or self._next < len(self._answer):
                    self._next = len(self._answer)
                    self._ahead_ms = 0
                    await self._send(self._clear)
        else:
            self._speech = 0
            self._silence += 1
            if self._turn and self._silence == END_FRAMES:
                self._turn = False
                self._next = 0
                self._ahead_ms = 0
        while self._next < len(self._answer) and self._ahead_ms + CHUNK_MS <= LEAD_MS:
            await self._send(self._answer[self._next])
            self._next += 1
            self._ahead_ms += CHUNK_MS
            if self._next == len(self._answer):
                await self._send(self._mark)


async def _stream(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    metrics = request.app[_METRICS]
    metrics.calls_active.inc()
    call: _Call | None = None
    try:
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                break
            body = orjson.loads(message.data)
            event = body["event"]
            if event == "media":
                assert call is not None
                await call.frame(ulaw_decode(base64.b64decode(body["media"]["payload"])))
            elif event == "start":
                parameters = body["start"].get("customParameters", {})
                call = _Call(ws, body["streamSid"], int(parameters.get("answer_ms", DEFAULT_ANSWER_MS)))
            elif event == "stop":
                break
    except ConnectionError:
        pass  # the caller hung up while we were sending
    finally:
        metrics.calls_active.dec()
    return ws


_METRICS = web.AppKey("metrics", Metrics)


async def serve(port: int) -> None:
    """Serves on loopback until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    metrics = Metrics()
    app = web.Application()
    app[_METRICS] = metrics

    async def healthy(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app.add_routes([web.get(PATH, _stream), web.get("/healthz", healthy), *routes(metrics)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    _answer(DEFAULT_ANSWER_MS)
    gc.collect()
    gc.freeze()
    watcher = asyncio.create_task(watch_loop_lag(metrics))
    await stop.wait()
    watcher.cancel()
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
