"""The rule of ``docs/architecture.md`` that holds up the others: pure machines do no I/O, read no clock."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from voice.languages import language
from voice.model import LANGUAGES, ExpectKind
from voice.slots.reader import parse
from voice.speech.phrases import digit_words

ROOT = Path(__file__).resolve().parents[1]
VOICE = ROOT / "voice"

# the parts of the dialogue that read files, run actions or keep a process-wide model
DIALOGUE_SHELL = {"actions.py", "loader.py", "yamlfile.py"}
PURE = [
    *(p for p in sorted((VOICE / "dialogue").rglob("*.py")) if p.name not in DIALOGUE_SHELL),
    *sorted((VOICE / "languages").rglob("*.py")),
    *sorted((VOICE / "slots").rglob("*.py")),
    VOICE / "call" / "turns.py",
    VOICE / "call" / "hold.py",
    VOICE / "call" / "keypad.py",
    VOICE / "call" / "telling.py",
    VOICE / "relay" / "dialogue.py",
    VOICE / "relay" / "messages.py",
    VOICE / "profile" / "facts.py",
    VOICE / "profile" / "lock.py",
    VOICE / "profile" / "merge.py",
    VOICE / "profile" / "spec.py",
    VOICE / "queue" / "machine.py",
    VOICE / "queue" / "packet.py",
    VOICE / "queue" / "summary.py",
    VOICE / "insight" / "standing.py",
    VOICE / "insight" / "transcript.py",
    VOICE / "audio" / "dtmf.py",
    VOICE / "audio" / "gaps.py",
    VOICE / "audio" / "playout.py",
    VOICE / "speech" / "breaker.py",
    VOICE / "speech" / "echo.py",
    VOICE / "speech" / "endpointing.py",
    VOICE / "speech" / "vosk_protocol.py",
    VOICE / "telephony" / "conversationrelay.py",
    VOICE / "telephony" / "messages.py",
    VOICE / "telephony" / "twilio.py",
    VOICE / "webhooks" / "fields.py",
    VOICE / "webhooks" / "signing.py",
    VOICE / "webhooks" / "spec.py",
    VOICE / "model.py",
    VOICE / "events.py",
]
IMPURE = {
    "aiohttp",
    "asyncio",
    "concurrent",
    "random",
    "select",
    "socket",
    "sqlalchemy",
    "subprocess",
    "threading",
    "time",
    "voice.app",
    "voice.clock",
    "voice.desk",
    "voice.line",
    "voice.store",
    "voice.talk",
}


def imported(source: str) -> set[str]:
    """Every module that ``source`` imports, at any depth, with the packages it lies in."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute in this project"
            assert node.module is not None
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {".".join(name.split(".")[:n]) for name in names for n in range(1, name.count(".") + 2)}


def reads_the_clock(source: str) -> list[str]:
    """Calls such as ``datetime.now()`` and ``date.today()``."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(VOICE)))
def test_pure_machines_do_no_io_and_read_no_clock(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not imported(source) & IMPURE
    assert not reads_the_clock(source)


def test_the_rule_sees_what_it_forbids() -> None:
    bad = "def f():\n    from voice.store import sql\n    import asyncio.queues\n    return datetime.now()\n"
    assert imported(bad) & IMPURE == {"voice.store", "asyncio"}
    assert reads_the_clock(bad) == ["datetime.now"]


@pytest.mark.parametrize(
    ("folder", "above"),
    [
        ("audio", {"voice.call", "voice.dialogue", "voice.queue", "voice.speech", "voice.telephony"}),
        ("telephony", {"voice.call", "voice.dialogue", "voice.queue", "voice.speech"}),
        ("speech", {"voice.call", "voice.dialogue", "voice.queue", "voice.telephony"}),
        ("dialogue", {"voice.call", "voice.queue", "voice.telephony"}),
        ("slots", {"voice.call", "voice.dialogue", "voice.queue", "voice.speech", "voice.telephony"}),
        ("languages", {"voice.call", "voice.dialogue", "voice.slots", "voice.speech", "voice.telephony"}),
        ("queue", {"voice.call", "voice.desk", "voice.speech", "voice.telephony"}),
        ("store", {"voice.call", "voice.dialogue", "voice.queue", "voice.speech", "voice.telephony"}),
        ("profile", {"voice.call", "voice.desk", "voice.queue", "voice.speech", "voice.telephony"}),
        ("webhooks", {"voice.call", "voice.desk", "voice.profile", "voice.queue", "voice.telephony"}),
        ("call", {"voice.app", "voice.talk", "voice.line", "voice.desk", "voice.replay", "voice.commands"}),
        ("desk", {"voice.app", "voice.talk", "voice.line", "voice.call", "voice.replay", "voice.commands"}),
    ],
)
def test_folders_use_only_what_is_below_them(folder: str, above: set[str]) -> None:
    for path in sorted((VOICE / folder).rglob("*.py")):
        assert not imported(path.read_text(encoding="utf-8")) & above, path.relative_to(ROOT)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_digits_that_are_heard_are_the_digits_that_are_understood(lang: str) -> None:
    heard = digit_words(lang)
    assert set(heard) <= set(language(lang).digit_words)
    # before another digit: a lone "oh" is no digit
    said = [parse(ExpectKind.DIGITS, f"{word} {heard[-1]}", lang, today=date(2026, 1, 1)) for word in heard]
    assert {parsed.value for parsed in said if parsed is not None} == {f"{n}9" for n in range(10)}
    assert None not in said
