"""Writes a Kaldi nnet3 acoustic model (``final.mdl``) from numpy arrays, in Kaldi's binary format.

The layout follows Kaldi's own readers: ``TransitionModel::Read`` (hmm/transition-model.cc),
``HmmTopology::Read`` (hmm/hmm-topology.cc), ``Nnet::Read`` (nnet3/nnet-nnet.cc) and the components' ``Read``
functions (nnet3/nnet-simple-component.cc); compressed matrices are ``CompressedMatrix``
(matrix/compressed-matrix.cc).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
SMALLEST_COMPRESSED = 4096  # entries; below, 8 bits save nothing worth the rounding


def _token(text: str) -> bytes:
    return text.encode() + b" "


def _int(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _double(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def _ints(values: list[int]) -> bytes:
    return b"\x04" + struct.pack("<i", len(values)) + np.asarray(values, "<i4").tobytes()


def _vector(values: npt.ArrayLike) -> bytes:
    array = np.asarray(values, "<f4")
    return b"FV " + _int(array.size) + array.tobytes()


def _matrix(values: Matrix) -> bytes:
    array = np.ascontiguousarray(values, "<f4")
    if array.size < SMALLEST_COMPRESSED:
        return b"FM " + _int(array.shape[0]) + _int(array.shape[1]) + array.tobytes()
    low, codes, step = quantise(array)
    return b"CM3 " + struct.pack("<ffii", low, step * 255, *array.shape) + codes.tobytes()


def quantise(values: Matrix) -> tuple[float, npt.NDArray[np.uint8], float]:
    """One byte an entry: ``low + code * step`` (Kaldi's kOneByte with one range for the whole matrix)."""
    low, high = float(values.min()), float(values.max())
    step = max(high - low, 1e-8) / 255
    codes = np.round((values.astype(np.float64) - low) / step)
    return low, np.clip(codes, 0, 255).astype(np.uint8), step


def transition_model(pdfs: list[tuple[int, int]]) -> bytes:
    """One state a phone. ``pdfs[i]`` is (output on entering, output while staying) of phone symbol i + 1."""
    count = len(pdfs)
    out = _token("<TransitionModel>") + _token("<Topology>") + _ints(list(range(1, count + 1)))
    out += _ints([-1] + [0] * count)  # every phone symbol uses topology entry 0
    out += _int(-1)  # entering and staying have pdf classes of their own
    out += _int(1) + _int(2)  # one entry of two states
    out += _int(0) + _int(1)  # state 0: pdf class 0 forward, 1 for its self-loop
    out += _int(2) + _int(0) + _float(0.5) + _int(1) + _float(0.5)
    out += _int(-1) + _int(-1) + _int(0)  # the final state emits nothing
    out += _token("</Topology>") + _token("<Tuples>") + _int(count)
    for symbol, (entering, staying) in enumerate(pdfs, 1):
        out += _int(symbol) + _int(0) + _int(entering) + _int(staying)
    out += _token("</Tuples>") + _token("<LogProbs>")
    out += _vector([0.0] + [math.log(0.5)] * (2 * count))
    return out + _token("</LogProbs>") + _token("</TransitionModel>")


@dataclass(slots=True)
class Network:
    """An nnet3 network being written: configuration lines and the components they name."""

    input_dim: int
    lines: list[str] = field(default_factory=list)
    components: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines.append(f"input-node name=input dim={self.input_dim}")

    def affine(self, name: str, source: str, weights: Matrix, bias: Matrix) -> str:
        body = _token("<LinearParams>") + _matrix(weights) + _token("<BiasParams>") + _vector(bias)
        return self._add(name, "FixedAffineComponent", body, source)

    def relu(self, name: str, source: str, dim: int) -> str:
        return self._add(name, "RectifiedLinearComponent", _nonlinear(dim), source)

    def scale(self, name: str, source: str, scales: Matrix) -> str:
        return self._add(name, "FixedScaleComponent", _token("<Scales>") + _vector(scales), source)

    def bias(self, name: str, source: str, bias: Matrix) -> str:
        return self._add(name, "FixedBiasComponent", _token("<Bias>") + _vector(bias), source)

    def output(self, source: str) -> None:
        self.lines.append(f"output-node name=output input={source} objective=linear")

    def encode(self) -> bytes:
        head = b"<Nnet3> \n" + ("\n".join(self.lines) + "\n\n").encode()
        head += _token("<NumComponents>") + _int(len(self.components))
        return head + b"".join(self.components) + _token("</Nnet3>")

    def _add(self, name: str, kind: str, body: bytes, source: str) -> str:
        self.lines.append(f"component-node name={name} component={name} input={source}")
        self.components.append(
            _token("<ComponentName>") + _token(name) + _token(f"<{kind}>") + body + _token(f"</{kind}>")
        )
        return name


def _nonlinear(dim: int) -> bytes:
    return (
        _token("<Dim>")
        + _int(dim)
        + _token("<ValueAvg>")
        + _vector([])
        + _token("<DerivAvg>")
        + _vector([])
        + _token("<Count>")
        + _double(0.0)
    )


def append(source: str, offsets: tuple[int, ...]) -> str:
    """The descriptor that joins a node's output at several times (in 10 ms frames)."""
    parts = [f"Offset({source}, {offset})" if offset else source for offset in offsets]
    return parts[0] if len(parts) == 1 else f"Append({', '.join(parts)})"


def acoustic_model(pdfs: list[tuple[int, int]], network: Network) -> bytes:
    """The bytes of ``final.mdl``. No priors are divided out by the decoder."""
    context = _token("<LeftContext>") + _int(0) + _token("<RightContext>") + _int(0)  # Kaldi computes them
    given = _token("<Priors>") + _vector([])
    return b"\0B" + transition_model(pdfs) + network.encode() + context + given
