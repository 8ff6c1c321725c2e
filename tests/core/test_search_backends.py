"""One contract for every search backend: what is put in is found, by its words, best first."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text as sql

from marketplace.backends.search import Document, Group, Weight, search_index
from marketplace.backends.search.spelling import Speller, edit_distance
from marketplace.backends.search.words import stem, terms, tokens
from marketplace.db import db, is_postgres


@pytest.fixture
def index(app, tmp_path):
    """whoosh: beside SQLite, postgres: in PostgreSQL; whoosh: never looks at the database."""
    yield search_index("", tmp_path / "other", is_postgres=is_postgres())
    db.session.rollback()
    if is_postgres():  # what the app itself would find there is not of its products
        with db.engine.begin() as connection:
            connection.execute(sql("DROP SCHEMA IF EXISTS etalase_search CASCADE"))


def document(number, title, text="", stamp=1):
    return Document(number, stamp, {Weight.A: terms(title), Weight.D: terms(text)})


def fill(index, *documents, version=1):
    index.rebuild(documents, version=version)
    db.session.rollback()


def put(index, *documents, gone=(), version=2):
    with index.writing():
        index.put(documents, gone=gone, version=version)
    db.session.rollback()


def ask(text):
    return [Group({word: 1.0} | ({stem(word): 0.8} if stem(word) != word else {})) for word in tokens(text)]


def found(index, text, **more):
    hits = index.find(ask(text), **more)
    order = sorted(zip(-hits.scores, hits.ids, strict=True))
    return [int(number) for _score, number in order]


def test_before_the_first_build_there_is_no_index_and_nothing_is_found(index):
    assert index.version() is None
    assert found(index, "keripik") == []
    assert index.stamps() == {}
    assert dict(index.vocabulary()) == {}


def test_what_was_built_is_found_by_every_word_and_only_by_all_of_them(index):
    fill(index, document(1, "Keripik tempe"), document(2, "Keripik pisang"), document(3, "Kopi tempe"))
    assert found(index, "keripik tempe") == [1]
    assert sorted(found(index, "keripik")) == [1, 2]
    assert found(index, "durian") == []
    assert index.version() == 1


def test_a_word_in_the_title_counts_more_than_one_in_the_text(index):
    fill(index, document(1, "Kacang", "enak dengan tempe"), document(2, "Tempe", "enak dengan kacang"))
    assert found(index, "tempe") == [2, 1]
    assert found(index, "kacang") == [1, 2]


def test_a_stem_finds_the_word_it_comes_from_and_the_other_way_round(index):
    fill(index, document(1, "Makanan ringan"), document(2, "Siap makan"), document(3, "Kerajinan rotan"))
    assert sorted(found(index, "makan")) == [1, 2]
    assert sorted(found(index, "makanan")) == [1, 2]
    assert found(index, "makanan")[0] == 1
    assert found(index, "kerajinannya") == [3]


def test_alternatives_stand_for_a_word_with_less_right(index):
    fill(index, document(1, "Sambal bawang"), document(2, "Sambel bawang"))
    both = index.find([Group({"sambel": 1.0, "sambal": 0.5}), Group({"bawang": 1.0})])
    assert sorted(zip(-both.scores, both.ids, strict=True))[0][1] == 2
    assert len(both) == 2


def test_some_of_the_words_may_be_enough(index):
    fill(index, document(1, "Keripik tempe pedas"), document(2, "Keripik tempe"), document(3, "Keripik"))
    assert found(index, "keripik tempe pedas", at_least=2) == [1, 2]
    assert found(index, "keripik tempe pedas", at_least=1) == [1, 2, 3]


def test_putting_replaces_and_forgets_and_tells_the_version(index):
    fill(index, document(1, "Keripik"), document(2, "Kopi"))
    put(index, document(1, "Sambal", stamp=9), document(3, "Batik"), gone=[2], version=7)
    assert found(index, "keripik") == found(index, "kopi") == []
    assert found(index, "sambal") == [1]
    assert found(index, "batik") == [3]
    assert index.stamps() == {1: 9, 3: 1}
    assert index.version() == 7


def test_putting_twice_changes_nothing(index):
    fill(index, document(1, "Keripik"))
    for _time in range(2):
        put(index, document(2, "Keripik"), gone=[77])
    assert sorted(found(index, "keripik")) == [1, 2]
    assert len(index.stamps()) == 2


def test_putting_into_no_index_is_refused(index):
    with pytest.raises(LookupError), index.writing():
        index.put([document(1, "Keripik")], gone=[], version=1)


def test_others_may_write_while_the_index_is_made_anew(index):
    fill(index, document(1, "Keripik"))

    def documents():
        put(index, document(2, "Kopi"))
        assert found(index, "kopi") == [2]
        yield document(3, "Batik")

    index.rebuild(documents(), version=9)
    db.session.rollback()
    assert list(index.stamps()) == [3]


def test_a_rebuild_takes_the_place_of_what_served(index):
    fill(index, document(1, "Keripik"), document(2, "Kopi"))
    put(index, document(3, "Keripik"))
    fill(index, document(4, "Keripik"), version=5)
    db.session.rollback()
    assert found(index, "keripik") == [4]
    assert index.version() == 5


def test_a_rebuild_that_breaks_leaves_what_served(index):
    fill(index, document(1, "Keripik"))

    def broken():
        yield document(2, "Keripik")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        index.rebuild(broken(), version=9)
    db.session.rollback()
    assert found(index, "keripik") == [1]
    assert index.version() == 1


def test_the_vocabulary_has_every_word_with_its_documents(index):
    fill(index, document(1, "Keripik tempe"), document(2, "Keripik"))
    assert dict(index.vocabulary()) == {"keripik": 2, "tempe": 1}
    put(index, document(3, "Keripik sagu"))
    assert index.vocabulary()["sagu"] == 1
    assert index.vocabulary()["keripik"] == 3


@pytest.mark.parametrize("text", ["'; DROP TABLE", "a' | 'b & !", "\\", "💥 emoji", "ключ", "%_%", "&|!():*"])
def test_whatever_is_typed_is_words_and_never_an_error(index, text):
    fill(index, document(1, f"Keripik {text}"))
    assert found(index, text) in ([1], [])
    assert found(index, f"keripik {text}") == [1]


def test_a_quote_in_a_term_is_a_letter(index):
    odd = Document(1, 1, {Weight.A: ["o'brien", "back\\slash", "keripik"]})
    fill(index, odd)
    put(index, odd)
    for term in odd.terms[Weight.A]:
        assert [int(number) for number in index.find([Group({term: 1.0})]).ids] == [1]


def test_in_a_city_without_products_nothing_is_found(index):
    fill(index)
    assert found(index, "keripik") == []


def test_an_empty_question_finds_nothing(index):
    fill(index, document(1, "Keripik"))
    assert found(index, "") == []


def test_only_one_writes_at_a_time(app, index):
    fill(index, document(1, "Keripik"))
    inside, overlaps = [0], []

    def write(number):
        with app.app_context():
            other = search_index(
                "postgres:" if is_postgres() else f"whoosh:{index.folder}",
                app.config["DATA_DIR"],
                is_postgres=is_postgres(),
            )
            with other.writing():
                inside[0] += 1
                overlaps.append(inside[0])
                other.put([document(number, "Keripik")], gone=[], version=number)
                inside[0] -= 1
            db.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [1, 1, 1, 1]
    db.session.rollback()
    assert sorted(found(index, "keripik")) == [1, 2, 3, 4, 5]


def test_an_address_that_means_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="SEARCH_URL"):
        search_index("elastic:", tmp_path, is_postgres=True)
    with pytest.raises(ValueError, match="PostgreSQL"):
        search_index("postgres:", tmp_path, is_postgres=False)


def test_words_are_folded_and_a_2_doubles_them():
    assert tokens("250gr Kripik Témpé, OLEH2 Solo!") == [
        "250",
        "gr",
        "kripik",
        "tempe",
        "oleh",
        "oleh",
        "solo",
    ]
    assert tokens("x" * 41) == []
    assert terms("makanan keripik") == ["makanan", "makan", "keripik"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("kripik", "keripik"), ("pedes", "pedas"), ("sambel", "sambal"), ("kopii", "kopi"), ("btaik", "batik")],
)
def test_a_misspelt_word_is_guessed(written, meant):
    speller = Speller()
    speller.learn({"keripik": 9, "pedas": 9, "sambal": 9, "kopi": 9, "batik": 9, "kertas": 3, "pedal": 1})
    assert speller.near(written)[0].word == meant


def test_the_vocabulary_may_grow():
    speller = Speller()
    speller.learn({"keripik": 9})
    speller.learn({"keripik": 9, "rengginang": 2})
    assert speller.near("renginang")[0].word == "rengginang"
    assert speller.beginning_with("reng") == ["rengginang"]


def test_edit_distance_counts_a_swap_once_and_gives_up_early():
    assert edit_distance("btaik", "batik", 2) == 1
    assert edit_distance("kripik", "keripik", 1) == 1
    assert edit_distance("kopi", "batik", 2) is None
