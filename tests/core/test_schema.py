"""What the migrations make is what the models say, on both databases, and they run both ways."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, inspect, text

from marketplace.db import Base, db, is_postgres
from tests import factories


def test_the_migrations_make_what_the_models_say(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_is_in_the_database_by_name(app: Flask) -> None:
    with db.engine.connect() as connection:
        inspector = inspect(connection)
        for table in Base.metadata.sorted_tables:
            wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
            found = {check["name"] for check in inspector.get_check_constraints(table.name)}
            assert wanted <= found, f"{table.name} misses {wanted - found}"
            assert None not in found, f"{table.name} has a check without a name"


def test_migrations_run_both_ways_over_data(app: Flask) -> None:
    place, maker = factories.outlet(), factories.seller()
    factories.agreement(place, maker)
    factories.product(maker)
    factories.regulation()
    before = _objects()
    db.session.remove()
    downgrade(revision="base")
    assert _objects() <= {("table", "alembic_version"), ("index", "alembic_version_pkc")}
    upgrade()
    assert _objects() == before
    assert db.session.execute(text("SELECT count(*) FROM regions")).scalar_one() > 90_000


def _objects() -> set[tuple[Any, ...]]:
    """Every table, index and trigger by name."""
    if is_postgres():
        query = """
            SELECT 'table', tablename FROM pg_tables WHERE schemaname = 'public'
            UNION SELECT 'index', indexname FROM pg_indexes WHERE schemaname = 'public'
            UNION SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
            UNION SELECT 'function', proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
                  WHERE n.nspname = 'public'"""
    else:
        query = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    found = {tuple(row) for row in db.session.execute(text(query))}
    db.session.rollback()
    return found
