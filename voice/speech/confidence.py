"""How far a transcript is to be believed: a small logistic model over what the decoder says.

A decoder's own confidence compares only what the grammar holds, and so runs high. The coefficients are
fitted on real speech for one acoustic model (``python -m tools.acoustic_model.calibrate``) and lie beside it
in ``calibration.json``, with the checksum of the acoustic model they belong to; without them, or with
those of another model, the decoder's confidence stands.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voice.model import Word
from voice.speech.graph import UNKNOWN

logger = logging.getLogger(__name__)

FILE = "calibration.json"
# What was heard: a phrase of a list, a string of digits. Other loops keep the decoder's confidence, since
# their words need not be exact: "has my order sent" is as good as what was said.
PHRASES, DIGITS = "phrases", "digits"
FEATURES = ("bias", "mean", "least", "unknown", "pace")
_SATURATED = 0.002  # a confidence beyond this from 0 or 1 says no more
_PHONE_MS = 90.0  # what a phone usually lasts


def decoder_confidence(heard: Sequence[Word]) -> float:
    """Mean confidence of the words, weighted by time; time spent in ``[unk]`` counts as 0."""
    total = known = 0.0
    for word in heard:
        length = max(word.end_ms - word.start_ms, 1)
        total += length
        known += 0.0 if word.text == UNKNOWN else length * word.confidence
    return min(known / total, 1.0) if total else 0.0


def features(heard: Sequence[Word], lengths: Mapping[str, float]) -> tuple[float, ...]:
    """The values of :data:`FEATURES`; ``lengths`` are the words' numbers of phones."""
    words = [word for word in heard if word.text != UNKNOWN]
    ms = sum(word.end_ms - word.start_ms for word in words)
    lost = sum(word.end_ms - word.start_ms for word in heard) - ms
    phones = sum(lengths.get(word.text, len(word.text)) for word in words)
    pace = math.log(max(ms, 30) / max(phones, 1) / _PHONE_MS)
    return (
        1.0,
        _logit(decoder_confidence(heard)),
        _logit(min((word.confidence for word in words), default=0.0)),
        lost / max(ms + lost, 1),
        abs(pace),
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients by kind of grammar, each as long as :data:`FEATURES`; a kind without any stays."""

    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, model_sha256: str) -> Calibration:
        """Reads a model's folder; one without a fitting file gives no change."""
        path = folder / FILE
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["model_sha256"] != model_sha256:
                logger.warning(
                    "%s belongs to another acoustic model: confidences are the decoder's own", path
                )
                return cls()
            return cls({kind: tuple(map(float, given)) for kind, given in _usable(data).items()})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            logger.warning("%s cannot be used (%s): confidences are the decoder's own", path, error)
            return cls()

    def confidence(self, kind: str, heard: Sequence[Word], lengths: Mapping[str, float]) -> float:
        """The probability that the words are right, 0 when there are none."""
        if not any(word.text != UNKNOWN for word in heard):
            return 0.0
        weights = self.weights.get(kind)
        if weights is None:
            return decoder_confidence(heard)
        return _sigmoid(sum(w * x for w, x in zip(weights, features(heard, lengths), strict=True)))


def _usable(data: dict[str, Any]) -> dict[str, list[float]]:
    if data["features"] != list(FEATURES):
        raise ValueError("made for other features; fit it again")
    found: dict[str, list[float]] = dict(data["weights"])
    if any(len(given) != len(FEATURES) or not all(map(math.isfinite, given)) for given in found.values()):
        raise ValueError("coefficients are missing or not numbers")
    return found


def _logit(share: float) -> float:
    share = min(max(share, _SATURATED), 1 - _SATURATED)
    return math.log(share / (1 - share))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))
