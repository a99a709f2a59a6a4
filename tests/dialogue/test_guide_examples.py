"""Every example of a part of a flow in the guides passes `voice check` in a flow that has what it names."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from tests.dialogue.text_caller import Caller, head, make_prompts
from voice.dialogue.loader import Business, check_path

DOCS = Path(__file__).resolve().parents[2] / "docs"
BOTH = {"es": "Vale", "en": "Fine"}
RETRY = [{"es": "Diga.", "en": "Tell me."}, {"es": "Diga, o marque.", "en": "Tell me, or press."}]
ASK: dict[str, Any] = {"type": "ask", "label": {"es": "dato", "en": "fact"}, "prompt": BOTH, "retry": RETRY}


def examples(guide: str) -> list[str]:
    text = (DOCS / f"{guide}.md").read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.S)


def said(*names: str) -> dict[str, Any]:
    """Steps that only say something."""
    return {name: {"type": "say", "text": {"es": name, "en": name}, "then": "menu"} for name in names}


def asked(then: str, **kinds: str) -> dict[str, Any]:
    """Questions one after the other, ``ask_NAME`` each; the last leads to ``then``."""
    names = list(kinds)
    steps = {f"ask_{n}": {**ASK, "slot": n, "kind": kinds[n]} for n in names}
    for name, after in zip(names, [*names[1:], ""], strict=True):
        way = f"ask_{after}" if after else then
        steps[f"ask_{name}"] |= {"yes": way, "no": way} if kinds[name] == "yes_no" else {"then": way}
        if kinds[name] == "amount":
            steps[f"ask_{name}"]["confirm"] = "explicit"
        if kinds[name] == "choice":
            steps[f"ask_{name}"]["options"] = {"haircut": {"label": BOTH, "key": "1"}}
    return steps


def action(*names: str) -> dict[str, Any]:
    return {name: {"url": "https://luna.example/hooks"} for name in names}


# guide, the example's number in it, the step where it begins, and what else a flow with it has
AROUND: dict[tuple[str, int], tuple[str, dict[str, Any]]] = {
    ("flows", 1): (
        "ask_day",
        {
            "actions": action("clinic_book", "clinic_change"),
            "steps": asked("book", day="date", hour="time", phone="phone") | said("booked", "reception"),
        },
    ),
    ("flows", 2): ("said", {"steps": said("said")}),
    ("flows", 3): ("who", {"steps": said("balance")}),
    ("flows", 4): (
        "ask_balance",
        {
            "actions": action("pay"),
            "slots": {"card": {**ASK, "kind": "card", "sensitive": True}},
            "steps": asked("pay", balance="amount") | said("paid", "desk"),
        },
    ),
    ("flows", 5): ("fault", {"goodbye": "bye", "steps": said("fault")}),
    ("friction", 0): (
        "fault",
        {"hours": {"office": {"mon-fri": "09:00-18:00"}}, "steps": said("fault")},
    ),
    ("knowledge", 0): (
        "ask_order_number",
        {
            "actions": {
                "order_status": {
                    "url": "https://luna.example/hooks",
                    "result": {"state": "text", "day": "date"},
                }
            },
            "steps": asked("advisor", order_number="digits") | said("goodbye"),
        },
    ),
    ("profiles", 0): (
        "ask_order_number",
        {
            "steps": asked(
                "said", order_number="digits", order_state="text", address="text", may_remember="yes_no"
            )
            | said("said")
        },
    ),
    ("profiles", 1): (
        "ask_order_number",
        {
            "remember": {"values": ["order_number", "order_state"]},
            "steps": asked("menu", order_number="digits", order_state="text")
            | said("about_invoice", "get_known_order"),
        },
    ),
    ("profiles", 2): (
        "remember_order",
        {
            "remember": {"consent": "may_remember"},
            "steps": {
                "may_remember": {
                    **ASK,
                    "slot": "may_remember",
                    "kind": "yes_no",
                    "yes": "anything_else",
                    "no": "anything_else",
                },
                **said("anything_else"),
            },
        },
    ),
    ("profiles", 3): ("forget", {"remember": {}, "steps": said("forgotten")}),
    ("profiles", 4): (
        "ask_customer",
        {
            "actions": action("check_pin"),
            "steps": asked("pin", customer="digits") | said("wrong_pin", "security_desk"),
        },
    ),
    ("profiles", 5): (
        "ask_customer",
        {
            "actions": action("send_code"),
            "steps": asked("send", customer="digits")
            | said("wrong")
            | {"ask_code": {**ASK, "slot": "code", "kind": "digits", "sensitive": True, "then": "check"}},
        },
    ),
    ("profiles", 6): (
        "ask_service",
        {
            "steps": asked("book", service="choice", day="date")
            | {
                "book": {
                    "type": "call",
                    "action": "book",
                    "label": BOTH,
                    "with": ["service", "day"],
                    "on": {"ok": "menu"},
                }
            }
        },
    ),
    ("profiles", 7): (
        "look_up",
        {
            "actions": action("order_status"),
            "steps": {
                "look_up": {
                    "type": "call",
                    "action": "order_status",
                    "label": BOTH,
                    "save": {"due": "due", "state": "state"},
                    "on": {"ok": "menu"},
                }
            },
        },
    ),
}


def flow_with(example: str, begins: str, around: dict[str, Any]) -> dict[str, Any]:
    """A flow with ``example``, whose one intent leads to the step ``begins``."""
    part = yaml.load(example, yaml.BaseLoader)  # strings only: "on" stays as it is
    if example.startswith(" "):  # steps, without the line that says so
        part = {"steps": part}
    flow = yaml.safe_load(head("guide", "Guía", "Guide"))
    menu = {
        "type": "menu",
        "prompt": BOTH,
        "retry": RETRY,
        "no": "bye",
        "intents": {
            "fault": {
                "label": BOTH,
                "key": "1",
                "then": begins,
                "examples": {
                    "es": ["tengo una avería", "no funciona el teléfono", "quiero contarles algo"],
                    "en": ["there is a fault", "my phone does not work", "i want to tell you something"],
                },
            }
        },
    }
    steps = {"menu": menu, "bye": {"type": "hang_up", "text": BOTH}}
    flow |= {"start": "menu"} | around | part
    for key in ("slots", "actions"):
        if key in around:
            flow[key] = around[key] | part.get(key, {})
    return {**flow, "steps": {**steps, **around["steps"], **part.get("steps", {})}}


@pytest.fixture(params=AROUND, ids=lambda case: f"{case[0]}-{case[1]}")
def checked(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Business | None, list[str]]:
    guide, number = request.param
    flow = flow_with(examples(guide)[number], *AROUND[request.param])
    written = yaml.safe_dump(flow, allow_unicode=True, sort_keys=False)
    folder = make_prompts(tmp_path / "prompts", written, name="guide")
    business, problems = check_path(folder / "flows" / "guide.yaml", folder)
    return business, [str(problem) for problem in problems]


def test_an_example_passes_the_check(checked: tuple[Business | None, list[str]]) -> None:
    business, problems = checked
    assert problems == []
    assert business is not None
    for lang in ("es", "en"):
        assert Caller(business, lang).said


def test_every_example_is_checked() -> None:
    there = {(g, n) for g in ("flows", "friction", "knowledge", "profiles") for n in range(len(examples(g)))}
    assert there - AROUND.keys() == {("flows", 0)}, "that one is tests/dialogue/test_flow_guide.py's"


NEWS = {
    "es": ("Hay una avería en la zona norte.", "¿Era eso lo que quería saber?", "sí"),
    "en": ("There is an outage in the north.", "Is that what you wanted to know?", "yes"),
}


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize(
    ("madrid", "told"),
    [
        ("2026-02-28T23:59", False),
        ("2026-03-01T00:00", True),
        ("2026-03-04T23:59", True),
        ("2026-03-05T00:00", False),
    ],
)
def test_the_example_of_a_campaign_is_told_on_its_days_and_a_yes_ends_the_call(
    tmp_path: Path, lang: str, madrid: str, told: bool
) -> None:
    written = yaml.safe_dump(flow_with(examples("flows")[5], *AROUND["flows", 5]), allow_unicode=True)
    folder = make_prompts(tmp_path / "prompts", written, name="guide")
    business, _ = check_path(folder / "flows" / "guide.yaml", folder)
    assert business is not None
    wall = int(datetime.fromisoformat(madrid).replace(tzinfo=ZoneInfo("Europe/Madrid")).timestamp() * 1000)
    caller = Caller(business, lang, wall_ms=wall, profile={"area": "north"})
    news, enough, yes = NEWS[lang]
    assert (f"{news} {enough}" in caller.text) == told
    assert NEWS[lang][0] not in Caller(business, lang, wall_ms=wall, profile={"area": "south"}).text
    if told:
        assert caller.says(yes).hang_up is not None
        elsewhere = Caller(business, lang, wall_ms=wall, profile={"area": "centre"}).says("no")
        assert elsewhere.listens().step == "menu"


@pytest.mark.parametrize(
    ("madrid", "opens"),
    [
        ("2026-12-24T12:00", True),  # an exception goes before the holiday
        ("2026-12-24T17:00", False),
        ("2026-12-25T12:00", False),
        ("2026-12-31T12:00", False),
        ("2026-08-10T11:00", False),
        ("2026-08-24T11:00", True),  # the Monday after
        ("2027-04-03T11:00", True),  # a Saturday: that holiday was another year's
    ],
)
def test_the_example_of_opening_hours_keeps_its_holidays(tmp_path: Path, madrid: str, opens: bool) -> None:
    _, around = AROUND["flows", 2]
    flow = flow_with(examples("flows")[2], "now", around)
    flow["hours"]["shop"]["mon"] = "10:00-14:00"
    flow["steps"] |= {
        "now": {"type": "branch", "when": [{"if": "shop is open", "then": "said"}], "otherwise": "shut"},
        **said("shut"),
    }
    folder = make_prompts(tmp_path / "prompts", yaml.safe_dump(flow, allow_unicode=True), name="guide")
    business, problems = check_path(folder / "flows" / "guide.yaml", folder)
    assert business is not None, problems
    wall = int(datetime.fromisoformat(madrid).replace(tzinfo=ZoneInfo("Europe/Madrid")).timestamp() * 1000)
    assert ("said" in Caller(business, "es", wall_ms=wall).says("#1").text.split()) == opens
