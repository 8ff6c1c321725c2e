"""Catalog: products and categories."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0040"


def upgrade() -> None:
    """Make the tables; say from how many days of shelf life on food needs a permit number."""
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("path", sa.String(length=900), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("picture_form", sa.String(length=16), nullable=True),
        sa.Column("is_food", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("path", name=op.f("uq_categories_path")),
    )
    op.create_index("ix_categories_parent_id", "categories", ["parent_id"], unique=False)
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("retail_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("min_order", sa.Integer(), nullable=False),
        sa.Column("order_multiple", sa.Integer(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("net_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("pirt_number", sa.String(length=64), nullable=True),
        sa.Column("halal_number", sa.String(length=64), nullable=True),
        sa.Column("bpom_number", sa.String(length=64), nullable=True),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("min_order > 0", name=op.f("ck_products_min_order")),
        sa.CheckConstraint("order_multiple > 0", name=op.f("ck_products_order_multiple")),
        sa.CheckConstraint("price_rupiah >= 0", name=op.f("ck_products_price")),
        sa.CheckConstraint("retail_price_rupiah >= 0", name=op.f("ck_products_retail_price")),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_products_category_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_products_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("seller_id", "sku", name="uq_products_seller_id_sku"),
    )
    op.create_index("ix_products_category_id", "products", ["category_id", "id"], unique=False)
    op.create_index("ix_products_is_live", "products", ["is_live", "id"], unique=False)
    op.bulk_insert(
        sa.table(
            "legal_parameters",
            sa.column("key", sa.String),
            sa.column("value", sa.BigInteger),
            sa.column("unit", sa.String),
            sa.column("valid_from", sa.Date),
            sa.column("valid_to", sa.Date),
            sa.column("citation", sa.String),
            sa.column("is_verified", sa.Boolean),
        ),
        [
            {
                "key": "food.permit_free_below_days",
                "value": 7,
                "unit": "days",
                "valid_from": date(2018, 8, 1),
                "valid_to": date(9999, 12, 31),
                "citation": "Peraturan BPOM 22/2018 (menurut ringkasan, teksnya belum diperiksa)",
                "is_verified": False,
            }
        ],
    )


def downgrade() -> None:
    """Drop the tables and the row of the law."""
    op.execute("DELETE FROM legal_parameters WHERE key = 'food.permit_free_below_days'")
    op.drop_index("ix_products_is_live", table_name="products")
    op.drop_index("ix_products_category_id", table_name="products")
    op.drop_table("products")
    op.drop_index("ix_categories_parent_id", table_name="categories")
    op.drop_table("categories")
