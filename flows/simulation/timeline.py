"""The time line of a simulated round: every stage and every deadline on a Gantt chart, and the dates in a table."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from config.labels import label
from config.vocabulary import Stage, WorkKind, WorkStatus
from config.zones import zone_name
from flows.mermaid import fenced
from flows.reading.timeline import last_day
from states.tables import NoticeBatch, StageClock, WorkItem

if TYPE_CHECKING:
    from flows.simulation.world import World

_HEAD = ("gantt", "dateFormat YYYY-MM-DD", "inclusiveEndDates", "axisFormat %m-%d")


def timeline_page(world: "World") -> str:
    """Write the Markdown page: what each stage and each kind of work took against its deadline."""
    clocks = sorted(world.rows(StageClock, round=world.slug), key=lambda row: list(Stage).index(Stage(row.stage)))
    items = world.rows(WorkItem, round=world.slug)
    parts = [
        f"# {world.programme.title} 模拟时间线",
        f"{world.opens} 启动，{world.hours.today} 结束；日期为{zone_name(world.calendar.zone, world.clock.now())}，期限按工作日计算。",
        fenced("\n".join(_gantt(world, clocks, items))),
        "\n".join(_stages(world, clocks)),
        "\n".join(_works(world, items)),
    ]
    return "\n\n".join(parts) + "\n"


def _gantt(world: "World", clocks: Sequence[StageClock], items: Sequence[WorkItem]) -> Iterator[str]:
    """Draw a section for each stage: its own bar, its due day, and the span of each kind of work until its last due day."""
    yield _HEAD[0]
    yield f"title {_plain(world.programme.title)}（模拟）"
    yield from _HEAD[1:]
    for clock in clocks:
        stage = label(Stage(clock.stage))
        yield f"section {stage}"
        yield f"{stage} :done, {_day(world, clock.opened_at)}, {_end(world, clock)}"
        yield f"截止 :milestone, crit, {clock.due_day}, 0d"
        for kind, some in _by_kind(item for item in items if item.stage == clock.stage):
            opened = min(_day(world, item.opened_at) for item in some)
            mark = "active" if any(item.done_at is None for item in some) else "done"
            yield f"{label(kind)} {len(some)}项 :{mark}, {opened}, {max(item.due_day for item in some)}"
        if clock.stage == Stage.NOTICE:
            yield from _notices(world)


def _notices(world: "World") -> Iterator[str]:
    for number, batch in enumerate(world.rows(NoticeBatch, round=world.slug), start=1):
        yield f"第{number}批公示 :{batch.first_day}, {batch.last_day}"


def _stages(world: "World", clocks: Sequence[StageClock]) -> Iterator[str]:
    yield "| 阶段 | 开始 | 截止 | 办结 |"
    yield "|---|---|---|---|"
    for clock in clocks:
        due = f"{clock.due_day}{'（暂定）' if clock.provisional else ''}"
        ended = "本办法不设" if clock.passed_through else str(_end(world, clock))
        yield f"| {label(Stage(clock.stage))} | {_day(world, clock.opened_at)} | {due} | {ended} |"


def _works(world: "World", items: Sequence[WorkItem]) -> Iterator[str]:
    yield "| 待办 | 项数 | 最早产生 | 最早截止 | 最晚截止 | 最晚办结 | 逾期 | 作废 |"
    yield "|---|---|---|---|---|---|---|---|"
    for kind, some in _by_kind(items):
        opened = min(_day(world, item.opened_at) for item in some)
        ends = [last_day(item.done_at, world.calendar.zone) for item in some if item.done_at is not None and item.status == WorkStatus.DONE]
        late = sum(item.status == WorkStatus.DONE and item.done_at is not None and item.done_at > item.due_at for item in some)
        dropped = sum(item.status == WorkStatus.DROPPED for item in some)
        dues = [item.due_day for item in some]
        yield f"| {label(kind)} | {len(some)} | {opened} | {min(dues)} | {max(dues)} | {max(ends, default='')} | {late} | {dropped} |"


def _by_kind(items: Iterable[WorkItem]) -> Iterator[tuple[WorkKind, list[WorkItem]]]:
    ordered = sorted(items, key=lambda item: (list(WorkKind).index(WorkKind(item.kind)), item.id))
    for kind, some in groupby(ordered, key=lambda item: item.kind):
        yield WorkKind(kind), list(some)


def _end(world: "World", clock: StageClock) -> date:
    """Give the last day of a stage that was concluded; of one that still runs, today."""
    return last_day(clock.concluded_at, world.calendar.zone) if clock.concluded_at else world.hours.today


def _day(world: "World", instant: datetime) -> date:
    return world.calendar.local(instant).date()


def _plain(text: str) -> str:
    """Take out what Mermaid would read as its own marks."""
    return text.replace(":", "：").replace(";", "；").replace("#", "")
