"""What holds of counting working days in every calendar: random days worked and off, in several zones."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from config.calendar import Hold, WorkCalendar

FIRST = date(2026, 11, 1)
days = st.dates(FIRST, FIRST + timedelta(days=150))
counts = st.integers(0, 40)
shifts = st.integers(-40, 40)
hours = st.times().map(lambda each: each.replace(second=0, microsecond=0))
calendars = st.builds(
    WorkCalendar,
    st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York", "Pacific/Auckland"]),
    st.dictionaries(days, st.booleans(), max_size=120),
)
held = st.tuples(days, days).map(lambda each: Hold(min(each), max(each)))
holds = st.lists(held, max_size=3)


@given(calendars, days, shifts)
def test_no_count_ends_on_a_rest_day(calendar: WorkCalendar, day: date, count: int) -> None:
    assert calendar.is_working_day(calendar.shift(day, count))


@given(calendars, days, days, counts)
def test_later_start_is_never_due_earlier(calendar: WorkCalendar, one: date, other: date, count: int) -> None:
    early, late = calendar.after(min(one, other), count), calendar.after(max(one, other), count)
    assert early.day <= late.day
    assert calendar.due_at(early.day) <= calendar.due_at(late.day)


@given(calendars, days, counts, counts)
def test_more_days_are_due_later(calendar: WorkCalendar, day: date, one: int, other: int) -> None:
    start = calendar.shift(day, 0)
    assert (calendar.after(start, one).day < calendar.after(start, other).day) == (one < other)


@given(calendars, days, shifts)
def test_counting_there_and_back_comes_home(calendar: WorkCalendar, day: date, count: int) -> None:
    start = calendar.shift(day, 0)
    there = calendar.shift(start, count)
    assert calendar.shift(there, -count) == start
    assert calendar.working_days_between(start, there) == count


@given(calendars, days, counts)
def test_due_date_says_how_it_was_counted(calendar: WorkCalendar, day: date, count: int) -> None:
    due = calendar.after(day, count)
    again = calendar.after(due.start, due.days)
    assert (again.day, again.provisional) == (due.day, due.provisional)
    assert due.provisional == any(not calendar.is_announced(day + timedelta(days=i)) for i in _way(day, due.day))


@given(calendars, days, counts, holds)
def test_hold_puts_no_due_day_on_a_rest_day_and_none_earlier(calendar: WorkCalendar, day: date, count: int, put_off: list[Hold]) -> None:
    due = calendar.after(day, count)
    for place in range(len(put_off)):
        later = calendar.after(day, count, put_off[: place + 1])
        assert later.day >= due.day
        assert calendar.is_working_day(later.day)
        due = later
    assert calendar.after(*due.basis) == due


@given(calendars, days, counts, holds)
def test_what_is_due_later_stays_later_through_holds(calendar: WorkCalendar, day: date, count: int, put_off: list[Hold]) -> None:
    assert calendar.after(day, count, put_off).day <= calendar.after(day, count + 1, put_off).day
    assert calendar.after(day, count, put_off).day <= calendar.after(day + timedelta(days=1), count, put_off).day


@given(calendars, days, counts, held)
def test_hold_leaves_the_working_days_that_were_left(calendar: WorkCalendar, day: date, count: int, hold: Hold) -> None:
    due, later = calendar.after(day, count).day, calendar.after(day, count, [hold]).day
    if due >= hold.since:
        assert later == calendar.after(hold.until, calendar.working_days_between(hold.since, due)).day
    else:
        assert calendar.working_days_between(due, later) == calendar.working_days_between(*hold)


def _way(start: date, end: date) -> range:
    """The days that a count from ``start`` looks at: those after it, and itself when it goes no further."""
    return range(1, (end - start).days + 1) if end > start else range(1)


@given(calendars, days, st.integers(1, 20))
def test_notice_holds_exactly_its_working_days(calendar: WorkCalendar, day: date, count: int) -> None:
    window = calendar.notice_window(day, count)
    inside = [window.first_day + timedelta(days=i) for i in range((window.last_day - window.first_day).days + 1)]
    assert sum(map(calendar.is_working_day, inside)) == count
    assert all(map(calendar.is_working_day, (window.first_day, window.last_day)))
    assert window.holds(window.starts_at)
    assert not window.holds(window.ends_at)
    assert window.holds(window.ends_at - timedelta(seconds=1))


@given(calendars, days, hours)
def test_hour_of_a_day_is_read_back_on_the_same_day(calendar: WorkCalendar, day: date, hour: time) -> None:
    instant = calendar.at_hour(day, hour)
    assert instant.tzinfo is UTC
    assert calendar.local(instant).date() == day


@given(calendars, days)
def test_due_time_is_the_first_instant_that_is_too_late(calendar: WorkCalendar, day: date) -> None:
    due: datetime = calendar.due_at(day)
    assert calendar.local(due - timedelta(seconds=1)).date() == day
    assert calendar.local(due).date() == day + timedelta(days=1)
