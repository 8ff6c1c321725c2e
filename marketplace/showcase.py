"""What the style guide shows: every component with invented figures, to be looked at and measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FileField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import DataRequired

from . import batik, charts, maps
from .i18n import _, format_month, format_month_short
from .web import Page

DAY = date(2026, 11, 22)
CITY = "33.72"
SAMPLES = Path(__file__).parent / "data" / "showcase.json"


class SampleForm(FlaskForm):
    """One field of every kind."""

    name = StringField("Nama produk", [DataRequired()], description="Seperti tertulis di kemasan.")
    kind = SelectField(
        "Jenis",
        [DataRequired()],
        choices=[SelectChoice("snack", "Camilan kering"), SelectChoice("sambal", "Sambal dan bumbu")],
    )
    content_g = IntegerField("Isi bersih", [DataRequired()])
    price_rupiah = IntegerField("Harga untuk toko", [DataRequired()], description="Untuk satu bungkus.")
    starts_on = DateField("Mulai dititip", [DataRequired()])
    note = TextAreaField("Keterangan", description="Bahan, rasa, cara simpan.")
    photo = FileField("Foto", description="JPEG, PNG, atau WebP, paling besar 10 MB.")
    basis = RadioField(
        "Cara jual",
        [DataRequired()],
        choices=[SelectChoice("consignment", "Titip jual"), SelectChoice("outright", "Beli putus")],
    )
    secret = PasswordField("Kata sandi", [DataRequired()])
    own = BooleanField("Produk ini saya buat sendiri, bukan titipan orang lain.", [DataRequired()])


@dataclass(frozen=True)
class Ware:
    """A product card's values."""

    sku: str
    form: str
    name: str
    seller_name: str
    place: str
    price_rupiah: int
    unit: str
    outlets: int
    corner: str = ""
    url: str = "#produk"

    @property
    def image_url(self) -> str:
        """The motif as a data address: the style guide needs no catalogue."""
        return picture(self.sku, self.form)


def picture(sku: str, form: str) -> str:
    """A drawn motif as an address that an img can show without a request."""
    drawn = batik.draw(sku, form)
    for character, code in (("%", "%25"), ("#", "%23"), ("<", "%3C"), (">", "%3E"), ('"', "'")):
        drawn = drawn.replace(character, code)
    return f"data:image/svg+xml,{drawn.strip()}"


def samples() -> dict[str, list[dict[str, Any]]]:
    """Invented products (one for each form of picture), tasks and evidence."""
    kinds: dict[str, list[dict[str, Any]]] = json.loads(SAMPLES.read_text(encoding="utf-8"))
    return kinds


def months() -> Iterator[date]:
    """The twelve months up to DAY, first days."""
    for back in range(11, -1, -1):
        index = DAY.year * 12 + DAY.month - 1 - back
        yield date(index // 12, index % 12 + 1, 1)


def trend_columns() -> list[charts.Column]:
    """Twelve months of a city that is catching up."""
    columns = []
    for index, month in enumerate(months()):
        good, grace = 11 + index * 3, 3 + index % 4
        values = (good, grace, 60 + index // 2 - good - grace)
        sentence = (
            f"{format_month(month)}: {values[0]} memenuhi, {values[1]} masa tenggang, {values[2]} kurang"
        )
        group = str(month.year) if index == 0 or month.month == 1 else ""
        columns.append(charts.Column(format_month_short(month), values, sentence, group, href="#tren"))
    return columns


def series() -> list[charts.Series]:
    """The three standings of an outlet."""
    return [
        charts.Series("ok", _("Memenuhi")),
        charts.Series("grace", _("Masa tenggang")),
        charts.Series("short", _("Kurang")),
    ]


def history_columns() -> list[charts.Column]:
    """One outlet that fell behind."""
    had = (1, 2, 3, 4, 5, 6, 6, 5, 5, 4, 3, 2)
    return [
        charts.Column(
            format_month_short(month),
            (count,),
            f"{format_month(month)}: {count} dari 5",
            str(month.year) if index == 0 or month.month == 1 else "",
        )
        for index, (month, count) in enumerate(zip(months(), had, strict=True))
    ]


def area_figures() -> dict[str, maps.AreaFigure]:
    """Districts and villages with made-up counts."""
    districts = {"01": (13, 14), "02": (4, 8), "03": (7, 10), "04": (9, 16), "05": (12, 18)}
    names = {"01": "Laweyan", "02": "Serengan", "03": "Pasar Kliwon", "04": "Jebres", "05": "Banjarsari"}
    figures = {}
    for number, (good, total) in districts.items():
        code, label = f"{CITY}.{number}", f"{good} dari {total} toko"
        sentence = f"{names[number]}: {label} memenuhi"
        figures[code] = maps.AreaFigure(sentence, maps.shade_of(good / total), label, total - good, "#peta")
        for village in range(1001, 1014):
            figures[f"{code}.{village}"] = village_figure(int(number), village)
    return figures


def village_figure(district: int, village: int) -> maps.AreaFigure:
    """Few villages without outlets, some short, most well."""
    lot = (district * 31 + village * 17) % 10
    if lot == 0:
        return maps.AreaFigure("Kelurahan contoh: tidak ada toko wajib")
    total, good = 1 + lot % 3, max(0, 1 + lot % 3 - (lot in (2, 5)) - (lot == 5))
    sentence = f"Kelurahan contoh: {good} dari {total} toko memenuhi"
    return maps.AreaFigure(sentence, maps.shade_of(good / total), "", total - good, "#peta")


def ages() -> Markup:
    """Money owed by age."""
    parts = [
        charts.Part("ok", 1874200, "0–15 hari: Rp1.874.200"),
        charts.Part("grace", 1160000, "16–30 hari: Rp1.160.000"),
        charts.Part("short", 812000, "lebih dari 30 hari: Rp812.000"),
    ]
    return charts.proportion(parts, title="Umur tagihan: " + "; ".join(part.label for part in parts))


def wrong(form: SampleForm) -> SampleForm:
    """The form as it comes back with two mistakes."""
    mistakes: tuple[tuple[Field, str], ...] = (
        (form.name, "Isi nama produk"),
        (form.price_rupiah, "Harga harus lebih dari Rp0"),
    )
    for field, sentence in mistakes:
        field.errors = [sentence]
    return form


def context() -> dict[str, Any]:
    """Everything the style guide's template needs."""
    figures = area_figures()
    invented = samples()
    ordered = [Ware(**ware) for ware in invented["wares"]]
    return {
        "day": DAY,
        "form": wrong(SampleForm(formdata=None, data={"content_g": 200, "starts_on": DAY, "own": True})),
        "wares": ordered,
        "places": [
            {"name": ware.seller_name, "detail": "38 di rak", "image_url": ware.image_url, "url": "#rak"}
            for ware in ordered[:2]
        ],
        "many_places": [
            {"name": ware.seller_name, "detail": "12 di rak", "image_url": ware.image_url}
            for ware in ordered[:7]
        ],
        "page": Page(items=[], number=3, total=171),
        "trend": charts.trend(trend_columns(), series(), title="Toko wajib menurut status, dua belas bulan"),
        "trend_columns": trend_columns(),
        "history": charts.history(history_columns(), 5, title="UMKM terhitung tiap bulan"),
        "history_columns": history_columns(),
        "ages": ages(),
        "map": maps.choropleth(
            CITY, figures, title="Peta Kota Surakarta: bagian toko wajib yang memenuhi kuota"
        ),
        "district_map": maps.choropleth(f"{CITY}.05", figures, title="Peta Kecamatan Banjarsari"),
        "picker": maps.picker(CITY, figures, title="Peta kecamatan Surakarta"),
        "locator": maps.locator("33.72.04.1011"),
        "statuses": [
            ("Rukun Mart Nusukan", "Nusukan, Banjarsari", 2, "short", 3),
            ("Lumbung Segar Kemlayan", "Kemlayan, Serengan", 4, "short", 1),
            ("Rukun Mart Joglo", "Joglo, Banjarsari", 1, "in_grace", 4),
            ("Sekawan Swalayan Kerten", "Kerten, Laweyan", 6, "compliant", 0),
        ],
        "reasons": [
            "counted",
            "paper_only",
            "not_verified",
            "affiliated",
            "same_owner",
            "not_in_force",
            "basis_not_counted",
            "not_msme",
        ],
        "todo": invented["todo"],
        "entries": invented["entries"],
    }
