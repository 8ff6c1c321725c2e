"""Catalog: search."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"

SYNONYMS = """
keripik kripik kripek
kerupuk krupuk kerupok
sambal sambel
pedas pedes
cokelat coklat choco
teh tea
kopi coffee
camilan cemilan snack ngemil
kue cake kueh
kukis cookies cookie
susu milk
ayam chicken
daging meat
jahe ginger
kunyit kunir
singkong ketela telo cassava
kacang nut peanut
madu honey
rempeyek peyek
rengginang renginang
serundeng srundeng
terasi trasi
telur telor
cabai cabe lombok
bawang brambang
asam asem
hitam item
putih white
dompet wallet
tas bag
kaus kaos
baju busana pakaian
kebaya kebayak
mebel furnitur meubel
kerajinan handmade kriya craft
hiasan dekorasi pajangan dekor
suvenir souvenir cenderamata oleh hadiah gift
hampers parsel bingkisan hantaran parcel
sabun soap
parfum minyak wangi
besek anyaman
nastar nastart
brownies brownis
abon floss
emping mlinjo melinjo
minuman drink
kering dry
basah wet
lokal local
besar jumbo big
kecil mini
"""


def upgrade() -> None:
    """Make the tables, mark every product there is, and put in the words that most people mix."""
    op.create_table(
        "search_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_search_version_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_version")),
    )
    op.create_table(
        "search_marks",
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_search_marks")),
    )
    op.create_index("ix_search_marks_version", "search_marks", ["version"], unique=False)
    op.execute("INSERT INTO search_version (id, version) VALUES (1, 1)")
    op.execute("INSERT INTO search_marks (product_id, version) SELECT id, 1 FROM products")
    synonyms = op.create_table(
        "synonyms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("ck_synonyms_words")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonyms")),
    )
    stamp = datetime(2026, 11, 22, tzinfo=UTC)
    if op.get_bind().dialect.name == "sqlite":
        stamp = stamp.replace(tzinfo=None)
    op.bulk_insert(synonyms, [{"words": line, "updated_at": stamp} for line in SYNONYMS.strip().splitlines()])
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("wants_digest", sa.Boolean(), nullable=False),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
    )
    op.create_index("ix_saved_searches_user_id", "saved_searches", ["user_id", "id"], unique=False)


def downgrade() -> None:
    """Drop the tables, and the index that PostgreSQL may keep in a schema of its own."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA IF EXISTS etalase_search CASCADE")
        op.execute("DROP SCHEMA IF EXISTS etalase_search_new CASCADE")
    op.drop_index("ix_saved_searches_user_id", table_name="saved_searches")
    op.drop_table("saved_searches")
    op.drop_table("synonyms")
    op.drop_index("ix_search_marks_version", table_name="search_marks")
    op.drop_table("search_marks")
    op.drop_table("search_version")
