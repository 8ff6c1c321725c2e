"""Every write of agreements."""

from .bulk import lock_outlets, write_agreements
from .evidence import tell_outlets
from .proposals import accept_agreement, decline_agreement, propose_agreement, withdraw_agreement
from .running import resume_agreement, suspend_agreement, terminate_agreement

__all__ = [
    "accept_agreement",
    "decline_agreement",
    "lock_outlets",
    "propose_agreement",
    "resume_agreement",
    "suspend_agreement",
    "tell_outlets",
    "terminate_agreement",
    "withdraw_agreement",
    "write_agreements",
]
