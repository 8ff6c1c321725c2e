"""The preview card that chats show for a product's address."""

from __future__ import annotations

import io
import threading

from flask import Response, redirect, request, url_for
from PIL import Image
from werkzeug.wrappers import Response as BaseResponse

from ... import batik
from ...backends.storage import current_storage
from ...batik.painting import paint
from ...errors import NotFound
from ...i18n import _
from ...mailing import address
from ...money import format_rupiah
from ...permissions import NOBODY, public
from .. import documents, queries
from ..documents import CardText
from ..queries import ProductPage
from ..rules.photos import file_key, shape_of
from .public import FOR_EVER, ID, blueprint

_drawing = threading.Lock()
"""One card is drawn at a time: a chat asks for a new one from several places at once."""


@blueprint.get(f"/products/<{ID}:product_id>/card-<mark>.jpg")
@public
def card(product_id: int, mark: str) -> BaseResponse:
    """The card as it is now; an older address leads to it. What is not shown has none."""
    page = queries.product_pages(NOBODY, [product_id]).get(product_id)
    if page is None:
        raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))
    current = documents.card_mark(_text_of(page))
    if mark != current:
        return redirect(url_for(".card", product_id=product_id, mark=current))
    answer = Response(_kept(page, current), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = FOR_EVER
    answer.set_etag(current)
    return answer.make_conditional(request)


def card_url(page: ProductPage) -> str:
    """Where the card of a page stands, for whoever asks from outside."""
    mark = documents.card_mark(_text_of(page))
    return address(url_for("catalog.card", product_id=page.card.id, mark=mark))


def _text_of(page: ProductPage) -> CardText:
    product = page.card
    return CardText(
        name=product.name,
        price=format_rupiah(product.price_rupiah),
        unit=product.unit,
        maker=product.seller_name,
        place=product.place,
        picture=product.cover or product.image_url,
    )


def _kept(page: ProductPage, mark: str) -> bytes:
    """The card from the store, drawn when nobody asked for it before; older ones of the product go."""
    store, key = current_storage(), documents.card_key(page.card.id, mark)
    try:
        return store.get(key)
    except LookupError:
        pass
    with _drawing:
        try:
            return store.get(key)
        except LookupError:
            drawn = documents.draw_card(_text_of(page), _picture(page))
        older = list(store.keys(f"share/{page.card.id}/"))
        store.put(key, drawn)
        for one in older:
            store.delete(one)
    return drawn


def _picture(page: ProductPage) -> Image.Image:
    """The first photo, else the drawn motif."""
    shape = shape_of(page.card.cover)
    if shape is not None:
        try:
            return Image.open(io.BytesIO(current_storage().get(file_key(shape.stem, shape.sizes[-1], "jpg"))))
        except LookupError:
            pass  # the files are on their way to another store: the motif stands in
    form, mark = page.card.image_url.removeprefix("/pictures/").removesuffix(".svg").split("-", 1)
    return paint(batik.draw(mark, form), documents.PICTURE_SIDE)
