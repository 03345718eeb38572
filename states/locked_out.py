"""Who may still act for the office once a roster is in: with nobody left, nobody could ever enter another roster."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Protocol

from config.labels import label
from config.nearest import listed
from config.vocabulary import PartyKind, Role
from states.errors import Refusal
from states.outcome import Skip

if TYPE_CHECKING:
    from collections.abc import Sequence

_OFFICE = label(Role.OFFICE)


class _Party(Protocol):
    """What is asked of a party, whether the house knows it or a roster's line gives it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def roles(self) -> "Sequence[str]": ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


def office_after(entries: Iterable[_Party], known: Mapping[str, _Party], today: date) -> list[str]:
    """Give the ids of the operators who hold the role of the office on a day, once the lines of a roster are in."""
    return sorted(party.id for party in _office(entries, known) if _acts_on(party, today))


def nobody_left(left: list[str]) -> list[Refusal]:
    """Refuse a roster after which nobody holds the role that rosters and every decision need."""
    if left:
        return []
    sentence = f"照此导入，名册里再没有在任的“{_OFFICE}”，以后谁也不能导入名册、办理业务；请至少给一位在任的经办人保留这一角色"
    return [Refusal("nobody-left", sentence)]


def puts_himself_out(operator: str, left: list[str]) -> list[Skip]:
    """Remark on an operator who may not enter the next roster."""
    if operator in left:
        return []
    reason = f"这是本次的经办人自己，导入后不再是在任的“{_OFFICE}”，下次导入名册、办理业务须由 {listed(left)} 来办"
    return [Skip(subject=operator, reason=reason)]


def all_leave(entries: Iterable[_Party], known: Mapping[str, _Party]) -> list[Skip]:
    """Remark on the day after which nobody would be left, where each of the office has a last day."""
    until = [(party.valid_to or date.max, party.id) for party in _office(entries, known)]
    last, who = max(until, key=lambda each: each[0])
    if last == date.max:
        return []
    reason = f"在任的“{_OFFICE}”的失效日期最晚是 {last}，此后谁也不能导入名册、办理业务；请在此之前导入接任的经办人"
    return [Skip(subject=who, reason=reason)]


def _office(entries: Iterable[_Party], known: Mapping[str, _Party]) -> list[_Party]:
    """Give the operators with the role of the office, whenever they hold it, once the lines of a roster are in."""
    parties = {**known, **{entry.id: entry for entry in entries}}
    return [party for party in parties.values() if party.kind == PartyKind.OPERATOR and Role.OFFICE in party.roles]


def _acts_on(party: _Party, day: date) -> bool:
    return (party.valid_from or day) <= day <= (party.valid_to or day)
