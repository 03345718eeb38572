"""Steps whose day lies in a year that nobody has announced, while the due day stands: moved once the arrangement is there."""

import json
from datetime import date

import pytest

from states.tables import WorkItem
from tests.states.builders import Story
from tests.states.figures import candidate
from tests.states.test_replanning import LONG, NEW_YEAR, announce, at, whole


@pytest.fixture
def endorsing(story: Story) -> Story:
    """An endorsement is due on Thursday 2026-12-31; its superior is told a working day later, by guess on Monday, January 4th."""
    story.clock.move_to(at(12, 24, year=2026))
    story.open(opens_on=date(2026, 12, 24)).submit(candidate(1))
    story.tick(at(12, 31, year=2026))
    assert waiting(story).next_step_at == at(1, 4)
    return story


def waiting(story: Story) -> WorkItem:
    return story.row(WorkItem, kind="endorsement")


def test_step_in_the_next_year_moves_as_soon_as_the_arrangement_is_there(endorsing: Story) -> None:
    announce(endorsing, whole(2027, LONG))
    endorsing.tick()
    assert (waiting(endorsing).next_step_at, waiting(endorsing).due_version) == (at(1, 5), 1)
    payloads = [json.loads(entry.payload) for entry in endorsing.entries(event="dates_replanned")]
    assert [payload["steps"] for payload in payloads if "steps" in payload] == [[waiting(endorsing).id]]
    assert "dates_replanned" not in [each.event for each in endorsing.tick().happened]
    endorsing.verified()


def test_step_in_the_next_year_moves_to_an_earlier_day_and_fires_there(endorsing: Story) -> None:
    announce(endorsing, whole(2027, NEW_YEAR))
    endorsing.tick()
    assert waiting(endorsing).next_step_at == at(1, 3)
    endorsing.tick(at(1, 3))
    assert waiting(endorsing).steps_done[0] == "e+1:superior"
    endorsing.verified()


def test_step_whose_true_day_is_over_fires_at_once(endorsing: Story) -> None:
    endorsing.clock.move_to(at(1, 3, 12))
    announce(endorsing, whole(2027, NEW_YEAR))
    endorsing.tick()
    assert waiting(endorsing).steps_done[0] == "e+1:superior"
    endorsing.verified()


def test_step_before_a_due_day_that_stands_moves_with_the_override(story: Story) -> None:
    story.clock.move_to(at(12, 14, year=2026))
    story.open(opens_on=date(2026, 12, 14))
    item = story.row(WorkItem)
    assert (item.due_day, item.next_step_at) == (date(2027, 1, 12), at(1, 8))
    announce(story, {date(2027, 1, 8): False, date(2027, 1, 9): True})
    story.tick()
    moved = story.row(WorkItem)
    assert (moved.due_day, moved.provisional, moved.next_step_at) == (date(2027, 1, 12), True, at(1, 9))
    story.verified()
