"""The public notice: published by the office, objected to by the public, answered by the leading group (notice, N20)."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from config.vocabulary import NominationState, ObjectionStatus
from states.commands.notice import AnswerRow, FileObjection, ObjectionRow, PublishNotice, ResolveObjection
from states.tables import Objection

if TYPE_CHECKING:
    from flows.simulation.world import World
    from states.tables import NoticeBatch, WorkItem

S = NominationState
_UPHELD = "经核查，反映情况属实，不符合认定条件。"
_DISMISSED = "经核查，反映情况不属实。"


def plan_publication(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the office publish on the next working day."""
    for item in items:
        world.agenda.plan(world.hours.later(1), partial(_publish, world, item))


def _publish(world: "World", item: "WorkItem") -> None:
    waiting = [row for row in world.nominations(state=S.LEADERSHIP_APPROVED.value) if row.batch is None]
    if waiting and world.still_open([item]):
        world.do(PublishNotice, first_day=world.hours.today, document=world.document("公示"))


def plan_objections(world: "World", batch: "NoticeBatch") -> None:
    """Let the public object to up to three nominees of the first notice.

    One objection is unsigned; one is upheld; one is a letter, posted on the last day and received after it. A batch of a
    later notice is left alone, so that the round comes to its end.
    """
    if world.incidents.objected:
        return
    world.incidents.objected = True
    nominees = [row.number for row in world.nominations(batch=batch.id, state=S.LEADERSHIP_APPROVED.value)]
    world.random.shuffle(nominees)
    window = world.programme.notice.working_days - 1
    plans: list[tuple[int, dict[str, Any]]] = [
        (min(1, window), {"signed": False, "text": "听说其业绩有水分。"}),
        (window + 1, {"signed": True, "objector": "某职工", "text": "反映其带徒情况与事迹不符。", "postmarked_on": batch.last_day}),
        (min(2, window), {"signed": True, "objector": "某同事", "text": "反映其已不在一线岗位工作。"}),
    ]
    for nominee, (days, said) in zip(nominees, plans, strict=False):
        world.agenda.plan(world.hours.on(world.calendar.shift(batch.first_day, days)), partial(_object, world, nominee, said))
    world.incidents.upheld = set(nominees[2:3])


def _object(world: "World", nominee: str, said: dict[str, Any]) -> None:
    on_notice = (S.LEADERSHIP_APPROVED.value, S.PUBLICLY_NOTICED.value)
    if world.nominations(number=nominee, state=on_notice):
        world.do(FileObjection, rows=(ObjectionRow(nomination=nominee, received_on=world.hours.today, **said),))


def plan_answers(world: "World", items: Sequence["WorkItem"]) -> None:
    """Let the leading group decide each objection within a few working days."""
    for item in items:
        world.agenda.plan(world.hours.later(world.random.randint(2, 3)), partial(_answer, world, item))


def _answer(world: "World", item: "WorkItem") -> None:
    if not world.rows(Objection, number=item.detail, status=ObjectionStatus.OPEN.value):
        return
    upheld = item.subject in world.incidents.upheld
    row = AnswerRow(objection=item.detail, upheld=upheld, report=world.document("调查报告"), reason=_UPHELD if upheld else _DISMISSED)
    world.do(ResolveObjection, rows=(row,))
