"""Many synthetic callers at once, in a process of their own: the load of ``voice bench``.

Each caller is a Twilio Media Streams client on a raw socket: real time, 50 messages a second, two turns in a
cycle of four seconds, the second of them an interruption of the answer to the first. Everything that can be
made ahead is (messages are masked WebSocket frames before the first call), so that one core makes a load
that another cannot serve. Callers play what comes back: they keep the play cursor, echo marks when their
audio is over, obey clear, and notice audio that came too late.

``python -m voice.replay.load`` takes one job a line on stdin, ``{"port": .., "calls": .., "warm_s": ..,
"window_s": .., "answer_ms": ..}``, optionally with another ``"cycle": {"path": ..,
"turn_ends": [..]}`` (mu-law, and the frames with which turns end), and answers on stdout with
``{"event": "begin"}``, ``{"event": "end"}`` around the window and ``{"event": "done", ...}`` with figures.
"""

from __future__ import annotations

import base64
import heapq
import itertools
import json
import os
import select
import socket
import sys
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from voice.audio.g711 import ulaw_encode

PATH = "/telephony/twilio/stream"
FRAME_S = 0.02
CYCLE_MS = 4000
# (ms, talking): the answer to the first turn is interrupted by the second, whose answer is heard to its end
CYCLE = ((1000, True), (800, False), (600, True), (1600, False))
PHASES = 10  # callers are this many different parts of the cycle apart
CONNECTS_A_SECOND = 200
ENDPOINT_S = 0.3  # both servers wait for so much silence before they answer
_KEY = b"\x5a\xc3\x17\xe9"  # a client must mask; one key for all makes the work ours to do once
_SID_CHARS = 34


def _mask(data: bytes, shift: int = 0) -> bytes:
    key = _KEY[shift % 4 :] + _KEY[: shift % 4]
    size = len(data)
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")).to_bytes(size, "little")


def _frame_head(size: int) -> bytes:
    """RFC 6455 section 5.2: a final text frame, masked."""
    if size < 126:
        return bytes((0x81, 0x80 | size)) + _KEY
    return bytes((0x81, 0x80 | 126)) + size.to_bytes(2, "big") + _KEY


def ws_frame(text: bytes) -> bytes:
    """A client's text message, up to 64 kB."""
    return _frame_head(len(text)) + _mask(text)


def talk(ms: int, seed: int = 3) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A voice-like sound that voice activity detectors take for speech: pulses at a gliding pitch through
    three moving formants, four syllables a second, with a little noise."""
    t = np.arange(ms * 8) / 8000
    pitch = 125 * (1 + 0.08 * np.sin(2 * np.pi * 0.9 * t) + 0.03 * np.sin(2 * np.pi * 2.3 * t))
    phase = 2 * np.pi * np.cumsum(pitch) / 8000
    formants = (
        (500 + 250 * np.sin(2 * np.pi * 3.1 * t), 150, 1.0),
        (1400 + 500 * np.sin(2 * np.pi * 2.2 * t + 1), 200, 0.5),
        (np.full_like(t, 2600), 300, 0.25),
    )
    voice = np.zeros_like(t)
    for harmonic in range(1, 26):
        gain = sum(g * np.exp(-(((harmonic * pitch - f) / width) ** 2)) for f, width, g in formants)
        voice += (gain + 0.02) * np.sin(harmonic * phase)
    voice *= 0.55 - 0.45 * np.cos(2 * np.pi * 4 * t)
    noise = np.random.default_rng(seed).normal(0, 20, len(t))
    return np.asarray(voice / np.abs(voice).max() * 9000 + noise)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What callers say over and over: mu-law in whole frames, a multiple of :data:`PHASES`, and the frames
    with which a turn ends."""

    audio: bytes
    turn_ends: frozenset[int]

    @property
    def frames(self) -> int:
        return len(self.audio) // 160

    def offset(self, phase: int) -> int:
        """Where callers of a phase begin."""
        return phase * (self.frames // PHASES)


@lru_cache(maxsize=1)
def caller_audio() -> bytes:
    """One cycle, mu-law."""
    rng = np.random.default_rng(7)
    parts = [talk(ms) if talking else rng.normal(0, 12, ms * 8) for ms, talking in CYCLE]
    return ulaw_encode(np.concatenate(parts).astype("<i2").tobytes())


def _turn_ends() -> tuple[int, ...]:
    """The frames of the cycle with which a turn ends."""
    ends, at = [], 0
    for ms, talking in CYCLE:
        at += ms // 20
        if talking:
            ends.append(at)
    return tuple(ends)


class Messages:
    """Media messages of every phase, as WebSocket frames without their end, which names the stream."""

    def __init__(self, frames: int, said: Cycle | None = None) -> None:
        self.said = said or default_cycle()
        audio, cycle = self.said.audio, self.said.frames
        payloads = [base64.b64encode(audio[i * 160 : (i + 1) * 160]).decode() for i in range(cycle)]
        self.heads: list[list[tuple[bytes, int]]] = []  # by phase and frame: (bytes, mask shift of the rest)
        for phase in range(PHASES):
            offset = self.said.offset(phase)
            row = []
            for n in range(frames):
                text = (
                    f'{{"event":"media","sequenceNumber":"{n + 3}","media":{{"track":"inbound",'
                    f'"chunk":"{n + 1}","timestamp":"{n * 20}",'
                    f'"payload":"{payloads[(n + offset) % cycle]}"}},"streamSid":"'
                ).encode()
                row.append((_frame_head(len(text) + _SID_CHARS + 2) + _mask(text), len(text) % 4))
            self.heads.append(row)


@dataclass(slots=True)
class Figures:
    """What the callers saw in the window."""

    frames: int = 0
    audio_ms: int = 0
    chunks: int = 0
    late_chunks: int = 0  # audio that came when the audio before it was over, within an answer
    answers: int = 0
    clears: int = 0
    lost_calls: int = 0
    response_ms: list[float] = field(default_factory=list)
    generator_late_ms: list[float] = field(default_factory=list)

    def to_json(self, calls: int) -> dict[str, float]:
        def quantile(values: list[float], q: float) -> float:
            return round(float(np.quantile(values, q)), 2) if values else 0.0

        return {
            "calls": calls,
            "frames": self.frames,
            "audio_ms": self.audio_ms,
            "chunks": self.chunks,
            "late_share": round(self.late_chunks / max(1, self.chunks), 5),
            "answers": self.answers,
            "clears": self.clears,
            "lost_calls": self.lost_calls,
            "response_ms_p50": quantile(self.response_ms, 0.5),
            "response_ms_p99": quantile(self.response_ms, 0.99),
            "generator_late_ms_p99": quantile(self.generator_late_ms, 0.99),
        }


class Caller:
    """One connection. ``frame`` sends the next message, ``read`` plays what came."""

    def __init__(self, port: int, number: int, answer_ms: int, messages: Messages) -> None:
        self.number = number
        self._phase = number % PHASES
        self._heads = messages.heads[self._phase]
        self._said = messages.said
        self._sid = (
            f"MZ{os.getpid() & 0xFFFFFFFF:08x}{time.monotonic_ns() & 0xFFFFFFFFFFFFFFFF:016x}{number:08x}"
        )
        tail = f'{self._sid}"}}'.encode()
        assert len(self._sid) == _SID_CHARS
        self._tails = [_mask(tail, shift) for shift in range(4)]
        self._sent = 0  # frames
        self._buffer = bytearray()
        self.play_end = 0.0  # when the audio received so far is over
        self.marks: list[str] = []  # waiting for their audio's end
        self.turn_end: float | None = None  # when the caller's last turn ended, until its answer begins
        self.answering = False
        self.open = True
        self.socket = self._connect(port)
        self.socket.sendall(
            ws_frame(orjson.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        )
        self.socket.sendall(ws_frame(orjson.dumps(self._start(answer_ms))))

    def _connect(self, port: int) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        sock.sendall(
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        answer = bytearray()
        while b"\r\n\r\n" not in answer:
            piece = sock.recv(4096)
            if not piece:
                raise ConnectionError("the server closed the connection during the handshake")
            answer += piece
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = head.split(b"\r\n", 1)[0].decode(errors="replace")
        if " 101 " not in status:
            raise ConnectionError(f"the server answered {status}")
        self._buffer += rest
        sock.setblocking(False)
        return sock

    def _start(self, answer_ms: int) -> dict[str, object]:
        call_sid = "CA" + self._sid[2:]
        return {
            "event": "start",
            "sequenceNumber": "2",
            "start": {
                "accountSid": "AC" + "0" * 32,
                "streamSid": self._sid,
                "callSid": call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"answer_ms": str(answer_ms)},
            },
            "streamSid": self._sid,
        }

    def frame(self, now: float) -> bool:
        """Sends the next 20 ms; False when the server does not take it."""
        head, shift = self._heads[self._sent]
        self._sent += 1
        if (self._sent + self._said.offset(self._phase)) % self._said.frames in self._said.turn_ends:
            self.turn_end = now
            self.answering = False
        return self._send(head + self._tails[shift])

    def _send(self, data: bytes) -> bool:
        try:
            done = self.socket.send(data)
        except OSError:
            self.open = False
            return False
        self.open = done == len(data)  # a server so far behind that the socket is full
        return self.open

    def echo(self, name: str) -> None:
        body = {"event": "mark", "sequenceNumber": "0", "streamSid": self._sid, "mark": {"name": name}}
        self._send(ws_frame(orjson.dumps(body)))

    def read(self, now: float, figures: Figures, due: list[tuple[float, int, Caller, str]]) -> None:
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.open = False
            return
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= 2:
            size, head = buffer[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(buffer[at + 2 : at + 4], "big"), 4
            if size == 127 or len(buffer) - at < head + size:
                break
            if buffer[at] == 0x81:
                self._message(bytes(buffer[at + head : at + head + size]), now, figures, due)
            elif buffer[at] & 0x0F == 8:
                self.open = False
            at += head + size
        del buffer[:at]

    def _message(
        self, text: bytes, now: float, figures: Figures, due: list[tuple[float, int, Caller, str]]
    ) -> None:
        # no parser: this runs for hundreds of callers on the core that makes the load
        start = text.find(b'"payload":"')
        if start >= 0:
            size = text.index(b'"', start + 11) - start - 11
            ms = size * 3 // 4 // 8 // 20 * 20
            figures.chunks += 1
            figures.audio_ms += ms
            if self.turn_end is not None:
                figures.response_ms.append((now - self.turn_end - ENDPOINT_S) * 1000)
                figures.answers += 1
                self.turn_end = None
                self.answering = True
            elif self.answering and now > self.play_end:
                figures.late_chunks += 1
            self.play_end = max(now, self.play_end) + ms / 1000
        elif b'"mark"' in text:
            heapq.heappush(due, (self.play_end, next(_ORDER), self, orjson.loads(text)["mark"]["name"]))
        elif b'"clear"' in text:
            figures.clears += 1
            self.play_end = now
            self.answering = False

    def hang_up(self) -> None:
        if self.open:
            stop = {"event": "stop", "sequenceNumber": "0", "streamSid": self._sid, "stop": {}}
            self._send(ws_frame(orjson.dumps(stop)) + bytes((0x88, 0x80)) + _KEY)
        self.socket.close()


TURN_ENDS = frozenset(_turn_ends())


@lru_cache(maxsize=1)
def default_cycle() -> Cycle:
    return Cycle(caller_audio(), TURN_ENDS)


_ORDER = itertools.count()


class Load:
    """``calls`` callers against one server, in one thread without an event loop: a 1 ms clock, in which every
    caller has its own millisecond of the 20, so that the load is as even as that of many telephones."""

    def __init__(self, port: int, calls: int, answer_ms: int, messages: Messages) -> None:
        self._port = port
        self._calls = calls
        self._answer_ms = answer_ms
        self._messages = messages
        self._callers: list[Caller] = []
        self._slots: list[list[Caller]] = [[] for _ in range(20)]
        self._poll = select.epoll()
        self._by_fd: dict[int, Caller] = {}
        self._due: list[tuple[float, int, Caller, str]] = []
        self.figures = Figures()

    def run(self, warm_s: float, window_s: float) -> Figures:
        """Warm-up (after the last caller has connected), window, hang-up. Announces the window on stdout."""
        start = time.monotonic()
        tick = 0
        ready: float | None = None  # when the warm-up ends
        ends = float("inf")
        while True:
            due = start + tick * 0.001
            now = time.monotonic()
            if len(self._callers) < self._calls:
                self._connect_some(now - start)
            elif ready is None:
                ready = now + warm_s
            if ready is not None and now >= ready:
                ready, ends = float("inf"), now + window_s
                self.figures = Figures()
                _say({"event": "begin"})
            if now >= ends:
                _say({"event": "end"})
                break
            self._tick(tick, due, now)
            tick += 1
            self._wait(start + tick * 0.001)
        for caller in self._callers:
            self.figures.lost_calls += not caller.open
            caller.hang_up()
        self._poll.close()
        return self.figures

    def _connect_some(self, elapsed: float) -> None:
        wanted = min(self._calls, int(elapsed * CONNECTS_A_SECOND) + 1)
        while len(self._callers) < wanted:
            number = len(self._callers)
            caller = Caller(self._port, number, self._answer_ms, self._messages)
            self._callers.append(caller)
            self._slots[number * 7 % 20].append(caller)
            self._by_fd[caller.socket.fileno()] = caller
            self._poll.register(caller.socket, select.EPOLLIN)

    def _tick(self, tick: int, due: float, now: float) -> None:
        slot = self._slots[tick % 20]
        for caller in slot:
            if caller.open:
                caller.frame(now)
        self.figures.frames += len(slot)
        if slot:
            self.figures.generator_late_ms.append((now - due) * 1000)
        while self._due and self._due[0][0] <= now:
            _, _, caller, name = heapq.heappop(self._due)
            if caller.open:
                caller.echo(name)

    def _wait(self, until: float) -> None:
        """Reads what comes until the next tick is due; at least once."""
        while True:
            now = time.monotonic()
            for fd, _ in self._poll.poll(max(0.0, until - now)):
                caller = self._by_fd[fd]
                caller.read(time.monotonic(), self.figures, self._due)
                if not caller.open:
                    self._poll.unregister(fd)
            if time.monotonic() >= until:
                return


def read_cycle(path: str, turn_ends: list[int]) -> Cycle:
    return Cycle(Path(path).read_bytes(), frozenset(turn_ends))


def _say(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main() -> None:
    messages: Messages | None = None
    length = 0
    said: dict[str, Any] = {}
    for line in sys.stdin:
        job = json.loads(line)
        calls, warm_s, window_s = job["calls"], job["warm_s"], job["window_s"]
        frames = int((calls / CONNECTS_A_SECOND + warm_s + window_s + 3) / FRAME_S)
        try:
            if messages is None or frames > length or said != job.get("cycle", {}):
                length, said = frames, job.get("cycle", {})
                messages = Messages(frames, read_cycle(**said) if said else None)
            figures = Load(job["port"], calls, job["answer_ms"], messages).run(warm_s, window_s)
        except OSError as error:
            _say({"event": "failed", "why": str(error)})
            continue
        _say({"event": "done", **figures.to_json(calls)})


if __name__ == "__main__":
    main()
