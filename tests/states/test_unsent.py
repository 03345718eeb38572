"""A step whose message has not left when its due time moves: it comes again at the moved time; what left never does."""

import json
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from config.vocabulary import DeliveryStatus, PartyKind, WorkKind
from notifiers.delivery import deliver
from notifiers.digest import queue
from notifiers.leases import held
from notifiers.outbox import notify
from notifiers.outgoing import Rest, Unknown
from states.commands.messages import ResendMessages
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.timing import ExtendDeadline
from states.records import table_of
from states.store import Store
from states.tables import Delivery, Notification, WorkItem
from tests.notifiers.rounds import Post, claimed
from tests.states.builders import Story
from tests.states.conftest import Postgres
from tests.states.figures import TOWN, UNIT, candidate, local, number

PEOPLE = (
    RosterEntry(id="U1", kind=PartyKind.SUBDISTRICT_UNION, name=UNIT, parent="U2", contacts={"mail": "a@example.com"}),
    RosterEntry(id="U2", kind=PartyKind.SUBDISTRICT_UNION, name=TOWN, contacts={"mail": "b@example.com"}),
    RosterEntry(id="L1", kind=PartyKind.LEADING_GROUP_MEMBER, name="吴领导", contacts={"mail": "l1@example.com"}),
    RosterEntry(id="L2", kind=PartyKind.LEADING_GROUP_MEMBER, name="郑领导", contacts={"mail": "l2@example.com"}),
)
STEPS = ["r-2", "r0", "e+1:superior", "e+3:district_office"]
"""The ladder of an endorsement; the story's is due on Tuesday 2023-06-13."""


@pytest.fixture
def told(story: Story) -> Story:
    """One candidate, of a unit with one above it; everybody has been told of it."""
    return begin(story)


def begin(story: Story) -> Story:
    story.submitted()
    story.do(ImportRoster(operator="op1", entries=PEOPLE))
    tell(story)
    return story


def tell(story: Story, post: Post | None = None) -> Post:
    notify(story.house)
    queue(story.house)
    post = post or Post()
    deliver(story.house, post, "postman")
    return post


def extend(story: Story, day: date) -> None:
    story.do(ExtendDeadline(**story.who, due_day=day, reason="台风停工", kind=WorkKind.ENDORSEMENT))


def steps_done(story: Story) -> list[str]:
    return story.row(WorkItem, kind="endorsement").steps_done


def reminded(story: Story) -> list[Notification]:
    found = [row for row in story.rows(Notification, subject=number(1)) if row.kind in ("reminder", "escalation")]
    return sorted(found, key=lambda row: row.at)


def sent(story: Story) -> list[Notification]:
    """What the unit is told now."""
    messages = tell(story).to("a@example.com")
    return [row for each in messages for row in story.rows(Notification, delivery=each.message_id) if "overtaken" not in row.context]


def letters(story: Story, at: datetime) -> list[str]:
    """What is said of the endorsement at an instant, after a tick."""
    story.tick(at)
    return [each.body for each in tell(story).messages if number(1) in each.body]


def test_step_that_waits_comes_again_with_the_new_due_time(told: Story) -> None:
    told.tick(local(6, 9))
    notify(told.house)
    extend(told, date(2023, 6, 19))
    assert steps_done(told) == []
    assert told.row(WorkItem, kind="endorsement").next_step_at == local(6, 15)
    assert [row.context.get("overtaken") for row in reminded(told)] == [True]
    assert {row.kind for row in sent(told)} == {"deadline_extended"}
    (letter,) = letters(told, local(6, 15))
    assert "2023年6月19日" in letter
    assert steps_done(told) == ["r-2"]
    told.verified()


def test_step_that_has_left_never_comes_again(told: Story) -> None:
    told.tick(local(6, 9))
    tell(told)
    extend(told, date(2023, 6, 19))
    assert steps_done(told) == ["r-2"]
    assert letters(told, local(6, 15)) == []
    assert len(letters(told, local(6, 19))) == 1
    assert "taken_back" not in told.entries(event="deadline_extended")[-1].payload


def test_step_that_waits_when_an_extension_is_taken_back_comes_again_with_the_earlier_due_time(told: Story) -> None:
    extend(told, date(2023, 6, 30))
    tell(told)
    told.tick(local(6, 28))
    notify(told.house)
    extend(told, date(2023, 6, 29))
    assert steps_done(told) == []
    (item,) = told.rows(WorkItem, kind="endorsement")
    assert json.loads(told.entries(event="deadline_brought_back")[-1].payload)["taken_back"] == {item.id: ["r-2"]}
    tell(told)
    (letter,) = letters(told, local(6, 28, 10))
    assert "2023年6月29日" in letter
    assert len(letters(told, local(6, 29))) == 1
    told.verified()


def test_step_that_has_left_never_comes_again_where_an_extension_is_taken_back(told: Story) -> None:
    extend(told, date(2023, 6, 30))
    told.tick(local(6, 28))
    tell(told)
    extend(told, date(2023, 6, 29))
    tell(told)
    assert steps_done(told) == ["r-2"]
    assert letters(told, local(6, 28, 10)) == []
    assert len(letters(told, local(6, 29))) == 1


def test_step_of_which_no_message_was_made_yet_comes_again(told: Story) -> None:
    told.tick(local(6, 9))
    extend(told, date(2023, 6, 19))
    (item,) = told.rows(WorkItem, kind="endorsement")
    assert json.loads(told.entries(event="deadline_extended")[-1].payload)["taken_back"] == {item.id: ["r-2"]}
    tell(told)
    assert [row.delivery for row in reminded(told)] == ["not-needed"]
    assert len(letters(told, local(6, 15))) == 1
    told.verified()


def test_step_before_anybody_has_read_the_ledger_comes_again(story: Story) -> None:
    story.submitted()
    story.tick(local(6, 9))
    extend(story, date(2023, 6, 19))
    assert steps_done(story) == []


def test_step_in_a_message_that_waits_for_its_channel_comes_again(told: Story) -> None:
    told.tick(local(6, 9))
    notify(told.house)
    queue(told.house)
    extend(told, date(2023, 6, 19))
    assert {row.kind for row in sent(told)} == {"deadline_extended"}
    assert [row.status for row in told.rows(Delivery, id=reminded(told)[0].delivery)] == [DeliveryStatus.REFUSED_FOR_GOOD]
    assert len(letters(told, local(6, 15))) == 1


def test_step_in_a_deliverers_hands_counts_as_sent_and_leaves(told: Story) -> None:
    told.tick(local(6, 9))
    notify(told.house)
    queue(told.house)
    claimed(told.house, "another")
    extend(told, date(2023, 6, 19))
    assert steps_done(told) == ["r-2"]
    told.clock.move_to(told.clock.now() + timedelta(minutes=20))
    (letter,) = [each.body for each in tell(told).messages if each.message_id == reminded(told)[0].delivery]
    assert "2023年6月19日" in letter


@pytest.mark.parametrize("lease", [None, local(6, 9, 10)])
def test_step_of_which_a_part_has_arrived_counts_as_sent_and_what_is_left_follows(told: Story, lease: datetime | None) -> None:
    told.tick(local(6, 9))
    half = Unknown("第1部分已送达", Rest(2, 2, (("标题", "第二部分"),)))
    tell(told, Post(answers={"mail": [half]}))
    delivery = reminded(told)[0].delivery
    told.do(ResendMessages(**told.who, deliveries=(delivery or "",)))
    if lease:
        abandon(told, delivery, lease)
    told.clock.move_to(local(6, 9, 16))
    extend(told, date(2023, 6, 20))
    assert steps_done(told) == ["r-2"]
    (left,) = [each for each in tell(told).messages if each.message_id == delivery]
    assert left.rest == Rest(2, 2, (("标题", "第二部分"),))
    assert letters(told, local(6, 16)) == []


def abandon(story: Story, delivery: str | None, lease: datetime) -> None:
    """A deliverer took a message up and died."""
    row = table_of(Delivery)
    with story.store.write() as connection:
        connection.execute(update(row).where(row.c.id == delivery).values(status="claimed", lease_until=lease))


def test_step_that_a_dead_deliverer_had_taken_up_comes_again_and_is_not_its_any_more(told: Story) -> None:
    told.tick(local(6, 9))
    notify(told.house)
    queue(told.house)
    taken = claimed(told.house, "dead")
    told.clock.move_to(local(6, 9, 16))
    extend(told, date(2023, 6, 20))
    assert steps_done(told) == []
    with told.store.write() as connection:
        assert held(connection, taken, DeliveryStatus.CLAIMED) == set()
    post = tell(told)
    assert [message for message in post.messages if "催办" in message.subject] == []
    told.verified()


def test_step_that_a_deliverer_is_taking_up_counts_as_sent(postgres: Postgres) -> None:
    """Only where several may write at once can anybody be in the midst of it."""
    story = Story(Store(postgres.url(postgres.fresh())))
    begin(story).tick(local(6, 9))
    notify(story.house)
    queue(story.house)
    mine = table_of(Delivery).c.id == reminded(story)[0].delivery
    with story.store.write() as connection:
        connection.execute(select(table_of(Delivery)).where(mine).with_for_update())
        extend(story, date(2023, 6, 19))
        connection.execute(update(table_of(Delivery)).where(mine).values(status="sending", lease_until=story.clock.now()))
    assert steps_done(story) == ["r-2"]
    story.store.dispose()


def test_steps_that_a_waiting_one_spoke_for_come_again_with_it(told: Story) -> None:
    told.tick(local(6, 13))
    assert steps_done(told) == ["r-2", "r0"]
    extend(told, date(2023, 6, 19))
    assert steps_done(told) == []
    assert len(letters(told, local(6, 15))) == len(letters(told, local(6, 19))) == 1
    told.verified()


def test_each_audience_is_looked_at_by_itself(told: Story) -> None:
    told.tick(local(6, 14))
    notify(told.house)
    assert steps_done(told) == ["e+1:superior", "r-2", "r0"]
    with told.store.write() as connection:
        mine = (table_of(Notification).c.kind == "reminder", table_of(Notification).c.subject == number(1))
        connection.execute(update(table_of(Notification)).where(*mine).values(delivery="left"))
    extend(told, date(2023, 6, 19))
    assert steps_done(told) == ["r-2", "r0"]
    assert told.row(WorkItem, kind="endorsement").next_step_at == local(6, 20)


def test_work_that_is_overdue_even_after_a_hold_is_escalated_after_it(told: Story) -> None:
    told.tick(local(6, 16))
    told.hold()
    told.clock.move_to(local(6, 19))
    told.hold(False)
    assert (steps_done(told), told.row(WorkItem, kind="endorsement").due_day) == ([], date(2023, 6, 14))
    assert ["已逾期3个工作日" in letter for letter in letters(told, local(6, 19, 10))] == [True, True]
    assert steps_done(told) == sorted(STEPS)
    told.verified()


def test_work_opened_in_the_quiet_hours_is_told_with_a_due_time_that_moved_meanwhile(story: Story) -> None:
    story.open()
    story.do(ImportRoster(operator="op1", entries=PEOPLE))
    tell(story)
    story.clock.move_to(local(6, 7, 21))
    story.submit(candidate(1))
    notify(story.house)
    extend(story, date(2023, 6, 20))
    story.clock.move_to(local(6, 8, 9))
    (letter,) = [each.body for each in tell(story).messages if number(1) in each.body]
    assert "2023年6月20日" in letter
    assert "not-needed" not in {row.delivery for row in story.rows(Notification, subject=number(1))}
