"""Sekar jagad, the map of the world: islands of different cloths, each another motif."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .choices import Choices
from .palettes import Palette
from .shapes import circle, line, number, path, rect, rosette

SIZE = 400.0
Point = tuple[float, float]


def sekar_jagad(choices: Choices, colours: Palette) -> tuple[str, str]:
    """The definitions of the small cloths, and the islands that wear them, for a square of 400."""
    points = list(_scattered(choices))
    cloths = _small_cloths(colours)
    defs = "".join(_pattern(choices.key + name, size, body) for name, (size, body) in cloths.items())
    sea = rect(0, 0, SIZE, SIZE, colours.main) + rect(0, 0, SIZE, SIZE, colours.ground, ' opacity=".12"')
    islands, last = [sea], ""
    for centre, cell in _cells(points):
        if len(cell) >= 3:
            last = choices.pick([name for name in cloths if name != last])
            shore = f' stroke="{colours.ground}" stroke-width="3"'
            islands.append(path(_softened(cell, centre, 5), f"url(#{choices.key}{last})", shore))
    return defs, "".join(islands)


def _pattern(name: str, size: int, body: str) -> str:
    return (
        f'<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">{body}</pattern>'
    )


def _scattered(choices: Choices) -> Iterator[Point]:
    step = SIZE / 3
    for row in range(-1, 4):
        for column in range(-1, 4):
            x = column * step + step / 2 + (row % 2) * step / 2 + choices.between(-0.3, 0.3) * step
            yield x, row * step + step / 2 + choices.between(-0.3, 0.3) * step


def _small_cloths(colours: Palette) -> dict[str, tuple[int, str]]:
    main, second, ground, accent = colours.main, colours.second, colours.ground, colours.accent
    stars = rect(0, 0, 26, 26, main) + rosette(13, 13, 6, 9, 2.4, ground) + circle(13, 13, 2, accent)
    dots = rect(0, 0, 14, 14, ground) + circle(3.5, 3.5, 1.7, main) + circle(10.5, 10.5, 1.7, main)
    stripes = rect(0, 0, 16, 16, second) + line("M-4 12L12 -4M4 20L20 4", ground, 2.4)
    rings = rect(0, 0, 22, 22, accent) + circle(11, 11, 6, "none", f' stroke="{ground}" stroke-width="1.6"')
    return {
        "a": (26, stars + _corner_dots(26, 1.6, second)),
        "b": (14, dots),
        "c": (16, stripes),
        "d": (30, rect(0, 0, 30, 30, ground) + _ovals(second) + circle(15, 15, 2, main)),
        "e": (22, rings + circle(11, 11, 2, ground) + _corner_dots(22, 1.5, ground)),
    }


def _corner_dots(size: float, radius: float, fill: str) -> str:
    return "".join(circle(x, y, radius, fill) for x in (0, size) for y in (0, size))


def _ovals(fill: str) -> str:
    turns = ((1, 1, 45), (-1, 1, 135), (-1, -1, 225), (1, -1, 315))
    places = (
        f"translate({number(15 + x * 7.5)} {number(15 + y * 7.5)})rotate({turn})" for x, y, turn in turns
    )
    return "".join(f'<ellipse rx="9" ry="4.6" transform="{place}" fill="{fill}"/>' for place in places)


def _cells(points: list[Point]) -> Iterator[tuple[Point, list[Point]]]:
    """Around each point the part of the square that is nearest to it (a Voronoi cell)."""
    for point in points:
        cell: list[Point] = [(-20, -20), (SIZE + 20, -20), (SIZE + 20, SIZE + 20), (-20, SIZE + 20)]
        for other in points:
            if other is not point:
                cell = _clipped(cell, point, other)
        yield point, cell


def _clipped(cell: list[Point], keep: Point, other: Point) -> list[Point]:
    """The part of a cell that is nearer to `keep` than to `other`."""
    middle_x, middle_y = (keep[0] + other[0]) / 2, (keep[1] + other[1]) / 2
    away_x, away_y = other[0] - keep[0], other[1] - keep[1]
    sides = [(x - middle_x) * away_x + (y - middle_y) * away_y for x, y in cell]
    clipped: list[Point] = []
    for index, a in enumerate(cell):
        following = (index + 1) % len(cell)
        b, side_a, side_b = cell[following], sides[index], sides[following]
        if side_a <= 0:
            clipped.append(a)
        if side_a * side_b < 0:
            share = side_a / (side_a - side_b)
            clipped.append((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
    return clipped


def _softened(cell: list[Point], centre: Point, inset: float) -> str:
    """A closed curve through the middles of the shrunken cell's edges: an island with a round shore."""
    shrunk = [_towards(point, centre, inset) for point in cell]
    following = shrunk[1:] + shrunk[:1]
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(shrunk, following, strict=True)]
    start = middles[-1]
    curve = "".join(
        f"Q{number(x)} {number(y)} {number(to_x)} {number(to_y)}"
        for (x, y), (to_x, to_y) in zip(shrunk, middles, strict=True)
    )
    return f"M{number(start[0])} {number(start[1])}{curve}Z"


def _towards(point: Point, centre: Point, inset: float) -> Point:
    away = math.hypot(point[0] - centre[0], point[1] - centre[1]) or 1
    share = max(0.0, away - inset) / away
    return centre[0] + (point[0] - centre[0]) * share, centre[1] + (point[1] - centre[1]) * share
