"""Every read of agreements and of what stands on the shelves because of them."""

from .agreements import (
    AgreementPage,
    AgreementRow,
    Filter,
    agreement_page,
    agreements_of,
    count_by_condition,
    visible_to,
)
from .home import Due, OutletShelf, SellerHome, seller_home, shelves_of
from .outlets import (
    OutletChoice,
    ProductShelf,
    outlet_choice,
    outlets_for_seller,
    outlets_of_operator,
    outlets_with_goods_of,
    outlets_with_product,
    products_carried_by,
    shelf_counts,
)
from .parties import Person, people_of, side_of
from .sellers import AbleSeller, AbleSellers, able_sellers, able_sellers_near, seller_choice

__all__ = [
    "AbleSeller",
    "AbleSellers",
    "AgreementPage",
    "AgreementRow",
    "Due",
    "Filter",
    "OutletChoice",
    "OutletShelf",
    "Person",
    "ProductShelf",
    "SellerHome",
    "able_sellers",
    "able_sellers_near",
    "agreement_page",
    "agreements_of",
    "count_by_condition",
    "outlet_choice",
    "outlets_for_seller",
    "outlets_of_operator",
    "outlets_with_goods_of",
    "outlets_with_product",
    "people_of",
    "products_carried_by",
    "seller_choice",
    "seller_home",
    "shelf_counts",
    "shelves_of",
    "side_of",
    "visible_to",
]
