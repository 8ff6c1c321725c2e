"""What a seller offers: price, smallest order, category, and the papers that buyers ask for."""

from __future__ import annotations

import re

from ...i18n import _
from ...money import format_rupiah
from .checks import Check, fine, odd, refused
from .identifiers import Paper

MAX_PRICE_RUPIAH = 10_000_000_000
MAX_NAME = 300
SEPARATOR = " / "

_FORMS = (
    ("fold", "batik kain sarung busana baju pakaian kebaya daster jarik lurik fesyen mukena selendang"),
    ("tote", "tas dompet sandal sepatu kulit"),
    ("jar", "sambal bumbu selai abon madu serundeng petis acar"),
    ("bottle", "jamu minuman sirup kecap wedang minyak sari susu parfum sabun"),
    ("tube", "shuttlecock kok cock"),
    ("chair", "mebel furnitur kursi meja rotan"),
    ("cards", "cetak undangan percetakan kertas kartu"),
    ("basket", "anyaman keranjang bambu gerabah kerajinan"),
    ("stack", "intip serabi rambak karak kerupuk lempeng"),
    ("box", "kue roti oleh-oleh parsel bingkisan cokelat kado basah jajan"),
    ("pouch", "camilan keripik kripik kopi teh snack kering makanan tempe kacang"),
)
_FOOD = (
    "makanan minuman pangan camilan keripik kripik sambal bumbu jamu kue roti kopi teh abon intip serabi "
    "rambak karak kerupuk kecap sirup madu wedang jajan oleh-oleh snack selai tempe cokelat kuliner"
)
_WORD = re.compile(r"[a-z][a-z\-]*")


def check_price(price_rupiah: int) -> Check:
    """A wholesale price per unit: at least one rupiah on a screen, and below a wall against typing errors."""
    text = str(price_rupiah)
    if price_rupiah < 1:
        return refused(text, _("Tulis harga lebih dari nol, misalnya 15.000."))
    if price_rupiah > MAX_PRICE_RUPIAH:
        limit = format_rupiah(MAX_PRICE_RUPIAH)
        return refused(text, _("Harga paling tinggi %(limit)s. Periksa jumlah nolnya.", limit=limit))
    return fine(text)


def missing_essentials(name: str, category: str, price_rupiah: int) -> dict[str, str]:
    """What nothing but a draft may lack: a sentence for each field."""
    price = check_price(price_rupiah)
    missing = {
        "name": "" if name else _("Tulis nama produk, misalnya Keripik tempe daun jeruk."),
        "category": "" if tidy_path(category) else _("Pilih atau tulis jenis produk."),
        "price_rupiah": "" if price.ok else price.sentence,
    }
    return {field: sentence for field, sentence in missing.items() if sentence}


def check_retail_price(price_rupiah: int, retail_price_rupiah: int | None) -> Check:
    """A suggested shelf price; one below the wholesale price is odd."""
    if retail_price_rupiah is None:
        return fine(None)
    check = check_price(retail_price_rupiah)
    if check.ok and retail_price_rupiah < price_rupiah:
        return odd(
            str(retail_price_rupiah),
            _(
                "Harga eceran %(retail)s lebih rendah dari harga ke toko %(price)s. Apakah tertukar?",
                retail=format_rupiah(retail_price_rupiah),
                price=format_rupiah(price_rupiah),
            ),
        )
    return check


def check_min_order(min_order: int, order_multiple: int) -> Check:
    """The smallest order; one that is no multiple of the step can never be ordered exactly."""
    if min_order % order_multiple:
        least = -(-min_order // order_multiple) * order_multiple
        return odd(
            str(min_order),
            _(
                "Pesanan terkecil %(least)d bukan kelipatan %(step)d; toko akan memesan minimal %(real)d.",
                least=min_order,
                step=order_multiple,
                real=least,
            ),
        )
    return fine(str(min_order))


def tidy_path(path: str) -> str:
    """A category path with single blanks around its slashes and no empty names."""
    names = (" ".join(name.split()) for name in path.split("/"))
    return SEPARATOR.join(name for name in names if name)


def category_names(path: str) -> list[tuple[str, str, str | None]]:
    """Every category on a path from the root down: (path, name, path of its parent)."""
    names = tidy_path(path).split(SEPARATOR)
    steps: list[tuple[str, str, str | None]] = []
    for depth, name in enumerate(names, start=1):
        parent = SEPARATOR.join(names[: depth - 1]) or None
        steps.append((SEPARATOR.join(names[:depth]), name, parent))
    return steps


def picture_form(path: str) -> str:
    """The ware that a product of this category wears when it has no photo; cloth when unknown.

    The deepest name decides: 'Makanan / Sambal' is a jar.
    """
    for name in reversed(path.split(SEPARATOR)):
        words = set(_WORD.findall(name.lower()))
        for form, known in _FORMS:
            if words & set(known.split()):
                return form
    return "cloth"


def sounds_like_food(path: str) -> bool:
    """Whether a new category is taken for food or drink, by its words."""
    return bool(set(_WORD.findall(path.lower())) & set(_FOOD.split()))


def missing_papers(
    *,
    is_food: bool,
    shelf_life_days: int | None,
    has_pirt: bool,
    has_bpom: bool,
    has_halal: bool,
    permit_free_below_days: int,
) -> list[Paper]:
    """The papers that buyers will ask for and the product does not show.

    Fresh food that keeps fewer days than the law's bound needs no permit number.
    """
    if not is_food:
        return []
    is_fresh = shelf_life_days is not None and shelf_life_days < permit_free_below_days
    missing = [] if has_pirt or has_bpom or is_fresh else [Paper.PIRT]
    return missing if has_halal else [*missing, Paper.HALAL]
