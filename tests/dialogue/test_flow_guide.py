"""The example in docs/flows.md is a working flow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dialogue.text_caller import Caller, make_prompts
from voice.dialogue.loader import Business, check_path
from voice.dialogue.seam import ActionDone, ActionFailed

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "flows.md"


@pytest.fixture(scope="module")
def barber(tmp_path_factory: pytest.TempPathFactory) -> Business:
    source = re.search(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert source is not None
    folder = make_prompts(tmp_path_factory.mktemp("guide") / "prompts", source[1], name="barber")
    business, problems = check_path(folder / "flows" / "barber.yaml", folder)
    assert problems == []
    assert business is not None
    return business


def test_the_examples_actions_are_python(tmp_path: Path) -> None:
    from voice.dialogue.actions import load_registry

    source = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert source is not None
    (tmp_path / "actions.py").write_text(source[1], encoding="utf-8")
    registry, problems = load_registry(tmp_path)
    assert (registry.names(), problems) == (("balance",), [])


THURSDAY, THE_20TH = "2026-01-15", "2026-01-20"


@pytest.mark.parametrize(
    ("lang", "turns", "service", "day", "expected"),
    [
        ("es", ("quería pedir hora", "corte", "el jueves"), "haircut", THURSDAY, "Reservado: un corte"),
        ("en", ("can i book an appointment", "beard", "#2001"), "beard", THE_20TH, "Booked: a beard trim"),
        ("es", ("quería reservar un corte", "el jueves"), "haircut", THURSDAY, "Reservado: un corte"),
        ("en", ("can i book a haircut", "#2001"), "haircut", THE_20TH, "Booked: a haircut"),
        (
            "es",
            ("quería reservar un corte", "no, la barba", "#2001"),
            "beard",
            THE_20TH,
            "Corregido: la barba",
        ),
        (
            "en",
            ("can i book a haircut", "no, a beard trim", "on thursday"),
            "beard",
            THURSDAY,
            "Corrected: a",
        ),
    ],
    ids=["es", "en", "es-said-at-once", "en-said-at-once", "es-corrected", "en-corrected"],
)
def test_a_booking(
    barber: Business, lang: str, turns: tuple[str, ...], service: str, day: str, expected: str
) -> None:
    """The service may be said with the wish, is said back, and may be corrected then."""
    caller = Caller(barber, lang, act=False)
    for turn in turns:
        caller.says(turn)
        if caller.expect and caller.expect.kind == "yes_no":
            caller.says({"es": "sí", "en": "yes"}[lang])
    assert caller.invoke is not None
    assert caller.invoke.name == "book"
    assert caller.invoke.arguments == {"service": service, "day": day}
    caller.answer = []
    caller.feed(ActionDone(caller.invoke.id, {"time": "17:30"}))
    assert caller.says({"es": "eso es todo", "en": "that's all"}[lang]).hang_up is not None
    said = " ".join(caller.said)
    assert expected in said
    assert {"es": "cinco y media", "en": "thirty"}[lang] in said


def test_a_full_day_is_asked_again(barber: Business) -> None:
    caller = Caller(barber, "en", act=False)
    for turn in ("#1", "#1", "#2001"):
        caller.says(turn)
    assert caller.invoke is not None
    caller.feed(ActionFailed(caller.invoke.id, "not_found"))
    assert "fully booked" in caller.text
    assert caller.listens().step == "day"


def test_hours(barber: Business) -> None:
    assert "open now" in Caller(barber, "en").says("are you open").text
