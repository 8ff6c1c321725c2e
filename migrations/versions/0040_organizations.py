"""Organizations: sellers, retailers, outlets, offices, memberships and their dated facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from marketplace.organizations import reference

revision = "0040"
down_revision = "0030"


def upgrade() -> None:
    """Make the tables; load the classes of business and the size thresholds."""
    op.create_table(
        "kbli_codes",
        sa.Column("version", sa.String(length=4), nullable=False),
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("version", "code", name=op.f("pk_kbli_codes")),
    )
    op.create_table(
        "outlets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("floor_area_m2", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("stars", sa.SmallInteger(), nullable=True),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_outlets_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_outlets_longitude")),
        sa.CheckConstraint("stars BETWEEN 0 AND 5", name=op.f("ck_outlets_stars")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlets")),
        sa.UniqueConstraint("outlet_ref", name=op.f("uq_outlets_outlet_ref")),
    )
    op.create_table(
        "sellers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("owner_name", sa.String(length=300), nullable=False),
        sa.Column("nib", sa.String(length=13), nullable=True),
        sa.Column("npwp", sa.LargeBinary(), nullable=True),
        sa.Column("kbli_code", sa.String(length=5), nullable=True),
        sa.Column("kbli_version", sa.String(length=4), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("is_phone_public", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.String(length=100), nullable=False),
        sa.Column("bank_account", sa.LargeBinary(), nullable=True),
        sa.Column("bank_holder", sa.LargeBinary(), nullable=True),
        sa.Column("coached_since", sa.Date(), nullable=True),
        sa.Column("coached_until", sa.Date(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "coached_until IS NULL OR coached_since IS NOT NULL", name=op.f("ck_sellers_coached")
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR merged_into_id <> id", name=op.f("ck_sellers_merged_into")
        ),
        sa.ForeignKeyConstraint(["merged_into_id"], ["sellers.id"], name=op.f("fk_sellers_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sellers")),
        sa.UniqueConstraint("seller_ref", name=op.f("uq_sellers_seller_ref")),
    )
    op.create_index("ix_sellers_merged_into_id", "sellers", ["merged_into_id"], unique=False)
    op.create_index("ix_sellers_name", "sellers", ["name"], unique=False)
    op.create_table(
        "claims",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("decision IN ('approved', 'rejected')", name=op.f("ck_claims_decision")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_claims_decided_by")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_claims_seller_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_claims_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    op.create_index("ix_claims_seller_id", "claims", ["seller_id"], unique=False)
    op.create_index("ix_claims_user_id", "claims", ["user_id"], unique=False)
    op.create_table(
        "offices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("head_name", sa.String(length=300), nullable=False),
        sa.Column("head_title", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_offices_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("region_code", name=op.f("uq_offices_region_code")),
    )
    op.create_table(
        "operators",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator_ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("npwp", sa.LargeBinary(), nullable=True),
        sa.Column("nib", sa.String(length=13), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'verified', 'rejected')", name=op.f("ck_operators_status")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_operators_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("operator_ref", name=op.f("uq_operators_operator_ref")),
    )
    op.create_table(
        "seller_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("owner_nik", sa.LargeBinary(), nullable=True),
        sa.Column("owner_key", sa.String(length=64), nullable=False),
        sa.Column("capital_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("annual_sales_rupiah", sa.BigInteger(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("affiliated_operator_ref", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("annual_sales_rupiah >= 0", name=op.f("ck_seller_facts_annual_sales")),
        sa.CheckConstraint("capital_rupiah >= 0", name=op.f("ck_seller_facts_capital")),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_seller_facts_days")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_seller_facts_region_code")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_seller_facts_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_facts")),
    )
    op.create_index("ix_seller_facts_owner_key", "seller_facts", ["owner_key"], unique=False)
    op.create_index("ix_seller_facts_region_code", "seller_facts", ["region_code"], unique=False)
    op.create_index(
        "uq_seller_facts_current",
        "seller_facts",
        ["seller_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "seller_merges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kept_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("duplicate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["duplicate_id"], ["sellers.id"], name=op.f("fk_seller_merges_duplicate_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["sellers.id"], name=op.f("fk_seller_merges_kept_id")),
        sa.ForeignKeyConstraint(["merged_by"], ["users.id"], name=op.f("fk_seller_merges_merged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_merges")),
        sa.UniqueConstraint("duplicate_id", name=op.f("uq_seller_merges_duplicate_id")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("office_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(role LIKE 'seller%' AND seller_id IS NOT NULL AND operator_id IS NULL AND office_id IS NULL) OR (role LIKE 'buyer%' AND operator_id IS NOT NULL AND seller_id IS NULL AND office_id IS NULL) OR (role IN ('officer', 'head', 'coach') AND office_id IS NOT NULL AND seller_id IS NULL AND operator_id IS NULL) OR (role = 'admin' AND seller_id IS NULL AND operator_id IS NULL AND office_id IS NULL)",
            name=op.f("ck_invitations_belongs"),
        ),
        sa.CheckConstraint(
            "role IN ('seller_owner', 'seller_manager', 'seller_staff', 'buyer_owner', 'buyer_manager', 'buyer_staff', 'officer', 'head', 'coach', 'admin')",
            name=op.f("ck_invitations_role"),
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_invitations_office_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_invitations_operator_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_invitations_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index("ix_invitations_email", "invitations", ["email"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("office_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(role LIKE 'seller%' AND seller_id IS NOT NULL AND operator_id IS NULL AND office_id IS NULL) OR (role LIKE 'buyer%' AND operator_id IS NOT NULL AND seller_id IS NULL AND office_id IS NULL) OR (role IN ('officer', 'head', 'coach') AND office_id IS NOT NULL AND seller_id IS NULL AND operator_id IS NULL) OR (role = 'admin' AND seller_id IS NULL AND operator_id IS NULL AND office_id IS NULL)",
            name=op.f("ck_memberships_belongs"),
        ),
        sa.CheckConstraint(
            "role IN ('seller_owner', 'seller_manager', 'seller_staff', 'buyer_owner', 'buyer_manager', 'buyer_staff', 'officer', 'head', 'coach', 'admin')",
            name=op.f("ck_memberships_role"),
        ),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_memberships_office_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_memberships_operator_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_memberships_seller_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_memberships_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index("ix_memberships_operator_id", "memberships", ["operator_id"], unique=False)
    op.create_index("ix_memberships_seller_id", "memberships", ["seller_id"], unique=False)
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"], unique=False)
    op.create_index("uq_memberships_office", "memberships", ["user_id", "office_id"], unique=True)
    op.create_index("uq_memberships_operator", "memberships", ["user_id", "operator_id"], unique=True)
    op.create_index("uq_memberships_seller", "memberships", ["user_id", "seller_id"], unique=True)
    op.create_table(
        "outlet_facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outlet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('minimarket', 'supermarket', 'hypermarket', 'department_store', 'wholesale', 'hotel', 'souvenir_centre')",
            name=op.f("ck_outlet_facts_kind"),
        ),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_outlet_facts_days")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_outlet_facts_operator_id")),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name=op.f("fk_outlet_facts_outlet_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_outlet_facts_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outlet_facts")),
    )
    op.create_index("ix_outlet_facts_operator_id", "outlet_facts", ["operator_id"], unique=False)
    op.create_index("ix_outlet_facts_region_code", "outlet_facts", ["region_code"], unique=False)
    op.create_index(
        "uq_outlet_facts_current",
        "outlet_facts",
        ["outlet_id", "valid_from"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "verifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("region_code", sa.String(length=13), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'rejected', 'revoked')", name=op.f("ck_verifications_decision")
        ),
        sa.CheckConstraint(
            "(seller_id IS NULL) <> (operator_id IS NULL)", name=op.f("ck_verifications_subject")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_verifications_decided_by")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_verifications_operator_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_verifications_seller_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_verifications_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index("ix_verifications_open", "verifications", ["decided_at", "submitted_at"], unique=False)
    op.create_index("ix_verifications_operator_id", "verifications", ["operator_id"], unique=False)
    op.create_index("ix_verifications_seller_id", "verifications", ["seller_id"], unique=False)
    op.create_index("ix_sellers_phone", "sellers", ["phone"], unique=False)
    op.create_index(
        "uq_verifications_open_seller",
        "verifications",
        ["seller_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "uq_verifications_open_operator",
        "verifications",
        ["operator_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "uq_claims_open",
        "claims",
        ["seller_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "uq_memberships_admin",
        "memberships",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("role = 'admin'"),
        postgresql_where=sa.text("role = 'admin'"),
    )
    op.create_table(
        "distinct_sellers",
        sa.Column("one_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_distinct_sellers_order")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_distinct_sellers_decided_by")),
        sa.ForeignKeyConstraint(["one_id"], ["sellers.id"], name=op.f("fk_distinct_sellers_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["sellers.id"], name=op.f("fk_distinct_sellers_other_id")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_distinct_sellers")),
    )
    reference.load(op.get_bind())


def downgrade() -> None:
    """Drop the tables and what was loaded."""
    reference.unload(op.get_bind())
    op.drop_table("distinct_sellers")
    op.drop_index("ix_verifications_seller_id", table_name="verifications")
    op.drop_index("ix_verifications_operator_id", table_name="verifications")
    op.drop_index("ix_verifications_open", table_name="verifications")
    op.drop_table("verifications")
    op.drop_index(
        "uq_outlet_facts_current",
        table_name="outlet_facts",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index("ix_outlet_facts_region_code", table_name="outlet_facts")
    op.drop_index("ix_outlet_facts_operator_id", table_name="outlet_facts")
    op.drop_table("outlet_facts")
    op.drop_index("uq_memberships_seller", table_name="memberships")
    op.drop_index("uq_memberships_operator", table_name="memberships")
    op.drop_index("uq_memberships_office", table_name="memberships")
    op.drop_index("ix_memberships_user_id", table_name="memberships")
    op.drop_index("ix_memberships_seller_id", table_name="memberships")
    op.drop_index("ix_memberships_operator_id", table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_invitations_email", table_name="invitations")
    op.drop_table("invitations")
    op.drop_table("seller_merges")
    op.drop_index(
        "uq_seller_facts_current",
        table_name="seller_facts",
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.drop_index("ix_seller_facts_region_code", table_name="seller_facts")
    op.drop_index("ix_seller_facts_owner_key", table_name="seller_facts")
    op.drop_table("seller_facts")
    op.drop_table("operators")
    op.drop_table("offices")
    op.drop_index("ix_claims_user_id", table_name="claims")
    op.drop_index("ix_claims_seller_id", table_name="claims")
    op.drop_table("claims")
    op.drop_index("ix_sellers_name", table_name="sellers")
    op.drop_index("ix_sellers_merged_into_id", table_name="sellers")
    op.drop_table("sellers")
    op.drop_table("outlets")
    op.drop_table("kbli_codes")
