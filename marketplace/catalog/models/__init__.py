"""Tables of the catalogue."""

from .bulk import ProductImport, ProductImportRow
from .certificates import (
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateReminder,
    CertificateState,
)
from .curation import (
    ApprovedPrice,
    Criterion,
    CriterionScope,
    CurationSettings,
    Review,
    ReviewEvent,
    ReviewKind,
    ReviewState,
)
from .interest import Question, SampleRequest, SampleState, Shortlist, ShortlistItem
from .photos import PhotoState, ProductPhoto
from .products import Category, HalalState, PriceTier, Product, ProductState, StorageKind
from .search import SavedSearch, SearchMark, SearchVersion, Synonym

__all__ = [
    "ApprovedPrice",
    "Category",
    "Certificate",
    "CertificateEvent",
    "CertificateKind",
    "CertificateReminder",
    "CertificateState",
    "Criterion",
    "CriterionScope",
    "CurationSettings",
    "HalalState",
    "PhotoState",
    "PriceTier",
    "Product",
    "ProductImport",
    "ProductImportRow",
    "ProductPhoto",
    "ProductState",
    "Question",
    "Review",
    "ReviewEvent",
    "ReviewKind",
    "ReviewState",
    "SampleRequest",
    "SampleState",
    "SavedSearch",
    "SearchMark",
    "SearchVersion",
    "Shortlist",
    "ShortlistItem",
    "StorageKind",
    "Synonym",
]
