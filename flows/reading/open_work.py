"""The open work of a round, counted by the database: what looks ahead needs kinds, days and owners, not each single item."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, cast, func, select

from config.vocabulary import Stage, WorkKind, WorkStatus
from states.records import Records, table_of
from states.tables import WorkItem

_ITEM = table_of(WorkItem)
_ALIKE = (_ITEM.c.due_day, _ITEM.c.kind, _ITEM.c.stage, _ITEM.c.provisional, cast(_ITEM.c.steps_done, String))


@dataclass(frozen=True)
class OpenWork:
    """Open work items of one kind that are due together and have come to the same step: ``count`` of them, ``owners`` by id."""

    kind: WorkKind
    stage: Stage
    due_day: date
    provisional: bool
    steps_done: frozenset[str]
    owners: tuple[str, ...]
    count: int


def open_work(connection: Connection, slug: str) -> list[OpenWork]:
    """Give a round's open work, the earliest due day first."""
    query = select(*_ALIKE, _ITEM.c.owner, func.count().label("total")).where(*_open(slug))
    rows = connection.execute(query.group_by(*_ALIKE, _ITEM.c.owner).order_by(*_ALIKE, _ITEM.c.owner))
    return list(_together(rows))


def count_open(connection: Connection, slug: str) -> int:
    """Count a round's open work items."""
    return int(connection.execute(select(func.count()).select_from(_ITEM).where(*_open(slug))).scalar_one())


def overdue_items(connection: Connection, slug: str, now: datetime) -> list[WorkItem]:
    """Give the open work items whose due time (half-open) has come at ``now`` (aware), the oldest first."""
    found = Records(connection).before(WorkItem, "due_at", now, round=slug, status=WorkStatus.OPEN.value)
    return sorted(found, key=lambda item: (item.due_at, item.id))


def _open(slug: str) -> tuple[ColumnElement[bool], ...]:
    return _ITEM.c.round == slug, _ITEM.c.status == WorkStatus.OPEN.value


def _together(rows: Iterable[Row[Any]]) -> Iterator[OpenWork]:
    for alike, found in groupby(rows, key=lambda row: row[: len(_ALIKE)]):
        day, kind, stage, provisional, steps = alike
        owners = {row.owner: row.total for row in found}
        done = frozenset(json.loads(steps))
        yield OpenWork(WorkKind(kind), Stage(stage), day, provisional, done, tuple(owners), sum(owners.values()))
