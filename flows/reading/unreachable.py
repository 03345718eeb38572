"""Whom messages about open work could not reach: found before any reminder is due, out of the roster as it is today."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, String, cast, func, select

from config.programme import Programme
from config.vocabulary import Audience, WorkKind, WorkStatus
from flows.reading.naming import shown
from notifiers.answers import NO_CHANNEL, NO_CONTACT
from notifiers.routes import Sender, is_read
from notifiers.scene import Scene, holds
from states.ladders import work_steps
from states.records import Records, table_of
from states.tables import Contact, Party, WorkItem

NOT_IN_OFFICE = "不在任，没有人收"
UNREACHED = "催办和升级送不到"
IN_A_FILE = "催办和升级只写成文件（outbox/mail），须有人转交"
"""What it means for somebody in office without a usable address: nothing comes, or, where a channel writes files, one does."""
ADD_A_CHANNEL = "有地址而没有渠道能送到的，请在 channels.yaml 里添上能送到的渠道"
_ITEM = table_of(WorkItem)


@dataclass(frozen=True)
class Unreachable:
    """A party that is to be told of open work and has no usable address today: ``name`` is a unit's, or a person's, masked.

    ``owed`` counts the open items that it owes, ``overseen`` those of others of which it would be told if they were late;
    ``due_day`` is the earliest of them, ``why`` the reason in Chinese.
    """

    party: str
    name: str
    why: str
    owed: int
    overseen: int
    due_day: date


def unreachable(connection: Connection, slug: str, programme: Programme, sender: Sender, today: date) -> tuple[Unreachable, ...]:
    """Give those whom reminders and escalations of a round's open work could not reach, the earliest due day first.

    The database counts the open work by owner and kind, and roster and contacts are read once: the cost follows the
    parties, not the items. ``today`` is a day of the round's zone.
    """
    roster = _Roster(Records(connection), slug, sender, today)
    found: dict[str, Unreachable] = {}
    for row in _open_work(connection, slug):
        # Who owes and is told above as well is counted once, as who owes.
        told = dict.fromkeys(_told_above(roster, row, programme), (0, row.total)) | dict.fromkeys(roster.heads(row.owner), (row.total, 0))
        for party, (owed, overseen) in told.items():
            if why := roster.why_not(party):
                before = found.get(party) or Unreachable(party, roster.name(party), why, 0, 0, row.due_day)
                day = min(before.due_day, row.due_day)
                found[party] = Unreachable(party, before.name, why, before.owed + owed, before.overseen + overseen, day)
    return tuple(sorted(found.values(), key=lambda each: (each.due_day, each.party)))


def _open_work(connection: Connection, slug: str) -> Iterator[Row[Any]]:
    alike = (_ITEM.c.owner, _ITEM.c.kind, cast(_ITEM.c.steps_done, String).label("steps"))
    counted = select(*alike, func.count().label("total"), func.min(_ITEM.c.due_day).label("due_day"))
    query = counted.where(_ITEM.c.round == slug, _ITEM.c.status == WorkStatus.OPEN.value).group_by(*alike)
    yield from connection.execute(query)


def _told_above(roster: "_Roster", row: Row[Any], programme: Programme) -> Iterator[str]:
    """Give whom the steps of a ladder that are still to come speak to, beside the owner."""
    done = set(json.loads(row.steps))
    for step in work_steps(programme, WorkKind(row.kind)):
        if step.key not in done:
            yield from roster.spoken_to(step.audience, row.owner)


class _Roster:
    """Who stands for whom today, and who can be reached; parties and contacts are read once."""

    def __init__(self, records: Records, slug: str, sender: Sender, today: date) -> None:
        self._scene = Scene(records, slug, today)
        self._parties = {party.id: party for party in records.where(Party)}
        contacts = [row for row in records.where(Contact) if holds(row, today)]
        self._addressed = {row.party for row in contacts}
        self._read = {row.party for row in contacts if is_read(row, sender)}
        self._above: dict[str, list[str]] = {}

    def name(self, party: str) -> str:
        return shown(self._parties[party])

    def heads(self, owner: str) -> list[str]:
        """Give whoever is told in an owner's place; the owner itself where nobody in office stands for it."""
        return self._scene.heads(owner) or [owner]

    def spoken_to(self, audience: Audience, owner: str) -> list[str]:
        if audience == Audience.OWNER:
            return []
        if audience == Audience.SUPERIOR:
            if owner not in self._above:
                self._above[owner] = self._scene.above(owner)
            return self._above[owner]
        return self._scene.office() if audience == Audience.DISTRICT_OFFICE else self._scene.leading_group()

    def why_not(self, party: str) -> str:
        """Say why messages to a party, or to the deputy who reads for it, reach nobody; "" where they do."""
        row = self._parties[party]
        line = self._scene.line(row)
        if any(each.id in self._read for each in line):
            return ""
        if row not in line:
            return NOT_IN_OFFICE
        return NO_CHANNEL if any(each.id in self._addressed for each in line) else NO_CONTACT
