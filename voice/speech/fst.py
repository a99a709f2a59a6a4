"""Weighted finite-state transducers in OpenFst's binary file format, as far as Kaldi graphs need it.

The layout is that of OpenFst's ``VectorFst`` over the tropical semiring (``fst-header``: magic, type,
arc type, version, flags, properties, start, states, arcs; then per state a final weight, an arc count
and the arcs), little-endian. Weights are costs: negative natural logarithms.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field

MAGIC = 2125659606
_EXPANDED_AND_MUTABLE = 0x3
_HEADER_TAIL = struct.Struct("<iiQqqq")
_STATE = struct.Struct("<fq")
_ARC = struct.Struct("<iifi")
_VERSION = 2


@dataclass(frozen=True, slots=True)
class Arc:
    """Reads label ``ilabel``, writes ``olabel`` (0 is nothing) at cost ``weight``, goes to ``target``."""

    ilabel: int
    olabel: int
    weight: float
    target: int


@dataclass(slots=True)
class Fst:
    """A transducer that starts in state 0. ``finals`` maps a final state to its cost."""

    arcs: list[list[Arc]] = field(default_factory=list)
    finals: dict[int, float] = field(default_factory=dict)

    def add_state(self) -> int:
        self.arcs.append([])
        return len(self.arcs) - 1

    def add_arc(self, source: int, ilabel: int, olabel: int, weight: float, target: int) -> None:
        self.arcs[source].append(Arc(ilabel, olabel, weight, target))

    def sort_by_olabel(self) -> None:
        """Composition with a grammar on the right needs this order."""
        for arcs in self.arcs:
            arcs.sort(key=lambda arc: arc.olabel)


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<i", len(raw)) + raw


def encode(fst: Fst) -> bytes:
    """The bytes of a ``vector``/``standard`` FST file."""
    out = [
        struct.pack("<i", MAGIC),
        _string("vector"),
        _string("standard"),
        _HEADER_TAIL.pack(
            _VERSION, 0, _EXPANDED_AND_MUTABLE, 0, len(fst.arcs), sum(len(arcs) for arcs in fst.arcs)
        ),
    ]
    for state, arcs in enumerate(fst.arcs):
        out.append(_STATE.pack(fst.finals.get(state, math.inf), len(arcs)))
        out.extend(_ARC.pack(arc.ilabel, arc.olabel, arc.weight, arc.target) for arc in arcs)
    return b"".join(out)


def decode(data: bytes) -> Fst:
    """Reads what :func:`encode` writes. Raises ValueError for anything else."""
    try:
        return _decode(data)
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError(f"not a complete OpenFst vector file: {error}") from error


def _decode(data: bytes) -> Fst:
    offset = 0

    def take(layout: struct.Struct) -> tuple[int, ...]:
        nonlocal offset
        values = layout.unpack_from(data, offset)
        offset += layout.size
        return values

    def take_string() -> str:
        nonlocal offset
        (length,) = take(struct.Struct("<i"))
        if not 0 <= length <= 64:
            raise ValueError("not an OpenFst file")
        offset += length
        return data[offset - length : offset].decode()

    if take(struct.Struct("<i"))[0] != MAGIC:
        raise ValueError("not an OpenFst file")
    kind = (take_string(), take_string())
    version, flags, _properties, start, states, _arcs = take(_HEADER_TAIL)
    if kind != ("vector", "standard") or version != _VERSION or flags or start:
        raise ValueError(f"an OpenFst file of another kind: {kind}, version {version}, start {start}")
    fst = Fst()
    for state in range(states):
        final, count = take(_STATE)
        if math.isfinite(final):
            fst.finals[state] = final
        fst.add_state()
        for _ in range(count):
            fst.add_arc(state, *take(_ARC))
    if offset != len(data):
        raise ValueError("an OpenFst file with bytes after its end")
    return fst
