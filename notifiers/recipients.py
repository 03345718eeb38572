"""Who will be told of a unit of work that is only previewed (wall 9)."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import select

from notifiers.happenings import Happening, from_entry, from_ledger
from notifiers.messages import Told, told
from notifiers.on_hold import in_nobodys_hands
from notifiers.overtaken import DECISIONS, MAY_BE
from notifiers.relevance import still_matters
from notifiers.scene import Scene, shown
from states.cursors import NOTIFICATIONS
from states.errors import CommandRefused
from states.ledger import HOUSE, Entry
from states.records import table_of
from states.tables import Delivery, LedgerEntry, Notification
from states.work import Work

_DELIVERY, _ENTRY, _NOTIFICATION = table_of(Delivery), table_of(LedgerEntry), table_of(Notification)


def recipients(work: Work) -> list[str]:
    """Give whoever the entries of a unit of work will tell, sorted: units by name, people by id and masked name.

    An owner who has left without a deputy is not among them: nobody reads what is for them. Nor is who will not hear of what
    is undone here, and therefore needs not hear that it is.
    """
    decides = any(entry.event in DECISIONS for entry in work.entries)
    scene = _Foreseen(work) if decides else Scene(work.records, _slug(work), work.today)
    parties = {each.recipient for each in _told(scene, work) if still_matters(scene, each)}
    found = [scene.party(party) for party in parties]
    return sorted({shown(party) for party in found if party is not None and scene.stands(party)})


class _Foreseen(Scene):
    """A round as its messages will see it once a unit of work that decides on its time is done, and all before it was read."""

    def __init__(self, work: Work) -> None:
        super().__init__(work.records, _slug(work), work.today)
        self._new = {seq: (entry.event, {**entry.payload, "changes": entry.changes}) for seq, entry in _numbered(work)}
        self._unread = list(self._not_made_yet(work.read_by(NOTIFICATIONS)))
        self.waiting = frozenset(self._to_be_withdrawn(work))

    def entries(self, events: Collection[str]) -> dict[int, tuple[str, dict[str, Any]]]:
        """Give those of the ledger, and those that will stand in it."""
        return super().entries(events) | {seq: each for seq, each in self._new.items() if each[0] in events}

    def notified(self, recipient: str, kinds: Collection[str]) -> list[Notification]:
        """Give what was made, and what will be made of entries that nobody has read yet."""
        unread = [row for row in self._unread if row.recipient == recipient and row.kind in kinds]
        return [*super().notified(recipient, kinds), *unread]

    def _not_made_yet(self, read: int) -> Iterator[Notification]:
        here = (_ENTRY.c.round == self.slug, _ENTRY.c.seq > read, _ENTRY.c.event.in_(DECISIONS))
        for entry in self.records.matching(LedgerEntry, *here):
            happening, cause = from_ledger(vars(entry)), f"{self.slug}:{entry.seq}"
            yield from (_row(self.slug, cause, each, happening) for each in told(self, happening))

    def _to_be_withdrawn(self, work: Work) -> Iterator[str]:
        """Give the deliveries of which no byte is leaving: what is overtaken is withdrawn from them."""
        carrying = select(_NOTIFICATION.c.delivery).where(_NOTIFICATION.c.round == self.slug, _NOTIFICATION.c.kind.in_(MAY_BE))
        waiting = self.records.matching(Delivery, in_nobodys_hands(work.now), _DELIVERY.c.id.in_(carrying))
        return (each.id for each in waiting if each.rest is None)


def _told(scene: Scene, work: Work) -> Iterator[Told]:
    """Give everybody who is to be told; what a later decision may overtake with the number that its entry will have."""
    for seq, entry in _numbered(work):
        each_of = told(scene, from_entry(entry, work.now))
        yield from (each._replace(seq=seq) for each in each_of) if entry.event in DECISIONS else each_of


def _numbered(work: Work) -> Iterator[tuple[int, Entry]]:
    return enumerate(work.entries, work.seq - len(work.entries) + 1)


def _row(slug: str, cause: str, each: Told, happening: Happening) -> Notification:
    return Notification(
        key="",
        round=slug,
        cause=cause,
        recipient=each.recipient,
        due_version=each.due_version,
        kind=each.kind.value,
        subject=each.subject,
        at=happening.at,
        context=each.context,
    )


def _slug(work: Work) -> str:
    """Give the work's round; a command of the house has none."""
    try:
        return work.round.slug
    except CommandRefused:
        return HOUSE
