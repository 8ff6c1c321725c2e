"""What the columns of lists are called in a workbook that people read; CSV keeps the names for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..i18n import N_, _

Words = Mapping[str, Mapping[Any, Any]]
"""What codes of some columns are called: by column, then by code."""
HEADS = {
    "about": N_("Tentang"), "accepted": N_("Diterima"), "action": N_("Tindakan"), "actor": N_("Siapa"),
    "advance_rupiah": N_("Dibayar dulu (Rp)"), "advice": N_("Saran"), "age_0_15": N_("0–15 hari (Rp)"),
    "age_16_30": N_("16–30 hari (Rp)"), "age_31_60": N_("31–60 hari (Rp)"), "age_days": N_("Umur (hari)"),
    "age_over_60": N_("Lebih dari 60 hari (Rp)"), "agreed_rupiah": N_("Harga disepakati (Rp)"),
    "agreement_ref": N_("Perjanjian"), "amount_rupiah": N_("Jumlah (Rp)"), "answer": N_("Jawaban"),
    "answer_by": N_("Dijawab paling lambat"), "answer_reason": N_("Alasan jawaban"),
    "answered_at": N_("Dijawab"), "asked_at": N_("Diminta"), "asked_on": N_("Hari diminta"),
    "assembler": N_("Perangkai"), "attempts": N_("Percobaan"), "awaiting": N_("Menunggu"),
    "awaiting_rupiah": N_("Menunggu dibayar (Rp)"), "basis": N_("Dasar"), "bill_number": N_("Nomor tagihan"),
    "body": N_("Keterangan"), "booked": N_("Dibuat minggu ini"), "booked_on": N_("Hari mutasi"),
    "borne_by": N_("Ditanggung"), "borne_by_outlet": N_("Ditanggung toko"),
    "borne_by_seller": N_("Ditanggung UMKM"), "buyer": N_("Pembeli"), "buyer_kind": N_("Jenis pembeli"),
    "by": N_("Menurut"), "capacity": N_("Kapasitas seminggu"), "category": N_("Jenis barang"),
    "cause_id": N_("Nomor sebab"), "cause_kind": N_("Sebab"), "change": N_("Perubahan"),
    "changes": N_("Yang berubah"), "charged_rupiah": N_("Kehilangan dibayar (Rp)"), "claims": N_("Klaim"),
    "closed_at": N_("Ditutup"), "closing": N_("Stok akhir"), "coached": N_("Binaan"),
    "commission_percent": N_("Komisi (persen)"), "commission_rupiah": N_("Komisi (Rp)"),
    "condition": N_("Keadaan"), "confirmed": N_("Dipastikan"),
    "confirmed_on": N_("Dipastikan masuk"), "confirmed_rupiah": N_("Dipastikan masuk (Rp)"),
    "consignment_rupiah": N_("Titip jual (Rp)"), "corrects_id": N_("Mengganti laporan"),
    "counted": N_("Dihitung"), "counted_on": N_("Hari dihitung"), "created_at": N_("Dibuat"),
    "created_on": N_("Sejak"), "cycle": N_("Irama"), "cycle_days": N_("Irama (hari)"),
    "damaged": N_("Rusak"), "days": N_("Hari"), "days_left": N_("Sisa hari"),
    "days_to_money": N_("Hari sampai dibayar"), "decided_at": N_("Diputuskan"),
    "decider_name": N_("Pemutus"), "deliver_from": N_("Kirim paling awal"), "deliver_on": N_("Dikirim"),
    "deliver_to": N_("Kirim paling lambat"), "delivered": N_("Dikirim"), "description": N_("Keterangan"),
    "destroyed_on": N_("Dimusnahkan"), "detail": N_("Rincian"), "difference": N_("Selisih"),
    "differences": N_("Selisih"), "disputed": N_("Disengketakan"),
    "disputed_rupiah": N_("Disengketakan (Rp)"), "done_on": N_("Dikembalikan"), "driver": N_("Pengantar"),
    "due_at": N_("Batas waktu"), "due_on": N_("Jatuh tempo"), "due_rupiah": N_("Sisa tagihan (Rp)"),
    "ends_on": N_("Berakhir"), "event": N_("Kejadian"), "event_ref": N_("Kode kejadian"),
    "excess": N_("Lebih"), "expected": N_("Menurut catatan"), "expired": N_("Kedaluwarsa"),
    "expires_on": N_("Kedaluwarsa"), "fee_rupiah": N_("Biaya (Rp)"), "fees_rupiah": N_("Biaya (Rp)"),
    "fetch_by": N_("Diambil paling lambat"), "fetched": N_("Diambil"), "fetched_on": N_("Hari diambil"),
    "first_day": N_("Hari pertama"), "first_on": N_("Hari pertama"), "flag": N_("Perlu dilihat"),
    "flagged_rupiah": N_("Di bawah harga (Rp)"), "found": N_("Ditemukan"),
    "found_units": N_("Barang ditemukan"), "free": N_("Masih bebas"), "goods": N_("Barang"),
    "goods_rupiah": N_("Barang (Rp)"), "granted": N_("Dikabulkan"), "gross_rupiah": N_("Penjualan (Rp)"),
    "held_rupiah": N_("Ditahan penyedia (Rp)"), "id": N_("Nomor"), "instead": N_("Pengganti"),
    "invoice": N_("Nota tagihan"), "invoice_number": N_("Nota tagihan"),
    "is_by_provider": N_("Lewat penyedia"), "is_reversal": N_("Pembatalan"),
    "is_reversed": N_("Dibatalkan"), "is_zero": N_("Tidak ada penjualan"), "issued_on": N_("Tanggal"),
    "kbli_code": N_("KBLI"), "key": N_("Kode"), "kind": N_("Jenis"), "last_day": N_("Hari terakhir"),
    "last_on": N_("Hari terakhir"), "last_paid_on": N_("Terakhir diteruskan"),
    "late_days": N_("Terlambat (hari)"), "line_count": N_("Baris"), "line_ref": N_("Nomor baris"),
    "lines": N_("Baris"), "lost": N_("Hilang"), "lost_units": N_("Barang hilang"), "lot": N_("Lot"),
    "lot_code": N_("Lot"), "lots": N_("Lot"), "made_at": N_("Dibuat"), "made_on": N_("Dibuat"),
    "maker_name": N_("Pembuat"), "making": N_("Dibuat untuk pesanan"), "method": N_("Cara bayar"),
    "min_order": N_("Pesanan terkecil"), "missing_units": N_("Kurang"), "month": N_("Bulan"),
    "movement_ref": N_("Kode catatan"), "name": N_("Nama"), "near": N_("Hampir kedaluwarsa"),
    "net_rupiah": N_("Bersih (Rp)"), "next_on": N_("Berikutnya"), "nib": N_("NIB"),
    "note": N_("Catatan"), "number": N_("Nomor"), "occurred_on": N_("Hari"), "on_hand": N_("Ada"),
    "open_rupiah": N_("Belum dibayar (Rp)"), "opened_at": N_("Dibuka"), "opening": N_("Stok awal"),
    "operator_id": N_("Nomor perusahaan"), "operator_name": N_("Pembeli"),
    "order": N_("Pesanan"), "order_count": N_("Pesanan"), "order_number": N_("Pesanan"),
    "orders": N_("Pesanan"), "orders_rupiah": N_("Pesanan (Rp)"), "other_rupiah": N_("Lainnya (Rp)"),
    "outcome": N_("Hasil"), "outlet": N_("Toko"), "outlet_id": N_("Nomor toko"),
    "outlet_name": N_("Toko"), "outlets": N_("Toko"), "overdue_rupiah": N_("Lewat jatuh tempo (Rp)"),
    "own_due_rupiah": N_("Sisa bagian sendiri (Rp)"), "own_rupiah": N_("Bagian sendiri (Rp)"),
    "owner_name": N_("Pemilik"), "paid_at": N_("Dibayar"), "paid_on": N_("Hari bayar"),
    "paid_out_rupiah": N_("Sudah diteruskan (Rp)"), "paid_rupiah": N_("Dibayar (Rp)"),
    "partner_name": N_("Mitra"), "payment_id": N_("Nomor pembayaran"), "payment_plan": N_("Cara bayar"),
    "place": N_("Wilayah"), "placed_at": N_("Dipesan"), "placed_on": N_("Dipesan"),
    "price_rupiah": N_("Harga (Rp)"), "procurement_ref": N_("Nomor pengadaan"), "product": N_("Produk"),
    "product_name": N_("Produk"), "proposed_by_side": N_("Diajukan"), "proposed_on": N_("Diajukan"),
    "provider": N_("Penyedia"), "provider_ref": N_("Kode dari penyedia"), "quantity": N_("Jumlah barang"),
    "reason": N_("Alasan"), "receipt": N_("Kuitansi"), "received": N_("Diterima"),
    "received_on": N_("Diterima"), "recorded_at": N_("Dicatat"), "ref": N_("Kode"),
    "reference": N_("Keterangan"), "refused": N_("Ditolak"), "refused_count": N_("Baris ditolak"),
    "region_code": N_("Kode wilayah"), "reminded_at": N_("Diingatkan"),
    "reply_by": N_("Dijawab paling lambat"), "reported": N_("Dilaporkan"),
    "reported_rupiah": N_("Dilaporkan dibayar (Rp)"), "reserved": N_("Dijanjikan"),
    "returned": N_("Dikembalikan"), "returned_rupiah": N_("Kembali (Rp)"),
    "reversed_at": N_("Dibatalkan"), "reverses": N_("Membatalkan"), "reverses_ref": N_("Membatalkan"),
    "rupiah": N_("Jumlah (Rp)"), "seller": N_("Penjual"), "seller_id": N_("Nomor UMKM"),
    "seller_name": N_("UMKM"), "seller_ref": N_("Kode UMKM"), "sellers": N_("UMKM"), "sent": N_("Dikirim"),
    "settled_at": N_("Diselesaikan"), "settlement_number": N_("Penyelesaian"), "share": N_("Bagian"),
    "shipping_rupiah": N_("Ongkos kirim (Rp)"), "short": N_("Kurang"),
    "silent_days": N_("Tanpa laporan (hari)"), "since": N_("Sejak"), "size": N_("Ukuran usaha"),
    "sku": N_("SKU"), "sold": N_("Terjual"), "source": N_("Asal"), "starts_on": N_("Mulai"),
    "state": N_("Keadaan"), "status": N_("Keadaan"), "subject": N_("Perihal"),
    "subject_id": N_("Nomor perihal"), "subject_kind": N_("Jenis perihal"),
    "submitted_on": N_("Dikirim"), "tax_base_rupiah": N_("Dasar pajak (Rp)"),
    "tax_percent": N_("Tarif pajak (persen)"), "tax_rupiah": N_("PPN (Rp)"),
    "terminated_on": N_("Diakhiri"), "title": N_("Judul"), "to": N_("Untuk"),
    "total_rupiah": N_("Jumlah (Rp)"), "underway": N_("Di jalan"), "unit": N_("Satuan"),
    "unit_price_rupiah": N_("Harga satuan (Rp)"), "units": N_("Jumlah barang"),
    "unsettled": N_("Belum diselesaikan"), "unsettled_rupiah": N_("Belum diselesaikan (Rp)"),
    "url": N_("Alamat halaman"), "verified_on": N_("Terverifikasi"), "version_id": N_("Versi"),
    "waiting": N_("Menunggu"), "wanted_on": N_("Diinginkan"), "why": N_("Sebabnya"),
}  # fmt: skip


def in_words(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], words: Words
) -> tuple[list[str], Iterator[list[Any]]]:
    """A table as people read it: its columns' names, and codes of some columns as `words` says them."""
    said = [words.get(name, {}) for name in columns]
    told = (
        [str(_(by[cell])) if by and cell in by else cell for by, cell in zip(said, row, strict=True)]
        for row in rows
    )
    return [_(HEADS[name]) if name in HEADS else name for name in columns], told
