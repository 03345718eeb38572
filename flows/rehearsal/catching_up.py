"""What a clock that comes late has still to do, in plain words: one line of what is to come."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from config.calendar import WorkCalendar
from config.labels import label
from config.vocabulary import RoundState, RoundTrigger, Stage
from flows.reading.events import event_label, reminded
from flows.reading.foresight import Foreseen
from states.house import House
from states.machine import MOVES
from states.progress import stage_of
from states.records import Records, table_of
from states.tables import Chain, LedgerEntry, Round

_CHAIN = table_of(Chain)
_MOVED, _REMINDED = "round_moved", "work_item_reminded"
_CONSEQUENCES = {"stage_concluded", "stage_entered", "work_item_opened", "work_item_done", "work_item_dropped", "notice_completed"}
"""What a move brings with it, and does not have to be said beside it."""
_OF_NOMINATIONS = {move.event for move in MOVES}


def head_of(house: House, slug: str) -> int:
    """Give how many entries a round's ledger has."""
    with house.store.read() as connection:
        seq: int = connection.execute(select(_CHAIN.c.seq).where(_CHAIN.c.name == slug)).scalar_one()
        return seq


def caught_up(connection: Connection, row: Round, head: int, began: datetime, calendar: WorkCalendar) -> list[Foreseen]:
    """Give what a round run ahead from ``began`` (aware) did at once, after the entries that it had; nothing where no tick is late.

    ``row`` is the round as it stands.
    """
    later = (entry for entry in Records(connection).where(LedgerEntry, round=row.slug) if entry.seq > head)
    late = [entry for entry in later if datetime.fromisoformat(entry.at) <= began]
    if not late:
        return []
    stage = stage_of(row.state) or Stage.INTAKE
    return [Foreseen(began, calendar.local(began).date(), "catch_up", stage, f"补办：{in_words(late)}", at_once=True)]


def in_words(entries: Iterable[LedgerEntry]) -> str:
    """Say what a tick did: the round's moves, those of nominations with their number, reminders; what these bring with them only alone."""
    ordered = sorted(entries, key=lambda entry: entry.seq)
    said = [*_moves([entry for entry in ordered if entry.event == _MOVED]), *_others(ordered), *_reminders(ordered)]
    return "、".join(said or dict.fromkeys(event_label(entry.event) for entry in ordered))


def _moves(moves: Sequence[LedgerEntry]) -> Iterator[str]:
    for entry in moves:
        trigger = RoundTrigger(json.loads(entry.payload)["trigger"])
        ended = f"“{label(RoundState(entry.source))}”阶段办结"
        yield {RoundTrigger.OPEN: "启动本届", RoundTrigger.CONCLUDE: ended}.get(trigger, label(trigger))
    if moves:
        target = RoundState(moves[-1].target)
        yield "本届结束" if target == RoundState.CLOSED else f"进入“{label(target)}”阶段"


def _others(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    counts = Counter(entry.event for entry in entries if entry.event not in {_MOVED, _REMINDED, *_CONSEQUENCES})
    for event, count in counts.items():
        yield f"{event_label(event)} {count} 份" if event in _OF_NOMINATIONS else event_label(event)


def _reminders(entries: Iterable[LedgerEntry]) -> Iterator[str]:
    fired = (json.loads(entry.payload)["fired"] for entry in entries if entry.event == _REMINDED)
    counts = Counter(name for steps in fired for name in {reminded([step["audience"]]) for step in steps})
    yield from (f"{name} {counts[name]} 项" for name in sorted(counts))
