"""What the office's screens draw from figures that queries found: the map, the months, the shelf."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from markupsafe import Markup

from .. import charts, maps
from ..catalog.rules import picture_path
from ..i18n import _, format_day, format_day_short, format_month_short
from ..organizations.rules import KIND_LABELS


@dataclass(frozen=True)
class Month:
    """One row of the table behind a chart."""

    name: str
    values: tuple[int, ...]
    href: str | None = None


@dataclass(frozen=True)
class Place:
    """A counted seller on the outlet's shelf."""

    name: str
    detail: str
    image_url: str
    url: str | None = None


def kind_label(kind: str) -> str:
    """An outlet kind in words."""
    labels = {key.value: str(label) for key, label in KIND_LABELS.items()}
    return labels.get(kind, kind)


def city_map(rows: Iterable[Any], day: date, region: str) -> Markup | None:
    """Outlets with a duty by district and village, each area leading to its rows; None without boundaries."""
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.is_duty:
            groups[row.region_code].append(row)
            if row.district_code != row.region_code:
                groups[row.district_code].append(row)
    figures = {code: _area_figure(code, group, day) for code, group in groups.items()}
    return maps.choropleth(region, figures, title=_("Peta: bagian toko wajib yang memenuhi kuota"))


def _area_figure(code: str, rows: Sequence[Any], day: date) -> maps.AreaFigure:
    first, good, every = rows[0], sum(row.status == "compliant" for row in rows), len(rows)
    is_district = first.district_code == code
    name = first.district if is_district else first.village
    narrower: dict[str, Any] = {} if is_district else {"village": code}
    return maps.AreaFigure(
        sentence=_(
            "%(place)s: %(good)s dari %(every)s toko wajib memenuhi", place=name, good=good, every=every
        ),
        shade=maps.shade_of(good / every),
        label=_("%(good)s dari %(every)s toko", good=good, every=every),
        count=every - good,
        href=url_for(
            "compliance.outlets",
            as_of=day.isoformat(),
            binding="mandatory",
            district=first.district_code,
            **narrower,
        ),
    )


def series() -> list[charts.Series]:
    """The standings that the months are cut into, in the order of a column's values."""
    return [
        charts.Series("ok", _("Memenuhi")),
        charts.Series("grace", _("Masa tenggang")),
        charts.Series("short", _("Kurang")),
    ]


def trend_chart(points: Sequence[Any]) -> Markup:
    """Twelve months of outlets with a duty; each column leads to its day."""
    columns = [
        charts.Column(
            label=format_month_short(point.day),
            values=(point.compliant, point.in_grace, point.short),
            sentence=_(
                "%(day)s: %(ok)s memenuhi, %(grace)s masa tenggang, %(short)s kurang",
                day=format_day(point.day),
                ok=point.compliant,
                grace=point.in_grace,
                short=point.short,
            ),
            group=_year(points, index),
            href=_on_day(point.day),
        )
        for index, point in enumerate(points)
    ]
    return charts.trend(columns, series(), title=_("Toko wajib menurut status, akhir tiap bulan"))


def trend_rows(points: Iterable[Any]) -> list[Month]:
    """The table behind the months, newest first."""
    rows = [
        Month(format_day_short(point.day), (point.compliant, point.in_grace, point.short), _on_day(point.day))
        for point in points
    ]
    return rows[::-1]


def history_chart(points: Sequence[Any], address: str) -> Markup | None:
    """How many sellers one outlet carried at each month's end, each leading to that day at `address`."""
    if not points:
        return None
    quota = points[-1].required or 0
    columns = [
        charts.Column(
            label=format_month_short(point.day),
            values=(point.counted,),
            sentence=_counted_sentence(point),
            group=_year(points, index),
            href=f"{address}?as_of={point.day.isoformat()}",
        )
        for index, point in enumerate(points)
    ]
    return charts.history(columns, quota, title=_("UMKM terhitung, akhir tiap bulan"))


def _counted_sentence(point: Any) -> str:
    if point.required:
        sentence = _("%(day)s: %(have)s dari %(quota)s UMKM")
    else:
        sentence = _("%(day)s: %(have)s UMKM")
    return sentence % {"day": format_day(point.day), "have": point.counted, "quota": point.required}


def history_rows(points: Iterable[Any]) -> list[Month]:
    """The table behind an outlet's months, newest first."""
    return [Month(format_day_short(point.day), (point.counted, point.required or 0)) for point in points][
        ::-1
    ]


def places(sellers: Iterable[Any]) -> list[Place]:
    """The counted sellers as they stand on the shelf, each with a picture of what it sells."""
    return [
        Place(
            name=row.name,
            detail=_shelf_detail(row),
            image_url=picture_path(f"{row.seller_ref}/{row.sku_for_picture or ''}", row.form_for_picture),
            url=f"#seller-{row.seller_id}",
        )
        for row in sellers
        if row.counted
    ]


def _shelf_detail(row: Any) -> str:
    if row.on_hand > 0:
        return _("%(count)s di rak", count=row.on_hand)
    if row.last_sale_on:
        return _("terjual %(day)s", day=format_day_short(row.last_sale_on))
    if row.last_delivery_on:
        return _("dikirim %(day)s", day=format_day_short(row.last_delivery_on))
    return _("terpajang")


def _year(points: Sequence[Any], index: int) -> str:
    """The year under the first month and under each January."""
    day = points[index].day
    return str(day.year) if index == 0 or day.month == 1 else ""


def _on_day(day: date) -> str:
    return url_for("compliance.dashboard", as_of=day.isoformat())
