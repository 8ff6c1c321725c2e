"""A few numbers of a product, changed in the table: through the same services as the form."""

from __future__ import annotations

from collections.abc import Mapping

from ...db import unit_of_work
from ...errors import InvalidInput
from ...permissions import Actor
from ..models import Product
from ..queries.bulk import file_states
from ..values import VariantValues
from .access import own_product, require_editor, variants_of
from .bulk import as_it_is, values_of
from .products import change_product
from .variants import save_variants


def change_numbers(*, actor: Actor, product_id: int, changes: Mapping[str, int | None]) -> Product:
    """Change some numbers of one product (or the price of a variant), and nothing else of it.

    Raises InvalidInput with a sentence for each column, NotFound for a stranger's product.
    """
    require_editor(actor)
    with unit_of_work() as session:
        product, _region = own_product(session, actor, product_id)
        state = file_states(session, product.seller_id, [product.sku])[product.sku]
        if product.main_id is None:
            values = values_of({**state.columns, **changes})
            return change_product(actor=actor, product_id=product_id, values=values)
        rows = [
            _with_price(one, changes.get("price_rupiah")) if one.id == product_id else as_it_is(one)
            for one in variants_of(session, product.main_id)
            if not one.is_dropped
        ]
        try:
            save_variants(actor=actor, product_id=product.main_id, axis=product.variant_axis, rows=rows)
        except InvalidInput as error:
            fields = {name.rpartition("-")[2]: sentence for name, sentence in error.fields.items()}
            raise InvalidInput(error.message, fields=fields) from error
        return product


def _with_price(variant: Product, price_rupiah: int | None) -> VariantValues:
    return VariantValues(
        name=variant.variant_name,
        price_rupiah=variant.price_rupiah if price_rupiah is None else price_rupiah,
        product_id=variant.id,
        sku=variant.sku,
        gtin=variant.gtin,
        net_weight_g=variant.net_weight_g,
    )
