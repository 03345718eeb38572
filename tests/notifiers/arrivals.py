"""What really arrived, held against what the outbox says: none lost, none twice but those marked unknown."""

from collections import Counter
from dataclasses import dataclass

from states.commands.roster import RosterEntry
from states.tables import Delivery
from tests.notifiers.rounds import ROSTER, Town
from tests.receivers import HttpReceiver, SmtpReceiver


def crowd(units: int) -> list[RosterEntry]:
    """Give the town's roster with so many more units, each with an address."""
    pattern = ROSTER[1]
    more = [
        pattern.model_copy(update={"id": f"TX{n:05}", "name": f"街道{n}总工会", "contacts": {"mail": f"u{n}@union.example"}})
        for n in range(units)
    ]
    return [*ROSTER, *more]


@dataclass(frozen=True)
class Arrivals:
    """Every delivery's status and how often its message arrived."""

    statuses: dict[str, str]
    times: Counter[str]

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.statuses.values())

    @property
    def lost(self) -> list[str]:
        """Messages that the outbox calls sent and nobody got."""
        return [key for key, status in self.statuses.items() if status == "sent" and not self.times[key]]

    @property
    def twice(self) -> list[str]:
        """Messages that somebody got more than once; unknown ones too, since nobody has sent them again."""
        return [key for key, times in self.times.items() if times > 1]

    @property
    def unaccounted(self) -> list[str]:
        """Messages that arrived and are neither sent nor unknown."""
        return [key for key in self.times if self.statuses.get(key) not in ("sent", "unknown")]

    @property
    def unknown_that_arrived(self) -> int:
        return sum(bool(self.times[key]) for key, status in self.statuses.items() if status == "unknown")


def arrivals(town: Town, receiver: SmtpReceiver | HttpReceiver) -> Arrivals:
    """Compare the receiver's log with the outbox."""
    ids = _mailed(receiver) if isinstance(receiver, SmtpReceiver) else _posted(receiver)
    return Arrivals({row.id: row.status for row in town.rows(Delivery)}, Counter(ids))


def _mailed(receiver: SmtpReceiver) -> list[str]:
    return [str(mail.message["Message-ID"]).strip("<>").partition("@")[0] for mail in receiver.received]


def _posted(receiver: HttpReceiver) -> list[str]:
    # A request that was cut off in the middle of its body is none.
    whole = [each for each in receiver.received if len(each.body) == int(each.headers["Content-Length"])]
    return [str(each.json["id"]) for each in whole]
