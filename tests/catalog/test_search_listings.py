"""How well search answers on real listings: what comes first belongs to what was asked, slang or not."""

from __future__ import annotations

import csv

import pytest

from marketplace.backends.search import Document, Weight
from marketplace.backends.search.base import Hits
from marketplace.backends.search.spelling import Speller
from marketplace.backends.search.words import terms
from marketplace.catalog.queries import engine
from marketplace.catalog.queries.matching import _asked
from marketplace.catalog.queries.wording import wording
from marketplace.catalog.rules import ranking

TOP = 10
KEYWORDS = (
    "khas daerah", "kue kering", "hiasan rumah", "produk lokal", "personal care",
    "rempah khas", "kopi khas", "tenun", "pakaian adat", "handmade",
)  # fmt: skip
VARIANTS = {
    "khas daerah": ("khas daera", "kas daerah", "khass daerah", "oleh2 khas daerah", "khas derah"),
    "kue kering": ("kueh kering", "kue krng", "kue kring", "cookies kering", "cake kering", "kuekering"),
    "hiasan rumah": (
        "hiasan rmah",
        "hiyasan rumah",
        "hiasan dinding rumah",
        "hiasan rumahnya",
        "hisan rumah",
    ),
    "produk lokal": ("produk local", "prodak lokal", "produk lokall", "prduk lokal"),
    "personal care": ("personal kare", "personalcare", "persenal care", "prsonal care"),
    "rempah khas": ("rempah2 khas", "rempa khas", "rempah kas", "rempahnya khas", "remph khas"),
    "kopi khas": ("kopie khas", "coffee khas", "kopi kas", "kopinya khas", "kpoi khas"),
    "tenun": ("tenunan", "tenon", "tennun", "ditenun"),
    "pakaian adat": ("pakean adat", "pakaian adad", "baju adat", "busana adat", "pakain adat"),
    "handmade": ("hand made", "hanmade", "handmad", "handmede", "kerajinan handmade"),
}


@pytest.fixture
def listings(app, shared_data):
    """1,500 real listings in the index, with the keyword that found each; the engine that searches them."""
    with (shared_data / "listings" / "listings.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    kept = engine.engine()
    documents = (
        Document(number, number, {Weight.A: terms(row["name"]), Weight.B: terms(row["category"])})
        for number, row in enumerate(rows, start=1)
    )
    kept.index.rebuild(documents, version=1)
    labels = {number: row["search_keyword"] for number, row in enumerate(rows, start=1)}
    yield kept, labels
    kept.index.rebuild([], version=0)


def top(kept: engine.Engine, q: str) -> list[int]:
    hits: Hits = _asked(kept, wording(q, kept.synonyms(0), kept.spelling()).groups)[0]
    score = ranking.asked_score(hits.scores, hits.scores * 0)
    order = ranking.in_fair_order(ranking.asked_grade(score), score, hits.ids, hits.ids)
    return [int(number) for number in hits.ids[order[:TOP]]]


def share(kept: engine.Engine, labels: dict[int, str], q: str, label: str) -> float:
    found = top(kept, q)
    return sum(labels[number] == label for number in found) / TOP


@pytest.mark.shared
def test_seven_of_ten_belong_to_what_was_asked(listings):
    kept, labels = listings
    shares = {keyword: share(kept, labels, keyword, keyword) for keyword in KEYWORDS}
    assert set(KEYWORDS) == set(labels.values())
    assert all(found >= 0.7 for found in shares.values()), shares


@pytest.mark.shared
def test_typing_errors_and_slang_lose_at_most_one_of_ten(listings):
    kept, labels = listings
    lost = {}
    for keyword, variants in VARIANTS.items():
        right = share(kept, labels, keyword, keyword)
        for variant in variants:
            found = share(kept, labels, variant, keyword)
            if found < right - 0.1:
                lost[variant] = (found, right)
    assert sum(map(len, VARIANTS.values())) >= 20
    assert not lost


def test_the_speller_knows_nothing_before_it_learns():
    assert Speller().near("keripik") == []
