"""A simulated round as lines of a plan: every message that left, every stage, every deadline; and the chart of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.labels import label
from config.vocabulary import DeliveryStatus, Stage, WorkKind, WorkStatus
from config.zones import zone_name
from flows.charts import Chart, chart_rows
from flows.charts.rows import spans_of_notices, spans_of_past
from flows.reading.foresight import Foreseen, in_order
from flows.reading.naming import Names
from flows.reading.timeline import timeline
from flows.reading.told import message_lines, told_messages
from notifiers.verdicts import POINTLESS
from states.tables import Delivery, NoticeBatch, StageClock, WorkItem

if TYPE_CHECKING:
    from flows.simulation.world import World


def course_lines(world: "World") -> list[Foreseen]:
    """Give everything that was sent, or reached nobody, and every deadline that there was, but for work dropped before its; in order."""
    ended = world.rows(Delivery, status=(DeliveryStatus.SENT.value, DeliveryStatus.REFUSED_FOR_GOOD.value))
    letters = [row.id for row in ended if row.answer != POINTLESS]
    with world.house.store.read() as connection:
        names = Names(connection)
        messages = told_messages(connection, world.slug, world.calendar, letters)
    return in_order([*message_lines(messages, names, world.calendar), *_stages(world), *_works(world, names)])


def course_chart(world: "World", lines: list[Foreseen]) -> Chart:
    """Draw the round as it went; nothing of it is today's."""
    now = world.clock.now()
    clocks = {clock.stage: clock for clock in world.rows(StageClock, round=world.slug)}
    stages = tuple(line for line in timeline(world.programme, world.calendar, world.opens, clocks) if not line.coming)
    batches = world.rows(NoticeBatch, round=world.slug)
    spans = [*spans_of_past(world.rows(WorkItem, round=world.slug), world.calendar), *spans_of_notices(batches)]
    note = f"模拟：{world.opens} 启动，{world.hours.today} 结束，{zone_name(world.calendar.zone, now)}"
    return Chart(world.programme.title, note, chart_rows(stages, spans, lines, world.calendar, now))


def _stages(world: "World") -> Iterator[Foreseen]:
    for clock in world.rows(StageClock, round=world.slug):
        if not clock.passed_through:
            stage, opened = Stage(clock.stage), world.calendar.local(clock.opened_at).date()
            title = f"“{label(stage)}”阶段"
            yield Foreseen(clock.opened_at, opened, "stage_opens", stage, f"进入{title}")
            yield Foreseen(clock.due_at, clock.due_day, "stage_due", stage, f"{title}到期", provisional=clock.provisional)


def _works(world: "World", names: Names) -> Iterator[Foreseen]:
    for item in world.rows(WorkItem, round=world.slug):
        if item.status != WorkStatus.DROPPED or (item.done_at is not None and item.done_at >= item.due_at):
            kind, to = WorkKind(item.kind), (names.of(item.owner),)
            what = f"“{label(kind)}”到期"
            yield Foreseen(item.due_at, item.due_day, "work_due", Stage(item.stage), what, None, to, kind, 1, item.provisional)
