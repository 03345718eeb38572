"""How parties are found and shown outside the vault: units by name, persons masked with their id."""

from sqlalchemy import Connection

from config.vocabulary import PartyKind
from flows.reading.rounds import not_found
from states.candidate import masked
from states.records import Records
from states.tables import Party

PERSONS = (PartyKind.EXPERT, PartyKind.LEADING_GROUP_MEMBER, PartyKind.OPERATOR)


def find_party(connection: Connection, party: str) -> Party:
    """Find a party by its id. Raises ``NotFound`` with near ids."""
    found = Records(connection).get(Party, party.strip())
    if found is None:
        raise not_found("编号", party.strip(), [each.id for each in Records(connection).where(Party)])
    return found


class Names:
    """Gives the shown name of each party by id: ``滨江区长河街道总工会``, ``王*（ZJ01）``."""

    def __init__(self, connection: Connection) -> None:
        self._shown = {party.id: shown(party) for party in Records(connection).where(Party)}

    def of(self, party: str) -> str:
        """Give the shown name of a party; an id that nobody has is given back as it is."""
        return self._shown.get(party, party)


def shown(party: Party) -> str:
    """Show one party."""
    return f"{masked(party.name)}（{party.id}）" if party.kind in PERSONS else party.name
