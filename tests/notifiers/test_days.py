"""How days read in a message: with their weekday, and how many working days are left."""

from datetime import date

import pytest

from config.calendar import WorkCalendar
from notifiers.moved_days import moved, notice_days
from notifiers.wording import Due, Line, due_on, full_day


@pytest.mark.parametrize(
    ("due", "today", "words"),
    [
        (date(2023, 7, 3), date(2023, 6, 28), "2023年7月3日（星期一），还有3个工作日"),
        (date(2023, 6, 28), date(2023, 6, 28), "2023年6月28日（星期三），今天到期"),
        (date(2023, 6, 26), date(2023, 6, 28), "2023年6月26日（星期一），已逾期2个工作日"),
        (date(2023, 6, 26), date(2023, 6, 21), "2023年6月26日（星期一），还有2个工作日"),  # Dragon Boat 22-24 off, Sunday 25 worked
        (date(2023, 6, 30), date(2023, 7, 1), "2023年6月30日（星期五），已过期限，逾期不足1个工作日"),
        (date(2023, 7, 2), date(2023, 7, 1), "2023年7月2日（星期日），还有不足1个工作日"),
    ],
)
def test_due_day_reads_with_weekday_and_working_days(due: date, today: date, words: str) -> None:
    assert due_on(WorkCalendar(), due, today, provisional=False).long == words


def test_provisional_due_day_says_so() -> None:
    due = Due(date(2027, 2, 1), date(2027, 1, 29), 1, provisional=True)
    assert due.long == "2027年2月1日（星期一），还有1个工作日（暂定：有关年份的节假日安排尚未公布）"
    assert due.english == "2027-02-01, 1 working day left, provisional"


def test_english_due_day_says_overdue_and_today() -> None:
    assert Due(date(2023, 7, 3), date(2023, 7, 5), -2).english == "2023-07-03, 2 working days overdue"
    assert Due(date(2023, 7, 3), date(2023, 7, 3), 0).english == "2023-07-03, today"


def test_full_day_has_its_weekday() -> None:
    assert full_day(date(2023, 6, 25)) == "2023年6月25日（星期日）"


def test_line_without_a_name_is_its_number() -> None:
    assert str(Line("BJGJ-2023-0001")) == "BJGJ-2023-0001"
    assert Line("BJGJ-2023-0001").masked == "BJGJ-2023-0001"
    assert str(Line(note="说明")) == "说明"


def seen(today: date) -> Due:
    return due_on(WorkCalendar(), date(2023, 7, 4), today, provisional=False)


@pytest.mark.parametrize(
    ("today", "until", "english"),
    [
        (date(2023, 6, 28), "2023年7月4日（星期二），还有4个工作日", "2023-07-04, 4 working days left"),
        (date(2023, 7, 4), "2023年7月4日（星期二），今天到期", "2023-07-04, today"),
        (date(2023, 7, 5), "2023年7月4日（星期二）", "2023-07-04"),  # what ends by itself is not overdue
    ],
)
def test_notice_says_how_many_days_are_left_while_it_runs(today: date, until: str, english: str) -> None:
    assert notice_days(date(2023, 6, 28), seen(today)) == {
        "window": f"2023年6月28日（星期三）至{until}",
        "window_english": f"2023-06-28 to {english}",
    }


def test_moved_days_say_how_far_they_are_in_both_languages() -> None:
    context = {
        "stages": [{"id": "intake", "from": "2023-06-30", "to": "2023-07-04"}],
        "batches": [{"id": "bjgj-2023-1", "from": "2023-07-03", "to": "2023-07-04"}],
    }
    assert moved(context, lambda _: seen(date(2023, 6, 28))) == {
        "moved": "申报推荐阶段的截止日由2023年6月30日（星期五）改为2023年7月4日（星期二），还有4个工作日；"
        "公示 bjgj-2023-1的截止日由2023年7月3日（星期一）改为2023年7月4日（星期二），还有4个工作日",
        "moved_english": "intake ends on 2023-07-04, 4 working days left, not on 2023-06-30; "
        "notice bjgj-2023-1 ends on 2023-07-04, 4 working days left, not on 2023-07-03",
    }
