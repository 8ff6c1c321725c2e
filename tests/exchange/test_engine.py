"""The engine: a row that the database refuses stands alone, batches stay short, nothing is half written."""

from __future__ import annotations

import time

from sqlalchemy import func, select, text

from marketplace.db import db
from marketplace.importing.engine import LONG_S
from marketplace.regions import services
from marketplace.regions.models import Region

HEADER = ["code", "name"]


def names_like(pattern: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Region).where(Region.name.like(pattern))) or 0


def test_a_row_that_only_the_database_refuses_is_refused_alone(bring_in, monkeypatch):
    whole = services.name_places

    def strict(session, names):
        if "Tidak Muat Sama Sekali" in names.values():
            session.execute(text("INSERT INTO regions (code, name, level) VALUES ('99', 'x', 9)"))
        whole(session, names)

    monkeypatch.setattr(services, "name_places", strict)
    rows = [[f"33.72.01.{n}", f"Uji {n}"] for n in range(5000, 5060)]
    rows[37][1] = "Tidak Muat Sama Sekali"
    ran = bring_in("regions", [HEADER, *rows])
    assert ran.counts == {"created": 59, "updated": 0, "unchanged": 0, "refused": 1}
    assert "Baris 39 ditolak" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (names_like("Uji %"), names_like("Tidak Muat Sama Sekali")) == (59, 0)
    _forget()


def test_batches_shrink_when_the_database_is_slow(bring_in, monkeypatch):
    sizes: list[int] = []
    whole = services.name_places

    def slow(session, names):
        sizes.append(len(names))
        time.sleep(0.004 * len(names))
        whole(session, names)

    monkeypatch.setattr(services, "name_places", slow)
    rows = [[f"33.72.01.{n}", f"Uji {n}"] for n in range(5000, 5900)]
    assert bring_in("regions", [HEADER, *rows]).counts["created"] == 900
    assert sizes[0] == 250
    assert all(size * 0.004 < 2 * LONG_S for size in sizes[1:])
    _forget()


def _forget() -> None:
    """Leave the reference table as it was: other tests share it on PostgreSQL."""
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM regions WHERE name LIKE 'Uji %'"))
