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
