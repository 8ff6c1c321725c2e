"""Papers: gapless numbers, PDF pages from templates, QR codes."""

from __future__ import annotations

import io

import segno
from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from .db import Base, insert_into


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


def qr_svg(text: str) -> str:
    """A QR code as an inline SVG element without a size of its own."""
    buffer = io.BytesIO()
    look = {"border": 0, "dark": "#241a13", "svgclass": "qr", "lineclass": None}
    segno.make(text, error="m").save(buffer, kind="svg", xmldecl=False, omitsize=True, **look)
    return buffer.getvalue().decode()


def pdf(html: str) -> bytes:
    """A PDF of a whole HTML page that needs nothing from the network."""
    from weasyprint import HTML  # noqa: PLC0415 - pango is loaded only where a paper is made

    document: bytes = HTML(string=html, url_fetcher=_refuse_fetch).write_pdf()
    return document


def _refuse_fetch(url: str, *_args: object, **_kwargs: object) -> dict[str, object]:
    raise ValueError(f"a paper must not fetch {url[:40]}")
