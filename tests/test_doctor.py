"""voice doctor: what it finds, what it advises, and when it says that calls can be answered."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from voice.cli import main
from voice.commands import doctor
from voice.commands.doctor import MISSING, OK, WARNING, Finding
from voice.errors import VoiceError
from voice.settings import Settings, load
from voice.speech.seam import Voice

ROOT = Path(__file__).parent.parent
SECRET = "s3cret-token-value"


def settings(**overrides: Any) -> Settings:
    return load(None, env={}, overrides={name.replace("__", "."): value for name, value in overrides.items()})


def only(findings: Iterator[Finding]) -> Finding:
    (found,) = findings
    return found


@pytest.fixture
def port() -> Iterator[int]:
    """A port that is taken by something that does not speak HTTP."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.0)
        yield listener.getsockname()[1]


def test_python_and_packages_are_named_with_versions() -> None:
    assert only(doctor.check_python(settings())).state == OK
    found = only(doctor.check_packages(settings()))
    assert found.state == OK
    for name in ("aiohttp", "vosk", "espeakng-loader", "pyttsx3"):
        assert f"{name} " in found.detail
    assert "pytest" not in found.detail


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["no-such-package>=1", "aiohttp>=3", 'pytest; extra == "dev"', 'x; python_version >= "3.99"']
    monkeypatch.setattr("importlib.metadata.requires", lambda _: wanted)
    monkeypatch.setattr("sys.version_info", (3, 12))
    states = {finding.state: finding.detail for finding in doctor.check_packages(settings())}
    assert states[MISSING] == "not installed: no-such-package"
    assert "aiohttp" in states[OK]


def test_a_package_that_does_not_load_is_a_finding() -> None:
    def check_broken(_settings: Settings, /) -> Iterator[Finding]:
        if _settings:
            raise ImportError("libfoo.so: wrong ELF class")
        yield Finding("never", OK, "")

    found = only(doctor._guarded(check_broken, settings()))
    assert (found.topic, found.state) == ("broken", MISSING)
    assert "libfoo" in found.detail


def test_built_in_models_load() -> None:
    found = list(doctor.check_recognizer(settings()))
    assert [finding.state for finding in found] == [OK, OK]
    assert all("built-in" in finding.detail for finding in found)


def test_a_wrong_model_path_is_missing_and_the_other_language_still_looked_at(tmp_path: Path) -> None:
    es, en = doctor.check_recognizer(settings(speech__model_es=str(tmp_path / "nowhere")))
    assert es.state == MISSING
    assert "nowhere" in es.detail
    assert "speech.model_es" in es.remedy
    assert en.state == OK


class Mute:
    name = "mute"

    def voices(self, lang: str) -> tuple[str, ...]:
        return ()

    def stream(self, text: str, voice: Voice) -> Iterator[bytes]:
        if voice.name == "wrong":
            raise VoiceError("no voice 'wrong'")
        return iter(())


def test_a_detector_that_cannot_be_used_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(doctor.check_voice_activity(settings())) == []
    monkeypatch.setattr("voice.speech.silero._CARRIERS", ())
    found = only(doctor.check_voice_activity(settings(speech__vad="two-stage")))
    assert found.state == WARNING
    assert "pip install 'centralita[silero]'" in found.detail


def test_espeak_speaks_both_languages() -> None:
    from voice.speech.espeak import EspeakSynthesizer

    es, en = doctor._try_voices("espeak", EspeakSynthesizer, settings(), True, MISSING)
    assert es.state == en.state == OK
    assert "first audio after" in es.detail


def test_silent_and_failing_voices_are_found() -> None:
    findings = doctor._try_voices("mute", Mute, settings(speech__voice_es="wrong"), True, MISSING)
    es, en = findings
    assert es.state == en.state == MISSING
    assert "no voice 'wrong'" in es.detail
    assert "silent" in en.remedy


def test_an_engine_that_does_not_start_is_one_finding() -> None:
    def fail() -> Mute:
        raise VoiceError("no library")

    assert only(doctor._try_voices("espeak", fail, settings(), False, WARNING)).state == WARNING


def test_the_data_folder_is_not_made(tmp_path: Path) -> None:
    found = only(doctor.check_data(settings(data=tmp_path / "a" / "b")))
    assert found.state == OK
    assert "will be made" in found.detail
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_data_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert only(doctor.check_data(settings(data=tmp_path / "data"))).state == MISSING


def test_a_nearly_full_disk_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_FREE", 1 << 62)
    assert only(doctor.check_data(settings(data=tmp_path))).state == WARNING


def test_the_database_that_is_not_there_yet_is_fine_and_stays_away(tmp_path: Path) -> None:
    assert only(doctor.check_database(settings(data=tmp_path))).state == OK
    assert list(tmp_path.iterdir()) == []


async def test_a_database_in_use_is_reachable_and_writable(tmp_path: Path) -> None:
    from voice.store.engines import store_url
    from voice.store.sql import SqlStore

    store = SqlStore(store_url(tmp_path))
    await store.open()
    await store.close()
    found = only(doctor.check_database(settings(data=tmp_path)))
    assert found.state == OK
    assert "writable" in found.detail


def test_a_broken_database_file(tmp_path: Path) -> None:
    (tmp_path / "centralita.db").write_bytes(b"this is not a database at all" * 50)
    found = only(doctor.check_database(settings(data=tmp_path)))
    assert found.state == MISSING
    assert "not a database" in found.detail


@pytest.mark.parametrize(
    "url", ["nonsense", f"nosuchdb://user:{SECRET}@host/db", f"postgresql+nosuchdriver://u:{SECRET}@h/d"]
)
def test_database_urls_that_cannot_work_are_missing_and_keep_their_password(url: str) -> None:
    found = only(doctor.check_database(settings(store__url=url)))
    assert found.state == MISSING
    assert SECRET not in found.detail + found.remedy


def test_the_shipped_flow_is_sound() -> None:
    found = only(doctor.check_flow(settings(prompts=ROOT / "prompts")))
    assert found.state in (OK, WARNING)
    assert "telecom" in found.detail


def test_a_flow_that_is_not_there(tmp_path: Path) -> None:
    found = only(doctor.check_flow(settings(prompts=tmp_path)))
    assert found.state == MISSING
    assert found.remedy


def test_a_taken_port_is_missing_and_a_free_one_is_not(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ANSWER_SECONDS", 0.1)
    found = only(doctor.check_port(settings(server__port=port)))
    assert found.state == MISSING
    assert str(port) in found.detail
    assert only(doctor.check_port(settings(server__port=0))).state == OK


def test_a_port_where_our_server_answers_is_fine(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_answers", lambda *_: True)
    assert only(doctor.check_port(settings(server__port=port))).state == OK


def test_an_address_of_another_machine() -> None:
    assert only(doctor.check_port(settings(server__host="192.0.2.1"))).state == MISSING


def test_a_language_model_is_looked_at_only_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(doctor.check_language_model(settings())) == []
    named = settings(model__url="http://127.0.0.1:9/v1", model__name="m", model__summary=True)
    monkeypatch.setattr(doctor, "find_spec", lambda name: object())
    found = only(doctor.check_language_model(named))
    assert (found.state, found.detail) == (OK, "m at 127.0.0.1, for converse steps and summaries")
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    found = only(doctor.check_language_model(named))
    assert found.state == MISSING
    assert "centralita[llm]" in found.remedy


def test_provider_settings_without_and_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert [finding.state for finding in doctor.check_provider(settings())] == [WARNING, WARNING]
    full = settings(twilio__auth_token=SECRET, server__public_url="https://voice.example.com")
    found = list(doctor.check_provider(full))
    assert [finding.state for finding in found] == [OK, OK]
    assert SECRET not in str(found)
    plain = settings(server__public_url="http://voice.example.com")
    assert list(doctor.check_provider(plain))[1].state == WARNING


def test_lines_and_status(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fine(_settings: Settings, /) -> Iterator[Finding]:
        yield Finding("one", OK, "all well")
        yield Finding("two", WARNING, "so so", "do that")

    def broken(_settings: Settings, /) -> Iterator[Finding]:
        yield Finding("three", MISSING, "gone", "bring it back")

    monkeypatch.setattr(doctor, "CHECKS", (fine,))
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "OK       one" in out
    assert "-> do that" in out
    assert "can answer calls: 0 missing, 1 warnings" in out
    monkeypatch.setattr(doctor, "CHECKS", (fine, broken))
    assert main(["doctor", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["ready"] is False
    assert report["findings"][-1] == {
        "topic": "three",
        "state": MISSING,
        "detail": "gone",
        "remedy": "bring it back",
    }


def test_wrong_settings_are_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[server]\nprot = 1\n")
    assert main(["doctor", "--config", str(config)]) == 2
    assert "server.prot" in capsys.readouterr().err


@pytest.mark.slow
def test_the_whole_command_on_this_machine(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "voice.cli", "doctor", "--json", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "CENTRALITA_TWILIO__AUTH_TOKEN": SECRET,
            "CENTRALITA_SERVER__PORT": "0",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    report = json.loads(run.stdout)
    assert run.returncode == 0, report
    assert report["ready"] is True
    topics = {finding["topic"] for finding in report["findings"]}
    assert {"python", "packages", "recognizer es", "voice espeak en", "database", "flow", "port"} <= topics
    assert SECRET not in run.stdout + run.stderr
