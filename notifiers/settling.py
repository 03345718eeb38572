"""How deliveries ended goes back into the ledger, in batches: into the chain of every round that a message spoke of."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update

from config.vocabulary import DeliveryStatus as Status
from config.vocabulary import Role
from notifiers.kinds import MessageKind
from notifiers.verdicts import POINTLESS
from states.command import CLOCK
from states.house import House
from states.records import table_of
from states.tables import Delivery, Notification
from states.work import Actor, Work, lock_chain

FINAL = (Status.SENT.value, Status.REFUSED_FOR_GOOD.value, Status.UNKNOWN.value)
BATCH = 500
"""Outcomes in one transaction."""

_DELIVERY, _NOTIFICATION = table_of(Delivery), table_of(Notification)


def of_round(slug: str) -> Any:
    """Give the condition that a delivery speaks of a round, if among others."""
    carried = select(_NOTIFICATION.c.delivery).where(_NOTIFICATION.c.round == slug, _NOTIFICATION.c.delivery.is_not(None))
    return or_(_DELIVERY.c.round == slug, _DELIVERY.c.id.in_(carried))


def settle_all(house: House) -> int:
    """Enter the outcomes that the ledger does not have yet; gives how many."""
    total = 0
    more = True
    while more:
        entered = _settle_batch(house)
        total += entered
        more = entered == BATCH
    return total


def _settle_batch(house: House) -> int:
    with house.store.read() as connection:  # mostly nothing has ended, and whoever writes must not be waited for then
        found = _ended(connection)
    if not found:
        return 0
    with house.store.write() as connection:
        rounds = _rounds(connection, found)
        # In the order of their names, so that two runs never wait for each other; read again once nobody else can.
        chains = {slug: lock_chain(connection, slug) for slug in sorted({slug for slugs in rounds.values() for slug in slugs})}
        outcomes = _ended(connection, found)
        for slug, chain in chains.items():
            mine = {key: status for key, status in outcomes.items() if slug in rounds[key]}
            if chain is not None and mine:
                _enter(Work(connection, chain, house.clock.now(), house.vault), slug, mine, _undelivered(connection, slug, mine))
        known = [key for key in outcomes if any(chains[slug] is not None for slug in rounds[key])]
        if known:
            entered = update(_DELIVERY).where(_DELIVERY.c.id == bindparam("mine")).values(in_ledger=True)
            connection.execute(entered, [{"mine": key} for key in known])
    return len(known)


def _enter(work: Work, slug: str, outcomes: dict[str, str], undelivered: list[str]) -> None:
    work.actor = Actor(CLOCK, (Role.CLOCK,))
    work.record("deliveries_settled", slug, payload={"outcomes": outcomes} | ({"undelivered": undelivered} if undelivered else {}))
    work.commit()


def _undelivered(connection: Connection, slug: str, outcomes: Iterable[str]) -> list[str]:
    """Give the deliveries of which somebody else has to know that they reached nobody; each in its own round alone.

    Not those that had become pointless, nor those that only told of other failures: that would never end.
    """
    telling = select(_NOTIFICATION.c.delivery).where(_NOTIFICATION.c.kind != MessageKind.DELIVERY_FAILED.value)
    query = select(_DELIVERY.c.id).where(
        _DELIVERY.c.id.in_(list(outcomes)),
        _DELIVERY.c.round == slug,
        _DELIVERY.c.status == Status.REFUSED_FOR_GOOD.value,
        _DELIVERY.c.answer != POINTLESS,
        _DELIVERY.c.id.in_(telling.where(_NOTIFICATION.c.delivery.is_not(None))),
    )
    return list(connection.execute(query.order_by(_DELIVERY.c.id)).scalars())


def _ended(connection: Connection, among: Iterable[str] | None = None) -> dict[str, str]:
    ended = select(_DELIVERY.c.id, _DELIVERY.c.status).where(_DELIVERY.c.status.in_(FINAL), _DELIVERY.c.in_ledger.is_(False))
    ended = ended if among is None else ended.where(_DELIVERY.c.id.in_(list(among)))
    return {row.id: row.status for row in connection.execute(ended.order_by(_DELIVERY.c.round, _DELIVERY.c.id).limit(BATCH))}


def _rounds(connection: Connection, deliveries: Iterable[str]) -> dict[str, set[str]]:
    """Give for each delivery the rounds that it speaks of; its own where it carries nothing any more."""
    ids = list(deliveries)
    found: dict[str, set[str]] = {}
    for table, key in ((_DELIVERY, _DELIVERY.c.id), (_NOTIFICATION, _NOTIFICATION.c.delivery)):
        for delivery, slug in connection.execute(select(key, table.c.round).where(key.in_(ids)).distinct()):
            found.setdefault(delivery, set()).add(slug)
    return found
