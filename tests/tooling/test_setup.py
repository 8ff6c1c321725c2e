"""Set-up does each step once, and again only when what it was made from changed."""

import json
import re
from functools import partial
from pathlib import Path

import pytest

from tools import frontend, setup

ROOT = setup.ROOT


@pytest.fixture
def stamps(tmp_path, monkeypatch):
    folder = tmp_path / "stamps"
    monkeypatch.setattr(setup, "STAMPS", folder)
    return folder


def test_a_step_is_done_once_for_the_same_mark_and_again_for_another(stamps):
    done: list[str] = []
    for mark in ("one", "one", "two"):
        setup.step("packages", mark, "installing", partial(done.append, mark))
    assert done == ["one", "two"]


def test_a_step_that_failed_is_done_again(stamps):
    setup.step("packages", "one", "installing", lambda: None)

    def fail() -> None:
        raise setup.SetupFailed("no network")

    with pytest.raises(setup.SetupFailed):
        setup.step("packages", "two", "installing", fail)
    done = []
    setup.step("packages", "one", "installing", lambda: done.append(True))
    assert done == [True]


def test_a_step_is_done_again_when_what_it_made_is_gone(stamps, tmp_path):
    made = tmp_path / "node_modules"
    setup.step("npm", "one", "installing", made.mkdir, made=made)
    made.rmdir()
    setup.step("npm", "one", "installing", made.mkdir, made=made)
    assert made.is_dir()


def test_without_root_the_missing_system_packages_are_named_in_one_sentence(monkeypatch):
    monkeypatch.setattr(setup, "missing_system_packages", lambda *, dev: ["chromium", "postgresql"])
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(setup.shutil, "which", lambda name: f"/usr/bin/{name}")
    with pytest.raises(setup.SetupFailed, match="sudo apt-get install chromium postgresql"):
        setup.install_system_packages(dev=True)


def test_no_lock_names_a_registry_and_every_package_has_a_hash():
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), lock.name
        packages = re.findall(r"^[a-z0-9].*(?:\n .*)*", text, re.MULTILINE)
        assert packages
        assert all("--hash=sha256:" in package for package in packages), lock.name
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)


def test_every_vendor_file_stands_under_the_hash_of_its_content():
    manifest = json.loads((frontend.VENDOR / "manifest.json").read_text())
    assert {"bootstrap.min.css", "htmx.min.js", "icons.svg", "plus-jakarta-sans.woff2"} <= manifest.keys()
    for name, file in manifest.items():
        content = (frontend.VENDOR / file).read_bytes()
        assert frontend.hashed_name(name, content) == file
        assert b"sourceMappingURL" not in content


def test_the_sprite_has_every_icon_that_is_named_once():
    sprite = frontend.icon_sprite().decode()
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == frontend.icon_names()


def test_an_unknown_icon_is_named(monkeypatch, tmp_path):
    names = tmp_path / "icons.txt"
    names.write_text("# comment\nshop  # known\nno-such-icon\n")
    monkeypatch.setattr(frontend, "ICON_NAMES", names)
    with pytest.raises(frontend.BuildFailed, match="no-such-icon"):
        frontend.icon_sprite()


def test_every_icon_that_a_template_asks_for_is_in_the_sprite():
    known = set(frontend.icon_names())
    asked: dict[str, list[str]] = {}
    for template in Path(ROOT / "marketplace" / "templates").rglob("*.html"):
        for name in re.findall(r"""\bicon\(\s*['"]([a-z0-9-]+)['"]""", template.read_text()):
            asked.setdefault(name, []).append(template.name)
    assert {name: where for name, where in asked.items() if name not in known} == {}
