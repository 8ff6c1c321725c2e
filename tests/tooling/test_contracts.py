"""The import contract for the core catches what it is there for."""

import pytest
from grimp import ImportGraph

from tools.contracts import CoreContract


@pytest.fixture
def contract():
    return CoreContract(
        name="core",
        session_options={},
        contract_options={"package": "shop", "areas": ["stock", "orders"], "wiring": ["demo"]},
    )


def graph(*imports: tuple[str, str]) -> ImportGraph:
    made = ImportGraph()
    for module in ("shop", "shop.stock", "shop.stock.models", "shop.stockings", "shop.demo", "shop.db"):
        made.add_module(module)
    for importer, imported in imports:
        made.add_import(importer=importer, imported=imported, line_number=7, line_contents="import it")
    return made


@pytest.mark.parametrize(
    ("imports", "is_kept"),
    [
        ((), True),
        ((("shop.stock.models", "shop.db"),), True),
        ((("shop.demo", "shop.stock"),), True),
        ((("shop.db", "shop.stockings"),), True),
        ((("shop", "shop.stock"),), True),
        ((("shop.db", "shop.stock"),), False),
        ((("shop.db", "shop.stock.models"),), False),
        ((("shop.stockings", "shop.demo"),), False),
        ((("shop.db", "shop"),), False),
    ],
)
def test_only_the_core_is_kept_from_importing_areas_and_wiring(contract, imports, is_kept):
    assert contract.check(graph(*imports), verbose=False).kept is is_kept
