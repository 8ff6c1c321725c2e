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
        sa.Column("main_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("variant_name", sa.String(length=80), nullable=False),
        sa.Column("variant_axis", sa.String(length=40), nullable=False),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("retail_price_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("min_order", sa.Integer(), nullable=False),
        sa.Column("order_multiple", sa.Integer(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("capacity_per_week", sa.Integer(), nullable=True),
        sa.Column("offers_consignment", sa.Boolean(), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.Column("net_weight_g", sa.BigInteger(), nullable=True),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("storage", sa.String(length=16), nullable=True),
        sa.Column("origin_code", sa.String(length=16), nullable=True),
        sa.Column("ingredients", sa.Text(), nullable=False),
        sa.Column("allergens", sa.JSON(), nullable=False),
        sa.Column("material", sa.String(length=300), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("is_made_to_order", sa.Boolean(), nullable=False),
        sa.Column("season_from", sa.Integer(), nullable=True),
        sa.Column("season_to", sa.Integer(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("pirt_number", sa.String(length=64), nullable=True),
        sa.Column("halal_number", sa.String(length=64), nullable=True),
        sa.Column("bpom_number", sa.String(length=64), nullable=True),
        sa.Column("halal_state", sa.String(length=16), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cover", sa.String(length=120), nullable=True),
        sa.Column("readiness", sa.Integer(), nullable=False),
        sa.Column("first_live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "halal_state IN ('certified', 'in_process', 'non_halal', 'exempt')",
            name=op.f("ck_products_halal_state"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (category_id IS NOT NULL AND name <> '')", name=op.f("ck_products_complete")
        ),
        sa.CheckConstraint("main_id IS NULL OR main_id <> id", name=op.f("ck_products_main")),
        sa.CheckConstraint("min_order > 0", name=op.f("ck_products_min_order")),
        sa.CheckConstraint("order_multiple > 0", name=op.f("ck_products_order_multiple")),
        sa.CheckConstraint("price_rupiah >= 0", name=op.f("ck_products_price")),
        sa.CheckConstraint("retail_price_rupiah >= 0", name=op.f("ck_products_retail_price")),
        sa.CheckConstraint(
            "season_from BETWEEN 1 AND 12 AND season_to BETWEEN 1 AND 12", name=op.f("ck_products_season")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'sent_back', 'live', 'paused')", name=op.f("ck_products_state")
        ),
        sa.CheckConstraint(
            "storage IN ('room', 'cool', 'chilled', 'frozen')", name=op.f("ck_products_storage")
        ),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_products_category_id")),
        sa.ForeignKeyConstraint(["main_id"], ["products.id"], name=op.f("fk_products_main_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_products_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("seller_id", "sku", name="uq_products_seller_id_sku"),
    )
    op.create_index("ix_products_category_id", "products", ["category_id", "id"], unique=False)
    op.create_index(
        "ix_products_main_id",
        "products",
        ["main_id"],
        unique=False,
        sqlite_where=sa.text("main_id IS NOT NULL"),
        postgresql_where=sa.text("main_id IS NOT NULL"),
    )
    op.create_index("ix_products_state", "products", ["state", "id"], unique=False)
    op.create_table(
        "price_tiers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("min_quantity", sa.Integer(), nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("min_quantity > 1", name=op.f("ck_price_tiers_min_quantity")),
        sa.CheckConstraint("price_rupiah > 0", name=op.f("ck_price_tiers_price")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_price_tiers_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_tiers")),
        sa.UniqueConstraint("product_id", "min_quantity", name="uq_price_tiers_product_id_min_quantity"),
    )
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
    op.drop_table("price_tiers")
    op.drop_index("ix_products_state", table_name="products")
    op.drop_index("ix_products_main_id", table_name="products")
    op.drop_index("ix_products_category_id", table_name="products")
    op.drop_table("products")
    op.drop_index("ix_categories_parent_id", table_name="categories")
    op.drop_table("categories")
