"""What a list's columns are called in a workbook: no code name where people read."""

from __future__ import annotations

import importlib
import pkgutil

import marketplace
from marketplace.exchange.headings import HEADS, in_words
from marketplace.orders.queries import books
from marketplace.placements.queries.reporting import SilentOutlet

PROMISED = {"marketplace.compliance.views.outlets"}
"""Files whose columns are promised to programs in both formats."""


def test_every_column_of_every_list_has_a_name(app):
    """Also of the list that is added next."""
    names: dict[str, str] = dict.fromkeys(SilentOutlet.__slots__, "SilentOutlet")
    modules = (module.name for module in pkgutil.walk_packages(marketplace.__path__, "marketplace."))
    views = [name for name in modules if ".views." in name and name not in PROMISED]
    sources = [books, *map(importlib.import_module, views)]
    for source in sources:
        for name, columns in vars(source).items():
            if name.endswith("COLUMNS") and isinstance(columns, (tuple, list)):
                names.update(dict.fromkeys(columns, f"{source.__name__}.{name}"))
    assert len(names) > 150
    assert {column: where for column, where in names.items() if column not in HEADS} == {}


def test_codes_are_told_and_what_has_no_word_stays(app):
    with app.test_request_context():
        head, rows = in_words(
            ("state", "anything"), [("open", "open"), (None, 3)], {"state": {"open": "Buka"}}
        )
        assert (head, list(rows)) == (["Keadaan", "anything"], [["Buka", "open"], [None, 3]])
