"""Orders: parcels of several makers' goods, who is PKP, yearly turnover; what the law says of both."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

from marketplace.migrating import guard, unguard

revision = "0140"
down_revision = "0130"

GUARDED = {
    "seller_tax_facts": ("id = NEW.id",),
    "parcel_components": (
        "version_id = NEW.version_id AND position = NEW.position",
        "version_id = NEW.version_id AND product_id = NEW.product_id",
    ),
    "order_line_parcels": ("order_line_id = NEW.order_line_id",),
    "payment_receipts": (
        "payment_id = NEW.payment_id",
        "seller_id = NEW.seller_id AND number = NEW.number",
        "code = NEW.code",
    ),
}
"""Tables to which rows are only ever added, and how SQLite knows a row that REPLACE would delete."""

LAST_DAY = date(9999, 12, 31)
UNREAD = "(naskah belum diperiksa)"
RATE = f"UU 7/2021 tentang PPN {UNREAD}"
FRACTION = f"PMK 131/2024: dasar pengenaan pajak nilai lain 11/12 {UNREAD}"
FREE = f"PP 55/2022: Rp500 juta pertama setahun milik orang pribadi {UNREAD}"
PKP = f"PMK 197/2013: pengusaha kecil paling banyak Rp4,8 miliar setahun {UNREAD}"
# key, value, unit, first day, first day without it, citation
PARAMETERS = (
    ("vat_percent", 11, "percent", date(2022, 4, 1), date(2025, 1, 1), RATE),
    ("vat_percent", 12, "percent", date(2025, 1, 1), LAST_DAY, RATE),
    ("vat_base_numerator", 1, "part", date(2022, 4, 1), date(2025, 1, 1), RATE),
    ("vat_base_numerator", 11, "part", date(2025, 1, 1), LAST_DAY, FRACTION),
    ("vat_base_denominator", 1, "part", date(2022, 4, 1), date(2025, 1, 1), RATE),
    ("vat_base_denominator", 12, "part", date(2025, 1, 1), LAST_DAY, FRACTION),
    ("turnover_free_rupiah", 500_000_000, "rupiah", date(2022, 1, 1), LAST_DAY, FREE),
    ("turnover_pkp_rupiah", 4_800_000_000, "rupiah", date(2014, 1, 1), LAST_DAY, PKP),
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "seller_tax_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("is_pkp", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("recorder_name", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_seller_tax_facts_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_tax_facts")),
    )
    op.create_index(
        "ix_seller_tax_facts_seller_id", "seller_tax_facts", ["seller_id", "valid_from", "id"], unique=False
    )
    op.create_table(
        "parcels",
        sa.Column(
            "product_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("takes_card", sa.Boolean(), nullable=False),
        sa.Column("order_from", sa.Date(), nullable=True),
        sa.Column("order_until", sa.Date(), nullable=True),
        sa.Column("season_from", sa.Date(), nullable=True),
        sa.Column("season_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("order_from <= order_until", name=op.f("ck_parcels_order_days")),
        sa.CheckConstraint("season_from <= season_to", name=op.f("ck_parcels_season")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_parcels_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_parcels")),
    )
    op.create_table(
        "parcel_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("least_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("assembly_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("components_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("proposer_name", sa.String(length=300), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (ended_at IS NULL AND accepted_at IS NULL)",
            name=op.f("ck_parcel_versions_proposed"),
        ),
        sa.CheckConstraint("state <> 'accepted' OR ended_at IS NULL", name=op.f("ck_parcel_versions_ended")),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'refused', 'withdrawn', 'replaced')",
            name=op.f("ck_parcel_versions_state"),
        ),
        sa.CheckConstraint("least_rupiah BETWEEN 0 AND price_rupiah", name=op.f("ck_parcel_versions_least")),
        sa.CheckConstraint(
            "price_rupiah = assembly_rupiah + components_rupiah", name=op.f("ck_parcel_versions_sum")
        ),
        sa.CheckConstraint(
            "price_rupiah > 0 AND assembly_rupiah >= 0 AND components_rupiah >= 0",
            name=op.f("ck_parcel_versions_price"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["parcels.product_id"], name=op.f("fk_parcel_versions_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel_versions")),
        sa.UniqueConstraint("product_id", "number", name="uq_parcel_versions_number"),
    )
    op.create_index(
        "uq_parcel_versions_accepted",
        "parcel_versions",
        ["product_id"],
        unique=True,
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "uq_parcel_versions_proposed",
        "parcel_versions",
        ["product_id"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "parcel_components",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("share_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_parcel_components_quantity")),
        sa.CheckConstraint("share_rupiah >= 0", name=op.f("ck_parcel_components_share")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_parcel_components_product_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_parcel_components_seller_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["parcel_versions.id"], name=op.f("fk_parcel_components_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_parcel_components")),
        sa.UniqueConstraint("version_id", "product_id", name="uq_parcel_components_product_id"),
    )
    op.create_index("ix_parcel_components_product_id", "parcel_components", ["product_id"], unique=False)
    op.create_table(
        "parcel_consents",
        sa.Column(
            "version_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "seller_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answerer_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(is_accepted IS NULL) = (answered_at IS NULL)", name=op.f("ck_parcel_consents_answered")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_parcel_consents_seller_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["parcel_versions.id"], name=op.f("fk_parcel_consents_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "seller_id", name=op.f("pk_parcel_consents")),
    )
    op.create_index(
        "ix_parcel_consents_seller_id", "parcel_consents", ["seller_id", "version_id"], unique=False
    )
    op.create_table(
        "order_line_parcels",
        sa.Column(
            "order_line_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_order_line_parcels_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["parcel_versions.id"], name=op.f("fk_order_line_parcels_version_id")
        ),
        sa.PrimaryKeyConstraint("order_line_id", name=op.f("pk_order_line_parcels")),
    )
    op.create_index("ix_order_line_parcels_version_id", "order_line_parcels", ["version_id"], unique=False)
    op.create_table(
        "other_sales",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=120), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("recorder_name", sa.String(length=300), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("channel <> ''", name=op.f("ck_other_sales_channel")),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_other_sales_amount")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_other_sales_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_sales")),
    )
    op.create_index("ix_other_sales_seller_id", "other_sales", ["seller_id", "month"], unique=False)
    op.create_table(
        "turnover_statements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("storage_key", sa.String(length=100), nullable=False),
        sa.Column("file_kind", sa.String(length=8), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("recorder_name", sa.String(length=300), nullable=False),
        sa.CheckConstraint("kind IN ('below', 'passed')", name=op.f("ck_turnover_statements_kind")),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_turnover_statements_year")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_turnover_statements_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turnover_statements")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_turnover_statements_storage_key")),
    )
    op.create_index(
        "ix_turnover_statements_seller_id", "turnover_statements", ["seller_id", "year", "id"], unique=False
    )
    op.create_table(
        "payment_receipts",
        sa.Column(
            "payment_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("amount_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_rupiah > 0", name=op.f("ck_payment_receipts_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_receipts_payment_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_payment_receipts_seller_id")),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment_receipts")),
        sa.UniqueConstraint("code", name=op.f("uq_payment_receipts_code")),
        sa.UniqueConstraint("seller_id", "number", name="uq_payment_receipts_number"),
    )
    for table, same_row in GUARDED.items():
        guard(table, same_row=same_row)
    parameters = sa.table(
        "legal_parameters",
        sa.column("key", sa.String),
        sa.column("value", sa.BigInteger),
        sa.column("unit", sa.String),
        sa.column("valid_from", sa.Date),
        sa.column("valid_to", sa.Date),
        sa.column("citation", sa.String),
        sa.column("is_verified", sa.Boolean),
    )
    names = ("key", "value", "unit", "valid_from", "valid_to", "citation")
    op.bulk_insert(
        parameters, [{**dict(zip(names, row, strict=True)), "is_verified": False} for row in PARAMETERS]
    )


def downgrade() -> None:
    """Drop them."""
    for key in dict.fromkeys(row[0] for row in PARAMETERS):
        op.execute(sa.text("DELETE FROM legal_parameters WHERE key = :key").bindparams(key=key))
    for table in GUARDED:
        unguard(table)
    op.drop_table("payment_receipts")
    op.drop_index("ix_turnover_statements_seller_id", table_name="turnover_statements")
    op.drop_table("turnover_statements")
    op.drop_index("ix_other_sales_seller_id", table_name="other_sales")
    op.drop_table("other_sales")
    op.drop_index("ix_order_line_parcels_version_id", table_name="order_line_parcels")
    op.drop_table("order_line_parcels")
    op.drop_index("ix_parcel_consents_seller_id", table_name="parcel_consents")
    op.drop_table("parcel_consents")
    op.drop_index("ix_parcel_components_product_id", table_name="parcel_components")
    op.drop_table("parcel_components")
    op.drop_index(
        "uq_parcel_versions_accepted",
        table_name="parcel_versions",
        sqlite_where=sa.text("state = 'accepted'"),
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.drop_index(
        "uq_parcel_versions_proposed",
        table_name="parcel_versions",
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_table("parcel_versions")
    op.drop_table("parcels")
    op.drop_index("ix_seller_tax_facts_seller_id", table_name="seller_tax_facts")
    op.drop_table("seller_tax_facts")
