"""Expert review: seats with recusals, score sheets, and the shortlist (notice, N19-N20)."""

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.vocabulary import Body, NominationState, PartyKind, RoundState, RoundTrigger, Stage, Trigger, WorkKind
from states.command import Command
from states.errors import CommandRefused, Refusal, numbered
from states.facts import Facts
from states.firing import fire, touched
from states.gathering import gather, must_run, valid_sheets
from states.obligations import finish, open_item
from states.outcome import Outcome, Skip, Touch
from states.people import candidate_of
from states.progress import advance, move_round
from states.scoring import Ranking, Row, Sheet, Shortlist, rank, shortlist, validate_sheet
from states.tables import Nomination, PanelSeat, ScoreSheet

if TYPE_CHECKING:
    from states.work import Work

_REVIEWED = (NominationState.QUALIFIED,)


class SeatRow(BaseModel):
    """An expert's seat for one nomination; a recusal (回避) has a reason."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    expert: str
    recused: bool = False
    reason: str = ""


class AssignExperts(Command):
    """Seat experts for nominations. Who works for the candidate's employer can only be seated as recused."""

    title: ClassVar[str] = "分配评审专家"
    bulk: ClassVar[bool] = True

    rows: tuple[SeatRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip seats that do not fit; open one work item for each expert who has to score."""
        must_run(work, "不能分配")
        done, skipped = [], []
        for row in self.rows:
            reason = _seat_refusal(work, row)
            if reason:
                skipped.append(Skip(subject=f"{row.nomination} {row.expert}", reason=reason))
                continue
            _seat(work, row)
            done.append(Touch(subject=row.nomination.strip(), note=f"{row.expert}{'（回避）' if row.recused else ''}"))
        if not done:
            raise CommandRefused("不能分配", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped])
        _open_sheets(work)
        return Outcome(summary=f"分配席位 {len(done)} 个，略过 {len(skipped)} 个", touched=tuple(done), skipped=tuple(skipped))


class SheetRow(BaseModel):
    """One expert's points for one nomination, by criterion id; ``remark`` goes to the vault."""

    model_config = ConfigDict(frozen=True)

    expert: str
    nomination: str
    points: dict[str, Decimal]
    remark: str = ""


class RecordScores(Command):
    """Enter score sheets. Not a decision: good sheets go in, the others come back with a reason."""

    title: ClassVar[str] = "登记评分表"

    rows: tuple[SheetRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip sheets without a seat, of a recused expert, with points that the rubric refuses, or given before."""
        must_run(work, "评分表不能登记")
        gather(work, work.nominations(state=[state.value for state in _REVIEWED]))
        done, skipped = [], []
        for row in self.rows:
            reason = _sheet_refusal(work, row)
            if reason:
                skipped.append(Skip(subject=f"{row.nomination} {row.expert}", reason=reason))
                continue
            _enter_sheet(work, row)
            done.append(Touch(subject=row.nomination.strip(), note=row.expert))
        _finish_sheets(work)
        return Outcome(summary=f"录入评分表 {len(done)} 份，略过 {len(skipped)} 份", touched=tuple(done), skipped=tuple(skipped))


class ConcludeReview(Command):
    """Conclude the review: the shortlist goes on, the others are passed over (notice, N19 竞争择优).

    A tie at the cut is not broken by the machine: ``admitted`` names those whom the panel lets in, no more than places.
    """

    title: ClassVar[str] = "评审结论"
    bulk: ClassVar[bool] = True

    admitted: tuple[str, ...] = ()
    document: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse while sheets are missing or a tie at the cut is undecided."""
        nominations = work.nominations(state=NominationState.QUALIFIED.value)
        facts = gather(work, nominations)
        ranking = ranking_of(work, nominations)
        inside = _inside(shortlist(ranking, work.programme.review.shortlist), self.admitted, work.programme.review.shortlist)
        done = []
        for row in ranking.rows:
            nomination = next(each for each in nominations if each.number == row.nomination)
            done.append(self._conclude(work, nomination, row, facts[row.nomination], row.nomination in inside))
        if work.round.state == RoundState.EXPERT_REVIEW:
            move_round(work, RoundTrigger.CONCLUDE)
            advance(work)
        summary = f"评审入围 {len(inside)} 人，未入围 {len(done) - len(inside)} 人"
        return Outcome(summary=summary, touched=tuple(done))

    def _conclude(self, work: "Work", nomination: Nomination, row: Row, facts: Facts, inside: bool) -> Touch:
        facts = replace(facts, shortlisted=inside, stage_concluded=True, document=self.document)
        trigger = Trigger.CONCLUDE_REVIEW if inside else Trigger.PASS_OVER
        recorder = fire(work, nomination, trigger, Body.OFFICE, facts, score=str(row.total), review_rank=row.rank)
        recorder.entry.payload["sheets"] = row.sheets
        return touched(recorder, f"第{row.rank}名 {row.explain}")


def ranking_of(work: "Work", nominations: list[Nomination]) -> Ranking:
    """Rank nominations by their valid sheets; read after ``gather``."""
    review = work.programme.review
    sheets = [_as_sheet(sheet) for nomination in nominations for sheet in valid_sheets(work, nomination)]
    numbers = [nomination.number for nomination in nominations]
    return rank(sheets, rubric=review.rubric, sheets_needed=review.sheets_needed, trimmed=review.trimmed, nominations=numbers)


def _inside(cut: Shortlist, admitted: tuple[str, ...], size: int) -> set[str]:
    """Give who is on the shortlist, ties decided by the panel. Raises ``CommandRefused``."""
    undecided = set(cut.undecided)
    strangers = [number for number in admitted if number not in undecided]
    refusals = [Refusal("not-tied", f"{number} 不在并列待定之列") for number in strangers]
    if any(refusal.code == "too-few-sheets" for refusal in cut.refusals) or (undecided and not admitted):
        refusals += cut.refusals
    if len(cut.inside) + len(set(admitted)) > size:
        refusals.append(Refusal("too-many", f"入围人数超过 {size} 人"))
    if refusals:
        raise CommandRefused("不能作出评审结论", refusals)
    return {*cut.inside, *admitted}


def _as_sheet(row: ScoreSheet) -> Sheet:
    return Sheet(row.expert, row.nomination, {name: Decimal(points) for name, points in row.points.items()})


def _seat_refusal(work: "Work", row: SeatRow) -> str:
    nomination, expert = work.nomination(row.nomination), work.party(row.expert.strip())
    if nomination is None or nomination.state != NominationState.QUALIFIED:
        return "本届没有这个待评审的申报编号"
    if expert is None or expert.kind != PartyKind.EXPERT:
        return "名册中没有这个专家编号"
    if (expert.valid_from and work.today < expert.valid_from) or (expert.valid_to and work.today > expert.valid_to):
        return "该专家不在任期内"
    if work.records.get(PanelSeat, nomination.number, expert.id) is not None:
        return "该专家已有此申报的席位"
    employer = candidate_of(work, nomination.number).employer.strip()
    if not row.recused and expert.employer and expert.employer.strip() == employer:
        return "该专家与申报人同一工作单位，应当回避"
    return ""


def _seat(work: "Work", row: SeatRow) -> None:
    recorder = work.record("seat_assigned", row.nomination.strip(), payload={"expert": row.expert.strip()})
    reason = work.keep_text(recorder, "recusal", row.reason) if row.reason.strip() else None
    values = {"round": work.round.slug, "recused": row.recused, "reason": reason}
    recorder.insert(PanelSeat, nomination=row.nomination.strip(), expert=row.expert.strip(), **values)


def _open_sheets(work: "Work") -> None:
    """Open one score-sheet item for each expert with a seat, and close the assignment once every panel is full."""
    seats = [seat for seat in work.records.where(PanelSeat, round=work.round.slug) if not seat.recused]
    busy = {item.owner for item in work.open_items(work.round.slug) if item.kind == WorkKind.SCORE_SHEET}
    for expert in sorted({seat.expert for seat in seats} - busy):
        open_item(work, WorkKind.SCORE_SHEET, Stage.EXPERT_REVIEW, work.round.slug, expert)
    numbers = [each.number for each in work.nominations(state=NominationState.QUALIFIED.value)]
    wanted = work.programme.review.sheets_per_nomination
    if all(sum(seat.nomination == number for seat in seats) >= wanted for number in numbers):
        finish(work, WorkKind.ASSIGNMENT, work.round.slug)


def _sheet_refusal(work: "Work", row: SheetRow) -> str:
    nomination = work.nomination(row.nomination)
    if nomination is None or nomination.state != NominationState.QUALIFIED:
        return "本届没有这个待评审的申报编号"
    seat = work.records.get(PanelSeat, nomination.number, row.expert.strip())
    if seat is None:
        return "该专家没有此申报的席位"
    if seat.recused:
        return "该专家已回避此申报"
    if work.records.get(ScoreSheet, nomination.number, row.expert.strip()) is not None:
        return "该专家对此申报的评分表已经录入"
    return (
        numbered(refusals)
        if (refusals := validate_sheet(Sheet(seat.expert, nomination.number, row.points), work.programme.review.rubric))
        else ""
    )


def _enter_sheet(work: "Work", row: SheetRow) -> None:
    recorder = work.record("score_recorded", row.nomination.strip(), payload={"expert": row.expert.strip()})
    remark = work.keep_text(recorder, "remark", row.remark) if row.remark.strip() else None
    recorder.insert(
        ScoreSheet,
        nomination=row.nomination.strip(),
        expert=row.expert.strip(),
        round=work.round.slug,
        points={name: str(points) for name, points in sorted(row.points.items())},
        remark=remark,
        at=work.now,
    )


def _finish_sheets(work: "Work") -> None:
    """Close the item of every expert whose seats on running nominations all have a sheet."""
    running = {each.number for each in work.nominations(state=NominationState.QUALIFIED.value)}
    seats = [seat for seat in work.records.where(PanelSeat, round=work.round.slug) if not seat.recused and seat.nomination in running]
    given = {(sheet.nomination, sheet.expert) for sheet in work.records.where(ScoreSheet, round=work.round.slug)}
    for expert in sorted({seat.expert for seat in seats}):
        if all((seat.nomination, expert) in given for seat in seats if seat.expert == expert):
            finish(work, WorkKind.SCORE_SHEET, work.round.slug, owner=expert)
