"""Papers: what a number says, who decides on them, what makes a badge, and when sellers are told."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import event, func, select

from marketplace import clock, outbox
from marketplace.accounts.models import User
from marketplace.backends.storage import current_storage
from marketplace.catalog.models import (
    Category,
    Certificate,
    CertificateEvent,
    CertificateReminder,
    Product,
)
from marketplace.catalog.queries import certificates as queries
from marketplace.catalog.queries import products_of_seller
from marketplace.catalog.rules import papers
from marketplace.catalog.services import certificates as services
from marketplace.catalog.services.certificates import CertificateValues
from marketplace.catalog.services.curation import hold_back
from marketplace.catalog.services.reminders import remind_certificates
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, InvalidInput, NotFound, RuleBroken
from marketplace.i18n import format_day, speaking
from marketplace.organizations import services as organizations
from marketplace.permissions import Actor, Role
from tests import factories

TODAY = date(2026, 11, 22)
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def photo(size: tuple[int, int] = (600, 800), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 180, 120)).save(out, "JPEG", **save)
    return out.getvalue()


@pytest.fixture
def maker(app: Flask) -> Actor:
    return factories.member(Role.SELLER_OWNER, seller_id=factories.seller(name="Dapur Sri").id)


@pytest.fixture
def officer(app: Flask) -> Actor:
    return factories.officer()


def product(maker: Actor, **values: Any) -> Product:
    return factories.product(db.session.get_one(factories.Seller, maker.seller_id), **values)


def handed_in(
    maker: Actor, kind: str = "halal", number: str = "ID33110002356912", **values: Any
) -> Certificate:
    given = CertificateValues(kind=kind, number=number, **values)
    return services.add_certificate(
        actor=maker, seller_id=maker.seller_id or 0, values=given, content=photo()
    )


def verified(maker: Actor, officer: Actor, **values: Any) -> Certificate:
    one = handed_in(maker, **values)
    return services.verify_certificate(actor=officer, certificate_id=one.id, version=one.version)


def badges(*products: Product, day: date = TODAY) -> list[list[str]]:
    db.session.rollback()
    db.session.expire_all()
    found = queries.badges_of([one.id for one in products], day)
    for kind in papers.KIND_LABELS:  # what a list filters by says the same as what a card shows
        carrying = set(db.session.scalars(select(Product.id).where(queries.carries(kind, day))))
        shown = {one for one, its in found.items() if any(badge.kind == kind for badge in its)}
        assert carrying & set(found) == shown, kind
    return [[badge.kind for badge in found[one.id]] for one in products]


@pytest.mark.parametrize(
    ("kind", "number", "is_ok", "is_odd"),
    [
        ("halal", "ID33110002356912", True, False),
        ("halal", "id 3311 0003 1571 50523", True, False),
        ("halal", "ID33110003157151323", True, True),  # no thirteenth month
        ("halal", "00160012345678", True, True),  # a ruling of MUI, not a certificate
        ("pirt", "P-IRT No. 2063372010123-28", True, False),
        ("pirt", "206337201012", True, True),  # the old form without a year
        ("pirt", "9063372010123-28", True, True),  # there is no packaging 9
        ("bpom", "MD 235602169254", True, False),
        ("bpom", "BPOM RI MD 123456789012345", True, False),
        ("bpom", "ML 235602169254", False, False),
        ("bpom", "TI 123456789", False, False),
        ("bpom", "TR 123456789", True, False),
        ("bpom", "NA18201234567", True, False),
        ("sni", "SNI 2886:2015", True, False),
        ("sni", "01-2886-2000", True, False),
        ("sni", "SNI ISO/IEC 17065:2012", True, False),
        ("sni", "SNI dua", True, True),
        ("trademark", "DID2023012345", True, False),
        ("other", "", False, False),
        ("other", "x" * 65, False, False),
    ],
)
def test_a_number_is_checked_by_its_kind(app, kind, number, is_ok, is_odd):
    check = papers.check_number(kind, number, TODAY)
    assert (check.ok, check.warning) == (is_ok, is_odd)


def test_numbers_are_kept_in_one_way_of_writing(app):
    assert papers.check_number("sni", "sni 01-2886-2000", TODAY).value == "SNI 01-2886-2000"
    assert papers.check_number("bpom", "md235602169254", TODAY).value == "MD 235602169254"
    assert papers.written("pirt", "206337201012328") == "2063372010123-28"
    assert papers.spoken("pirt", "", "206337201012328") == "P-IRT 2063372010123-28"
    assert papers.spoken("sni", "", "SNI 2886:2015") == "SNI 2886:2015"
    assert papers.spoken("other", "Piagam", "12") == "Piagam 12"


def test_a_pirt_number_names_its_last_year_where_the_date_is_missing(app):
    assert papers.last_day("pirt", "206337201012328", None) == date(2028, 12, 31)
    assert papers.last_day("pirt", "206337201012328", date(2028, 3, 1)) == date(2028, 3, 1)
    assert papers.last_day("halal", "ID33110002356912", None) is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "pirt", "number": "206337201012328"}, "product_id"),
        ({"kind": "bpom", "number": "ML 235602169254", "expires_on": TODAY}, "number"),
        ({"kind": "bpom", "number": "MD 235602169254"}, "expires_on"),
        ({"expires_on": TODAY - timedelta(1)}, "expires_on"),
        ({"issued_on": TODAY + timedelta(1)}, "issued_on"),
        ({"issued_on": TODAY, "expires_on": date(2101, 1, 1)}, "expires_on"),
        ({"kind": "other", "number": "12"}, "name"),
        ({"product_id": 10**15}, "product_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(maker, values, field):
    with pytest.raises(InvalidInput) as refusal:
        handed_in(maker, **values)
    assert field in refusal.value.fields


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a....", b"%PDF-1.7 cut off", b"\xff\xd8\xff\xe0 not a photo", b"<svg/>"]
)
def test_a_paper_needs_a_whole_photo_or_pdf(maker, content):
    values = CertificateValues(kind="halal", number="ID33110002356912")
    with pytest.raises(InvalidInput) as refusal:
        services.add_certificate(actor=maker, seller_id=maker.seller_id or 0, values=values, content=content)
    assert "file" in refusal.value.fields
    assert db.session.scalar(select(func.count(Certificate.id))) == 0


def test_a_photo_is_kept_small_and_without_what_the_camera_wrote(app, maker):
    exif = Image.Exif()
    exif[0x010F] = "Kamera rahasia"
    values = CertificateValues(kind="halal", number="ID33110002356912")
    one = services.add_certificate(
        actor=maker, seller_id=maker.seller_id or 0, values=values, content=photo((3000, 4000), exif=exif)
    )
    kept = current_storage().get(one.file_key or "")
    assert b"rahasia" not in kept
    assert one.file_bytes == len(kept)
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == (1350, 1800)


def test_a_paper_makes_a_badge_once_the_office_has_verified_it(maker, officer):
    goods, other = product(maker), product(maker)
    one = handed_in(maker, product_id=goods.id)
    assert badges(goods, other) == [[], []]
    assert [line.state for line in queries.papers_of([goods.id], TODAY)[goods.id]] == ["unchecked"]
    services.verify_certificate(actor=officer, certificate_id=one.id, version=1)
    assert badges(goods, other) == [["halal"], []]
    stored = db.session.get_one(Product, goods.id)
    assert (stored.halal_number, stored.halal_state) == ("ID33110002356912", "certified")


def test_a_paper_of_the_whole_business_counts_for_all_its_products_and_variants(maker, officer):
    goods, other = product(maker), product(maker)
    small = product(maker, main_id=goods.id)
    verified(maker, officer)
    assert badges(goods, other) == [["halal"], ["halal"]]
    assert [badge.kind for badge in queries.badges_of([small.id], TODAY)[small.id]] == ["halal"]
    stranger = factories.product(factories.seller())
    assert badges(stranger) == [[]]


def test_an_expired_paper_drops_its_badge_the_same_day_without_any_job(maker, officer):
    goods = product(maker)
    last = TODAY + timedelta(10)
    verified(maker, officer, kind="bpom", number="MD 235602169254", product_id=goods.id, expires_on=last)
    assert badges(goods, day=last) == [["bpom"]]
    assert badges(goods, day=last + timedelta(1)) == [[]]
    lines = queries.papers_of([goods.id], last + timedelta(1))[goods.id]
    assert [line.state for line in lines] == ["expired"]


def test_a_number_that_the_office_put_in_counts_and_one_that_the_seller_typed_waits(maker):
    goods = product(maker, pirt_number="206337201012328")
    assert badges(goods) == [["pirt"]]
    with unit_of_work() as session:
        row = session.get_one(Product, goods.id)
        new = {"pirt_number": "206337201099928", "halal_number": "ID33110002356912"}
        for name, value in hold_back(session, row, {}, new, maker).items():
            setattr(row, name, value)
    assert badges(goods) == [["pirt"]], "the old number was verified and still holds"
    states = {line.kind: (line.number, line.state) for line in queries.papers_of([goods.id], TODAY)[goods.id]}
    assert states == {
        "pirt": ("206337201012328", "valid"),
        "halal": ("ID33110002356912", "unchecked"),
    }


@pytest.mark.parametrize(
    ("column", "number", "day", "shown"),
    [
        ("pirt_number", "206337201012325", TODAY, []),  # its year was 2025
        ("pirt_number", "206337201012326", date(2026, 12, 31), ["pirt"]),
        ("pirt_number", "206337201012326", date(2027, 1, 1), []),
        ("pirt_number", "206337201012", TODAY, ["pirt"]),
        ("bpom_number", "ML 235602169254", TODAY, []),
        ("bpom_number", "MD 235602169254", TODAY, ["bpom"]),
    ],
)
def test_what_the_office_put_in_follows_its_own_digits(maker, column, number, day, shown):
    assert badges(product(maker, **{column: number}), day=day) == [shown]


def test_a_rejected_paper_says_why_is_mended_and_waits_again(maker, officer):
    one = handed_in(maker)
    with pytest.raises(InvalidInput):
        services.reject_certificate(actor=officer, certificate_id=one.id, version=1)
    services.reject_certificate(actor=officer, certificate_id=one.id, version=1, reasons=["number"])
    (row,) = queries.needing_a_hand(maker.seller_id or 0, TODAY)
    assert row.standing == "rejected"
    assert "Nomor tidak sama" in row.certificate.reason
    fixed = CertificateValues(kind="halal", number="ID33110002356999")
    services.change_certificate(actor=maker, certificate_id=one.id, values=fixed, content=None)
    db.session.rollback()
    stored = db.session.get_one(Certificate, one.id, populate_existing=True)
    assert (stored.state, stored.reason, stored.file_kind) == ("waiting", "", "photo")
    verbs = db.session.scalars(select(CertificateEvent.verb).order_by(CertificateEvent.id))
    assert list(verbs) == ["submitted", "rejected", "changed"]


def test_the_office_does_not_decide_on_what_was_changed_since_or_decided_first(maker, officer):
    one = handed_in(maker)
    changed = CertificateValues(kind="halal", number="ID33110002356999")
    services.change_certificate(actor=maker, certificate_id=one.id, values=changed, content=None)
    with pytest.raises(Conflict) as refusal:
        services.verify_certificate(actor=officer, certificate_id=one.id, version=1)
    assert refusal.value.code == "changed_since"
    services.verify_certificate(actor=officer, certificate_id=one.id, version=2)
    with pytest.raises(Conflict, match=officer.name):
        services.reject_certificate(
            actor=factories.officer(),
            certificate_id=handed_and_decided(maker, officer),
            version=1,
            reasons=["mui"],
        )
    with pytest.raises(Conflict):
        services.change_certificate(actor=maker, certificate_id=one.id, values=changed, content=None)


def handed_and_decided(maker: Actor, officer: Actor) -> int:
    one = handed_in(maker, number="ID33110002350000")
    services.reject_certificate(actor=officer, certificate_id=one.id, version=1, reasons=["number"])
    return one.id


def test_a_verification_can_be_taken_back_and_a_paper_taken_away(maker, officer):
    goods = product(maker)
    one = verified(maker, officer)
    services.reject_certificate(
        actor=officer, certificate_id=one.id, version=one.version, reason="Ternyata palsu"
    )
    assert badges(goods) == [[]]
    two = verified(maker, officer, number="ID33110002350001")
    assert badges(goods) == [["halal"]]
    services.withdraw_certificate(actor=maker, certificate_id=two.id)
    assert badges(goods) == [[]]


def test_what_is_of_abroad_or_has_ended_is_never_verified(maker, officer):
    goods = product(maker)
    with unit_of_work() as session:
        row = session.get_one(Product, goods.id)
        services.note_numbers(session, maker, row, {"bpom_number": "ML 235602169254"})
    typed = db.session.scalars(select(Certificate)).one()
    with pytest.raises(RuleBroken, match="impor"):
        services.verify_certificate(actor=officer, certificate_id=typed.id, version=1)
    ending = handed_in(maker, number="ID33110002350002", expires_on=TODAY)
    with clock.frozen(clock.now() + timedelta(1)), pytest.raises(RuleBroken, match="habis"):
        services.verify_certificate(actor=officer, certificate_id=ending.id, version=1)


def test_a_stranger_sees_and_changes_nothing(maker, officer):
    one = handed_in(maker)
    stranger = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    elsewhere = factories.officer(region_code="33.16")
    for actor in (stranger, elsewhere):
        assert queries.certificate_page(actor, one.id) is None
        with pytest.raises(NotFound):
            services.withdraw_certificate(actor=actor, certificate_id=one.id)


def test_the_officer_is_warned_of_a_number_that_another_business_shows(maker, officer):
    factories.product(factories.seller(name="Usaha lain"), halal_number="ID33110002356912")
    page = queries.certificate_page(officer, handed_in(maker).id)
    assert page is not None
    assert any("Usaha lain" in doubt for doubt in page.doubts)


def test_dates_that_contradict_the_number_are_pointed_out(app):
    paper = papers.Paper("pirt", "", "206337201012328", None, date(2029, 5, 1), is_for_product=True)
    (doubt,) = papers.doubts(paper, TODAY)
    assert "2028" in doubt
    paper = papers.Paper("halal", "", "ID33110003157150523", date(2024, 5, 1), None, is_for_product=True)
    assert len(papers.doubts(paper, TODAY)) == 1


def mails(app: Flask) -> list[str]:
    outbox.drain()
    sent = app.extensions["etalase_mail"].sent
    subjects = [message["Subject"] for message in sent]
    sent.clear()
    return subjects


def on(day: date) -> Any:
    return clock.frozen(datetime(day.year, day.month, day.day, 5, tzinfo=clock.WIB))


def test_a_seller_is_reminded_at_28_14_and_0_days_before_and_28_after_once_each(app, maker, officer):
    last = TODAY + timedelta(60)
    verified(maker, officer, expires_on=last)
    mails(app)
    told = {}
    for left in range(35, -60, -1):
        with on(last - timedelta(left)):
            remind_certificates()
            remind_certificates()
            subjects = mails(app)
        if subjects:
            told[left] = subjects
    assert list(told) == [28, 14, 0, -28]
    assert [len(subjects) for subjects in told.values()] == [1, 1, 1, 1]
    assert "28 hari lagi" in told[28][0]
    assert "hari ini" in told[0][0]
    assert "sudah habis" in told[-28][0]
    assert db.session.scalar(select(func.count(CertificateReminder.id))) == 4


def test_nights_without_a_worker_are_caught_up_with_one_mail(app, maker, officer):
    last = TODAY + timedelta(60)
    verified(maker, officer, expires_on=last)
    mails(app)
    with on(last - timedelta(10)):
        remind_certificates()
        assert len(mails(app)) == 1
        remind_certificates()
        assert mails(app) == []


def test_nobody_is_reminded_of_what_was_renewed_withdrawn_or_of_a_closed_business(app, maker, officer):
    goods = product(maker)
    last = TODAY + timedelta(10)
    kept: dict[str, Any] = {"kind": "bpom", "product_id": goods.id, "expires_on": last}
    verified(maker, officer, number="MD 235602169254", **kept)
    newer = handed_in(maker, number="MD 235602169255", **kept | {"expires_on": last + timedelta(900)})
    mails(app)
    remind_certificates()
    assert mails(app) == []
    services.withdraw_certificate(actor=maker, certificate_id=newer.id)
    organizations.close_seller(
        actor=factories.officer(Role.HEAD), seller_id=maker.seller_id or 0, closed_on=TODAY, reason="tutup"
    )
    remind_certificates()
    assert mails(app) == []


def test_who_has_no_mail_reads_it_among_the_things_to_do(app, maker, officer):
    verified(maker, officer, expires_on=TODAY + timedelta(10))
    (row,) = queries.needing_a_hand(maker.seller_id or 0, TODAY)
    assert (row.standing, row.days_left) == ("soon", 10)
    assert queries.needing_a_hand(maker.seller_id or 0, TODAY - timedelta(60)) == []


@contextmanager
def questions() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def test_badges_of_many_products_cost_as_many_questions_as_of_one(app, maker, officer):
    many = [product(maker, halal_number="ID33110002356912").id for _ in range(12)]
    verified(maker, officer, number="ID33110002350005")
    db.session.execute(select(1))
    with questions() as one:
        queries.badges_of(many[:1], TODAY)
    with questions() as all_of_them:
        queries.badges_of(many, TODAY)
    assert len(one) == len(all_of_them) == 2


def test_a_reader_of_english_is_told_of_a_paper_in_english(app, maker, officer):
    with unit_of_work() as session:
        session.get_one(User, maker.user_id).locale = "en"
    verified(maker, officer, kind="trademark", number="DID2023012345", expires_on=TODAY + timedelta(28))
    remind_certificates()
    outbox.drain()
    verdict, reminder = app.extensions["etalase_mail"].sent
    assert verdict["Subject"] == "Certificate accepted: Registered trademark DID2023012345"
    assert reminder["Subject"] == "Registered trademark DID2023012345 runs out in 28 days"
    with speaking("en"):
        assert f"holds until {format_day(TODAY + timedelta(28))}." in reminder.get_content()


def test_a_business_without_accounts_is_written_to_at_its_own_address(app, officer):
    seller = factories.seller(email="dapur@contoh.example")
    with unit_of_work() as session:
        row = session.get_one(Product, factories.product(seller).id)
        services.note_numbers(session, factories.Actor(None, "x"), row, {"halal_number": "ID33110002356912"})
    one = db.session.scalars(select(Certificate)).one()
    services.reject_certificate(actor=officer, certificate_id=one.id, version=1, reasons=["number", "mui"])
    outbox.drain()
    (message,) = app.extensions["etalase_mail"].sent
    assert message["To"] == "dapur@contoh.example"
    text = message.get_content()
    assert "Nomor tidak sama" in text
    assert f"/seller/certificates/{one.id}" in text
    assert "\n\n\n" not in text


def test_a_paper_in_the_hands_of_the_office_is_not_asked_for_again(maker, officer):
    """The seller's list asks for what stores want: a certificate answers as a typed number does."""

    def lacking() -> list[str]:
        (row,) = products_of_seller(maker.seller_id or 0)
        return sorted(row.missing)

    made = product(maker)
    with unit_of_work() as session:
        session.get_one(Category, made.category_id).is_food = True
    assert lacking() == ["halal", "pirt"]
    verified(maker, officer)
    assert lacking() == ["pirt"]
    handed_in(maker, kind="pirt", number="P-IRT No. 2063372010123-28", product_id=made.id)
    assert lacking() == []
