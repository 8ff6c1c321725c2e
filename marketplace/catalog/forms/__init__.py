"""What may come in from the catalogue's pages."""

from .fields import WholeField
from .interest import SampleForm
from .product import ProductForm, form_of, stamp_of
from .variants import VariantsForm, variants_form_of

__all__ = [
    "ProductForm",
    "SampleForm",
    "VariantsForm",
    "WholeField",
    "form_of",
    "stamp_of",
    "variants_form_of",
]
