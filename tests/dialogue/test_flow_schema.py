"""The schema for editors: current, and of one mind with what may be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.dialogue.test_flow_blocks import SHOP
from tests.dialogue.text_caller import APPOINTMENTS, PROMPTS
from voice.cli import main
from voice.dialogue.flow_schema import flow_schema
from voice.dialogue.yamlfile import parse_yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:

    return jsonschema.Draft202012Validator(flow_schema())


def test_the_schema_in_the_docs_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema"]) == 0
    printed = capsys.readouterr().out
    kept = (ROOT / "docs" / "flow.schema.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(printed), "run: voice check --schema > docs/flow.schema.json"


@pytest.mark.parametrize(
    "source",
    [
        APPOINTMENTS,
        SHOP,
        *(p.read_text(encoding="utf-8") for p in sorted((PROMPTS / "flows").glob("*.yaml"))),
    ],
    ids=lambda source: source.split("name: ", 1)[1].split("\n", 1)[0],
)
def test_what_the_checks_accept_fits_the_schema(
    validator: jsonschema.Draft202012Validator, source: str
) -> None:
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(_data(source))]
    assert errors == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("goodbye: bye", "godbye: bye"),
        ("keys: always", "keys: perhaps"),
        ("    length: 4", "    lenght: 4"),
        ("type: do", "type: du"),
        ("then: menu", "then: [menu]"),
        ("title: {es: Tienda", "title: {fr: Tienda"),
        ("no_input: 1", "no_input: often"),
        ("    start: card\n", ""),
    ],
)
def test_an_editor_sees_a_mistake(validator: jsonschema.Draft202012Validator, old: str, new: str) -> None:
    assert old in SHOP
    assert not validator.is_valid(_data(SHOP.replace(old, new, 1)))


def _data(source: str) -> Any:
    document = parse_yaml("flow", source)
    assert document.problems == []
    return document.data
