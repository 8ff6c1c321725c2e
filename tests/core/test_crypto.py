"""Personal data at rest: unreadable in the raw database, readable after the keys have changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.crypto import EncryptedText, Keyring, blind_index, mask, token, token_hash
from marketplace.db import Base, db, unit_of_work
from marketplace.organizations.models import Seller, SellerFacts
from tests import factories
from tests.conftest import make_app

NIK = "3372014107850002"
NPWP = "0912345678901000"
ACCOUNT = "1380012345678"


def encrypted_columns() -> list[tuple[str, str]]:
    return [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, EncryptedText)
    ]


def test_nik_npwp_and_bank_account_are_encrypted():
    found = set(encrypted_columns())
    assert {("seller_facts", "owner_nik"), ("sellers", "npwp"), ("sellers", "bank_account")} <= found
    assert ("operators", "npwp") in found


def test_the_raw_database_holds_no_plain_text(app: Flask, app_folder: Path):
    seller = factories.seller(owner_nik=NIK, npwp=NPWP, bank_account=ACCOUNT, bank_holder="SITI CONTOH")
    for table, column in encrypted_columns():
        for (raw,) in db.session.execute(text(f"SELECT {column} FROM {table}")):
            assert raw is None or not any(secret in repr(bytes(raw)) for secret in (NIK, NPWP, ACCOUNT))
    db.session.rollback()
    for file in app_folder.glob("etalase.sqlite3*"):
        content = file.read_bytes()
        assert not any(secret.encode() in content for secret in (NIK, NPWP, ACCOUNT)), file.name
    db.session.expire_all()
    assert db.session.get_one(Seller, seller.id).bank_account == ACCOUNT
    assert db.session.query(SellerFacts.owner_nik).scalar() == NIK


def test_the_same_number_looks_different_each_time_and_equal_to_its_blind_index(app):
    ring = Keyring.of(["one"])
    assert ring.encrypt(NIK) != ring.encrypt(NIK)
    assert ring.blind_index(NIK) == ring.blind_index(NIK)
    assert NIK not in ring.blind_index(NIK)
    assert blind_index(None) is None


def test_after_a_new_key_old_values_are_read_and_new_ones_use_it():
    old, new = Keyring.of(["first"]), Keyring.of(["second", "first"])
    sealed = old.encrypt(NIK)
    assert new.decrypt(sealed) == NIK
    assert new.encrypt(NIK)[:4] != sealed[:4]
    assert new.blind_index(NIK) == old.blind_index(NIK), "equal owners must stay equal"


def test_without_its_key_a_value_is_refused_and_not_garbled():
    with pytest.raises(LookupError, match="DATA_KEYS"):
        Keyring.of(["other"]).decrypt(Keyring.of(["first"]).encrypt(NIK))


def test_a_changed_value_is_refused():
    ring = Keyring.of(["one"])
    sealed = bytearray(ring.encrypt(NIK))
    sealed[-1] ^= 1
    with pytest.raises(Exception):  # noqa: B017, PT011 - the library's own error; anything but a value
        ring.decrypt(bytes(sealed))


def test_an_app_with_a_new_key_first_reads_what_the_old_app_wrote(sqlite_template, tmp_path):
    url = f"sqlite:///{tmp_path / 'etalase.sqlite3'}"
    (tmp_path / "etalase.sqlite3").write_bytes(sqlite_template.read_bytes())
    with make_app(url, tmp_path, DATA_KEYS=["first"]).app_context():
        seller_id = factories.seller(owner_nik=NIK, npwp=NPWP).id
        db.session.remove()
        db.engine.dispose()
    with make_app(url, tmp_path, DATA_KEYS=["second", "first"]).app_context():
        assert db.session.get_one(Seller, seller_id).npwp == NPWP
        db.session.rollback()
        with unit_of_work() as session:
            session.get_one(Seller, seller_id).npwp = NPWP[::-1]
        db.session.expire_all()
        assert db.session.get_one(Seller, seller_id).npwp == NPWP[::-1]
        db.session.remove()
        db.engine.dispose()


def test_masks_show_only_the_ends():
    assert mask(NIK) == "3372************"
    assert mask(ACCOUNT, keep=0, tail=4) == "*********5678"
    assert mask(None) == ""
    assert mask("12", keep=4) == "12"


def test_tokens_are_long_different_and_kept_hashed():
    made = {token() for _turn in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 43 for secret in made)
    secret = made.pop()
    assert secret not in token_hash(secret)
