from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.calendar import WorkCalendar
from config.programme import Ladder
from config.vocabulary import Audience
from states.ladders import Covered, Due, Step, TimedStep, due_steps, ladder_steps, next_step_at, step_times

CALENDAR = WorkCalendar()
NINE = time(9)
DUE = date(2023, 6, 28)
LONG_AGO = datetime(2023, 1, 1, tzinfo=UTC)
LADDER = Ladder.model_validate({"reminders": ["-5d", "-2d", "0d"], "escalations": ["+1d: superior", "+3d: district_office"]})
STEPS = ladder_steps(LADDER)
R5, R2, R0, E1, E3 = STEPS
TIMED = step_times(DUE, STEPS, CALENDAR, NINE)


def nine(month: int, day: int) -> datetime:
    """09:00 of that day in Shanghai."""
    return datetime(2023, month, day, 1, tzinfo=UTC)


def fired(due: Due) -> list[str]:
    return [timed.step.key for timed in due.fire]


def covered(due: Due) -> list[tuple[str, str | None]]:
    return [(each.timed.step.key, each.by.step.key if each.by else None) for each in due.covered]


def test_ladder_of_a_programme_becomes_keyed_steps() -> None:
    assert list(STEPS) == [
        Step("r-5", -5, Audience.OWNER),
        Step("r-2", -2, Audience.OWNER),
        Step("r0", 0, Audience.OWNER),
        Step("e+1:superior", 1, Audience.SUPERIOR),
        Step("e+3:district_office", 3, Audience.DISTRICT_OFFICE),
    ]


def test_two_audiences_on_one_day_have_keys_of_their_own() -> None:
    ladder = Ladder.model_validate({"escalations": ["+1d: superior", "+1d: leading_group"]})
    assert [step.key for step in ladder_steps(ladder)] == ["e+1:superior", "e+1:leading_group"]


def test_same_audience_twice_at_one_offset_is_one_step() -> None:
    ladder = Ladder.model_validate({"reminders": ["-1d", "-1d", "+1d"], "escalations": ["+1d: owner"]})
    assert [step.key for step in ladder_steps(ladder)] == ["r-1", "r+1"]


def test_empty_ladder_is_silent() -> None:
    assert ladder_steps(Ladder()) == ()
    assert due_steps([], (), nine(6, 28), LONG_AGO) == Due((), ())
    assert next_step_at([], (), nine(6, 28)) is None


def test_step_times_skip_dragon_boat_and_count_the_make_up_sunday() -> None:
    assert [(timed.step.key, timed.at) for timed in TIMED] == [
        ("r-5", nine(6, 20)),
        ("r-2", nine(6, 26)),
        ("r0", nine(6, 28)),
        ("e+1:superior", nine(6, 29)),
        ("e+3:district_office", nine(7, 3)),
    ]


def test_step_times_are_oldest_first_whatever_the_order_given() -> None:
    assert step_times(DUE, reversed(STEPS), CALENDAR, NINE) == TIMED


def test_nothing_is_due_before_its_instant() -> None:
    assert due_steps(TIMED, (), nine(6, 20) - timedelta(microseconds=1), LONG_AGO) == Due((), ())


def test_step_is_due_at_its_very_instant() -> None:
    assert due_steps(TIMED, (), nine(6, 20), LONG_AGO) == Due((TIMED[0],), ())


def test_step_already_done_is_not_due_again() -> None:
    assert due_steps(TIMED, ("r-5",), nine(6, 20), LONG_AGO) == Due((), ())


def test_missed_reminders_collapse_into_the_newest() -> None:
    due = due_steps(TIMED, (), nine(6, 27), LONG_AGO)
    assert fired(due) == ["r-2"]
    assert due.covered == (Covered(TIMED[0], TIMED[1]),)


def test_each_audience_collapses_by_itself() -> None:
    due = due_steps(TIMED, ("r-5",), nine(7, 10), LONG_AGO)
    assert fired(due) == ["r0", "e+1:superior", "e+3:district_office"]
    assert covered(due) == [("r-2", "r0")]
    assert due.keys == ("r0", "e+1:superior", "e+3:district_office", "r-2")


def test_two_escalations_to_one_superior_collapse() -> None:
    ladder = Ladder.model_validate({"escalations": ["+1d: superior", "+2d: superior"]})
    timed = step_times(DUE, ladder_steps(ladder), CALENDAR, NINE)
    due = due_steps(timed, (), nine(7, 10), LONG_AGO)
    assert (fired(due), covered(due)) == (["e+2:superior"], [("e+1:superior", "e+2:superior")])


def test_steps_before_the_opening_are_covered_by_it() -> None:
    due = due_steps(TIMED, (), nine(6, 27), opened_at=nine(6, 27))
    assert (fired(due), covered(due)) == ([], [("r-5", None), ("r-2", None)])


def test_step_at_the_instant_of_opening_is_covered_by_it() -> None:
    assert covered(due_steps(TIMED, (), nine(6, 20), opened_at=nine(6, 20))) == [("r-5", None)]


def test_late_tick_keeps_opening_and_newest_apart() -> None:
    due = due_steps(TIMED, (), nine(7, 3), opened_at=nine(6, 25))
    assert fired(due) == ["r0", "e+1:superior", "e+3:district_office"]
    assert covered(due) == [("r-5", None), ("r-2", "r0")]


def test_item_opened_after_everything_fires_nothing() -> None:
    due = due_steps(TIMED, (), nine(7, 10), opened_at=nine(7, 10))
    assert due.fire == ()
    assert [by for _, by in covered(due)] == [None] * 5


def test_extended_due_time_moves_the_steps_not_yet_sent() -> None:
    timed = step_times(date(2023, 7, 5), STEPS, CALENDAR, NINE)
    done = ("r-5",)
    assert due_steps(timed, done, nine(6, 26), LONG_AGO) == Due((), ())
    assert next_step_at(timed, done, nine(6, 26)) == nine(7, 3)


def test_step_added_behind_one_already_sent_is_covered_by_it() -> None:
    timed = step_times(DUE, (*STEPS, Step("r-1", -1, Audience.OWNER)), CALENDAR, NINE)
    due = due_steps(timed, ("r-5", "r-2", "r0"), nine(6, 28), LONG_AGO)
    assert (fired(due), covered(due)) == ([], [("r-1", "r0")])


def test_steps_that_meet_on_one_day_fire_the_later_of_the_ladder() -> None:
    ladder = Ladder.model_validate({"reminders": ["+1d", "0d"]})
    timed = step_times(date(2023, 6, 24), ladder_steps(ladder), CALENDAR, NINE)  # a rest day: both fall on the 25th
    due = due_steps(timed, (), nine(6, 25), LONG_AGO)
    assert (fired(due), covered(due)) == (["r+1"], [("r0", "r+1")])


@pytest.mark.parametrize(
    ("done", "now", "expected"),
    [
        ((), nine(6, 1), nine(6, 20)),
        (("r-5",), nine(6, 20), nine(6, 26)),
        ((), nine(6, 27), nine(6, 27)),  # overdue steps want a tick now
        (("r-5", "r-2", "r0", "e+1:superior"), nine(6, 29), nine(7, 3)),
        (tuple(step.key for step in STEPS), nine(6, 29), None),
    ],
)
def test_next_step_is_the_earliest_not_done(done: tuple[str, ...], now: datetime, expected: datetime | None) -> None:
    assert next_step_at(TIMED, done, now) == expected


# Any ladder, any opening, any ticks: missed, doubled, out of rhythm.

audiences = st.sampled_from(Audience)
ladders = st.lists(st.tuples(st.integers(-8, 8), audiences), unique=True, max_size=8)
hours = st.integers(-24 * 20, 24 * 20)
PAST_ALL = datetime(2023, 8, 1, tzinfo=UTC)


def around(hour: int) -> datetime:
    return nine(6, 28) + timedelta(hours=hour)


def laid(rungs: list[tuple[int, Audience]]) -> list[TimedStep]:
    return step_times(DUE, [Step(f"{offset}:{audience}", offset, audience) for offset, audience in rungs], CALENDAR, NINE)


def run(timed: list[TimedStep], ticks: list[datetime], opened: datetime) -> list[Due]:
    done: list[str] = []
    story = []
    for now in ticks:
        story.append(due_steps(timed, done, now, opened))
        done += story[-1].keys
    return story


@given(ladders, hours, st.lists(hours, max_size=12))
def test_every_step_is_recorded_exactly_once_whenever_the_ticks_come(
    rungs: list[tuple[int, Audience]], opened: int, ticks: list[int]
) -> None:
    timed = laid(rungs)
    story = run(timed, [*(around(hour) for hour in sorted(ticks)), PAST_ALL], around(opened))
    assert Counter(key for due in story for key in due.keys) == Counter(each.step.key for each in timed)


@given(ladders, hours, st.lists(hours, max_size=12))
def test_one_tick_speaks_at_most_once_to_an_audience_and_never_back_in_time(
    rungs: list[tuple[int, Audience]], opened: int, ticks: list[int]
) -> None:
    story = run(laid(rungs), [*(around(hour) for hour in sorted(ticks)), PAST_ALL], around(opened))
    for audience in Audience:
        heard = [[timed.at for timed in due.fire if timed.step.audience == audience] for due in story]
        assert max(map(len, heard)) <= 1
        flat = [at for each in heard for at in each]
        assert flat == sorted(set(flat))
        assert all(at > around(opened) for at in flat)


@given(ladders, hours, st.lists(hours, max_size=12))
def test_two_ticks_equal_one(rungs: list[tuple[int, Audience]], opened: int, ticks: list[int]) -> None:
    timed, once = laid(rungs), [around(hour) for hour in sorted(ticks)]
    twice = run(timed, [now for now in once for _ in range(2)], around(opened))
    assert twice[::2] == run(timed, once, around(opened))
    assert all(due == Due((), ()) for due in twice[1::2])


@given(ladders, hours, hours)
def test_whoever_has_steps_after_the_opening_hears_the_newest(rungs: list[tuple[int, Audience]], opened: int, now: int) -> None:
    timed = laid(rungs)
    come = [each for each in timed if around(opened) < each.at <= around(now)]
    assert {each.step.audience for each in come} == {each.step.audience for each in due_steps(timed, (), around(now), around(opened)).fire}
    for each in due_steps(timed, (), around(now), around(opened)).fire:
        assert each.at == max(other.at for other in come if other.step.audience == each.step.audience)


@given(ladders, hours, st.lists(hours, max_size=6))
def test_next_step_wakes_exactly_when_a_tick_has_something_to_record(
    rungs: list[tuple[int, Audience]], opened: int, ticks: list[int]
) -> None:
    timed, done = laid(rungs), list[str]()
    for now in map(around, sorted(ticks)):
        due = due_steps(timed, done, now, around(opened))
        assert bool(due.keys) == (next_step_at(timed, done, now) == now)
        done += due.keys
        wake = next_step_at(timed, done, now)
        assert wake is None or wake > now
