"""pyttsx3's worker: the protocol, every way to lose it, and the real one."""

from __future__ import annotations

import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from voice.errors import VoiceError
from voice.speech.pyttsx3_engine import Pyttsx3Synthesizer
from voice.speech.pyttsx3_worker import VoiceRow, choose_voice
from voice.speech.seam import Voice

LINUX: list[VoiceRow] = [
    ("gmw/en", "English (Great Britain)", ["en-gb"]),
    ("gmw/en-us", "English (America)", ["en-us"]),
    ("roa/es", "Spanish (Spain)", ["es"]),
    ("roa/es-419", "Spanish (Latin America)", ["es-419"]),
    ("roa/it", "Italian", ["it"]),
]
APPLE: list[VoiceRow] = [
    ("com.apple.voice.compact.es-MX.Paulina", "Paulina", ["es_MX"]),
    ("com.apple.voice.compact.en-US.Samantha", "Samantha", ["en_US"]),
]
WINDOWS: list[VoiceRow] = [
    (
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\TTS_MS_EN-US_ZIRA",
        "Microsoft Zira Desktop - English (United States)",
        [],
    ),
    ("HKEY_LOCAL_MACHINE\\SOFTWARE\\TTS_MS_ES-ES_HELENA", "Microsoft Helena Desktop - Spanish (Spain)", []),
]


@pytest.mark.parametrize(
    ("voices", "lang", "name", "chosen"),
    [
        (LINUX, "es", "", "roa/es-419"),
        (LINUX, "en", "", "gmw/en-us"),
        (LINUX, "it", "", "roa/it"),
        (LINUX, "fr", "", None),
        (LINUX, "es", "es", "roa/es"),
        (LINUX, "en", "GMW/EN", "gmw/en"),
        (LINUX, "en", "English (America)", "gmw/en-us"),
        (LINUX, "en", "nobody", None),
        (APPLE, "es", "", "com.apple.voice.compact.es-MX.Paulina"),
        (APPLE, "en", "samantha", "com.apple.voice.compact.en-US.Samantha"),
        (APPLE, "es", "es-mx", "com.apple.voice.compact.es-MX.Paulina"),
        (WINDOWS, "es", "", WINDOWS[1][0]),
        (WINDOWS, "en", "", WINDOWS[0][0]),
        ([], "es", "", None),
    ],
)
def test_the_right_voice_of_a_system_is_chosen(
    voices: list[VoiceRow], lang: str, name: str, chosen: str | None
) -> None:
    assert choose_voice(voices, lang, name) == chosen


FAKE = """
import json, os, sys, time, wave
log = open({log!r}, "a")
log.write("start\\n"); log.flush()
starts = open({log!r}).read().count("start")
def say(message):
    print(json.dumps(message), flush=True)
def speak(request, ms=400):
    with wave.open(request["file"], "wb") as file:
        file.setnchannels(1); file.setsampwidth(2); file.setframerate(22050)
        quiet = b"\\0\\0" * 2000
        file.writeframes(quiet + b"\\x00\\x20\\x00\\xe0" * (22050 * ms // 2000) + quiet)
{hello}
for count, line in enumerate(sys.stdin):
    request = json.loads(line)
    log.write(request["text"] + "\\n"); log.flush()
    {body}
"""
HELLO = 'say({"ready": True, "voices": [["v1", "One", ["es"]], ["v2", "Two", ["es-419"]]]})'
GOOD = 'speak(request); say({"id": request["id"], "error": ""})'

Make = Callable[..., Pyttsx3Synthesizer]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def make(tmp_path: Path, log: Path) -> Iterator[Make]:
    made: list[Pyttsx3Synthesizer] = []

    def build(body: str = GOOD, hello: str = HELLO, seconds: float = 20.0) -> Pyttsx3Synthesizer:
        script = tmp_path / "worker.py"
        indented = textwrap.indent(textwrap.dedent(body), "    ").strip()
        script.write_text(FAKE.format(log=str(log), hello=hello, body=indented), encoding="utf-8")
        engine = Pyttsx3Synthesizer(
            command=(sys.executable, str(script)), start_seconds=seconds, sentence_seconds=seconds
        )
        made.append(engine)
        return engine

    yield build
    for engine in made:
        engine.close()


def said(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").split("\n")[:-1]


def speak(engine: Pyttsx3Synthesizer, text: str = "hola") -> bytes:
    return b"".join(engine.stream(text, Voice("es")))


def test_nothing_starts_before_it_must(make: Make, log: Path) -> None:
    engine = make()
    assert not log.exists()
    stream = engine.stream("hola", Voice("es"))
    assert not log.exists()
    next(stream)
    assert said(log)[0] == "start"


def test_voices_begin_with_the_default(make: Make) -> None:
    assert make().voices("es") == ("v2", "v1")


def test_audio_is_trimmed_and_resampled(make: Make) -> None:
    pcm = speak(make())
    assert 400 <= len(pcm) / 16 <= 470


def test_one_sentence_at_a_time_in_one_worker(make: Make, log: Path) -> None:
    engine = make()
    speak(engine, "Uno dos. Tres cuatro.")
    threads = [threading.Thread(target=speak, args=(engine, f"hilo {n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = said(log)
    assert lines.count("start") == 1
    assert {"Uno dos.", "Tres cuatro.", "hilo 0", "hilo 1", "hilo 2", "hilo 3"} <= set(lines)


DONE = 'say({"id": request["id"], "error": ""})'
BAD_ONCE = {
    "says done without a file": DONE,
    "writes an empty file": f'open(request["file"], "w").close(); {DONE}',
    "writes rubbish": f'open(request["file"], "wb").write(b"RIFFxxxxWAVE" * 30); {DONE}',
    "says that there was no file": 'say({"id": request["id"], "error": "no file was written"})',
}


@pytest.mark.parametrize("fault", BAD_ONCE)
def test_a_bad_file_is_tried_again_in_the_same_worker(make: Make, log: Path, fault: str) -> None:
    engine = make(f"if count == 0:\n    {BAD_ONCE[fault]}\nelse:\n    {GOOD}")
    assert speak(engine)
    assert said(log).count("start") == 1


@pytest.mark.parametrize(
    "fault",
    [
        "os._exit(3)",
        'print("not json", flush=True)',
        'print("[1]", flush=True)',
        'say({"id": request["id"]})',
    ],
)
def test_a_lost_worker_is_replaced(make: Make, log: Path, fault: str) -> None:
    engine = make(f"if starts == 1:\n    {fault}\n{GOOD}")
    assert speak(engine)
    assert said(log).count("start") == 2


@pytest.mark.slow
def test_a_worker_that_hangs_is_killed_and_replaced(make: Make, log: Path) -> None:
    engine = make(f"if starts == 1:\n    time.sleep(1000)\n{GOOD}", seconds=2.0)
    assert speak(engine)
    assert said(log).count("start") == 2


def test_late_answers_to_earlier_sentences_are_skipped(make: Make) -> None:
    engine = make('say({"id": 0, "error": "late"}); ' + GOOD)
    assert speak(engine)


def test_giving_up_says_why_and_what_to_do(make: Make, log: Path) -> None:
    engine = make("os._exit(3)")
    with pytest.raises(VoiceError, match=r"status 3.*voice doctor"):
        speak(engine)
    assert said(log).count("start") == 3


def test_a_wrong_voice_is_not_tried_again(make: Make, log: Path) -> None:
    engine = make('say({"id": request["id"], "error": "no voice \'x\' for language es"})')
    with pytest.raises(VoiceError, match="no voice 'x'"):
        speak(engine)
    assert said(log).count("start") == 1
    assert len(said(log)) == 2


@pytest.mark.parametrize(
    ("hello", "why"),
    [
        ('say({"ready": False, "error": "no libespeak"})', "no libespeak"),
        ("sys.exit(9)", "status 9"),
        ('print("hola?", flush=True)', "not JSON"),
    ],
)
def test_a_worker_that_cannot_start_is_a_clear_error(make: Make, hello: str, why: str) -> None:
    engine = make(hello=hello)
    with pytest.raises(VoiceError, match=why):
        speak(engine)
    assert engine.voices("es") == ()


def test_a_missing_interpreter_is_a_clear_error() -> None:
    engine = Pyttsx3Synthesizer(command=("/nonexistent/python",))
    with pytest.raises(VoiceError, match="does not start"):
        speak(engine)


def test_files_are_removed(make: Make) -> None:
    engine = make()
    speak(engine, "Uno dos. Tres cuatro.")
    assert list(Path(engine._folder.name).iterdir()) == []


def test_after_close_the_next_sentence_starts_another_worker(make: Make, log: Path) -> None:
    engine = make()
    speak(engine)
    engine.close()
    engine.close()
    speak(engine, "otra")
    assert said(log).count("start") == 2


@pytest.mark.slow
def test_the_real_worker_ends_with_its_standard_input() -> None:
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", "voice.speech.pyttsx3_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert '"ready": true' in process.stdout.readline()
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()


@pytest.mark.slow
def test_the_real_worker_ends_with_a_killed_parent(tmp_path: Path) -> None:
    import os
    import select
    import signal
    import subprocess

    if sys.platform != "linux":
        pytest.skip("waits for a process that is not its child through a Linux pidfd")
    code = (
        "from voice.speech.pyttsx3_engine import Pyttsx3Synthesizer; import time\n"
        "e = Pyttsx3Synthesizer(); e.voices('es'); print(e._process._process.pid, flush=True)\n"
        "time.sleep(1000)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = os.pidfd_open(int(parent.stdout.readline()))  # can be read once the process has ended
    try:
        assert not select.select([worker], [], [], 0)[0]
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        assert select.select([worker], [], [], 20)[0], "the worker outlived its parent"
    finally:
        os.close(worker)
