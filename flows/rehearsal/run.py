"""The clock alone runs a copied round to where nothing falls due any more; every message that leaves is noted."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from config.vocabulary import DeliveryStatus
from flows.due import earliest, next_due
from notifiers.digest import NOT_NEEDED, WAITING, allowed_from, as_told, next_departure, queue
from notifiers.outbox import notify, scene_of
from notifiers.relevance import still_matters
from states.clock import VirtualClock
from states.commands.tick import Tick
from states.frozen import frozen_programme
from states.house import Envelope, House
from states.records import Records, table_of
from states.tables import Delivery, Notification, Round

_LONGEST = timedelta(days=3 * 366)
_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


class Rehearsal:
    """One round in a house that is thrown away. Whatever is due at the beginning happens at once, as at the next real tick."""

    def __init__(self, house: House, clock: VirtualClock, slug: str) -> None:
        self._house = house
        self._clock = clock
        self._slug = slug
        self._ticks = 0
        self.acted: list[datetime] = []
        self.left: list[str] = []

    def run(self) -> None:
        """Run until nothing is due and nothing waits, three years at most; ``acted`` are the instants of ticks that did something.

        ``left`` are the ids of the deliveries that went out, in their order.
        """
        end = self._clock.now() + _LONGEST
        self._tick()
        self._post()
        while (at := self._next()) is not None and at < end:
            self._clock.move_to(at)
            if at == self._due:
                self._tick()
            self._post()

    def _next(self) -> datetime | None:
        now = self._clock.now()
        self._due = next_due(self._house, self._slug, now)
        departs = next_departure(self._house)
        # What may leave now has left; anything else that stays behind now stays for good.
        return earliest((self._due, departs if departs is not None and departs > now else None))

    def _tick(self) -> None:
        self._ticks += 1
        now = self._clock.now()
        envelope = Envelope(f"rehearsal-{self._ticks}", now, clock=True)
        result = self._house.execute(Tick(round=self._slug), envelope)
        if result.happened:
            self.acted.append(now)

    def _post(self) -> None:
        """Let everything leave that may leave now, as the deliverer would."""
        notify(self._house)
        queue(self._house)
        now = self._clock.now()
        with self._house.store.write() as connection:
            if self._quiet(connection, now):
                return
            due = select(_DELIVERY.c.id).where(_DELIVERY.c.status.in_(WAITING), _DELIVERY.c.due_at <= now)
            going = list(connection.execute(due.order_by(_DELIVERY.c.id)).scalars())
            self._drop_pointless(connection, going)
            sent = {"status": DeliveryStatus.SENT.value, "settled_at": now, "in_ledger": True}
            connection.execute(update(_DELIVERY).where(_DELIVERY.c.id.in_(going)).values(sent))
        self.left += going

    def _quiet(self, connection: Connection, now: datetime) -> bool:
        row = Records(connection).where(Round, slug=self._slug)[0]
        programme = frozen_programme(row.rules)
        return allowed_from(self._house.calendar(programme.zone), programme.messages, now) > now

    def _drop_pointless(self, connection: Connection, going: list[str]) -> None:
        records = Records(connection)
        scene = scene_of(self._house, records, self._slug)
        rows = records.where(Notification, delivery=going)
        pointless = [row.key for row in rows if not still_matters(scene, as_told(row))]
        connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.key.in_(pointless)).values(delivery=NOT_NEEDED))
