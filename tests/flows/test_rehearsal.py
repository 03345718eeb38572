"""What is foretold of a quiet round is exactly what then happens, message for message: at every stage, for every kind of work.

A round is played through on the virtual clock. Wherever a kind of work is first open, its house is put aside and its
future foretold; then nobody acts in it any more, and the real clockwork runs on with the real deliverer.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest

from config.calendar import WorkCalendar
from config.settings import Settings
from config.vocabulary import RoundState, Stage, WorkKind
from flows.bootstrap import App
from flows.calendar_runs import HORIZON, wanted_runs
from flows.command_line.screen import jsonable
from flows.converting import roster_entries
from flows.reading import NotFound, foresee_programme, round_board
from flows.rehearsal import coming_ticks, future_chart, rehearsed_board, round_future
from flows.rehearsal.future import Future
from flows.simulation.course import Course
from flows.simulation.people import made_up
from flows.simulation.post import CHANNEL, Post, PostBox
from flows.simulation.world import World
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from notifiers.carrying import carry
from notifiers.channels import Channels
from notifiers.digest import queue
from notifiers.kind_names import name_of
from notifiers.leases import LEASE, Lease, take
from notifiers.outbox import notify
from states.clock import SeededChance, VirtualClock
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.frozen import frozen_programme
from states.house import Envelope, House
from states.records import Records
from states.store import Store
from states.tables import Notification, Round, Row, WorkItem
from tests.flows.conftest import OPERATOR, SLUG, Give
from tests.flows.simulated import rules

OPENS = date(2023, 6, 6)
CALENDAR = WorkCalendar()
BY_CLOCK = (("clearances: []", "clearances: [{id: tax, title: 依法纳税情况, department: BM01, ours: true}]"),)
BY_OFFICE = (
    *BY_CLOCK,
    ("conclude: automatic", "conclude: office"),
    ("lapse: automatic", "lapse: office"),
    ("complete: automatic", "complete: office"),
)
R = TypeVar("R", bound=Row)
Told = tuple[datetime, str, str, str, str, str]
"""When a message left, its kind, its recipient, its subject, its audience on a ladder, the kind of its work."""


def rows_of(store: Store, row_type: type[R], **wanted: Any) -> list[R]:
    with store.read() as connection:
        return Records(connection).where(row_type, **wanted)


@dataclass(frozen=True)
class Aside:
    """A house that was put aside at an instant because some work was first open in it, with what was foretold then."""

    reason: str
    database: Path
    at: datetime
    future: Future


class Watched(Course):
    """A course whose house is put aside whenever a kind of work is first open, or a stage begins."""

    def __init__(self, world: World, post: Post, folder: Path) -> None:
        super().__init__(world, post, lambda *_: None)
        self.folder = folder
        self.asides: list[Aside] = []
        self._seen: set[str] = set()

    def _catch_up(self) -> None:
        super()._catch_up()
        open_kinds = {item.kind for item in self._world.rows(WorkItem, status="open")}
        new = ({self._world.round.state} | open_kinds) - self._seen
        if new:
            self._seen |= new
            self._put_aside("+".join(sorted(new)))

    def _put_aside(self, reason: str) -> None:
        path = self.folder / f"{len(self.asides)}.db"
        with closing(sqlite3.connect(self._world.folder / "simulation.db")) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
        future = round_future(app_of(self._world.house, self._world.folder), self._world.slug)
        self.asides.append(Aside(reason, path, self._world.clock.now(), future))


def app_of(house: House, folder: Path) -> App:
    settings = Settings(home=folder)
    return App(settings, house, Channels((), settings.outbox / "mail", house.clock))


@pytest.fixture(scope="module", params=[BY_CLOCK, BY_OFFICE], ids=["clock", "office"])
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[Aside]]]:
    """A round of four candidates played from its opening to its end: what time decides left to the clock, and to the office."""
    text, folder = rules(*request.param), tmp_path_factory.mktemp("played")
    world = World(folder, text, OPENS, 7, made_up(frozen_programme(text), 4, 7), lambda _: None)
    course = Watched(world, Post(world.house, PostBox(world.clock)), folder)
    course.run()
    yield world, course.asides
    world.house.store.dispose()


class Reality:
    """A house in which nobody acts: the clock ticks and the deliverer delivers, and that is all."""

    def __init__(self, house: House, clock: VirtualClock, slug: str, *others: str, box: PostBox | None = None) -> None:
        self.house = house
        self.slug = slug
        self._others = others
        self._clock = clock
        self._box = box or PostBox(clock)
        self._ticks = 0
        self.acted: list[datetime] = []

    def run(self, probes: Iterator[datetime]) -> None:
        for at in probes:
            self._clock.move_to(at)
            self._ticks += 1
            result = self.house.execute(Tick(round=self.slug), Envelope(f"quiet-{self._ticks}", at, clock=True))
            self.acted += [at] if result.happened else []
            for other in self._others:
                self.house.execute(Tick(round=other), Envelope(f"quiet-{self._ticks}-{other}", at, clock=True))
            carry(self.house, self._box, CHANNEL, limit=100_000)

    def told(self) -> list[Told]:
        """Read what really left of the round, letter by letter."""
        items = {item.id: item.kind for item in rows_of(self.house.store, WorkItem)}
        carried: dict[str, list[Notification]] = {}
        for row in rows_of(self.house.store, Notification, round=self.slug):
            carried.setdefault(row.delivery or "", []).append(row)
        return sorted(_told(letter.at, row, items) for letter in self._box.letters for row in carried.get(letter.id, ()))

    def letters(self) -> list[datetime]:
        return sorted(letter.at for letter in self._box.letters)


def _told(at: datetime, row: Notification, items: dict[str, str]) -> Told:
    item = row.context.get("item")
    return at, row.kind, row.recipient, row.subject, row.context.get("audience", ""), items[item] if item else ""


def foretold(future: Future) -> list[Told]:
    """Give what was foretold as it is read from what left; only escalations name their audience there."""
    return sorted(
        (each.at, each.kind.value, each.recipient, each.subject, each.audience if each.kind == "escalation" else "", each.work or "")
        for each in future.messages
    )


def probes(house: House, slug: str, start: datetime, future: Future) -> Iterator[datetime]:
    """Give midnight and nine o'clock around every foretold instant, once a week between, and a month beyond the last.

    Whatever is not foretold shows at the next probe: the clockwork does what is due, however late it comes by.
    """
    calendar = house.calendar(frozen_programme(rows_of(house.store, Round, slug=slug)[0].rules).zone)
    instants = [start, *(line.at for line in future.lines if not line.expected), *future.ticks]
    last = max(instants) + timedelta(days=30)
    days = {calendar.local(at).date() + timedelta(days=off) for at in instants for off in (-1, 0, 1)}
    days |= {calendar.local(start).date() + timedelta(days=7 * week) for week in range((last - start).days // 7 + 1)}
    times = (calendar.at_hour(day, hour) for day in days for hour in (time(), time(9)))
    yield from sorted({start, *(at for at in times if at > start)})


def test_every_kind_of_work_was_open_in_some_house_put_aside(played: tuple[World, list[Aside]]) -> None:
    reasons = {part for aside in played[1] for part in aside.reason.split("+")}
    never = {kind.value for kind in WorkKind} - reasons
    assert never - {"stage_conclusion"} == {"fill_vacancy", "overdue_correction"}
    assert {state.value for state in RoundState} - reasons == {"planned", "cancelled"}


def brought_back(aside: Aside, tmp_path: Path) -> Store:
    """Give the store of a house put aside, as it was then: what one test does in it is not the next one's past."""
    return Store(f"sqlite:///{shutil.copy(aside.database, tmp_path)}")


def test_a_quiet_round_comes_about_as_foretold_wherever_it_stands(played: tuple[World, list[Aside]], tmp_path: Path) -> None:
    world, asides = played
    said = 0
    for aside in asides:
        store, clock = brought_back(aside, tmp_path), VirtualClock(aside.at)
        house = replace(world.house, store=store, clock=clock, chance=SeededChance(1))
        reality = Reality(house, clock, world.slug)
        reality.run(probes(house, world.slug, aside.at, aside.future))
        assert reality.told() == foretold(aside.future), f"after {aside.reason}"
        assert reality.acted == list(aside.future.ticks), f"after {aside.reason}"
        assert reality.letters() == sorted({each.delivery: each.at for each in aside.future.messages}.values())
        said += len(aside.future.messages)
        store.dispose()
    assert said > 100


def test_a_hold_moves_no_public_notice(played: tuple[World, list[Aside]], tmp_path: Path) -> None:
    world, asides = played
    aside = next(each for each in asides if "notice_completion" in each.reason)
    store = brought_back(aside, tmp_path)
    house = replace(world.house, store=store, clock=VirtualClock(aside.at), chance=SeededChance(1))
    house.execute(HoldRound(round=world.slug, operator=OPERATOR, reason="台风停工。"), Envelope("hold", aside.at))
    lines = round_future(app_of(house, world.folder), world.slug).lines
    due = {line.work: line.on_hold for line in lines if line.kind.endswith("due") and not line.expected}
    assert due.pop(WorkKind.NOTICE_COMPLETION) == "暂停中，公示期不变"
    assert set(due.values()) == {"暂停中，恢复后顺延"}
    store.dispose()


def queue_all(house: House) -> None:
    notify(house)
    queue(house)


def quiet(app: App, future: Future, clock: VirtualClock, *others: str) -> Reality:
    reality = Reality(app.house, clock, SLUG, *others)
    reality.run(probes(app.house, SLUG, clock.now(), future))
    assert reality.acted == list(future.ticks)
    return reality


def test_a_round_opened_and_left_alone_comes_about_as_foretold(opened: App, clock: VirtualClock) -> None:
    future = round_future(opened, SLUG)
    told = quiet(opened, future, clock).told()
    assert told == foretold(future)
    assert all(each.what.startswith(name_of(each.kind)) for each in future.messages)
    # 8 units hear of the call, 5 owe opinions; two reminders to each, one escalation to the superior, one to the office, for each.
    kinds = {kind: sum(each[1] == kind for each in told) for kind in ("intake_opened", "work_opened", "reminder", "escalation")}
    assert kinds == {"intake_opened": 8, "work_opened": 5 + 1 + 5, "reminder": 5 * 2 + 2 + 5 * 3, "escalation": 5 * 2 + 5 * 9}
    assert rows_of(opened.house.store, Round)[0].state == RoundState.QUALIFICATION


def test_what_is_told_in_the_evening_is_foretold_for_the_morning(opened: App, clock: VirtualClock) -> None:
    clock.move_to(datetime(2023, 6, 6, 14, 30, tzinfo=UTC))
    future = round_future(opened, SLUG)
    assert {each.at for each in future.messages[:10]} == {datetime(2023, 6, 7, 1, tzinfo=UTC)}
    assert quiet(opened, future, clock).told() == foretold(future)


def test_what_is_overdue_is_foretold_for_now(opened: App, clock: VirtualClock) -> None:
    clock.move_to(datetime(2023, 6, 20, 3, tzinfo=UTC))
    future = round_future(opened, SLUG)
    assert future.ticks[0] == clock.now()
    assert quiet(opened, future, clock).told() == foretold(future)


def test_looking_ahead_changes_nothing(opened: App) -> None:
    def everything() -> list[Any]:
        return [jsonable(vars(row)) for kind in (Round, WorkItem, Notification) for row in rows_of(opened.house.store, kind)]

    before = everything()
    assert jsonable(round_future(opened, SLUG)) == jsonable(round_future(opened, SLUG))
    assert everything() == before


def test_a_round_on_hold_sends_only_what_waits_to_leave_and_marks_every_deadline(
    opened: App, clock: VirtualClock, give: Give, who: dict[str, Any]
) -> None:
    before = round_future(opened, SLUG)
    give(HoldRound(**who, reason="台风停工。"))
    clock.move_to(clock.now() + timedelta(days=35))  # past the end of intake; on hold nothing falls due
    future = round_future(opened, SLUG)
    assert {line.on_hold for line in future.lines if line.kind == "message"} == {""}
    deadlines = [line for line in future.lines if line.kind != "message"]
    assert {line.on_hold for line in deadlines} == {"暂停中，恢复后顺延"}
    dated = [
        (line.at, line.kind, line.what, line.expected) for line in before.lines if line.kind in ("stage_opens", "stage_due", "work_due")
    ]
    assert [(line.at, line.kind, line.what, line.expected) for line in deadlines] == dated
    assert not [bar for row in future_chart(future, CALENDAR, clock.now()).rows for bar in row.bars if bar.mark == "late"]
    assert round_board(opened, SLUG).overdue == ()
    assert future.ticks == ()
    assert quiet(opened, future, clock).told() == foretold(future)


def test_what_a_deliverer_had_in_its_hands_when_it_died_is_foretold(opened: App, clock: VirtualClock) -> None:
    queue_all(opened.house)
    with opened.house.store.write() as connection:
        assert take(connection, clock.now(), Lease("dead", clock.now() + LEASE, clock.now()), 5)
    clock.move_to(clock.now() + LEASE)
    future = round_future(opened, SLUG)
    assert quiet(opened, future, clock).told() == foretold(future)


def test_an_extension_that_was_taken_back_leaves_plan_and_calendar_as_they_were(opened: App, give: Give, who: dict[str, Any]) -> None:
    before = wanted_runs(opened, SLUG)
    give(ExtendDeadline(**who, due_day=date(2023, 7, 26), reason="日期误填"))
    assert wanted_runs(opened, SLUG) != before
    give(ExtendDeadline(**who, due_day=date(2023, 7, 5), reason="日期误填"))
    assert wanted_runs(opened, SLUG) == before


def test_a_round_in_which_much_was_undone_at_once_comes_about_as_foretold(
    opened: App, clock: VirtualClock, give: Give, who: dict[str, Any]
) -> None:
    for day in (date(2023, 7, 26), date(2023, 7, 12)):
        give(ExtendDeadline(**who, due_day=day, reason="日期误填"))
    give(HoldRound(**who, reason="台风停工。"))
    give(ReleaseRound(**who))
    future = round_future(opened, SLUG)
    assert quiet(opened, future, clock).told() == foretold(future)


def test_a_round_planned_for_later_is_opened_by_the_clock_as_its_programme_foretold(
    app: App, clock: VirtualClock, give: Give, who: dict[str, Any]
) -> None:
    programme, opens = frozen_programme(rules()), date(2023, 6, 12)
    entries = roster_entries(synthetic_roster(Random(3)))
    give(ImportRoster(operator=OPERATOR, entries=entries))
    give(OpenRound(**who, rules=rules(), opens_on=opens))
    future = round_future(app, SLUG)
    before = foresee_programme(programme, app.house.calendar(programme.zone), opens)
    said = [(line.at, line.kind, line.stage, line.audience, line.what) for line in before if not line.expected]
    assert [(line.at, line.kind, line.stage, line.audience, line.what) for line in future.lines if line.stage == Stage.INTAKE] == said
    assert quiet(app, future, clock).told() == foretold(future)


def planned(future: Future, now: datetime) -> list[datetime]:
    """Give the instants after now at which a plan says that something is due; what only leaves by post is no tick's.

    What ticks would do in a round without nominations, once its intake has ended, is no part of its plan.
    """
    due = {line.at for line in future.lines if line.kind != "message"}
    ended = max((line.at for line in future.lines if line.stage == Stage.INTAKE), default=now)
    awaits = any(line.expected and line.stage == Stage.QUALIFICATION for line in future.stages)
    return sorted(at for at in due | {at for at in future.ticks if not awaits or at <= ended} if at > now)


def test_calendar_and_stage_table_are_those_of_the_plan_wherever_a_round_stands(played: tuple[World, list[Aside]], tmp_path: Path) -> None:
    world, asides = played
    seen, early = 0, list[Stage]()
    for aside in asides:
        store = brought_back(aside, tmp_path)
        app = app_of(replace(world.house, store=store, clock=VirtualClock(aside.at), chance=SeededChance(1)), world.folder)
        ahead = coming_ticks(app, world.slug)
        runs = wanted_runs(app, world.slug, ahead)
        assert [run.at for run in runs] == planned(aside.future, aside.at)[:HORIZON], f"after {aside.reason}"
        stages = rehearsed_board(app, world.slug, ahead).stages
        assert stages == aside.future.stages, f"after {aside.reason}"
        opens = {line.stage: (line.at, line.expected) for line in aside.future.lines if line.kind == "stage_opens"}
        assert {line.stage: (line.opens_at, line.expected) for line in stages if line.coming} == opens, f"after {aside.reason}"
        early += [line.stage for line in stages if line.closes_at]
        seen += len(runs)
        store.dispose()
    assert seen > 100
    assert (Stage.NOTICE in early) == ("conclude: automatic" in world.rules)


def test_the_calendar_has_what_the_clock_alone_enters_later(opened: App) -> None:
    """Qualification opens work for the office by itself; its reminders stand in the calendar while intake still runs."""
    runs = {run.name for run in wanted_runs(opened, SLUG)}
    assert runs >= {"07-20 09:00 催办“资格审核”余5个工作日", "07-28 09:00 升级“资格审核”逾期1个工作日"}


def test_the_calendar_of_a_round_planned_for_later_is_its_plan(app: App, give: Give, who: dict[str, Any]) -> None:
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2023, 6, 12)))
    runs = wanted_runs(app, SLUG)
    assert [run.at for run in runs] == planned(round_future(app, SLUG), app.house.clock.now())[:HORIZON]
    assert runs[0].name == "06-12 00:00 进入“申报推荐”阶段"


def test_the_calendar_is_the_plan_also_where_dates_are_provisional(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    clock.move_to(datetime(2035, 6, 6, 1, tzinfo=UTC))
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2035, 6, 6)))
    runs = wanted_runs(app, SLUG)
    assert [run.at for run in runs] == planned(round_future(app, SLUG), clock.now())[:HORIZON]
    assert all("暂定" in run.name for run in runs)


def test_two_rounds_that_share_a_superior_come_about_as_foretold(opened: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    """One escalation digest a day, with those of all rounds: the other round's decide when this one's leave."""
    other = "bjgj-2024"
    give(OpenRound(round=other, operator=OPERATOR, rules=rules((SLUG, other), ("BJGJ-2023", "BJGJ-2024")), opens_on=OPENS))
    candidates = synthetic_candidates(Random(12), 3, flaws=False)
    clock.move_to(clock.now() + timedelta(days=1))
    rows = tuple(SubmittedRow(place=f"第{row}行", candidate=each) for row, each in enumerate(candidates, start=2))
    give(SubmitNominations(round=other, operator=OPERATOR, rows=rows))
    future = round_future(opened, SLUG)
    alone = [each for each in quiet(opened, future, clock, other).told() if each[1] == "escalation"]
    assert alone == [each for each in foretold(future) if each[1] == "escalation"]
    assert alone


def test_a_round_that_opens_in_a_year_is_foretold_to_its_end(app: App, give: Give, who: dict[str, Any]) -> None:
    """Nothing of a plan is cut off where it reaches far."""
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=date(2024, 6, 5)))
    future = round_future(app, SLUG)
    calendar = app.house.calendar("Asia/Shanghai")
    told = {(calendar.local(each.at).date(), each.kind.value) for each in future.messages}
    assert {(date(2024, 6, 5), "intake_opened"), (date(2024, 7, 2), "reminder")} <= told


def test_an_unknown_round_has_no_future(opened: App) -> None:
    with pytest.raises(NotFound):
        round_future(opened, "bjgj-2032")
