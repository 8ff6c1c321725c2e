"""What may come in from the catalogue's pages."""

from .fields import WholeField
from .interest import SampleForm
from .product import ProductForm, form_of
from .search import read_search
from .variants import VariantsForm, variants_form_of

__all__ = [
    "ProductForm",
    "SampleForm",
    "VariantsForm",
    "WholeField",
    "form_of",
    "read_search",
    "variants_form_of",
]
