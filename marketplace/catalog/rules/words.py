"""The fixed choices of a product, in words."""

from __future__ import annotations

from ...i18n import N_

ALLERGENS = {
    "gluten": N_("Gluten (terigu, gandum, oat)"),
    "egg": N_("Telur"),
    "fish": N_("Ikan"),
    "crustacean": N_("Udang, kepiting, lobster"),
    "mollusc": N_("Kerang, tiram, bekicot"),
    "peanut": N_("Kacang tanah"),
    "soy": N_("Kedelai"),
    "milk": N_("Susu dan laktosa"),
    "tree_nut": N_("Kacang pohon (mede, almon, kenari)"),
    "sulphite": N_("Sulfit, 10 mg/kg atau lebih"),
}
"""What a label must name (Peraturan BPOM 31/2018 on labels of processed food)."""
NO_ALLERGENS = "none"
"""The seller says that there is none, which is more than saying nothing."""

STORAGE = {
    "room": N_("Suhu ruang"),
    "cool": N_("Tempat sejuk dan kering"),
    "chilled": N_("Kulkas, 0 sampai 5 °C"),
    "frozen": N_("Beku, -18 °C"),
}

STATES = {
    "draft": N_("Draf"),
    "waiting": N_("Menunggu diperiksa"),
    "sent_back": N_("Perlu diperbaiki"),
    "live": N_("Tampil"),
    "paused": N_("Dijeda"),
}

AXES = (N_("Ukuran"), N_("Rasa"), N_("Warna"), N_("Motif"))
"""What sizes, flavours and colours are usually called."""

UNITS = ("bungkus", "botol", "toples", "kotak", "buah", "lembar", "potong", "pasang", "set", "kg", "lusin")
"""What one is counted in; kept as it is written, for it stands on the label."""
