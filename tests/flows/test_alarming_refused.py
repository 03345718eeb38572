"""A channel that stays refused is asked so often that its alarm goes on for as long as anything waits for it."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from flows.alarming import STILL_REFUSED
from notifiers.outgoing import Outcome, Outgoing
from tests.notifiers.refusing import DEAD, Answering, for_hours
from tests.notifiers.rounds import ROSTER, opened


def test_single_message_that_waits_keeps_its_channel_asked_within_the_time_of_an_alarm(tmp_path: Path) -> None:
    town = opened(tmp_path, [each for each in ROSTER if each.id in ("QB01", "OP01")])
    town.tell()
    asked: list[datetime] = [town.clock.now()]

    def answer(_: Outgoing) -> Outcome:
        asked.append(town.clock.now())
        return DEAD

    for_hours(town, Answering(answer), 9)
    gaps = [later - before for before, later in pairwise(asked)]
    assert len(gaps) > 15
    assert max(gaps) + timedelta(minutes=10) < STILL_REFUSED
    town.house.store.dispose()
