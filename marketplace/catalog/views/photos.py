"""A seller's photos on the seller's phone, and the photos themselves for everybody."""

from __future__ import annotations

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from ... import throttle
from ...backends.storage import StorageFailed, current_storage
from ...errors import InvalidInput, NotFound, RuleBroken, Unavailable
from ...i18n import _, ngettext
from ...permissions import Permission, current_actor, protected, public
from ...problems import asks_for_json
from ...security import large_upload, safe_next
from .. import services
from ..models import Product, ProductPhoto
from ..queries import photos as reads
from ..rules import photos as rules
from .public import FOR_EVER, ID

blueprint = Blueprint("seller_photos", __name__, url_prefix="/seller/products")
media = Blueprint("media", __name__)

UPLOADS = "600 per hour"
TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}
FRONT = -1000


@media.get("/media/photos/<name>")
@public
def photo_file(name: str) -> BaseResponse:
    """A file of a photo. Its name is random and its content never changes."""
    key = rules.key_of_file(name)
    if key is None:
        raise NotFound(_("Gambar ini tidak ada."))
    etag = name.replace(".", "-")
    if etag in request.if_none_match:
        return _for_ever(Response(status=304), etag)
    try:
        content = current_storage().get(key)
    except LookupError:
        raise NotFound(_("Gambar ini tidak ada.")) from None
    except StorageFailed as error:
        raise Unavailable(_("Gambar ini belum bisa diambil. Coba lagi sebentar lagi.")) from error
    return _for_ever(Response(content, mimetype=TYPES[name.rpartition(".")[2]]), etag)


def _for_ever(answer: Response, etag: str) -> Response:
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.set_etag(etag)
    return answer


@blueprint.post("/photos")
@protected(Permission.PRODUCT_EDIT)
@large_upload
def start() -> BaseResponse:
    """A new product begins with its photos: a draft is made when the first of them can be taken."""
    files = _files()
    if asks_for_json():
        return _start_with(files, request.form.get("key", ""))
    if not files:
        flash(_("Pilih satu foto dulu, atau lanjutkan tanpa foto."), "warning")
        return redirect(url_for("seller_products.new"))
    actor = current_actor()
    product = services.create_draft(actor=actor, seller_id=actor.seller_id or 0)
    _take(product.id, files)
    if not reads.photo_rows(product.id).kept:
        services.delete_draft(actor=actor, product_id=product.id)
        return redirect(url_for("seller_products.new"))
    return redirect(url_for("seller_products.edit", product_id=product.id))


def _start_with(files: list[FileStorage], key: str) -> BaseResponse:
    """The first photo of a new product, from the page's script; sent again it finds the draft it made."""
    if len(files) != 1 or not key:
        raise InvalidInput(_("Kirim satu foto."))
    _throttle()
    product_id = reads.product_by_key(current_actor(), key) or services.start_with_photo(
        actor=current_actor(), content=files[0].read(), client_key=key
    )
    return jsonify(
        {
            "upload": url_for(".upload", product_id=product_id),
            "edit": url_for("seller_products.edit", product_id=product_id),
        }
    )


@blueprint.get(f"/<{ID}:product_id>/photos")
@protected(Permission.PRODUCT_EDIT)
def photos(product_id: int) -> str:
    """The photos of a product: add, put in order, describe, take away."""
    product = _own(product_id)
    template = "_photo_list.html" if "list" in request.args else "photos.html"
    return render_template(f"catalog/{template}", product=product)


@blueprint.post(f"/<{ID}:product_id>/photos")
@protected(Permission.PRODUCT_EDIT)
@large_upload
def upload(product_id: int) -> BaseResponse:
    """Take photos: several at once from a form, one at a time (with its key) from the page's script."""
    product, files = _own(product_id), _files()
    if asks_for_json():
        if len(files) != 1:
            raise InvalidInput(_("Kirim satu foto."))
        _throttle()
        photo = services.add_photo(
            actor=current_actor(),
            product_id=product.id,
            content=files[0].read(),
            client_key=request.form.get("key", ""),
        )
        return jsonify({"id": photo.id, "state": photo.state})
    if not files:
        flash(_("Pilih foto dulu."), "warning")
    _take(product.id, files)
    return _back(product.id)


def _files() -> list[FileStorage]:
    return [file for file in request.files.getlist("photos") if file.filename or file.content_length]


def _throttle() -> None:
    throttle.check_and_count("photos", str(current_actor().seller_id), UPLOADS)


def _take(product_id: int, files: list[FileStorage]) -> None:
    """Add each photo that can be taken, and say why the others cannot."""
    taken = 0
    for file in files[: rules.MAX_PHOTOS * 2]:
        _throttle()
        try:
            services.add_photo(actor=current_actor(), product_id=product_id, content=file.read())
        except (InvalidInput, RuleBroken) as error:
            flash(f"{(file.filename or _('Foto'))[:60]}: {error.message}", "danger")
        else:
            taken += 1
    if taken:
        flash(ngettext("%(num)d foto diterima.", "%(num)d foto diterima.", taken), "ok")


@blueprint.post(f"/<{ID}:product_id>/photos/order")
@protected(Permission.PRODUCT_EDIT)
def order(product_id: int) -> BaseResponse:
    """Put the photos in the order in which they were dragged."""
    words = request.form.get("order", "")[:500].split(",")
    wanted = [int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 19]
    services.order_photos(actor=current_actor(), product_id=product_id, order=wanted)
    return _back(product_id)


@blueprint.post(f"/photos/<{ID}:photo_id>/move")
@protected(Permission.PRODUCT_EDIT)
def move(photo_id: int) -> BaseResponse:
    """One place to the front, to the back, or to the very front: the cover."""
    steps = {"earlier": -1, "later": 1, "cover": FRONT}.get(request.form.get("to", ""))
    photo = _own_photo(photo_id)
    if steps is not None:
        services.move_photo(actor=current_actor(), photo_id=photo_id, steps=steps)
    return _back(photo.product_id, f"foto-{photo_id}")


@blueprint.post(f"/photos/<{ID}:photo_id>/alt")
@protected(Permission.PRODUCT_EDIT)
def describe(photo_id: int) -> BaseResponse:
    """Say in words what is to be seen."""
    photo = _own_photo(photo_id)
    try:
        services.describe_photo(actor=current_actor(), photo_id=photo_id, alt=request.form.get("alt", ""))
        flash(_("Keterangan foto disimpan."), "ok")
    except InvalidInput as error:
        flash(error.message, "danger")
    return _back(photo.product_id, f"foto-{photo_id}")


@blueprint.post(f"/photos/<{ID}:photo_id>/remove")
@protected(Permission.PRODUCT_EDIT)
def remove(photo_id: int) -> BaseResponse:
    """Take a photo away; it can be brought back for a day."""
    photo = services.remove_photo(actor=current_actor(), photo_id=photo_id)
    flash(_("Foto dihapus. Sampai besok Anda masih bisa mengembalikannya di bawah."), "ok")
    return _back(photo.product_id)


@blueprint.post(f"/photos/<{ID}:photo_id>/restore")
@protected(Permission.PRODUCT_EDIT)
def restore(photo_id: int) -> BaseResponse:
    """Bring a photo back."""
    photo = _own_photo(photo_id)
    try:
        services.restore_photo(actor=current_actor(), photo_id=photo_id)
        flash(_("Foto dikembalikan."), "ok")
    except RuleBroken as error:
        flash(error.message, "danger")
    return _back(photo.product_id)


def _own(product_id: int) -> Product:
    found = reads.product_of_seller(current_actor(), product_id)
    if found is None:
        raise NotFound(_("Produk ini tidak ada, atau bukan milik Anda."))
    return found


def _own_photo(photo_id: int) -> ProductPhoto:
    photo = reads.own_photo(current_actor(), photo_id)
    if photo is None:
        raise NotFound(_("Foto ini tidak ada, atau bukan milik Anda."))
    return photo


def _back(product_id: int, anchor: str = "foto") -> BaseResponse:
    """To the page that asked: the product's form or the photos' own page."""
    if asks_for_json():
        return Response(status=204)
    target = safe_next(request.form.get("next"), url_for(".photos", product_id=product_id))
    return redirect(f"{target}#{anchor}")


def photo_globals(app: Flask) -> None:
    """Let templates show photos and ask for those that a seller keeps."""
    app.jinja_env.globals.update(
        photo_shape=rules.shape_of,
        photo_shape_of=lambda photo: rules.Shape(photo.stem, photo.width, photo.height),
        photo_rows=reads.photo_rows,
        photo_max_megabytes=lambda: current_app.config["PHOTO_MAX_BYTES"] // rules.MEGABYTE,
    )
