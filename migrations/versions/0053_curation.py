"""Catalog: curation, with the criteria and the numbers that an office begins with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CRITERIA = (
    ("all", True, "Foto jelas dan memperlihatkan barang yang sebenarnya",
     "The photo is clear and shows the real thing"),
    ("all", True, "Nama, jenis, satuan, dan harga benar", "Name, category, unit and price are right"),
    ("all", True, "Dibuat sendiri oleh usaha ini", "Made by this business itself"),
    ("food", True, "Izin edar ada, atau memang tidak wajib (masa simpan kurang dari 7 hari)",
     "It has a permit number, or needs none (keeps for fewer than 7 days)"),
    ("food", True, "Komposisi dan alergen ditulis", "Ingredients and allergens are written"),
    ("food", False, "Label memuat isi bersih, produsen, dan tanggal kedaluwarsa",
     "The label names net weight, producer and best-before date"),
    ("food", False, "Bersertifikat halal, atau keterangannya jelas", "Halal certified, or clearly stated"),
    ("non_food", False, "Bahan dan ukuran ditulis", "Material and size are written"),
    ("all", False, "Kemasan rapat, rapi, dan tahan dikirim", "Packaging is tight, neat and fit for transport"),
    ("all", False, "Kesanggupan per minggu dan waktu siap ditulis",
     "Weekly capacity and lead time are written"),
    ("all", False, "Cerita produk membantu pembeli memilih", "The story helps a buyer to choose"),
)  # fmt: skip


def upgrade() -> None:
    """Make the tables and what an office begins with; it edits both at /office/criteria."""
    op.create_table(
        "curation_criteria",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("is_essential", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("label_en", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("scope IN ('all', 'food', 'non_food')", name=op.f("ck_curation_criteria_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curation_criteria")),
    )
    op.create_table(
        "curation_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("others_food", sa.Integer(), nullable=False),
        sa.Column("others_non_food", sa.Integer(), nullable=False),
        sa.Column("price_limit_percent", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_curation_settings_single")),
        sa.CheckConstraint(
            "others_food >= 0 AND others_non_food >= 0", name=op.f("ck_curation_settings_others")
        ),
        sa.CheckConstraint(
            "price_limit_percent BETWEEN 0 AND 1000", name=op.f("ck_curation_settings_price_limit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curation_settings")),
    )
    op.create_table(
        "curation_reviews",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("product_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('new', 'change')", name=op.f("ck_curation_reviews_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'sent_back', 'withdrawn')",
            name=op.f("ck_curation_reviews_state"),
        ),
        sa.CheckConstraint("state <> 'sent_back' OR reason <> ''", name=op.f("ck_curation_reviews_reason")),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_curation_reviews_decided")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_curation_reviews_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curation_reviews")),
    )
    op.create_index(
        "uq_curation_reviews_waiting",
        "curation_reviews",
        ["product_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("ix_curation_reviews_product_id", "curation_reviews", ["product_id", "id"], unique=False)
    op.create_index(
        "ix_curation_reviews_state", "curation_reviews", ["state", "kind", "submitted_at"], unique=False
    )
    op.create_table(
        "curation_events",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("review_id", BIG_ID, nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("by_name", sa.String(length=300), nullable=False),
        sa.Column("is_office", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["curation_reviews.id"], name=op.f("fk_curation_events_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curation_events")),
    )
    op.create_index("ix_curation_events_review_id", "curation_events", ["review_id", "id"], unique=False)
    op.create_table(
        "approved_prices",
        sa.Column("product_id", BIG_ID, nullable=False),
        sa.Column("price_rupiah", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_approved_prices_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_approved_prices")),
    )
    _begin()


def _begin() -> None:
    criteria = sa.table(
        "curation_criteria",
        *(
            sa.column(name)
            for name in ("scope", "is_essential", "label", "label_en", "position", "is_active")
        ),
    )
    op.bulk_insert(
        criteria,
        [
            {
                "scope": scope,
                "is_essential": is_essential,
                "label": label,
                "label_en": label_en,
                "position": place * 10,
                "is_active": True,
            }
            for place, (scope, is_essential, label, label_en) in enumerate(CRITERIA, start=1)
        ],
    )
    names = ("id", "others_food", "others_non_food", "price_limit_percent")
    op.bulk_insert(
        sa.table("curation_settings", *(sa.column(name) for name in names)),
        [{"id": 1, "others_food": 2, "others_non_food": 2, "price_limit_percent": 15}],
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("approved_prices")
    op.drop_table("curation_events")
    op.drop_table("curation_reviews")
    op.drop_table("curation_settings")
    op.drop_table("curation_criteria")
