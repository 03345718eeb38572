"""Recommending units: found by their tidied names, and taken from a workbook only where the house knows no roster of them."""

import re
import unicodedata
from typing import TYPE_CHECKING

from config.labels import label
from config.nearest import nearest
from config.vocabulary import RECOMMENDING_KINDS, PartyKind
from states.candidate import Candidate
from states.commands.roster import write_contacts
from states.obligations import OFFICE, body_party
from states.tables import Party

if TYPE_CHECKING:
    from states.work import Work

_PEOPLE = (PartyKind.EXPERT, PartyKind.LEADING_GROUP_MEMBER, PartyKind.OPERATOR)
_UNITS = tuple(kind.value for kind in PartyKind if kind not in _PEOPLE)
_MADE_HERE = re.compile(r".+-unit-\d{6,}")
_LIKELY = 0.5


def tidied(text: str) -> str:
    """Give a text as it is compared: full-width forms made plain, and without any space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class Units:
    """The units that the house knows while one command runs, and those that the command registers itself."""

    def __init__(self, work: "Work") -> None:
        self._work = work
        self._by_name: dict[str, list[Party]] = {}
        self._listed: dict[str, str] = {}
        for unit in work.records.where(Party, kind=_UNITS):
            self._by_name.setdefault(tidied(unit.name), []).append(unit)
            if unit.kind in RECOMMENDING_KINDS and not _MADE_HERE.fullmatch(unit.id):
                self._listed[tidied(unit.name)] = unit.name

    def find(self, candidate: Candidate) -> Party | None:
        """Find the recommending unit by name and kind; one of the very same spelling goes before one of the tidied name."""
        fitting = [unit for unit in self._named(candidate) if unit.kind == candidate.unit_kind]
        return next((unit for unit in fitting if unit.name == candidate.unit), fitting[0] if fitting else None)

    def why_not(self, candidate: Candidate) -> str:
        """Say why a unit may not recommend here; "" where it may. An unknown name is never repeated, near ones are (notice, N18).

        A unit from outside the roster would stand directly below the office and jump over every layer between.
        """
        if self.find(candidate) is not None:
            return ""
        if named := self._named(candidate):
            return f"名册中该推荐单位的类别是“{label(PartyKind(named[0].kind))}”，与本行所填不同"
        if not self._listed:
            return ""
        names = "、".join(f"“{each}”" for each in nearest(candidate.unit, self._listed.values(), likely=_LIKELY))
        return f"名册中没有这个推荐单位{f'，是否应为{names}' if names else ''}；请照名册填写全称，或先把该单位列入名册（N18）"

    def enter(self, candidate: Candidate) -> str:
        """Give the id of the candidate's unit; in a house without a roster of units it is registered under the office."""
        known = self.find(candidate)
        return self._register(candidate) if known is None else known.id

    def _named(self, candidate: Candidate) -> list[Party]:
        return self._by_name.get(tidied(candidate.unit), [])

    def _register(self, candidate: Candidate) -> str:
        unit = f"{self._work.round.slug}-unit-{self._work.seq + 1:06d}"
        recorder = self._work.record("party_registered", unit)
        parent = body_party(self._work, OFFICE)
        party = recorder.insert(Party, id=unit, kind=candidate.unit_kind.value, name=candidate.unit, parent=parent)
        contacts = {channel: address for channel, address in (("mail", candidate.email), ("phone", candidate.phone)) if address}
        write_contacts(self._work, recorder, unit, contacts, candidate.contact)
        self._by_name.setdefault(tidied(candidate.unit), []).append(party)
        return unit
