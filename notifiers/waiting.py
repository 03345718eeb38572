"""What waits to be put into a message, and what of that really will be: not what has become pointless meanwhile."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, not_, select
from sqlalchemy.exc import SQLAlchemyError

from notifiers.messages import as_told
from notifiers.on_hold import stopped
from notifiers.outbox import scene_of
from notifiers.relevance import still_matters
from notifiers.scene import Scene
from states.faults import Faults
from states.house import House
from states.records import Records, table_of
from states.tables import Notification, WorkItem

_AT_ONE_LOOK = 500
_NOTIFICATION = table_of(Notification)


def rounds_with_news(connection: Connection) -> list[str]:
    """Give the rounds in which something waits, by name."""
    slugs = select(_NOTIFICATION.c.round).where(_NOTIFICATION.c.delivery.is_(None), not_(stopped())).distinct()
    return list(connection.execute(slugs.order_by(_NOTIFICATION.c.round)).scalars())


def waiting(connection: Connection, slug: str) -> list[Any]:
    """Give what waits in a round, the oldest first; what it would remind of while it is on hold waits for its release."""
    here = (_NOTIFICATION.c.round == slug, _NOTIFICATION.c.delivery.is_(None))
    rows = select(_NOTIFICATION).where(*here, not_(stopped()))
    return list(connection.execute(rows.order_by(_NOTIFICATION.c.at, _NOTIFICATION.c.key)))


def to_be_told(house: House, connection: Connection, slug: str) -> list[Any]:
    """Give what waits in a round and will be told, as things stand; nothing of one that has a fault, of which nothing leaves either."""
    found: list[Any] = []
    with Faults().of(slug, SQLAlchemyError):
        if rows := waiting(connection, slug):
            found = _still_wanted(scene_of(house, Records(connection), slug), rows)
    return found


def _still_wanted(scene: Scene, rows: Sequence[Any]) -> list[Any]:
    items = sorted({row.context["item"] for row in rows if "item" in row.context})
    for first in range(0, len(items), _AT_ONE_LOOK):
        scene.records.where(WorkItem, id=items[first : first + _AT_ONE_LOOK])
    return [row for row in rows if still_matters(scene, as_told(row))]
