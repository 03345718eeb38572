"""How a day reads where operators see it: with its weekday, and with what else is to be said of it."""

from datetime import date

WEEKDAYS = "一二三四五六日"
"""From Monday on, as ``date.weekday`` counts."""


def with_weekday(day: date, *marks: str) -> str:
    """Write a day with its weekday and remarks: 2023-06-25（周日，休息日）."""
    return f"{day}（{'，'.join((f'周{WEEKDAYS[day.weekday()]}', *marks))}）"
