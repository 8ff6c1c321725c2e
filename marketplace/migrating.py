"""What migrations share: guards by which the database itself keeps a table append-only."""

from __future__ import annotations

from alembic import op


def guard(table: str, *, same_row: tuple[str, ...] = ("id = NEW.id",)) -> None:
    """Let the database refuse every change and deletion of a row of `table`.

    `same_row` are the tests by which SQLite finds a row that INSERT OR REPLACE would delete: one for the
    primary key and one for each unique constraint, written with NEW.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""CREATE FUNCTION refuse_change_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END $$"""
        )
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_{table}()"
            )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END"
        )
    same = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {test})" for test in same_row)  # noqa: S608
    op.execute(
        f"CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table} WHEN {same} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this row is recorded already'); END"
    )


def unguard(table: str) -> None:
    """Take the guards away, so that the table can go."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", "truncate" if postgres else "replace"):
        op.execute(f"DROP TRIGGER {table}_refuse_{verb}" + (f" ON {table}" if postgres else ""))
    if postgres:
        op.execute(f"DROP FUNCTION refuse_change_of_{table}()")


def replace_check(table: str, name: str, old: str, new: str) -> None:
    """Let a named check of a table hold `new` instead of `old`, both as they stand in its definition.

    On SQLite the definition itself is edited, as its documentation says for checks that only widen: the
    table, its rows, indexes and triggers stay (docs/decisions/0001 on batch mode, which would lose them).
    """
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({new})")
        return
    _redefine(table, f"CONSTRAINT {name} CHECK ({old})", f"CONSTRAINT {name} CHECK ({new})")


def allow_null(table: str, column: str, kind: str = "INTEGER") -> None:
    """Let a column be empty. On SQLite its definition is edited, as `replace_check` does; `kind` is its type
    there."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")
    else:
        _redefine(table, f"{column} {kind} NOT NULL", f"{column} {kind}")


def refuse_null(table: str, column: str, kind: str = "INTEGER") -> None:
    """The opposite of `allow_null`, for a column that holds none."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")
    else:
        _redefine(table, f"\t{column} {kind},", f"\t{column} {kind} NOT NULL,")


def _redefine(table: str, was: str, becomes: str) -> None:
    """Edit the definition of a table of SQLite, in which `was` stands once."""
    bind = op.get_bind()
    find = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    before = bind.exec_driver_sql(find, (table,)).scalar_one()
    if before.count(was) != 1:
        raise RuntimeError(f"{table} does not say once: {was}")
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.exec_driver_sql(
        "UPDATE sqlite_master SET sql = ? WHERE type = 'table' AND name = ?",
        (before.replace(was, becomes), table),
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")
