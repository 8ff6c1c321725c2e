"""Stock: the ledger of units with its guards, balances, lots, display spells, and lines of sales reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0056"

LEDGER = "stock_movements"
SAME_ROW = (
    "id = NEW.id",
    "movement_ref = NEW.movement_ref AND part = NEW.part",
    "NEW.reverses_id IS NOT NULL AND reverses_id = NEW.reverses_id",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "lots",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_lots_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_lots_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("outlet_id", "product_id", "code", "expires_on", name="uq_lots_shelf_code"),
    )
    op.create_table(
        "shelf_balances",
        sa.Column(
            "outlet_id",
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
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("on_hand_before", sa.BigInteger(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_shelf_balances_on_hand")),
        sa.CheckConstraint("on_hand_before >= 0", name=op.f("ck_shelf_balances_on_hand_before")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_shelf_balances_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_shelf_balances_product_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_shelf_balances_seller_id")),
        sa.PrimaryKeyConstraint("outlet_id", "product_id", name=op.f("pk_shelf_balances")),
    )
    op.create_index("ix_shelf_balances_product_id", "shelf_balances", ["product_id"], unique=False)
    op.create_index("ix_shelf_balances_seller_id", "shelf_balances", ["seller_id"], unique=False)
    op.create_table(
        "display_spells",
        sa.Column("outlet_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("end_day", sa.Date(), nullable=False),
        sa.Column("seller_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_day < end_day", name=op.f("ck_display_spells_days")),
        sa.ForeignKeyConstraint(
            ["outlet_id", "product_id"],
            ["shelf_balances.outlet_id", "shelf_balances.product_id"],
            name="fk_display_spells_shelf",
        ),
        sa.PrimaryKeyConstraint("outlet_id", "product_id", "first_day", name=op.f("pk_display_spells")),
    )
    op.create_index(
        "ix_display_spells_pair",
        "display_spells",
        ["outlet_id", "seller_id", "end_day", "first_day"],
        unique=False,
    )
    op.create_table(
        "lot_balances",
        sa.Column(
            "lot_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_lot_balances_on_hand")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_lot_balances_lot_id")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_lot_balances")),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("movement_ref", sa.String(length=100), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_lot_named", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cause_kind", sa.String(length=16), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "change <> 0 AND ((change > 0) = ((kind IN ('delivery', 'found')) = (reverses_id IS NULL)))",
            name=op.f("ck_stock_movements_change"),
        ),
        sa.CheckConstraint(
            "kind IN ('delivery', 'sale', 'return', 'loss', 'found')", name=op.f("ck_stock_movements_kind")
        ),
        sa.CheckConstraint("unit_price_rupiah >= 0", name=op.f("ck_stock_movements_unit_price")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_stock_movements_lot_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_stock_movements_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_movements_product_id")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stock_movements.id"], name=op.f("fk_stock_movements_reverses_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_stock_movements_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
        sa.UniqueConstraint("movement_ref", "part", name="uq_stock_movements_movement_ref"),
        sa.UniqueConstraint("reverses_id", name="uq_stock_movements_reverses_id"),
    )
    op.create_index("ix_stock_movements_lot_id", "stock_movements", ["lot_id"], unique=False)
    op.create_index(
        "ix_stock_movements_pair",
        "stock_movements",
        ["outlet_id", "seller_id", "occurred_on", "kind"],
        unique=False,
    )
    op.create_index(
        "ix_stock_movements_shelf",
        "stock_movements",
        ["outlet_id", "product_id", "occurred_on", "change"],
        unique=False,
    )
    op.create_table(
        "sale_lines",
        sa.Column(
            "outlet_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("line_ref", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("movement_ref", sa.String(length=100), nullable=False),
        sa.Column("reverses", sa.String(length=64), nullable=True),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("seller_id", sa.BigInteger(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("difference", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("accepted >= 0 AND difference >= 0", name=op.f("ck_sale_lines_quantities")),
        sa.CheckConstraint(
            "(reverses IS NULL) = (accepted + difference > 0)", name=op.f("ck_sale_lines_sale_or_reversal")
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_sale_lines_outlet_id")),
        sa.PrimaryKeyConstraint("outlet_id", "line_ref", name=op.f("pk_sale_lines")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sale_lines_report_id", "sale_lines", ["report_id"], unique=False)
    op.create_table(
        "sales_requests",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "idempotency_key", name=op.f("pk_sales_requests")),
    )
    guard_ledger()


def guard_ledger() -> None:
    """Let the database itself refuse every change of a recorded movement."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'stock_movements is append-only: % refused', TG_OP
                    USING ERRCODE = 'restrict_violation';
            END $$"""
        )
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            op.execute(
                f"CREATE TRIGGER {LEDGER}_refuse_{verb.lower()} BEFORE {verb} ON {LEDGER} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger()"
            )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {LEDGER}_refuse_{verb.lower()} BEFORE {verb} ON {LEDGER} "
            f"BEGIN SELECT RAISE(ABORT, 'stock_movements is append-only: {verb} refused'); END"
        )
    # INSERT OR REPLACE deletes without a DELETE trigger unless recursive_triggers is on: refuse it by itself.
    same = " OR ".join(f"EXISTS (SELECT 1 FROM {LEDGER} WHERE {test})" for test in SAME_ROW)
    op.execute(
        f"CREATE TRIGGER {LEDGER}_refuse_replace BEFORE INSERT ON {LEDGER} WHEN {same} "
        "BEGIN SELECT RAISE(ABORT, 'stock_movements is append-only: this movement is recorded already'); END"
    )


def unguard_ledger() -> None:
    """Take the guards away, so that the table can go."""
    postgres = op.get_bind().dialect.name == "postgresql"
    for verb in ("update", "delete", "truncate" if postgres else "replace"):
        op.execute(f"DROP TRIGGER {LEDGER}_refuse_{verb}" + (f" ON {LEDGER}" if postgres else ""))
    if postgres:
        op.execute("DROP FUNCTION refuse_change_of_ledger()")


def downgrade() -> None:
    """Drop the tables."""
    unguard_ledger()
    op.drop_table("sales_requests")
    op.drop_index("ix_sale_lines_report_id", table_name="sale_lines")
    op.drop_table("sale_lines")
    op.drop_index("ix_stock_movements_shelf", table_name="stock_movements")
    op.drop_index("ix_stock_movements_pair", table_name="stock_movements")
    op.drop_index("ix_stock_movements_lot_id", table_name="stock_movements")
    op.drop_table("stock_movements")
    op.drop_table("lot_balances")
    op.drop_index("ix_display_spells_pair", table_name="display_spells")
    op.drop_table("display_spells")
    op.drop_index("ix_shelf_balances_seller_id", table_name="shelf_balances")
    op.drop_index("ix_shelf_balances_product_id", table_name="shelf_balances")
    op.drop_table("shelf_balances")
    op.drop_table("lots")
