"""What a plan takes for granted, and what it cannot list: sentences that stand under it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection

from config.labels import label
from config.programme import Programme
from config.vocabulary import NominationState, RoundState, Stage, WorkKind
from states.progress import CONCLUDED_OTHERWISE
from states.records import Records
from states.tables import Nomination, Round, StageClock

_AFTER_INTAKE = tuple(stage for stage in Stage if stage != Stage.INTAKE)
_LAST: dict[WorkKind, Stage] = {
    WorkKind.ENDORSEMENT: Stage.QUALIFICATION,
    WorkKind.CORRECTION: Stage.QUALIFICATION,
    WorkKind.OVERDUE_CORRECTION: Stage.QUALIFICATION,
    WorkKind.OBJECTION_ANSWER: Stage.CERTIFICATION,
    WorkKind.FILL_VACANCY: Stage.CERTIFICATION,
    WorkKind.STAGE_CONCLUSION: Stage.FULFILMENT,
}
"""Work whose day people decide, with the last stage in which it may still come up."""


def awaits_nominations(connection: Connection, row: Round, programme: Programme, now: datetime) -> bool:
    """Say whether intake is still to end, and as things stand at an aware instant without anybody on the way.

    Whoever lapses before does not count. Where the clock closes intake it has ended with its last day, however late the clock is.
    """
    records = Records(connection)
    if row.state not in (RoundState.PLANNED, RoundState.INTAKE):
        return False
    if records.exists(Nomination, round=row.slug, state=NominationState.SUBMITTED.value):
        return False
    returned = [each.correction_due_at for each in records.where(Nomination, round=row.slug, state=NominationState.RETURNED.value)]
    clock = records.get(StageClock, row.slug, Stage.INTAKE.value)
    if clock is not None and clock.due_at <= (row.held_at or now) and programme.stages[Stage.INTAKE].conclude == "automatic":
        return False
    if clock is None or programme.corrections.lapse == "office":
        return not returned
    return all(due_at is not None and due_at <= clock.due_at for due_at in returned)


def without_nominations(programme: Programme) -> str:
    """Say what a plan takes for granted while nobody is nominated, and what happens otherwise: empty stages end at once."""
    to_come = [stage for stage in _AFTER_INTAKE if not programme.stages[stage].skip]
    empty = list(takewhile(lambda stage: programme.stages[stage].conclude == "automatic", to_come))
    then = f"进入“{label(to_come[len(empty)])}”" if len(empty) < len(to_come) else "本届结束"
    ended = f"{'、'.join(f'“{label(stage)}”' for stage in empty)}随即办结，" if empty else ""
    return f"截止申报以后各环节的日期，以有申报为前提：截止时仍没有申报的，{ended}{then}，日期相应提前。"


def undated(programme: Programme, state: RoundState = RoundState.PLANNED) -> str:
    """Name the work that a plan leaves out, since people decide when it comes up; "" where none can any more."""
    found = "、".join(f"{label(kind)}{_within(programme, kind)}" for kind in _may_come_up(programme, state))
    return f"以下待办何时产生取决于有关各方，产生以后才列入：{found}。" if found else ""


def _may_come_up(programme: Programme, state: RoundState) -> Iterator[WorkKind]:
    to_come = [stage for stage in Stage if list(RoundState).index(RoundState(stage.value)) >= list(RoundState).index(state)]
    by_office = [stage for stage in to_come if stage not in CONCLUDED_OTHERWISE and programme.stages[stage].conclude == "office"]
    for kind, last in _LAST.items():
        wanted = {WorkKind.OVERDUE_CORRECTION: programme.corrections.lapse == "office", WorkKind.STAGE_CONCLUSION: bool(by_office)}
        if last in to_come and wanted.get(kind, True):
            yield kind


def _within(programme: Programme, kind: WorkKind) -> str:
    days = programme.work[kind].working_days
    return f"（产生后 {days} 个工作日内）" if days else "（随所在环节截止）"
