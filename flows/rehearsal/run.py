"""The clock alone runs copied rounds to where nothing falls due any more; every message that leaves is noted."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from config.vocabulary import DeliveryStatus
from flows.due import earliest, next_due
from notifiers.carrying import take_turns
from notifiers.departures import Departures
from notifiers.digest import WAITING, next_departure
from notifiers.leases import given_up
from notifiers.messages import as_told
from notifiers.outbox import scene_of
from notifiers.overtaken import NOT_NEEDED
from notifiers.relevance import still_matters
from notifiers.routes import Sender, reachable, why_unreachable
from notifiers.scene import Scene
from states.clock import VirtualClock
from states.commands.tick import Tick
from states.house import Envelope, House
from states.records import Records, table_of
from states.tables import Delivery, Notification, Party

_LONGEST = timedelta(days=30 * 366)
"""No round is that long; a clockwork that never came to an end would stop here."""
_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


class Rehearsal:
    """Rounds in a house that is thrown away. Whatever is due at the beginning happens at once, as at the next real tick.

    ``acted`` are, by round, the instants (UTC) of ticks that did something; ``left`` the ids of the deliveries that went out,
    or would have, had ``sender`` any way to whoever reads them. Without ``posts`` nothing is written or sent: what ticks do
    hangs on no message.
    """

    def __init__(self, house: House, clock: VirtualClock, slugs: Sequence[str], sender: Sender, *, posts: bool = True) -> None:
        self._house = house
        self._sender = sender
        self._clock = clock
        self._posts = posts
        self._ticks = 0
        self.acted: dict[str, list[datetime]] = {slug: [] for slug in slugs}
        self.left: list[str] = []

    def run(self) -> None:
        """Run until nothing is due and nothing waits, however long the rules allow for it."""
        end = self._clock.now() + _LONGEST
        due = list(self.acted)
        while True:
            for slug in due:
                self._tick(slug)
            if self._posts:
                self._post()
            at, due = self._next()
            if at is None or at > end:
                return
            self._clock.move_to(at)

    def _next(self) -> tuple[datetime | None, list[str]]:
        """Give the next instant at which anything happens, and the rounds that are due at it."""
        now = self._clock.now()
        due = {slug: next_due(self._house, slug, now) for slug in self.acted}
        departs = next_departure(self._house) if self._posts else None
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
        """Let everything leave that may leave now, as the deliverer would, and tell of what reached nobody."""
        take_turns(self._house, self._send_all)

    def _send_all(self) -> None:
        now = self._clock.now()
        with self._house.store.write() as connection:
            waiting = [row for row in Records(connection).where(Delivery, status=WAITING) if row.due_at <= now]
            for delivery in waiting:
                self._send(connection, delivery, now)

    def _send(self, connection: Connection, delivery: Delivery, now: datetime) -> None:
        """Send one letter without what has become pointless, or put it off where a round that it speaks of has quiet hours."""
        records = Records(connection)
        rows = records.where(Notification, delivery=delivery.id)
        pointless = [row.key for row in rows if not still_matters(scene_of(self._house, records, row.round), as_told(row))]
        connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.key.in_(pointless)).values(delivery=NOT_NEEDED))
        departures = Departures(self._house, connection, now)
        allowed = max((departures.window(row.round).allowed_from(now) for row in rows), default=now)
        values = {"due_at": allowed} if allowed > now else self._outcome(records, delivery, now)
        connection.execute(update(_DELIVERY).where(_DELIVERY.c.id == delivery.id).values(values))
        self.left += [delivery.id] if allowed == now else []

    def _outcome(self, records: Records, delivery: Delivery, now: datetime) -> dict[str, Any]:
        """Give how a letter ends: it arrives, unless there is no way to whoever reads it."""
        scene = scene_of(self._house, records, delivery.round)
        party = scene.party(delivery.recipient)
        line = scene.line(party) if party else []  # empty where the recipient has left, and nobody reads in its place
        if any(map(self._reachable(records, scene), line)):
            return {"status": DeliveryStatus.SENT.value, "settled_at": now, "in_ledger": True}
        return given_up(why_unreachable(records, party if party in line else None, scene.today), now)

    def _reachable(self, records: Records, scene: Scene) -> Callable[[Party], bool]:
        return lambda party: reachable(records, party, self._sender, scene.today)
