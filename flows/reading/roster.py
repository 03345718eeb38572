"""The roster as it may be shown: every party with its id, persons masked, and what each still owes."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from config.calendar import WorkCalendar
from config.vocabulary import PartyKind, WorkStatus
from flows.bootstrap import App
from flows.reading.naming import PERSONS
from flows.reading.rounds import find_round
from states.candidate import masked
from states.frozen import frozen_programme
from states.parties import in_office
from states.records import Records, table_of
from states.tables import Party, WorkItem

_ITEM = table_of(WorkItem)


@dataclass(frozen=True)
class PartyLine:
    """One party: ``name`` is a unit's, or a person's, masked; ``parent`` the superior's id, "" for none.

    ``in_office`` is said of today; ``open_work`` counts what it owes in the round that was asked about, or in all of them.
    """

    id: str
    kind: PartyKind
    name: str
    parent: str
    in_office: bool
    open_work: int


def roster(app: App, slug: str | None = None) -> tuple[PartyLine, ...]:
    """Give every party of the house, kind by kind and by id. Raises ``NotFound`` for a round that is not there."""
    with app.house.store.read() as connection:
        zone = WorkCalendar().zone.key if slug is None else frozen_programme(find_round(connection, slug).rules).zone
        today = app.house.calendar(zone).local(app.house.clock.now()).date()
        owed = _owed(connection, slug)
        parties = Records(connection).where(Party)
        lines = [_line(party, owed.get(party.id, 0), in_office=in_office(party, today)) for party in parties]
    order = list(PartyKind)
    return tuple(sorted(lines, key=lambda line: (order.index(line.kind), line.id)))


def _owed(connection: Connection, slug: str | None) -> dict[str, int]:
    query = select(_ITEM.c.owner, func.count().label("total")).where(_ITEM.c.status == WorkStatus.OPEN.value).group_by(_ITEM.c.owner)
    query = query if slug is None else query.where(_ITEM.c.round == slug.strip())
    return {row.owner: row.total for row in connection.execute(query)}


def _line(party: Party, owed: int, *, in_office: bool) -> PartyLine:
    kind = PartyKind(party.kind)
    name = masked(party.name) if kind in PERSONS else party.name
    return PartyLine(party.id, kind, name, party.parent or "", in_office, owed)
