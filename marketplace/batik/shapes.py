"""The strokes that every motif and every ware is drawn with."""

from __future__ import annotations

import math


def number(value: float) -> str:
    """A coordinate with one decimal at most, and no minus before a zero."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def path(d: str, fill: str, extra: str = "") -> str:
    """A filled path; extra is ready attributes with a leading blank."""
    return f'<path d="{d}" fill="{fill}"{extra}/>'


def line(d: str, stroke: str, width: float, extra: str = "") -> str:
    """An open path."""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{number(width)}"{extra}/>'


def rect(x: float, y: float, width: float, height: float, fill: str, extra: str = "") -> str:
    """A rectangle."""
    place = f'x="{number(x)}" y="{number(y)}" ' if x or y else ""
    return f'<rect {place}width="{number(width)}" height="{number(height)}" fill="{fill}"{extra}/>'


def circle(x: float, y: float, radius: float, fill: str, extra: str = "") -> str:
    """A circle."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"{extra}/>'


def diamond(x: float, y: float, wide: float, high: float, fill: str) -> str:
    """A square on its tip."""
    corners = ((x - wide, y), (x, y - high), (x + wide, y), (x, y + high))
    return path("M" + "L".join(f"{number(a)} {number(b)}" for a, b in corners) + "Z", fill)


def petal(x: float, y: float, length: float, width: float, angle: float, fill: str) -> str:
    """A leaf from (x, y) outwards, pointed at both ends."""
    near, far, half, tip = (number(v) for v in (length * 0.3, length * 0.75, width, length))
    below = number(-width)
    d = f"M0 0C{near} {below} {far} {below} {tip} 0C{far} {half} {near} {half} 0 0Z"
    return path(d, fill, f' transform="translate({number(x)} {number(y)})rotate({number(angle)})"')


def rosette(
    x: float,
    y: float,
    count: int,
    length: float,
    width: float,
    fill: str,
    turn: float = 0,
    start: float = 0,
) -> str:
    """Petals around a point; `start` is how far from the point they begin."""
    petals = []
    for index in range(count):
        angle = index * 360 / count + turn
        a = math.radians(angle)
        petals.append(petal(x + start * math.cos(a), y + start * math.sin(a), length, width, angle, fill))
    return "".join(petals)
