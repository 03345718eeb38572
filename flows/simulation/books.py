"""Workbooks about a simulated round for people to read: every message, every decision, every deadline."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from config.labels import label
from config.vocabulary import BenefitKind, Body, DeliveryStatus, NominationState, RoundState, Stage, WorkKind, WorkStatus
from flows.reading.events import event_label
from flows.reading.naming import Names
from flows.simulation.post import PostBox
from flows.simulation.world import World
from flows.workbooks.plain import PlainSheet, write_plain
from notifiers.kind_names import name_of
from notifiers.overtaken import NOT_NEEDED
from states.tables import Delivery, LedgerEntry, Notification, WorkItem

Cells = tuple[object, ...]
_SMALL = frozenset(
    {
        "work_item_opened",
        "work_item_done",
        "work_item_dropped",
        "work_item_reminded",
        "deliveries_settled",
        "seat_assigned",
        "score_recorded",
    }
)
"""Entries that are no decisions: they stand in the other sheets."""
_DEADLINE = ("待办", "对象", "责任人", "产生", "截止日", "办结", "情况", "逾期工作日", "催办次数", "升级次数")


def write_message_book(world: World, box: PostBox, path: Path) -> None:
    """Write who was told what, when and why, and every message as it was sent."""
    told = ("时间", "收件人", "类别", "对象", "待办", "截止日", "缘由", "结果", "消息编号")
    sent = ("时间", "收件人", "主题", "正文", "消息编号")
    write_plain(path, [PlainSheet("通知", told, _told(world)), PlainSheet("消息", sent, _sent(world, box))])


def write_course_book(world: World, path: Path) -> None:
    """Write every decision in its order, and every work item with its deadline."""
    decided = ("时间", "事项", "对象", "原状态", "新状态", "决定", "经办人", "文件")
    write_plain(path, [PlainSheet("决定", decided, _decisions(world)), PlainSheet("期限", _DEADLINE, _deadlines(world))])


def _told(world: World) -> Iterator[Cells]:
    """Give one row for each thing that one recipient was told."""
    names, items = _names(world), {item.id: item for item in world.rows(WorkItem, round=world.slug)}
    deliveries = {row.id: row for row in world.rows(Delivery, round=world.slug)}
    events = {f"{row.round}:{row.seq}": row.event for row in world.rows(LedgerEntry, round=world.slug)}
    for row in sorted(world.rows(Notification, round=world.slug), key=lambda each: (each.at, each.key)):
        item, delivery = items.get(row.context.get("item", "")), deliveries.get(row.delivery or "")
        why = f"{event_label(events[row.cause])}（台账 {row.cause.rpartition(':')[2]}）"
        work = (label(WorkKind(item.kind)), item.due_day) if item else ("", "")
        at = _local(world, delivery.settled_at if delivery else row.at)
        yield at, names.of(row.recipient), name_of(row.kind), row.subject, *work, why, _outcome(row, delivery), row.delivery or ""


def _outcome(row: Notification, delivery: Delivery | None) -> str:
    if row.delivery == NOT_NEEDED:
        return "已不需要，未发"
    return label(DeliveryStatus(delivery.status)) if delivery else "待发送"


def _sent(world: World, box: PostBox) -> Iterator[Cells]:
    names, recipients = _names(world), {row.id: row.recipient for row in world.rows(Delivery, round=world.slug)}
    for letter in box.letters:
        yield _local(world, letter.at), names.of(recipients[letter.id]), letter.subject, letter.body, letter.id


def _decisions(world: World) -> Iterator[Cells]:
    for row in world.rows(LedgerEntry, round=world.slug):
        if row.event not in _SMALL:
            body = label(Body(row.on_behalf_of)) if row.on_behalf_of else ""
            states = (_state(row.source), _state(row.target))
            yield (
                _local(world, datetime.fromisoformat(row.at)),
                event_label(row.event),
                row.subject,
                *states,
                body,
                row.operator,
                row.document,
            )


def _state(value: str) -> str:
    """Give the label of a nomination's or a round's state; "" for none."""
    for words in (NominationState, RoundState):
        if value in tuple(words):
            return label(words(value))
    return value


def _deadlines(world: World) -> Iterator[Cells]:
    names, steps, stages = _names(world), _steps(world), list(Stage)
    for item in sorted(world.rows(WorkItem, round=world.slug), key=lambda each: (stages.index(Stage(each.stage)), each.due_at, each.id)):
        kind, status = label(WorkKind(item.kind)), label(WorkStatus(item.status))
        times = (_local(world, item.opened_at), item.due_day, _local(world, item.done_at))
        counts = (_days_late(world, item), steps[item.id, True], steps[item.id, False])
        yield kind, _about(item), names.of(item.owner), *times, status, *(count or "" for count in counts)


def _about(item: WorkItem) -> str:
    """Say what a work item is about: a nomination and one of its benefits or objections, or the round."""
    detail = label(BenefitKind(item.detail)) if item.kind == WorkKind.BENEFIT else item.detail
    return f"{item.subject} {detail}".strip()


def _days_late(world: World, item: WorkItem) -> int:
    """Count the working days after the due day; the clock, which acts at the due time itself, is in time."""
    if item.done_at is None or item.status != WorkStatus.DONE or item.done_at <= item.due_at:
        return 0
    return world.calendar.working_days_between(item.due_day, world.calendar.local(item.done_at).date())


def _steps(world: World) -> Counter[tuple[str, bool]]:
    """Count the steps that fired, by work item and whether they spoke to its owner."""
    entries = world.rows(LedgerEntry, round=world.slug, event="work_item_reminded")
    payloads = (json.loads(entry.payload) for entry in entries)
    return Counter((payload["item"], step["audience"] == "owner") for payload in payloads for step in payload["fired"])


def _names(world: World) -> Names:
    with world.house.store.read() as connection:
        return Names(connection)


def _local(world: World, instant: datetime | None) -> str:
    return world.calendar.local(instant).strftime("%Y-%m-%d %H:%M") if instant else ""
