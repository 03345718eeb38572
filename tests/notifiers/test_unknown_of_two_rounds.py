"""A message of two rounds whose outcome is unknown: both boards list it, either round says what became of it, both ledgers know."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from flows.reading.posting import posting
from notifiers.outgoing import RefusedForGood, Unknown
from notifiers.settling import settle_all
from states.commands.messages import ConfirmDelivered, ResendMessages
from states.errors import CommandRefused
from states.records import table_of
from states.replay import verify
from states.tables import Delivery, LedgerEntry, Notification
from tests.notifiers.rounds import SLUG, Post, Town
from tests.notifiers.test_departures import NEXT, Towns, submit_to

BOTH = (SLUG, NEXT)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A house of two rounds with one unknown message that speaks of both, in both ledgers."""
    town = Towns(tmp_path).make(rounds=2)
    for _ in range(2):
        settle_all(town.house)
        town.post(Post())
    submit_to(town, SLUG, "张建国")
    submit_to(town, NEXT, "李秀英")
    town.post(Post(answers={"mail": [Unknown("没有答复")]}))
    settle_all(town.house)
    yield town
    town.house.store.dispose()


def unknown(town: Town) -> Delivery:
    (row,) = town.rows(Delivery, status="unknown")
    found: Delivery = row
    return found


def listed(town: Town) -> list[list[str]]:
    """Give what each round's board lists as unknown."""
    with town.house.store.read() as connection:
        found = [posting(town.house, connection, slug, "Asia/Shanghai", town.clock.now()).unknown for slug in BOTH]
    return [[line.id for line in lines] for lines in found]


def said(town: Town, slug: str, key: str) -> list[str]:
    """Give what a round's ledger says of a message, the newest last: its outcomes, and what was done about it."""
    found = []
    for entry in town.rows(LedgerEntry, round=slug):
        payload = json.loads(entry.payload)
        found += [payload["outcomes"][key]] if key in payload.get("outcomes", ()) else []
        found += [entry.event] if key in payload.get("deliveries", ()) else []
    return found


def sound(town: Town) -> bool:
    return list(verify(town.house.store, town.house.vault).findings) == []


def test_both_boards_list_it(town: Town) -> None:
    assert listed(town) == [[unknown(town).id]] * 2


@pytest.mark.parametrize("slug", BOTH)
def test_it_arrived_is_said_once_and_stands_in_both_ledgers(town: Town, slug: str) -> None:
    key = unknown(town).id
    town.act(ConfirmDelivered, round=slug, deliveries=(key[:12],))
    assert sound(town)
    assert listed(town) == [[], []]
    settle_all(town.house)
    assert [said(town, each, key)[0] for each in BOTH] == ["unknown", "unknown"]
    assert [said(town, each, key)[-1] for each in BOTH] == ["sent", "sent"]
    assert sum("deliveries_confirmed" in said(town, each, key) for each in BOTH) == 1
    assert sound(town)
    other = BOTH[slug == SLUG]
    with pytest.raises(CommandRefused, match=f"消息 {key[:12]} 现在是“已送达”，不需要再办"):
        town.act(ResendMessages, round=other, deliveries=(key[:12],))


@pytest.mark.parametrize("slug", BOTH)
def test_it_is_sent_again_once_from_either_round(town: Town, slug: str) -> None:
    key = unknown(town).id
    town.act(ResendMessages, round=slug)
    assert sound(town)
    with pytest.raises(CommandRefused, match="本届没有结果不明的消息"):
        town.act(ResendMessages, round=BOTH[slug == SLUG])
    post = Post()
    town.post(post)
    assert sound(town)
    settle_all(town.house)
    assert post.times[key] == 1
    assert [said(town, each, key)[-1] for each in BOTH] == ["sent", "sent"]
    assert sound(town)


def test_outcome_that_was_tampered_with_after_it_was_sent_again_is_found(town: Town) -> None:
    key = unknown(town).id
    town.act(ResendMessages, round=SLUG)
    town.post(Post())
    settle_all(town.house)
    table = table_of(Delivery)
    with town.house.store.write() as connection:
        connection.execute(update(table).where(table.c.id == key).values(status="unknown"))
    assert not sound(town)


@pytest.mark.parametrize("slug", BOTH)
def test_refused_one_is_sent_again_from_either_round_too(town: Town, slug: str) -> None:
    key = unknown(town).id
    town.act(ResendMessages, round=slug)
    town.post(Post(answers={"mail": [RefusedForGood("550 no such user")] * 9}))
    settle_all(town.house)
    assert [said(town, each, key)[-1] for each in BOTH] == ["refused_for_good", "refused_for_good"]
    town.act(ResendMessages, round=BOTH[slug == SLUG], deliveries=(key,))
    assert sound(town)
    town.post(Post())
    settle_all(town.house)
    assert [said(town, each, key)[-1] for each in BOTH] == ["sent", "sent"]
    assert sound(town)


def test_refused_one_is_told_of_to_the_office_with_what_it_said_of_either_round(town: Town) -> None:
    key = unknown(town).id
    town.act(ResendMessages, round=SLUG)
    town.post(Post(answers={"mail": [RefusedForGood("550 no such user")] * 9}))
    settle_all(town.house)
    post = Post()
    town.post(post)
    (body,) = (each.body for each in post.to("office@binjiang.example") if "未能送达" in each.subject)
    told = town.rows(Notification, kind="delivery_failed", recipient="QB01")
    assert sum(key in row.context["undelivered"] for row in told) == 1
    assert "出具推荐意见（BJGJ-2023-0001）：" in body
    assert "另一届“滨江工匠”认定的出具推荐意见（BJGJ-NEXT-0001）：" in body
