"""When a notification may leave: outside the quiet hours, as promptly as its recipient chose, one escalation digest a day."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from config.calendar import WorkCalendar
from config.programme import Messages
from config.vocabulary import DeliveryStatus as Status
from config.vocabulary import Promptness
from notifiers.kinds import ABOUT_WORK, MessageKind
from states.frozen import frozen_programme
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Notification, Party, Round, WorkItem

ANY_KIND = "*"
"""In a party's ``promptness``: what holds for every kind that is not named."""

MORNING = timedelta(hours=1)
"""What comes up so soon after the sending hour still goes with that morning's digest: the tick takes its time."""

GATHERING = timedelta(minutes=5)
"""How long escalations wait for another round whose steps are due at this moment and not fired yet."""

_DELIVERY, _NOTIFICATION, _ROUND, _ITEM = table_of(Delivery), table_of(Notification), table_of(Round), table_of(WorkItem)
_SETTLED = (Status.SENT.value, Status.UNKNOWN.value)
_UNDER_WAY = (Status.QUEUED.value, Status.CLAIMED.value, Status.SENDING.value, Status.REFUSED_FOR_NOW.value)


class Window(NamedTuple):
    """The hours of one round: its calendar, and what its programme says of messages."""

    calendar: WorkCalendar
    messages: Messages

    def allowed_from(self, instant: datetime) -> datetime:
        """Give the first instant, not before this one, at which a message may leave: outside the quiet hours."""
        return self.calendar.next_allowed(instant, self.messages.hour, self.messages.quiet_from, self.messages.quiet_to)

    def morning(self, instant: datetime) -> datetime:
        """Give when the digest leaves that takes along what came up at this instant; never earlier than it."""
        hour = self.calendar.at_hour(self.calendar.local(instant).date(), self.messages.hour)
        if instant <= hour + MORNING:
            return max(hour, instant)
        return self.next_morning(instant)

    def next_morning(self, instant: datetime) -> datetime:
        """Give the sending hour of the next day."""
        return self.calendar.at_hour(self.calendar.local(instant).date() + timedelta(days=1), self.messages.hour)


class Departures:
    """When the notifications that wait may leave, as things stand now (aware, UTC)."""

    def __init__(self, house: House, connection: Connection, now: datetime) -> None:
        self.now = now
        self._house = house
        self._connection = connection
        self._records = Records(connection)
        self._windows: dict[str, Window] = {}
        self._last: dict[str, datetime | None] = {}
        self._gathered: datetime | None = None

    def window(self, slug: str) -> Window:
        """Give the hours of a round."""
        if slug not in self._windows:
            rules = self._connection.execute(select(_ROUND.c.rules).where(_ROUND.c.slug == slug)).scalar_one()
            programme = frozen_programme(rules)
            self._windows[slug] = Window(self._house.calendar(programme.zone), programme.messages)
        return self._windows[slug]

    def of(self, row: Any) -> datetime:
        """Give the instant from which a notification may leave; it can lie in the past, and then in quiet hours by now."""
        window = self.window(row.round)
        at = window.allowed_from(row.at)
        if self.promptness(row) == Promptness.DIGEST:
            at = max(at, self._digest(row, window))
        if row.kind == MessageKind.ESCALATION:
            at = max(at, self._turn(row.recipient, window))
        return at

    def promptness(self, row: Any) -> Promptness | None:
        """Give what the recipient chose for this kind, None for the house's own way."""
        party = self._records.get(Party, row.recipient)
        chosen = party.promptness if party else {}
        word = chosen.get(row.kind) or chosen.get(ANY_KIND)
        return Promptness(word) if word else None

    def _digest(self, row: Any, window: Window) -> datetime:
        """Give the morning for a digest; what falls due before it is told at once, since it binds."""
        morning = window.morning(row.at)
        item = self._records.get(WorkItem, row.context["item"]) if row.kind in ABOUT_WORK else None
        return row.at if item is not None and row.at < item.due_at <= morning else morning

    def _turn(self, recipient: str, window: Window) -> datetime:
        """Give when a superior may have the next escalation digest: one a day, with those of all rounds.

        One that was refused for good told nobody, and does not count; one that is on its way holds the next one back.
        """
        if recipient not in self._last:
            self._last[recipient] = self._last_escalated(recipient)
        last = self._last[recipient]
        return max(self._all_gathered(), window.next_morning(last) if last else self.now)

    def _last_escalated(self, recipient: str) -> datetime | None:
        """Give when a superior last got escalations; now, where some are on their way."""
        carried = select(_NOTIFICATION.c.delivery).where(
            _NOTIFICATION.c.recipient == recipient,
            _NOTIFICATION.c.kind == MessageKind.ESCALATION.value,
            _NOTIFICATION.c.delivery.is_not(None),
        )
        counting = _DELIVERY.c.status.in_((*_SETTLED, *_UNDER_WAY))
        query = select(_DELIVERY.c.settled_at).where(_DELIVERY.c.id.in_(carried), counting)
        settled = list(self._connection.execute(query).scalars())
        return max((at or self.now for at in settled), default=None)

    def _all_gathered(self) -> datetime:
        """Give when no round's step of this moment is outstanding, at most ``GATHERING`` after it was due."""
        if self._gathered is None:
            outstanding = select(_ITEM.c.next_step_at).join(_ROUND, _ROUND.c.slug == _ITEM.c.round)
            recent = (_ITEM.c.next_step_at > self.now - GATHERING, _ITEM.c.next_step_at <= self.now)
            query = outstanding.where(*recent, _ITEM.c.status == "open", _ROUND.c.held.is_(False))
            last = self._connection.execute(query.order_by(_ITEM.c.next_step_at.desc()).limit(1)).scalar_one_or_none()
            self._gathered = last + GATHERING if last else self.now
        return self._gathered
