"""A model appears whole and tried out, or not at all; what breaks in between is repaired by the next run."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.speech.model_folders import entry, with_fixed_graph, with_graph_lookahead, zipped
from tests.speech.model_server import Served, serving
from voice.errors import ConfigError, ModelError
from voice.settings import MODELS, MODELS_IN_USE, load
from voice.speech import catalogue, vosk_model
from voice.speech.catalogue import FILE, Checksum, Entry, parse_checksum
from voice.speech.download import Progress, Refused, Unreachable
from voice.speech.install import RECEIPT, ModelsFolder, WrongChecksum, name_of_archive
from voice.store.lock import DataLock

NAME = "vosk-model-small-es-0.42"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


class Steps:
    """Remembers what was announced."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, what: str) -> Progress:
        self.seen.append(what.split()[0])
        return lambda _done, _total: None


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return zipped(with_graph_lookahead(tmp_path_factory.mktemp("made") / NAME, "es"))


@pytest.fixture
def models(tmp_path: Path) -> ModelsFolder:
    return ModelsFolder(tmp_path / MODELS)


@pytest.fixture
def untried(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Leaves the trial in another process out: it takes a second, and is tested on its own."""
    tried: list[Path] = []

    def trial(folder: vosk_model.ModelFolder) -> int:
        tried.append(folder.path)
        return 321

    monkeypatch.setattr(vosk_model, "trial", trial)
    return tried


def left(models: ModelsFolder) -> set[str]:
    """What lies in the folder beside models, apart from the lock and the choice."""
    return {path.name for path in models.folder.iterdir()} - {".lock", ".download", MODELS_IN_USE}


def test_a_model_is_fetched_checked_tried_and_used(
    models: ModelsFolder, packed: bytes, tmp_path: Path
) -> None:
    """The real trial, in a process of its own."""
    steps = Steps()
    with serving(Served(packed, cut_after=[200_000])) as served:
        made, new = models.install(entry(NAME, "es", served.url, packed), steps)
        assert new
        assert served.requests == [None, "bytes=200000-"]
    assert steps.seen == ["fetching", "checking", "unpacking", "trying"]
    assert made.grammars
    assert made.whole
    assert made.memory >= 0 if sys.platform == "win32" else made.memory > 10
    assert made.checksum == f"sha256:{hashlib.sha256(packed).hexdigest()}"
    assert left(models) == {NAME}
    assert list((models.folder / ".download").iterdir()) == []
    models.use("es", NAME, steps, tried=True)
    settings = load(env={}, overrides={"data": tmp_path})
    assert settings.speech.model_es == str(models.folder / NAME)
    assert settings.speech.model_en == settings.speech.closed_model_es == ""


def test_a_second_time_is_nothing_to_do(models: ModelsFolder, packed: bytes, untried: list[Path]) -> None:
    with serving(Served(packed)) as served:
        wanted = entry(NAME, "es", served.url, packed)
        assert models.install(wanted, Steps())[1]
        assert not models.install(wanted, Steps())[1]
        assert len(served.requests) == len(untried) == 1
        (models.folder / NAME / "graph/Gr.fst").write_bytes(b"")
        assert [model.whole for model in models.installed()] == [False]
        assert models.install(wanted, Steps())[1]
    assert [model.whole for model in models.installed()] == [True]
    assert left(models) == {NAME}


def test_the_wrong_bytes_are_not_installed(models: ModelsFolder, packed: bytes, untried: list[Path]) -> None:
    with serving(Served(packed[:-9] + b"malicious")) as served:
        with pytest.raises(WrongChecksum, match="should be sha256:"):
            models.install(entry(NAME, "es", served.url, packed), Steps())
        assert len(served.requests) == 1
    assert left(models) == set()
    assert list((models.folder / ".download").iterdir()) == []
    assert untried == []


def test_a_part_of_another_version_is_fetched_once_more(
    models: ModelsFolder, packed: bytes, untried: list[Path]
) -> None:
    """The server changed the file and kept its ETag: only the checksum tells."""
    with serving(Served(packed)) as served:
        part = models.folder / ".download" / f"{NAME}.part"
        part.parent.mkdir(parents=True)
        part.write_bytes(b"x" * 1000)
        part.with_name(f"{NAME}.part.json").write_text(json.dumps({"url": served.url, "validator": '"v1"'}))
        assert models.install(entry(NAME, "es", served.url, packed), Steps())[1]
        assert served.requests == ["bytes=1000-", None]


def test_without_a_checksum_of_its_own_the_publishers_list_is_asked(
    tmp_path: Path, packed: bytes, untried: list[Path]
) -> None:
    md5 = hashlib.md5(packed).hexdigest()
    listing = json.dumps([{"name": "other"}, {"name": NAME, "size": len(packed), "md5": md5}]).encode()
    with serving(Served(packed), listing=listing) as served:
        models = ModelsFolder(tmp_path, published=served.list_url)
        made, _ = models.install(entry(NAME, "es", served.url, packed, pinned=False), Steps())
        assert made.checksum == f"md5:{md5}"
        with pytest.raises(ModelError, match="has no such model"):
            models.install(entry("vosk-model-es-9", "es", served.url, packed, pinned=False), Steps())


def test_a_list_that_changed_its_form_says_what_to_do() -> None:
    for text in (b"<html>", b'[{"name": "m", "size": "?", "md5": "x"}]', b'[{"id": 1}]'):
        with pytest.raises(ModelError, match="--checksum"):
            catalogue.published(text, "m")


def test_nothing_reachable_leaves_nothing(models: ModelsFolder, packed: bytes) -> None:
    with serving(Served(packed)) as served:
        pass
    with pytest.raises(Unreachable):
        models.install(entry(NAME, "es", served.url, packed), Steps())
    with serving(Served(packed, statuses=[404])) as served, pytest.raises(Refused, match="404"):
        models.install(entry(NAME, "es", served.url, packed), Steps())
    assert models.installed() == []


def test_an_archive_brought_by_hand_is_found(
    models: ModelsFolder, packed: bytes, untried: list[Path]
) -> None:
    wanted = entry(NAME, "es", f"https://models.example/{NAME}.zip", packed)
    models.folder.mkdir()
    models.by_hand(wanted).write_bytes(packed[:-1])
    with pytest.raises(WrongChecksum):
        models.install(wanted, Steps())
    assert models.by_hand(wanted).exists()  # it is not ours to delete
    models.by_hand(wanted).write_bytes(packed)
    assert models.install(wanted, Steps())[1]


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_an_archive_and_a_folder_of_ones_own(
    models: ModelsFolder, packed: bytes, untried: list[Path], tmp_path: Path, form: str
) -> None:
    mine = catalogue.own("mine", "es")
    archive = tmp_path / "with space.zip"
    archive.write_bytes(packed)
    assert models.install(mine, Steps(), source=form.format(archive))[0].checksum == ""
    folder = with_graph_lookahead(tmp_path / "unpacked", "es")
    made, new = models.install(mine, Steps(), source=form.format(folder))
    assert new  # named explicitly: it takes the other's place
    assert made.source == str(folder)
    assert left(models) == {"mine"}
    with pytest.raises(ModelError, match="check --from"):
        models.install(mine, Steps(), source=str(tmp_path / "nothing"))
    with pytest.raises(WrongChecksum):
        models.install(mine, Steps(), source=str(archive), checksum=Checksum("md5", "0" * 32))


def test_a_single_file_is_kept_as_it_is(models: ModelsFolder, untried: list[Path]) -> None:
    content = b"a network"
    with serving(Served(content), name="net.onnx") as served:
        one = replace(entry("detector", "", served.url, content), kind=FILE)
        made, _ = models.install(one, Steps())
    assert (made.path / "net.onnx").read_bytes() == content
    assert made.kind == FILE
    with pytest.raises(ModelError, match="not installed"):
        models.use("es", "detector", Steps())


def test_what_does_not_open_is_not_installed(models: ModelsFolder, tmp_path: Path) -> None:
    """The real trial: this damage makes Vosk abort the process."""
    folder = with_graph_lookahead(tmp_path / NAME, "es")
    (folder / "graph/disambig_tid.int").write_bytes(b"x")
    with pytest.raises(ModelError, match="cannot be used: the model is damaged or not for Vosk"):
        models.install(catalogue.own("mine", "es"), Steps(), source=str(folder))
    (folder / "graph/words.txt").unlink()
    with pytest.raises(ModelError, match="cannot be used: the model is incomplete"):
        models.install(catalogue.own("mine", "es"), Steps(), source=str(folder))
    assert left(models) == set()


def test_an_archive_without_a_model(models: ModelsFolder, tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("readme.txt", "hello")
    (tmp_path / "m.zip").write_bytes(made.getvalue())
    with pytest.raises(ModelError, match="no Vosk model"):
        models.install(catalogue.own("mine", "es"), Steps(), source=str(tmp_path / "m.zip"))
    assert left(models) == set()


KILLED = """
import os, signal, sys
from pathlib import Path
from voice.speech import catalogue, install, vosk_model
vosk_model.trial = lambda folder: 0
def step(what):
    if what.startswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    return lambda done, total: None
install.ModelsFolder(Path(sys.argv[1])).install(catalogue.own("mine", "es"), step, source=sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_run_leaves_nothing_that_looks_like_a_model(
    models: ModelsFolder, packed: bytes, untried: list[Path], tmp_path: Path
) -> None:
    archive = tmp_path / "m.zip"
    archive.write_bytes(packed)
    done = subprocess.run([sys.executable, "-c", KILLED, models.folder, archive, "trying"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert models.installed() == []
    assert [name[:8] for name in left(models)] == [".unpack-"]
    models.install(catalogue.own("mine", "es"), Steps(), source=str(archive))
    assert left(models) == {"mine"}


def test_two_commands_at_once_do_not_mix(models: ModelsFolder, tmp_path: Path) -> None:
    models.folder.mkdir()
    with DataLock(models.folder, ".lock"), pytest.raises(ConfigError, match="another 'voice models'"):
        models.install(catalogue.own("mine", "es"), Steps(), source=str(tmp_path))


def test_removing(models: ModelsFolder, untried: list[Path], tmp_path: Path) -> None:
    folder = with_graph_lookahead(tmp_path / "m", "es")
    models.install(catalogue.own("mine", "es"), Steps(), source=str(folder))
    models.use("es", "mine", Steps(), tried=True)
    assert models.in_use() == {"model_es": "mine"}
    assert models.remove("mine").name == "mine"
    assert models.in_use() == {}
    assert left(models) == set()
    assert load(env={}, overrides={"data": tmp_path}).speech.model_es == ""
    with pytest.raises(ModelError, match="installed: none"):
        models.remove("mine")


def test_a_pipe_or_device_is_no_source(models: ModelsFolder) -> None:
    """Reading /dev/zero would never end."""
    with pytest.raises(ModelError, match="neither a file nor a folder"):
        models.install(catalogue.own("mine", "es"), Steps(), source="/dev/null")


def test_a_password_in_an_address_is_not_shown(models: ModelsFolder) -> None:
    steps = Steps()
    with pytest.raises(ModelError) as caught:
        models.install(catalogue.own("mine", "es"), steps, source="https://me:hunter2@models.invalid/m.zip")
    assert "hunter2" not in str(caught.value)
    assert steps.seen == []  # "fetching ADDRESS" is one


@pytest.mark.parametrize("name", ["..", ".", "../outside", ".lock", "", "a/b"])
def test_nothing_outside_the_folder_is_ever_named(models: ModelsFolder, tmp_path: Path, name: str) -> None:
    with_graph_lookahead(tmp_path / "outside", "es")
    models.folder.mkdir()
    for work in (catalogue.check_name, models.remove, lambda name: models.use("es", name or "/", Steps())):
        with pytest.raises(ModelError):
            work(name)
    with pytest.raises(ModelError):
        models.install(Entry(name, "", catalogue.VOSK, "es", ""), Steps(), source=str(tmp_path / "outside"))
    assert (tmp_path / "outside/am/final.mdl").exists()


def test_a_link_in_the_folder_is_not_followed(models: ModelsFolder, tmp_path: Path) -> None:
    outside = with_graph_lookahead(tmp_path / "outside", "es")
    models.folder.mkdir()
    (models.folder / "linked").symlink_to(outside)
    with pytest.raises(ModelError, match="is a link"):
        models.remove("linked")
    assert (outside / "am/final.mdl").exists()


def test_a_folder_unpacked_by_hand_can_be_used(
    models: ModelsFolder, untried: list[Path], tmp_path: Path
) -> None:
    with_graph_lookahead(models.folder / NAME, "es")
    (model,) = models.installed()
    assert (model.lang, model.source, model.grammars) == ("es", "unpacked by hand", None)
    models.use("es", NAME, Steps())
    assert untried == [models.folder / NAME]
    (models.folder / NAME / RECEIPT).write_text('{"files": 3}')
    assert models.installed()[0].source == "unpacked by hand"


def test_a_fixed_graph_gets_a_model_with_grammars_beside_it(
    models: ModelsFolder, untried: list[Path], tmp_path: Path
) -> None:
    large, small = with_fixed_graph(tmp_path / "l", "es"), with_graph_lookahead(tmp_path / "s", "es")
    assert models.install(catalogue.own("large", "es"), Steps(), source=str(large))[0].grammars is False
    assert models.use("es", "large", Steps()) == ""
    models.install(catalogue.own("small", "es"), Steps(), source=str(small))
    models.install(catalogue.own("english", "en"), Steps(), source=str(small))
    assert models.use("es", "large", Steps()) == "small"
    assert models.in_use() == {"model_es": "large", "closed_model_es": "small"}
    speech = load(env={}, overrides={"data": tmp_path}).speech
    assert speech.closed_model_es == str(models.folder / "small")
    models.remove("small")
    assert models.in_use() == {"model_es": "large"}
    models.use("es", "", Steps())
    assert models.in_use() == {}


def test_settings_stand_above_the_choice(models: ModelsFolder, tmp_path: Path) -> None:
    models.folder.mkdir()
    (models.folder / MODELS_IN_USE).write_text('[speech]\nmodel_es = "chosen"\nmodel_en = "chosen"\n')
    env = {
        "CENTRALITA_DATA": str(tmp_path),
        "CENTRALITA_SPEECH__MODEL_ES": "/named",
        "CENTRALITA_SPEECH__MODEL_EN": "",
    }
    speech = load(env=env).speech
    assert (speech.model_es, speech.model_en) == ("/named", "")  # empty by name: the built-in one
    (models.folder / MODELS_IN_USE).write_text("[speech\n")
    with pytest.raises(ConfigError, match="voice models use"):
        load(env=env)


def test_a_full_disk_is_a_clear_error(
    models: ModelsFolder, untried: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_graph_lookahead(tmp_path / "m", "es")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(ModelError, match="free some space"):
        models.install(catalogue.own("mine", "es"), Steps(), source=str(folder))
    assert left(models) == set()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ModelError, match="--data"):
        ModelsFolder(tmp_path / "data" / MODELS).use("es", "", Steps())


def test_the_catalogue_is_consistent() -> None:
    for known in catalogue.CATALOGUE:
        catalogue.check_name(known.name)
        assert catalogue.find(known.alias) == catalogue.find(known.name) == known
        assert known.url == f"{catalogue.SITE}/{known.name}.zip"
        assert known.checksum is None or parse_checksum(str(known.checksum)) == known.checksum
        assert known.alias.startswith(f"{known.lang}-")
    names = [name for known in catalogue.CATALOGUE for name in (known.name, known.alias)]
    assert len(names) == len(set(names))


def test_names_and_checksums_that_are_wrong_say_so() -> None:
    with pytest.raises(ModelError, match="did you mean es-large"):
        catalogue.require("es-larg")
    assert catalogue.require("vosk-model-en-in-0.5").url.endswith("/vosk-model-en-in-0.5.zip")
    with pytest.raises(ModelError, match="--lang"):
        catalogue.own("mine", "")
    for text in ("", "md5:12", "sha1:" + "0" * 40, "sha256:" + "g" * 64):
        with pytest.raises(ModelError, match="not a checksum"):
            parse_checksum(text)
    assert name_of_archive("/a/vosk-model-es-0.42.tar.gz") == "vosk-model-es-0.42"
