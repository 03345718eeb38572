"""Mergers (单位合并): whatever a unit said or owes ends up with the unit in its place, once, and no layer is asked again."""

from datetime import date

import pytest

from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.tables import Endorsement, Nomination, WorkItem
from tests.states.builders import Story
from tests.states.figures import FEDERATION, INTAKE_ENDS, TOWN, UNIT, number
from tests.states.test_reassigning import TWO_LAYERS, enlist, handover, items, merged, party


def relined(story: Story, parents: dict[str, str], *gone: str) -> None:
    """The roster names other superiors, and those who are gone left the day before."""
    entries = [party(each).model_copy(update={"parent": parent}) for each, parent in parents.items()]
    enlist(story, *entries, *(party(each).model_copy(update={"valid_to": date(2023, 6, 5)}) for each in gone))


def both_agreed(story: Story, count: int = 1) -> None:
    """A federation's nominations, with the yes of both layers; U4 is a unit beside them."""
    story.submitted(count, **TWO_LAYERS)
    enlist(story, party("U1").model_copy(update={"id": "U4", "name": "西兴街道总工会", "contacts": {}}))
    for unit in (FEDERATION, TOWN):
        story.endorse(range(1, count + 1), unit)


@pytest.mark.parametrize("how", ["roster", "handover", "both"])
def test_yes_of_a_superior_that_was_merged_away_still_counts(story: Story, how: str) -> None:
    both_agreed(story)
    relined(story, {"U3": "U1"}, *([] if how == "handover" else ["U2"]))
    if how != "roster":
        result = story.do(handover(story, "U2", "U1", "街道合并"))
        assert [(touch.subject, touch.note) for touch in result.outcome.touched] == [(number(1), "原单位的推荐意见继续有效")]
        row = story.row(Endorsement, unit="U1")
        assert (row.layer, row.agrees, row.taken_over_from, row.text) == (2, True, "U2", None)
    assert {item.status for item in story.rows(WorkItem, kind="endorsement")} == {"done"}
    said_again = RecordEndorsements(**story.who, rows=(EndorsementRow(nomination=number(1), unit=UNIT, agrees=True),))
    assert story.codes(said_again) == ["none"]
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1, evidence="鉴定书和证明", **TWO_LAYERS))
    assert {item.status for item in story.rows(WorkItem, kind="endorsement")} == {"done"}
    story.do(story.verdict(1))
    assert story.state(1) == "qualified"
    story.verified()


def test_superior_that_only_changed_asks_the_new_one_for_its_own_opinion(story: Story) -> None:
    """The federation was placed under another street by a correction of the roster: the old street is still there."""
    both_agreed(story)
    relined(story, {"U3": "U1"})
    story.tick(INTAKE_ENDS)
    assert f"缺少 {UNIT} 的推荐意见" in story.refused(story.verdict(1))[0].sentence
    story.endorse([1])
    story.do(story.verdict(1))
    story.verified()


def test_handover_of_an_opinion_waits_for_the_roster(story: Story) -> None:
    both_agreed(story)
    (refusal,) = story.refused(handover(story, "U2", "U1", "街道合并"))
    assert refusal.sentence.startswith(f"{number(1)}：按名册，{UNIT} 没有接替 {TOWN} 成为该申报的推荐层级")


def test_layer_far_above_that_absorbs_the_lowest_still_gives_its_own_opinion(story: Story) -> None:
    story.submitted(1, **TWO_LAYERS)
    relined(story, {"U2": "U1"})
    story.endorse([1], FEDERATION)
    merged(story, party("U3"))
    story.do(handover(story, "U3", "U1", "直管"))
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U3", "done"), ("U2", "dropped"), ("U1", "open")]
    story.tick(INTAKE_ENDS)
    assert f"缺少 {UNIT} 的推荐意见" in story.refused(story.verdict(1))[0].sentence
    story.endorse([1])
    story.do(story.verdict(1))
    story.verified()


def test_opinion_goes_on_after_the_layer_that_was_merged_while_asked(story: Story) -> None:
    """By the roster alone: the new street says its opinion, and nothing stays with the old one."""
    story.submitted(1, **TWO_LAYERS)
    story.endorse([1], FEDERATION)
    relined(story, {"U3": "U1"}, "U2")
    story.endorse([1])
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U3", "done"), ("U2", "dropped")]
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1))
    story.verified()


def test_superior_merged_twice_leaves_its_yes_with_the_last(story: Story) -> None:
    both_agreed(story, 2)
    relined(story, {"U3": "U1"}, "U2")
    story.do(handover(story, "U2", "U1", "街道合并"))
    relined(story, {"U3": "U4"}, "U1")
    result = story.do(handover(story, "U1", "U4", "再合并"))
    assert [touch.subject for touch in result.outcome.touched] == [number(1), number(2)]
    assert [(row.unit, row.taken_over_from) for row in story.rows(Endorsement, nomination=number(1), layer=2)] == [
        ("U1", "U2"),
        ("U2", None),
        ("U4", "U1"),
    ]
    assert {item.status for item in story.rows(WorkItem, kind="endorsement")} == {"done"}
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1))
    story.verified()


@pytest.mark.parametrize("agreed", [False, True])
def test_recommending_unit_merged_twice_leaves_everything_with_the_last_once(story: Story, agreed: bool) -> None:
    story.submitted(2)
    enlist(story, party("U1").model_copy(update={"id": "U4", "name": "西兴街道总工会", "contacts": {}}))
    if agreed:
        story.endorse([1, 2])
    merged(story, party("U1"))
    story.do(handover(story, "U1", "U2", "街道合并"))
    merged(story, party("U2"))
    story.do(handover(story, "U2", "U4", "再合并"))
    assert [row.unit for row in story.rows(Nomination)] == ["U4", "U4"]
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U1", "done") if agreed else ("U4", "open")] * 2
    assert [row.unit for row in story.rows(Endorsement, nomination=number(1))] == (["U1", "U2", "U4"] if agreed else [])
    assert story.codes(handover(story, "U1", "U4", "再合并")) == ["nothing-open"]
    if not agreed:
        story.endorse([1, 2], "U4")
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1))
    story.verified()


def test_layer_that_was_asked_already_gives_its_own_opinion_whatever_the_roster_says_then(story: Story) -> None:
    story.submitted(1, **TWO_LAYERS)
    relined(story, {"U2": "U1"})
    for unit in (FEDERATION, TOWN):
        story.endorse([1], unit)
    relined(story, {"U3": "U1"}, "U2")  # the old street stands nowhere any more
    story.tick(INTAKE_ENDS)
    assert f"缺少 {UNIT} 的推荐意见" in story.refused(story.verdict(1))[0].sentence
    story.endorse([1])
    story.do(story.verdict(1))
    story.verified()
