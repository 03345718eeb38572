"""The history of one round, told under any schedule of ticks, and what must come of it whatever the schedule was."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.vocabulary import WorkKind
from notifiers.delivery import deliver
from notifiers.digest import queue
from notifiers.happenings import from_ledger
from notifiers.messages import told
from notifiers.outbox import notify, scene_of
from notifiers.recipients import recipients
from states.clock import SeededChance
from states.commands.tick import Tick
from states.frozen import frozen_programme
from states.house import House
from states.ladders import step_times, work_steps
from states.records import Records
from states.replay import verify
from states.store import Store
from states.tables import Delivery, LedgerEntry, Nomination, Notification, Round, StageClock, WorkItem
from states.vault import Vault
from tests.notifiers.rounds import Post
from tests.states.builders import Story
from tests.states.figures import SLUG
from tests.states.history import FIRST, GAPS, HISTORY, LAST, gap_ends, prepared

Schedule = Sequence[Sequence[tuple[datetime, bool]]]
"""For each gap of the history the instants at which it ticks, in that order, and whether messages are sent then."""
Spoken = Counter[tuple[str, str]]
_UNDONE_BY = {"round_held": "round_released", "round_released": "round_held", "deadline_extended": "deadline_brought_back"}
"""What is decided, and told unless it is undone before it could be."""


class HandClock:
    """A clock that is set by hand, back too."""

    def __init__(self, at: datetime) -> None:
        self.at = self.latest = at

    def now(self) -> datetime:
        self.latest = max(self.latest, self.at)
        return self.at


@dataclass
class Telling:
    """The history in one house, as far as it was told."""

    url: str
    seed: int = 8

    def __post_init__(self) -> None:
        self.clock, chance = HandClock(FIRST), SeededChance(self.seed)
        self.story = Story(Store(self.url))
        self.story.vault = Vault(SeededChance(7).token(32), chance)  # the story's own key, and salts that it has not used
        self.house = self.story.house = House(self.story.store, self.clock, chance, self.story.vault, recipients)
        self.post = Post()
        self.story.runs = self.seed * 1_000_000

    def act(self, gap: int) -> None:
        """Do what ends a gap; nothing ends the last."""
        if gap < len(HISTORY):
            self.clock.at = HISTORY[gap].at
            HISTORY[gap].do(self.story)

    def tick(self, at: datetime) -> None:
        self.clock.at = at
        self.story.send(Tick(round=SLUG))

    def tell(self) -> None:
        """Turn entries into notifications and these into messages, and send what may leave."""
        self.gather()
        deliver(self.house, self.post, f"postman {self.seed}")

    def gather(self) -> None:
        """Turn entries into notifications and these into messages; nothing leaves."""
        notify(self.house)
        queue(self.house)

    def end(self) -> None:
        """The one tick after everything, and the last messages: whoever was complained to on a day hears the rest on the next."""
        self.tick(LAST)
        for days in range(3):
            self.clock.at = LAST + timedelta(days=days)
            self.tell()

    # --- what must hold

    def owed(self) -> list[tuple[str, str]]:
        """Give every step of an open work item that has come, after the item was opened, and of which nothing is recorded.

        Nothing is owed on hold, nor by a clock that was set back: what was put off till later than it shows comes then.
        """
        if self.story.row(Round).held or self.clock.at < self.clock.latest:
            return []
        return [
            (item.id, timed.step.key)
            for item in self.story.rows(WorkItem, status="open")
            for timed in self._ladder(item)
            if item.opened_at < timed.at <= self.clock.at and timed.step.key not in item.steps_done
        ]

    def _ladder(self, item: WorkItem) -> list[Any]:
        programme = frozen_programme(self.story.row(Round).rules)
        calendar = self.house.calendar(programme.zone)
        return step_times(item.due_day, work_steps(programme, WorkKind(item.kind)), calendar, programme.messages.hour)

    def spoken(self) -> tuple[Spoken, Spoken]:
        """Count the ledger's entries for each step that fired, and for each that was covered, by item and key."""
        fired, covered = Spoken(), Spoken()
        for entry in self.story.entries(round=SLUG, event="work_item_reminded"):
            payload = json.loads(entry.payload)
            fired.update((payload["item"], each["key"]) for each in payload["fired"])
            covered.update((payload["item"], each["key"]) for each in payload["covered"])
        return fired, covered

    def taken_back(self) -> Spoken:
        """Count the ledger's entries for each step that was to fire anew: its due time or its owner changed before its message left."""
        payloads = [json.loads(entry.payload) for entry in self.story.entries(round=SLUG)]
        items = [(item, key) for payload in payloads for item, keys in payload.get("taken_back", {}).items() for key in keys]
        return Spoken(items)

    def check(self) -> None:
        """Hold the end against the promises: every step fired or covered, none twice, none lost; told once; the ledger verifies."""
        fired, covered = self.spoken()
        spoken = fired + covered
        spoken.subtract(self.taken_back())
        spoken = +spoken
        assert set(spoken.values()) <= {1}
        for item in self.story.rows(WorkItem):
            keys = {key for of, key in spoken if of == item.id}
            assert keys == set(item.steps_done)
            if item.status == "open":
                assert (keys, item.next_step_at) == ({each.step.key for each in self._ladder(item)}, None)
        self._check_told()
        assert verify(self.story.store, self.story.vault).findings == []

    def _check_told(self) -> None:
        """Everybody whom an entry concerns was told of it, once, in one delivery."""
        rows = self.story.rows(Notification)
        found = Counter((row.cause, row.recipient) for row in rows)
        with self.story.store.read() as connection:
            scene = scene_of(self.house, Records(connection), SLUG)
            entries = self.story.entries(round=SLUG)
            wanted = {(f"{SLUG}:{entry.seq}", each.recipient) for entry in entries for each in told(scene, from_ledger(vars(entry)))}
        late = {cause for cause, _ in found} - {f"{SLUG}:{entry.seq}" for entry in entries}
        assert (_as_if_read_at_once(found, entries), set(found.values()), late) == (_as_if_read_at_once(wanted, entries), {1}, set())
        assert [row for row in rows if self._is_lost(row)] == []
        left = [row for row in rows if row.delivery != "not-needed" and "overtaken" not in row.context]
        steps = Counter((row.context["item"], step, row.recipient) for row in left for step in row.context.get("steps", ()))
        assert set(steps.values()) == {1}
        carried = {row.delivery for row in rows} - {"not-needed"}
        assert carried == {row.id for row in self.story.rows(Delivery)}
        assert self.post.times == Counter(row.id for row in self.story.rows(Delivery, status="sent"))

    def _is_lost(self, row: Notification) -> bool:
        """Say whether somebody was not told of what goes on: no message carried it, and it is not pointless and does not come again."""
        overtaken = "overtaken" in row.context
        if row.kind == "intake_opened" or (row.delivery != "not-needed" and not overtaken):
            return False
        if row.kind in _UNDONE_BY:
            return not self._is_undone(row)
        item = self.story.row(WorkItem, id=row.context["item"])
        handed = item.owner != row.context["owner"] and row.kind != "escalation"  # of these the new owner hears otherwise
        if item.status != "open" or handed:
            return False
        steps = {(item.id, key) for key in row.context["steps"]} if overtaken else {("", "")}
        return not steps <= set(self.taken_back())

    def _is_undone(self, row: Notification) -> bool:
        """Say whether a decision was undone later, or undid what nobody had heard of and moved nothing."""
        entries = self.story.entries(round=SLUG, event=_UNDONE_BY[row.kind])
        return any(entry.seq > int(row.cause.rpartition(":")[2]) for entry in entries) or row.context.get("working_days") == 0

    def outcome(self) -> dict[str, Any]:
        """Give what must be the same under every schedule: states, work and its due times, but not what spoke for what."""
        items = self.story.rows(WorkItem)
        return {
            "round": self.story.stage(),
            "nominations": self.story.states(),
            "clocks": [(row.stage, row.due_day, row.counted_from, row.concluded_at is not None) for row in self.story.rows(StageClock)],
            "versions": [row.version for row in self.story.rows(Nomination)],
            "work": sorted((row.kind, row.subject, row.owner, row.detail, row.status, row.due_at, row.due_version) for row in items),
            "open": sorted((row.kind, row.subject, *row.steps_done) for row in items if row.status == "open"),
        }


def _as_if_read_at_once(told: Iterable[tuple[str, str]], entries: list[LedgerEntry]) -> set[tuple[str, str]]:
    """Name the unit of then where an entry was read, by whoever tells of it, after its nomination had been handed over."""
    handed = {entry.subject: entry.seq for entry in entries if entry.event == "recommending_unit_changed"}
    handed[SLUG] = max(handed.values())
    before = {f"{SLUG}:{entry.seq}" for entry in entries if entry.seq < handed.get(entry.subject, 0)}
    return {(cause, "U1" if recipient == "U5" and cause in before else recipient) for cause, recipient in told}


def tell_history(telling: Telling, schedule: Schedule) -> None:
    """Tell the history to its end; no tick may leave anything undone that has come."""
    for gap, ticks in enumerate(schedule):
        for at, tell in ticks:
            telling.tick(at)
            assert telling.owed() == []
            if tell:
                telling.tell()
        telling.act(gap)
    telling.end()
    assert telling.owed() == []


def steadily() -> Schedule:
    """Twice a day, at midnight and at nine: nothing of this history falls due at another hour."""
    days = range((LAST.date() - FIRST.date()).days)
    hours = [FIRST.replace(hour=hour) + timedelta(days=day) for day in days for hour in (1, 16)]
    begins = [FIRST, *(act.at for act in HISTORY)]
    return [[(at, True) for at in hours if begins[gap] < at <= gap_ends(gap)] for gap in range(GAPS)]


def never_late(url: str) -> dict[str, Any]:
    """Tell how the history ends in a new house where no tick is ever late: every step fires, and none is covered."""
    store = Store(url)
    store.migrate()
    prepared(store)
    store.dispose()
    telling = Telling(url)
    tell_history(telling, steadily())
    telling.check()
    assert not telling.spoken()[1]
    telling.story.store.dispose()
    return telling.outcome()
