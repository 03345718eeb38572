"""What is foretold of steps whose own day lies in a year that nobody has announced, while their due day is certain."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any

from config.loader import find_programme, read_text
from config.vocabulary import WorkKind
from flows.bootstrap import App
from flows.converting import roster_entries
from flows.rehearsal import round_future
from flows.workbooks.synthetic import synthetic_candidates
from flows.workbooks.synthetic_roster import synthetic_roster
from states.clock import VirtualClock
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster
from states.commands.rounds import OpenRound
from tests.flows.conftest import OPERATOR, SLUG, Give


def test_foretold_step_in_a_year_not_announced_is_provisional(app: App, clock: VirtualClock, give: Give, who: dict[str, Any]) -> None:
    """The endorsement is due on Thursday 2026-12-31; its escalations come in 2027."""
    clock.move_to(datetime(2026, 12, 24, 1, tzinfo=UTC))
    give(ImportRoster(operator=OPERATOR, entries=roster_entries(synthetic_roster(Random(3)))))
    give(OpenRound(**who, rules=read_text(find_programme("binjiang-craftsman-2023")), opens_on=date(2026, 12, 24)))
    (candidate,) = synthetic_candidates(Random(11), 1, flaws=False)
    give(SubmitNominations(**who, rows=(SubmittedRow(place="第2行", candidate=candidate),)))
    lines = [line for line in round_future(app, SLUG).lines if line.work == WorkKind.ENDORSEMENT]
    due, steps = (next(each for each in lines if each.kind == "work_due"), [each for each in lines if each.kind == "escalation"])
    assert (due.day, due.provisional) == (date(2026, 12, 31), False)
    assert {(each.day.year, each.provisional) for each in steps} == {(2027, True)}
    assert {each.provisional for each in lines if each.kind == "reminder"} == {False}
