"""What each layer of a nomination has said, where the roster has put another unit in a layer's place since (notice, N18)."""

from collections.abc import Iterable, Sequence

from config.vocabulary import WorkKind
from states.parties import in_office
from states.tables import Endorsement, Party, WorkItem
from states.work import Work


def said_by(work: Work, path: Sequence[Party], rows: Iterable[Endorsement]) -> dict[str, bool]:
    """Give what today's layers said of one nomination, by unit: their own opinion, else the yes of a unit that was merged away.

    A yes counts for whoever stands in the very place of a unit that has left office.
    """
    given = {row.unit: row for row in rows}
    said = {unit.id: given[unit.id].agrees for unit in path if unit.id in given}
    layers = {unit.id for unit in path}
    gone = {row.layer: row for row in given.values() if row.agrees and row.unit not in layers and _left(work, row.unit)}
    for place, unit in enumerate(path, start=1):
        if place in gone and unit.id not in said and stands_for(work, unit.id, gone[place]):
            said[unit.id] = True
    return said


def stands_for(work: Work, unit: str, said: Endorsement) -> bool:
    """Say whether a unit may stand by what another said: not where it has a say of its own.

    That has a unit that was ever asked itself, and one above the other: absorbing the layer below it takes nothing from it.
    """
    asked = work.records.where(WorkItem, subject=said.nomination, kind=WorkKind.ENDORSEMENT.value, owner=unit)
    return not asked and unit not in _above(work, said.unit)


def _above(work: Work, unit: str) -> set[str]:
    above: set[str] = set()
    party = work.party(unit)
    while party is not None and party.parent and party.parent not in above:
        above.add(party.parent)
        party = work.party(party.parent)
    return above


def _left(work: Work, unit: str) -> bool:
    party = work.party(unit)
    return party is None or not in_office(party, work.today)
