"""From rows of a workbook to the rows of a command: one function for each kind."""

from collections.abc import Sequence
from decimal import Decimal

from config.vocabulary import ObjectionStatus, PartyKind, Promptness, Trigger
from flows.workbooks import rows as w
from flows.workbooks.clauses import EVERYTHING
from flows.workbooks.sheets import Reading
from flows.workbooks.unread import said_name
from states.candidate import Candidate
from states.commands.aftermath import ReasonRow
from states.commands.certification import BenefitRow, RevokeRow
from states.commands.clearances import ClearanceRow
from states.commands.corrections import CorrectionRow
from states.commands.endorsements import EndorsementRow
from states.commands.intake import SubmittedRow
from states.commands.leadership import VoteRow
from states.commands.notice import AnswerRow, ObjectionRow
from states.commands.qualification import ALL, Verdict, VerdictRow
from states.commands.review import SeatRow, SheetRow
from states.commands.roster import RosterEntry
from states.errors import CommandRefused, Refusal

_VERDICTS = {Trigger.QUALIFY: Verdict.QUALIFY, Trigger.RETURN_FOR_CORRECTION: Verdict.RETURN, Trigger.REJECT: Verdict.REJECT}


def place(sheet: str, row: int) -> str:
    """Name a row as people find it; commands keep this and say it in Prefect, so a sheet's strange name is not in it."""
    return f"“{said_name(sheet)}”第{row}行"


def submitted(reading: Reading) -> tuple[SubmittedRow, ...]:
    """Candidates of a 推荐汇总表."""
    found = [(row, row.value) for row in reading.rows]
    return tuple(
        SubmittedRow(place=place(row.sheet, row.row_number), candidate=value) for row, value in found if isinstance(value, Candidate)
    )


def corrections(reading: Reading) -> tuple[CorrectionRow, ...]:
    """Corrected candidates under the numbers they have."""
    found = [(row, row.value) for row in reading.rows]
    return tuple(
        CorrectionRow(place=place(row.sheet, row.row_number), nomination=value.nomination, candidate=value.candidate)
        for row, value in found
        if isinstance(value, w.CorrectionRow)
    )


def roster(reading: Reading) -> tuple[RosterEntry, ...]:
    """Parties of every sheet of a roster."""
    return roster_entries(reading.values(w.PartyRow))


def roster_entries(rows: Sequence[w.PartyRow]) -> tuple[RosterEntry, ...]:
    """Parties of a roster's rows, whatever their sheet."""
    return tuple(_entry(row) for row in rows)


def endorsements(reading: Reading) -> tuple[EndorsementRow, ...]:
    """Opinions of the layers."""
    return tuple(
        EndorsementRow(nomination=row.nomination, unit=row.unit, agrees=row.endorses, text=row.opinion, document=row.document)
        for row in reading.values(w.EndorsementRow)
    )


def clearances(reading: Reading) -> tuple[ClearanceRow, ...]:
    """Answers of the departments."""
    return tuple(
        ClearanceRow(nomination=row.nomination, clearance=row.clearance, clear=row.clear, text=row.opinion, document=row.document)
        for row in reading.values(w.ClearanceRow)
    )


def verdicts(reading: Reading) -> tuple[VerdictRow, ...]:
    """The office's verdicts."""
    return tuple(
        VerdictRow(
            nomination=row.nomination,
            verdict=_VERDICTS[row.verdict],
            confirmed=tuple(ALL if each == EVERYTHING else each for each in row.confirmed),
            waived=row.waived,
            reason=row.reason,
            fields=row.fields,
            document=row.document,
        )
        for row in reading.values(w.VerdictRow)
    )


def reasons(reading: Reading) -> tuple[ReasonRow, ...]:
    """Numbers with reasons."""
    return tuple(ReasonRow(**row.model_dump()) for row in reading.values(w.ReasonRow))


def revocations(reading: Reading) -> tuple[RevokeRow, ...]:
    """Certifications to take back."""
    return tuple(RevokeRow(nomination=row.nomination, reason=row.reason) for row in reading.values(w.ReasonRow))


def seats(reading: Reading) -> tuple[SeatRow, ...]:
    """Seats of experts."""
    return tuple(
        SeatRow(nomination=row.nomination, expert=row.expert, recused=row.recused, reason=row.recusal_reason)
        for row in reading.values(w.AssignmentRow)
    )


def sheets(reading: Reading) -> tuple[SheetRow, ...]:
    """Score sheets."""
    return tuple(
        SheetRow(expert=row.expert, nomination=row.nomination, points=row.marks, remark=row.remark) for row in reading.values(w.ScoreRow)
    )


def votes(reading: Reading) -> tuple[VoteRow, ...]:
    """What a sitting said."""
    return tuple(VoteRow(**row.model_dump(exclude={"note"})) for row in reading.values(w.ResolutionRow))


def objections(reading: Reading) -> tuple[ObjectionRow, ...]:
    """Objections as received."""
    return tuple(
        ObjectionRow(
            nomination=row.nomination,
            objector=row.objector,
            signed=row.signed,
            phone=row.phone,
            received_on=row.received,
            postmarked_on=row.postmarked,
            text=row.content,
        )
        for row in reading.values(w.ObjectionRow)
    )


def answers(reading: Reading) -> tuple[AnswerRow, ...]:
    """How objections were decided."""
    return tuple(
        AnswerRow(objection=row.objection, upheld=row.status == ObjectionStatus.UPHELD, report=row.report, reason=row.reason)
        for row in reading.values(w.ObjectionAnswerRow)
    )


def benefits(reading: Reading) -> tuple[BenefitRow, ...]:
    """Benefits given; amounts are whole yuan. Raises ``CommandRefused`` for a fraction: nothing is rounded away."""
    return tuple(
        BenefitRow(
            nomination=row.nomination,
            kind=row.benefit,
            granted_on=row.given,
            voucher=row.voucher,
            amount=_whole_yuan(row.nomination, "金额", row.amount),
            tax=_whole_yuan(row.nomination, "代扣税额", row.tax),
        )
        for row in reading.values(w.BenefitRow)
    )


def _whole_yuan(nomination: str, column: str, value: Decimal | None) -> int | None:
    if value is None:
        return None
    if value != value.to_integral_value():
        raise CommandRefused("不能登记待遇", [Refusal("not-whole", f"{nomination} 的{column}应为整数元，不能带角、分")])
    return int(value)


def _entry(row: w.PartyRow) -> RosterEntry:
    reached = (("mail", row.email), ("mail-2", row.second_email), ("phone", row.phone), ("web", row.web))
    contacts = {channel: address for channel, address in reached if address}
    common: dict[str, object] = {"id": row.id, "name": row.name, "contacts": contacts}
    common |= {"preferred": row.preferred or "", "valid_from": row.valid_from, "valid_to": row.valid_until}
    common |= {"deputy": row.deputy, "deputy_from": row.deputy_from, "deputy_to": row.deputy_until}
    common |= {"promptness": dict.fromkeys(row.at_once, Promptness.IMMEDIATE) | dict.fromkeys(row.in_digest, Promptness.DIGEST)}
    return RosterEntry.model_validate(common | _particulars(row))


def _particulars(row: w.PartyRow) -> dict[str, object]:
    match row:
        case w.UnitRow():
            return {"kind": row.kind, "parent": row.superior, "person": row.contact}
        case w.ExpertRow():
            return {"kind": PartyKind.EXPERT, "field": row.field, "employer": row.employer}
        case w.OperatorRow():
            return {"kind": PartyKind.OPERATOR, "roles": row.roles}
        case w.DepartmentRow():
            return {"kind": PartyKind.DEPARTMENT, "person": row.contact}
        case _:
            return {"kind": PartyKind.LEADING_GROUP_MEMBER}
