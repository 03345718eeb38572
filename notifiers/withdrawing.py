"""What a later decision has overtaken is withdrawn from the deliveries in which it waits: it was not needed, and has not failed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import SQLAlchemyError

from notifiers.messages import as_told
from notifiers.on_hold import drop_empty, in_nobodys_hands
from notifiers.outbox import scene_of
from notifiers.overtaken import MAY_BE, NOT_NEEDED, overtaken
from notifiers.relevance import still_matters
from states.faults import Faults, guarded
from states.house import House
from states.records import Records, table_of
from states.tables import Delivery, Notification

_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


def withdraw(house: House, faults: Faults | None = None) -> None:
    """Take what has been overtaken out of the deliveries of which no byte is leaving; one that is empty then is gone.

    A message whose first parts have arrived keeps it to the end. What belongs to a round with a fault stays where it is, and ``faults`` says so.
    """
    now = house.clock.now()
    with house.store.read() as connection:
        if not _overtaken(house, connection, now, faults):
            return
    with house.store.write() as connection:
        carrying = {row.delivery for row in _overtaken(house, connection, now, faults)}
        # What a deliverer has taken up meanwhile is passed over here: it looks for itself before it sends.
        free = select(_DELIVERY.c.id).where(in_nobodys_hands(now), _DELIVERY.c.id.in_(carrying)).with_for_update(skip_locked=True)
        held = set(connection.execute(free).scalars())
        found = [row.key for row in _overtaken(house, connection, now, faults) if row.delivery in held]
        connection.execute(update(_NOTIFICATION).where(_NOTIFICATION.c.key.in_(found)).values(delivery=NOT_NEEDED))
        drop_empty(connection, held)


def told_otherwise(house: House, deliveries: Collection[str]) -> set[str]:
    """Name, among some deliveries, those of which nothing is worth telling but what a later decision has overtaken: they are not sent again."""
    with house.store.read() as connection:
        records, found = Records(connection), defaultdict[str, set[bool]](set)
        rows = [row for row in records.where(Notification, delivery=list(deliveries)) if row.delivery]
        scenes = {slug: scene_of(house, records, slug) for slug in {row.round for row in rows}}
        for row, scene in ((row, scenes[row.round]) for row in rows):
            if (void := overtaken(scene, as_told(row))) or still_matters(scene, as_told(row)):
                found[str(row.delivery)].add(void)
    return {key for key, said in found.items() if said == {True}}


def _overtaken(house: House, connection: Connection, now: datetime, faults: Faults | None) -> list[Any]:
    """Give what has been overtaken and is in a delivery that waits whole."""
    kinds = _NOTIFICATION.c.kind.in_([kind.value for kind in MAY_BE])
    joined = (_DELIVERY, _DELIVERY.c.id == _NOTIFICATION.c.delivery)
    here = select(_NOTIFICATION.c.round).join(*joined).where(in_nobodys_hands(now), kinds).distinct()
    waiting = select(_NOTIFICATION, _DELIVERY.c.rest).join(*joined).where(in_nobodys_hands(now), kinds)
    records, found = Records(connection), list[Any]()
    for slug in list(connection.execute(here).scalars()):
        with guarded(faults, slug, SQLAlchemyError):
            rows = [row for row in connection.execute(waiting.where(_NOTIFICATION.c.round == slug)).all() if row.rest is None]
            scene = scene_of(house, records, slug) if rows else None
            found += [row for row in rows if scene is not None and overtaken(scene, as_told(row))]
    return found
