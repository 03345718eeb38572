"""What a stage that nobody has entered yet will ask of whom, as far as the programme alone says it.

As with the stages themselves, whatever people do is taken to be done on its last day: experts score once they are seated,
a notice runs from its publication, and benefits are owed from the day of the government's document.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.calendar import DueDate, WorkCalendar
from config.programme import Programme
from config.vocabulary import Stage, WorkKind
from flows.reading.timeline import StageLine
from states.obligations import OFFICE
from states.progress import OPENED_BY

_OF_STAGES = {**OPENED_BY, Stage.QUALIFICATION: ((WorkKind.QUALIFICATION, OFFICE),), Stage.NOTICE: ((WorkKind.PUBLICATION, OFFICE),)}
_EXPERTS = "各评审专家"


@dataclass(frozen=True)
class ExpectedWork:
    """One kind of work with its owner, as it is shown; it is opened at ``opens_at`` (aware, UTC), and of how many items is not known."""

    kind: WorkKind
    owner: str
    opens_at: datetime
    due: DueDate


def expected_work(programme: Programme, calendar: WorkCalendar, line: StageLine, names: Mapping[str, str]) -> Iterator[ExpectedWork]:
    """Foresee the work of a stage to come; ``names`` are those of the bodies."""
    reader = _Reader(programme, calendar, line)
    for kind, owner in _OF_STAGES.get(line.stage, ()):
        yield ExpectedWork(kind, names[owner], line.opens_at, reader.due(kind))
    if line.stage == Stage.QUALIFICATION:
        for rule in programme.clearances:
            yield ExpectedWork(WorkKind.CLEARANCE, f"联审部门 {rule.department}", line.opens_at, reader.due(WorkKind.CLEARANCE))
    elif line.stage == Stage.EXPERT_REVIEW:
        yield reader.next(WorkKind.ASSIGNMENT, WorkKind.SCORE_SHEET, _EXPERTS)
    elif line.stage == Stage.NOTICE:
        yield reader.notice(names[OFFICE])
    elif line.stage == Stage.FULFILMENT:
        for benefit in programme.benefits:
            due = calendar.after(line.counts_from, benefit.working_days)
            yield ExpectedWork(WorkKind.BENEFIT, names[OFFICE], line.opens_at, due)


class _Reader:
    """Reckons the due days of one stage."""

    def __init__(self, programme: Programme, calendar: WorkCalendar, line: StageLine) -> None:
        self._programme, self._calendar, self._line = programme, calendar, line

    def due(self, kind: WorkKind) -> DueDate:
        """Count from the stage's beginning; work without days of its own is due with the stage."""
        days = self._programme.work[kind].working_days
        line = self._line
        return DueDate(line.due_day, line.provisional) if days is None else self._calendar.after(line.counts_from, days)

    def next(self, first: WorkKind, kind: WorkKind, owner: str) -> ExpectedWork:
        """Count what can begin only once other work is done."""
        begun, days = self.due(first), self._programme.work[kind].working_days
        counted = self._calendar.after(begun.day, days) if days is not None else self.due(kind)
        due = DueDate(counted.day, counted.provisional or begun.provisional)
        return ExpectedWork(kind, owner, self._calendar.due_at(begun.day), due)

    def notice(self, owner: str) -> ExpectedWork:
        """Count a notice's window, whose first day is that of its publication."""
        published = self.due(WorkKind.PUBLICATION)
        window = self._calendar.notice_window(published.day, self._programme.notice.working_days)
        due = DueDate(window.last_day, window.provisional or published.provisional)
        return ExpectedWork(WorkKind.NOTICE_COMPLETION, owner, self._calendar.due_at(published.day), due)
