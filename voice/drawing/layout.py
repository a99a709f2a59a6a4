"""Where the boxes and edges of a chart go: a layered layout from left to right. Pure.

The steps of Sugiyama, Tagawa and Toda (1981), "Methods for Visual Understanding of Hierarchical System
Structures": ways back are left out, each box gets a layer, long edges get a place in each layer they cross,
the order within layers is improved by the neighbours' mean, and places are the least squares that keep order
and distance (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from voice.drawing.chart import Chart, Edge

GAP_X = 165  # between layers: room for the edges' labels
GAP_Y = 14
PORT = 15  # between the ends of two edges at the same box
_SWEEPS = 12

Size = tuple[float, float]


@dataclass(slots=True)
class Route:
    """An edge with the points it passes, from its source's right side to its target's left side."""

    edge: Edge
    points: list[tuple[float, float]]


@dataclass(slots=True)
class Layout:
    """``places`` are the boxes' left upper corners; a box is as high as its edges need, too."""

    places: dict[str, tuple[float, float]]
    heights: dict[str, float]
    routes: list[Route]
    width: float
    height: float


@dataclass(slots=True)
class _Cell:
    """A box, or the place where a long edge crosses a layer."""

    height: float
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    y: float = 0.0  # of its middle


def split_back(chart: Chart) -> tuple[list[Edge], list[Edge]]:
    """The edges that lead on, and those that lead back to where the caller has been."""
    after: dict[str, list[Edge]] = {name: [] for name in chart.boxes}
    for edge in chart.edges:
        after[edge.source].append(edge)
    state: dict[str, int] = {}
    back: set[Edge] = set()
    for root in (*chart.roots, *chart.boxes):
        stack: list[tuple[str, Iterator[Edge]]] = [] if root in state else [(root, iter(after[root]))]
        while stack:
            name, edges = stack[-1]
            state[name] = 1
            way: Edge | None = next(edges, None)
            if way is None:
                state[name] = 2
                stack.pop()
            elif state.get(way.target) == 1:
                back.add(way)
            elif way.target not in state:
                stack.append((way.target, iter(after[way.target])))
    return [e for e in chart.edges if e not in back], [e for e in chart.edges if e in back]


def lay_out(chart: Chart, edges: Sequence[Edge], sizes: Mapping[str, Size]) -> Layout:
    """Places for all boxes, and routes for ``edges`` (which must not go round in circles)."""
    layers_of = _layers(chart, edges)
    cells = {name: _Cell(sizes[name][1]) for name in chart.boxes}
    rows: list[list[str]] = [[] for _ in range(max(layers_of.values(), default=0) + 1)]
    for name, layer in layers_of.items():
        rows[layer].append(name)
    paths: dict[Edge, list[str]] = {}
    for number, edge in enumerate(edges):
        path = [edge.source]
        for layer in range(layers_of[edge.source] + 1, layers_of[edge.target]):
            crossing = f"\0{number}.{layer}"
            cells[crossing] = _Cell(PORT)
            rows[layer].append(crossing)
            path.append(crossing)
        paths[edge] = [*path, edge.target]
        for one, two in pairwise(paths[edge]):
            cells[one].after.append(two)
            cells[two].before.append(one)
    for cell in cells.values():
        cell.height = max(cell.height, PORT * max(len(cell.before), len(cell.after)) + 6)
    _order(rows, cells)
    _place(rows, cells)
    return _drawn(rows, cells, paths, sizes)


def _layers(chart: Chart, edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way to each box; a box that nothing leads to stands just before what follows it."""
    before: dict[str, list[str]] = {name: [] for name in chart.boxes}
    after: dict[str, list[str]] = {name: [] for name in chart.boxes}
    for edge in edges:
        before[edge.target].append(edge.source)
        after[edge.source].append(edge.target)
    layers: dict[str, int] = {}
    todo = [name for name in chart.boxes if not before[name]]
    left = {name: len(found) for name, found in before.items()}
    while todo:
        name = todo.pop(0)
        layers[name] = max((layers[other] + 1 for other in before[name]), default=0)
        for other in after[name]:
            left[other] -= 1
            if not left[other]:
                todo.append(other)
    for name in chart.boxes:
        if not before[name] and after[name]:
            layers[name] = max(0, min(layers[other] for other in after[name]) - 1)
    return layers


def _order(rows: list[list[str]], cells: Mapping[str, _Cell]) -> None:
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        place = {name: at / max(len(row), 1) for row in rows for at, name in enumerate(row)}
        for row in rows if down else rows[::-1]:
            keys: dict[str, float] = {}
            for name in row:
                near = cells[name].before if down else cells[name].after
                keys[name] = sum(place[other] for other in near) / len(near) if near else place[name]
            row.sort(key=keys.__getitem__)
            place |= {name: at / max(len(row), 1) for at, name in enumerate(row)}


def _place(rows: Sequence[Sequence[str]], cells: Mapping[str, _Cell]) -> None:
    for row in rows:
        y = 0.0
        for name in row:
            cells[name].y = y + cells[name].height / 2
            y += cells[name].height + GAP_Y
    for sweep in range(2 * _SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted, offsets, at = [], [], 0.0
            for one, name in enumerate(row):
                cell = cells[name]
                if one:
                    at += (cells[row[one - 1]].height + cell.height) / 2 + GAP_Y
                near = [*cell.before, *cell.after]
                mean = sum(cells[other].y for other in near) / len(near) if near else cell.y
                wanted.append(mean - at)
                offsets.append(at)
            for name, y, offset in zip(row, _rising(wanted), offsets, strict=True):
                cells[name].y = y + offset


def _rising(wanted: Sequence[float]) -> list[float]:
    """The values nearest to ``wanted`` (least squares) that never fall."""
    pools: list[tuple[float, int]] = []
    for value in wanted:
        total, count = value, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, size = pools.pop()
            total, count = total + before, count + size
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]


def _drawn(
    rows: Sequence[Sequence[str]],
    cells: Mapping[str, _Cell],
    paths: Mapping[Edge, Sequence[str]],
    sizes: Mapping[str, Size],
) -> Layout:
    top = min((cell.y - cell.height / 2 for cell in cells.values()), default=0.0)
    left: dict[str, float] = {}
    right: dict[str, float] = {}
    x = 0.0
    for row in rows:
        width = max((sizes[name][0] for name in row if name in sizes), default=0.0)
        for name in row:
            left[name], right[name] = x, x + (sizes[name][0] if name in sizes else width)
        x += width + GAP_X
    ends = _ends(cells, paths)
    routes = []
    for edge, path in paths.items():
        points = [(right[edge.source], ends[edge, 0] - top)]
        for name in path[1:-1]:
            points += [(left[name], cells[name].y - top), (right[name], cells[name].y - top)]
        points.append((left[edge.target], ends[edge, 1] - top))
        routes.append(Route(edge, points))
    heights = {name: cells[name].height for name in sizes}
    places = {name: (left[name], cells[name].y - high / 2 - top) for name, high in heights.items()}
    height = max((cell.y + cell.height / 2 for cell in cells.values()), default=0.0) - top
    return Layout(places, heights, routes, max(x - GAP_X, 0.0), height)


def _ends(cells: Mapping[str, _Cell], paths: Mapping[Edge, Sequence[str]]) -> dict[tuple[Edge, int], float]:
    """Where each edge leaves its source (0) and meets its target (1): side by side, in order."""
    found: dict[tuple[Edge, int], float] = {}
    for end in (0, 1):
        at: dict[str, list[tuple[float, int, Edge]]] = {}
        for number, (edge, path) in enumerate(paths.items()):
            box, near = (path[0], path[1]) if end == 0 else (path[-1], path[-2])
            at.setdefault(box, []).append((cells[near].y, number, edge))
        for box, met in at.items():
            for place, (_, _, edge) in enumerate(sorted(met, key=lambda item: item[:2])):
                found[edge, end] = cells[box].y + PORT * (place - (len(met) - 1) / 2)
    return found
