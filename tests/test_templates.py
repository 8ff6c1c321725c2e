"""Habits of the templates: icons exist, nothing is styled or scripted inline, the style guide shows all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "marketplace" / "templates").rglob("*.html"))
ON_SCREEN = [path for path in TEMPLATES if not path.stem.endswith("_pdf")]
PARTS = """
    gauge rack chip tile task timeline note empty pagination steps progressbox twoview map locator shelf
    errors affix asof facts pick outlet due
"""
SENTENCE = re.compile(r"_\(\s*'((?:[^'\\]|\\.)*)'")
BARE_PLACEHOLDER = re.compile(r"(?<!%)(?:%%)*%[^%(\s]")
ICON = re.compile(r"\bicon\(\s*'([a-z0-9-]+)'")


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def icons_of_the_sprite() -> set[str]:
    lines = (ROOT / "tools" / "icons.txt").read_text(encoding="utf-8").splitlines()
    return {line.split("#")[0].strip() for line in lines} - {""}


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_every_icon_of_a_template_is_in_the_sprite(path):
    assert set(ICON.findall(path.read_text(encoding="utf-8"))) <= icons_of_the_sprite()


@pytest.mark.parametrize("path", ON_SCREEN, ids=names(ON_SCREEN))
def test_no_template_styles_or_scripts_inline(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[^>]*\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<[^>]*\son[a-z]+\s*=\s*[\"']", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "nonce=" in tag
        assert "src=" in tag


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_every_placeholder_of_a_sentence_has_a_name(path):
    """Jinja fills sentences from a dictionary: one without a name comes out as '{}'."""
    sentences = SENTENCE.findall(path.read_text(encoding="utf-8"))
    assert [sentence for sentence in sentences if BARE_PLACEHOLDER.search(sentence)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_the_word_for_our_sellers_is_translated_where_it_stands_alone(path):
    assert not re.search(r"(?<!_\()'UMKM'", path.read_text(encoding="utf-8"))


def test_the_style_guide_shows_every_part_without_inline_style(client):
    page = client.get("/styleguide")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert not re.search(r"<[^>]*\sstyle\s*=", text)
    for part in PARTS.split():
        assert re.search(rf'class="[^"]*\b{part}\b', text), part


def test_ids_of_the_style_guide_are_unique(client):
    ids = re.findall(r'\sid="([^"]+)"', client.get("/styleguide").get_data(as_text=True))
    assert len(ids) == len(set(ids))


def test_labels_and_descriptions_point_at_something(client):
    text = client.get("/styleguide").get_data(as_text=True)
    ids = set(re.findall(r'\sid="([^"]+)"', text))
    pointed = re.findall(r'\s(?:for|aria-labelledby|aria-describedby|aria-controls)="([^"]+)"', text)
    assert {target for value in pointed for target in value.split()} <= ids
