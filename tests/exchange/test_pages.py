"""An import in the browser: upload, columns, trial, confirm, progress, result; nothing goes in twice."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace import clock, outbox
from marketplace.audit import AuditEvent
from marketplace.db import db, unit_of_work
from marketplace.importing import ImportRun, files, services, worker
from marketplace.importing.engine import Importer
from marketplace.importing.layout import recognise
from marketplace.organizations.models import Operator, Outlet, OutletFacts, Seller, SellerFacts
from marketplace.permissions import Role
from tests import factories
from tests.exchange.conftest import csv_text
from tests.support.signing import sign_in, sign_out

SELLER = ["seller_ref", "name", "region_code"]
LAWEYAN = factories.LAWEYAN


@pytest.fixture
def officer(app):
    return factories.officer()


@pytest.fixture
def browser(client, officer):
    return sign_in(client, officer)


def upload(browser, kind, rows, name="daftar.csv", **fields):
    data = rows if isinstance(rows, bytes) else csv_text(rows).encode()
    form = {"kind": kind, "file": (io.BytesIO(data), name), **fields}
    return browser.post("/office/imports/new", data=form, content_type="multipart/form-data")


def upload_id(browser, kind, rows, **fields) -> int:
    answer = upload(browser, kind, rows, **fields)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def chosen(browser, run_id, **more):
    """Send the page of columns as it stands, with some fields changed."""
    run = db.session.get_one(ImportRun, run_id)
    kind = services.kind_of(run)
    header = files.header_of(run)
    found = recognise(kind, header)
    form = {f"map-{c.name}": header[found[c.name][0]] if c.name in found else "" for c in kind.columns}
    return browser.post(f"/office/imports/{run_id}/columns", data={**form, **more})


def run_of(run_id) -> ImportRun:
    db.session.expire_all()
    return db.session.get_one(ImportRun, run_id)


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_goes_in_step_by_step_and_nothing_is_written_before_the_yes(browser, work, officer):
    rows = [SELLER, ["U1", "Keripik <b>Sri</b>", LAWEYAN], ["U2", "Dua", "99"], ["U3", "=1+1", LAWEYAN]]
    run_id = upload_id(browser, "sellers", rows)
    page = browser.get(f"/office/imports/{run_id}").text
    assert "Keripik &lt;b&gt;Sri" in page
    assert "Semua kolom wajib dikenal" in page

    assert chosen(browser, run_id).status_code == 302
    assert 'hx-get="/office/imports/' in browser.get(f"/office/imports/{run_id}").text
    work()
    page = browser.get(f"/office/imports/{run_id}").text
    assert "Hasil pemeriksaan" in page
    assert "Wilayah ini tidak dikenal" in page
    assert count(Seller) == 0
    assert browser.get(f"/office/imports/{run_id}/progress").headers["HX-Redirect"].endswith(str(run_id))

    browser.post(f"/office/imports/{run_id}/confirm")
    work()
    run = run_of(run_id)
    assert (run.status, run.created, run.refused, run.total) == ("done", 2, 1, 3)
    assert count(Seller) == 2
    page = browser.get(f"/office/imports/{run_id}").text
    assert "Impor selesai" in page
    refused = browser.get(f"/office/imports/{run_id}/refused.csv")
    assert refused.text.splitlines()[0].endswith("region_code,error")
    assert "99" in refused.text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "import.finished")).one()
    assert (event.user_id, event.changes["after"]["created"]) == (officer.user_id, 2)
    assert "daftar.csv" in browser.get("/office/imports").text


def test_confirming_twice_and_a_worker_that_runs_twice_change_nothing(browser, work):
    run_id = upload_id(browser, "sellers", [SELLER, ["U1", "Satu", LAWEYAN]])
    chosen(browser, run_id)
    work()
    for _time in range(2):
        browser.post(f"/office/imports/{run_id}/confirm")
    work()
    worker.work_on({"run_id": run_id})
    browser.post(f"/office/imports/{run_id}/confirm")
    work()
    assert (run_of(run_id).created, count(Seller)) == (1, 1)


def test_two_browsers_with_one_file_end_where_one_would(app, browser, officer, work):
    other = sign_in(app.test_client(), factories.officer())
    rows = [SELLER, *([f"U{n}", f"Usaha {n}", LAWEYAN] for n in range(300))]
    sign_in(browser, officer)
    first = upload_id(browser, "sellers", rows)
    chosen(browser, first)
    sign_in(other, factories.officer())
    second = upload_id(other, "sellers", rows)
    chosen(other, second)
    work()
    other.post(f"/office/imports/{second}/confirm")
    sign_in(browser, officer)
    browser.post(f"/office/imports/{first}/confirm")
    work()
    done = {run_of(first).created, run_of(second).created}
    assert done == {0, 300}
    assert {run_of(first).unchanged, run_of(second).unchanged} == {0, 300}
    assert (count(Seller), count(SellerFacts)) == (300, 300)


def test_a_run_goes_on_after_its_worker_died(browser, work, monkeypatch):
    rows = [SELLER, *([f"U{n}", f"Usaha {n}", LAWEYAN] for n in range(400))]
    run_id = upload_id(browser, "sellers", rows)
    chosen(browser, run_id)
    work()
    browser.post(f"/office/imports/{run_id}/confirm")
    monkeypatch.setattr("marketplace.importing.engine.START_SIZE", 50)
    _die_after_batches(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        outbox.drain(1)
    monkeypatch.undo()
    assert 0 < count(Seller) < 400
    with unit_of_work() as session:
        run = session.get_one(ImportRun, run_id)
        run.runner, run.heartbeat_at = "mati", clock.now() - timedelta(minutes=5)
    browser.get(f"/office/imports/{run_id}")
    work()
    run = run_of(run_id)
    assert (run.status, run.created, run.unchanged, run.done) == ("done", 400, 0, 400)


def _die_after_batches(monkeypatch, batches):
    whole = Importer._commit
    seen: list[int] = []

    def dying(self, *args):
        if len(seen) == batches:
            raise KeyboardInterrupt
        seen.append(1)
        return whole(self, *args)

    monkeypatch.setattr(Importer, "_commit", dying)


def test_cancelling_keeps_finished_batches_and_the_same_file_goes_on(browser, work, monkeypatch):
    rows = [SELLER, *([f"U{n}", f"Usaha {n}", LAWEYAN] for n in range(400))]
    run_id = upload_id(browser, "sellers", rows)
    chosen(browser, run_id)
    work()
    browser.post(f"/office/imports/{run_id}/confirm")
    monkeypatch.setattr("marketplace.importing.worker.STEP_S", 0.0)
    monkeypatch.setattr("marketplace.importing.engine.START_SIZE", 50)
    _stop_after_first_batch(monkeypatch)
    outbox.drain(1)
    monkeypatch.undo()
    assert 0 < count(Seller) < 400
    browser.post(f"/office/imports/{run_id}/cancel")
    work()
    run = run_of(run_id)
    assert run.status == "cancelled"
    assert "Dihentikan sesudah" in browser.get(f"/office/imports/{run_id}").text

    again = upload_id(browser, "sellers", rows)
    chosen(browser, again)
    work()
    browser.post(f"/office/imports/{again}/confirm")
    work()
    assert run_of(again).unchanged == run.done
    assert count(Seller) == 400


def _stop_after_first_batch(monkeypatch):
    """Let a step of work be one batch long."""
    whole = Importer.put_in

    def one(self, place, go_on, on_batch):
        for answer in whole(self, place, lambda: True, on_batch):
            yield answer
            return

    monkeypatch.setattr(Importer, "put_in", one)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "kosong"),
        (b"\x89PNG\r\n\x1a\n0000", "bukan tabel"),
        (b"<html>", "bukan tabel"),
        (b"PK\x03\x04xx", "XLSX"),
    ],
)
def test_a_file_that_is_no_table_gets_one_sentence_and_is_not_kept(browser, data, word):
    answer = upload(browser, "sellers", data, name="foto.xlsx")
    assert answer.status_code == 422
    assert word in answer.text
    assert count(ImportRun) == 0
    assert not list(files.folder().glob("*.data"))


def test_missing_columns_are_said_and_typed_choices_stay(browser):
    run_id = upload_id(browser, "sellers", [["id", "nama", "catatan"], ["1", "Satu", "x"]])
    assert "Masih ada kolom wajib" in browser.get(f"/office/imports/{run_id}").text
    answer = chosen(browser, run_id, **{"const-name": "Tanpa nama"})
    assert answer.status_code == 422
    assert "Kolom wajib tidak ada: region_code" in answer.text
    assert 'value="Tanpa nama"' in answer.text
    answer = chosen(browser, run_id, **{"const-region_code": LAWEYAN, "const-verified_on": "kemarin"})
    assert "verified_on: Bukan tanggal" in answer.text


def test_columns_chosen_once_are_remembered_for_such_files(browser, work):
    rows = [["nomor", "usaha", "tempat"], ["U1", "Satu", "Laweyan"]]
    mapping = {"map-seller_ref": "nomor", "map-name": "usaha", "map-region_code": "tempat"}
    first = upload_id(browser, "sellers", rows)
    assert chosen(browser, first, **mapping).status_code == 302
    second = upload_id(browser, "sellers", rows)
    page = browser.get(f"/office/imports/{second}").text
    assert "Pilihan dari berkas serupa" in page
    assert '<option value="nomor" selected>' in page
    work()
    assert run_of(first).created == 1


def test_an_office_imports_only_its_own_region_and_sees_only_its_own_runs(app, browser, officer, work):
    rows = [SELLER, ["U1", "Solo", LAWEYAN], ["U2", "Medan", "12.71.01.1001"]]
    run_id = upload_id(browser, "sellers", rows)
    chosen(browser, run_id)
    work()
    assert (run_of(run_id).created, run_of(run_id).refused) == (1, 1)
    stranger = sign_in(app.test_client(), factories.officer(region_code="12.71"))
    for address in ("", "/progress", "/refused.csv"):
        assert stranger.get(f"/office/imports/{run_id}{address}").status_code == 404
    for act in ("confirm", "cancel", "columns"):
        assert stranger.post(f"/office/imports/{run_id}/{act}").status_code == 404


def test_only_those_who_may_import_get_in(app, client):
    coach = factories.officer(Role.COACH)
    seller = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    for actor in (coach, seller):
        sign_in(client, actor)
        for address in (
            "/office/imports",
            "/office/imports/new",
            "/office/exports",
            "/office/exports/sellers",
        ):
            assert client.get(address).status_code == 403
    sign_out(client)
    assert client.get("/office/imports").status_code == 302


def test_an_officer_may_not_import_regulations_and_the_head_may(app, browser, client):
    rows = [
        ["regulation_ref", "region_code", "outlet_kinds", "min_sellers", "valid_from"],
        ["R", "33.72", "hotel", "5", "2020-01-01"],
    ]
    assert upload(browser, "regulations", rows).status_code == 422
    sign_in(client, factories.officer(Role.HEAD))
    assert upload(client, "regulations", rows).status_code == 302
    assert upload(client, "regions", [["code", "name"], ["99", "X"]]).status_code == 422


def test_what_an_office_exports_it_can_bring_in_unchanged(browser, work):
    factories.seller("U1", name="=SUM(A1)", owner_nik="3372014203850001", address="satu\ndua")
    factories.seller("U2", region_code="12.71.01.1001")
    for file_format in ("csv", "xlsx"):
        answer = browser.get(f"/office/exports/sellers?format={file_format}")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        data = answer.data
        assert b"3372014203850001" not in data
        run_id = upload_id(browser, "sellers", data)
        chosen(browser, run_id)
        work()
        run = run_of(run_id)
        assert (run.total, run.unchanged) == (1, 1)
    assert browser.get("/office/exports/sellers?region=12.71").status_code == 404
    assert browser.get("/office/exports/nothing").status_code == 404


def test_every_empty_form_goes_through_its_own_import(browser, app):
    for kind in ("sellers", "outlets", "products", "agreements", "movements", "regulations", "regions"):
        for file_format in ("csv", "xlsx"):
            assert browser.get(f"/office/imports/forms/{kind}.{file_format}").status_code == 200
        assert browser.get(f"/office/imports/guide/{kind}").status_code == 200
    assert browser.get("/office/imports/forms/nothing.csv").status_code == 404


def test_old_files_are_deleted_and_waiting_runs_closed(browser, app):
    run_id = upload_id(browser, "sellers", [SELLER, ["U1", "Satu", LAWEYAN]])
    path = files.file_of(run_of(run_id))
    old = (clock.now() - timedelta(days=9)).timestamp()
    os.utime(path, (old, old))
    services.clean_up()
    assert path.exists()
    with unit_of_work() as session:
        session.get_one(ImportRun, run_id).created_at = clock.now() - timedelta(days=8)
    services.clean_up()
    assert not path.exists()
    assert run_of(run_id).status == "cancelled"
    assert browser.get(f"/office/imports/{run_id}").status_code == 200


@pytest.mark.shared
def test_the_hotels_of_surakarta_come_in_through_the_browser(browser, work, shared_data):
    data = (shared_data / "outlets/hotels_surakarta.csv").read_bytes()
    run_id = upload_id(browser, "outlets", data, prefix="HTL-")
    page = browser.get(f"/office/imports/{run_id}").text
    assert "operator_ref, operator_name, kind, opened_on" in page
    fields = {
        "map-operator_ref": "id",
        "map-operator_name": "nama",
        "const-kind": "hotel",
        "const-opened_on": "2015-01-01",
        "const-region_code": "33.72",
        "prefix": "HTL-",
    }
    assert chosen(browser, run_id, **fields).status_code == 302
    work()
    assert (run_of(run_id).created, run_of(run_id).refused) == (122, 0)
    browser.post(f"/office/imports/{run_id}/confirm")
    work()
    assert run_of(run_id).created == 122
    assert (count(Outlet), count(Operator)) == (122, 122)
    places = dict(
        db.session.execute(
            select(Outlet.outlet_ref, OutletFacts.region_code).join(
                OutletFacts, OutletFacts.outlet_id == Outlet.id
            )
        ).all()
    )
    assert places["HTL-2"] == "33.72.03.1006"
    assert places["HTL-90"] == "33.72.05.1004"
    assert places["HTL-49"] == "33.72"
    assert sum(place.count(".") == 3 for place in places.values()) == 120
    stars = db.session.scalars(
        select(func.count()).select_from(Outlet).where(Outlet.stars.is_not(None))
    ).one()
    assert stars == 27

    again = upload_id(browser, "outlets", data, prefix="HTL-")
    chosen(browser, again, **fields)
    work()
    assert run_of(again).unchanged == 122


def test_personal_numbers_are_masked_on_every_page_of_an_import(browser, work):
    rows = [
        [*SELLER, "nik"],
        ["U1", "Satu", LAWEYAN, "3372024203850077"],
        ["U2", "Dua", "99", "3372019999990001"],
    ]
    run_id = upload_id(browser, "sellers", rows)
    assert "3372************" in browser.get(f"/office/imports/{run_id}").text
    chosen(browser, run_id)
    work()
    for page in (f"/office/imports/{run_id}", f"/office/imports/{run_id}?columns=1"):
        text = browser.get(page).text
        assert "3372024203850077" not in text
        assert "3372019999990001" not in text
