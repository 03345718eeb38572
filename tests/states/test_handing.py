"""Late work that is handed over: an escalation that has not left comes at once for the new owner; what left does not come again."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from config.vocabulary import PartyKind
from notifiers.delivery import deliver
from notifiers.digest import queue
from notifiers.outbox import notify
from states.commands.reassigning import ReassignWork
from states.commands.review import AssignExperts, SeatRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import AmendRound
from states.records import table_of
from states.tables import Delivery, Notification, WorkItem
from tests.notifiers.rounds import Post, claimed
from tests.states.builders import Story
from tests.states.figures import ROSTER, UNIT, clearing, local, number, rules
from tests.states.test_unsent import STEPS, begin, extend, steps_done, tell

NEWCOMERS = (
    RosterEntry(id="U4", kind=PartyKind.SUBDISTRICT_UNION, name="西兴街道总工会", contacts={"mail": "d@example.com"}),
    RosterEntry(id="U5", kind=PartyKind.MEMBER_UNIT, name="西兴建设集团", parent="U4", contacts={"mail": "e@example.com"}),
)
OLD, NEW = "b@example.com", "d@example.com"
"""Who is above the unit U1, and who above U5, which takes over from it."""
SUPERIOR, OFFICE = "e+1:superior", "e+1:district_office"


@pytest.fixture
def late(story: Story) -> Story:
    """One candidate, whose unit's opinion is overdue since the evening: the escalation fires now, and nothing has left."""
    begin(story)
    story.do(ImportRoster(operator="op1", entries=NEWCOMERS))
    tell(story)
    story.tick(local(6, 14))
    return story


def hand(story: Story, source: str = "U1", target: str = "U5") -> None:
    story.do(ReassignWork(**story.who, source=source, target=target, reason="单位合并"))


def taken_back(story: Story) -> list[list[str]]:
    """What each handover of an item has taken back."""
    payloads = [json.loads(entry.payload) for entry in story.entries(event="work_item_reassigned")]
    return [keys for payload in payloads for keys in payload.get("taken_back", {}).values()]


def fired(story: Story, key: str) -> list[str]:
    """Of whom a step complained, each time that it fired."""
    payloads = [json.loads(entry.payload) for entry in story.entries(event="work_item_reminded")]
    return [payload["owner"] for payload in payloads if key in {step["key"] for step in payload["fired"]}]


def complaints(post: Post, address: str) -> list[str]:
    return [each.body for each in post.to(address) if "逾期" in each.body]


def waits_unread(story: Story) -> None:
    """Nobody has read the ledger since."""


def waits_alone(story: Story) -> None:
    notify(story.house)


def waits_for_its_channel(story: Story) -> None:
    notify(story.house)
    queue(story.house)


@pytest.mark.parametrize("wait", [waits_unread, waits_alone, waits_for_its_channel])
def test_escalation_that_waits_comes_at_once_for_the_new_owners_superior(late: Story, wait: Callable[[Story], None]) -> None:
    wait(late)
    hand(late)
    assert taken_back(late) == [[SUPERIOR]]
    assert fired(late, SUPERIOR) == ["U1", "U5"]
    assert steps_done(late) == sorted(STEPS[:3])
    post = tell(late)
    assert complaints(post, OLD) == []
    (letter,) = complaints(post, NEW)
    assert "您是西兴建设集团的上级" in letter
    late.tick(local(6, 16))
    assert fired(late, "e+3:district_office") == ["U5"]
    assert steps_done(late) == sorted(STEPS)
    late.verified()


def test_escalation_that_has_left_stays_and_nobody_hears_it_again(late: Story) -> None:
    post = tell(late)
    hand(late)
    late.tick(local(6, 15))
    tell(late, post)
    assert (taken_back(late), fired(late, SUPERIOR)) == ([], ["U1"])
    assert (len(complaints(post, OLD)), complaints(post, NEW)) == (1, [])


def test_handover_speaks_for_the_reminders_that_waited_for_the_old_owner(late: Story) -> None:
    notify(late.house)
    hand(late)
    post = tell(late)
    assert [each for each in post.messages if "催办" in each.subject] == []
    assert ["已逾期1个工作日，请尽快办理：出具推荐意见" in each.body for each in post.to("e@example.com")] == [True]
    assert fired(late, "r0") == ["U1"]


def test_work_handed_over_twice_and_then_extended_fires_each_step_once_more_than_it_is_taken_back(late: Story) -> None:
    notify(late.house)
    hand(late)
    hand(late, "U5", "U4")
    assert (taken_back(late), fired(late, SUPERIOR)) == ([[SUPERIOR], [SUPERIOR]], ["U1", "U5", "U4"])
    notify(late.house)
    extend(late, local(6, 19).date())
    assert SUPERIOR not in steps_done(late)
    late.tick(local(6, 20))
    assert fired(late, SUPERIOR) == ["U1", "U5", "U4", "U4"]
    late.verified()


def test_escalation_in_a_deliverers_hands_leaves_and_names_whom_its_reader_is_above(late: Story) -> None:
    waits_for_its_channel(late)
    claimed(late.house, "another")
    hand(late)
    assert taken_back(late) == []
    late.clock.move_to(late.clock.now() + timedelta(minutes=20))
    post = tell(late)
    (letter,) = complaints(post, OLD)
    assert f"您是{UNIT}的上级" in letter
    assert complaints(post, NEW) == []


def test_escalation_that_one_of_two_has_heard_stands_and_the_other_hears_it_of_the_new_owner(late: Story) -> None:
    contacts = [
        next(entry for entry in ROSTER if entry.id == each).model_copy(update={"contacts": {"mail": f"{each}@example.com"}})
        for each in ("op1", "op2")
    ]
    late.do(ImportRoster(operator="op1", entries=tuple(contacts)))
    tell(late)
    late.tick(local(6, 16))
    notify(late.house)
    notification = table_of(Notification).c
    with late.store.write() as connection:
        mine = (notification.kind == "escalation", notification.recipient == "op1")
        connection.execute(update(table_of(Notification)).where(*mine).values(delivery="left"))
    hand(late)
    assert (taken_back(late), fired(late, "e+3:district_office")) == ([], ["U1"])
    post = Post()
    queue(late.house)
    deliver(late.house, post, "postman")
    assert complaints(post, "op1@example.com") == []
    (letter,) = complaints(post, "op2@example.com")
    assert "西兴建设集团的待办还没有办结" in letter


@pytest.mark.parametrize("held", [False, True])
def test_amendment_that_names_another_department_escalates_anew_but_not_while_on_hold(story: Story, held: bool) -> None:
    story.intake_over(1, clearing("D1"))
    story.tick(local(7, 6))
    tell(story)
    item = story.row(WorkItem, kind="clearance")
    story.tick(local(7, 18))
    assert OFFICE in story.row(WorkItem, id=item.id).steps_done
    if held:
        story.hold()
    story.do(AmendRound(**story.who, rules=clearing("D2"), reason="机构改革"))
    assert taken_back(story) == [[OFFICE]]
    assert fired(story, OFFICE) == (["D1"] if held else ["D1", "D2"])
    if held:
        story.hold(False)
        story.tick(local(7, 18, 10))
    assert fired(story, OFFICE) == ["D1", "D2"]
    assert story.rows(Delivery, status="unknown") == []
    story.verified()


@pytest.mark.parametrize("seated", [False, True])
def test_late_sheet_that_goes_over_complains_once_more_of_the_expert_who_takes_it(story: Story, seated: bool) -> None:
    story.qualified(2, rules(("sheets_per_nomination: 1", "sheets_per_nomination: 2")))
    rows = (SeatRow(nomination=number(1), expert="E1"), *([SeatRow(nomination=number(2), expert="E2")] if seated else []))
    story.do(AssignExperts(**story.who, rows=rows))
    tell(story)
    story.tick(local(7, 20))
    late_ones = ["E1", "E2"] if seated else ["E1"]
    assert [item.owner for item in story.rows(WorkItem, kind="score_sheet") if OFFICE in item.steps_done] == late_ones
    hand(story, "E1", "E2")
    assert taken_back(story) == [[OFFICE]]
    assert fired(story, OFFICE)[len(late_ones) :] == ["E2"]
    (item,) = story.rows(WorkItem, kind="score_sheet", status="open")
    assert (item.owner, OFFICE in item.steps_done) == ("E2", True)
    story.verified()
