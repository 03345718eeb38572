"""Expert review: seats with recusals, score sheets, and the shortlist (notice, N19-N20)."""

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.vocabulary import Body, NominationState, PartyKind, RoundState, RoundTrigger, Stage, Trigger, WorkKind
from states.bulk import shown
from states.command import Command
from states.errors import CommandRefused, Refusal, numbered
from states.facts import Facts
from states.firing import fire, touched
from states.gathering import concluded, gather, must_run, running, valid_sheets
from states.obligations import finish
from states.outcome import Outcome, Skip, Touch
from states.panels import ask_for_review, colleagues
from states.parties import in_office
from states.progress import advance, ask_again, move_round
from states.scoring import Ranking, Row, Sheet, Shortlist, rank, shortlist, validate_sheet
from states.tables import Nomination, PanelSeat, ScoreSheet

if TYPE_CHECKING:
    from states.work import Work

S = NominationState
_UNJUDGED = (S.SUBMITTED, S.RETURNED)
_MOST_NAMED = 5
_SHORTLISTED = (S.EXPERT_REVIEWED, S.RESERVED, S.LEADERSHIP_APPROVED, S.PUBLICLY_NOTICED, S.GOVERNMENT_CERTIFIED, S.REVOKED)


class SeatRow(BaseModel):
    """An expert's seat for one nomination; a recusal (回避) has a reason, and turns a seat that was given before.

    Who handed a seat to another may be seated again, or be recused for good.
    """

    model_config = ConfigDict(frozen=True)

    nomination: str
    expert: str
    recused: bool = False
    reason: str = ""


class AssignExperts(Command):
    """Seat experts for nominations. Who works for the candidate's employer can only be seated as recused."""

    title: ClassVar[str] = "分配评审专家"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[SeatRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip seats that do not fit; open one work item for each expert who has to score."""
        must_run(work, "不能分配")
        done, skipped = [], []
        for place, row in enumerate(self.rows, start=1):
            reason = _seat_refusal(work, row)
            if reason:
                skipped.append(_skip(row, place, reason))
                continue
            _seat(work, row)
            done.append(Touch(subject=row.nomination.strip(), note=f"{shown(row.expert, place)}{'（回避）' if row.recused else ''}"))
        if not done:
            raise CommandRefused("不能分配", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped])
        ask_for_review(work)
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
    after_clock: ClassVar[bool] = True

    rows: tuple[SheetRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip sheets without a seat, of a recused expert, with points that the rubric refuses, or given before."""
        must_run(work, "评分表不能登记")
        gather(work, work.nominations(state=S.QUALIFIED.value))
        done, skipped = [], []
        for place, row in enumerate(self.rows, start=1):
            reason = _sheet_refusal(work, row, place)
            if reason:
                skipped.append(_skip(row, place, reason))
                continue
            _enter_sheet(work, row)
            done.append(Touch(subject=row.nomination.strip(), note=shown(row.expert, place)))
        ask_for_review(work)
        return Outcome(summary=f"录入评分表 {len(done)} 份，略过 {len(skipped)} 份", touched=tuple(done), skipped=tuple(skipped))


class ConcludeReview(Command):
    """Conclude the review: the shortlist goes on, the others are passed over (notice, N19 竞争择优).

    A tie at the cut is not broken by the machine: ``admitted`` names those whom the panel lets in, no more than places.
    Whoever comes back after the conclusion competes for the places that the shortlist has left, ranked among all.
    """

    title: ClassVar[str] = "评审结论"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    admitted: tuple[str, ...] = ()
    document: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse while qualification runs, sheets are missing or a tie at the cut is undecided (notice, N20: the order)."""
        _refuse_early(work)
        waiting = {each.number: each for each in work.nominations(state=S.QUALIFIED.value)}
        before = _listed_before(work)
        facts = gather(work, [*waiting.values(), *before])
        free = max(0, work.programme.review.shortlist - len(before))
        inside = _inside(shortlist(ranking_of(work, list(waiting.values())), free), self.admitted, free)
        done = [
            self._conclude(work, waiting[row.nomination], row, facts[row.nomination], row.nomination in inside)
            for row in ranking_of(work, [*waiting.values(), *before]).rows
            if row.nomination in waiting
        ]
        if work.round.state == RoundState.EXPERT_REVIEW:
            move_round(work, RoundTrigger.CONCLUDE)
        elif done:
            finish(work, WorkKind.REVIEW_CONCLUSION, work.round.slug)
            ask_again(work)
        advance(work)
        summary = f"评审入围 {len(inside)} 人，未入围 {len(done) - len(inside)} 人"
        return Outcome(summary=summary, touched=tuple(done))

    def _conclude(self, work: "Work", nomination: Nomination, row: Row, facts: Facts, inside: bool) -> Touch:
        facts = replace(facts, shortlisted=inside, document=self.document)
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


def _refuse_early(work: "Work") -> None:
    """Raises ``CommandRefused`` while somebody may still be qualified who would compete for the same shortlist."""
    refusals = running(work)
    unjudged = [each.number for each in work.nominations(state=[state.value for state in _UNJUDGED])]
    if not concluded(work, Stage.QUALIFICATION) or unjudged:
        named = f"{'、'.join(unjudged[:_MOST_NAMED])}{' 等' if len(unjudged) > _MOST_NAMED else ''}"
        sentence = "资格审核尚未办结" + (f"，还有 {len(unjudged)} 份申报没有结论（{named}）" if unjudged else "")
        refusals.append(Refusal("qualification-running", sentence, "N20 申报推荐结束后，将按照资格审核、专家评审…等环节依次进行认定"))
    if refusals:
        raise CommandRefused("不能作出评审结论", refusals)


def _listed_before(work: "Work") -> list[Nomination]:
    """Give whom an earlier conclusion put on the shortlist, those passed over by a sitting included."""
    listed = work.nominations(state=[state.value for state in _SHORTLISTED])
    passed = work.nominations(state=S.NOT_SELECTED.value, came_from=[state.value for state in (S.EXPERT_REVIEWED, S.RESERVED)])
    return [*listed, *passed]


def _skip(row: SeatRow | SheetRow, place: int, reason: str) -> Skip:
    subject = f"{shown(row.nomination, place)} {shown(row.expert, place)}"
    return Skip(subject=f"（第{place}条）" if subject == f"（第{place}条） （第{place}条）" else subject, reason=reason)


def _inside(cut: Shortlist, admitted: tuple[str, ...], size: int) -> set[str]:
    """Give who is on the shortlist, ties decided by the panel. Raises ``CommandRefused``."""
    undecided = set(cut.undecided)
    strangers = [(place, number) for place, number in enumerate(admitted, start=1) if number not in undecided]
    refusals = [Refusal("not-tied", f"{shown(number, place)} 不在并列待定之列") for place, number in strangers]
    if any(refusal.code == "too-few-sheets" for refusal in cut.refusals) or (undecided and not admitted):
        refusals += cut.refusals
    if len(cut.inside) + len(set(admitted)) > size:
        refusals.append(Refusal("too-many", f"入围人数超过 {size} 人"))
    if refusals:
        raise CommandRefused("不能作出评审结论", refusals)
    return {*cut.inside, *admitted}


def _as_sheet(row: ScoreSheet) -> Sheet:
    return Sheet(row.expert, row.nomination, {name: Decimal(points) for name, points in row.points.items()})


def _not_awaiting(work: "Work", number: str) -> str:
    return f"本届没有这个待评审的申报编号{work.instead(number, lambda: work.numbers(state=S.QUALIFIED.value))}"


def _seat_refusal(work: "Work", row: SeatRow) -> str:
    nomination, expert = work.nomination(row.nomination), work.party(row.expert.strip())
    if nomination is None or nomination.state != S.QUALIFIED:
        return _not_awaiting(work, row.nomination)
    if expert is None or expert.kind != PartyKind.EXPERT:
        return f"名册中没有这个专家编号{work.instead(row.expert, lambda: work.ids(PartyKind.EXPERT))}"
    if not in_office(expert, work.today):
        return "该专家不在任期内"
    seat = work.records.get(PanelSeat, nomination.number, expert.id)
    if seat is not None and seat.handed_to is None:
        return "" if row.recused and not seat.recused else "该专家已有此申报的席位"
    if not row.recused and colleagues(work, expert, nomination.number):
        return "该专家与申报人同一工作单位，应当回避"
    return ""


def _seat(work: "Work", row: SeatRow) -> None:
    payload = {"expert": row.expert.strip(), "recused": row.recused}
    recorder = work.record("seat_assigned", row.nomination.strip(), payload=payload)
    reason = work.keep_text(recorder, "recusal", row.reason) if row.reason.strip() else None
    seat = work.records.get(PanelSeat, row.nomination.strip(), row.expert.strip())
    if seat is not None:
        recorder.update(PanelSeat, seat, recused=row.recused, reason=reason, handed_to=None)
        return
    values = {"round": work.round.slug, "recused": row.recused, "reason": reason}
    recorder.insert(PanelSeat, nomination=row.nomination.strip(), expert=row.expert.strip(), **values)


def _sheet_refusal(work: "Work", row: SheetRow, place: int) -> str:
    nomination = work.nomination(row.nomination)
    if nomination is None or nomination.state != S.QUALIFIED:
        return _not_awaiting(work, row.nomination)
    seat = work.records.get(PanelSeat, nomination.number, row.expert.strip())
    if seat is None:
        return "该专家没有此申报的席位"
    if seat.recused:
        return "该专家的席位已移交他人" if seat.handed_to else "该专家已回避此申报"
    if work.records.get(ScoreSheet, nomination.number, row.expert.strip()) is not None:
        return "该专家对此申报的评分表已经录入"
    return (
        numbered(refusals)
        if (refusals := validate_sheet(Sheet(shown(seat.expert, place), nomination.number, row.points), work.programme.review.rubric))
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
