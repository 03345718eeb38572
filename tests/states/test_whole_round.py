"""The happy way, from the call to the last benefit: each command once, and what is left of it."""

from states.tables import Benefit, Nomination, WorkItem
from tests.states.builders import Story


def test_round_runs_through_all_six_milestones_and_closes(story: Story) -> None:
    story.certified(2, reserves=1)
    assert story.states() == ["government_certified", "government_certified", "not_selected"]
    assert story.stage() == "fulfilment"
    story.do(story.grants())
    assert story.stage() == "closed"
    assert {item.status for item in story.rows(WorkItem)} == {"done"}
    assert {benefit.status for benefit in story.rows(Benefit)} == {"granted"}
    assert [row.certificate for row in story.rows(Nomination)] == ["BJGJ-2023-Z001", "BJGJ-2023-Z002", None]
    story.verified()
