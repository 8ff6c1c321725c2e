"""Maps of a city as SVG: a choropleth to read, one to pick a district from, and a small one that says where.

The boundaries of a city stand in data/boundaries_*.json; a city without such a file gets None, and its pages
show their tables alone. Maps carry no style: colours and lines come from the style sheet by class.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from .i18n import _

FOLDER = Path(__file__).parent / "data"
FINE_WIDTH, COARSE_WIDTH, LOCATOR_WIDTH = 640, 360, 300
PIN_RADIUS, DOT_RADIUS = 9.0, 3.5

Point = tuple[float, float]


@dataclass(frozen=True)
class AreaFigure:
    """What a map says of one area.

    `shade` is 0 (worst) to 3 (best), None where there is nothing to judge. `sentence` is the whole statement,
    read out and shown on hover. `label` is a short figure under a district's name, `count` a number for a
    pin, `href` leads to the rows behind it.
    """

    sentence: str
    shade: int | None = None
    label: str = ""
    count: int = 0
    href: str | None = None


def shade_of(share: float | None) -> int | None:
    """The step of the scale for a share of one; None where there is nothing to judge."""
    if share is None:
        return None
    return 3 if share >= 1 else 2 if share >= 0.75 else 1 if share >= 0.5 else 0


def choropleth(region_code: str, figures: Mapping[str, AreaFigure], *, title: str) -> Markup | None:
    """The city (or one district of it) in shades, for a desk and for a phone; None without boundaries.

    On a desk every village with a figure is shaded and linked, with the districts named around them; on a
    phone the districts are, large enough for a thumb. A district's own map shows its villages on both.
    """
    city = _city_of(region_code)
    if city is None:
        return None
    if region_code != city.code:
        return _district_map(city, region_code, figures, title)
    coarse = _coarse_map(city, figures, title, "map--coarse phone-map")
    return _safe(_city_map(city, figures, title) + coarse)


def picker(region_code: str, figures: Mapping[str, AreaFigure], *, title: str) -> Markup | None:
    """The districts of a city without judgement, each a link; None without boundaries."""
    city = _city_of(region_code)
    if city is None or region_code != city.code:
        return None
    return _safe(_coarse_map(city, figures, title, "map--pick", plain=True))


def locator(region_code: str) -> Markup | None:
    """A small map of the city with one district or village marked; None when it cannot be drawn."""
    city = _city_of(region_code)
    area = city.areas.get(region_code) if city else None
    if city is None or area is None:
        return None
    frame = Frame.around((d.outline for d in city.districts), LOCATOR_WIDTH, pad=8)
    shapes = "".join(f'<path class="k" d="{frame.path(d.outline, 0)}"/>' for d in city.districts)
    x, y = frame.place(area.heart)
    here = f'<path class="here" d="{frame.path(area.rings, 0)}"/>'
    ring = f'<circle class="ring" cx="{x:.0f}" cy="{y:.0f}" r="42"/>' if area in city.villages else ""
    name = escape(_("Letak %(place)s di %(city)s", place=area.name, city=city.name))
    opening = f'<svg class="locator" viewBox="{frame.box}" role="img" aria-label="{name}">'
    return _safe(f"{opening}{shapes}{here}{ring}</svg>")


def _safe(svg: str) -> Markup:
    """A finished drawing: every text in it was escaped where it was put in."""
    return Markup(svg)  # noqa: S704


# --- boundaries -------------------------------------------------------------------------------------


class Area(NamedTuple):
    """One district or village: its rings, its heart (furthest from any edge), and how far that is.

    A district also has a coarse outline, a place beside the city for its name, and a nudge in pixels that
    keeps its name clear of its neighbours' on the coarse map.
    """

    code: str
    name: str
    heart: Point
    room_m: float
    rings: tuple[tuple[Point, ...], ...]
    outline: tuple[tuple[Point, ...], ...] = ()
    beside: Point | None = None
    anchor: str = "middle"
    nudge: Point = (0, 0)


class City(NamedTuple):
    """A city's areas."""

    code: str
    name: str
    districts: tuple[Area, ...]
    villages: tuple[Area, ...]

    @property
    def areas(self) -> dict[str, Area]:
        """Every area by its code."""
        return {area.code: area for area in (*self.districts, *self.villages)}


def _city_of(region_code: str) -> City | None:
    """The city that a code names or lies in."""
    return next(
        (city for city in _cities() if region_code == city.code or region_code.startswith(city.code + ".")),
        None,
    )


@functools.cache
def _cities() -> tuple[City, ...]:
    files = sorted(FOLDER.glob("boundaries_*.json"))
    return tuple(_read_city(json.loads(file.read_text(encoding="utf-8"))) for file in files)


def _read_city(raw: dict[str, Any]) -> City:
    districts = tuple(_read_area(area) for area in raw["districts"])
    return City(raw["code"], raw["name"], districts, tuple(_read_area(area) for area in raw["villages"]))


def _read_area(raw: dict[str, Any]) -> Area:
    beside, nudge = raw.get("beside"), raw.get("nudge", (0, 0))
    return Area(
        code=raw["code"],
        name=raw["name"],
        heart=(raw["heart"][0], raw["heart"][1]),
        room_m=raw["room_m"],
        rings=_read_rings(raw["rings"]),
        outline=_read_rings(raw.get("outline", raw["rings"])),
        beside=(beside[0], beside[1]) if beside else None,
        anchor=raw.get("anchor", "middle"),
        nudge=(nudge[0], nudge[1]),
    )


def _read_rings(raw: list[list[list[float]]]) -> tuple[tuple[Point, ...], ...]:
    return tuple(tuple((lon, lat) for lon, lat in ring) for ring in raw)


# --- drawing ----------------------------------------------------------------------------------------

METRES_PER_DEGREE = 110_574


class Frame(NamedTuple):
    """How longitude and latitude become pixels, so that a city fills a given width."""

    west: float
    north: float
    narrowing: float  # a degree of longitude against one of latitude
    scale: float
    pad: float
    width: int
    height: int

    @classmethod
    def around(cls, shapes: Iterable[Iterable[Iterable[Point]]], width: int, pad: float = 4) -> Frame:
        """The frame that holds all these rings."""
        points = [point for rings in shapes for ring in rings for point in ring]
        west, east = min(x for x, _y in points), max(x for x, _y in points)
        south, north = min(y for _x, y in points), max(y for _x, y in points)
        narrowing = math.cos(math.radians((south + north) / 2))
        scale = (width - 2 * pad) / ((east - west) * narrowing)
        return cls(west, north, narrowing, scale, pad, width, round((north - south) * scale + 2 * pad))

    @property
    def box(self) -> str:
        """The viewBox."""
        return f"0 0 {self.width} {self.height}"

    def place(self, point: Point) -> Point:
        """Where a point stands in the drawing."""
        x = (point[0] - self.west) * self.narrowing * self.scale + self.pad
        return x, (self.north - point[1]) * self.scale + self.pad

    def path(self, rings: Iterable[Iterable[Point]], digits: int = 1) -> str:
        """The d of a path along these rings."""
        return "".join(f"M{'L'.join(self._spots(ring, digits))}Z" for ring in rings)

    def _spots(self, ring: Iterable[Point], digits: int) -> list[str]:
        return [f"{round(x, digits):g} {round(y, digits):g}" for x, y in map(self.place, ring)]

    def room(self, area: Area) -> float:
        """How many pixels lie between an area's heart and its edge."""
        return area.room_m / METRES_PER_DEGREE * self.scale


def _svg(frame: Frame, cls: str, title: str, body: str) -> str:
    return (
        f'<svg class="map {cls}" viewBox="{frame.box}" role="group" aria-label="{escape(title)}">{body}</svg>'
    )


def _linked(figure: AreaFigure | None, drawing: str) -> str:
    """A drawing as a link that says its whole sentence; without rows to show it only carries a tooltip."""
    if figure is None:
        return drawing
    sentence = escape(figure.sentence)
    if figure.href is None:
        return f"<g><title>{sentence}</title>{drawing}</g>"
    return f'<a href="{escape(figure.href)}"><title>{sentence}</title><g aria-hidden="true">{drawing}</g></a>'


def _shade_class(figure: AreaFigure | None) -> str:
    return "mn" if figure is None or figure.shade is None else f"m{figure.shade}"


def _village_shapes(frame: Frame, villages: Iterable[Area], figures: Mapping[str, AreaFigure]) -> str:
    return "".join(
        _linked(
            figures.get(area.code),
            f'<path class="v {_shade_class(figures.get(area.code))}" d="{frame.path(area.rings)}"/>',
        )
        for area in villages
    )


def _pins(frame: Frame, villages: Iterable[Area], figures: Mapping[str, AreaFigure]) -> str:
    """A number where the village has room for one, else a dot; never outside its own area."""
    pins = []
    for area in villages:
        count = figures[area.code].count if area.code in figures else 0
        if not count:
            continue
        x, y = frame.place(area.heart)
        if frame.room(area) >= PIN_RADIUS + 1:
            text = f'<text class="pn" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{count}</text>'
            pins.append(f'<circle class="pin" cx="{x:.1f}" cy="{y:.1f}" r="{PIN_RADIUS:g}"/>{text}')
        else:
            pins.append(f'<circle class="pin" cx="{x:.1f}" cy="{y:.1f}" r="{DOT_RADIUS:g}"/>')
    return "".join(pins)


def _city_map(city: City, figures: Mapping[str, AreaFigure], title: str) -> str:
    """For a desk: villages in shades, district edges over them, district names around them."""
    frame = Frame.around((area.rings for area in city.districts), FINE_WIDTH)
    edges = "".join(f'<path class="edge" d="{frame.path(area.rings)}"/>' for area in city.districts)
    decoration = (
        f'<g aria-hidden="true" pointer-events="none">{edges}{_pins(frame, city.villages, figures)}</g>'
    )
    labels = "".join(_label_beside(frame, area, figures.get(area.code)) for area in city.districts)
    body = _village_shapes(frame, city.villages, figures) + decoration + labels
    return _svg(frame, "map--fine desk-map", title, body)


def _label_beside(frame: Frame, area: Area, figure: AreaFigure | None) -> str:
    x, y = frame.place(area.beside or area.heart)
    at = f'x="{x:.0f}" text-anchor="{area.anchor}"'
    name = f'<text class="dl" {at} y="{y:.0f}">{escape(area.name)}</text>'
    short = (
        f'<text class="ds" {at} y="{y + 19:.0f}">{escape(figure.label)}</text>'
        if figure and figure.label
        else ""
    )
    return _linked(figure, name + short)


def _coarse_map(
    city: City, figures: Mapping[str, AreaFigure], title: str, cls: str, *, plain: bool = False
) -> str:
    """The districts alone, each an area large enough for a thumb, with its name and figure inside."""
    frame = Frame.around((area.outline for area in city.districts), COARSE_WIDTH)
    shapes, labels = [], []
    for area in city.districts:
        figure = figures.get(area.code)
        shade = "k" if plain else f"v {_shade_class(figure)}"
        shapes.append(_linked(figure, f'<path class="{shade}" d="{frame.path(area.outline)}"/>'))
        labels.append(_label_inside(frame, area, figure.label if figure else ""))
    decoration = f'<g aria-hidden="true" pointer-events="none">{"".join(labels)}</g>'
    return _svg(frame, cls, title, "".join(shapes) + decoration)


def _label_inside(frame: Frame, area: Area, figure: str = "") -> str:
    x, y = frame.place(area.heart)
    x, y = x + area.nudge[0], y + area.nudge[1]
    lift = 3 if figure else -4
    name = f'<text class="kl" x="{x:.0f}" y="{y - lift:.0f}" text-anchor="middle">{escape(area.name)}</text>'
    under = f'<text class="kn" x="{x:.0f}" y="{y + 13:.0f}" text-anchor="middle">{escape(figure)}</text>'
    return name + (under if figure else "")


def _district_map(
    city: City, region_code: str, figures: Mapping[str, AreaFigure], title: str
) -> Markup | None:
    villages = [area for area in city.villages if area.code.startswith(region_code + ".")]
    if not villages:
        return None
    frame = Frame.around((area.rings for area in villages), FINE_WIDTH)
    names = "".join(_label_inside(frame, area) for area in villages if frame.room(area) > 34)
    decoration = f'<g aria-hidden="true" pointer-events="none">{names}</g>'
    return _safe(_svg(frame, "map--district", title, _village_shapes(frame, villages, figures) + decoration))
