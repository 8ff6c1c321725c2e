"""Stock: the ledger of units, balances, lots and display spells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"


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
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_shelf_balances_on_hand")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_shelf_balances_outlet_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_shelf_balances_product_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_shelf_balances_seller_id")),
        sa.PrimaryKeyConstraint("outlet_id", "product_id", name=op.f("pk_shelf_balances")),
    )
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
        ["outlet_id", "product_id", "occurred_on"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index("ix_stock_movements_shelf", table_name="stock_movements")
    op.drop_index("ix_stock_movements_pair", table_name="stock_movements")
    op.drop_index("ix_stock_movements_lot_id", table_name="stock_movements")
    op.drop_table("stock_movements")
    op.drop_table("lot_balances")
    op.drop_index("ix_display_spells_pair", table_name="display_spells")
    op.drop_table("display_spells")
    op.drop_index("ix_shelf_balances_seller_id", table_name="shelf_balances")
    op.drop_table("shelf_balances")
    op.drop_table("lots")
