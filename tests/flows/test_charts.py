"""The Gantt chart: what is drawn how, and that a picture comes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.calendar import WorkCalendar
from config.loader import find_programme, load_programme
from flows.bootstrap import App
from flows.charts import Bar, Chart, Row, gantt_picture, picture_form
from flows.charts.gantt import _as_data
from flows.rehearsal import future_chart, programme_future, round_future
from states.clock import VirtualClock
from states.commands.tick import Tick
from tests.flows.conftest import SLUG, Give

CALENDAR = WorkCalendar()
PROGRAMME = load_programme(find_programme("binjiang-craftsman-2023"))
DAY = date(2023, 6, 6)


def chart(*bars: Bar, today: date | None = None) -> Chart:
    return Chart("第四届“滨江工匠”认定", "", (Row("申报推荐", bars, head=True),), today)


def row(drawn: Chart, title: str) -> Row:
    return next(each for each in drawn.rows if each.title == title)


def test_days_are_counted_from_the_first_one_shown() -> None:
    data = _as_data(chart(Bar(DAY, date(2023, 6, 8), "active"), today=date(2023, 6, 7)), CALENDAR)
    bar = data["rows"][0]["bars"][0]
    assert (bar["at"], bar["days"], bar["mark"]) == (3, 3, "active")  # three days of margin before it
    assert (data["today"], data["today-name"]) == (4, "今日 06-07")
    assert data["days"] == 9
    assert [DAY + timedelta(days=at - 3) for at in data["rest"]] == [
        date(2023, 6, 3),
        date(2023, 6, 4),
        date(2023, 6, 10),
        date(2023, 6, 11),
    ]


def test_a_today_far_away_is_not_drawn() -> None:
    assert _as_data(chart(Bar(DAY, DAY, "work"), today=date(2026, 6, 6)), CALENDAR)["today"] is None


def test_what_is_overdue_grows_until_today_in_a_colour_of_its_own(opened: App, clock: VirtualClock) -> None:
    clock.move_to(clock.now() + timedelta(days=14))  # the 20th; the opinions were due on the 13th
    drawn = future_chart(round_future(opened, SLUG), CALENDAR, clock.now())
    work = row(drawn, "出具推荐意见 5 项")
    assert [(bar.first, bar.last, bar.mark) for bar in work.bars] == [
        (date(2023, 6, 6), date(2023, 6, 13), "work"),
        (date(2023, 6, 14), date(2023, 6, 20), "late"),
    ]
    assert [(bar.last, bar.mark) for bar in row(drawn, "申报推荐").bars] == [(date(2023, 7, 5), "active")]
    assert drawn.today == date(2023, 6, 20)


def test_a_concluded_stage_ends_with_its_conclusion_and_the_coming_ones_are_expected(opened: App, clock: VirtualClock, give: Give) -> None:
    clock.move_to(datetime(2023, 7, 5, 16, tzinfo=UTC))  # midnight, when the clock closes intake
    give(Tick(round=SLUG))
    drawn = future_chart(round_future(opened, SLUG), CALENDAR, clock.now())
    assert [(bar.last, bar.mark, bar.expected) for bar in row(drawn, "申报推荐").bars] == [(date(2023, 7, 5), "done", False)]
    assert [(bar.mark, bar.expected) for bar in row(drawn, "专家评审").bars] == [("stage", True)]
    assert {tick.kind for tick in row(drawn, "资格审核 5 项").ticks} == {"message", "reminder", "escalation"}


def test_what_is_provisional_is_marked_in_the_chart() -> None:
    future = programme_future(PROGRAMME, CALENDAR, date(2035, 1, 2))
    drawn = future_chart(future, CALENDAR, CALENDAR.due_at(date(2035, 1, 2)))
    assert {bar.provisional for each in drawn.rows for bar in each.bars} == {True}
    certain = replace(future, spans=(), stages=programme_future(PROGRAMME, CALENDAR, DAY).stages)
    assert {bar.provisional for each in future_chart(certain, CALENDAR, CALENDAR.due_at(DAY)).rows for bar in each.bars} == {False}


@pytest.mark.parametrize(("name", "begins"), [("p.svg", b"<svg"), ("p.PNG", b"\x89PNG")])
def test_the_file_name_says_which_picture_it_is(name: str, begins: bytes) -> None:
    form = picture_form(Path(name))
    assert form is not None
    assert gantt_picture(chart(Bar(DAY, DAY, "work")), CALENDAR, form).startswith(begins)


@pytest.mark.parametrize("change", [{"provisional": True}, {"expected": True}, {"mark": "late"}])
def test_each_mark_is_drawn_differently(change: dict[str, Any]) -> None:
    plain = Bar(DAY, date(2023, 7, 5), "work")
    assert gantt_picture(chart(plain), CALENDAR, "svg") != gantt_picture(chart(replace(plain, **change)), CALENDAR, "svg")


def test_another_name_is_no_picture() -> None:
    assert picture_form(Path("plan.pdf")) is None
