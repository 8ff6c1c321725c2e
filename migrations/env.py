"""Alembic's entry: migrates whatever database the app is set to use."""

from __future__ import annotations

from alembic import context
from flask import current_app

from marketplace.db import Base, db

target_metadata = Base.metadata


def run() -> None:
    """Run the migrations over one connection, each in a transaction of its own."""
    engine = db.engine
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection = connection.execution_options(etalase_write=True)
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations run against a live database only")
assert current_app
run()
