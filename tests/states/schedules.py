"""A fixed history of one round, told under any schedule of ticks, and what must come of it whatever the schedule was."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from config.vocabulary import PartyKind, WorkKind
from notifiers.delivery import deliver
from notifiers.digest import queue
from notifiers.happenings import from_ledger
from notifiers.messages import told
from notifiers.outbox import notify, scene_of
from notifiers.recipients import recipients
from states.clock import SeededChance
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.tick import Tick
from states.commands.timing import ExtendDeadline
from states.frozen import frozen_programme
from states.house import House
from states.ladders import ladder_steps, step_times
from states.records import Records
from states.replay import verify
from states.store import Store
from states.tables import Delivery, Nomination, Notification, Round, StageClock, WorkItem
from states.vault import Vault
from tests.notifiers.rounds import Post
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, SLUG, TOWN, UNIT, candidate, local, number

Schedule = Sequence[Sequence[tuple[datetime, bool]]]
"""For each gap of the history the instants at which it ticks, in that order, and whether messages are sent then."""
Spoken = Counter[tuple[str, str]]
FIRST, LAST = local(6, 6), local(9, 20)
"""When the round opens, and when everything of the history is over: by then every step of every ladder has come."""
EARLIEST = FIRST - timedelta(days=3)
"""As far back as a clock is set."""
_PEOPLE = (
    RosterEntry(id="U1", kind=PartyKind.SUBDISTRICT_UNION, name=UNIT, parent="U2", contacts={"mail": "changhe@example.com"}),
    RosterEntry(id="L1", kind=PartyKind.LEADING_GROUP_MEMBER, name="吴领导", contacts={"mail": "l1@example.com"}),
    RosterEntry(id="L2", kind=PartyKind.LEADING_GROUP_MEMBER, name="郑领导", contacts={"mail": "l2@example.com"}),
)


class HandClock:
    """A clock that is set by hand, back too."""

    def __init__(self, at: datetime) -> None:
        self.at = self.latest = at

    def now(self) -> datetime:
        self.latest = max(self.latest, self.at)
        return self.at


class Act(NamedTuple):
    """What happens at a fixed instant, whatever the ticks are."""

    at: datetime
    do: Callable[[Story], Any]


def _extend(day: date, kind: WorkKind | None = None, subject: str = "") -> Callable[[Story], Any]:
    return lambda story: story.do(ExtendDeadline(**story.who, due_day=day, kind=kind, subject=subject, reason="台风停工"))


def _judge(story: Story) -> None:
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.verdict(2))


HISTORY = (
    Act(local(6, 8, 10), lambda story: story.endorse([1, 2])),
    Act(local(6, 8, 11), _extend(date(2023, 6, 21), WorkKind.ENDORSEMENT, number(3))),
    Act(local(6, 12, 10), lambda story: story.endorse([1, 2], unit=TOWN)),
    Act(local(6, 14, 10), lambda story: story.endorse([4])),
    Act(INTAKE_ENDS, lambda story: story.send(Tick(round=SLUG))),
    Act(local(7, 6, 10), _judge),
    Act(local(7, 10, 10), lambda story: story.hold()),
    Act(local(7, 12, 10), lambda story: story.hold(False)),
    Act(local(7, 19, 10), _extend(date(2023, 8, 10))),
)
"""Five candidates: one is returned and lapses, one is qualified, three wait in vain; deadlines are moved, a round is held."""
GAPS = len(HISTORY) + 1
"""Stretches of time in which ticks may fall: before each act, and after the last."""


def gap_ends(gap: int) -> datetime:
    """Give the latest instant at which a tick of a gap may fall."""
    return HISTORY[gap].at if gap < len(HISTORY) else LAST


def prepared(store: Store) -> None:
    """Begin the history: the roster, the round, and five candidates of one unit with one above it."""
    story = Story(store)
    story.open()
    story.do(ImportRoster(operator="op1", entries=_PEOPLE))
    story.submit(*(candidate(ordinal) for ordinal in range(1, 6)))


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
        return step_times(item.due_day, ladder_steps(programme.work[WorkKind(item.kind)].ladder), calendar, programme.messages.hour)

    def spoken(self) -> tuple[Spoken, Spoken]:
        """Count the ledger's entries for each step that fired, and for each that was covered, by item and key."""
        fired, covered = Spoken(), Spoken()
        for entry in self.story.entries(round=SLUG, event="work_item_reminded"):
            payload = json.loads(entry.payload)
            fired.update((payload["item"], each["key"]) for each in payload["fired"])
            covered.update((payload["item"], each["key"]) for each in payload["covered"])
        return fired, covered

    def taken_back(self) -> Spoken:
        """Count the ledger's entries for each step that was to fire anew, since its due time moved before its message left."""
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
        assert (set(found), set(found.values()), late) == (wanted, {1}, set())
        assert [row for row in rows if self._is_lost(row)] == []
        carried = {row.delivery for row in rows} - {"not-needed"}
        assert carried == {row.id for row in self.story.rows(Delivery)}
        assert self.post.times == Counter(row.id for row in self.story.rows(Delivery, status="sent"))

    def _is_lost(self, row: Notification) -> bool:
        """Say whether somebody was not told of what goes on: no message carried it, and it is not pointless and does not come again."""
        overtaken = "overtaken" in row.context
        if row.kind == "intake_opened" or (row.delivery != "not-needed" and not overtaken):
            return False
        item = self.story.row(WorkItem, id=row.context["item"])
        if item.status != "open" or item.owner != row.context["owner"]:
            return False
        steps = {(item.id, key) for key in row.context["steps"]} if overtaken else {("", "")}
        return not steps <= set(self.taken_back())

    def outcome(self) -> dict[str, Any]:
        """Give what must be the same under every schedule: states, work and its due times, but not what spoke for what."""
        items = self.story.rows(WorkItem)
        return {
            "round": self.story.stage(),
            "nominations": self.story.states(),
            "clocks": [(row.stage, row.due_day, row.concluded_at) for row in self.story.rows(StageClock)],
            "versions": [row.version for row in self.story.rows(Nomination)],
            "work": sorted((row.kind, row.subject, row.owner, row.detail, row.status, row.due_at, row.due_version) for row in items),
            "open": sorted((row.kind, row.subject, *row.steps_done) for row in items if row.status == "open"),
        }


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
