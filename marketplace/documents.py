"""Papers: gapless numbers, PDF pages from templates, QR codes, and what the public may ask about them."""

from __future__ import annotations

import atexit
import base64
import functools
import io
import json
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import segno
from flask import Flask, current_app
from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from .db import Base, insert_into, is_postgres
from .fonts import FAMILY, unpacked

EXTENSION = "etalase_verifiers"
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16
_typesetting = threading.Lock()


class DocumentSequence(Base):
    """The last number given in one series (an office's reports of one year, and the like)."""

    __tablename__ = "document_sequences"

    series: Mapped[str] = mapped_column(String(100), primary_key=True)
    last_number: Mapped[int] = mapped_column(Integer)


def next_number(session: Session, series: str) -> int:
    """The next number of a series, from 1, without gaps: it is given back if the unit rolls back.

    The row stays locked until the unit ends, so two papers never get one number.
    """
    statement = insert_into(session, DocumentSequence).values(series=series, last_number=1)
    statement = statement.on_conflict_do_update(
        index_elements=["series"], set_={"last_number": DocumentSequence.last_number + 1}
    ).returning(DocumentSequence.last_number)
    return int(session.execute(statement).scalar_one())


NUMBERS_SQLITE = """INSERT INTO document_sequences (series, last_number)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?) WHERE true
    ON CONFLICT (series) DO UPDATE SET last_number = document_sequences.last_number + excluded.last_number
    RETURNING series, last_number"""
NUMBERS_POSTGRES = """INSERT INTO document_sequences (series, last_number)
    SELECT value ->> 0, (value ->> 1)::integer FROM json_array_elements(%s) WITH ORDINALITY AS w(value, turn)
    ORDER BY turn
    ON CONFLICT (series) DO UPDATE SET last_number = document_sequences.last_number + excluded.last_number
    RETURNING series, last_number"""


def take_numbers(session: Session, wanted: Mapping[str, int]) -> dict[str, int]:
    """The first of so many next numbers of each series, without gaps; the series are locked in one order."""
    rows = [(series, count) for series, count in sorted(wanted.items()) if count]
    if not rows:
        return {}
    session.flush()
    statement = NUMBERS_POSTGRES if is_postgres(session) else NUMBERS_SQLITE
    given = session.connection().exec_driver_sql(statement, (json.dumps(rows),))
    return {series: int(last) - wanted[series] + 1 for series, last in given.all()}


def new_code() -> str:
    """A code that nobody guesses, for a paper's public page: it is printed and may be typed by hand."""
    return "".join(CODE_ALPHABET[byte & 31] for byte in secrets.token_bytes(CODE_LENGTH))


@dataclass(frozen=True)
class Verified:
    """What anyone who holds a genuine paper may compare with it.

    `facts` are (label, value) as they stand on the paper. `is_whole`: what is stored still has its hash.
    `notes` are (kind of note, sentence): it was corrected, ended, taken back. `partial` is a template
    that shows more, with `context`.
    """

    heading: str
    lead: str
    facts: Sequence[tuple[str, Any]]
    is_whole: bool = True
    notes: Sequence[tuple[str, str]] = ()
    partial: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


Verifier = Callable[[str], Verified | None]


def register_verifier(app: Flask, lookup: Verifier) -> Verifier:
    """Register what knows one kind of paper by the code under its QR code; None for a code not its own."""
    app.extensions.setdefault(EXTENSION, []).append(lookup)
    return lookup


def verify(code: str) -> Verified | None:
    """The paper that a code belongs to, whichever area issued it."""
    return next(
        (found for lookup in current_app.extensions.get(EXTENSION, ()) if (found := lookup(code))), None
    )


def qr_svg(text: str) -> str:
    """A QR code as an inline SVG element without a size of its own."""
    buffer = io.BytesIO()
    look = {"border": 0, "dark": "#241a13", "svgclass": "qr", "lineclass": None}
    segno.make(text, error="m").save(buffer, kind="svg", xmldecl=False, omitsize=True, **look)
    return buffer.getvalue().decode()


def pdf(html: str) -> bytes:
    """A PDF of a whole HTML page that needs nothing from the network."""
    from weasyprint import HTML  # noqa: PLC0415 - pango is loaded only where a paper is made

    page = HTML(string=html, url_fetcher=_refuse_fetch)
    with _typesetting:
        fonts, styles = _typeface()
        document: bytes = page.write_pdf(stylesheets=styles, font_config=fonts)
    return document


@functools.cache
def _typeface() -> tuple[Any, list[Any]]:
    """The product's own face, whatever fonts the machine has; made ready once, used by one at a time."""
    from weasyprint import CSS  # noqa: PLC0415 - as above
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - as above

    fonts, styles, face = FontConfiguration(), [], unpacked()
    if face is not None:
        source = f"src: url(data:font/ttf;base64,{base64.b64encode(face).decode()})"
        rule = f'@font-face {{ font-family: "{FAMILY}"; font-weight: 200 800; {source} }}'
        # The face makes a dash of a hyphen between digits; a number of a paper keeps what it is.
        rule += " html { font-variant-ligatures: no-contextual }"
        styles.append(CSS(string=rule, font_config=fonts))
    return fonts, styles


atexit.register(_typeface.cache_clear)  # while the libraries that unload it are still there


def _refuse_fetch(url: str, *_args: object, **_kwargs: object) -> Any:
    """Nothing but what stands in the page itself, such as a photo."""
    if url.startswith("data:image/"):
        from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above

        return URLFetcher(allowed_protocols=("data",))(url)
    raise ValueError(f"a paper must not fetch {url[:40]}")
