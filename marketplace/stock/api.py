"""The JSON API of stock: sales reports in, what stands on a shelf out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from .. import clock
from ..api import blueprint
from ..api_values import Day, Whole
from ..errors import NotFound
from ..i18n import _
from ..permissions import Permission, current_actor, protected
from . import queries
from .rules.sales import Line
from .services import record_sales

MAX_LINES = 5_000
api = blueprint("stock", tag="Stock")


class SaleLineIn(BaseModel):
    """A sale (seller_ref, sku, quantity) or, with `reverses`, the taking back of one."""

    line_ref: str = Field(description="Unique within the outlet, up to 64 characters.")
    occurred_on: str = Field(description="The day in WIB, YYYY-MM-DD.")
    seller_ref: str | None = None
    sku: str | None = None
    quantity: Whole | None = Field(None, description="Units sold, from 1.")
    unit_price_rupiah: Whole | None = None
    reverses: str | None = Field(None, description="The line_ref of the sale to take back.")

    def as_line(self) -> Line:
        """The line as the services take it."""
        return Line(
            self.line_ref, self.occurred_on, self.seller_ref, self.sku, self.quantity,
            self.unit_price_rupiah, self.reverses,
        )  # fmt: skip


class SalesIn(BaseModel):
    """A report of one outlet's sales."""

    outlet_ref: str
    lines: list[SaleLineIn] = Field(
        max_length=MAX_LINES, description="None: nothing was sold; that is a report as well."
    )
    first_on: Day | None = Field(None, description="The first day reported, where the lines do not say it.")
    last_on: Day | None = Field(None, description="The last day reported; without any it is today.")


class SalesKeyHeader(BaseModel):
    """What makes a report one report, however often its request arrives."""

    model_config = ConfigDict(populate_by_name=True)

    idempotency_key: str = Field(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^\S(.*\S)?$",
        description="The same key with the same body repeats the first answer; with another body it is 409.",
    )


class DifferenceOut(BaseModel):
    """Units of a line that the shelf did not hold."""

    line_ref: str
    quantity: int
    message: str


class RefusedOut(BaseModel):
    """A line that was not taken, or a warning about one that was."""

    line_ref: str
    code: str
    message: str


class SalesOut(BaseModel):
    """What became of the lines."""

    accepted: int
    differences: list[DifferenceOut]
    refused: list[RefusedOut]
    warnings: list[RefusedOut] = Field(default=[], description="Only there when something is odd.")


class StockQuery(BaseModel):
    """Which outlet, at the end of which day (today when absent)."""

    outlet_ref: str
    as_of: Day | None = None


class StockItemOut(BaseModel):
    """Units of one product."""

    seller_ref: str
    sku: str
    on_hand: int


class StockOut(BaseModel):
    """Everything that stands there."""

    items: list[StockItemOut]


@api.post("/sales")
@protected(Permission.SALES_REPORT)
@api.input(SalesKeyHeader, location="headers", arg_name="header")
@api.input(SalesIn)
@api.output(SalesOut)
def post_sales(header: SalesKeyHeader, json_data: SalesIn) -> Response:
    """Report sales of an outlet; repeat safely with the same Idempotency-Key."""
    answer = record_sales(
        actor=current_actor(),
        idempotency_key=header.idempotency_key,
        outlet_ref=json_data.outlet_ref,
        lines=[line.as_line() for line in json_data.lines],
        first_on=json_data.first_on,
        last_on=json_data.last_on,
    )
    return jsonify(answer)


@api.get("/stock")
@protected(Permission.STOCK_VIEW)
@api.input(StockQuery, location="query")
@api.output(StockOut)
def get_stock(query_data: StockQuery) -> Any:
    """What stands at an outlet at the end of a day."""
    actor = current_actor()
    outlet_id = queries.outlet_for(actor, query_data.outlet_ref)
    if outlet_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    items = queries.stock_items(actor, outlet_id, query_data.as_of or clock.today())
    return {"items": [StockItemOut(seller_ref=i.seller_ref, sku=i.sku, on_hand=i.on_hand) for i in items]}
