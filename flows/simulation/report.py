"""What a simulated round came to, as figures: counted from the ledger and the tables, never from the story."""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from config.vocabulary import Audience, DeliveryStatus, NominationState
from states.machine import MOVES
from states.replay import verify
from states.tables import Delivery, LedgerEntry

if TYPE_CHECKING:
    from datetime import datetime

    from flows.simulation.world import World

_MOVED = {move.event for move in MOVES}
_FAILED = (DeliveryStatus.REFUSED_FOR_GOOD, DeliveryStatus.REFUSED_FOR_NOW)


def report(world: "World") -> dict[str, Any]:
    """Give the figures of the round as it stands; instants are in the programme's zone.

    ``transitions`` are moves of nominations; ``reminders`` went to the owners of work, ``escalations`` to anybody else.
    """
    row = world.round
    nominations = world.nominations()
    entries = world.rows(LedgerEntry, round=world.slug)
    steps = _fired(entries)
    states = Counter(each.state for each in nominations)
    verified = verify(world.house.store, world.house.vault)
    return {
        "round": world.slug,
        "opened_at": _local(world, row.opened_at),
        "closed_at": _local(world, row.closed_at),
        "nominations": len(nominations),
        "states": {state.value: states[state.value] for state in NominationState if states[state.value]},
        "certified": [each.number for each in nominations if each.state == NominationState.GOVERNMENT_CERTIFIED],
        "transitions": sum(entry.event in _MOVED for entry in entries),
        "reminders": steps[Audience.OWNER.value],
        "escalations": steps.total() - steps[Audience.OWNER.value],
        "notifications": _deliveries(world),
        "ledger": {"entries": verified.entries, "verified": verified.verified},
        "timeline": [],
        "out": [],
    }


def _fired(entries: list[LedgerEntry]) -> Counter[str]:
    """Count the steps of ladders that fired, by audience."""
    reminded = (json.loads(entry.payload) for entry in entries if entry.event == "work_item_reminded")
    return Counter(step["audience"] for payload in reminded for step in payload["fired"])


def _deliveries(world: "World") -> dict[str, int]:
    ended = Counter(delivery.status for delivery in world.rows(Delivery, round=world.slug))
    failed = sum(ended[status.value] for status in _FAILED)
    return {"sent": ended[DeliveryStatus.SENT.value], "failed": failed, "unknown": ended[DeliveryStatus.UNKNOWN.value]}


def _local(world: "World", instant: "datetime | None") -> str | None:
    return world.calendar.local(instant).isoformat(timespec="seconds") if instant else None
