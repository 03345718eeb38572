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
from states.parties import in_office
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
        self._listed: list[Party] = []
        for unit in work.records.where(Party, kind=_UNITS):
            self._by_name.setdefault(tidied(unit.name), []).append(unit)
            if unit.kind in RECOMMENDING_KINDS and not _MADE_HERE.fullmatch(unit.id):
                self._listed.append(unit)

    def find(self, candidate: Candidate) -> Party | None:
        """Find the recommending unit by name and kind: one in office first, then one of the very same spelling."""
        fitting = [unit for unit in self._named(candidate) if unit.kind == candidate.unit_kind]
        return min(fitting, key=lambda unit: (not self._in_office(unit), unit.name != candidate.unit), default=None)

    def why_not(self, candidate: Candidate) -> str:
        """Say why a unit may not recommend here; "" where it may. An unknown name is never repeated, near ones are (notice, N18).

        A unit from outside the roster would stand directly below the office and jump over every layer between.
        """
        if (found := self.find(candidate)) is not None:
            return "" if self._in_office(found) else self._not_now(found)
        if named := self._named(candidate):
            return f"名册中该推荐单位的类别是“{label(PartyKind(named[0].kind))}”，与本行所填不同"
        if not self._listed:
            return ""
        listed = [unit.name for unit in self._listed if self._in_office(unit)]
        names = "、".join(f"“{each}”" for each in nearest(candidate.unit, listed, likely=_LIKELY))
        return f"名册中没有这个推荐单位{f'，是否应为{names}' if names else ''}；请照名册填写全称，或先把该单位列入名册（N18）"

    def enter(self, candidate: Candidate) -> str:
        """Give the id of the candidate's unit; in a house without a roster of units it is registered under the office."""
        known = self.find(candidate)
        return self._register(candidate) if known is None else known.id

    def _in_office(self, unit: Party) -> bool:
        return in_office(unit, self._work.today)

    def _not_now(self, unit: Party) -> str:
        """Say since when a unit of the roster may not recommend any more, or from when it may."""
        if unit.valid_from and self._work.today < unit.valid_from:
            return f"按名册，该推荐单位自 {unit.valid_from} 起才能推荐；请到时再报送，或先在名册里改正生效日期（N18）"
        return f"按名册，该推荐单位已于 {unit.valid_to} 期满，不能再推荐；请改填接替它的单位，或先在名册里改正失效日期（N18）"

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
