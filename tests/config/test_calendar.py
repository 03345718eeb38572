import time as machine
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendar import DueDate, Hold, WorkCalendar

CALENDAR = WorkCalendar()
NINE, TEN_PM, EIGHT = time(9), time(22), time(8)

days = st.dates(date(2009, 1, 1), date(2028, 12, 31))
spans = st.integers(0, 60)
shifts = st.integers(-60, 60)


def shanghai(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def test_every_day_of_2010_to_2026_agrees_with_a_second_calendar() -> None:
    china = holidays.country_holidays("CN", years=range(2010, 2027))
    first = date(2010, 1, 1)
    every = [first + timedelta(days=i) for i in range((date(2026, 12, 31) - first).days + 1)]
    assert len(every) == 6209
    assert [day for day in every if CALENDAR.is_working_day(day) != china.is_working_day(day)] == []


def test_make_up_sunday_is_worked_and_dragon_boat_thursday_is_not() -> None:
    assert CALENDAR.is_working_day(date(2023, 6, 25))
    assert not CALENDAR.is_working_day(date(2023, 6, 22))


def test_notice_of_five_days_in_a_plain_week_ends_on_friday() -> None:
    window = CALENDAR.notice_window(date(2023, 5, 22), 5)
    assert (window.first_day, window.last_day) == (date(2023, 5, 22), date(2023, 5, 26))
    assert (window.starts_at, window.ends_at) == (shanghai(2023, 5, 22), shanghai(2023, 5, 27))
    assert not window.provisional


def test_notice_over_dragon_boat_counts_make_up_sunday() -> None:
    assert CALENDAR.notice_window(date(2023, 6, 19), 5).last_day == date(2023, 6, 26)


def test_notice_from_a_rest_day_begins_on_the_next_working_day() -> None:
    window = CALENDAR.notice_window(date(2023, 6, 22), 2)
    assert (window.first_day, window.last_day) == (date(2023, 6, 25), date(2023, 6, 26))
    assert window.starts_at == shanghai(2023, 6, 25)


def test_notice_window_is_half_open() -> None:
    window = CALENDAR.notice_window(date(2023, 5, 22), 1)
    assert (window.first_day, window.last_day) == (date(2023, 5, 22), date(2023, 5, 22))
    assert window.holds(window.starts_at)
    assert window.holds(shanghai(2023, 5, 22, 23, 59))
    assert not window.holds(window.ends_at)


def test_notice_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="至少1个工作日"):
        CALENDAR.notice_window(date(2023, 5, 22), 0)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (date(2023, 6, 6), 5, date(2023, 6, 13)),  # Tuesday to Tuesday
        (date(2023, 6, 20), 2, date(2023, 6, 25)),  # Wednesday, then the make-up Sunday
        (date(2023, 6, 20), 0, date(2023, 6, 20)),
        (date(2023, 6, 22), 0, date(2023, 6, 25)),
        (date(2023, 6, 22), 1, date(2023, 6, 25)),
        (date(2023, 9, 28), 1, date(2023, 10, 7)),  # eight days off, then a make-up Saturday
    ],
)
def test_after_does_not_count_its_start(start: date, count: int, due: date) -> None:
    assert CALENDAR.after(start, count) == DueDate(due, provisional=False)


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [(date(2023, 6, 26), 1, date(2023, 6, 25)), (date(2023, 6, 25), 1, date(2023, 6, 21)), (date(2023, 6, 24), 0, date(2023, 6, 21))],
)
def test_before_counts_back(day: date, count: int, found: date) -> None:
    assert CALENDAR.before(day, count) == DueDate(found, provisional=False)


def test_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="负数"):
        CALENDAR.after(date(2023, 6, 6), -1)
    with pytest.raises(ValueError, match="负数"):
        CALENDAR.before(date(2023, 6, 6), -1)


def test_instant_instead_of_a_day_is_refused() -> None:
    with pytest.raises(TypeError, match="not an instant"):
        CALENDAR.is_working_day(datetime(2023, 6, 6, tzinfo=UTC))


def test_unannounced_year_counts_weekdays_but_statutory_holidays_and_is_provisional() -> None:
    assert CALENDAR.is_announced(date(2026, 12, 31))
    assert not CALENDAR.is_announced(date(2027, 1, 1))
    assert not CALENDAR.is_working_day(date(2027, 1, 1))
    assert not CALENDAR.is_working_day(date(2027, 1, 2))
    assert CALENDAR.after(date(2026, 12, 30), 1) == DueDate(date(2026, 12, 31), provisional=False)
    assert CALENDAR.after(date(2026, 12, 30), 2) == DueDate(date(2027, 1, 4), provisional=True)
    assert CALENDAR.after(date(2027, 1, 1), 0) == DueDate(date(2027, 1, 4), provisional=True)
    assert CALENDAR.notice_window(date(2026, 12, 29), 5).provisional
    assert not CALENDAR.notice_window(date(2026, 12, 25), 5).provisional


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2027, 1, 1), date(2027, 1, 1)),
        (date(2027, 2, 5), date(2027, 2, 8)),  # the eve of the Spring Festival and three days of it
        (date(2027, 4, 5), date(2027, 4, 5)),
        (date(2027, 5, 1), date(2027, 5, 2)),
        (date(2027, 6, 9), date(2027, 6, 9)),
        (date(2027, 9, 15), date(2027, 9, 15)),
        (date(2027, 10, 1), date(2027, 10, 3)),
    ],
)
def test_holidays_that_the_law_fixes_are_rest_days_before_their_year_is_announced(first: date, last: date) -> None:
    assert not any(CALENDAR.is_working_day(first + timedelta(days=i)) for i in range((last - first).days + 1))


def test_holiday_on_a_weekend_is_made_up_for_on_a_working_day_of_a_year_not_announced() -> None:
    assert not any(CALENDAR.is_working_day(date(2027, 5, day)) for day in (3, 4))
    assert CALENDAR.is_working_day(date(2027, 5, 5))


def test_override_goes_before_the_law_and_its_day_may_be_worked() -> None:
    assert WorkCalendar(overrides={date(2027, 5, 3): True}).is_working_day(date(2027, 5, 3))


FRIDAY, MONDAY = date(2023, 6, 9), date(2023, 6, 12)


@pytest.mark.parametrize(
    ("due", "since", "until", "later"),
    [
        (date(2023, 6, 14), FRIDAY, MONDAY, date(2023, 6, 15)),  # one working day held
        (date(2023, 6, 14), FRIDAY, date(2023, 6, 11), date(2023, 6, 14)),  # none
        (FRIDAY, FRIDAY, MONDAY, MONDAY),  # due on its first day: due on its last
        (FRIDAY, FRIDAY, date(2023, 6, 10), MONDAY),  # which is a rest day
        (date(2023, 6, 7), FRIDAY, MONDAY, date(2023, 6, 8)),  # two days over before, two after
        (date(2023, 6, 7), FRIDAY, date(2023, 6, 10), date(2023, 6, 7)),
    ],
)
def test_hold_leaves_what_was_left_when_it_began(due: date, since: date, until: date, later: date) -> None:
    hold = Hold(since, until)
    assert CALENDAR.after(due, 0, [hold]) == DueDate(later, provisional=False)
    assert CALENDAR.after(due, 0, [hold]).basis == (due, 0, (hold,))


def test_holds_add_up() -> None:
    held = [Hold(date(2023, 6, 6), date(2023, 6, 8)), Hold(date(2023, 6, 13), date(2023, 6, 14))]
    assert CALENDAR.after(date(2023, 6, 5), 5, held) == CALENDAR.after(date(2023, 6, 5), 8)


@pytest.mark.parametrize(
    ("due", "since", "until"),
    [
        (date(2026, 12, 31), date(2026, 12, 29), date(2026, 12, 31)),  # what is left runs into the year
        (date(2026, 12, 31), date(2026, 12, 31), date(2027, 1, 2)),  # the hold does
        (date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1)),  # so it does where it ends before them
    ],
)
def test_hold_that_meets_an_unannounced_day_is_provisional(due: date, since: date, until: date) -> None:
    assert CALENDAR.after(due, 0, [Hold(since, until)]).provisional
    assert not CALENDAR.after(date(2026, 12, 25), 0, [Hold(date(2026, 12, 24), date(2026, 12, 28))]).provisional


def test_counting_back_over_an_unannounced_day_is_provisional() -> None:
    assert CALENDAR.before(date(2027, 1, 5), 2) == DueDate(date(2026, 12, 31), provisional=True)
    assert CALENDAR.before(date(2027, 1, 1), 1) == DueDate(date(2026, 12, 31), provisional=False)


def test_override_goes_before_the_official_calendar_and_announces_its_day() -> None:
    calendar = WorkCalendar(overrides={date(2027, 1, 1): False, date(2026, 11, 23): False})
    assert calendar.is_announced(date(2027, 1, 1))
    assert not calendar.is_announced(date(2027, 1, 4))
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert calendar.after(date(2026, 12, 31), 1) == DueDate(date(2027, 1, 4), provisional=True)


def test_year_is_announced_when_each_of_its_days_is() -> None:
    whole = {date(2027, 1, 1) + timedelta(days=i): True for i in range(365)}
    assert CALENDAR.is_year_announced(2026)
    assert not CALENDAR.is_year_announced(2027)
    assert WorkCalendar(overrides=whole).is_year_announced(2027)
    del whole[date(2027, 12, 31)]
    assert not WorkCalendar(overrides=whole).is_year_announced(2027)


def test_working_days_between_counts_the_end_and_not_the_start() -> None:
    assert CALENDAR.working_days_between(date(2023, 6, 20), date(2023, 6, 26)) == 3
    assert CALENDAR.working_days_between(date(2023, 6, 26), date(2023, 6, 20)) == -3
    assert CALENDAR.working_days_between(date(2023, 6, 20), date(2023, 6, 20)) == 0
    assert CALENDAR.working_days_between(date(2023, 6, 22), date(2023, 6, 26)) == 2


def test_due_at_is_the_next_midnight_of_the_zone() -> None:
    assert CALENDAR.due_at(date(2023, 6, 26)) == datetime(2023, 6, 26, 16, tzinfo=UTC)
    assert CALENDAR.due_at(date(2023, 6, 26)).tzinfo is UTC


def test_hour_follows_the_zone_and_its_summer_time() -> None:
    paris = WorkCalendar("Europe/Paris")
    assert CALENDAR.at_hour(date(2023, 7, 3), NINE) == datetime(2023, 7, 3, 1, tzinfo=UTC)
    assert paris.at_hour(date(2023, 7, 3), NINE) == datetime(2023, 7, 3, 7, tzinfo=UTC)
    assert paris.at_hour(date(2023, 1, 3), NINE) == datetime(2023, 1, 3, 8, tzinfo=UTC)
    assert paris.due_at(date(2023, 3, 26)) - paris.due_at(date(2023, 3, 25)) == timedelta(hours=23)


def test_unknown_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        WorkCalendar("Asia/Binjiang")


def test_local_shows_the_clock_of_the_zone_and_refuses_a_naive_instant() -> None:
    assert CALENDAR.local(datetime(2023, 6, 26, 16, tzinfo=UTC)).strftime("%m-%d %H:%M") == "06-27 00:00"
    with pytest.raises(ValueError, match="aware"):
        CALENDAR.local(datetime(2023, 6, 26))  # noqa: DTZ001 - the point


@pytest.mark.parametrize(("hour", "minute", "quiet"), [(21, 59, False), (22, 0, True), (3, 0, True), (7, 59, True), (8, 0, False)])
def test_quiet_hours_run_over_midnight(hour: int, minute: int, quiet: bool) -> None:
    assert CALENDAR.quiet(shanghai(2023, 7, 3, hour, minute), TEN_PM, EIGHT) is quiet


@pytest.mark.parametrize(("hour", "quiet"), [(11, False), (12, True), (13, True), (14, False)])
def test_quiet_hours_within_a_day(hour: int, quiet: bool) -> None:
    assert CALENDAR.quiet(shanghai(2023, 7, 3, hour), time(12), time(14)) is quiet


def test_equal_ends_mean_no_quiet_hours() -> None:
    assert not any(CALENDAR.quiet(shanghai(2023, 7, 3, hour), EIGHT, EIGHT) for hour in range(24))


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (shanghai(2023, 7, 3, 21), shanghai(2023, 7, 3, 21)),
        (shanghai(2023, 7, 3, 23), shanghai(2023, 7, 4, 9)),
        (shanghai(2023, 7, 4, 3), shanghai(2023, 7, 4, 9)),
        (shanghai(2023, 7, 4, 8), shanghai(2023, 7, 4, 8)),
    ],
)
def test_next_allowed_waits_for_the_hour_only_in_quiet_hours(asked: datetime, allowed: datetime) -> None:
    assert CALENDAR.next_allowed(asked, NINE, TEN_PM, EIGHT) == allowed


def test_hour_inside_the_quiet_hours_is_refused() -> None:
    with pytest.raises(ValueError, match="免打扰"):
        CALENDAR.next_allowed(shanghai(2023, 7, 3, 12), time(23), TEN_PM, EIGHT)


def test_zone_of_the_machine_changes_nothing(machine_zone: str) -> None:
    assert machine.tzname[0] in {"UTC", "EST", "NZST"}
    window = CALENDAR.notice_window(date(2023, 6, 19), 5)
    assert (window.starts_at, window.ends_at) == (shanghai(2023, 6, 19), shanghai(2023, 6, 27))
    assert CALENDAR.at_hour(date(2023, 7, 3), NINE) == shanghai(2023, 7, 3, 9)
    assert CALENDAR.local(shanghai(2023, 7, 3, 0)).date() == date(2023, 7, 3)
    assert CALENDAR.quiet(shanghai(2023, 7, 3, 23), TEN_PM, EIGHT)


@given(days, spans)
def test_after_and_before_never_end_on_a_rest_day(day: date, count: int) -> None:
    assert CALENDAR.is_working_day(CALENDAR.after(day, count).day)
    assert CALENDAR.is_working_day(CALENDAR.before(day, count).day)


@given(days, days, shifts)
def test_shift_is_monotone_in_the_day(one: date, other: date, count: int) -> None:
    assert CALENDAR.shift(min(one, other), count) <= CALENDAR.shift(max(one, other), count)


@given(days, shifts, shifts)
def test_shift_is_monotone_in_the_count(day: date, one: int, other: int) -> None:
    start = CALENDAR.shift(day, 0)
    assert (CALENDAR.shift(start, one) < CALENDAR.shift(start, other)) == (one < other)


@given(days, shifts, shifts)
def test_shifts_add_up_and_round_trip(day: date, one: int, other: int) -> None:
    start = CALENDAR.shift(day, 0)
    assert CALENDAR.shift(CALENDAR.shift(start, one), other) == CALENDAR.shift(start, one + other)
    assert CALENDAR.shift(CALENDAR.shift(start, one), -one) == start


@given(days, shifts)
def test_working_days_between_is_the_inverse_of_shift(day: date, count: int) -> None:
    start = CALENDAR.shift(day, 0)
    assert CALENDAR.working_days_between(start, CALENDAR.shift(start, count)) == count


@given(days, st.integers(1, 30))
def test_notice_window_holds_exactly_its_working_days(day: date, count: int) -> None:
    window = CALENDAR.notice_window(day, count)
    length = (window.last_day - window.first_day).days + 1
    inside = [window.first_day + timedelta(days=i) for i in range(length)]
    assert sum(map(CALENDAR.is_working_day, inside)) == count
    assert CALENDAR.is_working_day(window.first_day)
    assert CALENDAR.is_working_day(window.last_day)
    assert window.first_day >= day
    assert window.ends_at - window.starts_at == timedelta(days=length)


@given(days, spans)
def test_count_is_provisional_exactly_when_it_reaches_an_unannounced_year(day: date, count: int) -> None:
    due = CALENDAR.after(day, count)
    assert due.provisional == (due.day.year > 2026)
