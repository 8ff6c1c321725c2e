"""Photos of products: taken by their content, stored once, made anew without what the phone wrote in."""

from __future__ import annotations

import csv
import io
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageCms, ImageDraw, TiffImagePlugin
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace import audits, clock, images, outbox
from marketplace.audit import AuditEvent
from marketplace.backends.storage import StorageFailed, current_storage
from marketplace.catalog import services
from marketplace.catalog.models import PhotoState, Product, ProductPhoto, ProductState
from marketplace.catalog.queries import held_photos, photos_of
from marketplace.catalog.queries.photos import photo_rows
from marketplace.catalog.rules import photos as rules
from marketplace.catalog.services import photo_files, photos
from marketplace.db import db
from marketplace.errors import InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Actor, Role
from tests import factories
from tests.support.signing import sign_in

LIMIT = 15_000_000
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What a photo is read as and made into is no matter of the database."""


def picture(
    width: int = 360,
    height: int = 240,
    file_format: str = "JPEG",
    mode: str = "RGB",
    seed: int = 1,
    **options: Any,
) -> bytes:
    """A photo with something to be seen on it: dark at the left, light at the right; small, so soon made."""
    image = Image.linear_gradient("L").rotate(90).resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).ellipse((5, 5, 40 + seed, 40 + seed), fill=(200, 30, 10 + seed))
    target = io.BytesIO()
    image.convert(mode).save(target, file_format, **options)
    return target.getvalue()


def with_gps(orientation: int = 6) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Ponsel Rahasia"
    exif.get_ifd(0x8825).update({1: "S", 2: tuple(TiffImagePlugin.IFDRational(n) for n in (7, 34, 1))})
    return picture(exif=exif.tobytes(), comment=b"rahasia")


@pytest.fixture
def seller(app: Flask) -> Actor:
    return factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)


@pytest.fixture
def product(seller: Actor) -> Product:
    made: Product = factories.product(
        db.session.get_one(factories.Seller, seller.seller_id), state=ProductState.DRAFT
    )
    return made


def add(seller: Actor, product: Product, content: bytes | None = None, key: str = "") -> ProductPhoto:
    return services.add_photo(
        actor=seller, product_id=product.id, content=content or picture(), client_key=key
    )


def made(seller: Actor, product: Product, content: bytes | None = None) -> ProductPhoto:
    photo = add(seller, product, content)
    outbox.drain()
    return db.session.get_one(ProductPhoto, photo.id, populate_existing=True)


# --- what is taken ------------------------------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.shared
def test_every_real_file_is_answered_as_its_outcome_says_or_more_strictly(
    seller: Actor, client: FlaskClient, shared_data: Path
) -> None:
    sign_in(client, seller)
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    with (shared_data / "images" / "outcomes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 20
    for row in rows:
        product = factories.product(shop, state=ProductState.DRAFT)
        content = (shared_data / "images" / row["file"]).read_bytes()
        is_ours = row["pillow_outcome"] == "ok" and row["format"] in {"JPEG", "PNG", "WEBP"}
        for name in (row["file"], "foto.jpg"):  # the name of a file says nothing about it
            answer = client.post(
                f"/seller/products/{product.id}/photos",
                data={"photos": (io.BytesIO(content), name)},
                headers={"Accept": "application/json"},
            )
            if is_ours:
                assert answer.status_code == 200, (row["file"], answer.get_data(as_text=True))
            else:
                assert answer.status_code == 422, (row["file"], answer.get_data(as_text=True))
                said = answer.get_json()["detail"]
                assert said.endswith(".")
                assert len(said) > 25
        outbox.drain()
        states = list(db.session.scalars(select(ProductPhoto.state).filter_by(product_id=product.id)))
        assert states == ([PhotoState.READY] if is_ours else []), row["file"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "kosong"),
        (b"GIF89a" + b"\0" * 40, "GIF"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<html><script>alert(1)</script>", "bukan foto"),
        (b"\xff\xd8\xff\xe0 and then nonsense", "rusak"),
        (b"\x89PNG\r\n\x1a\n", "rusak"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "rusak"),
        (picture(900, 600)[:-2000], "rusak"),
        (picture(900, 600, "PNG")[:-400], "rusak"),
        (picture(900, 600, "WEBP")[:-900], "rusak"),
    ],
)
def test_what_is_no_whole_photo_is_refused_with_a_sentence(content: bytes, said: str, app: Flask) -> None:
    with pytest.raises(images.BadImage, match=said):
        images.inspect(content, LIMIT)


@ON_SQLITE
def test_a_file_over_the_limit_of_bytes_is_not_even_opened(app: Flask) -> None:
    with pytest.raises(images.BadImage, match="15 MB"):
        images.inspect(b"\xff\xd8\xff" + b"\0" * LIMIT, LIMIT)


@ON_SQLITE
@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (5_500, 5_500)])
def test_a_small_file_that_unfolds_to_many_pixels_is_refused_by_its_head(
    width: int, height: int, app: Flask
) -> None:
    small = bytearray(picture(64, 64, "PNG"))
    import zlib  # noqa: PLC0415 - a chunk's checksum

    small[16:24] = width.to_bytes(4) + height.to_bytes(4)
    small[29:33] = zlib.crc32(small[12:29]).to_bytes(4)
    start = time.perf_counter()
    with pytest.raises(images.BadImage, match=r"megapiksel|rusak"):
        images.inspect(bytes(small), LIMIT)
    assert time.perf_counter() - start < 0.5


@ON_SQLITE
def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(app: Flask) -> None:
    content = picture(progressive=True)
    bomb = content[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 2000 + content[-2:]
    with pytest.raises(images.BadImage):
        images.inspect(bomb, LIMIT)


@ON_SQLITE
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_jpeg_png_and_webp_are_taken(file_format: str, app: Flask) -> None:
    facts = images.inspect(picture(900, 600, file_format), LIMIT)
    assert (facts.format, facts.width, facts.height) == (file_format.lower(), 900, 600)


# --- what is made -------------------------------------------------------------------------------------------


def opened(photo: ProductPhoto, size: int, file_format: str) -> Image.Image:
    return Image.open(io.BytesIO(current_storage().get(rules.file_key(photo.stem, size, file_format))))


def test_three_sizes_in_two_formats_are_made_and_the_upload_goes(seller: Actor, product: Product) -> None:
    photo = made(seller, product, picture(3000, 2000))
    assert (photo.state, photo.width, photo.height) == (PhotoState.READY, 1280, 853)
    assert sorted(current_storage().keys()) == sorted(rules.file_keys(photo.stem))
    shape = photos_of([product.id])[product.id][0].shape
    for size in rules.SIZES:
        for file_format in rules.FORMATS:
            assert opened(photo, size, file_format).size == shape.at(size)
    assert photo.kept_bytes == sum(len(current_storage().get(key)) for key in rules.file_keys(photo.stem))


@ON_SQLITE
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_and_says_nothing_of_where_it_was_taken(
    orientation: int, seller: Actor, product: Product
) -> None:
    photo = made(seller, product, with_gps(orientation))
    assert (photo.width, photo.height) == ((360, 240) if orientation < 5 else (240, 360))
    for size in rules.SIZES:
        for file_format in rules.FORMATS:
            data = current_storage().get(rules.file_key(photo.stem, size, file_format))
            image = Image.open(io.BytesIO(data))
            assert not dict(image.getexif())
            assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info)
            assert b"Rahasia" not in data
            assert b"rahasia" not in data
            assert b"Exif" not in data


@ON_SQLITE
def test_the_right_side_is_light_after_turning(seller: Actor, product: Product) -> None:
    upright = Image.open(io.BytesIO(picture())).convert("RGB")
    for orientation, back in ((3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90)):
        target = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = orientation
        upright.transpose(back).save(target, "JPEG", exif=exif.tobytes())
        photo = made(seller, product, target.getvalue())
        image: Any = opened(photo, 320, "jpg").convert("L")
        assert image.getpixel((310, 100)) > image.getpixel((60, 100)) + 50


@ON_SQLITE
@pytest.mark.parametrize(
    ("file_format", "mode"),
    [
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("PNG", "I;16"),
    ],
)
def test_every_kind_of_colour_becomes_plain_rgb(file_format: str, mode: str, app: Flask) -> None:
    result = images.make(picture(400, 300, file_format, mode if mode != "I;16" else "I;16"), rules.SIZES)
    for one in result.renditions:
        assert Image.open(io.BytesIO(one.data)).mode == "RGB"


@ON_SQLITE
def test_what_can_be_seen_through_lies_on_white(app: Flask) -> None:
    target = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(target, "PNG")
    result = images.make(target.getvalue(), rules.SIZES)
    paper: Any = Image.open(io.BytesIO(result.renditions[1].data)).getpixel((20, 20))
    assert min(paper) > 250


@ON_SQLITE
def test_colours_of_another_profile_are_translated_not_dropped(app: Flask) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    content = picture(200, 100, icc_profile=profile.tobytes())
    assert images.make(content, rules.SIZES).width == 200  # a profile that does not fit is left out
    assert images.make(picture(200, 100, icc_profile=b"nonsense"), rules.SIZES).width == 200


@ON_SQLITE
def test_a_moving_picture_stands_still(app: Flask) -> None:
    frames = [Image.new("RGB", (60, 40), name) for name in ("red", "blue")]
    for file_format in ("PNG", "WEBP"):
        target = io.BytesIO()
        frames[0].save(target, file_format, save_all=True, append_images=frames[1:])
        result = images.make(target.getvalue(), rules.SIZES)
        still = Image.open(io.BytesIO(result.renditions[0].data))
        assert getattr(still, "n_frames", 1) == 1
        colour: Any = still.convert("RGB").getpixel((20, 20))
        assert colour[0] > 200


@ON_SQLITE
def test_a_small_photo_is_not_enlarged(app: Flask) -> None:
    result = images.make(picture(100, 80), rules.SIZES)
    assert (result.width, result.height) == (100, 80)
    assert {Image.open(io.BytesIO(one.data)).size for one in result.renditions} == {(100, 80)}
    assert rules.Shape("a" * 20, 100, 80).sizes == (320,)


@ON_SQLITE
def test_a_photo_of_twelve_megapixels_takes_less_than_a_second(app: Flask) -> None:
    noise = Image.effect_noise((1000, 750), 40).resize((4000, 3000)).convert("RGB")
    target = io.BytesIO()
    noise.save(target, "JPEG", quality=92)
    assert any(thread_seconds(target.getvalue()) < 1.0 for _turn in range(3))


def thread_seconds(content: bytes) -> float:
    """What making a photo costs, however busy the machine is."""
    start = time.thread_time()
    images.make(content, rules.SIZES)
    return time.thread_time() - start


# --- sent again, killed, forgotten --------------------------------------------------------------------------


def test_an_upload_sent_again_is_stored_once(seller: Actor, product: Product) -> None:
    first = add(seller, product, picture(seed=1), key="k1")
    again = add(seller, product, picture(seed=1), key="k1")
    other = add(seller, product, picture(seed=2), key="k1")  # shrunk anew, and a little different
    same = add(seller, product, picture(seed=1), key="k2")
    assert first.id == again.id == other.id == same.id
    assert len(list(current_storage().keys("uploads/"))) == 1
    outbox.drain()
    assert add(seller, product, picture(seed=1), key="k1").id == first.id
    assert len(photos_of([product.id])[product.id]) == 1


def test_the_work_may_be_done_twice(seller: Actor, product: Product) -> None:
    photo = made(seller, product)
    before = contents()
    photo_files.prepare_photo({"photo_id": photo.id})
    assert contents() == before


def contents() -> dict[str, bytes]:
    keys = list(current_storage().keys())
    return {key: current_storage().get(key) for key in keys}


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("survives", range(9))
def test_killed_anywhere_the_work_leaves_nothing_half_and_is_done_again(
    survives: int, seller: Actor, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = add(seller, product)
    store, left = current_storage(), [survives]

    def dying(act: Any) -> Any:
        def run(*args: Any) -> Any:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return act(*args)

        return run

    with monkeypatch.context() as patch:
        for name in ("get", "put", "delete"):
            patch.setattr(store, name, dying(getattr(store, name)))
        try:
            photo_files.prepare_photo({"photo_id": photo.id})
        except Killed:
            db.session.rollback()
    state = db.session.get_one(ProductPhoto, photo.id, populate_existing=True).state
    assert state == (PhotoState.READY if survives > 6 else PhotoState.WAITING)
    assert list(audits.differences()) == []
    photo_files.prepare_photo({"photo_id": photo.id})
    with clock.frozen(clock.now() + timedelta(days=4)):
        services.sweep_photos()
    assert sorted(store.keys()) == sorted(rules.file_keys(photo.stem))


def test_a_photo_deleted_while_it_is_made_leaves_no_files(
    seller: Actor, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = add(seller, product)
    make = images.make

    def slow(content: bytes, sizes: Any) -> images.Made:
        result = make(content, sizes)
        services.delete_draft(actor=seller, product_id=product.id)
        return result

    monkeypatch.setattr(images, "make", slow)
    photo_files.prepare_photo({"photo_id": photo.id})
    assert list(current_storage().keys()) == []


def test_files_that_belong_to_nothing_are_swept_and_young_uploads_stay(
    seller: Actor, product: Product
) -> None:
    photo = made(seller, product)
    store = current_storage()
    store.put("photos/ff/" + "f" * 20 + "-320.webp", b"left by a kill")
    store.put("uploads/2026-11-01/" + "e" * 20, b"left by a broken request")
    store.put("uploads/2026-11-22/" + "d" * 20, b"on its way at this moment")
    store.put("papers/certificate", b"somebody else's")
    services.sweep_photos()
    kept = {*rules.file_keys(photo.stem), "uploads/2026-11-22/" + "d" * 20, "papers/certificate"}
    assert set(store.keys()) == kept


def test_a_photo_taken_away_comes_back_within_a_day_and_then_is_gone(seller: Actor, product: Product) -> None:
    photo = made(seller, product)
    services.remove_photo(actor=seller, photo_id=photo.id)
    assert photos_of([product.id])[product.id] == []
    services.restore_photo(actor=seller, photo_id=photo.id)
    assert [one.id for one in photos_of([product.id])[product.id]] == [photo.id]
    services.remove_photo(actor=seller, photo_id=photo.id)
    services.sweep_photos()
    assert len(list(current_storage().keys())) == 6
    with clock.frozen(clock.now() + timedelta(days=2)):
        services.sweep_photos()
        outbox.drain()
    assert list(current_storage().keys()) == []
    assert db.session.scalars(select(ProductPhoto.id)).all() == []


@pytest.mark.corrupts
def test_the_audit_misses_a_file_and_a_wrong_cover(seller: Actor, product: Product) -> None:
    photo = made(seller, product)
    assert list(audits.differences()) == []
    current_storage().delete(rules.file_key(photo.stem, 640, "webp"))
    with photo_files.unit_of_work() as session:
        session.get_one(Product, product.id).cover = "0" * 20 + "-10x10"
    found = list(audits.differences())
    assert any("lacks photos/" in sentence and "-640.webp" in sentence for sentence in found)
    assert any("wears 0000" in sentence for sentence in found)


def test_a_store_that_does_not_answer_takes_nothing_and_says_so(
    seller: Actor, product: Product, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        raise StorageFailed("no room")

    monkeypatch.setattr(current_storage(), "put", fail)
    sign_in(client, seller)
    answer = client.post(
        f"/seller/products/{product.id}/photos",
        data={"photos": (io.BytesIO(picture()), "a.jpg")},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 503
    assert "Coba lagi" in answer.get_json()["detail"]
    assert db.session.scalar(select(ProductPhoto.id)) is None


# --- order, cover, words, room ------------------------------------------------------------------------------


@pytest.fixture
def three(seller: Actor, product: Product) -> list[int]:
    ids = [add(seller, product, picture(seed=number)).id for number in range(3)]
    outbox.drain()
    return ids


def shown(product: Product) -> list[int]:
    return [photo.id for photo in photos_of([product.id])[product.id]]


def cover_of(product: Product) -> str | None:
    return db.session.scalar(select(Product.cover).where(Product.id == product.id))


def test_the_first_photo_is_the_cover_whatever_is_moved(
    seller: Actor, product: Product, three: list[int]
) -> None:
    a, b, c = three
    services.move_photo(actor=seller, photo_id=c, steps=-1)
    assert shown(product) == [a, c, b]
    services.move_photo(actor=seller, photo_id=b, steps=-1000)
    assert shown(product) == [b, a, c]
    services.order_photos(actor=seller, product_id=product.id, order=[c, 999_999, a, c])
    assert shown(product) == [c, a, b]
    assert cover_of(product) == photos_of([product.id])[product.id][0].shape.word
    services.remove_photo(actor=seller, photo_id=c)
    assert rules.shape_of(cover_of(product)) == photos_of([product.id])[product.id][0].shape


def test_a_variant_wears_the_photos_of_its_main_product_and_has_none_of_its_own(
    seller: Actor, product: Product, three: list[int]
) -> None:
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    variant = factories.product(shop, main_id=product.id, variant_name="Pedas", cover=cover_of(product))
    assert [photo.id for photo in photos_of([variant.id])[variant.id]] == three
    with pytest.raises(RuleBroken, match="produk utama"):
        add(seller, variant)
    services.move_photo(actor=seller, photo_id=three[1], steps=-1)
    assert cover_of(variant) == cover_of(product)


def test_a_product_has_room_for_twelve_photos(seller: Actor, product: Product) -> None:
    for number in range(rules.MAX_PHOTOS):
        add(seller, product, picture(60, 40, seed=number))
    with pytest.raises(RuleBroken, match="paling banyak 12"):
        add(seller, product, picture(60, 40, seed=99))


def test_a_seller_has_room_for_so_many_megabytes_over_all_products(
    app: Flask, seller: Actor, product: Product
) -> None:
    app.config["PHOTO_QUOTA_MB"] = 1
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    noise = io.BytesIO()
    Image.effect_noise((900, 900), 90).save(noise, "PNG")
    assert len(noise.getvalue()) > 500_000
    photo = add(seller, product, noise.getvalue())
    other = factories.product(shop, state=ProductState.DRAFT)
    noise = io.BytesIO()
    Image.effect_noise((901, 900), 91).save(noise, "PNG")
    stored = list(current_storage().keys())
    with pytest.raises(RuleBroken, match="1 dari 1 MB"):
        add(seller, other, noise.getvalue())
    assert list(current_storage().keys()) == stored, "what was refused takes no room"
    services.remove_photo(actor=seller, photo_id=photo.id)
    assert add(seller, other, noise.getvalue()).id


def test_strangers_find_no_photos_to_change(seller: Actor, product: Product, client: FlaskClient) -> None:
    photo = made(seller, product)
    stranger = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    for act in (services.remove_photo, services.restore_photo):
        with pytest.raises(NotFound):
            act(actor=stranger, photo_id=photo.id)
    with pytest.raises(NotFound):
        add(stranger, product)
    with pytest.raises(NotFound):
        services.order_photos(actor=stranger, product_id=product.id, order=[photo.id])
    sign_in(client, stranger)
    assert client.get(f"/seller/products/{product.id}/photos").status_code == 404
    for path in ("move", "alt", "remove", "restore"):
        assert client.post(f"/seller/products/photos/{photo.id}/{path}").status_code == 404


def test_words_for_a_photo_are_kept_and_have_an_end(seller: Actor, product: Product) -> None:
    photo = made(seller, product)
    services.describe_photo(actor=seller, photo_id=photo.id, alt=" Kemasan  depan ")
    assert photos_of([product.id])[product.id][0].alt == "Kemasan depan"
    with pytest.raises(InvalidInput, match="300"):
        services.describe_photo(actor=seller, photo_id=photo.id, alt="x" * 301)


def test_every_act_on_photos_is_in_the_audit_log(seller: Actor, product: Product, three: list[int]) -> None:
    services.move_photo(actor=seller, photo_id=three[2], steps=-1)
    services.describe_photo(actor=seller, photo_id=three[0], alt="depan")
    services.remove_photo(actor=seller, photo_id=three[0])
    services.restore_photo(actor=seller, photo_id=three[0])
    actions = db.session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("product.photo%"))
    ).all()
    assert set(actions) == {
        "product.photo_added",
        "product.photos_ordered",
        "product.photo_described",
        "product.photo_removed",
        "product.photo_restored",
    }


# --- on sale ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [ProductState.LIVE, ProductState.PAUSED])
def test_a_new_photo_of_a_product_on_sale_waits_for_the_office(seller: Actor, state: ProductState) -> None:
    shop = db.session.get_one(factories.Seller, seller.seller_id)
    product = factories.product(shop, state=state)
    photo = made(seller, product)
    assert photo.is_held
    assert shown(product) == []
    assert cover_of(product) is None
    assert [one.id for one in held_photos(product.id)] == [photo.id]
    with photo_files.unit_of_work() as session:
        services.show_held(session, product.id)
    assert shown(product) == [photo.id]
    second = made(seller, product, picture(seed=9))
    with photo_files.unit_of_work() as session:
        services.drop_held(session, product.id)
    assert shown(product) == [photo.id]
    services.restore_photo(actor=seller, photo_id=second.id)
    assert shown(product) == [photo.id]


def test_a_photo_nobody_saw_does_not_come_back_past_the_office(seller: Actor, product: Product) -> None:
    photo = made(seller, product)
    services.remove_photo(actor=seller, photo_id=photo.id)
    with photo_files.unit_of_work() as session:
        session.get_one(Product, product.id).state = ProductState.LIVE
    services.restore_photo(actor=seller, photo_id=photo.id)
    assert shown(product) == []


# --- at the same moment -------------------------------------------------------------------------------------


def at_once(app: Flask, seller: Actor, product: Product, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The same photo sent by two requests that both found nothing before either stored it."""
    product_id, content, both = product.id, picture(), threading.Barrier(2, timeout=20)
    store, answers = current_storage(), list[Any]()
    put = store.put

    def together(key: str, data: bytes) -> None:
        put(key, data)
        both.wait()

    def send() -> None:
        with app.app_context():
            try:
                photo = services.add_photo(
                    actor=seller, product_id=product_id, content=content, client_key="k1"
                )
                answers.append(photo.id)
            except IntegrityError:
                answers.append("refused by the database")
            finally:
                db.session.remove()

    with monkeypatch.context() as patch:
        patch.setattr(store, "put", together)
        threads = [threading.Thread(target=send) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    db.session.rollback()
    return answers


def test_two_requests_with_one_photo_store_it_once(
    app: Flask, seller: Actor, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = at_once(app, seller, product, monkeypatch)
    assert len(set(answers)) == 1
    assert len(db.session.scalars(select(ProductPhoto.id)).all()) == 1
    assert len(list(current_storage().keys("uploads/"))) == 1


def test_without_looking_again_under_the_lock_both_would_store_it(
    app: Flask, seller: Actor, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.catalog.services.photos._sent_before", lambda *_args: None)
    answers = at_once(app, seller, product, monkeypatch)
    assert "refused by the database" in answers  # only the unique key stands between them


# --- copies of a product ------------------------------------------------------------------------------------


def stored_files(stem: str) -> list[bytes]:
    return [current_storage().get(key) for key in rules.file_keys(stem)]


def test_a_copied_product_takes_its_photos_along_as_files_of_its_own(seller, product):
    first, second = made(seller, product), made(seller, product, picture(seed=2))
    services.describe_photo(actor=seller, photo_id=second.id, alt="Dari samping")
    services.move_photo(actor=seller, photo_id=second.id, steps=-1)
    waiting = add(seller, product, picture(seed=3))
    gone = made(seller, product, picture(seed=4))
    services.remove_photo(actor=seller, photo_id=gone.id)
    before = photos.bytes_of_seller(db.session(), product.seller_id)

    twin = services.duplicate_product(actor=seller, product_id=product.id)
    assert photos.bytes_of_seller(db.session(), product.seller_id) == 2 * before
    outbox.drain()
    copies = photos_of([twin.id])[twin.id]
    assert [one.alt for one in copies] == ["Dari samping", "", ""]
    assert stored_files(copies[0].stem) == stored_files(second.stem)
    assert (copies[0].width, copies[0].height) == (second.width, second.height)
    assert db.session.get_one(Product, twin.id, populate_existing=True).cover == copies[0].shape.word
    again = add(seller, twin, picture(seed=3))
    assert again.stem == copies[2].stem, "the same photo sent again is the same photo in the copy too"

    for photo in (first, second, waiting):
        services.remove_photo(actor=seller, photo_id=photo.id)
    with clock.frozen(clock.now() + timedelta(days=2)):
        services.sweep_photos()
        outbox.drain()
    assert len(stored_files(copies[1].stem)) == 6
    assert list(audits.differences()) == []


def test_photos_that_find_no_room_stay_behind_and_are_named(seller, product, app, client):
    for seed in (1, 2):
        made(seller, product, picture(seed=seed))
    kept = photos.bytes_of_seller(db.session(), product.seller_id)
    app.config["PHOTO_QUOTA_MB"] = kept * 1.6 / rules.MEGABYTE
    sign_in(client, seller)
    answer = client.post(f"/seller/products/{product.id}/duplicate", follow_redirects=True)
    assert "1 foto tidak ikut karena ruang foto Anda penuh" in answer.text
    twin_id = db.session.scalars(select(Product.id).order_by(Product.id.desc()).limit(1)).one()
    assert len(photo_rows(twin_id).kept) == 1
    assert len(list(current_storage().keys("uploads/"))) == 1, "the other one's upload is deleted again"


@pytest.mark.corrupts
def test_files_that_went_before_the_worker_came_are_made_from_the_copys_upload(seller, product):
    photo = made(seller, product)
    twin = services.duplicate_product(actor=seller, product_id=product.id)
    for key in rules.file_keys(photo.stem):
        current_storage().delete(key)
    outbox.drain()
    (copy,) = photos_of([twin.id])[twin.id]
    assert len(stored_files(copy.stem)) == 6


def test_nobody_copies_a_strangers_photos(seller, product):
    made(seller, product)
    stranger = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    with pytest.raises(NotFound):
        services.duplicate_product(actor=stranger, product_id=product.id)
    assert list(current_storage().keys("uploads/")) == []
