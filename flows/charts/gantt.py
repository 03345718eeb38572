"""A Gantt chart as a picture file: bars over days, ticks for messages, today's line, what is overdue and what is provisional."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from config.calendar import WorkCalendar

Mark = Literal["stage", "work", "done", "active", "late", "notice"]
_TEMPLATE = Path(__file__).with_name("gantt.typ")
_DAY = timedelta(days=1)
_MARGIN = timedelta(days=3)
_NEAR = timedelta(days=60)
_NAME = 44
"""Points that the name of a month takes up, with the room beside it."""
_TICK = 6
"""Points that a tick takes up: two that are nearer would cover each other."""
_BESIDE = 5
"""Points by which ticks of one day stand beside each other."""
_LEVELS = (0, 1, -1)
"""Where a tick may stand in its row: in the middle, else above, else below."""
_FORMS: dict[str, Literal["svg", "png"]] = {".svg": "svg", ".png": "png"}


@dataclass(frozen=True)
class Bar:
    """Days from ``first`` to ``last``, both included, in the programme's zone. Provisional bars are hatched, expected ones pale.

    ``begins`` and ``ends`` say at which part of its first and its last day (0 to 1), where an instant is known.
    """

    first: date
    last: date
    mark: Mark
    provisional: bool = False
    expected: bool = False
    begins: float = 0
    ends: float = 1


@dataclass(frozen=True)
class Tick:
    """A day on which something is sent: a reminder, an escalation, or any other message."""

    day: date
    kind: Literal["reminder", "escalation", "message"]


@dataclass(frozen=True)
class Row:
    """One line of the chart; ``head`` is that of a stage, with when it ``ends``; the others are the work in it."""

    title: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...] = ()
    head: bool = False
    ends: str = ""


@dataclass(frozen=True)
class Chart:
    """A whole chart. ``today`` is drawn as a line where it lies in the days shown; ``note`` stands beside the title."""

    title: str
    note: str
    rows: tuple[Row, ...]
    today: date | None = None


def picture_form(path: Path) -> Literal["svg", "png"] | None:
    """Give the form that a file's name asks for, None where it is neither of the two."""
    return _FORMS.get(path.suffix.lower())


def gantt_picture(chart: Chart, calendar: WorkCalendar, form: Literal["svg", "png"]) -> bytes:
    """Draw a chart; the same chart gives the same bytes. Raises ``ValueError`` for one without any bar."""
    from notifiers.typesetting import typeset

    return typeset(_TEMPLATE, _as_data(chart, calendar), form)


def _as_data(chart: Chart, calendar: WorkCalendar) -> dict[str, Any]:
    """Turn days into numbers, counted from the first one shown."""
    first, last = _shown(chart)
    days = [first + each * _DAY for each in range((last - first).days + 1)]
    seen = chart.today is not None and first <= chart.today <= last
    width, months = _width(len(days)), _months(days)
    return {
        "title": chart.title,
        "note": chart.note,
        "days": len(days),
        "day": width,
        "months": months,
        "room": max(_NAME - (len(days) - months[-1]["at"]) * width, 0),
        "weeks": [{"at": at, "name": f"{day:%d}"} for at, day in enumerate(days) if day.weekday() == 0],
        "rest": [at for at, day in enumerate(days) if not calendar.is_working_day(day)],
        "rows": [_row(row, first, width) for row in chart.rows],
        "today": (chart.today - first).days if seen and chart.today else None,
        "today-name": f"今日 {chart.today:%m-%d}" if seen else "",
    }


def _width(days: int) -> float:
    """Give how many points a day is wide."""
    return max(1.6, min(14.0, 900 / days))


def _months(days: Sequence[date]) -> list[dict[str, Any]]:
    """Name every month that begins in these days, and the first one where its name does not run into the next."""
    begins = [at for at, day in enumerate(days) if day.day == 1]
    room = (begins[0] if begins else len(days)) * _width(len(days))
    named = [0, *begins] if not begins or room >= _NAME else begins
    return [{"at": at, "name": f"{days[at]:%Y-%m}"} for at in named]


def _shown(chart: Chart) -> tuple[date, date]:
    """Give the first and the last day shown; a today far outside would press everything else together."""
    days = [day for row in chart.rows for day in _days_of(row)]
    first, last = min(days), max(days)
    if chart.today is not None and first - _NEAR <= chart.today <= last + _NEAR:
        first, last = min(first, chart.today), max(last, chart.today)
    return first - _MARGIN, last + _MARGIN


def _days_of(row: Row) -> Iterator[date]:
    for bar in row.bars:
        yield from (bar.first, bar.last)
    for tick in row.ticks:
        yield tick.day


def _side_by_side(ticks: Iterable[Tick]) -> Iterator[tuple[date, str, int]]:
    """Give each kind of tick once a day, and how many others stand before it on that day: none may hide another."""
    for day, together in groupby(sorted(dict.fromkeys(ticks), key=lambda tick: tick.day), key=lambda tick: tick.day):
        for beside, tick in enumerate(sorted(together, key=lambda tick: tick.kind, reverse=True)):
            yield day, tick.kind, beside


def _levels(places: Sequence[float]) -> list[int]:
    """Give each tick the first level on which it covers none before it, by its place in points; where none is free, the emptiest."""
    last = dict.fromkeys(_LEVELS, float("-inf"))
    levels = dict.fromkeys(range(len(places)), 0)
    for number in sorted(levels, key=lambda each: places[each]):
        free = [level for level in _LEVELS if places[number] - last[level] >= _TICK]
        levels[number] = free[0] if free else min(_LEVELS, key=lambda level: last[level])
        last[levels[number]] = places[number]
    return list(levels.values())


def _row(row: Row, first: date, width: float) -> dict[str, Any]:
    bars = [
        {"at": (bar.first - first).days + bar.begins, "days": (bar.last - bar.first).days + bar.ends - bar.begins, "mark": bar.mark}
        | {"provisional": bar.provisional, "expected": bar.expected}
        for bar in row.bars
    ]
    ticks: list[dict[str, Any]] = [
        {"at": (day - first).days, "kind": kind, "beside": beside} for day, kind, beside in _side_by_side(row.ticks)
    ]
    levels = _levels([tick["at"] * width + tick["beside"] * _BESIDE for tick in ticks])
    drawn = [tick | {"level": level} for tick, level in zip(ticks, levels, strict=True)]
    return {"title": row.title, "ends": row.ends, "head": row.head, "bars": bars, "ticks": drawn}
