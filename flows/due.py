"""When the tick of a round will next find something to do, as far as the clock alone decides it."""

from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy import bindparam, func, select

from config.vocabulary import NominationState, RoundState, Stage, WorkStatus
from states.frozen import frozen_programme
from states.house import House
from states.records import Records, table_of
from states.tables import Nomination, NoticeBatch, Round, StageClock, WorkItem

_ITEM, _NOMINATION, _BATCH, _CLOCK = (table_of(kind) for kind in (WorkItem, Nomination, NoticeBatch, StageClock))
_SOUGHT = (
    (_ITEM.c.next_step_at, _ITEM.c.status == WorkStatus.OPEN.value),
    (_NOMINATION.c.correction_due_at, _NOMINATION.c.state == NominationState.RETURNED.value),
    (_BATCH.c.ends_at, _BATCH.c.completed_at.is_(None)),
    (_CLOCK.c.due_at, (_CLOCK.c.stage == Stage.INTAKE.value) & _CLOCK.c.concluded_at.is_(None)),
)
"""What falls due, and while what."""
_FIRST = [select(func.min(at)).where(at.table.c.round == bindparam("slug"), running, at > bindparam("after")) for at, running in _SOUGHT]
_ENDED = (RoundState.CLOSED.value, RoundState.CANCELLED.value)


def next_due(house: House, slug: str, after: datetime) -> datetime | None:
    """Give the first instant (UTC) after an aware one at which something falls due; None in a round on hold or at its end."""
    with house.store.read() as connection:
        row = Records(connection).get(Round, slug)
        if row is None or row.held or row.state in _ENDED:
            return None
        found = [connection.execute(query, {"slug": slug, "after": after}).scalar_one() for query in _FIRST]
    if row.state == RoundState.PLANNED:
        opens = house.calendar(frozen_programme(row.rules).zone).at_hour(row.opens_on, time())
        found.append(opens if opens > after else None)
    return earliest(found)


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """Give the first of some instants; None where there is none."""
    return min((at for at in instants if at is not None), default=None)
