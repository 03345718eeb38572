"""The demo round: staged once, finished after a kill, never beside a real round, with papers that work."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config.loader import find_programme, load_programme, parse_programme
from config.settings import Settings
from config.vocabulary import NominationState, RoundState
from flows import converting
from flows.bootstrap import App, build
from flows.demo import demo_settings, open_demo, opening, refuse_real_rounds, stage_demo
from flows.demo.databases import DemoRefused
from flows.demo.script import OPERATOR, demo_rules
from flows.reading import round_board
from flows.workbooks import read
from states.clock import SeededChance, VirtualClock
from states.command import CLOCK
from states.commands.endorsements import RecordEndorsements
from states.commands.intake import SubmitNominations
from states.commands.qualification import RecordQualification
from states.commands.rounds import CancelRound
from states.commands.tick import Tick
from states.house import Envelope
from states.ledger import HOUSE
from states.records import Records
from states.replay import verify
from states.tables import Chain, LedgerEntry, Nomination, Round

NOON = datetime(2025, 6, 20, 4, 0, tzinfo=UTC)
Make = Callable[..., App]


@pytest.fixture
def house_at(tmp_path: Path) -> Iterator[Make]:
    """Open the demo's house at an instant."""
    made: list[App] = []

    def make(now: datetime = NOON) -> App:
        settings = demo_settings(Settings(home=tmp_path / "home"))
        made.append(build(settings, VirtualClock(now), SeededChance(len(made))))
        return made[-1]

    yield make
    for app in made:
        app.house.store.dispose()


def heads(app: App) -> dict[str, int]:
    with app.house.store.read() as connection:
        return {chain.name: chain.seq for chain in Records(connection).where(Chain)}


def give(app: App, command: Any) -> Any:
    key = f"test-{app.house.chance.token(8).hex()}"
    result = app.house.execute(command, Envelope(key, app.house.clock.now(), clock=command.operator == CLOCK))
    if not result.applied:
        command = command.model_copy(update={"plan_code": result.plan_code})
        result = app.house.execute(command, Envelope(key, app.house.clock.now()))
    return result


def test_the_demo_is_the_real_programme_with_dates_around_today(house_at: Make) -> None:
    app = house_at()
    assert stage_demo(app) == "demo-2025"
    board = round_board(app, "demo-2025")
    assert (board.state, board.demo, board.quota, board.nominations) == (RoundState.INTAKE, True, 10, 24)
    # 15 working days before Friday 2025-06-20, with Monday 2 June off (Dragon Boat).
    assert board.opens_on == date(2025, 5, 29)
    assert board.stages[0].due_day == date(2025, 6, 27)
    assert board.counts[NominationState.SUBMITTED] == 23
    assert [(line.subject[-4:], line.due_day) for line in board.overdue] == [
        ("0004", date(2025, 6, 11)),
        ("0008", date(2025, 6, 11)),
        ("0013", date(2025, 6, 16)),
        ("0017", date(2025, 6, 16)),
    ]
    assert board.open_work == 7  # four late opinions, two that are not due yet, and the closing of intake


def test_what_happened_in_the_demo_verifies_and_lies_in_the_past(house_at: Make) -> None:
    app = house_at()
    stage_demo(app)
    report = verify(app.house.store, app.house.vault)
    assert report.findings == []
    with app.house.store.read() as connection:
        entries = Records(connection).where(LedgerEntry)
    by_chain = sorted(entries, key=lambda entry: (entry.round, entry.seq))
    for before, after in pairwise(by_chain):
        assert before.round != after.round or before.at <= after.at
    assert max(datetime.fromisoformat(entry.at) for entry in entries) <= NOON
    events = [entry.event for entry in entries]
    assert events.count("work_item_reminded") > 10
    assert "nomination_declined" in events


def test_the_demo_started_again_goes_on_where_it_was(house_at: Make) -> None:
    first = house_at()
    stage_demo(first)
    before = heads(first)
    later = house_at(datetime(2025, 6, 25, 4, 0, tzinfo=UTC))
    assert stage_demo(later) == "demo-2025"
    assert heads(later) == before
    assert round_board(later, "demo-2025").opens_on == date(2025, 5, 29)


@pytest.mark.parametrize("done", [1, 2, 3, 7, 11, 20])
def test_a_demo_that_was_killed_is_finished_by_the_next_start(house_at: Make, monkeypatch: pytest.MonkeyPatch, done: int) -> None:
    whole = house_at()
    calls = 0

    class Killed(BaseException):
        """The process is gone."""

    act = opening._act

    def dies(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > done:
            raise Killed
        act(*arguments)

    monkeypatch.setattr(opening, "_act", dies)
    with pytest.raises(Killed):
        stage_demo(whole)
    monkeypatch.setattr(opening, "_act", act)
    assert stage_demo(house_at(datetime(2025, 6, 23, 4, 0, tzinfo=UTC))) == "demo-2025"
    board = round_board(whole, "demo-2025")
    assert (board.nominations, len(board.overdue), board.open_work) == (24, 4, 7)
    assert verify(whole.house.store, whole.house.vault).findings == []


def test_a_new_demo_is_opened_when_the_last_one_has_ended(house_at: Make) -> None:
    app = house_at()
    slug = stage_demo(app)
    give(app, CancelRound(round=slug, operator=OPERATOR, reason="演示结束"))
    assert stage_demo(app) == "demo-2025-2"
    assert round_board(app, "demo-2025-2").nominations == 24


def test_next_year_has_a_demo_of_its_own(house_at: Make) -> None:
    app = house_at(datetime(2026, 1, 5, 4, 0, tzinfo=UTC))
    assert stage_demo(app) == "demo-2026"
    with app.house.store.read() as connection:
        numbers = [row.number for row in Records(connection).where(Nomination)]
    assert numbers[0] == "DEMO-2026-0001"


@pytest.mark.parametrize("now", [datetime(2025, 6, 21, 4, 0, tzinfo=UTC), datetime(2025, 6, 19, 17, 0, tzinfo=UTC)])
def test_the_demo_opens_on_a_rest_day_and_in_the_night(house_at: Make, now: datetime) -> None:
    app = house_at(now)
    board = round_board(app, stage_demo(app))
    assert (board.state, board.nominations, len(board.overdue)) == (RoundState.INTAKE, 24, 4)


def test_the_demo_into_a_year_that_is_not_announced_is_provisional(house_at: Make) -> None:
    app = house_at(datetime(2040, 6, 20, 4, 0, tzinfo=UTC))
    assert all(line.provisional for line in round_board(app, stage_demo(app)).stages)


def test_nothing_but_the_names_and_dates_of_the_rules_differs() -> None:
    rules = parse_programme(demo_rules(date(2026, 11, 2), "demo-2026"), "demo")
    real = load_programme(find_programme("binjiang-craftsman-2023"))
    changed = {name for name in type(rules).model_fields if getattr(rules, name) != getattr(real, name)}
    assert changed == {"id", "title", "year", "number_prefix", "slug", "opens"}
    assert rules.title == f"{real.title}（演示）"


def test_the_demo_is_refused_where_a_real_round_is(house_at: Make) -> None:
    app = house_at()
    slug = stage_demo(app)
    with app.house.store.write() as connection:
        connection.exec_driver_sql("UPDATE round SET demo = 0")
    for refused in (lambda: stage_demo(app), lambda: refuse_real_rounds(app.settings)):
        with pytest.raises(DemoRefused, match=slug):
            refused()


def test_the_demo_is_refused_beside_the_homes_own_round(house_at: Make, tmp_path: Path) -> None:
    app = house_at()
    stage_demo(app)
    app.house.store.dispose()
    (tmp_path / "home" / "demo.db").rename(tmp_path / "home" / "hallmark.db")
    own = build(Settings(home=tmp_path / "home"))
    with own.house.store.write() as connection:
        connection.exec_driver_sql("UPDATE round SET demo = 0")
    own.house.store.dispose()
    with pytest.raises(DemoRefused):
        refuse_real_rounds(demo_settings(Settings(home=tmp_path / "home")))


def test_a_database_that_was_set_is_used_for_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALLMARK_DATABASE_URL", f"sqlite:///{tmp_path / 'mine.db'}")
    assert demo_settings(Settings(home=tmp_path / "home")).url == f"sqlite:///{tmp_path / 'mine.db'}"


def test_opening_says_what_to_click_and_puts_the_papers_there(house_at: Make) -> None:
    app = house_at()
    text = open_demo(app)
    assert sorted(path.name for path in app.settings.inbox.iterdir()) == ["演示-推荐意见.xlsx", "演示-推荐汇总表.xlsx"]
    for needed in ("demo-2025", "import-nominations", "record-endorsements", OPERATOR, "演示-推荐汇总表.xlsx", "演示-推荐意见.xlsx"):
        assert needed in text


def test_the_papers_do_what_is_said_of_them(house_at: Make) -> None:
    app = house_at()
    open_demo(app)
    who: dict[str, Any] = {"round": "demo-2025", "operator": OPERATOR}
    today = date(2025, 6, 20)
    spare = read("nominations", app.settings.inbox / "演示-推荐汇总表.xlsx", today=today)
    assert (len(spare.rows), [problem.header for problem in spare.problems]) == (3, ["身份证号"])
    entered = give(app, SubmitNominations(**who, rows=converting.submitted(spare))).outcome
    assert [touch.subject for touch in entered.touched] == ["DEMO-2025-0025", "DEMO-2025-0026", "DEMO-2025-0027"]
    open_demo(app)  # the opinions on these are asked for now too
    missing = read("endorsements", app.settings.inbox / "演示-推荐意见.xlsx", today=today)
    outcome = give(app, RecordEndorsements(**who, rows=converting.endorsements(missing))).outcome
    assert (len(outcome.touched), outcome.skipped) == (9, ())
    assert round_board(app, "demo-2025").overdue == ()


def test_after_intake_the_verdicts_are_ready(house_at: Make) -> None:
    app = house_at()
    open_demo(app)
    later = house_at(datetime(2025, 6, 30, 4, 0, tzinfo=UTC))
    give(later, Tick(round="demo-2025"))
    assert "record-qualification" in open_demo(later)
    who: dict[str, Any] = {"round": "demo-2025", "operator": OPERATOR}
    today = date(2025, 6, 30)
    missing = read("endorsements", later.settings.inbox / "演示-推荐意见.xlsx", today=today)
    give(later, RecordEndorsements(**who, rows=converting.endorsements(missing)))
    verdicts = read("verdicts", later.settings.inbox / "演示-审核意见.xlsx", today=today)
    outcome = give(later, RecordQualification(**who, rows=converting.verdicts(verdicts))).outcome
    assert (len(outcome.touched), outcome.skipped) == (23, ())
    assert round_board(later, "demo-2025").state == RoundState.EXPERT_REVIEW


def test_the_house_chain_is_not_touched_twice(house_at: Make) -> None:
    app = house_at()
    stage_demo(app)
    roster = heads(app)[HOUSE]
    give(app, CancelRound(round="demo-2025", operator=OPERATOR, reason="重来"))
    stage_demo(app)
    assert heads(app)[HOUSE] == roster


def test_the_demo_keeps_its_mark(house_at: Make) -> None:
    app = house_at()
    stage_demo(app)
    with app.house.store.read() as connection:
        assert [(row.slug, row.demo) for row in Records(connection).where(Round)] == [("demo-2025", True)]
    assert app.channels.only_files
