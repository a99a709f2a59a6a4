"""``python -m tools.acoustic_model.calibrate``: fits the confidences of the built-in models to real speech.

For each language, held-out speakers are heard under closed lists and the loop of digits, together with other
speech; a logistic model of "what was heard is what was said" is fitted on half of them and measured on the
other half, and ``calibration.json`` is written beside the model. Fit again when an acoustic model changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tools.hearing.recordings import DATA
from tools.hearing.scoring import rejection
from tools.hearing.testsets import Corpus, Item, digits_only, joined, spanish_text
from voice.model import LANGUAGES, Word
from voice.speech import builtin
from voice.speech.confidence import DIGITS, FEATURES, FILE, PHRASES, decoder_confidence, features
from voice.speech.phrases import digit_words, spoken
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer

OTHER_SHARE = 0.25  # of what a line hears under a closed grammar, taken for other speech
RIDGE = 0.3  # pulls the coefficients to zero, in utterances
LEAST_RIGHT = 0.75
MOST = 160  # utterances of one kind under one grammar
MARGIN = bytes(2 * 8 * 250)
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """One utterance under a grammar; ``said`` is "" for other speech."""

    kind: str
    grammar: Grammar
    item: Item
    said: str


@dataclass(frozen=True, slots=True)
class Heard:
    kind: str
    speaker: str
    inside: bool
    right: bool
    found: bool
    values: tuple[float, ...]
    decoder: float


def thin(items: Sequence[Item], most: int = MOST) -> list[Item]:
    return list(items[:: max(1, -(-len(items) // most))])


def trials(kind: str, grammar: Grammar, inside: Iterable[Item], outside: Iterable[Item]) -> list[Trial]:
    said = [Trial(kind, grammar, item, item.text) for item in thin(list(inside))]
    return said + [Trial(kind, grammar, item, "") for item in thin(list(outside), MOST // 2)]


def english(data: Path) -> list[Trial]:
    an4, fsdd = Corpus(data / "speech/an4_train_en"), Corpus(data / "speech/digits_en")
    items = [an4.item(stem, speaker, spoken(text)) for stem, speaker, text in an4.lines]
    digits = set(digit_words("en"))
    strings = [item for item in items if set(item.text.split()) <= digits]
    other = [item for item in items if not digits & set(item.text.split())]
    singles = [fsdd.item(*line) for line in fsdd.lines]
    found: list[Trial] = []
    for longest, shortest in ((2, 1), (5, 2)):
        able = [
            item for item in items if shortest <= len(item.text.split()) <= longest and item not in strings
        ]
        menu = tuple(sorted({item.text for item in able}))
        words = {word for phrase in menu for word in phrase.split()} if longest == 2 else set()
        outside = [item for item in items if item not in able and not words & set(item.text.split()[:1])]
        found += trials(PHRASES, Grammar("en", menu), able, outside)
    found += trials(PHRASES, Grammar("en", tuple(sorted(digits - {"oh"}))), singles, other)
    found += trials(DIGITS, Grammar("en", digits=True), [*strings, *joined(singles, 60)], other)
    return found


def spanish(data: Path) -> list[Trial]:
    corpus = Corpus(data / "speech/prompts_es")
    items = [corpus.item(stem, who, spanish_text(stem, text)) for stem, who, text in corpus.lines]
    short = [item for item in items if len(item.text.split()) <= 4]
    longer = [item for item in items if 4 <= len(item.text.split()) <= 12]
    found: list[Trial] = []
    for first in (0, 1):  # each half of the prompts is the other's other speech
        menu = tuple(sorted({item.text for item in short})[first::2])
        able = [item for item in short if item.text in menu]
        outside = [item for item in [*short, *longer] if item.text not in menu and len(item.text) > 3]
        found += trials(PHRASES, Grammar("es", menu), able, outside)
    return found


def hear(lang: str, planned: Sequence[Trial]) -> list[Heard]:
    with tempfile.TemporaryDirectory() as folder:
        recognizer = VoskRecognizer(cache=Path(folder), languages=(lang,))
        phrases = {phrase for trial in planned for phrase in trial.grammar.phrases}
        recognizer.prepare(lang, tuple(sorted(phrases)))
        lengths = recognizer.lengths(lang)
        return [_hear(recognizer, lengths, trial) for trial in planned]


def _hear(recognizer: VoskRecognizer, lengths: dict[str, float], trial: Trial) -> Heard:
    stream = recognizer.open(trial.grammar)
    stream.feed(MARGIN + trial.item.pcm + MARGIN)
    text = stream.finish().text
    heard: list[Word] = stream.heard
    stream.close()
    right = bool(trial.said) and digits_only(text) == digits_only(trial.said)
    return Heard(
        trial.kind,
        trial.item.speaker,
        bool(trial.said),
        right,
        bool(text),
        features(heard, lengths),
        decoder_confidence(heard) if text else 0.0,
    )


def fit(rows: Sequence[Heard]) -> Array:
    """Weighted logistic regression by Newton's method (iteratively reweighted least squares)."""
    weight = shares(rows)[[row.found for row in rows]]
    rows = [row for row in rows if row.found]
    values = np.array([row.values for row in rows])
    right = np.array([row.right for row in rows], dtype=np.float64)
    penalty = RIDGE * np.eye(len(FEATURES))
    penalty[0, 0] = 1e-3
    found = np.zeros(len(FEATURES))
    for _ in range(30):
        guess = 1 / (1 + np.exp(-np.clip(values @ found, -30, 30)))
        slope = values.T @ (weight * (right - guess)) - penalty @ found
        curve = (values.T * (weight * guess * (1 - guess))) @ values + penalty
        found = found + np.linalg.solve(curve, slope)
    return found


def believed(row: Heard, weights: Array) -> float:
    value = float(np.clip(np.dot(weights, row.values), -30, 30))
    return float(1 / (1 + np.exp(-value))) if row.found else 0.0


def halves(rows: Sequence[Heard]) -> tuple[list[Heard], list[Heard]]:
    """By speaker where there are several, by utterance where one speaks alone."""
    everyone = sorted({row.speaker for row in rows})
    random.Random(3).shuffle(everyone)  # noqa: S311 - the same halves in every run
    if len(everyone) > 1:
        first = set(everyone[::2])
        return [r for r in rows if r.speaker in first], [r for r in rows if r.speaker not in first]
    return list(rows[::2]), list(rows[1::2])


def useful(inside: Sequence[Heard], calibrated: float, decoder: float) -> bool:
    """A kind that is mostly heard wrong is left alone: its honest confidences would lie below every flow's
    thresholds, and callers would be asked again for ever."""
    return calibrated < decoder and sum(row.right for row in inside) >= LEAST_RIGHT * len(inside)


def error(rows: Sequence[Heard], weights: Array | None = None) -> float:
    """Expected calibration error in ten bins, other speech counted as :data:`OTHER_SHARE`."""
    guess = np.array([row.decoder if weights is None else believed(row, weights) for row in rows])
    right, weight = np.array([row.right for row in rows], dtype=np.float64), shares(rows)
    bins = np.minimum((guess * 10).astype(int), 9)
    return float(sum(abs((weight * (right - guess))[bins == n].sum()) for n in range(10)) / len(rows))


def shares(rows: Sequence[Heard]) -> Array:
    """What each utterance counts, so that other speech is :data:`OTHER_SHARE` of all."""
    inside = np.array([row.inside for row in rows])
    share = np.clip(inside.mean(), 1e-9, 1 - 1e-9)
    return np.where(inside, (1 - OTHER_SHARE) / share, OTHER_SHARE / (1 - share))


def describe(name: str, rows: Sequence[Heard], weights: Array | None = None) -> str:
    """Calibration error and Brier score, and the rejection of other speech at 5 % loss."""
    sure = [row.decoder if weights is None else believed(row, weights) for row in rows]
    right, guess, weight = (
        np.array([row.right for row in rows], dtype=np.float64),
        np.array(sure),
        shares(rows),
    )
    brier = np.mean(weight * (right - guess) ** 2)
    turned = rejection(
        [s for s, row in zip(sure, rows, strict=True) if row.inside],
        [s for s, row in zip(sure, rows, strict=True) if not row.inside],
        0.05,
    )
    high = guess >= 0.8
    sound = np.average(right[high], weights=weight[high]) if high.any() else 0.0
    return (
        f"  {name:10} calibration error {error(rows, weights):.3f}, Brier {brier:.3f}; "
        f"other speech rejected {turned.rejected.value:.1%} at {turned.false_rejected.value:.1%} lost; "
        f"0.8 and more: {high.sum()} of {len(rows)}, {sound:.0%} right"
    )


def calibrate(lang: str, data: Path, write: bool) -> None:
    """Digit strings are measured in English only: the Spanish recordings, one voice's prompts, hold none, and
    so Spanish takes the English coefficients, which are over what decoders say and not over words."""
    rows = hear(lang, english(data) if lang == "en" else spanish(data))
    weights = {}
    for kind in (PHRASES, DIGITS):
        of_kind = [row for row in rows if row.kind == kind]
        if not of_kind:
            continue
        one, other = halves(of_kind)
        found = fit(one)
        print(f"{lang} {kind}: {len(one)} utterances to fit, {len(other)} to measure")
        print(describe("decoder", other))
        print(describe("calibrated", other, found))
        if useful([row for row in other if row.inside], error(other, found), error(other)):
            weights[kind] = [round(float(w), 4) for w in found]
        else:
            print("  not written: the decoder's own confidence stays")
    if write:
        folder = builtin.base(lang)
        sha256 = hashlib.sha256((folder / "am/final.mdl").read_bytes()).hexdigest()
        made = {"model_sha256": sha256, "features": list(FEATURES), "weights": weights}
        if lang != "en":
            english_made = json.loads((builtin.base("en") / FILE).read_text(encoding="utf-8"))
            if DIGITS in english_made["weights"]:
                weights[DIGITS] = english_made["weights"][DIGITS]
        (folder / FILE).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.acoustic_model.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with speech/")
    parser.add_argument("--lang", choices=LANGUAGES, action="append", help="only this language")
    parser.add_argument("--dry-run", action="store_true", help="measure, write nothing")
    chosen = parser.parse_args()
    for lang in chosen.lang or sorted(LANGUAGES):  # English first
        calibrate(lang, chosen.data, not chosen.dry_run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
