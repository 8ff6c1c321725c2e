"""Certificates: handed in by the seller, verified or rejected by the office, reminded of, taken away."""

from .decisions import reject_certificate, verify_certificate
from .handing_in import CertificateValues, add_certificate, change_certificate, withdraw_certificate
from .numbers import look_again, note_numbers
from .reminding import remind

__all__ = [
    "CertificateValues",
    "add_certificate",
    "change_certificate",
    "look_again",
    "note_numbers",
    "reject_certificate",
    "remind",
    "verify_certificate",
    "withdraw_certificate",
]
