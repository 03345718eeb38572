"""The rows of a chart: stages against their due days, the work in each, and what is sent when."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from config.calendar import WorkCalendar
from config.labels import label
from config.vocabulary import Stage, WorkKind
from flows.charts.gantt import Bar, Mark, Row, Tick
from flows.reading.foresight import Foreseen
from flows.reading.timeline import StageLine, last_day
from states.tables import NoticeBatch, WorkItem

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Work or a public notice over days of the programme's zone, both included; ``work`` is None for a notice."""

    stage: Stage
    title: str
    work: WorkKind | None
    first: date
    last: date
    mark: Mark = "work"
    provisional: bool = False
    expected: bool = False
    count: int = 1


def chart_rows(
    stages: Iterable[StageLine], spans: Sequence[Span], lines: Sequence[Foreseen], calendar: WorkCalendar, now: datetime
) -> tuple[Row, ...]:
    """Lay out all rows in the order of the stages, as they stand at an aware instant."""
    bars = ((line, tuple(_stage_bars(line, calendar, now))) for line in stages if not line.skipped)
    return tuple(row for line, drawn in bars for row in _stage_rows(line.stage, drawn, spans, lines, _ends(line, calendar, now)))


def spans_of_items(items: Iterable[WorkItem], calendar: WorkCalendar, now: datetime) -> list[Span]:
    """Give what open work, or work yet to be opened, spans at an aware instant; what is overdue grows until that day."""
    spans = []
    today = calendar.local(now).date()
    for item in items:
        if item.done_at is not None and item.done_at <= now:
            continue
        kind, opened = WorkKind(item.kind), calendar.local(item.opened_at).date()
        spans.append(_span(item, kind, opened, max(item.due_day, opened), "work"))
        if item.due_at <= now and today > item.due_day:
            spans.append(_span(item, kind, item.due_day + _DAY, today, "late"))
    return _counted(spans)


def spans_of_past(items: Iterable[WorkItem], calendar: WorkCalendar) -> list[Span]:
    """Give what closed work spanned: until it was done or dropped, late where that was after its due day."""
    spans = []
    for item in items:
        if item.done_at is None:
            continue
        kind, opened, ended = WorkKind(item.kind), calendar.local(item.opened_at).date(), last_day(item.done_at, calendar.zone)
        spans.append(_span(item, kind, opened, max(min(ended, item.due_day), opened), "done"))
        if ended > item.due_day:
            spans.append(_span(item, kind, item.due_day + _DAY, ended, "late"))
    return _counted(spans)


def spans_of_notices(batches: Iterable[NoticeBatch]) -> list[Span]:
    """Give the windows of public notices."""
    return [
        Span(Stage.NOTICE, f"第{number}批公示", None, batch.first_day, batch.last_day, "notice", batch.provisional)
        for number, batch in enumerate(batches, start=1)
    ]


def spans_of_coming(lines: Iterable[Foreseen], calendar: WorkCalendar) -> list[Span]:
    """Give the work that stages not entered yet will open, from when it can begin."""
    spans = []
    for line in lines:
        if line.kind == "work_due" and line.work is not None and line.begins is not None:
            first = min(calendar.local(line.begins).date(), line.day)
            spans.append(
                Span(line.stage, label(line.work), line.work, first, line.day, "work", line.provisional, line.expected, line.count)
            )
    return spans


def _span(item: WorkItem, kind: WorkKind, first: date, last: date, mark: Mark) -> Span:
    return Span(Stage(item.stage), label(kind), kind, first, last, mark, item.provisional)


def _counted(spans: Iterable[Span]) -> list[Span]:
    """Put spans that are alike together, with their number."""
    ordered = sorted(spans, key=lambda each: (each.stage, each.title, each.first, each.last, each.mark, each.provisional))
    alike = [list(group) for _, group in groupby(ordered)]
    return [Span(**{**vars(group[0]), "count": len(group)}) for group in alike]


def _ends(line: StageLine, calendar: WorkCalendar, now: datetime) -> str:
    """Say when a stage ends or ended, as people say it: a due time is the end of its last day."""
    if line.concluded_at is not None and line.concluded_at <= now:
        ended = last_day(line.concluded_at, calendar.zone)
        return f"{ended.month}月{ended.day}日{'取消' if line.cancelled else '办结'}"
    last = line.ends_on(calendar.zone)
    return f"至 {last.month}月{last.day}日24时"


def _stage_rows(stage: Stage, bars: tuple[Bar, ...], spans: Sequence[Span], lines: Sequence[Foreseen], ends: str) -> Iterator[Row]:
    mine = [span for span in spans if span.stage == stage]
    said = [each for each in lines if each.stage == stage]
    yield Row(label(stage), bars, tuple(_ticks(each for each in said if each.work is None)), head=True, ends=ends)
    for title in dict.fromkeys(span.title for span in sorted(mine, key=_place)):
        of_kind = [span for span in mine if span.title == title]
        count = sum(span.count for span in of_kind if span.mark != "late")
        # What is late is drawn last: no other bar of the row may cover it.
        drawn = sorted(of_kind, key=lambda span: span.mark == "late")
        worked = tuple(_within(Bar(span.first, span.last, span.mark, span.provisional, span.expected), bars) for span in drawn)
        kinds = {span.work for span in of_kind} - {None}
        yield Row(f"{title} {count} 项" if count > 1 else title, worked, tuple(_ticks(each for each in said if each.work in kinds)))


def _within(bar: Bar, stage: tuple[Bar, ...]) -> Bar:
    """Begin work on its stage's first day when the stage begins, and end it when that is over: of both only days are known otherwise."""
    begins = stage[0].begins if bar.first == stage[0].first else bar.begins
    ends = stage[-1].ends if bar.mark == "done" and bar.last == stage[-1].last else bar.ends
    return replace(bar, begins=begins, ends=max(ends, begins) if bar.first == bar.last else ends)


def _place(span: Span) -> tuple[int, str]:
    kinds = list(WorkKind)
    return kinds.index(span.work) if span.work else len(kinds), span.title


def _stage_bars(line: StageLine, calendar: WorkCalendar, now: datetime) -> Iterator[Bar]:
    """Draw a stage until it was concluded, to the hour, else until the clock will or it is due; whatever is beyond that is late."""
    concluded = line.concluded_at if line.concluded_at is not None and line.concluded_at <= now else None
    begun = line.opens_at <= now and not line.coming
    mark: Mark = "done" if concluded else "active" if begun else "stage"
    ended = last_day(concluded, calendar.zone) if concluded else calendar.local(now).date() if begun and line.due_at <= now else None
    last = line.ends_on(calendar.zone) if ended is None else min(ended, line.due_day)
    begins, ends = _part(line.opens_at, calendar), (_part(concluded, calendar) or 1) if concluded else 1
    in_time = ended is None or ended <= max(line.due_day, line.opens_day)
    provisional = line.provisional and not concluded
    yield Bar(line.opens_day, max(last, line.opens_day), mark, provisional, line.expected, begins, ends if in_time else 1)
    if ended is not None and ended > max(line.due_day, line.opens_day):
        yield Bar(max(line.due_day, line.opens_day) + _DAY, ended, "late", ends=ends)


def _part(instant: datetime, calendar: WorkCalendar) -> float:
    """Give which part of its day is over at an instant, so that the stage that ends and the one that begins then meet."""
    local = calendar.local(instant)
    return (local.hour * 60 + local.minute) / (24 * 60)


def _ticks(lines: Iterable[Foreseen]) -> Iterator[Tick]:
    for line in lines:
        if line.kind in ("reminder", "escalation", "message"):
            yield Tick(line.day, line.kind)
