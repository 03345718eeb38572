from datetime import date, timedelta
from pathlib import Path

import pytest

from config.calendar import WorkCalendar
from config.calendar_overrides import SHIPPED, OverridesInvalid, load_overrides
from config.errors import ConfigError

NEW_YEAR_2027 = """\
years:
  - year: 2027
    source: 国办发明电〔2026〕7号
days:
  - date: 2027-01-01
    kind: 休
    source: 国办发明电〔2026〕7号
  - date: 2027-01-03
    kind: 班
    source: 国办发明电〔2026〕7号
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "days.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(OverridesInvalid) as caught:
        load_overrides(written(folder, text))
    assert {problem.file for problem in caught.value.problems} == {"days.yaml"}
    assert all(problem.mend.startswith("请") for problem in caught.value.problems)
    return [(problem.line, problem.field, problem.reason) for problem in caught.value.problems]


def test_shipped_file_is_valid_and_empty() -> None:
    assert SHIPPED.is_file()
    assert load_overrides() == {}


@pytest.mark.parametrize("text", ["", "# 暂无\n", "years:\ndays:\n", "days: []\n", "\ufeffdays: []\n"])
def test_file_without_days_is_empty(tmp_path: Path, text: str) -> None:
    assert load_overrides(written(tmp_path, text)) == {}


def test_single_days_leave_the_rest_of_their_year_provisional(tmp_path: Path) -> None:
    overrides = load_overrides(written(tmp_path, NEW_YEAR_2027[NEW_YEAR_2027.index("days:") :]))
    assert overrides == {date(2027, 1, 1): False, date(2027, 1, 3): True}
    assert not WorkCalendar(overrides=overrides).is_year_announced(2027)


def test_announced_year_comes_back_whole(tmp_path: Path) -> None:
    calendar = WorkCalendar(overrides=load_overrides(written(tmp_path, NEW_YEAR_2027)))
    assert calendar.is_year_announced(2027)
    worked = [calendar.is_working_day(date(2027, 1, day)) for day in (1, 2, 3, 4)]
    assert worked == [False, False, True, True]  # Friday off, Saturday, Sunday made up, Monday
    assert not calendar.after(date(2026, 12, 31), 3).provisional
    assert not calendar.is_announced(date(2028, 1, 3))


def test_every_problem_is_found_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
days:
  - date: 2027-02-30
    kind: 休
    source: 甲
  - date: 2027-01-03
    kind: 补班
    source: 甲
  - date: 2027-01-04
    kind: 休
    soruce: 甲
  - date: 2027-01-05
    kind: 休
    source: ''
  - 2027-01-06
  - date: 2027年1月7日
    kind: 班
    source: 甲
"""
    assert problems(tmp_path, text) == [
        (2, "date", "“2027-02-30”不是日期"),
        (6, "kind", "“补班”不可用"),
        (10, "soruce", "不认识的名称"),
        (8, "source", "缺少内容"),
        (13, "source", "缺少内容"),
        (14, "", "应是“名称: 内容”的形式"),
        (15, "date", "“2027年1月7日”不是日期"),
    ]


def test_same_day_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    day = "  - date: 2027-01-01\n    kind: {}\n    source: 甲\n"
    assert problems(tmp_path, "days:\n" + day.format("休") + day.format("班")) == [(5, "date", "2027-01-01 重复")]


def test_same_year_twice_is_refused_at_the_second(tmp_path: Path) -> None:
    text = "years:\n  - year: 2027\n    source: 甲\n  - year: 2027\n    source: 乙\n"
    assert problems(tmp_path, f"{text}days:\n  - date: 2027-01-01\n    kind: 休\n    source: 甲\n") == [(4, "year", "2027年重复")]


def test_announced_year_without_holidays_is_refused(tmp_path: Path) -> None:
    text = "years:\n  - year: 2027\n    source: 甲\ndays:\n  - date: 2027-01-03\n    kind: 班\n    source: 甲\n"
    assert problems(tmp_path, text) == [(2, "year", "2027年标为已公布，但 days 中没有该年的放假日")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("years:\n  - year: 二七\n    source: 甲\n", (2, "year", "“二七”不是年份")),
        ("years:\n  - source: 甲\n", (2, "year", "缺少内容")),
        ("dayz: []\n", (1, "dayz", "不认识的名称")),
        ("holidays: []\n", (1, "holidays", "不认识的名称")),
        ("days: []\ndays: []\n", (2, "days", "名称重复")),
        ("days: 2027-01-01\n", (1, "days", "应是一个列表")),
        ("- 2027-01-01\n", (1, "", "应是“名称: 内容”的形式")),
        ("days:\n  - date: [2027-01-01]\n    kind: 休\n    source: 甲\n", (2, "date", "缺少内容")),
        ("days:\n  - date: 'x\n", (3, "", "YAML 格式有误")),
        ("days: \x07\n", (0, "", "YAML 格式有误")),
        ("days:\n  - date: 2027-01-01\n    kind：休\n    source: 甲\n", (3, "", "用了中文冒号“：”")),
        ("days:\n  - date：2027-01-01\n    kind: 休\n    source: 甲\n", (2, "", "用了中文冒号“：”")),
        ("days:\n  - {date: 2027-01-01, kind：休, source: 甲}\n  - }\n", (2, "", "用了中文冒号“：”")),
        ("days:\n  - {date: 2027-01-01，kind: 休, source: 甲}\n", (2, "", "用了中文逗号“，”")),
    ],
)
def test_broken_file_names_line_and_field(tmp_path: Path, text: str, expected: tuple[int, str, str]) -> None:
    assert problems(tmp_path, text) == [expected]


def test_typing_slip_gets_a_hint(tmp_path: Path) -> None:
    with pytest.raises(OverridesInvalid, match=r"days\.yaml 第1行：“dayz”不认识的名称。请确认是否应为 days。"):
        load_overrides(written(tmp_path, "dayz: []\n"))


def test_file_in_another_encoding_is_refused_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "days.yaml"
    path.write_bytes(NEW_YEAR_2027.encode("gbk"))
    with pytest.raises(ConfigError, match="不是 UTF-8 编码"):
        load_overrides(path)


def test_missing_file_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(OverridesInvalid, match=r"none\.yaml：文件打不开.*请核对 HALLMARK_CALENDAR_OVERRIDES"):
        load_overrides(tmp_path / "none.yaml")


@pytest.mark.parametrize("year", ["9999", "2270", "1999"])
def test_day_out_of_reach_is_a_slip_in_its_year(tmp_path: Path, year: str) -> None:
    text = f"days:\n  - date: {year}-01-01\n    kind: 休\n    source: 甲\n"
    assert problems(tmp_path, text) == [(2, "date", f"{year}-01-01 不在 2004-01-01 至 2199-12-31 之间，用不上")]


def test_year_whose_official_holidays_would_be_worked_is_refused(tmp_path: Path) -> None:
    """The arrangement of 2027 entered under 2026, which has a day of it: the Spring Festival of 2026 would be worked."""
    days = "days:\n  - date: 2026-12-31\n    kind: 休\n    source: 甲\n"
    ((line, field, reason),) = problems(tmp_path, f"years:\n  - year: 2026\n    source: 甲\n{days}")
    assert (line, field) == (2, "year")
    assert reason.startswith("系统已有2026年的放假安排，照此会把 2026-01-01 等 ")


def test_whole_year_that_the_official_calendar_has_learnt_meanwhile_still_goes(tmp_path: Path) -> None:
    """After an update of the official calendar the house's own file of that year is no slip."""
    every = [date(2026, 1, 1) + timedelta(days=each) for each in range(365)]
    off = [day for day in every if day.weekday() < 5 and not WorkCalendar().is_working_day(day)]
    days = "".join(f"  - {{date: {day}, kind: 休, source: 甲}}\n" for day in off)
    assert not any(load_overrides(written(tmp_path, f"years:\n  - {{year: 2026, source: 甲}}\ndays:\n{days}"))[day] for day in off)


@pytest.mark.parametrize("nothing", ["~", "null"])
def test_source_that_says_nothing_is_missing(tmp_path: Path, nothing: str) -> None:
    assert problems(tmp_path, f"days:\n  - date: 2027-01-01\n    kind: 休\n    source: {nothing}\n") == [(4, "source", "缺少内容")]


def test_full_width_colon_in_braces_that_is_read_as_a_name_is_named(tmp_path: Path) -> None:
    text = "days:\n  - {date: 2027-01-01, kind：休, source: 甲}\n"
    assert problems(tmp_path, text)[0] == (2, "kind：休", "用了中文冒号“：”")


def test_full_width_punctuation_within_a_value_is_no_slip(tmp_path: Path) -> None:
    text = "days:\n  - {date: 2027-01-01, kind: 休, source: 国办：发，明电}\n  - {date: 2027-01-04, kind: 休, source: 甲\n"
    assert problems(tmp_path, text) == [(4, "", "YAML 格式有误")]
