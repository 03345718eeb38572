"""How a day reads where operators see it: with its weekday, and with what else is to be said of it."""

from collections.abc import Sequence
from datetime import date

WEEKDAYS = "一二三四五六日"
"""From Monday on, as ``date.weekday`` counts."""


def with_weekday(day: date, *marks: str) -> str:
    """Write a day with its weekday and remarks: 2023-06-25（周日，休息日）."""
    return f"{day}（{'，'.join((f'周{WEEKDAYS[day.weekday()]}', *marks))}）"


def provisional_for(years: Sequence[int]) -> str:
    """Say that a day is provisional for the arrangements of these years: 暂定：2027年的节假日安排尚未公布."""
    row = len(years) > 2 and years[-1] - years[0] == len(years) - 1
    named = f"{years[0]}年至{years[-1]}年" if row else "、".join(f"{year}年" for year in years)
    return f"暂定：{named}的节假日安排尚未公布"
