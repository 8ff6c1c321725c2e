"""Sales of a chain as a file: sent, its columns named once, looked at, taken in, with its result."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from ...exchange.own_files import OwnFiles, add_pages
from ...i18n import N_
from ...importing import ImportRun
from ...permissions import Permission
from ..imports.sales import SALES
from ..queries.sales import reports_of_run

blueprint = Blueprint("sales_files", __name__, url_prefix="/sales/files")


def _beside(run: ImportRun) -> dict[str, Any]:
    return {"reports": reports_of_run(run.id)}


add_pages(
    blueprint,
    OwnFiles(SALES, "placements/sales_file", "formulir-penjualan", N_("Berkas penjualan"), beside=_beside),
    Permission.SALES_REPORT,
)
