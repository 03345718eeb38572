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
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.tables import Notification
from tests.notifiers.rounds import RULES, SLUG, Post, Town, found

K = MessageKind
_YEAR = {date(2027, 1, 1) + timedelta(days=day): (date(2027, 1, 1) + timedelta(days=day)).weekday() < 5 for day in range(365)}
_YEAR[date(2027, 1, 1)] = False


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A round opened on Monday 2026-12-14: intake runs until the provisional 2027-01-12."""
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
    assert announced(town, {date(2027, 1, 4): False}) == [*units, (K.WORK_REPLANNED.value, "QB01")]


def test_nobody_is_told_when_the_day_only_becomes_certain(town: Town) -> None:
    assert announced(town, {}) == []


def test_message_names_the_old_and_the_new_day(town: Town) -> None:
    announced(town, {date(2027, 1, 4): False})
    town.at("2026-12-15T09:00")
    town.post(post := Post())
    (to_unit,), (to_office,) = (
        [message.body for message in post.to(address) if "改定" in message.body]
        for address in ("changhe@union.example", "office@binjiang.example")
    )
    assert "申报推荐阶段的截止日由2027年1月12日（星期二）改为2027年1月13日（星期三）" in to_unit
    assert "您的待办“截止申报”的期限由2027年1月12日（星期二）改定如下" in to_office
    assert "期限：2027年1月13日（星期三）" in to_office


def test_extension_that_has_not_left_when_its_day_moves_tells_the_day_that_holds(town: Town) -> None:
    town.at("2026-12-14T21:00")
    town.act(ExtendDeadline, due_day=date(2027, 1, 14), reason="台风停工")
    assert (K.DATES_REPLANNED.value, "JD01") in announced(town, {date(2027, 1, 14): False})
    town.at("2026-12-15T09:00")
    town.post(post := Post())
    (body,) = [message.body for message in post.to("changhe@union.example") if "期限延长" in message.body]
    assert "期限：2027年1月15日（星期五）" in body
    assert "期限：2027年1月14日" not in body


def released(town: Town, since: str, until: str) -> None:
    town.at(since)
    town.do(HoldRound(round=SLUG, operator="OP01", reason="等待批复"))
    town.at(until)
    town.do(ReleaseRound(round=SLUG, operator="OP01"))
    notify(town.house)


def test_day_that_a_hold_moved_by_guess_is_told_once_when_it_moves_again(town: Town) -> None:
    released(town, "2027-01-04T10:00", "2027-01-06T10:00")
    units = [(K.DATES_REPLANNED.value, unit) for unit in ("CY01", "JD01", "LH01")]
    assert announced(town, {date(2027, 1, 9): True}) == [*units, (K.WORK_REPLANNED.value, "QB01")]


def test_days_of_a_hold_that_turn_out_as_guessed_are_told_to_nobody(town: Town) -> None:
    released(town, "2027-01-04T10:00", "2027-01-06T10:00")
    assert announced(town, {date(2027, 1, 5): False}) == []  # a day less held, and a day more to wait for what was left


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Town]:
    """A round to be opened on Wednesday 2027-01-13, which a hold over days not announced yet moves to the 15th."""
    town = found(tmp_path, now=datetime(2026, 12, 14, 2, tzinfo=UTC))
    town.do(OpenRound(round=SLUG, operator="OP01", rules=RULES, opens_on=date(2027, 1, 13)))
    released(town, "2027-01-04T10:00", "2027-01-06T10:00")
    yield town
    town.house.store.dispose()


def test_release_marks_an_opening_that_is_a_guess(planned: Town) -> None:
    planned.post(post := Post())
    (message,) = [each for each in post.to("office@binjiang.example") if "恢复计时" in each.body]
    assert "启动日期顺延2个工作日，将于2027年1月15日（星期五）（暂定）启动。" in message.body
    assert "It opens on 2027-01-15, provisional." in message.body


def test_bodies_that_heard_of_the_opening_are_told_once_when_it_moves(planned: Town) -> None:
    planned.post(Post())
    told = announced(planned, {date(2027, 1, 5): False})
    assert {kind for kind, _ in told} == {K.DATES_REPLANNED.value}
    assert "QB01" in {recipient for _, recipient in told}
    planned.post(post := Post())
    (message,) = post.to("office@binjiang.example")
    assert "日期改定：本届的启动日期由2027年1月15日（星期五）改为2027年1月14日（星期四），还有6个工作日。" in message.body
    assert "the round opens on 2027-01-14, 6 working days left, not on 2027-01-15" in message.body


def test_opening_that_turns_out_as_guessed_is_told_to_nobody(planned: Town) -> None:
    assert announced(planned, {}) == []
