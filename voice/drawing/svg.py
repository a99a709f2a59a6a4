"""A drawing as SVG: one file that any browser shows, light or dark, and a screen reader reads.

Written with the standard library's XML writer, which escapes every text; characters that XML cannot hold are
left out. No script, no outside reference: links lead only to other boxes of the same drawing.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree as Xml  # only written, never parsed

from voice.drawing.chart import Box, Chart, Drawing, shortened
from voice.drawing.layout import Layout, Route, lay_out, split_back
from voice.drawing.words import KINDS, WORDS

WIDTH = 230  # of a box
LINE = 15
MARGIN = 24
_COLUMNS = 33  # characters in a box's line
_MOST_LINES = 3
_MOST_LABEL = 27
_LEGEND = (
    "menu", "ask", "say", "call", "verify", "relay", "converse", "branch", "do", "return", "handoff", "queue",
    "hang_up",
)  # fmt: skip
_ONE_LINE = {"start", "queue"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Wong (2011), "Points of view: Color blindness": told apart by colour-blind readers; the words say it too.
_COLOURS = {
    "menu": "#0072b2", "ask": "#56b4e9", "say": "#8a8f98", "call": "#e69f00", "verify": "#e69f00",
    "relay": "#e69f00", "converse": "#e69f00", "branch": "#b8a800", "do": "#cc79a7", "return": "#cc79a7",
    "handoff": "#009e73", "queue": "#009e73", "hang_up": "#d55e00", "start": "#8a8f98",
}  # fmt: skip
_STYLE = """
svg { background: #fbfbfa; }
text { font: 12px system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: #22252a; }
.title { font-size: 20px; font-weight: 600; }
.quiet, .kind { fill: #5b626d; }
.name { font-weight: 600; }
.kind { font-size: 10px; }
.box { fill: #ffffff; stroke: #9aa1ab; }
.frame { fill: none; stroke: #9aa1ab; stroke-dasharray: 2 4; }
.edge { fill: none; stroke: #7b828d; stroke-width: 1.2; }
.dashed { stroke-dasharray: 6 4; }
.tip { fill: #7b828d; }
.label { font-size: 11px; paint-order: stroke; stroke: #fbfbfa; stroke-width: 4px; stroke-linejoin: round; }
.link { font-size: 11px; fill: #005a8c; }
a:focus .link, a:hover .link { text-decoration: underline; }
@media (prefers-color-scheme: dark) {
  svg { background: #17191d; }
  text { fill: #e7e9ec; }
  .quiet, .kind { fill: #a6adb8; }
  .box { fill: #22262c; stroke: #6b7380; }
  .edge { stroke: #8d95a1; }
  .tip { fill: #8d95a1; }
  .label { stroke: #17191d; }
  .link { fill: #7cc4ef; }
}
"""


@dataclass(slots=True)
class _Part:
    """A chart with its layout."""

    chart: Chart
    layout: Layout


def svg_of(drawing: Drawing) -> str:
    """The whole file."""
    parts = [_laid_out(chart) for chart in drawing.charts]
    root = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    root.set("lang", drawing.lang)
    root.set("aria-labelledby", "drawing-title drawing-desc")
    words = WORDS[drawing.lang]
    _text_element(root, "title", words["drawn"].format(title=drawing.title), id="drawing-title")
    _text_element(root, "desc", _described(drawing), id="drawing-desc")
    _text_element(root, "style", _STYLE)
    y = _heading(root, drawing)
    right = 900.0
    for part in parts:
        y = _group(root, part, drawing.lang, y)
        right = max(right, part.layout.width + 4 * MARGIN)
    y = _legend(root, drawing, y)
    root.set("width", f"{right:.0f}")
    root.set("height", f"{y:.0f}")
    root.set("viewBox", f"0 0 {right:.0f} {y:.0f}")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _described(drawing: Drawing) -> str:
    """The drawing in words: each step with where it leads."""
    lines = [drawing.summary + "."]
    for chart in drawing.charts:
        for name, box in chart.boxes.items():
            ways = [(e.label, e.target) for e in chart.edges if e.source == name] + box.links
            led = "; ".join(
                f"{label} → {_id_name(target)}" if label else f"→ {_id_name(target)}"
                for label, target in ways
            )
            if led and box.kind != "start":
                lines.append(f"{name} ({KINDS[drawing.lang].get(box.kind, box.kind)}): {led}.")
    return "\n".join(lines)


def _id_name(name: str) -> str:
    return name.partition(":")[2] or name


def _laid_out(chart: Chart) -> _Part:
    onward, back = split_back(chart)
    for edge in back:
        chart.boxes[edge.source].links.append((edge.label, edge.target))
    sizes = {name: (_width(box), _height(box)) for name, box in chart.boxes.items()}
    return _Part(chart, lay_out(chart, onward, sizes))


def _width(box: Box) -> float:
    return 90.0 if box.kind == "start" else 170.0 if box.kind == "queue" else float(WIDTH)


def _height(box: Box) -> float:
    if box.kind in _ONE_LINE:
        return 28.0
    return 14.0 + LINE * (1 + len(_lines(box)) + len(box.notes) + len(box.links))


def _lines(box: Box) -> list[str]:
    return textwrap.wrap(box.text, _COLUMNS, max_lines=_MOST_LINES, placeholder="…") if box.text else []


# --- pieces -------------------------------------------------------------------------------------------


def _heading(root: Xml.Element, drawing: Drawing) -> float:
    y = MARGIN + 14.0
    _write(root, MARGIN, y, drawing.title, "title")
    for line in (drawing.summary, WORDS[drawing.lang]["always"], *drawing.notes):
        y += LINE + 4
        _write(root, MARGIN, y, line, "quiet")
    return y + MARGIN


def _group(root: Xml.Element, part: _Part, lang: str, y: float) -> float:
    """A chart below ``y``, in a frame when it is a sub-flow; returns where it ends."""
    framed = bool(part.chart.name)
    x, top = (2 * MARGIN, y + LINE + MARGIN) if framed else (MARGIN, y)
    if framed:
        size = {
            "width": f"{part.layout.width + 2 * MARGIN:.1f}",
            "height": f"{part.layout.height + 2 * MARGIN:.1f}",
        }
        Xml.SubElement(
            root, "rect", {"x": str(MARGIN), "y": f"{top - MARGIN:.1f}", "rx": "10", "class": "frame", **size}
        )
        _write(root, MARGIN + 4, y + LINE - 6, f"{KINDS[lang]['do']}: {part.chart.name}", "name")
    for route in part.layout.routes:
        _edge(root, route, x, top)
    for name, box in part.chart.boxes.items():
        left, up = part.layout.places[name]
        _box(root, box, lang, (x + left, top + up), part.layout.heights[name])
    for route in part.layout.routes:
        _edge_label(root, route, x, top)
    return top + part.layout.height + (2 * MARGIN if framed else MARGIN)


def _box(root: Xml.Element, box: Box, lang: str, corner: tuple[float, float], height: float) -> None:
    (x, y), width = corner, _width(box)
    here = Xml.SubElement(root, "g", {"id": _anchor(box.id)})
    _text_element(here, "title", f"{box.name}: {box.text}" if box.text else box.name)
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    kind = KINDS[lang].get(box.kind, box.kind)
    if box.kind in _ONE_LINE:
        stroke = {"stroke": _COLOURS[box.kind], "style": f"stroke: {_COLOURS[box.kind]}"}
        Xml.SubElement(here, "rect", {**place, "rx": "14", "class": "box", **stroke})
        label = box.name if box.kind == "start" else f"{kind}: {box.name}"
        _write(here, x + 12, y + height / 2 + 4, shortened(label, 22), "name")
        return
    Xml.SubElement(here, "rect", {**place, "rx": "5", "class": "box"})
    bar = {**place, "width": "5", "rx": "2.5", "fill": _COLOURS.get(box.kind, "#8a8f98")}
    Xml.SubElement(here, "rect", bar)
    y += 17
    _write(here, x + 13, y, shortened(box.name, 24), "name")
    _write(here, x + width - 8, y, kind, "kind", anchor="end")
    for line in _lines(box):
        y += LINE
        _write(here, x + 13, y, line)
    for note in box.notes:
        y += LINE
        _write(here, x + 13, y, shortened(note, 34), "quiet")
    for label, target in box.links:
        y += LINE
        link = Xml.SubElement(here, "a", {"href": f"#{_anchor(target)}"})
        _text_element(link, "title", f"{label} → {target}" if label else f"→ {target}")
        name = _id_name(target)
        room = max(8, 34 - len(name) - 4)
        _write(link, x + 13, y, f"{shortened(label, room)} ↪ {name}".strip(), "link")


def _edge(root: Xml.Element, route: Route, x: float, y: float) -> None:
    points = [(x + px, y + py) for px, py in route.points]
    path = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for (ax, ay), (bx, by) in pairwise(points):
        if ay == by:
            path.append(f"L{bx:.1f},{by:.1f}")
        else:
            bend = (bx - ax) / 2
            path.append(f"C{ax + bend:.1f},{ay:.1f} {bx - bend:.1f},{by:.1f} {bx:.1f},{by:.1f}")
    style = "edge dashed" if route.edge.dashed else "edge"
    Xml.SubElement(root, "path", {"d": " ".join(path), "class": style})
    ex, ey = points[-1]
    tip = f"M{ex:.1f},{ey:.1f} l-7,-3.5 v7 z"
    Xml.SubElement(root, "path", {"d": tip, "class": "tip"})


def _edge_label(root: Xml.Element, route: Route, x: float, y: float) -> None:
    if not route.edge.label:
        return
    ex, ey = route.points[-1]
    here = Xml.SubElement(root, "g")
    _text_element(here, "title", f"{route.edge.source} → {route.edge.target}: {route.edge.label}")
    label = shortened(route.edge.label, _MOST_LABEL)
    _write(here, x + ex - 11, y + ey - 3, label, "label", anchor="end")


def _legend(root: Xml.Element, drawing: Drawing, y: float) -> float:
    """The kinds of step in this drawing, and its two other signs."""
    words, kinds = WORDS[drawing.lang], KINDS[drawing.lang]
    drawn = {box.kind for chart in drawing.charts for box in chart.boxes.values()}
    y += MARGIN
    _write(root, MARGIN, y, words["legend"], "name")
    x = float(MARGIN)
    y += 12
    for kind in (kind for kind in _LEGEND if kind in drawn):
        place = {"x": f"{x:.0f}", "y": f"{y:.0f}", "width": "12", "height": "12", "rx": "3"}
        Xml.SubElement(root, "rect", {**place, "fill": _COLOURS[kind]})
        _write(root, x + 17, y + 10, kinds[kind])
        x += 38 + 7 * len(kinds[kind])
    y += 30
    Xml.SubElement(root, "path", {"d": f"M{MARGIN},{y - 4:.0f} h40", "class": "edge dashed"})
    _write(root, MARGIN + 50, y, words["digression"])
    y += LINE + 4
    _write(root, MARGIN + 12, y, "↪", "link")
    _write(root, MARGIN + 50, y, words["back"])
    return y + MARGIN


# --- XML ----------------------------------------------------------------------------------------------


def _anchor(name: str) -> str:
    return "step-" + re.sub(r"[^a-z0-9_.-]", "-", name)


def _plain(text: str) -> str:
    return _NOT_XML.sub("", text)


def _text_element(parent: Xml.Element, tag: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, tag, attributes).text = _plain(text)


def _write(parent: Xml.Element, x: float, y: float, text: str, style: str = "", anchor: str = "") -> None:
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}"}
    if style:
        attributes["class"] = style
    if anchor:
        attributes["text-anchor"] = anchor
    Xml.SubElement(parent, "text", attributes).text = _plain(text)
