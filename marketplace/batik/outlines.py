"""The shapes that this package draws as lines of points: what a painter needs of SVG's geometry."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]

STEPS = 16
"""So many straight pieces make a curve."""
_WORDS = re.compile(r"[MLHVCQAZ]|-?\d*\.?\d+")
_TURNS = re.compile(r"(\w+)\(([^)]*)\)")


class Line(NamedTuple):
    """A run of points; closed when it ends where it began."""

    points: list[Point]
    is_closed: bool

    def cut(self, dashes: list[float]) -> Iterator[list[Point]]:
        """The drawn pieces of a dashed line."""
        points = [*self.points, self.points[0]] if self.is_closed else self.points
        piece, left, number = [points[0]], dashes[0], 0
        for a, b in itertools.pairwise(points):
            while (length := math.dist(a, b)) > left:
                share = left / length
                a = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
                if number % 2 == 0:
                    yield [*piece, a]
                number, piece = number + 1, [a]
                left = dashes[number % len(dashes)]
            left -= length
            piece.append(b)
        if number % 2 == 0 and len(piece) > 1:
            yield piece


def matrix_of(transform: str, matrix: Matrix) -> Matrix:
    """A matrix followed by an element's own translations, turns and scales."""
    for name, inside in _TURNS.findall(transform):
        values = [float(number) for number in re.split(r"[ ,]+", inside.strip())]
        matrix = _times(matrix, _single(name, values))
    return matrix


def _single(name: str, values: list[float]) -> Matrix:
    if name == "translate":
        return (1, 0, 0, 1, values[0], values[1] if len(values) > 1 else 0)
    if name == "scale":
        return (values[0], 0, 0, values[-1], 0, 0)
    if name == "rotate":
        a = math.radians(values[0])
        turn: Matrix = (math.cos(a), math.sin(a), -math.sin(a), math.cos(a), 0, 0)
        if len(values) < 3:
            return turn
        x, y = values[1:3]
        return _times(_times((1, 0, 0, 1, x, y), turn), (1, 0, 0, 1, -x, -y))
    raise ValueError(f"the pictures know no {name}")


def _times(m: Matrix, n: Matrix) -> Matrix:
    return (
        m[0] * n[0] + m[2] * n[1],
        m[1] * n[0] + m[3] * n[1],
        m[0] * n[2] + m[2] * n[3],
        m[1] * n[2] + m[3] * n[3],
        m[0] * n[4] + m[2] * n[5] + m[4],
        m[1] * n[4] + m[3] * n[5] + m[5],
    )


def lines_of(element: ET.Element, matrix: Matrix) -> Iterator[Line]:
    """An element's outlines where they stand on the canvas."""
    for line in _outlines(element):
        yield Line([_placed(matrix, point) for point in line.points], line.is_closed)


def _placed(m: Matrix, point: Point) -> Point:
    x, y = point
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _outlines(element: ET.Element) -> Iterator[Line]:
    name = element.tag.rpartition("}")[2]

    def size(attribute: str) -> float:
        return float(element.get(attribute, "0"))

    if name == "path":
        yield from _path(element.get("d", ""))
    elif name == "rect":
        yield Line(list(_rect(size("x"), size("y"), size("width"), size("height"), size("rx"))), True)
    elif name == "circle":
        yield Line(list(_ellipse(size("cx"), size("cy"), size("r"), size("r"))), True)
    elif name == "ellipse":
        yield Line(list(_ellipse(size("cx"), size("cy"), size("rx"), size("ry"))), True)
    else:
        raise ValueError(f"the pictures know no {name}")


def _ellipse(x: float, y: float, wide: float, high: float) -> Iterator[Point]:
    for step in range(4 * STEPS):
        a = step * math.tau / (4 * STEPS)
        yield x + wide * math.cos(a), y + high * math.sin(a)


def _rect(x: float, y: float, width: float, height: float, round_: float) -> Iterator[Point]:
    r = min(round_, width / 2, height / 2)
    corners = (
        (x + width - r, y + r, -90),
        (x + width - r, y + height - r, 0),
        (x + r, y + height - r, 90),
        (x + r, y + r, 180),
    )
    for cx, cy, start in corners:
        for step in range(STEPS // 2 + 1 if r else 1):
            a = math.radians(start + step * 90 / (STEPS // 2))
            yield cx + r * math.cos(a), cy + r * math.sin(a)


COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "Q": 4, "C": 6, "A": 7, "Z": 0}
"""How many numbers follow each command."""


def _path(d: str) -> Iterator[Line]:
    """The runs of a path in absolute commands."""
    points: list[Point] = []
    for command, values in _commands(d):
        if command in "MZ" and points:
            yield Line(points, command == "Z")
            points = []
        if command == "M":
            points = [(values[0], values[1])]
        elif command != "Z":
            points += _onward(command, points[-1], values)
    if points:
        yield Line(points, False)


def _commands(d: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; numbers that go on after it are the same command again."""
    words, place, command = _WORDS.findall(d), 0, ""
    while place < len(words):
        if words[place].isalpha():
            command, place = words[place], place + 1
        count = COUNTS[command]
        yield command, [float(word) for word in words[place : place + count]]
        place += count


def _onward(command: str, here: Point, values: list[float]) -> list[Point]:
    """The points that one command adds."""
    if command == "H":
        return [(values[0], here[1])]
    if command == "V":
        return [(here[0], values[0])]
    if command == "A":
        return list(_arc(here, values))
    pairs = _pairs(values)
    return pairs if command == "L" else list(_bezier([here, *pairs]))


def _pairs(values: list[float]) -> list[Point]:
    return list(zip(values[::2], values[1::2], strict=True))


def _bezier(control: list[Point]) -> Iterator[Point]:
    for step in range(1, STEPS + 1):
        t, points = step / STEPS, control
        while len(points) > 1:
            points = [
                (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in itertools.pairwise(points)
            ]
        yield points[0]


def _arc(start: Point, values: list[float]) -> Iterator[Point]:
    """An elliptical arc as SVG writes it (its appendix B.2.4 finds the centre)."""
    rx, ry, turn, large, sweep, x, y = values
    phi = math.radians(turn)
    cos, sin = math.cos(phi), math.sin(phi)
    half_x, half_y = (start[0] - x) / 2, (start[1] - y) / 2
    a, b = cos * half_x + sin * half_y, -sin * half_x + cos * half_y
    grow = max(1.0, math.sqrt((a / rx) ** 2 + (b / ry) ** 2))
    rx, ry = rx * grow, ry * grow
    under = max(0.0, (rx * ry) ** 2 - (rx * b) ** 2 - (ry * a) ** 2)
    root = math.sqrt(under / ((rx * b) ** 2 + (ry * a) ** 2)) * (-1 if large == sweep else 1)
    ca, cb = root * rx * b / ry, -root * ry * a / rx
    cx, cy = cos * ca - sin * cb + (start[0] + x) / 2, sin * ca + cos * cb + (start[1] + y) / 2
    first = math.atan2((b - cb) / ry, (a - ca) / rx)
    last = math.atan2((-b - cb) / ry, (-a - ca) / rx)
    span = (last - first) % math.tau
    if not sweep:
        span -= math.tau
    for step in range(1, STEPS + 1):
        t = first + span * step / STEPS
        dx, dy = rx * math.cos(t), ry * math.sin(t)
        yield cx + cos * dx - sin * dy, cy + sin * dx + cos * dy
