"""Photos from outside: what they really are, and the same picture made anew in small, clean sizes.

Only JPEG, PNG and WebP are read, told by their content. Bytes and pixels are limited before anything is
decoded. What comes out holds no metadata: neither the place nor the phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, ImageFile

from .i18n import N_, _, format_number

MAX_JPEG_PIXELS = 64_000_000
MAX_OTHER_PIXELS = 25_000_000
"""A JPEG is decoded at an eighth, a half or a quarter of its size; the others only whole."""
MAX_SCANS = 100
"""Progressive JPEG of a camera has ten; thousands of them keep a processor busy for minutes."""
MAX_ICC_BYTES = 1_000_000
WEBP_QUALITY, JPEG_QUALITY = 80, 82
WEBP_METHOD = 2
"""Half the time of the usual method, for files three percent larger."""
PAPER = (255, 255, 255)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its EXIF orientation."""
OTHERS: tuple[tuple[int, bytes, Any], ...] = (
    (0, b"GIF8", N_("GIF")),
    (0, b"BM", N_("BMP")),
    (0, b"II*\x00", N_("TIFF")),
    (0, b"MM\x00*", N_("TIFF")),
    (0, b"%PDF", N_("PDF")),
    (4, b"ftypavif", N_("AVIF")),
    (4, b"ftypavis", N_("AVIF")),
    (0, b"<svg", N_("SVG")),
)
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


class BadImage(Exception):
    """The file cannot be taken; `message` is a sentence that says what to do instead."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class ImageFacts:
    """What a file is: 'jpeg', 'png' or 'webp', and how large, as it is stored (before it is turned)."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Rendition:
    """One of the files made of a photo: no side is longer than `size`; format 'webp' or 'jpg'."""

    size: int
    format: str
    data: bytes


@dataclass(frozen=True)
class Made:
    """All files made of a photo, and the width and height of the largest."""

    width: int
    height: int
    renditions: tuple[Rendition, ...]


def inspect(content: bytes, max_bytes: int) -> ImageFacts:
    """What a file is, after reading it to its end. Raises BadImage for what we do not take."""
    if not content:
        raise BadImage(_("Berkas ini kosong. Pilih foto lain."))
    if len(content) > max_bytes:
        raise BadImage(
            _(
                "Foto ini %(size)s MB. Paling besar %(most)s MB; perkecil dulu, atau pilih foto lain.",
                size=_megabytes(len(content)),
                most=_megabytes(max_bytes),
            )
        )
    facts, image = _open(content)
    try:
        image.draft("RGB", (64, 64))
        image.load()
    except Exception as error:  # a decoder raises what it likes on what strangers send
        raise _damaged() from error
    return facts


def make(content: bytes, sizes: Sequence[int]) -> Made:
    """The photo upright, in sRGB, without metadata, as WebP and JPEG in each size; never enlarged.

    Raises BadImage for a file that cannot be decoded.
    """
    sizes = sorted(sizes, reverse=True)
    image = _decode(content, sizes[0])
    width, height = image.size
    found: list[Rendition] = []
    for size in sizes:
        if max(image.size) > size:
            image = image.resize(fitted(width, height, size), Image.Resampling.LANCZOS)
        found.append(
            Rendition(size, "webp", _encoded(image, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD))
        )
        found.append(
            Rendition(
                size, "jpg", _encoded(image, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
            )
        )
    return Made(width, height, tuple(found))


def fitted(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height in a square of a size; what is smaller stays as it is."""
    longest = max(width, height)
    if longest <= size:
        return width, height
    return max(round(width * size / longest), 1), max(round(height * size / longest), 1)


def _encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    target = BytesIO()
    image.save(target, file_format, **options)
    return target.getvalue()


def _open(content: bytes) -> tuple[ImageFacts, Image.Image]:
    """The file with only its head read, its pixels within bounds."""
    name = _format_of(content)
    # WeasyPrint lets Pillow take halves of pictures, in the whole process, as soon as it is imported.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        image = Image.open(BytesIO(content), formats=(name.upper(),))
        width, height = image.size
    except Exception as error:  # a decoder raises what it likes on what strangers send
        raise _damaged() from error
    most = MAX_JPEG_PIXELS if name == "jpeg" else MAX_OTHER_PIXELS
    if width * height > most or (name == "jpeg" and content.count(b"\xff\xda") > MAX_SCANS):
        raise BadImage(
            _(
                "Foto ini %(width)s x %(height)s titik, terlalu besar untuk dibuka. Paling besar %(most)s "
                "megapiksel; perkecil dulu, atau pilih foto lain.",
                width=format_number(width),
                height=format_number(height),
                most=most // 1_000_000,
            )
        )
    return ImageFacts(name, width, height), image


def _format_of(content: bytes) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        raise BadImage(
            _(
                "Foto HEIC dari iPhone belum bisa dibaca. Di iPhone buka Pengaturan, Kamera, Format, pilih "
                "Paling Kompatibel, lalu potret lagi."
            )
        )
    for start, mark, kind in OTHERS:
        if content[start : start + len(mark)] == mark:
            raise BadImage(_("Ini berkas %(kind)s. Pilih foto JPEG, PNG atau WebP.", kind=kind))
    raise BadImage(_("Berkas ini bukan foto yang bisa dibaca. Pilih foto JPEG, PNG atau WebP."))


def _decode(content: bytes, longest: int) -> Image.Image:
    _facts, image = _open(content)
    try:
        turned = _orientation(image)
        profile = image.info.get("icc_profile")
        image.draft("RGB", (longest, longest))
        image.load()
        plain = _flat(image)
        plain.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
        upright = _in_srgb(plain, profile)
    except Exception as error:  # a decoder raises what it likes on what strangers send
        raise _damaged() from error
    if turned in TRANSPOSED:
        upright = upright.transpose(TRANSPOSED[turned])
    clean = upright.copy()
    clean.info = {}
    return clean


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # noqa: BLE001 - metadata that cannot be read turns nothing
        return 1


def _flat(image: Image.Image) -> Image.Image:
    """As RGB, grey or CMYK; what can be seen through lies on white paper."""
    if image.mode in {"RGB", "L", "CMYK"} and "transparency" not in image.info:
        return image
    if image.mode.startswith(("I", "F")):  # 16 bits of grey
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    clear = image.convert("RGBA")
    paper = Image.new("RGB", clear.size, PAPER)
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def _in_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """The colours as every screen knows them; a profile that cannot be read is left out."""
    if isinstance(profile, bytes) and len(profile) < MAX_ICC_BYTES and b"sRGB" not in profile[:1024]:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            found = ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
            if found is not None:
                return found
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image.convert("RGB")


def _damaged() -> BadImage:
    return BadImage(_("Foto ini rusak atau tidak lengkap. Potret lagi, atau pilih foto lain."))


def _megabytes(count: int) -> str:
    return format_number(max(round(count / 1_000_000, 1), 0.1))
