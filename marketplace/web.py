"""What every template may use: filters, asset addresses, navigation, pages of a list."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import Flask, current_app, has_request_context, request, url_for
from markupsafe import Markup

from . import clock, i18n, money
from .permissions import Actor, current_actor

T = TypeVar("T")
PAGE_SIZE = 25


@dataclass(frozen=True)
class NavEntry:
    """One of the five places an actor's navigation leads to."""

    label: Any
    icon: str
    endpoint: str
    shows_for: Callable[[Actor], bool]
    order: int = 50
    prefixes: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where it leads; found once where the app stands at the root, because a page asks forty times."""
        if not has_request_context() or request.script_root:
            return url_for(self.endpoint)
        known: dict[str, str] = current_app.extensions.setdefault("etalase_nav_urls", {})
        if self.endpoint not in known:
            known[self.endpoint] = url_for(self.endpoint)
        return known[self.endpoint]

    @property
    def current(self) -> bool:
        """Whether this page lies under it."""
        return any(request.path == p or request.path.startswith(p + "/") for p in self.prefixes) or (
            request.path == self.url
        )


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list: its rows, which page it is (from 1), and how many rows there are in all."""

    items: Sequence[T]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // self.size), 1)

    @property
    def first(self) -> int:
        """Number of the first row shown, 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """Number of the last row shown."""
        return min(self.number * self.size, self.total)


def page_number() -> int:
    """The page asked for in the URL, at least 1; nonsense is page 1."""
    text = request.args.get("page", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < 9 else 1


def page_within(total: int, size: int) -> int:
    """The page asked for in the URL, the last one when so many rows have no such page."""
    return min(page_number(), max(-(-total // size), 1))


def register_nav(app: Flask, *entries: NavEntry) -> None:
    """Add places to the navigation (an area does, when it is registered)."""
    nav = app.extensions.setdefault("etalase_nav", [])
    nav.extend(entries)
    nav.sort(key=lambda entry: entry.order)


def register_home(app: Flask, endpoint: str, shows_for: Callable[[Actor], bool]) -> None:
    """Say which page is the first screen of a kind of actor."""
    app.extensions.setdefault("etalase_homes", []).append((endpoint, shows_for))


def home_url(actor: Actor) -> str:
    """The first screen of this actor; the public home when there is none."""
    for endpoint, shows_for in current_app.extensions.get("etalase_homes", []):
        if shows_for(actor):
            return url_for(endpoint)
    return url_for("public.home")


def register_panel(app: Flask, place: str, render: Callable[..., Markup]) -> None:
    """Let a higher area add a panel to a lower area's page, such as 'product' or 'seller'."""
    app.extensions.setdefault("etalase_panels", {}).setdefault(place, []).append(render)


def panels(place: str, *args: Any) -> list[Markup]:
    """What the areas add to a page."""
    return [render(*args) for render in current_app.extensions.get("etalase_panels", {}).get(place, [])]


def url_with(**changes: Any) -> str:
    """This page's address with some query arguments changed; None removes one."""
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
    arguments.pop("page", None)
    for name, value in changes.items():
        if value is None:
            arguments.pop(name, None)
        else:
            arguments[name] = value
    return url_for(request.endpoint or "public.home", **arguments)


@functools.lru_cache(maxsize=512)
def _stamp(path: Path, _changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a file of ours under static/, stamped with its content so that it may be cached."""
    path = Path(current_app.static_folder or "") / name
    return f"{_static(name)}?v={_stamp(path, path.stat().st_mtime_ns)}"


def vendor(name: str) -> str:
    """The address of a third-party file, by the name it has in static/vendor/manifest.json."""
    return _vendor(
        name, current_app.static_folder or "", request.script_root if has_request_context() else ""
    )


@functools.lru_cache(maxsize=256)
def _vendor(name: str, folder: str, _root: str) -> str:
    names: dict[str, str] = json.loads((Path(folder) / "vendor" / "manifest.json").read_text())
    return _static(f"vendor/{names[name]}")


def _static(name: str) -> str:
    """As url_for says it, which takes ten times as long; a page has a hundred icons."""
    if not has_request_context():
        return url_for("static", filename=name)
    return f"{request.script_root}{current_app.static_url_path}/{name}"


def can(permission: str, _thing: object | None = None) -> bool:
    """Whether the actor of this request may do something."""
    return current_actor().can(permission)


def init_app(app: Flask) -> None:
    """Give the templates their filters and globals."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=money.format_rupiah,
        day=i18n.format_day,
        day_short=i18n.format_day_short,
        weekday=i18n.format_weekday,
        month=i18n.format_month,
        month_short=i18n.format_month_short,
        time_wib=i18n.format_time,
        daytime=i18n.format_moment,
        num=i18n.format_number,
        percent=i18n.format_percent,
    )
    app.jinja_env.globals.update(
        asset=asset,
        vendor=vendor,
        url_with=url_with,
        can=can,
        panels=panels,
        wib_day=clock.wib_day,
        month_name=i18n.format_month_name,
    )

    @app.context_processor
    def _request_globals() -> dict[str, Any]:
        everywhere = {
            "locale": i18n.language(),
            "today": clock.today(),
            "city_name": app.config["CITY_NAME"],
        }
        if not has_request_context():  # a paper that the worker prints
            return everywhere
        actor = current_actor()
        nav = [e for e in app.extensions.get("etalase_nav", []) if e.shows_for(actor)]
        return everywhere | {
            "actor": actor if actor.user_id else None,
            "home_url": home_url(actor),
            "nav": nav[:5],
            "nav_more": nav[5:],
        }
