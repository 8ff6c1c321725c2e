"""Every visible sentence has its English, with the same blanks to fill in."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from babel.util import pathmatch

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "marketplace/translations/en/LC_MESSAGES/messages.po"
BLANK = re.compile(r"%\((\w+)\)[sd]")


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file, locale="en") if message.id]


def test_every_sentence_has_its_english() -> None:
    missing = [m.id for m in messages() if not m.string or not all(_texts(m.string))]
    assert missing == []


def test_english_has_no_blank_that_the_original_lacks() -> None:
    for message in messages():
        known = {blank for text in _texts(message.id) for blank in BLANK.findall(text)}
        used = {blank for text in _texts(message.string) for blank in BLANK.findall(text)}
        assert used <= known, message.id
        assert known - used <= {"num"}, message.id


def _texts(value: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def test_the_catalogue_knows_every_sentence_of_the_code() -> None:
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
    found = extract_from_dir(ROOT, _methods(), keywords=keywords, directory_filter=_is_ours)
    known = {_texts(message.id)[0] for message in messages()}
    missing = {_texts(text)[0] for _file, _line, text, *_rest in found} - known
    assert not missing, "run `make translations` and fill in the English"


def test_every_template_is_among_the_texts_that_the_catalogue_is_made_of() -> None:
    """A page, a mail or whatever else says a sentence: none of them is left out by its folder or ending."""
    templates = ROOT / "marketplace/templates"
    speaking = [path for path in templates.rglob("*") if path.is_file() and "_(" in path.read_text()]
    assert {path.suffix for path in speaking} >= {".html", ".txt"}
    names = [path.relative_to(ROOT).as_posix() for path in speaking]
    unread = [name for name in names if not any(pathmatch(pattern, name) for pattern, _method in _methods())]
    assert unread == [], "add them to tool.babel.mappings"


def _methods() -> list[tuple[str, str]]:
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    return [(mapping["pattern"], mapping["method"]) for mapping in mappings]


def _is_ours(folder: str) -> bool:
    return not Path(folder).name.startswith(".") and Path(folder).name not in {"node_modules", "var"}
