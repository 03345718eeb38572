"""Who and what there is at the moment somebody is to be told: parties in office, owners, units, contacts."""

import json
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from config.vocabulary import PartyKind, Role
from states.candidate import masked
from states.parties import in_office
from states.records import Records, table_of
from states.tables import Contact, LedgerEntry, Nomination, NoticeBatch, Notification, Party, Round, StageClock, WorkItem

PEOPLE = frozenset({PartyKind.EXPERT, PartyKind.LEADING_GROUP_MEMBER, PartyKind.OPERATOR})
"""Kinds of party whose name is a person's."""


class Scene:
    """One round as its messages see it on a day of the programme's zone; parties are read once.

    ``waiting`` are deliveries out of which what is overtaken will be withdrawn; none but in a preview, for it is withdrawn first.
    """

    def __init__(self, records: Records, slug: str, today: date) -> None:
        self.records = records
        self.slug = slug
        self.today = today
        self._of_kind: dict[PartyKind, list[Party]] = {}
        self._reached: dict[str, bool] = {}
        self._entries: dict[int, tuple[str, dict[str, Any]]] | None = None
        self.waiting: frozenset[str] = frozenset()

    @property
    def round(self) -> Round | None:
        """The round, or None on the house's own chain."""
        return self.records.get(Round, self.slug)

    def entries(self, events: Collection[str]) -> dict[int, tuple[str, dict[str, Any]]]:
        """Give event and payload of the round's ledger entries of some events, always the same ones, by number; read once."""
        if self._entries is None:
            column = table_of(LedgerEntry).c
            rows = self.records.matching(LedgerEntry, column.round == self.slug, column.event.in_(events))
            self._entries = {row.seq: (row.event, json.loads(row.payload)) for row in rows}
        return self._entries

    def notified(self, recipient: str, kinds: Collection[str]) -> list[Notification]:
        """Give what a recipient was to be told of some kinds in this round."""
        return self.records.where(Notification, round=self.slug, recipient=recipient, kind=list(kinds))

    def party(self, party: str | None) -> Party | None:
        """Give a party, or None."""
        return self.records.get(Party, party) if party else None

    def of_kind(self, kind: PartyKind) -> list[Party]:
        """Give the parties of a kind that are in office, by id."""
        if kind not in self._of_kind:
            known = self.records.where(Party, kind=kind.value)
            self._of_kind[kind] = [party for party in known if self.in_office(party)]
        return self._of_kind[kind]

    def in_office(self, party: Party | None) -> bool:
        """Say whether a party is there and in office today, first and last day included."""
        return party is not None and in_office(party, self.today)

    def reader(self, party: Party, reachable: Callable[[Party], bool] | None = None) -> Party:
        """Give whoever reads what is for a party today: its deputy in office while the deputy's days last, else the party.

        A deputy's own deputy is followed too. Whoever is not ``reachable`` (by default: has no address today) is passed
        over, for the message would reach nobody; where the line runs in a circle, or nobody in it can be reached, the
        party reads it.
        """
        return next((each for each in self._deputies(party) if (reachable or self._addressed)(each)), party)

    def stands(self, party: Party) -> bool:
        """Say whether somebody reads what is for a party today: itself, or a deputy in office where it has left."""
        return bool(self.line(party))

    def line(self, party: Party) -> list[Party]:
        """Give everybody in office who may read what is for a party today: its deputies, the first to be asked first, then itself."""
        return [*self._deputies(party), *([party] if self.in_office(party) else [])]

    def _deputies(self, party: Party) -> list[Party]:
        """Give the deputies in office who read for a party, the first to be asked first; none where the line runs in a circle."""
        line = [party]
        while (deputy := self._deputy(line[-1])) is not None:
            if deputy in line:
                return []
            line.append(deputy)
        return line[:0:-1]

    def _addressed(self, party: Party) -> bool:
        return any(holds(row, self.today) for row in self.records.where(Contact, party=party.id))

    def _deputy(self, party: Party) -> Party | None:
        away = party.deputy and (not party.deputy_from or party.deputy_from <= self.today)
        if not away or (party.deputy_to and party.deputy_to < self.today):
            return None
        deputy = self.party(party.deputy)
        return deputy if self.in_office(deputy) else None

    def nomination(self, number: str) -> Nomination | None:
        """Give a nomination, or None."""
        return self.records.get(Nomination, number)

    def item(self, item: str) -> WorkItem | None:
        """Give a work item, or None."""
        return self.records.get(WorkItem, item)

    def running_clock(self) -> StageClock | None:
        """Give the clock of the stage that the round is in; None before the first and after the last."""
        state = self.round.state if self.round else ""
        return self.records.get(StageClock, self.slug, state)

    def batch(self, batch: str) -> NoticeBatch | None:
        """Give a notice batch, or None."""
        return self.records.get(NoticeBatch, batch)

    def reached(self, party: str) -> bool:
        """Say whether a party, or the deputy who reads for it, has an address that holds today."""
        if party not in self._reached:
            known = self.party(party)
            self._reached[party] = known is not None and self._addressed(self.reader(known))
        return self._reached[party]

    def heads(self, party: str | None) -> list[str]:
        """Give who stands for a party: a body is its people, whoever has left without a deputy is nobody."""
        found = self.party(party)
        if found is None:
            return []
        if found.kind == PartyKind.LEADING_GROUP:
            return self.leading_group()
        if found.kind == PartyKind.DISTRICT_OFFICE:
            return self.office()
        return [found.id] if self.stands(found) else []

    def office(self) -> list[str]:
        """Give the office; its operators where the office itself has no address and they have."""
        offices = [party.id for party in self.of_kind(PartyKind.DISTRICT_OFFICE)]
        if any(self.reached(party) for party in offices):
            return [party for party in offices if self.reached(party)]
        people = [party.id for party in self.of_kind(PartyKind.OPERATOR) if Role.OFFICE.value in party.roles and self.reached(party.id)]
        return people or offices

    def leading_group(self) -> list[str]:
        """Give the leading group's members in office; the office where there is none."""
        return [party.id for party in self.of_kind(PartyKind.LEADING_GROUP_MEMBER)] or self.office()

    def above(self, party: str) -> list[str]:
        """Give the nearest superior in office, the office at the top; above the office stands the leading group."""
        below = self.party(party)
        if below is not None and below.kind == PartyKind.DISTRICT_OFFICE:
            return self.leading_group()
        superior = self.party(below.parent) if below else None
        while superior is not None and not self.in_office(superior):
            superior = self.party(superior.parent)
        return self.heads(superior.id) if superior else self.office()

    def all_heads(self, parties: Iterable[str]) -> list[str]:
        """Give who stands for many parties, each once, in order."""
        return list(dict.fromkeys(head for party in parties for head in self.heads(party)))


def holds(contact: Contact, today: date) -> bool:
    """Say whether an address holds today, first and last day included."""
    return (not contact.valid_from or contact.valid_from <= today) and (not contact.valid_to or today <= contact.valid_to)


def address_class(channel: str) -> str:
    """Give what a contact's address is for: a second mailbox (``mail-2``) is a mailbox."""
    return channel.partition("-")[0]


def shown(party: Party) -> str:
    """Give a party for anything outside the vault: a unit's name, or a person's id and masked name."""
    return f"{party.id} {masked(party.name)}" if party.kind in PEOPLE else party.name
