"""How deliveries ended goes back into the ledger, in batches."""

from sqlalchemy import Connection, bindparam, select, update

from config.vocabulary import DeliveryStatus as Status
from config.vocabulary import Role
from states.command import CLOCK
from states.house import House
from states.records import table_of
from states.tables import Delivery
from states.work import Actor, Work, lock_chain

FINAL = (Status.SENT.value, Status.REFUSED_FOR_GOOD.value, Status.UNKNOWN.value)
BATCH = 500
"""Outcomes in one ledger entry."""

_DELIVERY = table_of(Delivery)


def settle_all(house: House) -> int:
    """Enter the outcomes of every round; gives how many."""
    ended = select(_DELIVERY.c.round).where(_DELIVERY.c.status.in_(FINAL), _DELIVERY.c.in_ledger.is_(False)).distinct()
    with house.store.read() as connection:
        rounds = list(connection.execute(ended.order_by(_DELIVERY.c.round)).scalars())
    return sum(settle(house, slug) for slug in rounds)


def settle(house: House, slug: str) -> int:
    """Enter the outcomes of one round that the ledger does not have yet; gives how many."""
    total = 0
    more = True
    while more:
        entered = _settle_batch(house, slug)
        total += entered
        more = entered == BATCH
    return total


def _settle_batch(house: House, slug: str) -> int:
    with house.store.write() as connection:
        chain = lock_chain(connection, slug)
        outcomes = _outcomes(connection, slug)
        if chain is None or not outcomes:
            return 0
        work = Work(connection, chain, house.clock.now(), house.vault)
        work.actor = Actor(CLOCK, (Role.CLOCK,))
        work.record("deliveries_settled", slug, payload={"outcomes": outcomes})
        work.commit()
        entered = update(_DELIVERY).where(_DELIVERY.c.id == bindparam("mine")).values(in_ledger=True)
        connection.execute(entered, [{"mine": key} for key in outcomes])
    return len(outcomes)


def _outcomes(connection: Connection, slug: str) -> dict[str, str]:
    ended = (_DELIVERY.c.round == slug, _DELIVERY.c.status.in_(FINAL), _DELIVERY.c.in_ledger.is_(False))
    rows = connection.execute(select(_DELIVERY.c.id, _DELIVERY.c.status).where(*ended).order_by(_DELIVERY.c.id).limit(BATCH))
    return {row.id: row.status for row in rows}
