"""Compliance: regulations, standings and issued reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0074"

REPORTS = "issued_reports"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "evidence_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_changes")),
    )
    op.create_index("ix_evidence_changes_outlet_id", "evidence_changes", ["outlet_id"], unique=False)
    op.create_table(
        "regulations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("regulation_ref", sa.String(length=64), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("outlet_kinds", sa.JSON(), nullable=False),
        sa.Column("counted_bases", sa.JSON(), nullable=False),
        sa.Column("min_sellers", sa.Integer(), nullable=False),
        sa.Column("binding", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("display_window_days", sa.Integer(), nullable=False),
        sa.Column("outright_window_days", sa.Integer(), nullable=False),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("is_text_verified", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("binding IN ('mandatory', 'target')", name=op.f("ck_regulations_binding")),
        sa.CheckConstraint(
            "display_window_days >= 0 AND outright_window_days >= 0 AND grace_days >= 0",
            name=op.f("ck_regulations_windows"),
        ),
        sa.CheckConstraint("min_sellers >= 0", name=op.f("ck_regulations_min_sellers")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_regulations_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regulations")),
        sa.UniqueConstraint("regulation_ref", name=op.f("uq_regulations_regulation_ref")),
    )
    op.create_table(
        "standing_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_standing_days")),
    )
    op.create_table(
        "standings",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "outlet_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("regulation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("binding", sa.String(length=10), nullable=True),
        sa.Column("required", sa.Integer(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_standings_outlet_id")),
        sa.ForeignKeyConstraint(
            ["regulation_id"], ["regulations.id"], name=op.f("fk_standings_regulation_id")
        ),
        sa.PrimaryKeyConstraint("day", "outlet_id", name=op.f("pk_standings")),
    )
    op.create_index("ix_standings_outlet_id", "standings", ["outlet_id"], unique=False)
    op.create_index(
        "ix_standings_totals",
        "standings",
        ["day", "binding", "status", "region_code", "required", "counted"],
        unique=False,
    )
    op.create_table(
        "issued_reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("verify_code", sa.String(length=32), nullable=False),
        sa.Column("office_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("office_name", sa.String(length=300), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.BigInteger(), nullable=True),
        sa.Column("signed_by_name", sa.String(length=300), nullable=False),
        sa.Column("signed_by_title", sa.String(length=300), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inputs_hash", sa.String(length=64), nullable=False),
        sa.Column("regulations", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("rows_json", sa.LargeBinary(), nullable=False),
        sa.Column("rows_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["issued_reports.id"], name=op.f("fk_issued_reports_corrects_id")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_issued_reports_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_reports")),
        sa.UniqueConstraint("number", name="uq_issued_reports_number"),
        sa.UniqueConstraint("verify_code", name="uq_issued_reports_verify_code"),
    )
    op.create_index("ix_issued_reports_office_id", "issued_reports", ["office_id", "as_of"], unique=False)
    _guard_reports()


def _guard_reports() -> None:
    """An issued report is only ever added: the database refuses to change or remove one."""
    sentence = "an issued report is never changed or removed: issue another that corrects it"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""CREATE FUNCTION refuse_change_of_report() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '{sentence}'; END $$"""
        )
        for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {REPORTS}_refuse_{verb.lower()} BEFORE {verb} ON {REPORTS} "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change_of_report()"
            )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {REPORTS}_refuse_{verb.lower()} BEFORE {verb} ON {REPORTS} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    # INSERT OR REPLACE deletes without a DELETE trigger unless recursive_triggers is on: refuse it by itself.
    taken = "id = NEW.id OR number = NEW.number OR verify_code = NEW.verify_code"
    op.execute(
        f"CREATE TRIGGER {REPORTS}_refuse_replace BEFORE INSERT ON {REPORTS} "
        f"WHEN EXISTS (SELECT 1 FROM {REPORTS} WHERE {taken}) "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )


def _unguard_reports() -> None:
    is_postgres = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", "truncate" if is_postgres else "replace"):
        op.execute(f"DROP TRIGGER {REPORTS}_refuse_{verb}" + (f" ON {REPORTS}" if is_postgres else ""))
    if is_postgres:
        op.execute("DROP FUNCTION refuse_change_of_report()")


def downgrade() -> None:
    """Drop the tables."""
    _unguard_reports()
    op.drop_index("ix_issued_reports_office_id", table_name="issued_reports")
    op.drop_table("issued_reports")
    op.drop_index("ix_standings_totals", table_name="standings")
    op.drop_index("ix_standings_outlet_id", table_name="standings")
    op.drop_table("standings")
    op.drop_table("standing_days")
    op.drop_table("regulations")
    op.drop_index("ix_evidence_changes_outlet_id", table_name="evidence_changes")
    op.drop_table("evidence_changes")
