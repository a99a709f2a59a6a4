"""The measuring of recognition itself: who is measured, how audio gets in, and what comes out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tools.hearing import eval_hearing, scoring, testsets
from tools.hearing.eval_hearing import CLEAN, STREET, Heard, as_received, row
from tools.hearing.noise import STREET as STREET_NOISES
from tools.hearing.split import held_out_speakers
from tools.hearing.testsets import Item, TestSet, digits_only, joined, spanish_text
from voice.model import SAMPLE_RATE
from voice.speech import builtin
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.seam import Grammar, Voice

MakeData = Callable[..., Path]
AN4_HELD_OUT = "fbbh fjam fkdo fmjc fnsv mcel mcfl mcrt mdxn mdxs mewl mgah mjdr mmaf mnjl mrjc2 mtcv mtje"
REAL = Path(__file__).parents[3] / "shared" / "data" / "speech"


@pytest.fixture
def make_data(tmp_path: Path) -> MakeData:
    """Writes a data folder of synthetic voices: corpora of (stem, speaker, text)."""

    def make(*, noises: bool = True, **corpora: list[tuple[str, str, str]]) -> Path:
        engine = EspeakSynthesizer()
        for name, lines in corpora.items():
            folder = tmp_path / "speech" / name
            folder.mkdir(parents=True)
            lang = name[-2:]
            items = []
            for stem, speaker, text in lines:
                pcm = b"".join(engine.stream(text, Voice(lang)))
                soundfile.write(folder / f"{stem}.flac", np.frombuffer(pcm, "<i2"), SAMPLE_RATE)
                items.append({"audio": f"{stem}.flac", "lang": lang, "text": text, "speaker": speaker})
            (folder / "items.jsonl").write_text("\n".join(map(json.dumps, items)))
        (tmp_path / "noise").mkdir()
        for number, (name, _, _) in enumerate(STREET_NOISES if noises else ()):
            samples = np.random.default_rng(number).normal(0, 0.1, 2 * SAMPLE_RATE)
            soundfile.write(tmp_path / "noise" / f"{name}.flac", samples, SAMPLE_RATE)
        return tmp_path

    return make


DIGITS = [(f"{text}_{who}", who, text) for who in ("lucas", "george") for text in ("one", "six", "nine")]


def test_the_split_is_the_one_that_figures_were_published_with() -> None:
    assert held_out_speakers("digits_en", ["george", "jackson", "lucas", "yweweler"]) == {"lucas", "yweweler"}
    assert held_out_speakers("prompts_es", ["allison"]) == {"allison"}


@pytest.mark.skipif(not (REAL / "an4_train_en").is_dir(), reason="AN4 is not beside the repository")
def test_the_speakers_of_an4_are_divided_as_published() -> None:
    lines = (REAL / "an4_train_en" / "items.jsonl").read_text().splitlines()
    held_out = held_out_speakers("an4_train_en", {json.loads(line)["speaker"] for line in lines})
    assert " ".join(sorted(held_out)) == AN4_HELD_OUT


def test_training_keeps_to_the_same_split() -> None:
    corpora = pytest.importorskip(
        "tools.acoustic_model.corpora", reason="its extra packages are not installed"
    )
    for corpus, speakers in {
        "digits_en": ["george", "jackson", "lucas", "yweweler"],
        "prompts_es": ["allison"],
    }.items():
        held_out = {name for name in speakers if corpora.split(name, corpus) == "test"}
        assert held_out == held_out_speakers(corpus, speakers)
    assert {corpora.split(name, "an4_train_en") for name in AN4_HELD_OUT.split()} == {"test"}
    assert corpora.split("fash", "an4_train_en") == "train"


def test_only_held_out_speakers_are_measured(make_data: MakeData) -> None:
    data = make_data(digits_en=DIGITS)
    sets, missing = testsets.build(data)
    assert {item.speaker for one in sets for item in one.items} == {"lucas"}
    assert [Path(path).name for path in missing] == ["an4_train_en", "prompts_es"]
    everyone, _ = testsets.build(data, all_speakers=True)
    assert {item.speaker for item in everyone[0].items} == {"lucas", "george"}


def test_joined_strings_are_one_speakers_and_the_same_every_time() -> None:
    items = [Item(f"{w}{n}", f"s{n}", w, bytes(1600)) for n in range(3) for w in ("one", "two")]
    strings = list(joined(items, 30))
    assert strings == list(joined(items, 30))
    assert {string.speaker for string in strings} == {"s0", "s1", "s2"}
    for string in strings:
        count = len(string.text.split())
        assert 4 <= count <= 9
        gaps_ms = len(string.pcm) // 16 - 100 * count
        assert 50 * (count - 1) <= gaps_ms <= 300 * (count - 1)


@pytest.mark.parametrize(
    ("stem", "text", "spelled"),
    [
        ("vm-password", "contrasena", "contraseña"),
        ("digits__h-13", "decimo tercero", "décimo tercero"),
        ("confbridge-has-left", "...ha dejado la conferencia.", "ha dejado la conferencia"),
        ("vm-onefor", "marque 1 para", "marque uno para"),
        ("digits__0", "diez", "cero"),
        ("digits__10", "diez", "diez"),
    ],
)
def test_prompts_are_spelled_as_they_are_spoken(stem: str, text: str, spelled: str) -> None:
    assert spanish_text(stem, text) == spelled


def test_audio_gets_the_margins_of_a_call_and_its_codec() -> None:
    loud = (np.sin(np.arange(8000)) * 9000).astype("<i2")
    pcm = np.frombuffer(as_received(Item("x", "s", "one", loud.tobytes()), None), "<i2")
    assert len(pcm) == 8000 + (220 + 300) * 8
    assert len(set(pcm.tolist())) <= 256  # mu-law has no more values
    assert np.abs(pcm[: 220 * 8]).max() < 30
    assert np.abs(pcm[220 * 8 : -300 * 8].astype(int) - loud).max() < 600


def exact(target: float | None = 0.9, kind: str = "exact", texts: str = "one two oh zero") -> TestSet:
    items = tuple(Item(str(n), "s", text, b"") for n, text in enumerate(texts.split()))
    return TestSet("t", "title", Grammar("en"), items, target, kind, same=digits_only)


def heard(*texts: str) -> list[Heard]:
    return [Heard(text, 0.8, 2.0, 0.02) for text in texts]


def test_a_row_judges_what_was_heard() -> None:
    good = row(exact(), CLEAN, heard("one", "two", "zero", "oh"), None)
    assert (good.figure.value, good.met) == (1.0, True)
    assert good.factor == pytest.approx(0.01)
    bad = row(exact(), CLEAN, heard("one", "two", "zero", "two"), None)
    assert (bad.figure.value, bad.met) == (0.75, False)
    assert row(exact(target=None), CLEAN, heard("one", "two", "oh", "oh"), None).met is None


def test_fewer_word_errors_are_better() -> None:
    few = row(exact(0.3, "words"), CLEAN, heard("one", "two", "oh", "six"), None)
    assert (few.figure.value, few.met) == (0.25, True)
    assert row(exact(0.2, "words"), CLEAN, heard("one", "two", "oh", "six"), None).met is False


@pytest.mark.parametrize(
    ("kind", "quiet", "street", "met"),
    [
        ("exact", 0.90, 0.75, False),
        ("exact", 0.80, 0.75, True),
        ("exact", 0.0, 0.0, False),
        ("words", 0.20, 0.25, True),
        ("words", 0.15, 0.25, False),
    ],
)
def test_noise_may_cost_five_points(kind: str, quiet: float, street: float, met: bool) -> None:
    clean = row(exact(kind=kind), CLEAN, heard("one", "two", "oh", "oh"), None)
    changed = eval_hearing.Row(
        **{name: getattr(clean, name) for name in clean.__slots__ if name != "figure"},
        figure=scoring.Figure(quiet, 0, 1, 4),
    )
    right = round((1 - street if kind == "words" else street) * 4)
    texts = ["one", "two", "oh", "oh"]
    noisy = row(exact(kind=kind), STREET, heard(*texts[:right], *["six"] * (4 - right)), changed)
    assert noisy.figure.value == street
    assert noisy.met is met


def test_rejection_counts_only_speech_outside_the_grammar() -> None:
    items = (
        Item("a", "s", "yes", b""),
        Item("b", "s", "p g h", b"", False),
        Item("c", "s", "no", b"", False),
    )
    one = TestSet("r", "title", Grammar("en", ("yes",)), items, 0.85, "rejection", noisy=False)
    found = row(one, CLEAN, [Heard("yes", 0.9, 1, 0), Heard("", 0.95, 1, 0), Heard("yes", 0.5, 1, 0)], None)
    assert (found.figure.value, found.figure.n, found.met) == (1.0, 2, True)
    assert found.threshold == 0.9
    assert eval_hearing.wrong(one, [*heard("yes", "", "yes")]) == [
        {"item": "c", "said": "no", "inside": False, "heard": "yes", "confidence": 0.8}
    ]


def test_other_speech_is_counted_as_a_flow_treats_it() -> None:
    items = [Item(name, "s", "yes", b"") for name in "ab"]
    items += [Item(name, "s", "p g h", b"", False) for name in "cdef"]
    one = TestSet("r", "title", Grammar("en", ("yes",), loose=True), tuple(items), None, "asked", noisy=False)
    answers = [("yes", 0.9), ("yes", 0.3), ("yes", 0.5), ("yes", 0.39), ("", 0.95), ("yes", 0.8)]
    found = row(one, CLEAN, [Heard(text, sure, 1, 0) for text, sure in answers], None)
    assert (found.figure.value, found.figure.n, found.threshold, found.met) == (0.5, 4, 0.4, None)
    assert found.believed is not None
    assert found.believed.value == 0.25
    assert found.false_rejected is not None
    assert found.false_rejected.value == 0.5


def run(data: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    figures = data / "figures.json"
    status = eval_hearing.main(["--data", str(data), "--jobs", "1", "--json", str(figures), *arguments])
    return status, json.loads(figures.read_text()) if figures.exists() else {}


def test_a_run_prints_every_row_and_names_what_is_missing(
    make_data: MakeData, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_data(
        an4_train_en=[("a", "fbbh", "yes"), ("b", "fbbh", "no"), ("c", "fbbh", "six two six two")],
        prompts_es=[("digits__2", "allison", "dos"), ("letters__e", "allison", "manana")],
    )
    status, report = run(data, "--only", "yes-no", "--only", "digits-es", "--only", "strings")
    printed = capsys.readouterr()
    assert status == 1  # something is missing
    assert "digits_en is missing" in printed.err
    assert "real-time factor" in printed.out
    by_name = {(one["name"], one["condition"]): one for one in report["rows"]}
    assert set(by_name) == {(n, c) for n in ("yes-no", "digits-es", "strings") for c in (CLEAN, STREET)}
    assert by_name["yes-no", CLEAN]["figure"]["n"] == 2
    assert by_name["yes-no", CLEAN]["figure"]["value"] == 1.0
    assert by_name["digits-es", CLEAN]["figure"]["value"] == 1.0
    assert report["model_mb"]["en"] < 5
    assert report["models"] == {"es": "built-in", "en": "built-in"}


def test_the_table_for_the_documents_has_a_line_a_test(capsys: pytest.CaptureFixture[str]) -> None:
    clean = row(exact(), CLEAN, heard("one", "two", "zero", "two"), None)
    eval_hearing.print_markdown([clean, row(exact(), STREET, heard("one", "six", "six", "six"), clean)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:] == ["| title | 4 | 75.0% (30%-95%) | 25.0% (5%-70%) | at least 90% |"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "nothing"), "--only nothing"),
        (("--model", "fr=."), "LANG=DIR"),
        (("--model", "en=/no/such/folder"), "no such folder"),
        (("--jobs", "0"), "--jobs 0"),
    ],
)
def test_wrong_use_says_what_to_do(
    make_data: MakeData, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    assert run(make_data(digits_en=DIGITS[:1]), *arguments)[0] == 2
    assert says in capsys.readouterr().err


def test_without_recordings_it_says_where_they_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path)[0] == 2
    assert "tools/hearing/README.md" in capsys.readouterr().err


def test_without_noises_the_street_says_what_is_missing(
    make_data: MakeData, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_data(digits_en=DIGITS[:2], noises=False)
    assert run(data, "--only", "digits")[0] == 2
    assert "this noise is missing" in capsys.readouterr().err
    assert run(data, "--only", "digits", "--quiet")[0] == 1


def test_a_candidate_model_is_measured_in_place_of_the_built_in_one(make_data: MakeData) -> None:
    data = make_data(digits_en=DIGITS)
    candidate = data / "candidate"
    for part in ("am", "conf"):  # no graph yet: it gets the built-in words
        shutil.copytree(builtin.base("en") / part, candidate / part)
    status, report = run(data, "--only", "digits", "--quiet", "--model", f"en={candidate}")
    assert status == 1
    assert report["rows"][0]["figure"]["n"] == 3
    assert report["rows"][0]["figure"]["value"] > 0.5
    assert report["models"] == {"es": "built-in", "en": str(candidate)}
    assert builtin.base("en").parent == Path(builtin.__file__).parent / "models"
