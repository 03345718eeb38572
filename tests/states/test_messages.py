"""What an operator says of messages whose outcome is unknown: send again, or it arrived; once, and into the ledger."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from states.commands.messages import ConfirmDelivered, ResendMessages
from states.errors import CommandRefused, NotPermitted
from states.outcome import Touch
from states.records import table_of
from states.replay import verify
from states.tables import Delivery, LedgerEntry
from states.work import Work, lock_chain
from tests.states.builders import Story
from tests.states.figures import SLUG

AT = datetime(2023, 6, 6, 2, tzinfo=UTC)
FIRST, SECOND, SENT, OPEN, LOST = "ab" * 16, "ab" * 4 + "cd" * 12, "ef" * 16, "0d" * 16, "1e" * 16


@pytest.fixture
def post(story: Story) -> Story:
    """An open round with two messages that are unknown, one sent, one refused, and one that is unknown and not in the ledger yet."""
    story.open()
    statuses = {FIRST: "unknown", SECOND: "unknown", SENT: "sent", OPEN: "unknown", LOST: "refused_for_good"}
    row = {"round": SLUG, "recipient": "U1", "channel": "mail", "tried": ["phone/sms"], "attempts": 3, "due_at": AT, "holder": "x"}
    rows = [
        {**row, "id": key, "status": status, "answer": "没有答复", "settled_at": AT, "in_ledger": key != OPEN}
        for key, status in statuses.items()
    ]
    with story.store.write() as connection:
        connection.execute(insert(table_of(Delivery)), rows)
        chain = lock_chain(connection, SLUG)
        assert chain is not None
        work = Work(connection, chain, story.clock.now(), story.vault)
        work.record("deliveries_settled", payload={"outcomes": {key: statuses[key] for key in (FIRST, SECOND, SENT, LOST)}})
        work.commit()
    return story


def row(story: Story, key: str) -> Delivery:
    (found,) = story.rows(Delivery, id=key)
    return found


def refused(story: Story, *deliveries: str) -> str:
    with pytest.raises(CommandRefused) as caught:
        story.do(ResendMessages(**story.who, deliveries=deliveries))
    return str(caught.value)


def payload(story: Story, event: str) -> Any:
    (entry,) = story.rows(LedgerEntry, event=event)
    assert entry.operator == story.who["operator"]
    return json.loads(entry.payload)


def sound(story: Story) -> bool:
    return verify(story.store, story.vault).findings == []


def test_send_again_queues_the_same_message_anew(post: Story) -> None:
    result = post.do(ResendMessages(**post.who, deliveries=(f" {FIRST[:16].upper()} ",)))
    assert result.outcome.touched == (Touch(subject=FIRST[:12], source="结果不明", target="待发送", note="收件方 U1"),)
    found = row(post, FIRST)
    assert (found.status, found.attempts, found.answer, found.in_ledger, found.settled_at) == ("queued", 0, "", False, None)
    assert (found.due_at, found.tried) == (post.clock.now(), ["phone/sms"])
    assert payload(post, "deliveries_resent") == {"deliveries": [FIRST]}
    assert row(post, SECOND).status == "unknown"
    assert sound(post)


def test_message_of_which_nothing_more_can_leave_is_not_sent_again_but_told_by_telephone(post: Story) -> None:
    with post.store.write() as connection:
        connection.execute(update(table_of(Delivery)).where(table_of(Delivery).c.id == FIRST).values(rest={"first": "2"}))
    assert f"消息 {FIRST[:12]} 余下部分的记录已损坏，不能再发；请打电话告知收件人余下的事项，再办“确认已送达”" in refused(post, FIRST)
    skipped = post.do(ResendMessages(**post.who)).outcome.skipped
    assert [skip.subject for skip in skipped] == [FIRST[:12]]
    post.do(ConfirmDelivered(**post.who, deliveries=(FIRST,)))
    assert row(post, FIRST).status == "sent"


def test_it_arrived_makes_it_sent(post: Story) -> None:
    post.do(ConfirmDelivered(**post.who, deliveries=(SECOND, OPEN)))
    assert [(row(post, key).status, row(post, key).in_ledger) for key in (SECOND, OPEN)] == [("sent", True)] * 2
    assert row(post, OPEN).answer == f"经办人 {post.who['operator']} 核实已送达"
    assert payload(post, "deliveries_confirmed") == {"deliveries": [SECOND, OPEN]}
    assert sound(post)


def test_no_number_means_every_unknown_message_of_the_round(post: Story) -> None:
    assert post.do(ResendMessages(**post.who)).outcome.summary == "再发 3 条消息"
    assert sound(post)
    with pytest.raises(CommandRefused, match="本届没有结果不明的消息"):
        post.do(ResendMessages(**post.who, again=True))


def test_double_click_hears_that_the_message_is_queued_already(post: Story) -> None:
    post.do(ResendMessages(**post.who, deliveries=(FIRST,)))
    for again in (False, True):
        with pytest.raises(CommandRefused, match=f"消息 {FIRST[:12]} 现在是“待发送”，不需要再办"):
            post.do(ResendMessages(**post.who, deliveries=(FIRST,), again=again))
    assert len(post.rows(LedgerEntry, event="deliveries_resent")) == 1


def test_what_was_sent_is_not_sent_again(post: Story) -> None:
    assert f"消息 {SENT[:12]} 现在是“已送达”" in refused(post, SENT)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (FIRST[:8], "第1个编号不止对应一条消息"),
        (FIRST[:7], "第1个编号不是消息编号"),
        ("张建国", "第1个编号不是消息编号"),
        ("12345678", "第1个编号不是本届的消息"),
    ],
)
def test_number_that_fits_no_message_is_refused_without_being_repeated(post: Story, given: str, sentence: str) -> None:
    said = refused(post, given)
    assert sentence in said
    assert given not in said


def test_refused_message_leaves_again_by_all_its_ways_once_it_is_named(post: Story) -> None:
    result = post.do(ResendMessages(**post.who, deliveries=(LOST[:12], FIRST)))
    assert [(touch.subject, touch.source) for touch in result.outcome.touched] == [(LOST[:12], "被拒收"), (FIRST[:12], "结果不明")]
    found = row(post, LOST)
    assert (found.status, found.attempts, found.tried, found.answer, found.in_ledger) == ("queued", 0, [], "", False)
    assert row(post, FIRST).tried == ["phone/sms"]
    assert sound(post)


def test_refused_message_is_not_sent_again_unless_it_is_named_and_never_called_arrived(post: Story) -> None:
    post.do(ResendMessages(**post.who))
    assert row(post, LOST).status == "refused_for_good"
    with pytest.raises(CommandRefused, match=f"消息 {LOST[:12]} 被拒收，没有送达，不能确认；改正联系方式后办“再发一次”"):
        post.do(ConfirmDelivered(**post.who, deliveries=(LOST,)))


def test_one_bad_number_refuses_all(post: Story) -> None:
    refused(post, SECOND, SENT)
    assert row(post, SECOND).status == "unknown"


def test_auditor_only_looks(post: Story) -> None:
    with pytest.raises(NotPermitted):
        post.do(ConfirmDelivered(round=SLUG, operator="aud", deliveries=(FIRST,)))


def test_outcome_that_another_round_repeats_is_held_against_its_own(post: Story) -> None:
    """A message of two rounds is settled into both; what an operator says of it stands in its own round's ledger."""
    post.do(ResendMessages(**post.who, deliveries=(FIRST,)))
    with post.store.write() as connection:
        chain = lock_chain(connection, "house")
        assert chain is not None
        work = Work(connection, chain, post.clock.now(), post.vault)
        work.record("deliveries_settled", payload={"outcomes": {FIRST: "unknown"}})
        work.commit()
    assert sound(post)
