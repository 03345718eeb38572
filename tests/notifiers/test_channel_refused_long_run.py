"""A run that lasts for hours asks a channel again, by a message that it has refused, once that has waited its time."""

from pathlib import Path

from notifiers.delivery import deliver
from notifiers.outgoing import Outcome, Outgoing
from notifiers.verdicts import MENDED_SOONEST
from states.tables import Delivery
from tests.notifiers.arrivals import crowd
from tests.notifiers.refusing import DEAD, Answering
from tests.notifiers.rounds import opened


def test_message_that_was_refused_early_in_a_long_run_leaves_later_in_it(tmp_path: Path) -> None:
    town = opened(tmp_path, crowd(60))
    town.tell()
    asked = []

    def answer(message: Outgoing) -> Outcome | None:
        town.clock.move_to(town.clock.now() + MENDED_SOONEST / 20)
        if message.recipient_address != "u0@union.example":
            return None
        asked.append(town.clock.now())
        return DEAD if len(asked) == 1 else None

    deliver(town.house, Answering(answer), "postman", at_once=1)
    assert [row.status for row in town.rows(Delivery, recipient="TX00000")] == ["sent"]
    assert asked[1] - asked[0] > MENDED_SOONEST
    town.house.store.dispose()
