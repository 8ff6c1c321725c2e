"""Every write about people, one function for each verb."""

from .codes import issue_code, redeem_code
from .recovery import ask_for_reset, make_password_link, reset_password
from .sessions import end_all_sign_ins, end_sign_in, sign_in, start_sign_in, touch, wear
from .tokens import create_token, revoke_token, touch_token
from .users import change_password, create_user, update_user

__all__ = [
    "ask_for_reset",
    "change_password",
    "create_token",
    "create_user",
    "end_all_sign_ins",
    "end_sign_in",
    "issue_code",
    "make_password_link",
    "redeem_code",
    "reset_password",
    "revoke_token",
    "sign_in",
    "start_sign_in",
    "touch",
    "touch_token",
    "update_user",
    "wear",
]
