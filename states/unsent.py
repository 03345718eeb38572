"""Steps of ladders that were fired and told nobody yet: where their due time or their owner changes, they are to come again.

A step is recorded when it fires, and its message then waits for its turn: for the morning, for a superior's one digest a
day, for a channel that rests. Where the due time moves meanwhile, such a step is not sent, so it moves too: its message is
overtaken, and it fires anew at its moved time; an escalation that some have heard, of work that is in time again, fires anew for
the others. So does a step to anybody but the owner where another owner takes over: it
fires anew for whoever is above that one. What has left, in part too, or is in a living deliverer's hands, was sent and
stays so.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from functools import cached_property
from typing import Any

from sqlalchemy import and_, or_, select

from config.vocabulary import Audience, DeliveryStatus
from states.cursors import NOTIFICATIONS
from states.records import table_of
from states.tables import Delivery, LedgerEntry, Notification, WorkItem
from states.work import Recorder, Work

OVERTAKEN = "overtaken"
"""In a notification's context: its due time moved, or another took the work over, before it could leave."""
REMINDED = "work_item_reminded"

_WAITING = (DeliveryStatus.QUEUED.value, DeliveryStatus.REFUSED_FOR_NOW.value)
_DELIVERY, _ENTRY, _NOTIFICATION = table_of(Delivery), table_of(LedgerEntry), table_of(Notification)


class Unsent:
    """What waits in a round; read when it is first asked for, and from then on none of it leaves before the work ends."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._slug = work.round.slug

    def take_back(
        self, recorder: Recorder, item: WorkItem, audiences: Collection[Audience] = tuple(Audience), *, in_time: bool = False
    ) -> bool:
        """Let the steps of a work item that told nobody yet fire anew, with those that they spoke for; says whether there are any.

        Their messages are overtaken, and the entry names them. Where the item is ``in_time`` again, nobody may hear any more that
        it was late: so an escalation that some have heard fires anew for the others, too.
        """
        known = self._keys[item.id] | (self._half_told[item.id] if in_time else {})
        keys = [key for key in item.steps_done if known.get(key) in audiences]
        for row in self._waiting[item.id]:
            if set(row.context["steps"]) <= set(keys):
                self._work.records.set(Notification, row, {"context": {**row.context, OVERTAKEN: True}})
        if keys:
            recorder.entry.payload.setdefault("taken_back", {})[item.id] = keys
            recorder.update(WorkItem, item, steps_done=[key for key in item.steps_done if key not in keys])
        return bool(keys)

    @cached_property
    def _read(self) -> int:
        """How far messages were made; none is made or put into a delivery from now on. What fired after it can have told nobody."""
        return self._work.read_by(NOTIFICATIONS)

    @cached_property
    def _waiting(self) -> dict[str, list[Notification]]:
        """What is in no delivery yet, or in one that nobody has taken up, by work item; where two meet, the deliverer comes first."""
        mine = select(_NOTIFICATION.c.delivery).where(_NOTIFICATION.c.round == self._slug, _NOTIFICATION.c.delivery.is_not(None))
        dropped = and_(_DELIVERY.c.status == DeliveryStatus.CLAIMED.value, _DELIVERY.c.lease_until <= self._work.now)
        waiting = (or_(_DELIVERY.c.status.in_(_WAITING), dropped), _DELIVERY.c.id.in_(mine))
        rows = self._work.records.matching(Delivery, *waiting, held=True)
        held = [each for each in rows if each.rest is None]  # of the others the first parts have arrived: they were sent
        for each in held:
            if each.status == DeliveryStatus.CLAIMED.value:  # whoever let the lease run out must not come back to it
                self._work.records.set(Delivery, each, {"status": DeliveryStatus.QUEUED.value, "lease_until": None})
        here = or_(_NOTIFICATION.c.delivery.is_(None), _NOTIFICATION.c.delivery.in_([each.id for each in held]))
        found: dict[str, list[Notification]] = defaultdict(list)
        for row in self._work.records.matching(Notification, _NOTIFICATION.c.round == self._slug, here):
            if row.context.get("steps") and OVERTAKEN not in row.context:
                found[row.context["item"]].append(row)
        return found

    @property
    def _keys(self) -> dict[str, dict[str, str]]:
        """The steps by work item of which nobody was told, and those that are covered by one of them; each with its audience."""
        return self._found[0]

    @property
    def _half_told(self) -> dict[str, dict[str, str]]:
        """The same of escalations of which somebody was told while others still wait to be."""
        return self._found[1]

    @cached_property
    def _found(self) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
        untold: dict[str, dict[str, str]] = defaultdict(dict)
        half_told: dict[str, dict[str, str]] = defaultdict(dict)
        read, sent, waiting = self._read, self._sent(), self._waiting_steps
        for seq, payload in self._fired(read, {int(cause.rpartition(":")[2]) for cause in sent}):
            cause = f"{self._slug}:{seq}"
            gone = sent.get(cause, set())
            late = {step["key"] for step in payload["fired"] if step["audience"] != Audience.OWNER}
            untold[payload["item"]] |= _with_covered(payload, {step["key"] for step in payload["fired"]} - gone)
            half_told[payload["item"]] |= _with_covered(payload, gone & waiting[cause] & late)
        return untold, half_told

    @cached_property
    def _waiting_steps(self) -> dict[str, set[str]]:
        """Give the steps that wait to be told to somebody, by what caused them."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in (each for rows in self._waiting.values() for each in rows):
            found[row.cause] |= set(row.context["steps"])
        return found

    def _sent(self) -> dict[str, set[str]]:
        """Give what was told of by each cause that still has something waiting."""
        waiting = {row.key: row.cause for rows in self._waiting.values() for row in rows}
        causes = {cause: set[str]() for cause in waiting.values()}
        rows = self._work.records.matching(Notification, _NOTIFICATION.c.round == self._slug, _NOTIFICATION.c.cause.in_(causes))
        for row in rows:
            causes[row.cause] |= set() if row.key in waiting else set(row.context.get("steps", ()))
        return causes

    def _fired(self, read: int, seqs: Collection[int]) -> list[tuple[int, dict[str, Any]]]:
        """Give the entries of steps that fired: those numbered, and those of which no message was made yet."""
        here = (_ENTRY.c.round == self._slug, _ENTRY.c.event == REMINDED)
        rows = self._work.records.matching(LedgerEntry, *here, or_(_ENTRY.c.seq > read, _ENTRY.c.seq.in_(seqs)))
        return [(row.seq, json.loads(row.payload)) for row in rows]


def _with_covered(payload: dict[str, Any], keys: Collection[str]) -> dict[str, str]:
    """Give some steps that fired, and those that they spoke for, each with its audience."""
    fired = {step["key"]: step["audience"] for step in payload["fired"] if step["key"] in keys}
    return fired | {each["key"]: fired[each["by"]] for each in payload["covered"] if each["by"] in fired}
