"""The acoustic network: a factored time-delay network over MFCC, one answer every 30 ms.

Both languages share all layers but the last, so that real speech of one teaches the other what lines and
people sound like. The shape is Kaldi's TDNN-F (Povey et al., 2018: "Semi-Orthogonal Low-Rank Matrix
Factorization for Deep Neural Networks"), without the orthogonality constraint.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from tools.acoustic_model import kaldi
from tools.acoustic_model.features import BINS, SUBSAMPLING, WORD_POSITIONS, Floats, pdf_count
from voice.speech.whole_words import MODEL_PHONES

SKIP = 0.66  # share of a layer's input that is added to its output, as Kaldi's recipes do


@dataclass(frozen=True, slots=True)
class Shape:
    """``width`` of the layers, ``bottleneck`` inside each, ``depth`` layers at 30 ms."""

    width: int = 512
    bottleneck: int = 144
    depth: int = 9

    @property
    def context(self) -> int:
        """Frames of 10 ms that an answer needs on either side of its own."""
        return 2 + SUBSAMPLING * self.depth


class _Factored(nn.Module):
    """Width to bottleneck over this frame and the one before, back over this one and the one after."""

    def __init__(self, width: int, bottleneck: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(2 * width, bottleneck, bias=False)
        self.widen = nn.Linear(2 * bottleneck, width)
        self.norm = nn.BatchNorm1d(width)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """(batch, n, width) to (batch, n - 2, width)."""
        inner = self.narrow(torch.cat([frames[:, :-1], frames[:, 1:]], 2))
        out = functional.relu(self.widen(torch.cat([inner[:, :-1], inner[:, 1:]], 2)))
        return _normed(self.norm, out) + SKIP * frames[:, 1:-1]


def _normed(norm: nn.BatchNorm1d, frames: torch.Tensor) -> torch.Tensor:
    batch, count, width = frames.shape
    return torch.Tensor(norm(frames.reshape(-1, width)).view(batch, count, width))


class AcousticNetwork(nn.Module):
    def __init__(self, shape: Shape, languages: tuple[str, ...] = ("en", "es")) -> None:
        super().__init__()
        self.shape = shape
        width, inner = shape.width, shape.bottleneck
        self.first = nn.Linear(3 * BINS, width)
        self.first_norm = nn.BatchNorm1d(width)
        self.second_narrow = nn.Linear(3 * width, inner, bias=False)
        self.second = nn.Linear(inner, width)
        self.second_norm = nn.BatchNorm1d(width)
        self.layers = nn.ModuleList(_Factored(width, inner) for _ in range(shape.depth))
        self.heads = nn.ModuleDict({lang: nn.Linear(width, pdf_count(lang)) for lang in languages})
        self.register_buffer("mean", torch.zeros(BINS))
        self.register_buffer("deviation", torch.ones(BINS))

    def trunk(self, features: torch.Tensor) -> torch.Tensor:
        """(batch, 2 * context + 3 * (n - 1) + 1, 30) MFCC to (batch, n, width)."""
        frames = (features - self.mean) / self.deviation
        frames = _three(frames, 1)
        frames = _normed(self.first_norm, functional.relu(self.first(frames)))
        frames = _three(frames, SUBSAMPLING)
        frames = functional.relu(self.second(self.second_narrow(frames)))
        frames = _normed(self.second_norm, frames)
        for layer in self.layers:
            frames = layer(frames)
        return frames

    def forward(self, features: torch.Tensor, lang: str) -> torch.Tensor:
        """Unnormalised outputs (batch, n, outputs of ``lang``)."""
        return torch.Tensor(self.heads[lang](self.trunk(features).float()))


def _three(frames: torch.Tensor, every: int) -> torch.Tensor:
    """Each frame with both neighbours, every so many frames."""
    count = frames.shape[1] - 2
    return torch.cat([frames[:, at : at + count : every] for at in range(3)], 2)


def save(network: AcousticNetwork, priors: dict[str, Floats], path: Path) -> None:
    """Written whole or not at all, so that an interrupted run finds the last good file."""
    part = path.with_suffix(".part")
    torch.save({"shape": asdict(network.shape), "weights": network.state_dict(), "priors": priors}, part)
    part.replace(path)


def load(path: Path) -> tuple[AcousticNetwork, dict[str, Floats]]:
    kept = torch.load(path, weights_only=False)
    network = AcousticNetwork(Shape(**kept["shape"]))
    network.load_state_dict(kept["weights"])
    network.eval()
    return network, kept["priors"]


def posteriors(network: AcousticNetwork, lang: str, features: Floats) -> Floats:
    """Log outputs (frames, outputs) at every 10 ms frame of an utterance, edges repeated."""
    context = network.shape.context
    padded = np.concatenate(
        [np.repeat(features[:1], context, 0), features, np.repeat(features[-1:], context + 2, 0)]
    )
    out = np.zeros((len(features), pdf_count(lang)), np.float32)
    with torch.no_grad():
        for phase in range(SUBSAMPLING):
            answers = network(torch.from_numpy(padded[None, phase:]), lang)[0]
            found = functional.log_softmax(answers, -1).numpy()
            wanted = len(range(phase, len(features), SUBSAMPLING))
            out[phase::SUBSAMPLING] = found[:wanted]
    return out


def divide_priors(network: AcousticNetwork, lang: str, priors: Floats) -> None:
    """Turns the outputs of a language from log probabilities into scaled log likelihoods, for good."""
    with torch.no_grad():
        network.heads[lang].bias -= torch.from_numpy(np.log(np.maximum(priors, 1e-5)))


def blend(network: AcousticNetwork, other: AcousticNetwork, share: float) -> None:
    """Makes every weight of ``network`` lie between ``other`` (0) and itself (1)."""
    theirs = other.state_dict()
    with torch.no_grad():
        for name, weights in network.state_dict().items():
            if weights.dtype.is_floating_point:
                weights.copy_((1 - share) * theirs[name] + share * weights)


def export(network: AcousticNetwork, lang: str) -> bytes:
    """``final.mdl``: phone symbols in the order of ``voice.speech.graph``, weights in 8 bits.

    No softmax and no priors: a constant more in all outputs changes nothing in the decoder.
    """
    symbols = [(0, 0)]
    for number in range(1, len(MODEL_PHONES[lang]) + 1):
        symbols += [(2 * number - 1, 2 * number)] * WORD_POSITIONS
    out = kaldi.Network(BINS)
    node = _export_layers(network, out)
    head = network.heads[lang]
    out.output(out.affine("output.affine", node, _array(head.weight), _array(head.bias)))
    return kaldi.acoustic_model(symbols, out)


def _array(tensor: Any) -> Floats:
    return np.asarray(tensor.detach().float().numpy(), np.float32)


def _norm_parts(norm: nn.BatchNorm1d) -> tuple[Floats, Floats]:
    """A trained batch norm as ``scale * x + bias``."""
    scale = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
    return scale, _array(norm.bias) - _array(norm.running_mean) * scale


def _export_layers(network: AcousticNetwork, out: kaldi.Network) -> str:
    width, inner = network.shape.width, network.shape.bottleneck
    mean, deviation = _array(network.mean), _array(network.deviation)
    weights = np.asarray(_array(network.first.weight) / np.tile(deviation, 3), np.float32)
    bias = np.asarray(_array(network.first.bias) - weights @ np.tile(mean, 3), np.float32)
    node = out.affine("first.affine", kaldi.append("input", (-1, 0, 1)), weights, bias)
    node = _export_end(out, "first", node, network.first_norm, width, None)
    nothing = np.zeros(inner, np.float32)
    node = out.affine(
        "second.narrow", kaldi.append(node, (-1, 0, 1)), _array(network.second_narrow.weight), nothing
    )
    node = out.affine("second.affine", node, _array(network.second.weight), _array(network.second.bias))
    node = _export_end(out, "second", node, network.second_norm, width, None)
    step = SUBSAMPLING
    for number, layer in enumerate(network.layers):
        name, before = f"layer{number}", node
        narrow = out.affine(
            f"{name}.narrow", kaldi.append(before, (-step, 0)), _array(layer.narrow.weight), nothing
        )
        node = out.affine(
            f"{name}.affine",
            kaldi.append(narrow, (0, step)),
            _array(layer.widen.weight),
            _array(layer.widen.bias),
        )
        node = _export_end(out, name, node, layer.norm, width, before)
    return node


def _export_end(
    out: kaldi.Network, name: str, node: str, norm: nn.BatchNorm1d, width: int, skip: str | None
) -> str:
    scale, bias = _norm_parts(norm)
    node = out.relu(f"{name}.relu", node, width)
    node = out.scale(f"{name}.scale", node, scale)
    source = node if skip is None else f"Sum(Scale({SKIP}, {skip}), {node})"
    return out.bias(f"{name}.bias", source, bias)
