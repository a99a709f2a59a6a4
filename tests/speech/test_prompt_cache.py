"""The cache of synthesised prompts: what is kept, for how long, and what a bad disk does."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.speech.prompt_cache import PromptCache, cache_key
from voice.speech.seam import Voice

HEADER = 36
PCM = bytes(range(256)) * 4


def key(text: str, **changes: object) -> str:
    voice = Voice("es", str(changes.get("voice", "")), int(str(changes.get("rate", 165))))
    return cache_key(str(changes.get("engine", "espeak")), str(changes.get("version", "1")), voice, text)


def test_a_key_tells_apart_all_that_changes_the_sound() -> None:
    keys = {
        key("hola"),
        key("adiós"),
        key("hola", voice="es"),
        key("hola", rate=120),
        key("hola", engine="pyttsx3"),
        key("hola", version="2"),
        cache_key("espeak", "1", Voice("en"), "hola"),
    }
    assert len(keys) == 7
    assert key(" hola   a todos ") == key("hola a todos")


def test_remembers_without_a_folder() -> None:
    cache = PromptCache(None)
    assert cache.get("a") is None
    cache.put("a", PCM, durable=True)
    assert cache.get("a") == cache.recall("a") == PCM


def test_only_durable_audio_reaches_the_disk(tmp_path: Path) -> None:
    cache = PromptCache(tmp_path / "prompts")
    cache.put("private", PCM, durable=False)
    assert not (tmp_path / "prompts").exists()
    cache.put("public", PCM, durable=True)
    assert [path.stem for path in (tmp_path / "prompts").iterdir()] == ["public"]
    later = PromptCache(tmp_path / "prompts")
    assert later.recall("public") is None
    assert later.get("public") == PCM
    assert later.recall("public") == PCM
    assert later.get("private") is None


def test_files_are_for_this_user_only(tmp_path: Path) -> None:
    PromptCache(tmp_path).put("a", PCM, durable=True)
    assert (tmp_path / "a.pcm").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "magic", "append"])
def test_damaged_files_are_missed_and_made_again(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    PromptCache(tmp_path).put("a", PCM, durable=True)
    path = tmp_path / "a.pcm"
    data = path.read_bytes()
    changed = {
        "truncate": data[:-10],
        "flip": data[:HEADER] + b"\xff" + data[HEADER + 1 :],
        "empty": b"",
        "magic": b"XXXX" + data[4:],
        "append": data + b"\0\0",
    }
    path.write_bytes(changed[damage])
    cache = PromptCache(tmp_path)
    assert cache.get("a") is None
    assert not path.exists()
    assert "damaged" in caplog.text
    cache.put("a", PCM, durable=True)
    assert PromptCache(tmp_path).get("a") == PCM


def test_the_least_recently_used_files_go(tmp_path: Path) -> None:
    size = HEADER + len(PCM)
    cache = PromptCache(tmp_path, disk_bytes=3 * size, memory_bytes=0)
    for name in "abc":
        cache.put(name, PCM, durable=True)
    assert cache.get("a") == PCM
    cache.put("d", PCM, durable=True)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["a", "c", "d"]


def test_use_is_remembered_across_processes(tmp_path: Path) -> None:
    size = HEADER + len(PCM)
    first = PromptCache(tmp_path, disk_bytes=3 * size)
    for place, name in enumerate("abc"):
        first.put(name, PCM, durable=True)
        os.utime(tmp_path / f"{name}.pcm", (1000 + place, 1000 + place))
    assert PromptCache(tmp_path).get("a") == PCM
    PromptCache(tmp_path, disk_bytes=3 * size).put("d", PCM, durable=True)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["a", "c", "d"]


def test_memory_is_bounded_and_keeps_what_was_used_last() -> None:
    cache = PromptCache(None, memory_bytes=3 * len(PCM))
    for name in "abc":
        cache.put(name, PCM, durable=False)
    cache.recall("a")
    cache.put("d", PCM, durable=False)
    assert [name for name in "abcd" if cache.recall(name)] == ["a", "c", "d"]
    cache.put("huge", PCM * 4, durable=False)
    assert cache.recall("huge") is None
    assert cache.recall("a") == PCM


def test_audio_larger_than_the_disk_limit_is_not_written(tmp_path: Path) -> None:
    PromptCache(tmp_path, disk_bytes=100).put("a", PCM, durable=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["mkstemp", "replace"])
def test_a_full_disk_ends_writing_with_one_line(
    tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    cache = PromptCache(tmp_path)
    cache.put("before", PCM, durable=True)
    monkeypatch.setattr(*((tempfile, "mkstemp") if call == "mkstemp" else (os, "replace")), full)
    with caplog.at_level(logging.WARNING):
        for name in "abc":
            cache.put(name, PCM, durable=True)
    assert len(caplog.records) == 1
    assert "No space left" in caplog.text
    monkeypatch.undo()
    cache.put("d", PCM, durable=True)
    assert [path.name for path in tmp_path.iterdir()] == ["before.pcm"]
    assert cache.get("a") == PCM
    assert cache.get("before") == PCM


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = PromptCache(tmp_path / "file" / "prompts")
    cache.put("a", PCM, durable=True)
    assert cache.get("a") == PCM
    assert cache.get("b") is None


def test_old_half_written_files_are_removed_and_new_ones_left(tmp_path: Path) -> None:
    (tmp_path / "old.part").write_bytes(b"x")
    os.utime(tmp_path / "old.part", (1000, 1000))
    (tmp_path / "new.part").write_bytes(b"x")
    PromptCache(tmp_path).put("a", PCM, durable=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pcm", "new.part"]


def test_many_threads_write_the_same_and_different_keys(tmp_path: Path) -> None:
    size = HEADER + len(PCM)
    cache = PromptCache(tmp_path, disk_bytes=5 * size, memory_bytes=2 * len(PCM))

    def work(number: int) -> None:
        for turn in range(20):
            name = f"k{(number + turn) % 8}"
            cache.put(name, PCM, durable=True)
            assert cache.get(name) in (PCM, None)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [path.name for path in tmp_path.iterdir()]
    assert len(names) <= 5
    assert all(name.endswith(".pcm") for name in names)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.binary(max_size=60)), max_size=30))
def test_get_gives_what_was_put_last_or_nothing(writes: list[tuple[str, bytes]]) -> None:
    cache = PromptCache(None, memory_bytes=120)
    last: dict[str, bytes] = {}
    for name, pcm in writes:
        cache.put(name, pcm, durable=False)
        last[name] = pcm
    kept = {name: cache.recall(name) for name in last}
    assert all(pcm is None or pcm == last[name] for name, pcm in kept.items())
    assert sum(len(pcm) for pcm in kept.values() if pcm) <= 120
    if writes:
        assert kept[writes[-1][0]] == writes[-1][1]
