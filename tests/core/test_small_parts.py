"""Clock, money, language, numbers of papers, health: the small parts that everything stands on."""

from __future__ import annotations

import re
import threading
import zlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import clock, create_app, documents, i18n, money
from marketplace.db import db, unit_of_work
from tests import factories
from tests.support.signing import sign_in

# --- clock --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 11, 21, 17, 0, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_surakarta(moment, day):
    with clock.frozen(moment):
        assert clock.today() == day
        assert clock.now() == moment


def test_time_stands_still_only_within_the_block_and_only_for_aware_moments():
    with clock.frozen(datetime(2020, 1, 1, tzinfo=UTC)):
        with clock.frozen(datetime(2021, 1, 1, tzinfo=UTC)):
            assert clock.now().year == 2021
        assert clock.now().year == 2020
    assert abs(clock.now() - clock.now()) < timedelta(seconds=5)
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2020, 1, 1)):  # noqa: DTZ001
        pass


# --- money --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "written"), [(0, "Rp0"), (1234567, "Rp1.234.567"), (-1500, "-Rp1.500"), (999, "Rp999")]
)
def test_rupiah_are_written_the_indonesian_way(amount, written):
    assert money.format_rupiah(amount) == written


@given(st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1))
def test_what_is_written_is_read_again(amount):
    assert money.parse_whole(money.format_rupiah(amount)) == amount


@pytest.mark.parametrize("text", ["1.500", "1500", "Rp 1.500", "Rp1.500,00", " rp. 1.500 ", "1.500,-"])
def test_a_dot_parts_thousands(text):
    assert money.parse_whole(text) == 1500


@pytest.mark.parametrize(
    "text", ["", "1.5", "1,5", "abc", "1.50", "12.34.567", "9" * 25, "1e9", "--5", "0x10"]
)
def test_what_is_no_whole_amount_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - its message is the text itself
        money.parse_whole(text)


@pytest.mark.parametrize("text", ["9" * 19, "9" * 5_000, "-" + "9" * 25, "999." * 9 + "999"])
def test_a_number_too_large_for_the_ledger_is_told_apart_from_what_is_none(text):
    with pytest.raises(money.TooLarge):
        money.parse_whole(text)


@given(
    st.integers(min_value=-(10**12), max_value=10**12),
    st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=20).filter(lambda w: sum(w) > 0),
)
def test_shares_sum_to_the_whole_and_are_fair_to_within_one(total, weights):
    shares = money.split_largest_remainder(total, weights)
    assert sum(shares) == total
    assert all(
        abs(share * sum(weights) - total * weight) < sum(weights)
        for share, weight in zip(shares, weights, strict=True)
    )


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_senseless_weights_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        money.split_largest_remainder(100, weights)


@pytest.mark.parametrize(
    ("amount", "percent", "share"), [(500, "7.5", 38), (1, "50", 1), (-1, "50", -1), (3, "0", 0)]
)
def test_a_percentage_is_rounded_half_up(amount, percent, share):
    assert money.percent_of(amount, Decimal(percent)) == share


# --- language -----------------------------------------------------------------------------------------------


def test_indonesian_is_the_language_until_somebody_asks_for_english(client):
    assert '<html lang="id">' in client.get("/sign-in").get_data(as_text=True)
    assert '<html lang="en">' in client.get("/sign-in?lang=en").get_data(as_text=True)
    assert '<html lang="en">' in client.get("/sign-in").get_data(as_text=True), "the choice is kept"
    assert '<html lang="id">' in client.get("/sign-in?lang=id").get_data(as_text=True)


def test_a_language_we_do_not_speak_changes_nothing(client):
    assert '<html lang="id">' in client.get("/sign-in?lang=xx").get_data(as_text=True)


def test_a_users_own_language_is_used_on_a_new_device(client):
    sign_in(client, factories.user(locale="en"))
    assert '<html lang="en">' in client.get("/account").get_data(as_text=True)


@pytest.mark.parametrize(
    ("lang", "day", "number"),
    [("id", "22 November 2026", "1.234.567"), ("en", "22 November 2026", "1,234,567")],
)
def test_days_and_numbers_are_written_as_the_reader_writes_them(app, lang, day, number):
    with app.test_request_context(f"/?lang={lang}"):
        assert i18n.format_day(date(2026, 11, 22)) == day
        assert i18n.format_number(1234567) == number
        assert i18n.format_time(datetime(2026, 11, 21, 23, 54, tzinfo=UTC)) == "06.54 WIB"
        assert i18n.format_percent(0.682).endswith("%")


def test_months_have_their_indonesian_names(app):
    with app.test_request_context("/"):
        assert i18n.format_day(date(2026, 8, 17)) == "17 Agustus 2026"
        assert i18n.format_day_short(date(2026, 5, 1)) == "1 Mei 2026"
        assert i18n.format_weekday(date(2026, 11, 22)) == "Minggu, 22 November 2026"


# --- numbers of papers --------------------------------------------------------------------------------------


def test_numbers_of_a_series_have_no_gaps_even_when_a_unit_fails(app):
    def fail() -> None:
        with unit_of_work() as session:
            assert documents.next_number(session, "report/33.72/2026") == 2
            raise ZeroDivisionError

    with unit_of_work() as session:
        assert documents.next_number(session, "report/33.72/2026") == 1
    with pytest.raises(ZeroDivisionError):
        fail()
    with unit_of_work() as session:
        assert documents.next_number(session, "report/33.72/2026") == 2
        assert documents.next_number(session, "report/33.73/2026") == 1


def test_many_papers_at_once_get_one_number_each(app):
    numbers: list[int] = []

    def issue() -> None:
        with app.app_context():
            for _paper in range(5):
                with unit_of_work() as session:
                    numbers.append(documents.next_number(session, "series"))
            db.session.remove()

    threads = [threading.Thread(target=issue) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(numbers) == list(range(1, 41))


def test_a_qr_code_is_an_svg_that_takes_the_size_of_its_place():
    drawn = documents.qr_svg("https://etalase.example/verify/ABC")
    assert drawn.startswith("<svg")
    assert "viewBox" in drawn
    assert "width=" not in drawn.partition(">")[0]


def test_a_paper_fetches_nothing():
    with pytest.raises(ValueError, match="must not fetch"):
        documents._refuse_fetch("https://evil.example/track.png")


# --- health -------------------------------------------------------------------------------------------------


def test_a_server_with_its_database_is_healthy_and_ready(client):
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 200


def test_a_server_without_its_schema_lives_but_is_not_ready(tmp_path):
    client = create_app(TESTING=True, DATA_DIR=str(tmp_path), DATABASE_URL="").test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_a_server_whose_database_is_away_is_not_ready(tmp_path):
    away = "postgresql://nobody@127.0.0.1:1/none"
    client = create_app(TESTING=True, DATA_DIR=str(tmp_path), DATABASE_URL=away).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_papers_are_set_in_our_own_face_and_keep_their_hyphens():
    """Whatever fonts the machine has. The face has a longer stroke for between digits; codes keep theirs."""
    paper = documents.pdf('<p style="font-family: Plus Jakarta Sans">PS-2025-00001</p>')
    packed = re.findall(rb"stream\r?\n(.*?)endstream", paper, re.DOTALL)
    inside = b"".join(zlib.decompressobj().decompress(one) for one in packed if one.startswith(b"x"))
    assert b"+Plus-Jakarta-Sans" in inside
    assert inside.count(b"<002d>") == 1, "one glyph stands for every hyphen"
