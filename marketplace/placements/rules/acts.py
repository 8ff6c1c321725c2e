"""Who may do what with an agreement, from which condition, by when: the state machine as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _
from ...permissions import Permission
from .days import Condition


class Verb(StrEnum):
    """What can be done with an agreement once it was proposed."""

    ACCEPT = "accept"
    COUNTER = "counter"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    CHANGE = "change"
    SUSPEND = "suspend"
    RESUME = "resume"
    TERMINATE = "terminate"


class Side(StrEnum):
    """One of the two parties."""

    SELLER = "seller"
    OUTLET = "outlet"

    @property
    def other(self) -> Side:
        """The party across the table."""
        return Side.OUTLET if self is Side.SELLER else Side.SELLER


class Who(StrEnum):
    """Which of the two parties may do it."""

    ASKED = "asked"
    """The one that the proposal was made to. Nothing is ever accepted by silence."""
    PROPOSER = "proposer"
    EITHER = "either"


@dataclass(frozen=True)
class Act:
    """One line of the table: from these conditions, by this party, to this, and until when."""

    verb: Verb
    sources: frozenset[Condition]
    target: Condition
    who: Who
    permission: Permission
    deadline: str = ""
    label: object = ""


C = Condition
ACTS: tuple[Act, ...] = (
    Act(
        Verb.ACCEPT,
        frozenset({C.PROPOSED}),
        C.IN_FORCE,
        Who.ASKED,
        Permission.AGREEMENT_ANSWER,
        "reply_by",
        N_("Setujui"),
    ),
    Act(
        Verb.COUNTER,
        frozenset({C.PROPOSED}),
        C.PROPOSED,
        Who.ASKED,
        Permission.AGREEMENT_PROPOSE,
        "reply_by",
        N_("Tawar balik"),
    ),
    Act(
        Verb.DECLINE,
        frozenset({C.PROPOSED}),
        C.DECLINED,
        Who.ASKED,
        Permission.AGREEMENT_ANSWER,
        "reply_by",
        N_("Tolak"),
    ),
    Act(
        Verb.WITHDRAW,
        frozenset({C.PROPOSED, C.LAPSED}),
        C.WITHDRAWN,
        Who.PROPOSER,
        Permission.AGREEMENT_PROPOSE,
        "",
        N_("Tarik tawaran"),
    ),
    Act(
        Verb.CHANGE,
        frozenset({C.IN_FORCE, C.UPCOMING, C.SUSPENDED}),
        C.IN_FORCE,
        Who.EITHER,
        Permission.AGREEMENT_PROPOSE,
        "",
        N_("Ubah syarat"),
    ),
    Act(
        Verb.SUSPEND,
        frozenset({C.IN_FORCE, C.UPCOMING}),
        C.SUSPENDED,
        Who.EITHER,
        Permission.AGREEMENT_ANSWER,
        "",
        N_("Tangguhkan"),
    ),
    Act(
        Verb.RESUME,
        frozenset({C.SUSPENDED, C.IN_FORCE, C.UPCOMING}),
        C.IN_FORCE,
        Who.EITHER,
        Permission.AGREEMENT_ANSWER,
        "",
        N_("Lanjutkan"),
    ),
    Act(
        Verb.TERMINATE,
        frozenset({C.IN_FORCE, C.UPCOMING, C.SUSPENDED}),
        C.ENDED,
        Who.EITHER,
        Permission.AGREEMENT_ANSWER,
        "",
        N_("Akhiri"),
    ),
)
_BY_VERB = {act.verb: act for act in ACTS}
ANSWERS = frozenset({Verb.ACCEPT, Verb.COUNTER, Verb.DECLINE, Verb.WITHDRAW})
"""What is done with the version on the table: the first of an agreement, or a change of a running one."""


def require(verb: Verb, *, condition: Condition, side: Side, proposed_by: Side | None) -> Act:
    """The line of the table that allows an act; RuleBroken, saying what to do instead, when none does."""
    act = _BY_VERB[verb]
    if condition not in act.sources:
        raise RuleBroken(_refusal(condition), code=f"agreement_{condition}", condition=condition.value)
    if not _is_turn_of(act.who, side, proposed_by):
        raise RuleBroken(_wrong_side(act.who), code="agreement_not_yours_to_answer")
    return act


def allowed_verbs(
    *,
    condition: Condition,
    side: Side | None,
    proposed_by: Side | None,
    permissions: Iterable[Permission],
    has_pause: bool = False,
    talk: Condition | None = None,
) -> list[Verb]:
    """What a party may do now, in the order of the table; nothing for an onlooker.

    `proposed_by` is whoever wrote the version on the table, `talk` what that version is on the day
    (proposed, lapsed); None while none is. `has_pause`: a suspension runs or is planned; it can be lifted,
    and no second one be made.
    """
    held = set(permissions)
    hidden = {Verb.SUSPEND if has_pause else Verb.RESUME}
    if talk is Condition.PROPOSED:
        hidden.add(Verb.CHANGE)
    return [
        act.verb
        for act in ACTS
        if side is not None
        and act.verb not in hidden
        and asked_of(act.verb, condition, talk) in act.sources
        and _is_turn_of(act.who, side, proposed_by)
        and act.permission in held
    ]


def asked_of(verb: Verb, condition: Condition, talk: Condition | None) -> Condition:
    """Which condition a verb asks for: that of the version on the table, else that of the agreement."""
    return talk if verb in ANSWERS and talk is not None else condition


def _is_turn_of(who: Who, side: Side, proposed_by: Side | None) -> bool:
    if who is Who.EITHER:
        return True
    if proposed_by is None:
        return False
    return side is (proposed_by if who is Who.PROPOSER else proposed_by.other)


def _refusal(condition: Condition) -> str:
    sentences = {
        Condition.PROPOSED: _("Tawaran ini belum dijawab. Tunggu jawaban, atau tarik tawarannya."),
        Condition.LAPSED: _("Batas jawab tawaran ini sudah lewat. Minta pengusulnya mengajukan lagi."),
        Condition.UPCOMING: _("Perjanjian ini sudah disetujui dan akan mulai berlaku."),
        Condition.IN_FORCE: _("Perjanjian ini sudah disetujui dan sedang berlaku."),
        Condition.SUSPENDED: _("Perjanjian ini sedang ditangguhkan. Lanjutkan dulu."),
        Condition.ENDED: _("Perjanjian ini sudah berakhir. Ajukan perjanjian baru bila ingin meneruskan."),
        Condition.DECLINED: _("Tawaran ini sudah ditolak. Ajukan tawaran baru bila syaratnya berubah."),
        Condition.WITHDRAWN: _("Tawaran ini sudah ditarik oleh pengusulnya."),
    }
    return sentences[condition]


def _wrong_side(who: Who) -> str:
    if who is Who.PROPOSER:
        return _("Hanya pihak yang mengajukan yang bisa menarik tawaran ini.")
    return _("Tawaran ini menunggu jawaban pihak lain, bukan jawaban Anda.")
