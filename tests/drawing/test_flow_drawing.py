"""The picture of a flow: every step, every way, nothing that a browser would take for markup."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, PROMPTS, make_prompts
from voice.cli import main
from voice.dialogue.conditions import parse_condition
from voice.dialogue.loader import Business, load_business
from voice.drawing.chart import Box, Chart, Edge, drawing_of
from voice.drawing.layout import lay_out, split_back
from voice.drawing.svg import svg_of
from voice.drawing.words import KINDS, WORDS, condition_words

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def telecom() -> Business:
    return load_business("telecom", PROMPTS)


def texts(root: Xml.Element) -> str:
    return "\n".join(element.text or "" for element in root.iter())


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "es",
            ["1 · consultar su saldo", "¿En qué puedo ayudarle?", "cola: billing", "condición", "Leyenda"],
        ),
        ("en", ["1 · check your balance", "How can I help you?", "queue: billing", "condition", "Legend"]),
    ],
)
def test_every_step_and_way_is_drawn(telecom: Business, lang: str, said: list[str]) -> None:
    root = Xml.fromstring(svg_of(drawing_of(telecom.flow, lang)))
    written = texts(root)
    for text in said:
        assert text in written
    anchors = [element.get("id", "") for element in root.iter(f"{SVG}g") if element.get("id")]
    assert len(anchors) == len(set(anchors))
    assert {f"step-{name}" for name in telecom.flow.steps} <= set(anchors)
    links = {element.get("href", "") for element in root.iter(f"{SVG}a")}
    assert links
    assert {link.removeprefix("#") for link in links} <= set(anchors)
    assert root.get("role") == "img"
    described = next(root.iter(f"{SVG}desc")).text or ""
    for name in telecom.flow.steps:
        assert name in described
    assert any("dashed" in element.get("class", "") for element in root.iter(f"{SVG}path"))


def test_the_same_flow_is_always_the_same_picture(telecom: Business) -> None:
    assert svg_of(drawing_of(telecom.flow, "es")) == svg_of(drawing_of(telecom.flow, "es"))


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_legend_has_every_kind_of_step_that_is_drawn(telecom: Business, lang: str) -> None:
    drawing = drawing_of(telecom.flow, lang)
    drawing.charts[0].boxes["lent"] = Box("lent", "relay", "lent")
    legend = svg_of(drawing).rpartition(WORDS[lang]["legend"])[2]
    drawn = {box.kind for chart in drawing.charts for box in chart.boxes.values()} - {"start"}
    assert {"verify", "converse", "relay"} < drawn
    for kind in KINDS[lang]:
        assert (f">{KINDS[lang][kind]}<" in legend) == (kind in drawn), kind


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("shop is open", "shop está abierto"),
        ("shop is not closed", "shop no está cerrado"),
        ("profile.vip is yes and customer is unknown", "profile.vip es sí y customer no se conoce"),
        ("state not in (lost, late) or balance > 100", "state no es lost o late o balance > 100"),
        ("not (state is lost or due < {today}) and shop is open",
         "no (state es lost o due < {today}) y shop está abierto"),
        ("a is b and (c is d or e is not f)", "a es b y (c es d o e no es f)"),
    ],
)  # fmt: skip
def test_conditions_are_drawn_in_the_language_of_the_drawing(written: str, drawn: str) -> None:
    assert condition_words(parse_condition(written), "es") == drawn
    assert parse_condition(condition_words(parse_condition(written), "en")) == parse_condition(written)


def test_branches_of_a_spanish_drawing_are_in_spanish(telecom: Business) -> None:
    assert "office está abierto" in svg_of(drawing_of(telecom.flow, "es"))
    assert "office is open" in svg_of(drawing_of(telecom.flow, "en"))


def test_texts_cannot_become_markup(tmp_path: Path) -> None:
    evil = "</text><script>alert(1)</script> ]]> & \\u0001 \\\" 'x'"
    flow = APPOINTMENTS.replace('"¿Qué necesita?"', f'"{evil}"').replace(
        "title: {es: Citas", f'title: {{es: "{evil}"'
    )
    folder = make_prompts(tmp_path / "prompts", flow, APPOINTMENT_ACTIONS)
    svg = svg_of(drawing_of(load_business("appointments", folder).flow, "es"))
    root = Xml.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in svg
    assert "\x01" not in svg
    assert "alert(1)" in texts(root)
    assert not re.search(r"(?:href|src)=\"(?!#)", svg)


def test_sub_flows_have_frames_and_the_command_writes_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = """
flows:
  extra:
    inputs: []
    outputs: []
    start: ask
    steps:
      ask: {type: say, text: {es: "Extra.", en: "Extra."}, then: back}
      back: {type: return}
steps:
  more: {type: do, flow: extra, with: [], then: menu}
"""
    flow = APPOINTMENTS.replace("\nsteps:\n", part).replace("timeout: slow", "timeout: slow, failed: more")
    folder = make_prompts(tmp_path / "prompts", flow, APPOINTMENT_ACTIONS)
    out = tmp_path / "flow.svg"
    path = folder / "flows" / "appointments.yaml"
    assert main(["graph", str(path), "-o", str(out), "--lang", "en"]) == 0
    root = Xml.fromstring(out.read_text(encoding="utf-8"))
    assert len([e for e in root.iter(f"{SVG}rect") if e.get("class") == "frame"]) == 1
    assert "sub-flow: extra" in texts(root)
    assert "#step-extra.ask" in {e.get("href") for e in root.iter(f"{SVG}a")}
    assert main(["graph", str(path), "--lang", "fr"]) == 2
    assert "es, en" in capsys.readouterr().err
    assert main(["graph", "nothing", "--prompts", str(folder)]) == 2
    assert "appointments" in capsys.readouterr().err
    assert main(["graph", str(path), "-o", str(tmp_path / "no" / "x.svg")]) == 2


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 14), st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=40))
def test_boxes_never_overlap_and_ways_lead_on(count: int, pairs: list[tuple[int, int]]) -> None:
    boxes = {f"s{n}": Box(f"s{n}", "say", f"s{n}") for n in range(count)}
    edges = list(dict.fromkeys(Edge(f"s{a % count}", f"s{b % count}") for a, b in pairs))
    chart = Chart("", boxes, edges)
    onward, back = split_back(chart)
    assert sorted(map(str, [*onward, *back])) == sorted(map(str, edges))
    made = lay_out(chart, onward, dict.fromkeys(boxes, (200.0, 60.0)))
    assert set(made.places) == set(boxes)
    spots = [(x, y, made.heights[name]) for name, (x, y) in made.places.items()]
    for one, (x, y, high) in enumerate(spots):
        assert -0.01 <= y <= made.height - high + 0.01
        for other, low, tall in spots[:one]:
            assert abs(x - other) >= 200 or y + high <= low + 0.01 or low + tall <= y + 0.01
    for route in made.routes:
        xs = [x for x, _ in route.points]
        assert xs == sorted(xs)
