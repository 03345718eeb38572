"""Once an hour for each cause, by whichever process asks first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from config.vocabulary import AlarmCause
from states.alarms import alarmed_at, claim, tell_until, told_until
from states.store import Store

NOON = datetime(2023, 6, 19, 4, 0, tzinfo=UTC)
RUN, CLOCK = AlarmCause.RUN_FAILED, AlarmCause.CLOCK_STOPPED


@pytest.mark.parametrize(("seconds", "again"), [(3599, False), (3600, True), (3601, True)])
def test_cause_is_silent_for_an_hour_to_the_second(store: Store, seconds: int, again: bool) -> None:
    assert claim(store, RUN, NOON)
    later = NOON + timedelta(seconds=seconds)
    assert claim(store, RUN, later) is again
    with store.read() as connection:
        assert alarmed_at(connection, RUN) == (later if again else NOON)


def test_causes_do_not_silence_each_other(store: Store) -> None:
    assert claim(store, RUN, NOON)
    assert claim(store, CLOCK, NOON)


def test_one_of_many_at_once_gets_the_turn(store: Store) -> None:
    claim(store, RUN, NOON - timedelta(hours=1))
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: claim(store, RUN, NOON), range(8))) == 1


def test_what_was_told_stands_beside_the_turn(store: Store) -> None:
    with store.read() as connection:
        assert (alarmed_at(connection, RUN), told_until(connection, RUN)) == (None, None)
    claim(store, RUN, NOON)
    tell_until(store, RUN, NOON - timedelta(minutes=1))
    claim(store, RUN, NOON + timedelta(hours=2))
    with store.read() as connection:
        assert told_until(connection, RUN) == NOON - timedelta(minutes=1)


def test_what_is_known_is_noted_before_any_alarm_and_silences_none(store: Store) -> None:
    tell_until(store, RUN, NOON)
    with store.read() as connection:
        assert (alarmed_at(connection, RUN), told_until(connection, RUN)) == (None, NOON)
    assert claim(store, RUN, NOON)
