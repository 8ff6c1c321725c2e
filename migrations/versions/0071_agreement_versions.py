"""Placements: versions of agreements, annexes, written papers, requests to replace a seller, trading law.

Every agreement so far becomes its own version 1.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard
from marketplace.placements import reference

revision = "0071"
down_revision = "0070"

VERSIONS = "agreement_versions"
FIRST_VERSIONS = """
INSERT INTO agreement_versions (
    agreement_id, number, state, basis, valid_from, starts_on, ends_on, commission_basis, commission_percent,
    loss_borne_by, expiry_borne_by, settlement_cycle, due_days, report_cycle_days, price_notice_days,
    end_notice_days, display_place, fees, terms, proposed_by_side, reply_by, group_code, answer_reason, created_at
)
SELECT id, 1, state, basis, starts_on, starts_on, ends_on,
    CASE WHEN commission_percent IS NULL THEN 'none' ELSE 'percent_of_retail' END, commission_percent,
    'outlet', 'seller', 'monthly', COALESCE(settlement_days, 14), 7, 30, 0, '', '[]', '', proposed_by_side,
    reply_by, '', '', created_at
FROM agreements
"""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "agreement_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("commission_basis", sa.String(length=20), nullable=False),
        sa.Column("commission_percent", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("commission_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("loss_borne_by", sa.String(length=8), nullable=False),
        sa.Column("expiry_borne_by", sa.String(length=8), nullable=False),
        sa.Column("settlement_cycle", sa.String(length=16), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("report_cycle_days", sa.Integer(), nullable=False),
        sa.Column("min_life_days", sa.Integer(), nullable=True),
        sa.Column("return_window_days", sa.Integer(), nullable=True),
        sa.Column("price_notice_days", sa.Integer(), nullable=False),
        sa.Column("end_notice_days", sa.Integer(), nullable=False),
        sa.Column("display_place", sa.String(length=200), nullable=False),
        sa.Column("fees", sa.JSON(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("proposed_by_side", sa.String(length=8), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply_by", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("group_code", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(commission_basis = 'fixed_per_unit') = (commission_rupiah IS NOT NULL)",
            name=op.f("ck_agreement_versions_commission_rupiah_given"),
        ),
        sa.CheckConstraint(
            "(commission_basis = 'percent_of_retail') = (commission_percent IS NOT NULL)",
            name=op.f("ck_agreement_versions_commission_percent_given"),
        ),
        sa.CheckConstraint("basis IN ('consignment', 'outright')", name=op.f("ck_agreement_versions_basis")),
        sa.CheckConstraint(
            "commission_basis IN ('percent_of_retail', 'fixed_per_unit', 'net_price', 'none')",
            name=op.f("ck_agreement_versions_commission_basis"),
        ),
        sa.CheckConstraint(
            "expiry_borne_by IN ('outlet', 'seller')", name=op.f("ck_agreement_versions_expiry_borne_by")
        ),
        sa.CheckConstraint(
            "loss_borne_by IN ('outlet', 'seller')", name=op.f("ck_agreement_versions_loss_borne_by")
        ),
        sa.CheckConstraint(
            "settlement_cycle IN ('weekly', 'twice_monthly', 'monthly')",
            name=op.f("ck_agreement_versions_settlement_cycle"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'countered', 'declined', 'withdrawn')",
            name=op.f("ck_agreement_versions_state"),
        ),
        sa.CheckConstraint(
            "commission_percent BETWEEN 0 AND 100", name=op.f("ck_agreement_versions_commission_percent")
        ),
        sa.CheckConstraint("commission_rupiah >= 0", name=op.f("ck_agreement_versions_commission_rupiah")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 366", name=op.f("ck_agreement_versions_due_days")),
        sa.CheckConstraint(
            "end_notice_days BETWEEN 0 AND 366", name=op.f("ck_agreement_versions_end_notice_days")
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_agreement_versions_days")
        ),
        sa.CheckConstraint("min_life_days >= 0", name=op.f("ck_agreement_versions_min_life_days")),
        sa.CheckConstraint("price_notice_days >= 0", name=op.f("ck_agreement_versions_price_notice_days")),
        sa.CheckConstraint(
            "report_cycle_days BETWEEN 1 AND 366", name=op.f("ck_agreement_versions_report_cycle_days")
        ),
        sa.CheckConstraint("return_window_days >= 0", name=op.f("ck_agreement_versions_return_window_days")),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_versions_agreement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_versions")),
        sa.UniqueConstraint("agreement_id", "number", name="uq_agreement_versions_number"),
    )
    op.create_index(
        "ix_agreement_versions_in_force",
        "agreement_versions",
        ["agreement_id", "state", "valid_from"],
        unique=False,
    )
    op.create_index(
        "ix_agreement_versions_reply_by",
        "agreement_versions",
        ["reply_by"],
        unique=False,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index(
        "uq_agreement_versions_waiting",
        "agreement_versions",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "agreement_version_products",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("retail_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("net_price_rupiah", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("net_price_rupiah >= 0", name=op.f("ck_agreement_version_products_net_price")),
        sa.CheckConstraint(
            "retail_price_rupiah >= 0", name=op.f("ck_agreement_version_products_retail_price")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_agreement_version_products_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_versions.id"], name=op.f("fk_agreement_version_products_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "product_id", name=op.f("pk_agreement_version_products")),
    )
    op.create_table(
        "agreement_papers",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("verify_code", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_versions.id"], name=op.f("fk_agreement_papers_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_agreement_papers")),
        sa.UniqueConstraint("number", name="uq_agreement_papers_number"),
        sa.UniqueConstraint("verify_code", name="uq_agreement_papers_verify_code"),
    )
    op.create_table(
        "agreement_paper_files",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("file_key", sa.String(length=200), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_papers.version_id"], name=op.f("fk_agreement_paper_files_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_agreement_paper_files")),
    )
    op.create_table(
        "replacement_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("instead", sa.Text(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name=op.f("ck_replacement_requests_answered")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'declined', 'withdrawn')",
            name=op.f("ck_replacement_requests_state"),
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_replacement_requests_agreement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replacement_requests")),
    )
    op.create_index(
        "ix_replacement_requests_agreement_id", "replacement_requests", ["agreement_id"], unique=False
    )
    op.create_index(
        "uq_replacement_requests_open",
        "replacement_requests",
        ["agreement_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.execute(FIRST_VERSIONS)
    guard_versions()
    guard(
        "agreement_version_products",
        same_row=("version_id = NEW.version_id AND product_id = NEW.product_id",),
    )
    guard(
        "agreement_papers",
        same_row=("version_id = NEW.version_id", "number = NEW.number", "verify_code = NEW.verify_code"),
    )
    guard("agreement_paper_files", same_row=("version_id = NEW.version_id",))
    reference.load(op.get_bind())


def guard_versions() -> None:
    """Let the database refuse to change a version that was answered, and to delete any."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE FUNCTION refuse_change_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'an answered version of an agreement is kept as it is: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END $$"""
        )
        op.execute(
            f"CREATE TRIGGER {VERSIONS}_refuse_update BEFORE UPDATE ON {VERSIONS} FOR EACH ROW "
            "WHEN (OLD.state <> 'proposed') EXECUTE FUNCTION refuse_change_of_version()"
        )
        for verb in ("DELETE", "TRUNCATE"):
            op.execute(
                f"CREATE TRIGGER {VERSIONS}_refuse_{verb.lower()} BEFORE {verb} ON {VERSIONS} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_version()"
            )
        return
    sentence = "an answered version of an agreement is kept as it is"
    op.execute(
        f"CREATE TRIGGER {VERSIONS}_refuse_update BEFORE UPDATE ON {VERSIONS} WHEN OLD.state <> 'proposed' "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}: UPDATE refused'); END"
    )
    op.execute(
        f"CREATE TRIGGER {VERSIONS}_refuse_delete BEFORE DELETE ON {VERSIONS} "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}: DELETE refused'); END"
    )
    same = (
        f"EXISTS (SELECT 1 FROM {VERSIONS} WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM {VERSIONS} "
        "WHERE agreement_id = NEW.agreement_id AND number = NEW.number)"
    )
    op.execute(
        f"CREATE TRIGGER {VERSIONS}_refuse_replace BEFORE INSERT ON {VERSIONS} WHEN {same} "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}: this one is recorded already'); END"
    )


def unguard_versions() -> None:
    """Take the guard away, so that the table can go."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", "truncate" if postgres else "replace"):
        op.execute(f"DROP TRIGGER {VERSIONS}_refuse_{verb}" + (f" ON {VERSIONS}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION refuse_change_of_version()")


def downgrade() -> None:
    """Drop the tables."""
    reference.unload(op.get_bind())
    unguard("agreement_paper_files")
    unguard("agreement_papers")
    unguard("agreement_version_products")
    unguard_versions()
    op.drop_index("ix_replacement_requests_agreement_id", table_name="replacement_requests")
    op.drop_index(
        "uq_replacement_requests_open",
        table_name="replacement_requests",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("replacement_requests")
    op.drop_table("agreement_paper_files")
    op.drop_table("agreement_papers")
    op.drop_table("agreement_version_products")
    op.drop_index("ix_agreement_versions_in_force", table_name="agreement_versions")
    op.drop_index(
        "ix_agreement_versions_reply_by",
        table_name="agreement_versions",
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_index(
        "uq_agreement_versions_waiting",
        table_name="agreement_versions",
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_table("agreement_versions")
