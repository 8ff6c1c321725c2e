"""Language: Indonesian as written in the code, English by a switch; days, times and numbers in words."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from gettext import NullTranslations
from typing import Any

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, LazyString, force_locale, get_domain

from .clock import WIB
from .money import format_whole

LOCALES = ("id", "en")

__all__ = ["LOCALES", "N_", "_", "init_app", "ngettext"]


def gettext(text: str, /, **values: Any) -> str:
    """The text in the reader's language, with its values put in.

    Flask-Babel's own asks for the request's context nine times; a page says some three hundred texts.
    """
    said = _translated(text)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The same for one or for many; `num` is put in as well."""
    return _translated_of(one, many, num) % {"num": num, **values}


def N_(text: str, /, **values: Any) -> LazyString:  # noqa: N802 - the name that every catalogue tool knows
    """A text that is said later, in the language of whoever reads it then."""
    return LazyString(gettext, text, **values)


_ = gettext


def _translated(text: str) -> str:
    catalogue = _catalogue()
    return text if catalogue is None else catalogue.gettext(text)


def _translated_of(one: str, many: str, num: int) -> str:
    catalogue = _catalogue()
    if catalogue is None:
        return one if num == 1 else many
    return catalogue.ngettext(one, many, num)


def _catalogue() -> NullTranslations | None:
    """The translations into the reader's language; None for the language that the code is written in."""
    said = language()
    return None if said == LOCALES[0] else _translations(said)


@functools.cache
def _translations(_language: str) -> NullTranslations:
    found: NullTranslations = get_domain().get_translations()
    return found


MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}
SHORT_MONTHS = {
    "id": "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split(),
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
}
WEEKDAYS = {
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
}


def init_app(app: Flask) -> None:
    """Choose the language for each request: ?lang= (kept), the session, the user's own, Indonesian."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "id")
    Babel(app, locale_selector=choose_locale, timezone_selector=lambda: "Asia/Jakarta")
    templates: Any = app.jinja_env
    templates.install_gettext_callables(_translated, _translated_of, newstyle=True)
    templates.globals["_"] = templates.globals["gettext"]


def choose_locale() -> str:
    """The language of this request."""
    if not has_request_context():
        return "id"
    asked = request.args.get("lang")
    if asked in LOCALES:
        session["lang"] = asked
        return asked
    kept = session.get("lang") or getattr(g.get("actor"), "locale", None)
    return kept if kept in LOCALES else "id"


def language() -> str:
    """'id' or 'en': chosen once a request, for a page asks for it hundreds of times."""
    try:
        chosen: str = g.language
    except RuntimeError:  # there is no app here
        return LOCALES[0]
    except AttributeError:
        chosen = g.language = choose_locale()
    return chosen


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Say everything inside in this language, whoever reads the page: mail, issued papers."""
    before = g.get("language")
    g.language = wanted
    try:
        with force_locale(wanted):
            yield
    finally:
        if before is None:
            g.pop("language")
        else:
            g.language = before


def format_day(day: date) -> str:
    """22 November 2026."""
    return f"{day.day} {MONTHS[language()][day.month - 1]} {day.year}"


def format_day_short(day: date) -> str:
    """22 Nov 2026."""
    return f"{day.day} {SHORT_MONTHS[language()][day.month - 1]} {day.year}"


def format_month(day: date) -> str:
    """November 2026."""
    return f"{MONTHS[language()][day.month - 1]} {day.year}"


def format_month_name(month: int) -> str:
    """November, for 11."""
    return MONTHS[language()][month - 1]


def format_month_short(day: date) -> str:
    """Nov."""
    return SHORT_MONTHS[language()][day.month - 1]


def format_weekday(day: date) -> str:
    """Minggu, 22 November 2026."""
    return f"{WEEKDAYS[language()][day.weekday()]}, {format_day(day)}"


def format_time(moment: datetime) -> str:
    """06.54 WIB."""
    return moment.astimezone(WIB).strftime("%H.%M WIB")


def format_moment(moment: datetime) -> str:
    """22 November 2026, 06.54 WIB."""
    return f"{format_day(moment.astimezone(WIB).date())}, {format_time(moment)}"


def format_number(number: int | float | Decimal, digits: int = 0) -> str:
    """1.234 or, with digits, 1.234,5; in English 1,234.5."""
    if isinstance(number, int) and not digits:
        text = format_whole(number)
    else:
        text = f"{number:,.{digits}f}".translate(str.maketrans(",.", ".,"))
    return text if language() == "id" else text.translate(str.maketrans(",.", ".,"))


def format_percent(share: float, digits: int = 1) -> str:
    """A share of one as 68,2 %."""
    return f"{format_number(share * 100, digits)}\u00a0%"
