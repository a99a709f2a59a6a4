"""What is shipped: the container's files, the pinned versions and the wheel."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
MODELS = ROOT / "voice" / "speech" / "models"


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[\w.-]+", line) for line in requirements)
    return {match.group().lower().replace("_", "-") for match in found if match}


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_container_copies_what_exists_and_is_not_ignored() -> None:
    assert "voice" in copied()
    assert "prompts" in copied()
    assert IGNORED[1] == "*"
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in IGNORED


def test_the_container_runs_unprivileged_on_its_volume_and_is_watched() -> None:
    last = DOCKERFILE.split("\nFROM ")[-1]
    assert re.search(r"^USER (?!root)\w+$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*", last, re.MULTILINE)
    assert "/healthz" in last
    assert "VOLUME /data" in last
    assert "CENTRALITA_DATA=/data" in last
    assert "EXPOSE 8080" in last
    assert '"serve", "--host", "0.0.0.0", "--port", "8080"' in last
    assert "[dev]" not in DOCKERFILE


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = names(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted |= names(extra)
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.match(r"[\w.-]+==\S+", pin) for pin in pins)
    assert wanted <= names(pins)
    of_extras = project["optional-dependencies"].items()
    assert [name for name, extra in of_extras if "torch" in names(extra)] == ["acoustic-model"]
    assert "torch" not in names(project["dependencies"])


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_explains_itself() -> None:
    run = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("make demo", "make serve", "make test", "make bench"):
        assert target in run.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_without_a_usable_python_says_what_to_install(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "rm", "echo", "test"):
        found = shutil.which(tool)
        if found:
            (tools / tool).symlink_to(found)
    make = [str(shutil.which("make")), "demo"]
    run = subprocess.run(make, cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True)
    assert run.returncode != 0
    assert "No Python 3.11 or newer was found" in run.stdout
    assert "apt-get install python3" in run.stdout
    bare = tools / "python3.12"
    bare.write_text(f'#!{shutil.which("sh")}\ncase "$2" in *ensurepip*) exit 1;; *print*) echo 3.12;; esac\n')
    bare.chmod(0o755)
    run = subprocess.run(make, cwd=tmp_path, env={"PATH": str(tools)}, capture_output=True, text=True)
    assert run.returncode != 0
    assert "python3.12-venv" in run.stdout


@pytest.mark.slow
def test_the_wheel_holds_code_models_and_pages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "voice", source / "voice", ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)]
    run = subprocess.run(build, capture_output=True, text=True)
    if run.returncode and "No matching distribution" in run.stderr:
        pytest.skip("no network for the build's own requirements")
    assert run.returncode == 0, run.stderr
    (wheel,) = tmp_path.glob("centralita-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    shipped = {
        str(path.relative_to(source))
        for path in (source / "voice").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert {path for path in shipped if path not in held} == set()
    assert any(path.endswith("final.mdl") for path in held)
    assert any(path.endswith(".html") for path in held)
