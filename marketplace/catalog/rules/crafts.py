"""A sentence on how things of a kind are made in this part of Java, for the page of that kind."""

from __future__ import annotations

import re

from ...i18n import N_

_CRAFTS = (
    (
        "batik",
        N_(
            "Malam panas digoreskan dengan canting atau dicap, lalu kain dicelup berulang; "
            "sogan, cokelat khas Solo, datang paling akhir."
        ),
    ),
    ("lurik tenun", N_("Benang diberi warna dulu, ditata satu per satu, baru ditenun dengan tangan.")),
    (
        "intip rengginang",
        N_("Kerak nasi dari dasar kendil dijemur sampai kering, lalu digoreng sampai mekar."),
    ),
    (
        "jamu wedang",
        N_("Rimpang dan rempah diparut, direbus pelan, dan diminum hangat; resepnya turun dari ibu ke anak."),
    ),
    (
        "abon lauk serundeng",
        N_("Bumbu ditumis lama di wajan besar dan diaduk terus sampai benar-benar kering."),
    ),
    (
        "sambal bumbu",
        N_("Cabai, bawang dan bumbu diulek atau digiling segar, lalu dimasak sampai minyaknya naik."),
    ),
    (
        "camilan keripik kripik",
        N_(
            "Diiris tipis, digoreng sedikit demi sedikit, lalu ditiriskan sampai renyah; "
            "banyak yang digoreng pagi hari di dapur sendiri."
        ),
    ),
    (
        "roti jajanan kue",
        N_("Dibuat sejak subuh, dan paling enak pada hari ia keluar dari oven atau kukusan."),
    ),
    (
        "kopi teh",
        N_(
            "Biji disangrai sedikit demi sedikit; teh Solo dicampur beberapa jenis agar sepet, "
            "wangi dan kental."
        ),
    ),
    ("cokelat", N_("Biji kakao disangrai, digiling berjam-jam, lalu dicetak dengan tangan.")),
    ("madu", N_("Dipanen dari kotak lebah menurut musim bunga, disaring, dan dibotolkan tanpa tambahan.")),
    ("gula pemanis", N_("Nira disadap pagi dan sore, dimasak di tungku, lalu dicetak atau diserut.")),
    (
        "sirup sari susu",
        N_("Buah atau kacang diperas segar, dimasak sebentar, dan dibotolkan hari itu juga."),
    ),
    (
        "anyaman rotan bambu",
        N_("Rotan dan bambu dibelah, diraut dan direndam dulu, supaya lentur saat dianyam."),
    ),
    (
        "perabot mebel kayu",
        N_("Kayu dikeringkan berbulan-bulan, dipasang dengan pasak dan purus, lalu diampelas tangan."),
    ),
    (
        "kok shuttlecock",
        N_("Enam belas bulu sepanjang sama disusun dengan tangan, lalu diuji terbangnya satu per satu."),
    ),
    (
        "hiasan kerajinan",
        N_("Dipotong, dirangkai dan dihias satu per satu, jadi tidak ada dua yang persis sama."),
    ),
    (
        "percetakan",
        N_("Dicetak dalam jumlah kecil oleh percetakan kampung, dari undangan sampai label kemasan."),
    ),
    (
        "pakaian tekstil kaus",
        N_("Dipola, dipotong dan dijahit di rumah-rumah jahit kampung, sering oleh satu keluarga."),
    ),
)
_WORD = re.compile(r"[a-z]+")


def craft_of(path: str) -> str:
    """How things of this category are made, in the reader's language; '' where nothing is told.

    The deepest name that is known decides.
    """
    for name in reversed(path.split(" / ")):
        words = set(_WORD.findall(name.lower()))
        for known, sentence in _CRAFTS:
            if words & set(known.split()):
                return str(sentence)
    return ""
