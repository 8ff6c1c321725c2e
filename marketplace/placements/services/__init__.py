"""Every write of agreements."""

from .answers import accept_agreement, accept_agreements, decline_agreement, withdraw_agreement
from .bulk import lock_outlets, write_agreements
from .common import Proposed, Refused
from .evidence import tell_outlets
from .proposals import counter_agreement, propose_agreement, propose_agreements, propose_change
from .reminders import remind
from .replacements import (
    approve_replacement,
    ask_replacement,
    decline_replacement,
    withdraw_replacement,
)
from .running import resume_agreement, suspend_agreement, terminate_agreement

__all__ = [
    "Proposed",
    "Refused",
    "accept_agreement",
    "accept_agreements",
    "approve_replacement",
    "ask_replacement",
    "counter_agreement",
    "decline_agreement",
    "decline_replacement",
    "lock_outlets",
    "propose_agreement",
    "propose_agreements",
    "propose_change",
    "remind",
    "resume_agreement",
    "suspend_agreement",
    "tell_outlets",
    "terminate_agreement",
    "withdraw_agreement",
    "withdraw_replacement",
    "write_agreements",
]
