"""Scenario files: one recorded or synthetic caller, what they do, and what must come of it.

The YAML's fields are those of :class:`Scenario`, :class:`Step` and :class:`Expected`; the tester's guide
(``docs/testing.md``) explains them with examples.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from voice.errors import ScenarioError
from voice.replay import yaml_lines

AUDIO_FOLDER = "audio"

Lang = Literal["es", "en"]
Outcome = Literal["transferred", "completed", "abandoned", "callback", "refused", "failed"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VoiceSpec(_Model):
    """How the synthetic caller sounds: an espeak-ng voice, its variant, words a minute."""

    name: str = ""
    variant: str = ""
    rate: int = Field(150, ge=80, le=400)


class NoiseSpec(_Model):
    """What is heard behind the caller, all call long; ``snr_db`` is against the caller's speech."""

    kind: Literal["none", "white", "pink", "babble"] = "none"
    snr_db: float = Field(30.0, ge=-10, le=80)


class AgentSpec(_Model):
    """What the people in the queue do: accept this long after the ticket was made, or never."""

    accepts_after_ms: int | None = Field(None, ge=0)
    name: str = "ana"


class Step(_Model):
    """One thing the caller does. Exactly one of the first seven fields, or ``interrupt`` with a say,
    a play or a press."""

    say: str | None = Field(None, min_length=1, description="text, made into audio by make.py")
    play: str | None = Field(None, min_length=1, description="an audio file, relative to the scenario")
    press: str | None = Field(None, pattern=r"^[0-9*#A-D]+$")
    wait: Literal["prompt_start", "prompt_end", "mark", "quiet"] | None = None
    silent: int | None = Field(None, ge=0, description="say nothing for so many ms")
    hang_up: Literal[True] | None = None
    wait_until: Literal["accepted", "ended"] | None = None
    interrupt: int | None = Field(None, ge=0, description="begin when a prompt was heard so many ms")
    gap_ms: int = Field(160, ge=20, le=10_000, description="between keys")
    quiet_ms: int | None = Field(None, ge=20, description="how much quiet ends a prompt")
    mark: str = Field("", description="part of the name of the mark to wait for; empty: any")
    within_ms: int | None = Field(None, ge=20, description="limit of a wait, or for the answer to begin")

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        doing = [
            name
            for name in ("say", "play", "press", "wait", "silent", "hang_up", "wait_until")
            if getattr(self, name) is not None
        ]
        if len(doing) != 1:
            found = ", ".join(doing) or "none of them"
            raise ValueError(
                "a step does exactly one of say, play, press, wait, silent, hang_up, wait_until; "
                f"found {found}"
            )
        if self.interrupt is not None and doing[0] not in ("say", "play", "press"):
            raise ValueError("interrupt goes with say, play or press")
        if self.mark and self.wait != "mark":
            raise ValueError("mark goes with 'wait: mark'")
        return self

    @field_validator("press", mode="before")
    @classmethod
    def _keys_are_text(cls, value: object) -> object:
        if isinstance(value, int):
            raise ValueError('write the keys in quotes ("0123"), or YAML drops leading zeros')
        return value


class Expected(_Model):
    """What must come of the call. Text is compared without case, accents and punctuation."""

    outcome: Outcome | None = None
    ended_by: Literal["caller", "server"] | None = None
    queue: str | None = None
    ticket: Literal["waiting", "accepted", "completed", "abandoned", "returned", "callback"] | None = None
    priority: int | None = None
    intent: str | None = None
    reason: str | None = None
    lang: Lang | None = None
    slots: dict[str, str] = {}
    heard: list[str] = Field([], description="each is part of something recognised from the caller")
    said: list[str] = Field([], description="each is part of something the line said")
    absent: list[str] = Field([], description="none is part of anything the line said")
    events: list[str] = Field([], description="event kinds that must occur, in this order")
    min_turns: int = Field(0, ge=0, description="turns of the caller that were answered")
    min_barge_ins: int = Field(0, ge=0)
    max_response_ms: float | None = Field(None, description="of the slowest turn, less the end silence")
    max_barge_in_ms: float | None = Field(None, description="from speech onset to the clear")


class Scenario(_Model):
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    summary: str = Field(min_length=1)
    lang: Lang
    caller: str = Field("+34600000001", pattern=r"^\+?[0-9]*$")
    called: str = Field("+34900000000", pattern=r"^\+?[0-9]*$")
    voice: VoiceSpec = VoiceSpec()
    noise: NoiseSpec = NoiseSpec()
    parameters: dict[str, str] = {}
    agent: AgentSpec = AgentSpec()
    max_ms: int = Field(120_000, ge=1000, description="the longest this call may take")
    steps: list[Step] = Field(min_length=1)
    expect: Expected = Expected()

    @field_validator("caller", "called", mode="before")
    @classmethod
    def _numbers_are_text(cls, value: object) -> object:
        if isinstance(value, int):
            raise ValueError('write the number in quotes ("+34600111222")')
        return value


@dataclass(frozen=True, slots=True)
class Source:
    """A scenario and where it came from; ``folder`` holds the YAML and its ``audio`` folder's parent."""

    scenario: Scenario
    path: Path
    step_lines: tuple[int, ...]

    def where(self, step: int) -> str:
        return f"{self.path}:{self.step_lines[step]}"

    def audio_file(self, step: int) -> Path | None:
        """The audio of a say or play step, None for other steps."""
        spec = self.scenario.steps[step]
        if spec.play is not None:
            return (self.path.parent / spec.play).resolve()
        if spec.say is not None:
            return audio_folder(self.path) / speech_file(self.scenario, spec.say)
        return None

    def noise_file(self) -> Path | None:
        noise = self.scenario.noise
        return None if noise.kind == "none" else audio_folder(self.path) / f"noise-{noise.kind}.flac"


def audio_folder(scenario_path: Path) -> Path:
    """Where made audio lies: ``audio`` beside the scenario, or beside its folder."""
    beside = scenario_path.parent / AUDIO_FOLDER
    return beside if beside.is_dir() else scenario_path.parent.parent / AUDIO_FOLDER


def speech_file(scenario: Scenario, text: str) -> str:
    """The name of the audio of ``text`` in this scenario's voice: a digest of all that shapes it, so that
    changed text never plays old audio."""
    recipe = "\n".join([text, espeak_voice(scenario), str(scenario.voice.rate)])
    slug = re.sub(r"[^a-z0-9]+", "-", fold(text))[:40].strip("-")
    return f"{scenario.lang}-{slug}-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}.flac"


def espeak_voice(scenario: Scenario) -> str:
    """The espeak-ng voice name, with its variant after a plus sign."""
    name = scenario.voice.name or {"es": "es", "en": "en-us"}[scenario.lang]
    return f"{name}+{scenario.voice.variant}" if scenario.voice.variant else name


def fold(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces."""
    plain = unicodedata.normalize("NFD", text.lower())
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def load(path: Path) -> Source:
    """Reads one scenario. Raises :class:`ScenarioError` with file and line of each mistake."""
    scenario, lines = yaml_lines.validate(Scenario, path)
    steps = tuple(yaml_lines.line_of(("steps", i), lines) for i in range(len(scenario.steps)))
    source = Source(scenario, path, steps)
    for index, step in enumerate(scenario.steps[:-1]):
        if step.hang_up:
            raise ScenarioError(f"{source.where(index + 1)}: nothing can follow hang_up")
    return source


def load_all(paths: list[Path]) -> list[Source]:
    """Scenario files, and all ``*.yaml`` of folders, in name order; no two may have the same name."""
    files: list[Path] = []
    for path in paths:
        files += sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise ScenarioError(f"no scenario (*.yaml) in {', '.join(map(str, paths))}")
    sources = [load(path) for path in files]
    seen: dict[str, Path] = {}
    for source in sources:
        if (other := seen.setdefault(source.scenario.name, source.path)) != source.path:
            raise ScenarioError(f"{source.path}:1: the name {source.scenario.name!r} is also that of {other}")
    return sources
