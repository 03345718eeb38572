"""Entries of the file of working days that are most likely slips are named with their line; none is refused."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from config.doubtful_overrides import doubtful_overrides

TODAY = date(2026, 11, 27)


def doubts(folder: Path, *entries: tuple[str, str]) -> list[tuple[int, str]]:
    path = folder / "days.yaml"
    path.write_text("days:\n" + "".join(f"  - {{date: {day}, kind: {kind}, source: 甲}}\n" for day, kind in entries), encoding="utf-8")
    found = doubtful_overrides(path, TODAY)
    assert all(each.warning and each.mend.startswith("请核对") for each in found)
    return [(each.line, each.reason) for each in found]


def off(*days: str) -> Iterable[tuple[str, str]]:
    return [(day, "休") for day in days]


def test_a_day_more_than_two_years_ahead_is_doubtful(tmp_path: Path) -> None:
    assert doubts(tmp_path, ("2027-01-01", "休"), ("2072-01-01", "休")) == [(3, "2072-01-01（周五）在两年多以后")]


@pytest.mark.parametrize(
    ("day", "kind", "reason"),
    [
        ("2027-03-06", "休", "2027-03-06（周六）本来就休息，这一条不起作用"),
        ("2027-03-08", "班", "2027-03-08（周一）本来就上班，这一条不起作用"),
        ("2026-11-30", "班", "2026-11-30（周一）本来就上班，这一条不起作用"),
    ],
)
def test_an_entry_that_changes_nothing_is_doubtful(tmp_path: Path, day: str, kind: str, reason: str) -> None:
    assert doubts(tmp_path, (day, kind)) == [(2, reason)]


def test_weekend_in_a_row_of_days_off_and_holidays_by_law_are_none(tmp_path: Path) -> None:
    """As an arrangement says it: February 5th to 11th off; May 1st, a Saturday; make-up days are Saturdays and Sundays."""
    row = off(*(f"2027-02-{day:02}" for day in range(5, 12)))
    assert doubts(tmp_path, *row, ("2027-02-14", "班"), ("2027-05-01", "休"), ("2027-05-03", "班")) == []


def test_what_the_official_calendar_has_learnt_meanwhile_is_none(tmp_path: Path) -> None:
    assert doubts(tmp_path, *off("2026-02-16", "2026-02-17"), ("2026-02-14", "班")) == []


def test_weekends_next_to_each_other_alone_are_doubtful(tmp_path: Path) -> None:
    assert [line for line, _ in doubts(tmp_path, *off("2027-03-06", "2027-03-07"))] == [2, 3]
