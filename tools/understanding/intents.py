"""Measures how well callers' wishes are understood: public sentences, and the demonstration flows by voice.

Three tables, in both languages, training and test apart:

* public sets (Schuster et al. 2019, Home Assistant): 5, 12 and 30 random examples an intent, and all of them;
* the demonstration flows: their own examples train, the sentences of heldout.yaml test; of bare_words.yaml it
  is told what is taken for a wish, asked about and refused;
* the same flows by voice: sentences spoken by several synthetic voices, through G.711 and the project's
  recognizer with the menu's own compiled grammar, into the dialogue itself.

  python -m tools.understanding.intents
  python -m tools.understanding.intents --no-voice --failures

Where scikit-learn is installed its pipeline is measured beside ours. Exit status: 0, or 2 without data.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from tools.understanding.intents_bare import bare_tables
from tools.understanding.intents_rivals import rival
from tools.understanding.intents_scores import Scored, header, line, scores
from tools.understanding.intents_voice import OUTSIDE, by_voice
from voice.dialogue.loader import load_business
from voice.dialogue.understanding import ExampleUnderstanding
from voice.languages import fold
from voice.languages.base import word_list
from voice.model import LANGUAGES

DATA = Path(__file__).parents[3] / "shared" / "data"
PROMPTS = Path(__file__).parents[2] / "prompts"
HELD_OUT = Path(__file__).with_name("heldout.yaml")
SHOTS = (5, 12, 30, 0)  # examples an intent; 0: up to MOST
MOST = 60
MOST_TESTS, MOST_OUTSIDE = 250, 120
LEAST = 5  # an intent with fewer training sentences is left out
# Both public sets speak of these: sentences with them are not out of scope in the other one.
SHARED_TOPICS = frozenset(
    word_list(
        """
        timer timers weather alarm alarms alarma alarmas temporizador temporizadores clima tiempo temperature
        temperatura recordatorio remind reminder
        """
    )
)

Examples = Mapping[str, Sequence[str]]
Pair = tuple[str, str]  # intent, sentence


def public(path: Path, lang: str) -> tuple[dict[str, list[str]], list[Pair]]:
    """Training sentences by intent, and test pairs whose sentence is in no training. The set's own split
    where it has one with both sides, else by the parity of a hash of the sentence's id."""
    training: dict[str, list[str]] = defaultdict(list)
    tests: list[Pair] = []
    entries = [json.loads(raw) for raw in path.read_text(encoding="utf-8").splitlines()]
    entries = [entry for entry in entries if entry["lang"] == lang and entry["intent"]]
    split = {entry.get("split") for entry in entries} >= {"train", "eval"}
    for entry in entries:
        odd = hashlib.sha256(entry["id"].encode()).digest()[-1] % 2
        if entry["split"] == "eval" if split else not odd:
            tests.append((entry["intent"], entry["text"]))
        else:
            training[entry["intent"]].append(entry["text"])
    kept = {i: list(dict.fromkeys(texts)) for i, texts in training.items() if len(texts) >= LEAST}
    seen = {fold(text) for texts in kept.values() for text in texts}
    return kept, [(i, text) for i, text in tests if i in kept and fold(text) not in seen]


def drawn(training: Examples, shots: int, seed: str) -> dict[str, list[str]]:
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    found = {}
    for intent in sorted(training):
        texts = list(training[intent])
        chance.shuffle(texts)
        found[intent] = texts[: shots or MOST]
    return found


def sample(items: Iterable[Pair], most: int, seed: str) -> list[Pair]:
    found = list(items)
    random.Random(seed).shuffle(found)  # noqa: S311
    return found[:most]


Classify = Callable[[str], tuple[str, float]]


def ours(examples: Examples, lang: str) -> Classify:
    understanding = ExampleUnderstanding({intent: {lang: texts} for intent, texts in examples.items()})

    def classify(text: str) -> tuple[str, float]:
        guesses = understanding.classify(text, lang)
        return (guesses[0].intent, guesses[0].confidence) if guesses else ("", 0.0)

    return classify


def measured(classify: Classify, tests: Sequence[Pair], outside: Sequence[str]) -> tuple[Scored, list[Pair]]:
    """The figures, and the test pairs that were wrong."""
    started = time.thread_time()
    results = [classify(text) for _, text in tests]
    ms = (time.thread_time() - started) / max(1, len(tests)) * 1000
    judged = [(i == best, sure) for (i, _), (best, sure) in zip(tests, results, strict=True)]
    wrong = [pair for pair, (right, _) in zip(tests, judged, strict=True) if not right]
    return scores(judged, [classify(text)[1] for text in outside], ms), wrong


def _rows(
    title: str, examples: Examples, lang: str, tests: Sequence[Pair], outside: Sequence[str]
) -> list[Pair]:
    found, wrong = measured(ours(examples, lang), tests, outside)
    print(line(title, found))
    other = rival(examples, lang)
    if other is not None:
        print(line("  scikit-learn", measured(other, tests, outside)[0]), flush=True)
    return wrong


def public_tables(data: Path) -> None:
    print(header("public sentences, training and test apart"))
    names = ("intents_es_en.jsonl", "commands_es_en.jsonl")
    for lang in LANGUAGES:
        sets = {name: public(data / name, lang) for name in names}
        for name, other in (names, names[::-1]):
            training, tests = sets[name]
            strangers = [p for p in sets[other][1] if SHARED_TOPICS.isdisjoint(fold(p[1]).split())]
            outside = [text for _, text in sample(strangers, MOST_OUTSIDE, f"{name}{lang}o")]
            chosen = sample(tests, MOST_TESTS, f"{name}{lang}t")
            for shots in SHOTS:
                examples = drawn(training, shots, f"{name}{lang}{shots}")
                title = f"{lang} {name.split('_')[0]}, {len(examples)} x {shots or f'up to {MOST}'}"
                _rows(title, examples, lang, chosen, outside)


def flow_tables(held_out: Mapping[str, Mapping[str, Mapping[str, list[str]]]], failures: bool) -> None:
    print(header("demonstration flows in text: their examples train, heldout.yaml tests"))
    for name, intents in held_out.items():
        flow = load_business(name, PROMPTS).flow
        for lang in LANGUAGES:
            examples = {i: list(intent.examples[lang]) for i, intent in flow.intents.items()}
            tests = [(i, t) for i, said in intents.items() if i not in OUTSIDE for t in said[lang]]
            title = f"{lang} {name}, {len(examples)} intents"
            wrong = _rows(title, examples, lang, tests, intents[OUTSIDE[-1]][lang])
            if failures:
                print(*(f"    {intent}: {text}" for intent, text in wrong), sep="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="folder that holds text/")
    parser.add_argument("--no-voice", action="store_true", help="leave out the part through the recognizer")
    parser.add_argument("--seconds", type=int, default=80, help="limit of the part by voice (%(default)s)")
    parser.add_argument("--failures", action="store_true", help="print what was wrong")
    args = parser.parse_args(arguments)
    held_out = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    texts = args.data / "text"
    found = (texts / "intents_es_en.jsonl").is_file()
    if found:
        public_tables(texts)
    else:
        print(f"{texts}: no public sentences there; name their folder with --data", file=sys.stderr)
    flow_tables(held_out, args.failures)
    bare_tables(PROMPTS, ours, args.failures)
    if not args.no_voice:
        for name, intents in held_out.items():
            by_voice(load_business(name, PROMPTS), intents, args.seconds, failures=args.failures)
    return 0 if found else 2


if __name__ == "__main__":
    sys.exit(main())
