"""What one row of each kind of workbook says, once it has been read. Nominations are ``states.candidate.Candidate``."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from config.vocabulary import BenefitKind, ObjectionStatus, PartyKind, Role, Trigger, Vote
from states.candidate import Candidate


class FrozenRow(BaseModel):
    """Base of every row; frozen, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PartyRow(FrozenRow):
    """What every sheet of the roster says of a party. Empty dates mean that it has always been and stays.

    ``deputy`` is the id of whoever reads for it, days included; ``at_once`` and ``in_digest`` are kinds of message.
    """

    id: str
    name: str
    phone: str = ""
    email: str = ""
    second_email: str = ""
    web: str = ""
    preferred: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    deputy: str = ""
    deputy_from: date | None = None
    deputy_until: date | None = None
    at_once: tuple[str, ...] = ()
    in_digest: tuple[str, ...] = ()


class UnitRow(PartyRow):
    """单位: a unit of the recommending tree; ``superior`` is the id of its superior, "" at the top (N18)."""

    kind: PartyKind
    superior: str = ""
    contact: str = ""


class ExpertRow(PartyRow):
    """专家: an expert with field and employer."""

    field: str
    employer: str


class MemberRow(PartyRow):
    """领导小组: a member of the leading group."""

    post: str = ""


class DepartmentRow(PartyRow):
    """部门: a department that is asked for a clearance."""

    contact: str = ""


class OperatorRow(PartyRow):
    """经办人: somebody who records, with at least one role."""

    roles: tuple[Role, ...]


class EndorsementRow(FrozenRow):
    """推荐意见: one layer's yes or no on one nomination (N18)."""

    nomination: str
    unit: str
    endorses: bool
    opinion: str = ""
    document: str = ""


class ClearanceRow(FrozenRow):
    """部门联审意见: one department's yes or veto on one nomination; ``clearance`` is the matter, or who was asked."""

    nomination: str
    clearance: str
    clear: bool
    opinion: str = ""
    document: str = ""


class VerdictRow(FrozenRow):
    """审核意见: the office's verdict: qualify, return for correction or reject.

    ``confirmed`` are clauses that the office confirms, ``waived`` those it waives for ``reason``; ``fields`` are headers
    of the 推荐汇总表 that must be mended.
    """

    nomination: str
    verdict: Trigger
    confirmed: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    reason: str = ""
    fields: tuple[str, ...] = ()
    document: str = ""


class CorrectionRow(FrozenRow):
    """补正: the whole row of one candidate again, under the number it already has."""

    nomination: str
    candidate: Candidate


class ReasonRow(FrozenRow):
    """情况说明: the reason for a withdrawal, a disqualification, a revocation or a reopening."""

    nomination: str
    reason: str
    document: str = ""


class AssignmentRow(FrozenRow):
    """评审分组: one expert for one nomination, or their recusal from it."""

    nomination: str
    expert: str
    recused: bool = False
    recusal_reason: str = ""


class ScoreRow(FrozenRow):
    """评分表: one expert's marks for one nomination, by criterion id."""

    expert: str
    nomination: str
    marks: dict[str, Decimal]
    remark: str = ""


class ResolutionRow(FrozenRow):
    """审定表决: what the leading group resolved of one nomination, as counts; ``reserve_rank`` from 1 for a reserve."""

    nomination: str
    vote: Vote
    approve: int
    against: int
    abstain: int
    recused: int = 0
    reserve_rank: int | None = None
    note: str = ""


class ObjectionRow(FrozenRow):
    """异议登记: what the public says against one nominee; a letter counts by ``postmarked``."""

    nomination: str
    objector: str = ""
    signed: bool
    phone: str = ""
    received: date
    postmarked: date | None = None
    content: str


class ObjectionAnswerRow(FrozenRow):
    """异议处理: the leading group's answer, upheld or dismissed, with its report."""

    objection: str
    status: ObjectionStatus
    report: str
    reason: str = ""


class BenefitRow(FrozenRow):
    """待遇落实: one benefit given; ``amount`` and ``tax`` in yuan, the amount gross (N22)."""

    nomination: str
    benefit: BenefitKind
    given: date
    voucher: str = ""
    amount: Decimal | None = None
    tax: Decimal | None = None
