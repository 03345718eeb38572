"""The Gantt chart: what is drawn how, and that a picture comes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config.calendar import WorkCalendar
from config.loader import find_programme, load_programme
from config.vocabulary import Stage, WorkKind
from flows.bootstrap import App
from flows.charts import Bar, Chart, Row, chart_rows, gantt_picture, picture_form
from flows.charts.gantt import Mark, _as_data
from flows.charts.gantt import Tick as Sent
from flows.charts.rows import Span
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


def test_a_remark_stands_beside_the_title(opened: App, clock: VirtualClock) -> None:
    drawn = future_chart(round_future(opened, SLUG), CALENDAR, clock.now(), "本届自 2023-06-06 09:00 起暂停")
    assert _as_data(drawn, CALENDAR)["note"] == "北京时间，截至 2023-06-06 09:00；本届自 2023-06-06 09:00 起暂停"


def test_a_concluded_stage_ends_with_its_conclusion_and_the_coming_ones_are_expected(opened: App, clock: VirtualClock, give: Give) -> None:
    clock.move_to(datetime(2023, 7, 5, 16, tzinfo=UTC))  # midnight, when the clock closes intake
    give(Tick(round=SLUG))
    drawn = future_chart(round_future(opened, SLUG), CALENDAR, clock.now())
    assert [(bar.last, bar.mark, bar.expected) for bar in row(drawn, "申报推荐").bars] == [(date(2023, 7, 5), "done", False)]
    assert [(bar.mark, bar.expected) for bar in row(drawn, "专家评审").bars] == [("stage", True)]
    assert {tick.kind for tick in row(drawn, "资格审核 5 项").ticks} == {"message", "reminder", "escalation"}


def test_ticks_of_one_day_stand_side_by_side() -> None:
    day = (Sent(DAY, "message"), Sent(DAY, "escalation"), Sent(DAY, "message"), Sent(DAY, "reminder"))
    drawn = Chart("甲", "", (Row("乙", (Bar(DAY, DAY, "work"),), (*day, Sent(date(2023, 6, 7), "reminder"))),))
    ticks = [(tick["at"], tick["kind"], tick["beside"]) for tick in _as_data(drawn, CALENDAR)["rows"][0]["ticks"]]
    assert ticks == [(3, "reminder", 0), (3, "message", 1), (3, "escalation", 2), (4, "reminder", 0)]


def test_names_of_months_keep_clear_of_each_other_and_the_last_one_has_room() -> None:
    data = _as_data(chart(Bar(date(2027, 3, 1), date(2027, 10, 5), "stage")), CALENDAR)  # shown from 02-26 to 10-08
    assert [month["name"] for month in data["months"]] == [f"2027-{month:02}" for month in range(3, 11)]
    assert min((after["at"] - before["at"]) * data["day"] for before, after in pairwise(data["months"])) >= 44
    assert (data["days"] - data["months"][-1]["at"]) * data["day"] + data["room"] == pytest.approx(44)
    whole = _as_data(chart(Bar(date(2027, 2, 8), date(2027, 10, 20), "stage")), CALENDAR)
    assert (whole["months"][0], whole["room"]) == ({"at": 0, "name": "2027-02"}, 0)
    short = _as_data(chart(Bar(date(2027, 2, 26), date(2027, 3, 5), "stage")), CALENDAR)  # 14 points a day
    assert [month["name"] for month in short["months"]] == ["2027-02", "2027-03"]


def test_ticks_of_days_that_are_near_each_other_stand_on_levels_of_their_own() -> None:
    long = Bar(date(2023, 6, 1), date(2024, 1, 18), "work")  # less than four points a day
    sent = (
        Sent(DAY, "reminder"),
        Sent(DAY, "message"),
        Sent(DAY + timedelta(days=1), "reminder"),
        Sent(DAY + timedelta(days=9), "escalation"),
    )
    data = _as_data(Chart("甲", "", (Row("乙", (long,), sent),)), CALENDAR)
    ticks = data["rows"][0]["ticks"]
    places = [(tick["level"], tick["at"] * data["day"] + 5 * tick["beside"]) for tick in ticks]
    assert [tick["level"] for tick in ticks] == [0, -1, 1, 0]
    assert not [1 for a, b in pairwise(sorted(places)) if a[0] == b[0] and b[1] - a[1] < 6]


def test_work_begins_and_ends_with_its_stage_within_the_day(opened: App, clock: VirtualClock, give: Give) -> None:
    drawn = future_chart(round_future(opened, SLUG), CALENDAR, clock.now())
    stage, work = row(drawn, "申报推荐").bars[0], row(drawn, "截止申报").bars[0]
    assert (work.first, work.begins) == (stage.first, stage.begins) == (DAY, 0.375)  # nine o'clock
    at = datetime(2023, 7, 20, 4, tzinfo=UTC)  # noon in the programme's zone
    line = replace(programme_future(PROGRAMME, CALENDAR, DAY).stages[1], coming=False, expected=False, concluded_at=at)
    spans = [Span(line.stage, "资格审核", WorkKind.QUALIFICATION, DAY, date(2023, 7, 20), mark) for mark in ("done", "work")]
    (_, drawn_work) = chart_rows((line,), spans, [], CALENDAR, at)
    assert [bar.ends for bar in drawn_work.bars] == [0.5, 1]


def test_nothing_covers_what_is_late() -> None:
    stages = programme_future(PROGRAMME, CALENDAR, DAY).stages
    marks: tuple[Mark, ...] = ("late", "work")
    spans = [Span(Stage.INTAKE, "出具推荐意见", WorkKind.ENDORSEMENT, DAY, DAY, mark) for mark in marks]
    drawn = Chart("甲", "", chart_rows(stages, spans, [], CALENDAR, CALENDAR.due_at(DAY)))
    assert [bar.mark for bar in row(drawn, "出具推荐意见").bars] == ["work", "late"]


def test_the_bars_of_stages_meet_without_overlapping() -> None:
    drawn = future_chart(programme_future(PROGRAMME, CALENDAR, DAY), CALENDAR, CALENDAR.due_at(DAY))
    bars = [each.bars[0] for each in drawn.rows if each.head]
    assert [after.first - before.last for before, after in pairwise(bars)] == [timedelta(days=1)] * 6
    assert row(drawn, "组建评审组").bars[0].first == row(drawn, "专家评审").bars[0].first == date(2023, 7, 28)


def test_work_that_waits_for_other_work_is_drawn_from_when_that_is_done() -> None:
    drawn = future_chart(programme_future(PROGRAMME, CALENDAR, DAY), CALENDAR, CALENDAR.due_at(DAY))
    spans = {title: (bar.first, bar.last) for title in ("提交评分表", "公示期满办结") for bar in row(drawn, title).bars}
    # The panel is seated by 08-01, the notice published by 09-04.
    assert spans == {"提交评分表": (date(2023, 8, 2), date(2023, 8, 11)), "公示期满办结": (date(2023, 9, 5), date(2023, 9, 8))}


def test_what_is_certain_is_drawn_solid_and_all_that_people_must_do_first_is_not() -> None:
    drawn = future_chart(programme_future(PROGRAMME, CALENDAR, DAY), CALENDAR, CALENDAR.due_at(DAY))
    solid = [each.title for each in drawn.rows if not any(bar.expected for bar in each.bars)]
    assert solid == ["申报推荐", "截止申报"]


def test_a_stage_that_the_clock_will_end_early_is_drawn_until_then() -> None:
    line = replace(programme_future(PROGRAMME, CALENDAR, DAY).stages[4], coming=False, closes_at=CALENDAR.due_at(date(2023, 9, 8)))
    (drawn,) = chart_rows((line,), [], [], CALENDAR, CALENDAR.due_at(date(2023, 9, 4)))
    assert ([(bar.mark, bar.last) for bar in drawn.bars], drawn.ends) == ([("active", date(2023, 9, 8))], "至 9月8日24时")


def test_a_stage_that_people_concluded_meets_the_next_one_within_the_day() -> None:
    at = datetime(2023, 7, 20, 4, tzinfo=UTC)  # noon in the programme's zone
    lines = programme_future(PROGRAMME, CALENDAR, DAY).stages
    ended = replace(lines[1], coming=False, expected=False, concluded_at=at)
    begun = replace(lines[2], coming=False, expected=False, opens_day=date(2023, 7, 20), opens_at=at)
    drawn = Chart("甲", "", chart_rows((ended, begun), [], [], CALENDAR, at))
    first, second = (each["bars"][0] for each in _as_data(drawn, CALENDAR)["rows"])
    assert (first["at"] + first["days"], second["at"]) == (17.5, 17.5)
    assert drawn.rows[0].ends == "7月20日办结"
    late = replace(ended, due_day=date(2023, 7, 18), due_at=CALENDAR.due_at(date(2023, 7, 18)))
    bars = chart_rows((late,), [], [], CALENDAR, at)[0].bars
    assert [(bar.mark, bar.last, bar.ends) for bar in bars] == [("done", date(2023, 7, 18), 1), ("late", date(2023, 7, 20), 0.5)]


def test_a_stage_says_when_it_ends(opened: App, clock: VirtualClock, give: Give) -> None:
    assert row(future_chart(round_future(opened, SLUG), CALENDAR, clock.now()), "申报推荐").ends == "至 7月5日24时"
    clock.move_to(datetime(2023, 7, 5, 16, tzinfo=UTC))
    give(Tick(round=SLUG))
    drawn = future_chart(round_future(opened, SLUG), CALENDAR, clock.now())
    assert {each.title: each.ends for each in drawn.rows if each.head} == {
        "申报推荐": "7月5日办结",
        "资格审核": "至 7月27日24时",
        "专家评审": "至 8月17日24时",
        "领导小组审定": "至 8月31日24时",
        "社会公示": "至 9月21日24时",
        "政府认定": "至 10月25日24时",
        "待遇落实": "至 1月18日24时",
    }
    plain = Row("申报推荐", (Bar(DAY, DAY, "stage"),), head=True)
    pictures = [gantt_picture(Chart("甲", "", (each,)), CALENDAR, "svg") for each in (plain, replace(plain, ends="至 6月6日24时"))]
    assert pictures[0] != pictures[1]


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
