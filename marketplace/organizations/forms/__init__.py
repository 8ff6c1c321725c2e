"""What people may type about sellers, retailers, outlets and people."""

from .facts import (
    AffiliationForm,
    CloseForm,
    KindForm,
    OperatorChoiceForm,
    OwnerForm,
    PlaceForm,
    ReasonForm,
    SizeForm,
)
from .fields import offer_villages
from .people import AccountForm, ClaimForm, EnrolForm, InviteForm, JoinForm, role_choices
from .retailers import OutletCardForm, OutletForm, RetailerForm
from .sellers import CoachingForm, PrivateForm, SellerProfileForm, SellerRegistrationForm

__all__ = [
    "AccountForm",
    "AffiliationForm",
    "ClaimForm",
    "CloseForm",
    "CoachingForm",
    "EnrolForm",
    "InviteForm",
    "JoinForm",
    "KindForm",
    "OperatorChoiceForm",
    "OutletCardForm",
    "OutletForm",
    "OwnerForm",
    "PlaceForm",
    "PrivateForm",
    "ReasonForm",
    "RetailerForm",
    "SellerProfileForm",
    "SellerRegistrationForm",
    "SizeForm",
    "offer_villages",
    "role_choices",
]
