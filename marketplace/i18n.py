"""Language: Indonesian as written in the code, English by a switch; days, times and numbers in words."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_locale, gettext, lazy_gettext, ngettext

from .clock import WIB
from .money import format_whole

LOCALES = ("id", "en")
_ = gettext
N_ = lazy_gettext

__all__ = ["LOCALES", "N_", "_", "init_app", "ngettext"]

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
    """'id' or 'en'."""
    locale = get_locale()
    return locale.language if locale and locale.language in LOCALES else "id"


def format_day(day: date) -> str:
    """22 November 2026."""
    return f"{day.day} {MONTHS[language()][day.month - 1]} {day.year}"


def format_day_short(day: date) -> str:
    """22 Nov 2026."""
    return f"{day.day} {SHORT_MONTHS[language()][day.month - 1]} {day.year}"


def format_month(day: date) -> str:
    """November 2026."""
    return f"{MONTHS[language()][day.month - 1]} {day.year}"


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
