"""An escalation of which some have heard and others not yet, when the due time moves: nobody hears of work that is in time as late."""

from datetime import date

from sqlalchemy import update

from notifiers.outbox import notify
from states.commands.roster import ImportRoster
from states.commands.timing import ExtendDeadline
from states.records import table_of
from states.tables import Notification, WorkItem
from tests.notifiers.rounds import Post
from tests.states.builders import Story
from tests.states.figures import local, number
from tests.states.test_unsent import PEOPLE, tell


def half_told(story: Story) -> list[str]:
    """L1 has heard that a verdict is late, and L2's message waits; gives the steps."""
    story.intake_over()
    story.do(ImportRoster(operator="op1", entries=PEOPLE))
    tell(story)
    story.tick(local(8, 1))
    notify(story.house)
    mine = [row for row in story.rows(Notification, kind="escalation") if row.recipient in ("L1", "L2") and row.subject == number(1)]
    assert {row.recipient for row in mine} == {"L1", "L2"}
    with story.store.write() as connection:
        connection.execute(update(table_of(Notification)).where(table_of(Notification).c.key == mine[0].key).values(delivery="left"))
    return list(mine[0].context["steps"])


def heard(post: Post) -> set[str | None]:
    return {each.recipient_address for each in post.messages if number(1) in each.body and "逾期" in each.body}


def test_escalation_that_some_have_heard_comes_to_the_others_when_the_work_is_late_again(story: Story) -> None:
    step = half_told(story)
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 8, 10), reason="台风停工"))
    item = story.row(WorkItem, kind="qualification")
    assert not set(step) & set(item.steps_done)
    assert heard(tell(story)) == set()
    story.tick(local(8, 17))
    assert set(step) <= set(story.row(WorkItem, kind="qualification").steps_done)
    assert heard(tell(story)) == {"l2@example.com"}
    story.verified()


def test_escalation_that_some_have_heard_stands_while_the_work_is_still_late(story: Story) -> None:
    step = half_told(story)
    story.hold()
    story.clock.move_to(local(8, 2))
    story.hold(False)
    item = story.row(WorkItem, kind="qualification")
    assert (item.due_day, set(step) <= set(item.steps_done)) == (date(2023, 7, 28), True)
    story.clock.move_to(local(8, 2, 10))
    assert "l2@example.com" in heard(tell(story))
