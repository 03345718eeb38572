"""How fast a channel may be used."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.rates import Limit, Rate, parse_rate

NOON = datetime(2023, 6, 19, 4, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_rate_is_read_with_all_its_limits() -> None:
    assert parse_rate("5/second, 100 / minute") == Rate((Limit(5, SECOND), Limit(100, MINUTE)))
    assert parse_rate("20/hour").longest == timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "20", "20/day", "0/minute", "-1/minute", "20/minute,", "1.5/second", "99999/second"])
def test_rate_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        parse_rate(text)


def test_rate_lets_go_until_it_is_used_up_and_then_says_when() -> None:
    rate = parse_rate("2/minute")
    taken = [NOON, NOON + 10 * SECOND]
    assert rate.ready_at([], NOON) == NOON
    assert rate.ready_at(taken[:1], NOON) == NOON
    assert rate.ready_at(taken, NOON + 11 * SECOND) == NOON + MINUTE
    assert rate.ready_at(taken, NOON + 11 * SECOND, messages=2) == NOON + 10 * SECOND + MINUTE
    assert rate.ready_at(taken, NOON + MINUTE) == NOON + MINUTE


def test_rate_with_two_limits_holds_both() -> None:
    rate = parse_rate("1/second,2/minute")
    assert rate.fewest == 1
    assert rate.ready_at([NOON], NOON) == NOON + SECOND
    assert rate.ready_at([NOON, NOON + SECOND], NOON + SECOND) == NOON + MINUTE


@given(st.integers(1, 5), st.lists(st.integers(0, 30), max_size=40))
def test_rate_is_never_exceeded_in_any_minute(count: int, gaps: list[int]) -> None:
    rate = Rate((Limit(count, MINUTE),))
    taken: list[datetime] = []
    now = NOON
    for gap in gaps:
        now = rate.ready_at(taken, now + gap * SECOND)
        taken.append(now)
    assert all(later - earlier >= MINUTE for earlier, later in zip(taken, taken[count:], strict=False))


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2000)), max_size=40))
def test_rate_with_slack_is_not_exceeded_where_messages_arrive_late(count: int, sent: list[tuple[int, int]]) -> None:
    rate = Rate((Limit(count, MINUTE),)).with_slack(2 * SECOND)
    taken: list[datetime] = []
    arrived: list[datetime] = []
    now = NOON
    for gap, delay in sent:
        now = rate.ready_at(taken, now + gap * SECOND)
        taken.append(now)
        arrived.append(now + timedelta(milliseconds=delay))
    arrived.sort()
    assert all(later - earlier >= MINUTE for earlier, later in zip(arrived, arrived[count:], strict=False))
