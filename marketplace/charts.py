"""Charts as SVG: the city's twelve months, one outlet's history, the age of money owed.

Drawn for a desk and once more, narrower, for a phone. Every column is a link to its rows or says its
sentence; a table with the same figures belongs beside every chart. Colours come from the style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from .i18n import format_number

WIDE, NARROW = (620, 300), (320, 270)
LEFT, TOP, FOOT = 34, 16, 44
DIGIT = 7.2  # the width of one
MOST_PLACES = 12  # a quota above this is drawn as bars, not as places


@dataclass(frozen=True)
class Column:
    """One month: its short name, the year to print under it (or ''), its values in the series' order."""

    label: str
    values: tuple[int, ...]
    sentence: str
    group: str = ""
    href: str | None = None


@dataclass(frozen=True)
class Series:
    """One kind of value: `key` is ok, grace or short (its colour), `label` its name."""

    key: str
    label: str


@dataclass(frozen=True)
class Part:
    """One part of a bar: its colour key, its size and what it is."""

    key: str
    value: int
    label: str


def trend(columns: Sequence[Column], series: Sequence[Series], *, title: str) -> Markup:
    """Stacked columns, wide for a desk and narrow for a phone; the first series is numbered."""
    wide = _stacked(columns, series, title, WIDE, "desk-only")
    return _safe(wide + _stacked(columns, series, title, NARROW, "phone-only"))


def history(columns: Sequence[Column], quota: int, *, title: str) -> Markup:
    """How many places of one outlet were filled, month by month: a shelf of places that grows upwards.

    Each column has one value. Empty places up to the quota are drawn too; what stands above it is filled.
    """
    wide = _history(columns, quota, title, (620, 240), "desk-only")
    return _safe(wide + _history(columns, quota, title, (320, 215), "phone-only"))


def proportion(parts: Sequence[Part], *, title: str) -> Markup:
    """One bar cut into its parts, such as money owed by age; nothing when all of it is zero."""
    total = sum(part.value for part in parts)
    if total <= 0:
        return Markup()
    pieces, x = [], 0.0
    for part in parts:
        width = 1000 * part.value / total
        if width > 0:
            gap = 6 if x + width < 999.5 else 0
            drawn = _bar(f"c-{escape(part.key)}", x, 0, max(width - gap, 1), 24)
            pieces.append(f"<g><title>{escape(part.label)}</title>{drawn}</g>")
        x += width
    opening = '<svg class="bar" viewBox="0 0 1000 24" preserveAspectRatio="none" role="img"'
    return _safe(f'{opening} aria-label="{escape(title)}">{"".join(pieces)}</svg>')


# --- drawing ----------------------------------------------------------------------------------------


def _safe(svg: str) -> Markup:
    """A finished drawing: every text in it was escaped where it was put in."""
    return Markup(svg)  # noqa: S704


def _ceiling(most: int) -> tuple[int, int]:
    """The top of the axis and its step: round numbers, three to five lines."""
    step = next(
        base * 10**power
        for power in range(19)
        for base in (1, 2, 5)
        if base * 10**power * 4 >= most or (power == 18 and base == 5)
    )
    return max(-(-most // step), 1) * step, step


def _axis(top_value: int, step: int, size: tuple[int, int]) -> str:
    width, height = size
    base = height - FOOT
    scale = (base - TOP) / top_value
    lines = []
    for value in range(0, top_value + 1, step):
        y = base - value * scale
        text = f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{format_number(value)}</text>'
        lines.append(f'<path class="axis" d="M{LEFT} {y:.1f}H{width}"/>{text}')
    return f'<g aria-hidden="true">{"".join(lines)}</g>'


def _slots(count: int, size: tuple[int, int]) -> tuple[float, float]:
    """The distance between two columns and the width of one."""
    step = (size[0] - LEFT) / max(count, 1)
    return step, step * (0.66 if size[0] > 400 else 0.78)


def _stacked(
    columns: Sequence[Column], series: Sequence[Series], title: str, size: tuple[int, int], cls: str
) -> str:
    top_value, step_value = _ceiling(max((sum(column.values) for column in columns), default=0))
    base = size[1] - FOOT
    scale = (base - TOP) / top_value
    step, width = _slots(len(columns), size)
    body = []
    for index, column in enumerate(columns):
        x, y = LEFT + index * step + (step - width) / 2, float(base)
        rects = []
        for kind, value in zip(series, column.values, strict=True):
            y -= value * scale
            high = max(0.0, value * scale - 1.5)
            rects.append(_bar(f"c-{kind.key}", x, y, width, high))
        first = column.values[0] * scale
        has_room = first >= 22 and len(format_number(column.values[0])) * DIGIT <= width + DIGIT / 2
        number = _number_on(column.values[0], x + width / 2, base - first + 16) if has_room else ""
        body.append(_linked(column, _hit(x, step, width, base) + "".join(rects) + number))
        body.append(_under(columns, index, x + width / 2, base, size))
    return _svg(size, cls, title, _axis(top_value, step_value, size) + "".join(body))


def _history(columns: Sequence[Column], quota: int, title: str, size: tuple[int, int], cls: str) -> str:
    most = max([quota, 1, *(column.values[0] for column in columns)])
    base = size[1] - FOOT
    scale = (base - TOP) / most
    step, width = _slots(len(columns), size)
    body = []
    for index, column in enumerate(columns):
        x, have = LEFT + index * step + (step - width) / 2, column.values[0]
        drawing = (_places if most <= MOST_PLACES else _pillar)(have, quota, x, width, base, scale)
        above = _big(str(have), x + width / 2, base - have * scale - 5) if have >= quota else ""
        body.append(_linked(column, _hit(x, step, width, base) + drawing + above))
        body.append(_under(columns, index, x + width / 2, base, size))
    board = f'<path class="shelfline" d="M{LEFT} {base}H{size[0]}"/>'
    return _svg(size, cls, title, _quota_line(quota, base, scale, size) + "".join(body) + board)


def _places(have: int, quota: int, x: float, width: float, base: int, scale: float) -> str:
    """Filled places from the board up, then the empty ones up to the quota."""
    cells = []
    for place in range(max(have, quota)):
        y = base - (place + 1) * scale
        if place < have:
            cells.append(_bar("place", x, y + 1.5, width, scale - 3, ' rx="3"'))
        else:
            cells.append(_bar("place--empty", x + 1, y + 2.5, width - 2, scale - 5, ' rx="3"'))
    return "".join(cells)


def _pillar(have: int, _quota: int, x: float, width: float, base: int, scale: float) -> str:
    return _bar("place", x, base - have * scale, width, have * scale)


def _quota_line(quota: int, base: int, scale: float, size: tuple[int, int]) -> str:
    if quota <= 0:
        return ""
    y = base - quota * scale
    text = f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{format_number(quota)}</text>'
    return f'<g aria-hidden="true"><path class="quotaline" d="M{LEFT} {y:.1f}H{size[0]}"/>{text}</g>'


def _bar(cls: str, x: float, y: float, width: float, height: float, extra: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0):.1f}"'
    return f'<rect class="{cls}" {place}{extra}/>'


def _number_on(value: int, x: float, y: float) -> str:
    return f'<text class="on" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{format_number(value)}</text>'


def _big(text: str, x: float, y: float, anchor: str = "middle") -> str:
    return f'<text class="big" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _hit(x: float, step: float, width: float, base: int) -> str:
    """The whole height of a column answers a click."""
    return _bar("hit", x - (step - width) / 2, TOP, step, base - TOP)


def _under(columns: Sequence[Column], index: int, x: float, base: int, size: tuple[int, int]) -> str:
    """The month and, where it changes, the year; on a phone no two years stand side by side."""
    is_named = _is_named(index, len(columns), size)
    has_year = size[0] > 400 or not any(column.group for column in columns[index + 1 : index + 3])
    return _foot(columns[index], x, base, size, is_named=is_named, has_year=has_year)


def _is_named(index: int, count: int, size: tuple[int, int]) -> bool:
    """On a phone every other month is named, from the last one back."""
    return size[0] > 400 or count <= 8 or (count - 1 - index) % 2 == 0


def _foot(
    column: Column, x: float, base: int, size: tuple[int, int], *, is_named: bool, has_year: bool
) -> str:
    label = f'<text x="{x:.1f}" y="{base + 20}" text-anchor="middle">{escape(column.label)}</text>'
    year = ""
    if column.group and has_year:
        near_edge = size[0] <= 400 and x < LEFT + 30
        year = _big(column.group, x + 10 if near_edge else x, base + 38, "end" if near_edge else "middle")
    return f'<g aria-hidden="true">{label if is_named else ""}{year}</g>'


def _linked(column: Column, drawing: str) -> str:
    sentence = escape(column.sentence)
    title = f"<title>{sentence}</title>"
    if column.href is None:
        return f'<g role="img" aria-label="{sentence}">{title}{drawing}</g>'
    return f'<a href="{escape(column.href)}">{title}<g aria-hidden="true">{drawing}</g></a>'


def _svg(size: tuple[int, int], cls: str, title: str, body: str) -> str:
    box = f"0 0 {size[0]} {size[1]}"
    return f'<svg class="chart {cls}" viewBox="{box}" role="group" aria-label="{escape(title)}">{body}</svg>'
