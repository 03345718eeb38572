"""The office's verdicts, the units' corrections, and a candidate who withdraws (notice, N4-N16, N20)."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from config.vocabulary import OPEN_STATES, FindingResult, Stage, WorkKind, WorkStatus
from flows.simulation import incidents
from states.candidate import COLUMNS
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.corrections import CorrectionRow, Resubmit
from states.commands.qualification import ALL, RecordQualification, Verdict, VerdictRow
from states.tables import Clearance, Finding, WorkItem

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.candidate import Candidate
    from states.tables import Nomination

_LOT = 6
"""Nominations that the office judges in one go."""
_UNSETTLED = (FindingResult.FAILED, FindingResult.WAIVABLE, FindingResult.NEEDS_PERSON)
_FIRST = (WorkKind.ENDORSEMENT.value, WorkKind.CLEARANCE.value)
_MENDED = ("achievements", "evidence")
_WAIVER = "技艺属本区紧缺，虽从业年限不足，业绩突出，经集体研究予以放宽。"


def plan_stage(world: "World") -> None:
    """Draw what goes otherwise than planned, and let the one who withdraws do so."""
    incidents.draw(world)
    if world.incidents.withdrawn:
        world.agenda.plan(world.hours.later(world.random.randint(2, 6)), partial(_withdraw, world))


def _withdraw(world: "World") -> None:
    running = world.nominations(number=world.incidents.withdrawn, state=[state.value for state in OPEN_STATES])
    rows = tuple(
        ReasonRow(nomination=row.number, reason="本人调离滨江区，单位申请撤回。", document=world.document("撤回函")) for row in running
    )
    if rows:
        world.do(Withdraw, rows=rows)


def plan_verdicts(world: "World", items: Sequence[WorkItem]) -> None:
    """Let the office take the nominations in lots, on different days of the stage's first two thirds."""
    lots = _in_lots(world, list(items))
    last = max(1, world.programme.stages[Stage.QUALIFICATION].working_days * 2 // 3)
    for number, lot in enumerate(lots):
        days = 1 + number * last // max(len(lots), 1)
        world.agenda.plan(world.hours.later(days), partial(_judge, world, lot))


def _in_lots(world: "World", items: list[WorkItem]) -> list[list[WorkItem]]:
    world.random.shuffle(items)
    return [items[start : start + _LOT] for start in range(0, len(items), _LOT)]


def _judge(world: "World", items: Sequence[WorkItem]) -> None:
    """Judge what every layer has endorsed and every department answered by now; the rest is looked at again two working days later."""
    waiting = world.still_open(items)
    asked = {row.subject for row in world.rows(WorkItem, round=world.slug, kind=_FIRST, status=WorkStatus.OPEN.value)}
    ready = [item.subject for item in waiting if item.subject not in asked]
    rows = [_verdict(world, nomination) for nomination in world.nominations(number=ready)]
    if rows:
        world.do(RecordQualification, rows=tuple(rows))
    later = world.still_open(waiting)
    if later:
        world.agenda.plan(world.hours.later(2), partial(_judge, world, later))


def _verdict(world: "World", nomination: "Nomination") -> VerdictRow:
    number, plans = nomination.number, world.incidents
    unsettled = world.rows(Finding, nomination=number, result=[result.value for result in _UNSETTLED])
    unmet = [each for each in unsettled if each.result != FindingResult.NEEDS_PERSON]
    if number in (plans.corrected, plans.lapsing) and not nomination.corrections:
        fields = tuple(COLUMNS[name] for name in _MENDED)
        return VerdictRow(nomination=number, verdict=Verdict.RETURN, fields=fields, reason="证明材料不全，请补正。")
    if unmet and number != plans.waived:
        clauses = "、".join(dict.fromkeys(each.clause for each in unmet))
        return VerdictRow(nomination=number, verdict=Verdict.REJECT, reason=f"不符合认定条件（{clauses}）。")
    if world.rows(Clearance, nomination=number, clear=False):
        return VerdictRow(nomination=number, verdict=Verdict.REJECT, reason="部门联审一票否决。")
    waived = tuple(each.condition for each in unmet)
    return VerdictRow(nomination=number, verdict=Verdict.QUALIFY, confirmed=(ALL,), waived=waived, reason=_WAIVER if waived else "")


def plan_corrections(world: "World", items: Sequence[WorkItem]) -> None:
    """Let the unit mend in time, but for the one that lets the correction lapse."""
    for item in items:
        if item.subject != world.incidents.lapsing:
            days = max(1, world.programme.corrections.working_days - 2)
            world.agenda.plan(world.hours.later(days), partial(_resubmit, world, item))


def _resubmit(world: "World", item: WorkItem) -> None:
    if world.still_open([item]):
        mended = _mended(world, world.candidate(item.subject))
        row = CorrectionRow(place="补正汇总表第2行", nomination=item.subject, candidate=mended)
        world.do(Resubmit, rows=(row,))


def _mended(world: "World", candidate: "Candidate") -> "Candidate":
    """Fill in what was missing: an achievement of the programme, and its evidence."""
    chosen = candidate.achievements or tuple(each.number for each in world.programme.achievements[:1])
    evidence = "；".join(part for part in (candidate.evidence, "补充：成果鉴定书、单位证明") if part)
    return candidate.model_copy(update={"achievements": chosen, "evidence": evidence})
