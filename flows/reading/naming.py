"""How parties are found and shown outside the vault: units by name, persons masked with their id."""

from datetime import date

from sqlalchemy import Connection

from config.nearest import nearest
from config.programme import Programme
from config.vocabulary import PartyKind
from flows.reading.rounds import NotFound
from states.candidate import masked
from states.parties import in_office
from states.records import Records
from states.tables import Party

_MOST = 5
PERSONS = (PartyKind.EXPERT, PartyKind.LEADING_GROUP_MEMBER, PartyKind.OPERATOR)


def party_meant(connection: Connection, text: str) -> Party:
    """Find a party by its id, its name, a person's masked name, or a part of a unit's name, as people write them.

    Raises ``NotFound`` with what is nearest, or, where several are meant, with all of these.
    """
    wanted = text.strip()
    parties = Records(connection).where(Party)
    for found in (_by_id(parties, wanted), _by_name(parties, wanted), _by_part(parties, wanted)):
        if len(found) == 1:
            return found[0]
        if found:
            several = "、".join(f"{each.id}（{masked_name(each)}）" for each in found[:_MOST])
            more = f" 等 {len(found)} 个" if len(found) > _MOST else ""
            raise NotFound(f"“{wanted}”可以指几方：{several}{more}；请写编号。", [each.id for each in found])
    near = nearest(wanted, [*(each.id for each in parties), *(each.name for each in parties if each.kind not in PERSONS)])
    said = f"最接近的是{'、'.join(f'“{each}”' for each in near)}" if near else "编号和名称可用 hallmark roster 查看"
    raise NotFound(f"没有收件方“{wanted}”；{said}。", near)


def _by_id(parties: list[Party], wanted: str) -> list[Party]:
    exact = [party for party in parties if party.id == wanted]
    return exact or [party for party in parties if party.id.casefold() == wanted.casefold()]


def _by_name(parties: list[Party], wanted: str) -> list[Party]:
    return [party for party in parties if wanted in (party.name, masked_name(party), shown(party))]


def _by_part(parties: list[Party], wanted: str) -> list[Party]:
    """Give the units in whose name a text stands; a person is named in full, or masked."""
    return [party for party in parties if wanted and party.kind not in PERSONS and wanted in party.name]


class Names:
    """Gives the shown name of each party by id: ``滨江区长河街道总工会``, ``王*（ZJ01）``."""

    def __init__(self, connection: Connection) -> None:
        self._parties = {party.id: party for party in Records(connection).where(Party)}
        self._shown = {party.id: shown(party) for party in self._parties.values()}

    def of(self, party: str) -> str:
        """Give the shown name of a party; an id that nobody has is given back as it is."""
        return self._shown.get(party, party)

    def above(self, party: str, day: date) -> str:
        """Name whoever stands above a party on a day: its nearest superior in office; the office, and above that the leading group."""
        row = self._parties.get(party)
        if row is not None and row.kind == PartyKind.DISTRICT_OFFICE:
            return self.body(PartyKind.LEADING_GROUP)
        while (row := self._parties.get(row.parent or "") if row else None) is not None:
            if in_office(row, day):
                return self.of(row.id)
        return self.body(PartyKind.DISTRICT_OFFICE)

    def body(self, kind: PartyKind) -> str:
        """Name the one that owes what a body owes; "" where the roster has none."""
        return next((party.name for party in self._parties.values() if party.kind == kind), "")

    def named(self, programme: Programme) -> Programme:
        """Give a programme whose bodies are called as they are in the roster."""
        bodies = programme.bodies
        called = {
            "office": self.body(PartyKind.DISTRICT_OFFICE) or bodies.office,
            "leading_group": self.body(PartyKind.LEADING_GROUP) or bodies.leading_group,
            "government": self.body(PartyKind.GOVERNMENT) or bodies.government,
        }
        return programme.model_copy(update={"bodies": bodies.model_copy(update=called)})


def shown(party: Party) -> str:
    """Show one party."""
    return f"{masked(party.name)}（{party.id}）" if party.kind in PERSONS else party.name


def masked_name(party: Party) -> str:
    """Give a unit's name, and a person's masked."""
    return masked(party.name) if party.kind in PERSONS else party.name
