"""Small pieces of markup that a page draws a hundred times: icons, and days as machines read them too."""

from __future__ import annotations

import functools
from datetime import date, datetime

from flask import Flask
from markupsafe import Markup, escape

from . import i18n
from .web import vendor

TIME = Markup('<time{} datetime="{}">{}</time>')
UNBROKEN = Markup(' class="text-nowrap"')


def init_app(app: Flask) -> None:
    """Give them to every template."""
    app.jinja_env.globals.update(
        icon=icon, time_day=time_day, time_short=time_short, time_moment=time_moment, period=period
    )


def icon(name: str, label: str | None = None, cls: str = "") -> Markup:
    """One picture from the icon sprite. With a label it speaks for itself, without one it is decoration."""
    return _icon(name, label and str(label), cls, vendor("icons.svg"))


@functools.lru_cache(maxsize=1024)
def _icon(name: str, label: str | None, cls: str, sprite: str) -> Markup:
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    drawn = Markup('<svg class="{}" {} focusable="false"><use href="{}#{}"></use></svg>')
    return drawn.format(f"icon {cls}".rstrip(), spoken, sprite, name)


def time_day(day: date | None) -> Markup:
    """22 November 2026; nothing for no day."""
    return TIME.format("", day.isoformat(), i18n.format_day(day)) if day else Markup()


def time_short(day: date | None) -> Markup:
    """22 Nov 2026, never broken over two lines; nothing for no day."""
    return _short(day, i18n.language()) if day else Markup()


@functools.lru_cache(maxsize=4096)
def _short(day: date, _language: str) -> Markup:
    return TIME.format(UNBROKEN, day.isoformat(), i18n.format_day_short(day))


def time_moment(moment: datetime | None) -> Markup:
    """22 November 2026, 06.54 WIB; nothing for no moment."""
    return TIME.format("", moment.isoformat(), i18n.format_moment(moment)) if moment else Markup()


def period(first: date, last: date | None = None) -> Markup:
    """First to last day, both included; an open end says so."""
    return _period(first, last, i18n.language())


@functools.lru_cache(maxsize=4096)
def _period(first: date, last: date | None, language: str) -> Markup:
    if last:
        return _short(first, language) + " – " + _short(last, language)
    return escape(i18n.gettext("sejak")) + " " + _short(first, language)
