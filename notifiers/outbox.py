"""The ledger's entries become notifications: a cursor over each chain, moved in the same transaction (wall 7)."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, and_, func, select

from config.calendar import HOUSE_ZONE
from notifiers.happenings import from_ledger
from notifiers.messages import Told, told
from notifiers.scene import Scene
from states.cursors import NOTIFICATIONS, insert_new, lock_cursor, move_cursor
from states.faults import Faults, guarded
from states.frozen import frozen_programme
from states.house import House
from states.ledger import digest
from states.records import Records, table_of
from states.tables import Chain, Cursor, LedgerEntry, Notification, Round, WorkItem
from states.unsent import OVERTAKEN, REMINDED

BATCH = 500
"""Entries read in one transaction."""

_CHAIN, _CURSOR, _ENTRY = table_of(Chain), table_of(Cursor), table_of(LedgerEntry)


def notify(house: House, faults: Faults | None = None) -> int:
    """Turn every entry that nobody has read yet into notifications; gives how many are new.

    Run again, or by two processes at once, it makes each notification once. A chain that has a fault is noted in ``faults`` and
    stays where it was read to, while the others are read on; without ``faults`` it comes out.
    """
    with house.store.read() as connection:
        behind = _behind(connection)
    made = 0
    for chain in behind:
        with guarded(faults, chain):
            made += _read_on(house, chain)
    return made


def key_of_told(round_slug: str, cause: str, recipient: str, due_version: int) -> str:
    """Give a notification's key: over what makes it unique."""
    return digest(round_slug, cause, recipient, str(due_version))


def _behind(connection: Connection) -> list[str]:
    """Give the chains with entries that were not read yet."""
    mine = and_(_CURSOR.c.chain == _CHAIN.c.name, _CURSOR.c.consumer == NOTIFICATIONS)
    chains = select(_CHAIN.c.name).outerjoin(_CURSOR, mine).where(_CHAIN.c.seq > func.coalesce(_CURSOR.c.seq, 0))
    return list(connection.execute(chains.order_by(_CHAIN.c.name)).scalars())


def _read_on(house: House, chain: str) -> int:
    made = 0
    more = True
    while more:
        with house.store.write() as connection:
            seq = lock_cursor(connection, NOTIFICATIONS, chain)
            entries = _entries_after(connection, chain, seq)
            made += insert_new(connection, Notification, list(_notifications(house, connection, chain, entries)))
            if entries:
                move_cursor(connection, NOTIFICATIONS, chain, entries[-1]["seq"])
        more = len(entries) == BATCH
    return made


def _entries_after(connection: Connection, chain: str, seq: int) -> list[Mapping[str, Any]]:
    unread = select(_ENTRY).where(_ENTRY.c.round == chain, _ENTRY.c.seq > seq).order_by(_ENTRY.c.seq).limit(BATCH)
    return [dict(row) for row in connection.execute(unread).mappings()]


def _notifications(house: House, connection: Connection, chain: str, entries: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    scene = scene_of(house, Records(connection), chain)
    happenings = [(entry, from_ledger(entry)) for entry in entries]
    scene.records.where(WorkItem, id=[happening.item for _, happening in happenings if happening.event == REMINDED])  # at one look
    for entry, happening in happenings:
        cause = f"{chain}:{entry['seq']}"
        for each in told(scene, happening):
            yield {**_row(chain, cause, each), "at": happening.at, "context": each.context | _overtaken(scene, each)}


def _overtaken(scene: Scene, each: Told) -> dict[str, bool]:
    """Mark a step whose work item was moved, or handed over, before anybody read that it fired: where it has to, it fires again."""
    item = scene.item(each.context["item"]) if "steps" in each.context else None
    return {OVERTAKEN: True} if item is not None and item.due_version != each.due_version else {}


def _row(chain: str, cause: str, each: Told) -> dict[str, Any]:
    return {
        "key": key_of_told(chain, cause, each.recipient, each.due_version),
        "round": chain,
        "cause": cause,
        "recipient": each.recipient,
        "due_version": each.due_version,
        "kind": each.kind.value,
        "subject": each.subject,
    }


def scene_of(house: House, records: Records, chain: str) -> Scene:
    """Give the scene of a chain today; the house's own chain has the house's zone."""
    row = records.get(Round, chain)
    calendar = house.calendar(frozen_programme(row.rules).zone) if row else house.calendar(HOUSE_ZONE)
    return Scene(records, chain, calendar.local(house.clock.now()).date())
