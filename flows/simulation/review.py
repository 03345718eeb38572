"""Expert review: panels with a recusal, score sheets in time and late, and the shortlist (notice, N19-N20)."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from config.vocabulary import NominationState, PartyKind
from flows.simulation.paces import EXPERTS, answers_at, dealt
from states.commands.review import AssignExperts, ConcludeReview, RecordScores, SeatRow, SheetRow
from states.scoring import Sheet, rank, shortlist
from states.tables import PanelSeat, ScoreSheet

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.commands.roster import RosterEntry
    from states.tables import WorkItem

_LOWEST, _HIGHEST, _SPREAD = 0.62, 0.95, 0.06


def plan_assignment(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the office seat the panels on the next working day or the one after."""
    for item in items:
        world.agenda.plan(world.hours.later(world.random.randint(1, 2)), partial(_assign, world, item))


def _assign(world: "World", item: "WorkItem") -> None:
    numbers = [row.number for row in world.nominations(state=NominationState.QUALIFIED.value)]
    if not numbers or not world.still_open([item]):
        return
    stated = world.random.choice(numbers)
    rows = [row for number in numbers for row in _panel(world, number, recuse=number == stated)]
    world.do(AssignExperts, rows=tuple(rows))


def _panel(world: "World", number: str, *, recuse: bool) -> list[SeatRow]:
    """Seat as many experts as the programme asks for; whoever works for the candidate's employer steps aside (回避)."""
    employer = world.candidate(number).employer.strip()
    experts = world.of_kind(PartyKind.EXPERT)
    experts = world.random.sample(experts, len(experts))
    colleagues = [expert for expert in experts if expert.employer.strip() == employer]
    free = [expert for expert in experts if expert not in colleagues]
    rows = [_recused(number, expert, "与申报人同一工作单位") for expert in colleagues]
    if recuse:
        rows.append(_recused(number, free.pop(), "与申报人有师徒关系"))
    seated = free[: world.programme.review.sheets_per_nomination]
    return rows + [SeatRow(nomination=number, expert=expert.id) for expert in seated]


def _recused(number: str, expert: "RosterEntry", reason: str) -> SeatRow:
    return SeatRow(nomination=number, expert=expert.id, recused=True, reason=reason)


def plan_sheets(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let each expert hand in all sheets together, some only after they were reminded and reported."""
    paces = dealt(world.random, EXPERTS)
    for item, pace in zip(items, paces, strict=False):
        days = max(2, world.calendar.working_days_between(world.hours.today, item.due_day) - 1)
        world.agenda.plan(answers_at(world, item, pace, 2, days), partial(_score, world, item))


def _score(world: "World", item: "WorkItem") -> None:
    if not world.still_open([item]):
        return
    running = {row.number for row in world.nominations(state=NominationState.QUALIFIED.value)}
    seats = world.rows(PanelSeat, round=world.slug, expert=item.owner, recused=False)
    rows = tuple(_sheet(world, item.owner, seat.nomination) for seat in seats if seat.nomination in running)
    if rows:
        world.do(RecordScores, rows=rows)


def _sheet(world: "World", expert: str, number: str) -> SheetRow:
    """Score a nomination around a level of its own, in tenths of a point."""
    level = Random(f"{world.seed} level {number}").uniform(_LOWEST, _HIGHEST)
    points = {}
    for criterion in world.programme.review.rubric:
        part = min(1.0, level + world.random.uniform(-_SPREAD, _SPREAD))
        points[criterion.id] = Decimal(int(part * criterion.maximum * 10)) / 10
    return SheetRow(expert=expert, nomination=number, points=points)


def plan_conclusion(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the office ask every working day whether all sheets are in, and then conclude."""
    for item in items:
        world.agenda.plan(world.hours.later(3), partial(_conclude, world, item))


def _conclude(world: "World", item: "WorkItem") -> None:
    if not world.still_open([item]):
        return
    if _sheets_missing(world):
        world.agenda.plan(world.hours.later(1), partial(_conclude, world, item))
    else:
        world.do(ConcludeReview, admitted=_admitted(world), document=world.document("评审纪要"))


def _sheets_missing(world: "World") -> bool:
    """Say whether a seat lacks its sheet, or a nomination its seats."""
    numbers = [row.number for row in world.nominations(state=NominationState.QUALIFIED.value)]
    seats = {(row.nomination, row.expert) for row in world.rows(PanelSeat, nomination=numbers, recused=False)}
    given = {(row.nomination, row.expert) for row in world.rows(ScoreSheet, nomination=numbers)}
    return bool(seats - given) or {number for number, _ in seats} != set(numbers)


def _admitted(world: "World") -> tuple[str, ...]:
    """Let the panel fill the shortlist where equal scores leave it open: by number."""
    review = world.programme.review
    numbers = [row.number for row in world.nominations(state=NominationState.QUALIFIED.value)]
    seats = {(row.nomination, row.expert) for row in world.rows(PanelSeat, nomination=numbers, recused=False)}
    sheets = [
        Sheet(row.expert, row.nomination, {name: Decimal(points) for name, points in row.points.items()})
        for row in world.rows(ScoreSheet, nomination=numbers)
        if (row.nomination, row.expert) in seats
    ]
    ranking = rank(sheets, rubric=review.rubric, sheets_needed=review.sheets_needed, trimmed=review.trimmed, nominations=numbers)
    cut = shortlist(ranking, review.shortlist)
    return tuple(sorted(cut.undecided)[: review.shortlist - len(cut.inside)])
