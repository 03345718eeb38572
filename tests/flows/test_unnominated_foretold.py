"""A round in which nobody is nominated yet: its plan, board and calendar show the course that its programme foretells."""

from collections import Counter
from datetime import date, datetime, time
from random import Random
from typing import Any

import pytest

from config.calendar import WorkCalendar
from config.loader import find_programme, load_programme, parse_programme
from config.vocabulary import RoundState, Stage
from flows.bootstrap import App
from flows.calendar_runs import HORIZON, wanted_runs
from flows.converting import roster_entries
from flows.reading import Foreseen, find_round, foresee_programme, timeline
from flows.reading.remarks import awaits_nominations, undated, without_nominations
from flows.rehearsal import rehearsed_board, round_future
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.qualification import RecordQualification, Verdict, VerdictRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from states.records import Records
from states.tables import Nomination
from tests.flows.conftest import OPERATOR, SLUG, Give
from tests.flows.simulated import rules

PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))
CALENDAR = WorkCalendar()
DAY = date(2023, 6, 6)
QUALIFICATION = "  qualification:                 # 资格审核\n    working_days: 15\n    conclude: automatic"
SAID = "截止申报以后各环节的日期，以有申报为前提：截止时仍没有申报的，“资格审核”随即办结，进入“专家评审”，日期相应提前。"


@pytest.fixture
def empty(app: App, give: Give, who: dict[str, Any]) -> App:
    """A house whose round has just been opened."""
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(), opens_on=DAY))
    return app


def return_all(app: App, give: Give, who: dict[str, Any]) -> None:
    """Return every nomination for correction: nobody is on the way then."""
    with app.house.store.read() as connection:
        numbers = [row.number for row in Records(connection).where(Nomination, round=SLUG)]
    back = [VerdictRow(nomination=each, verdict=Verdict.RETURN, reason="请补证明", fields=("证明材料",)) for each in numbers]
    give(RecordQualification(**who, rows=tuple(back)))


def expected(lines: tuple[Foreseen, ...] | list[Foreseen]) -> list[Foreseen]:
    return [line for line in lines if line.expected]


def test_a_round_just_opened_goes_on_as_its_programme_foretells(empty: App) -> None:
    future, programme = round_future(empty, SLUG), foresee_programme(PROGRAMME, CALENDAR, DAY)
    assert expected(future.lines) == expected(programme)
    assert {line.stage for line in future.lines if not line.expected} == {Stage.INTAKE}
    assert future.remarks[0] == SAID


def test_board_and_calendar_of_a_round_just_opened_follow_its_plan(empty: App) -> None:
    board, future = rehearsed_board(empty, SLUG), round_future(empty, SLUG)
    laid_out = timeline(PROGRAMME, CALENDAR, DAY)
    assert [(line.opens_day, line.due_day) for line in board.stages] == [(line.opens_day, line.due_day) for line in laid_out]
    assert [line.expected for line in board.stages] == [False] + [True] * 6
    assert board.remarks == (SAID,)
    due = sorted({line.at for line in future.lines if line.kind != "message" and line.at > board.now})
    assert [run.at for run in wanted_runs(empty, SLUG)] == due[:HORIZON]
    unmarked = [run.name for run in wanted_runs(empty, SLUG) if "预计" not in run.name]
    assert unmarked == [
        "07-03 09:00 催办“截止申报”余2个工作日",
        "07-05 09:00 催办“截止申报”当日到期",
        "07-06 00:00 “截止申报”到期；“申报推荐”阶段到期；进入“资格审核”阶段",
    ]


def test_a_round_that_stays_without_nominations_does_what_its_board_says(empty: App, clock: VirtualClock, give: Give) -> None:
    clock.move_to(CALENDAR.due_at(date(2023, 7, 5)))
    give(Tick(round=SLUG))
    board = rehearsed_board(empty, SLUG)
    assert (board.state, board.remarks) == (RoundState.EXPERT_REVIEW, ())
    assert board.stages == round_future(empty, SLUG).stages


def test_a_round_whose_empty_stages_would_all_end_by_themselves_is_not_foretold_as_ended(app: App, give: Give, who: dict[str, Any]) -> None:
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=rules(("conclude: office\n", "conclude: automatic\n")), opens_on=DAY))
    future = round_future(app, SLUG)
    assert [line.stage for line in future.stages] == list(Stage)
    assert future.remarks[0].startswith("截止申报以后各环节的日期，以有申报为前提：截止时仍没有申报的，“资格审核”、“专家评审”、")
    assert "“待遇落实”随即办结，本届结束，" in future.remarks[0]


@pytest.mark.parametrize(("day", "lapses"), [(date(2023, 6, 6), True), (date(2023, 7, 3), False)])  # within five working days
def test_whoever_lapses_before_intake_ends_leaves_a_round_without_nominations(
    opened: App, clock: VirtualClock, give: Give, who: dict[str, Any], day: date, *, lapses: bool
) -> None:
    def awaits(text: str = rules()) -> bool:
        with opened.house.store.read() as connection:
            return awaits_nominations(connection, find_round(connection, SLUG), parse_programme(text, "x"), clock.now())

    assert not awaits()
    clock.move_to(CALENDAR.at_hour(day, time(10)))
    return_all(opened, give, who)
    assert awaits() == lapses
    assert not awaits(rules(("lapse: automatic", "lapse: office")))
    programme = expected(foresee_programme(PROGRAMME, CALENDAR, DAY))
    assert (expected(round_future(opened, SLUG).lines) == programme) == lapses


@pytest.mark.parametrize("day", [date(2023, 6, 6), date(2023, 6, 28)])  # the second lapse together with the end of intake
def test_a_round_that_awaits_nominations_foretells_the_corrections_that_are_open(
    opened: App, clock: VirtualClock, give: Give, who: dict[str, Any], day: date
) -> None:
    clock.move_to(CALENDAR.at_hour(day, time(10)))
    return_all(opened, give, who)
    future = round_future(opened, SLUG)
    listed, told = Counter[tuple[datetime, str]](), Counter((each.at, each.what) for each in future.messages if each.subject != SLUG)
    for line in future.lines:
        listed[line.at, line.what] += 0 if line.expected else line.count
    assert told - listed == Counter()
    assert {what for _, what in told} >= {"新待办“补正材料”", "催办“补正材料”当日到期", "逾期失效"}
    assert [span.count for span in future.spans if span.title == "补正材料"] == [5]
    runs, board = {run.at: run.name for run in wanted_runs(opened, SLUG)}, rehearsed_board(opened, SLUG)
    assert "催办“补正材料”余3个工作日" in runs[CALENDAR.at_hour(CALENDAR.shift(day, 2), time(9))]
    assert "“补正材料”到期" in {line.what for line in board.coming}
    assert board.stages == future.stages


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ((), "“资格审核”随即办结，进入“专家评审”，"),
        (((QUALIFICATION, QUALIFICATION.replace("automatic", "office")),), "进入“资格审核”，"),
        (((QUALIFICATION, f"{QUALIFICATION}\n    skip: true"),), "进入“专家评审”，"),
        ((("conclude: office\n", "conclude: automatic\n"),), "“政府认定”、“待遇落实”随即办结，本届结束，"),
    ],
)
def test_a_plan_says_what_comes_of_a_round_without_nominations(changes: tuple[tuple[str, str], ...], said: str) -> None:
    assert f"{said}日期相应提前。" in without_nominations(parse_programme(rules(*changes), "x"))


OBJECTIONS = "答复异议（产生后 5 个工作日内）、递补空缺（产生后 5 个工作日内）"
LATER = "以下待办何时产生取决于有关各方，产生以后才列入："


@pytest.mark.parametrize(
    ("state", "named"),
    [
        (RoundState.PLANNED, f"出具推荐意见（产生后 5 个工作日内）、补正材料（产生后 5 个工作日内）、{OBJECTIONS}"),
        (RoundState.NOTICE, OBJECTIONS),
        (RoundState.FULFILMENT, ""),
    ],
)
def test_a_plan_names_what_it_cannot_list_as_long_as_it_may_come_up(state: RoundState, named: str) -> None:
    assert undated(PROGRAMME, state) == (f"{LATER}{named}。" if named else "")


def test_a_plan_names_what_the_office_has_to_conclude() -> None:
    text = rules(("conclude: automatic", "conclude: office"), ("lapse: automatic", "lapse: office"))
    assert "办理逾期失效（产生后 2 个工作日内）" in undated(parse_programme(text, "x"))
    assert undated(parse_programme(text, "x"), RoundState.FULFILMENT) == f"{LATER}办结阶段（产生后 3 个工作日内）。"
    unlimited = rules(
        (
            "  endorsement:                   # 出具推荐意见（各层推荐单位）\n    ours: true\n    working_days: 5\n",
            "  endorsement:\n    ours: true\n",
        )
    )
    assert f"{LATER}出具推荐意见（随所在环节截止）、" in undated(parse_programme(unlimited, "x"))
