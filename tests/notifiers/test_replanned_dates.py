"""Who is told when provisional dates are planned again: those whose day moved, once; nobody where it only became certain."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from config.calendar import WorkCalendar
from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from states.commands.rounds import OpenRound
from states.tables import Notification
from tests.notifiers.rounds import RULES, SLUG, Post, Town, found

K = MessageKind
_YEAR = {date(2027, 1, 1) + timedelta(days=day): (date(2027, 1, 1) + timedelta(days=day)).weekday() < 5 for day in range(365)}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A round opened on Monday 2026-12-14: intake runs until the provisional 2027-01-11."""
    town = found(tmp_path, now=datetime(2026, 12, 14, 2, tzinfo=UTC))
    town.do(OpenRound(round=SLUG, operator="OP01", rules=RULES, opens_on=date(2026, 12, 14)))
    notify(town.house)
    yield town
    town.house.store.dispose()


def announced(town: Town, days: Mapping[date, bool]) -> list[tuple[str, str]]:
    """Give (kind, recipient) of what is told once the arrangement is there and the tick has run twice."""
    before = {row.key for row in town.rows(Notification)}
    town.house = replace(town.house, calendar=partial(WorkCalendar, overrides=_YEAR | dict(days)))
    town.tick()
    town.tick()
    notify(town.house)
    return sorted((row.kind, row.recipient) for row in town.rows(Notification) if row.key not in before)


def test_whoever_owes_or_may_recommend_is_told_once_when_the_day_moves(town: Town) -> None:
    units = [(K.DATES_REPLANNED.value, unit) for unit in ("CY01", "JD01", "LH01")]
    assert announced(town, {date(2027, 1, 1): False}) == [*units, (K.WORK_REPLANNED.value, "QB01")]


def test_nobody_is_told_when_the_day_only_becomes_certain(town: Town) -> None:
    assert announced(town, {}) == []


def test_message_names_the_old_and_the_new_day(town: Town) -> None:
    announced(town, {date(2027, 1, 1): False})
    town.at("2026-12-15T09:00")
    town.post(post := Post())
    (to_unit,), (to_office,) = (
        [message.body for message in post.to(address) if "改定" in message.body]
        for address in ("changhe@union.example", "office@binjiang.example")
    )
    assert "申报推荐阶段的截止日由2027年1月11日（星期一）改为2027年1月12日（星期二）" in to_unit
    assert "您的待办“截止申报”的期限由2027年1月11日（星期一）改定如下" in to_office
    assert "期限：2027年1月12日（星期二）" in to_office
