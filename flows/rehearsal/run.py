"""The clock alone runs copied rounds to where nothing falls due any more; every message that leaves is noted."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from config.vocabulary import DeliveryStatus
from flows.due import earliest, next_due
from notifiers.departures import Departures
from notifiers.digest import NOT_NEEDED, WAITING, as_told, next_departure, queue
from notifiers.outbox import notify, scene_of
from notifiers.relevance import still_matters
from states.clock import VirtualClock
from states.commands.tick import Tick
from states.house import Envelope, House
from states.records import Records, table_of
from states.tables import Delivery, Notification

_LONGEST = timedelta(days=3 * 366)
_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


class Rehearsal:
    """Rounds in a house that is thrown away. Whatever is due at the beginning happens at once, as at the next real tick.

    ``acted`` are, by round, the instants (UTC) of ticks that did something; ``left`` the ids of the deliveries that went out.
    """

    def __init__(self, house: House, clock: VirtualClock, slugs: Sequence[str]) -> None:
        self._house = house
        self._clock = clock
        self._ticks = 0
        self.acted: dict[str, list[datetime]] = {slug: [] for slug in slugs}
        self.left: list[str] = []

    def run(self) -> None:
        """Run until nothing is due and nothing waits, three years at most."""
        end = self._clock.now() + _LONGEST
        due = list(self.acted)
        while True:
            for slug in due:
                self._tick(slug)
            self._post()
            at, due = self._next()
            if at is None or at > end:
                return
            self._clock.move_to(at)

    def _next(self) -> tuple[datetime | None, list[str]]:
        """Give the next instant at which anything happens, and the rounds that are due at it."""
        now = self._clock.now()
        due = {slug: next_due(self._house, slug, now) for slug in self.acted}
        departs = next_departure(self._house)
        # What may leave now has left; anything else that stays behind now stays for good.
        at = earliest((*due.values(), departs if departs is not None and departs > now else None))
        return at, [slug for slug, instant in due.items() if instant == at]

    def _tick(self, slug: str) -> None:
        self._ticks += 1
        now = self._clock.now()
        result = self._house.execute(Tick(round=slug), Envelope(f"rehearsal-{self._ticks}", now, clock=True))
        if result.happened:
            self.acted[slug].append(now)

    def _post(self) -> None:
        """Let everything leave that may leave now, as the deliverer would."""
        notify(self._house)
        queue(self._house)
        now = self._clock.now()
        with self._house.store.write() as connection:
            due = select(_DELIVERY.c.id).where(_DELIVERY.c.status.in_(WAITING), _DELIVERY.c.due_at <= now)
            for delivery in connection.execute(due.order_by(_DELIVERY.c.id)).scalars().all():
                self._send(connection, delivery, now)

    def _send(self, connection: Connection, delivery: str, now: datetime) -> None:
        """Send one letter without what has become pointless, or put it off where a round that it speaks of has quiet hours."""
        records = Records(connection)
        rows = records.where(Notification, delivery=delivery)
        pointless = [row.key for row in rows if not still_matters(scene_of(self._house, records, row.round), as_told(row))]
        connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.key.in_(pointless)).values(delivery=NOT_NEEDED))
        departures = Departures(self._house, connection, now)
        allowed = max((departures.window(row.round).allowed_from(now) for row in rows), default=now)
        sent = {"status": DeliveryStatus.SENT.value, "settled_at": now, "in_ledger": True}
        values = {"due_at": allowed} if allowed > now else sent
        connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == delivery).values(values))
        self.left += [delivery] if allowed == now else []
