"""Every pair of text and ground that the style sheet uses is measured, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
TEXT, LARGE_OR_SHAPE = 4.5, 3.0
EDGES = ("line-strong", "place", "place-empty", "place-soon", "place-aim")
GROUNDS = ("cream", "paper", "linen")

PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "link", "link-hover") for ground in GROUNDS),
    *((f"{kind}-ink", f"{kind}-fill", TEXT) for kind in ("ok", "short", "grace", "info", "na")),
    *((f"{kind}-ink", ground, TEXT) for kind in ("ok", "short", "grace") for ground in ("cream", "paper")),
    *((f"{kind}-mark", "paper", LARGE_OR_SHAPE) for kind in ("ok", "short", "grace", "info")),
    ("on-action", "action", TEXT),
    ("on-action", "action-hover", TEXT),
    ("on-action", "action-press", TEXT),
    ("link-hover", "action-soft", TEXT),
    ("link", "action-soft", TEXT),
    ("link-hover", "action-soft-press", TEXT),
    ("on-danger", "danger", TEXT),
    ("on-danger", "danger-hover", TEXT),
    ("on-badge", "badge", TEXT),
    ("on-avatar", "avatar", TEXT),
    *(("ink", ground, TEXT) for ground in ("quiet", "quiet-hover", "quiet-press", "row-hover", "field")),
    ("ink", "sheet", TEXT),
    ("ink", "band", TEXT),
    ("ink-3", "field", TEXT),
    ("ink-3", "row-hover", TEXT),
    ("ink-2", "band", TEXT),
    ("mark-ink", "mark-fill", TEXT),
    ("area-ink", "area", TEXT),
    ("area-ink", "area-hover", TEXT),
    ("on-wood", "wood", TEXT),
    ("on-wood-2", "wood", TEXT),
    ("on-wood", "wood-deep", TEXT),
    ("on-wood-2", "wood-deep", TEXT),
    ("on-wood", "night", TEXT),
    ("on-lamp", "lamp", TEXT),
    ("on-lamp", "lamp-hover", TEXT),
    ("on-chart", "chart-ok", TEXT),
    ("map-pin", "paper", TEXT),
    *((edge, ground, LARGE_OR_SHAPE) for edge in EDGES for ground in ("paper", "cream")),
    ("line-strong", "field", LARGE_OR_SHAPE),
    ("board", "paper", LARGE_OR_SHAPE),
    ("board", "cream", LARGE_OR_SHAPE),
    *((f"chart-{kind}", "paper", LARGE_OR_SHAPE - 0.05) for kind in ("ok", "grace", "short")),
    ("focus", "focus-ink", LARGE_OR_SHAPE),
]


def declarations(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", block))


def themes() -> dict[str, dict[str, str]]:
    css = (CSS / "tokens.css").read_text(encoding="utf-8")
    light_part, dark_part = css.split("@media screen and (prefers-color-scheme: dark)")
    light = declarations(light_part)
    return {
        "light": light,
        "dark": {**light, **declarations(dark_part.split("/* Bootstrap reads these */")[0])},
    }


def luminance(theme: dict[str, str], name: str) -> float:
    value = theme[name].strip()
    while value.startswith("var("):
        value = theme[value[6:-1]].strip()
    assert re.fullmatch(r"#[0-9a-f]{6}", value, re.IGNORECASE), (name, value)
    channels = (int(value[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_text_can_be_read_on_its_ground(theme, front, ground, least):
    tokens = themes()[theme]
    light, dark = sorted((luminance(tokens, front), luminance(tokens, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def test_components_read_roles_and_never_dyes():
    css = (CSS / "etalase.css").read_text(encoding="utf-8")
    assert not re.findall(r"var\(--(?:sogan|nila|mengkudu|tegeran|ketapang)-\d+\)", css)
    used = set(re.findall(r"var\(--(?!bs-)([\w-]+)", css))
    local = set(re.findall(r"--([\w-]+):", css))
    assert used - local <= set(themes()["light"])


@pytest.mark.parametrize("name", ["tokens.css", "etalase.css"])
def test_every_block_of_the_style_sheet_is_closed(name):
    depth = 0
    for number, line in enumerate((CSS / name).read_text(encoding="utf-8").splitlines(), 1):
        depth += line.count("{") - line.count("}")
        assert 0 <= depth <= 3, f"{name}, line {number}"
    assert depth == 0
