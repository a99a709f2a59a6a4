"""``voice transcribe``: JSON lines, errors that do not stop the others, and exit statuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile

from voice import cli
from voice.audio.wav import write_wav
from voice.commands.transcribe import in_flow, read_phrases, utterances
from voice.errors import ConfigError

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
        status = cli.main(["transcribe", "--data", str(tmp_path / "data"), *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], err

    return command


def wav(path: Path, pcm: bytes) -> Path:
    write_wav(path, pcm)
    return path


def test_a_line_a_file(run: Run, speech: Any, tmp_path: Path) -> None:
    phrases = tmp_path / "frases.txt"
    phrases.write_text("# what callers say\nQuiero un agente.\nMi router parpadea\n\n", encoding="utf-8")
    first = wav(tmp_path / "a.wav", speech("quiero un agente", "es"))
    second = wav(tmp_path / "b.wav", speech("mi router parpadea", "es"))
    status, lines, err = run("--lang", "es", "--phrases", phrases, first, second)
    assert (status, err) == (0, "")
    assert [line["text"] for line in lines] == ["quiero un agente", "mi router parpadea"]
    for path, line in zip((first, second), lines, strict=True):
        assert line["path"] == str(path)
        assert line["seconds"] == pytest.approx(soundfile.info(path).duration, abs=0.01)
        assert 0.8 < line["confidence"] <= 1
        assert 0 < line["real_time_factor"] < 1
        assert [word["text"] for word in line["words"]] == line["text"].split()
        assert 200 <= line["words"][0]["start_ms"] <= 450
        assert all(word["start_ms"] < word["end_ms"] <= line["seconds"] * 1000 for word in line["words"])


def test_digits_in_english(run: Run, speech: Any, tmp_path: Path) -> None:
    audio = wav(tmp_path / "d.wav", speech("four oh seven two", "en"))
    assert run("--lang", "en", "--digits", audio)[1][0]["text"] == "four oh seven two"


def test_a_bad_file_is_a_line_and_the_others_follow(run: Run, speech: Any, tmp_path: Path) -> None:
    junk = tmp_path / "junk.wav"
    junk.write_bytes(b"RIFF no audio")
    good = wav(tmp_path / "good.wav", speech("sí", "es"))
    status, lines, _ = run("--digits", tmp_path / "none.wav", junk, good)
    assert status == 1
    assert ["error" in line for line in lines] == [True, True, False]
    assert "check the path" in lines[0]["error"]


def test_words_that_cannot_be_heard_are_a_warning(run: Run, speech: Any, tmp_path: Path) -> None:
    phrases = tmp_path / "p.txt"
    phrases.write_text("sí\nopción 日本\n", encoding="utf-8")
    status, lines, err = run("--phrases", phrases, wav(tmp_path / "a.wav", speech("sí", "es")))
    assert (status, lines[0]["text"]) == (0, "sí")
    assert "日本" in err


FLOW = """
name: small
title: {en: "Small"}
languages: [en]
disclosure: {en: "This is an automatic assistant."}
person: {queue: shop}
start: menu
steps:
  menu:
    type: menu
    prompt: {en: "How can I help you?"}
    retry:
      - {en: "You can ask for a phone."}
      - {en: "Say a phone, or press one."}
    intents:
      phone:
        label: {en: "a phone"}
        key: 1
        then: code
        examples: {en: ["the nyxo phone", "i want a 5g phone",
                        "a 日本 phone", "phones please"]}
  code:
    type: ask
    slot: code
    kind: digits
    length: 4
    label: {en: "code"}
    prompt: {en: "Which code?"}
    retry:
      - {en: "Say the four digits."}
      - {en: "Say or key in the four digits."}
    then: bye
  bye: {type: hang_up, text: {en: "Goodbye."}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A prompts folder with the flow ``small`` and its pronunciations."""
    prompts = tmp_path / "prompts"
    shutil.copytree(Path(__file__).parents[2] / "prompts/texts", prompts / "texts")
    (prompts / "flows").mkdir()
    (prompts / "flows/small.yaml").write_text(FLOW, encoding="utf-8")
    (prompts / "flows/lexicon.en.txt").write_text("nyxo nicks oh\n", encoding="utf-8")
    return prompts


def test_a_flow_is_heard_with_its_pronunciations_at_a_step_or_anywhere(
    run: Run, small: Path, speech: Any, tmp_path: Path
) -> None:
    said = wav(tmp_path / "a.wav", speech("the nicks oh phone", "en"))
    code = wav(tmp_path / "b.wav", speech("four seven double one", "en"))
    menu = f"{small / 'flows/small.yaml'}:menu"
    status, lines, err = run("--lang", "en", "--prompts", small, "--flow", menu, said)
    assert (status, lines[0]["text"]) == (0, "the nyxo phone"), err
    assert "日本" in err
    lines = run("--lang", "en", "--prompts", small, "--flow", "small:code", code)[1]
    assert lines[0]["text"] == "four seven double one"
    everywhere, entries, _ = in_flow("small", small, "en")
    assert {"the nyxo phone", "yes"} < set(everywhere.phrases)
    assert entries.keys() == {"nyxo"}


@pytest.mark.parametrize(("flow", "says"), [("small:bye", "menu, code"), ("none", "Flows here are: small")])
def test_a_flow_or_step_that_hears_nothing_is_wrong_use(run: Run, small: Path, flow: str, says: str) -> None:
    status, lines, err = run("--lang", "en", "--prompts", small, "--flow", flow, "a.wav")
    assert (status, lines) == (2, [])
    assert says in err
    assert run("--lang", "es", "--prompts", small, "--flow", "small", "a.wav")[0] == 2


def test_the_check_tells_where_a_phrase_stands_that_cannot_be_heard(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = small / "flows/small.yaml"
    line = next(n for n, text in enumerate(FLOW.splitlines(), 1) if "日本" in text)
    assert cli.main(["check", str(flow)]) == 0
    told = capsys.readouterr().out
    assert f"small.yaml:{line}: warning: '日本' cannot be heard in 'en'" in told
    assert "5g" not in told
    assert "nyxo" not in told


def test_long_files_are_cut_at_pauses(run: Run, speech: Any, tmp_path: Path) -> None:
    pause = bytes(16 * 2000)
    audio = b"".join(speech("cero uno dos tres", "es") + pause for _ in range(6))
    assert len(audio) / 16000 > 20
    pieces = list(utterances(audio))
    assert len(pieces) == 6
    line = run("--digits", wav(tmp_path / "long.wav", audio))[1][0]
    assert line["text"] == " ".join(["cero uno dos tres"] * 6)
    starts = [word["start_ms"] for word in line["words"]]
    assert starts == sorted(starts)
    assert starts[-4] == pytest.approx(5 * len(audio) / 6 / 16 + 300, abs=150)


@pytest.mark.parametrize(("text", "says"), [(None, "cannot be read"), ("# nothing\n\n", "no phrases")])
def test_a_bad_phrase_file_is_wrong_use(run: Run, tmp_path: Path, text: str | None, says: str) -> None:
    phrases = tmp_path / "p.txt"
    if text is not None:
        phrases.write_text(text)
    with pytest.raises(ConfigError, match=says):
        read_phrases(phrases)
    status, lines, err = run("--phrases", phrases, "x.wav")
    assert (status, lines) == (2, [])
    assert says in err


DIGITS = Path(__file__).parents[3] / "shared/data/speech/digits_en"


@pytest.mark.slow
@pytest.mark.skipif(not DIGITS.is_dir(), reason="the recorded digits are not beside the repository")
def test_real_digits_are_heard_as_well_as_measured(run: Run, tmp_path: Path) -> None:
    """A fifth of the recordings; ``make eval-hearing`` measures with all of them."""
    items = [json.loads(line) for line in (DIGITS / "items.jsonl").read_text().splitlines()][::5]
    phrases = tmp_path / "digits.txt"
    phrases.write_text("\n".join(sorted({item["text"] for item in items})))
    _, lines, _ = run("--lang", "en", "--phrases", phrases, *(DIGITS / item["audio"] for item in items))
    right = sum(line["text"] == item["text"] for line, item in zip(lines, items, strict=True))
    assert right / len(items) >= 0.785, f"{right} of {len(items)}"


def test_help_says_what_a_line_holds(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["transcribe", "--help"])
    assert "real_time_factor" in capsys.readouterr().out
