"""A new product from its first photo."""

from __future__ import annotations

from flask import current_app

from ... import images
from ...db import unit_of_work
from ...errors import InvalidInput
from ...permissions import Actor
from .access import own_seller
from .photos import add_photo
from .products import create_draft, delete_draft


def start_with_photo(*, actor: Actor, content: bytes, client_key: str) -> int:
    """Make a draft that has this photo; answers its id. No draft is left where the photo is not taken.

    Raises what `add_photo` raises.
    """
    try:
        images.inspect(content, current_app.config["PHOTO_MAX_BYTES"])
    except images.BadImage as error:
        raise InvalidInput(error.message, fields={"photos": error.message}) from error
    with unit_of_work() as session:
        own_seller(session, actor, actor.seller_id or 0)
        product = create_draft(actor=actor, seller_id=actor.seller_id or 0)
    try:
        add_photo(actor=actor, product_id=product.id, content=content, client_key=client_key)
    except Exception:
        delete_draft(actor=actor, product_id=product.id)
        raise
    return product.id
