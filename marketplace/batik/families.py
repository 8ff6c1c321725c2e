"""Four families of Solo that repeat: kawung, parang, truntum, ceplok. Each draws one repeat of its cloth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .choices import Choices
from .palettes import Palette
from .shapes import circle, diamond, line, number, path, rect, rosette


class Motif(NamedTuple):
    """One repeat: its size, its drawing and how the cloth is turned, in degrees."""

    width: float
    height: float
    body: str
    turn: int = 0


def kawung(choices: Choices, colours: Palette) -> Motif:
    """Four ovals around a crossing: the cut fruit of the sugar palm."""
    size = choices.pick((72, 84, 96))
    seeds = choices.pick((1, 2))
    body = [rect(0, 0, size, size, colours.ground)]
    for right, down, angle in ((1, 1, 45), (-1, 1, 135), (-1, -1, 225), (1, -1, 315)):
        place = f"translate({number(size / 2 + right * size / 4)} {number(size / 2 + down * size / 4)})"
        oval = _kawung_oval(size, seeds, colours)
        body.append(f'<g transform="{place}rotate({angle})">{oval}</g>')
    for x, y in _edges(size):
        body.append(rosette(x, y, 4, size * 0.13, size * 0.05, colours.second))
        body.append(circle(x, y, size * 0.022, colours.ground))
    body.append(diamond(size / 2, size / 2, size * 0.05, size * 0.05, colours.accent))
    body.extend(circle(x, y, size * 0.04, colours.accent) for x, y in _corners(size))
    return Motif(size, size, "".join(body), choices.pick((0, 0, 45)))


def _kawung_oval(size: float, seeds: int, colours: Palette) -> str:
    ring = f' stroke="{colours.ground}" stroke-width="{number(size * 0.018)}"'
    oval = f'<ellipse rx="{number(size * 0.305)}" ry="{number(size * 0.168)}" fill="{colours.main}"/>'
    inner = f'<ellipse rx="{number(size * 0.235)}" ry="{number(size * 0.112)}" fill="none"{ring}/>'
    if seeds == 2:
        pips = "".join(circle(side * size * 0.085, 0, size * 0.032, colours.ground) for side in (-1, 1))
    else:
        d = f"M{number(-size * 0.15)} 0H{number(size * 0.15)}"
        pips = line(d, colours.ground, size * 0.03, ' stroke-linecap="round"')
    return oval + inner + pips


def parang(choices: Choices, colours: Palette) -> Motif:
    """Rows of blades that lean like waves against a cliff, with a seam of lozenges between them."""
    width = choices.pick((34, 40, 46))
    band, gap = width * 1.62, width * 0.5
    body = [rect(0, 0, width, band + gap, colours.ground)]
    blade = _parang_blade(width, band, colours)
    body.extend(f'<g transform="translate({number(shift * width)} 0)">{blade}</g>' for shift in (-1, 0, 1))
    seam = f"M0 {number(band)}H{number(width)}M0 {number(band + gap)}H{number(width)}"
    body.append(line(seam, colours.second, width * 0.07))
    body.extend(
        diamond(x, band + gap / 2, width * 0.2, gap * 0.3, colours.accent)
        for x in (width * 0.25, width * 0.75)
    )
    return Motif(width, band + gap, "".join(body), choices.pick((-45, -45, -38)))


def _parang_blade(width: float, band: float, colours: Palette) -> str:
    def spot(x: float, y: float) -> str:
        return f"{number(width * x)} {number(band * y)}"

    blade = (
        f"M0 0C{spot(0.95, 0.02)} {spot(1.18, 0.34)} {spot(0.78, 0.52)}"
        f"C{spot(0.5, 0.66)} {spot(0.62, 0.92)} {spot(1, 1)}"
        f"C{spot(0.12, 0.98)} {spot(-0.1, 0.7)} {spot(0.26, 0.5)}C{spot(0.55, 0.34)} {spot(0.42, 0.08)} 0 0Z"
    )
    crest = f"M{spot(0.5, 0.12)}C{spot(0.86, 0.22)} {spot(0.82, 0.38)} {spot(0.55, 0.48)}"
    trough = f"M{spot(0.5, 0.88)}C{spot(0.14, 0.78)} {spot(0.2, 0.62)} {spot(0.47, 0.53)}"
    round_cap = ' stroke-linecap="round"'
    return (
        path(blade, colours.main)
        + line(crest, colours.ground, width * 0.05, round_cap)
        + line(trough, colours.second, width * 0.07, round_cap)
        + circle(width * 0.2, band * 0.3, width * 0.07, colours.second)
        + circle(width * 0.83, band * 0.72, width * 0.07, colours.second)
    )


def truntum(choices: Choices, colours: Palette) -> Motif:
    """Small flowers that open again like stars."""
    size = choices.pick((60, 70, 80))
    count = choices.pick((8, 8, 6))
    middle = size / 2
    body = [rect(0, 0, size, size, colours.ground)]
    turn = 180 / count
    body.append(rosette(middle, middle, count, size * 0.27, size * 0.055, colours.main, turn, size * 0.05))
    body.append(circle(middle, middle, size * 0.045, colours.accent))
    for index in range(count):
        a = math.radians(360 / count * index)
        x, y = middle + size * 0.25 * math.cos(a), middle + size * 0.25 * math.sin(a)
        body.append(circle(x, y, size * 0.016, colours.second))
    for x, y in _corners(size):
        body.append(rosette(x, y, count, size * 0.2, size * 0.045, colours.second, 0, size * 0.04))
        body.append(circle(x, y, size * 0.036, colours.main))
    for x, y in _edges(size):
        body.append(rosette(x, y, 4, size * 0.1, size * 0.03, colours.main, 45))
        body.append(circle(x, y, size * 0.018, colours.accent))
    quarters = ((x, y) for x in (0.22, 0.78) for y in (0.22, 0.78))
    body.extend(circle(size * x, size * y, size * 0.014, colours.second) for x, y in quarters)
    return Motif(size, size, "".join(body), choices.pick((0, 45)))


def ceplok(choices: Choices, colours: Palette) -> Motif:
    """A grid of medallions, each a flower seen from above."""
    size = choices.pick((92, 104, 116))
    lobes = choices.pick((8, 8, 12))
    half = size / 2
    frame = (
        f"M{number(half)} {number(size * 0.03)}L{number(size * 0.97)} {number(half)}"
        f"L{number(half)} {number(size * 0.97)}L{number(size * 0.03)} {number(half)}Z"
    )
    body = [rect(0, 0, size, size, colours.ground), line(frame, colours.second, size * 0.022)]
    body.append(circle(half, half, size * 0.29, colours.main))
    ring = f' stroke="{colours.ground}" stroke-width="{number(size * 0.014)}"'
    body.append(circle(half, half, size * 0.255, "none", ring))
    body.append(rosette(half, half, lobes, size * 0.17, size * 0.042, colours.ground, 0, size * 0.065))
    body.append(circle(half, half, size * 0.05, colours.accent))
    body.append(circle(half, half, size * 0.02, colours.ground))
    body.append(rosette(half, half, 4, size * 0.13, size * 0.035, colours.second, 0, size * 0.31))
    body.extend(_ceplok_corner(x, y, size, colours) for x, y in _corners(size))
    body.extend(diamond(x, y, size * 0.05, size * 0.05, colours.accent) for x, y in _edges(size))
    return Motif(size, size, "".join(body), choices.pick((0, 45)))


def _ceplok_corner(x: float, y: float, size: float, colours: Palette) -> str:
    return (
        circle(x, y, size * 0.17, colours.second)
        + circle(x, y, size * 0.135, colours.ground)
        + rosette(x, y, 8, size * 0.1, size * 0.03, colours.main, 22.5, size * 0.02)
        + circle(x, y, size * 0.026, colours.accent)
    )


def _corners(size: float) -> Iterator[tuple[float, float]]:
    yield from ((x, y) for x in (0, size) for y in (0, size))


def _edges(size: float) -> Iterator[tuple[float, float]]:
    half = size / 2
    yield from ((half, 0), (half, size), (0, half), (size, half))


PLAIN: dict[str, Callable[[Choices, Palette], Motif]] = {
    "kawung": kawung,
    "parang": parang,
    "truntum": truntum,
    "ceplok": ceplok,
}
