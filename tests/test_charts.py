"""Charts say in words what they draw, lead to their rows, and never draw outside their frame."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from marketplace import charts

SVG = "{http://www.w3.org/2000/svg}"
SERIES = [
    charts.Series("ok", "Memenuhi"),
    charts.Series("grace", "Masa tenggang"),
    charts.Series("short", "Kurang"),
]


def parse(drawing: str) -> list[ET.Element]:
    """Our own drawing as a list of pictures; never anything from outside."""
    return list(ET.fromstring(f'<body xmlns="http://www.w3.org/2000/svg">{drawing}</body>'))  # noqa: S314


def column(values: tuple[int, ...], **changes: str) -> charts.Column:
    fields = {"label": "Nov", "sentence": "November 2026: 45 memenuhi", **changes}
    return charts.Column(values=values, **fields)


def year(*values: tuple[int, ...]) -> list[charts.Column]:
    return [column(one, href=f"/office?as_of=2026-{month:02d}") for month, one in enumerate(values, 1)]


def test_the_trend_is_drawn_for_a_desk_and_for_a_phone():
    wide, narrow = parse(charts.trend(year((45, 4, 17)), SERIES, title="Dua belas bulan"))
    assert "desk-only" in (wide.get("class") or "")
    assert "phone-only" in (narrow.get("class") or "")
    assert wide.get("aria-label") == narrow.get("aria-label") == "Dua belas bulan"


def test_every_column_is_a_link_named_by_its_sentence():
    drawing = charts.trend(year((1, 2, 3), (4, 5, 6)), SERIES, title="Tren")
    for picture in parse(drawing):
        links = picture.findall(f"{SVG}a")
        assert [link.get("href") for link in links] == ["/office?as_of=2026-01", "/office?as_of=2026-02"]
        assert {link.findtext(f"{SVG}title") for link in links} == {"November 2026: 45 memenuhi"}


def test_a_column_without_rows_still_says_its_sentence():
    picture = parse(charts.trend([column((1, 1, 1))], SERIES, title="Tren"))[0]
    named = [group for group in picture.findall(f"{SVG}g") if group.get("role") == "img"]
    assert [group.get("aria-label") for group in named] == ["November 2026: 45 memenuhi"]


def test_the_heights_of_a_column_are_in_proportion_to_its_values():
    picture = parse(charts.trend([column((40, 10, 30))], SERIES, title="Tren"))[0]
    heights = [
        float(bar.get("height", 0)) for key in ("ok", "grace", "short") for bar in bars(picture, f"c-{key}")
    ]
    assert heights[0] + 1.5 == pytest.approx(4 * (heights[1] + 1.5), abs=0.3)
    assert heights[2] + 1.5 == pytest.approx(3 * (heights[1] + 1.5), abs=0.3)


@pytest.mark.parametrize("most", [0, 1, 2, 3, 7, 19, 20, 21, 99, 5000, 123_456_789])
def test_nothing_is_drawn_outside_the_frame_whatever_the_figures(most):
    for picture in parse(charts.trend(year((most, 0, 0), (0, 0, 0)), SERIES, title="Tren")):
        width, height = (float(side) for side in (picture.get("viewBox") or "").split()[2:])
        for bar in picture.iter(f"{SVG}rect"):
            assert 0 <= float(bar.get("x", 0)) <= width
            assert float(bar.get("y", 0)) >= 0
            assert float(bar.get("y", 0)) + float(bar.get("height", 0)) <= height


def test_the_axis_has_few_round_lines():
    picture = parse(charts.trend(year((45, 4, 17)), SERIES, title="Tren"))[0]
    axis = [text.text for text in picture.findall(f"{SVG}g")[0].iter(f"{SVG}text")]
    assert axis == ["0", "20", "40", "60", "80"]


def test_no_columns_give_an_empty_chart_and_no_error():
    assert len(parse(charts.trend([], SERIES, title="Tren"))) == 2
    assert len(parse(charts.history([], 5, title="Riwayat"))) == 2


def test_the_history_of_an_outlet_counts_in_places():
    picture = parse(charts.history([column((2,)), column((7,))], 5, title="Riwayat"))[0]
    assert len(bars(picture, "place")) == 9
    assert len(bars(picture, "place--empty")) == 3


def test_a_large_quota_is_drawn_as_pillars():
    picture = parse(charts.history([column((30,))], 40, title="Riwayat"))[0]
    assert len(bars(picture, "place")) == 1
    assert not bars(picture, "place--empty")


def test_the_parts_of_a_bar_fill_it():
    parts = [
        charts.Part("ok", 300, "muda"),
        charts.Part("grace", 0, "sedang"),
        charts.Part("short", 100, "tua"),
    ]
    picture = parse(charts.proportion(parts, title="Umur tagihan"))[0]
    drawn = list(picture.iter(f"{SVG}rect"))
    assert [float(bar.get("x", 0)) for bar in drawn] == [0, 750]
    assert float(drawn[-1].get("x", 0)) + float(drawn[-1].get("width", 0)) == pytest.approx(1000, abs=0.2)


def test_a_bar_of_nothing_is_nothing():
    assert charts.proportion([charts.Part("ok", 0, "muda")], title="Umur tagihan") == ""


def test_hostile_words_are_escaped_and_no_style_is_inlined():
    evil = '"><script>alert(1)</script>'
    drawn = [
        charts.trend(
            [column((1, 1, 1), label=evil, sentence=evil, group=evil, href=evil)], SERIES, title=evil
        ),
        charts.history([column((1,), label=evil, sentence=evil, href=evil)], 5, title=evil),
        charts.proportion([charts.Part("ok", 1, evil)], title=evil),
    ]
    for drawing in drawn:
        assert "<script" not in drawing
        assert " style=" not in drawing
        assert not re.search(r"\son\w+=", drawing)
        parse(drawing)


def bars(picture: ET.Element, cls: str) -> list[ET.Element]:
    return [bar for bar in picture.iter(f"{SVG}rect") if bar.get("class") == cls]
