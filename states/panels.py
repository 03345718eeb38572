"""What the expert review still waits for: seats on a panel, score sheets of the seated, and the conclusion (notice, N19)."""

from config.vocabulary import NominationState, Stage, WorkKind, WorkStatus
from states.gathering import concluded
from states.obligations import OFFICE, close_items, finish, open_item, stage_clock
from states.people import candidate_of
from states.tables import PanelSeat, Party, ScoreSheet, WorkItem
from states.work import Work

K = WorkKind


def ask_for_review(work: Work) -> None:
    """Open, finish or drop the review's work by what is missing; nothing before its stage was entered."""
    if stage_clock(work, Stage.EXPERT_REVIEW) is None:
        return
    waiting = [each.number for each in work.nominations(state=NominationState.QUALIFIED.value)]
    if not waiting and concluded(work, Stage.EXPERT_REVIEW):
        close_items(work, _asked(work, K.ASSIGNMENT, K.SCORE_SHEET, K.REVIEW_CONCLUSION), WorkStatus.DROPPED)
        return
    if waiting and not _asked(work, K.REVIEW_CONCLUSION):
        open_item(work, K.REVIEW_CONCLUSION, Stage.EXPERT_REVIEW, work.round.slug, OFFICE)
    seats = _seats(work, waiting)
    _ask_for_seats(work, waiting, seats)
    _ask_for_sheets(work, seats)


def colleagues(work: Work, expert: Party, number: str) -> bool:
    """Say whether an expert works for the candidate's employer, and so may not score (回避)."""
    return bool(expert.employer.strip()) and expert.employer.strip() == candidate_of(work, number).employer.strip()


def _ask_for_seats(work: Work, waiting: list[str], seats: list[PanelSeat]) -> None:
    wanted = work.programme.review.sheets_per_nomination
    missing = any(sum(seat.nomination == number for seat in seats) < wanted for number in waiting)
    if missing and not _asked(work, K.ASSIGNMENT):
        open_item(work, K.ASSIGNMENT, Stage.EXPERT_REVIEW, work.round.slug, OFFICE)
    if waiting and not missing:
        finish(work, K.ASSIGNMENT, work.round.slug)


def _ask_for_sheets(work: Work, seats: list[PanelSeat]) -> None:
    """Keep one open item for each expert who owes a sheet; one who owes none has finished, or was asked in vain."""
    sheets = work.records.where(ScoreSheet, round=work.round.slug)
    given = {(sheet.nomination, sheet.expert) for sheet in sheets}
    owing = {seat.expert for seat in seats if (seat.nomination, seat.expert) not in given}
    asked = _asked(work, K.SCORE_SHEET)
    scored = {sheet.expert for sheet in sheets}
    free = [item for item in asked if item.owner not in owing]
    close_items(work, [item for item in free if item.owner in scored], WorkStatus.DONE)
    close_items(work, [item for item in free if item.owner not in scored], WorkStatus.DROPPED)
    for expert in sorted(owing - {item.owner for item in asked}):
        open_item(work, K.SCORE_SHEET, Stage.EXPERT_REVIEW, work.round.slug, expert)


def _seats(work: Work, numbers: list[str]) -> list[PanelSeat]:
    """Give the seats of those who may score these nominations."""
    seats = work.records.where(PanelSeat, round=work.round.slug)
    return [seat for seat in seats if not seat.recused and seat.nomination in numbers]


def _asked(work: Work, *kinds: WorkKind) -> list[WorkItem]:
    return [item for item in work.open_items(work.round.slug) if item.kind in kinds]
