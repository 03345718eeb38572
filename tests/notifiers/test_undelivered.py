"""What could not be delivered is told to the superior and the office, once and without end; what is unknown is sent again by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from config.channels import ChannelKind
from config.vocabulary import PartyKind
from notifiers.kinds import MessageKind
from notifiers.outgoing import Outcome, Outgoing, RefusedForGood, Unknown
from notifiers.previews import preview_for
from notifiers.settling import settle_all
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.messages import ConfirmDelivered, ResendMessages
from states.commands.roster import ImportRoster
from states.commands.timing import ExtendDeadline
from states.records import Records, table_of
from states.replay import verify
from states.tables import Delivery, LedgerEntry, Notification
from tests.notifiers.rounds import ROSTER, SLUG, Post, Town, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


@dataclass
class RefusingSome(Post):
    """Some addresses are gone for good, each with its answer."""

    refusals: dict[str, str] = field(default_factory=lambda: {"iot@union.example": "550 no such user"})

    def send(self, message: Outgoing) -> Outcome:
        answer = self.refusals.get(message.recipient_address)
        return RefusedForGood(answer) if answer else super().send(message)


def failures(town: Town) -> dict[str, list[str]]:
    """Give who is told of which deliveries that failed."""
    rows = town.rows(Notification, kind=MessageKind.DELIVERY_FAILED.value)
    return {row.recipient: row.context["undelivered"] for row in rows}


def carried_on(town: Town, post: Post) -> None:
    """Send, settle, and tell what follows, three times over."""
    for _ in range(3):
        town.post(post)
        settle_all(town.house)


def test_party_without_contact_is_told_of_to_its_superior(town: Town) -> None:
    post = Post()
    carried_on(town, post)
    (unreached,) = town.rows(Delivery, recipient="CY01")
    assert failures(town) == {"QB01": [unreached.id]}
    (message,) = [each for each in post.to("office@binjiang.example") if "未能送达" in each.subject]
    assert "城市建设投资集团：没有联系方式；没有送到的是：启动通知\n" in message.body
    assert list(verify(town.house.store, town.house.vault).findings) == []


def test_message_that_carries_nothing_any_more_is_told_of_without_what_it_was_about(town: Town) -> None:
    town.post(Post())
    settle_all(town.house)
    town.tell()
    with town.house.store.write() as connection:
        connection.execute(delete(table_of(Notification)).where(table_of(Notification).c.recipient == "CY01"))
    post = Post()
    carried_on(town, post)
    (message,) = [each for each in post.to("office@binjiang.example") if "未能送达" in each.subject]
    assert "城市建设投资集团：没有联系方式\n" in message.body


def test_extension_is_told_of_with_its_day_and_none_that_was_overtaken(town: Town) -> None:
    town.post(Post())
    settle_all(town.house)
    for day in (date(2023, 7, 12), date(2023, 7, 13)):
        town.act(ExtendDeadline, due_day=day, reason="台风停工")
        town.post(RefusingSome())
    post = RefusingSome()
    carried_on(town, post)
    (message,) = [each for each in post.to("office@binjiang.example") if "未能送达" in each.subject]
    assert "没有送到的是：期限延长（申报推荐阶段：2023年7月13日（星期四））\n" in message.body
    assert "7月12日" not in message.body
    assert "截止申报" not in message.body


def test_superior_hears_of_its_own_and_the_office_of_all(town: Town) -> None:
    town.post(Post())
    settle_all(town.house)
    town.tell()
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    post = RefusingSome()
    carried_on(town, post)
    told = failures(town)
    assert set(told) == {"QB01", "JD01"}
    (superior,) = [each for each in post.to("changhe@union.example") if "未能送达" in each.subject]
    assert "城市建设投资集团" not in superior.body
    office = "".join(each.body for each in post.to("office@binjiang.example") if "未能送达" in each.subject)
    assert "城市建设投资集团" in office
    assert (
        "物联网产业园工会联合会：邮箱 i***@union.example：550 no such user；没有送到的是：出具推荐意见（BJGJ-2023-0001）：2023年6月"
        in office
    )
    assert "张建国" not in office


def test_every_address_is_told_masked_with_its_answer_in_the_order_of_trying(town: Town) -> None:
    known = next(entry for entry in ROSTER if entry.id == "LH01")
    contacts = {"mail": "iot@union.example", "mail-2": "zhang@union.example", "phone": "13900001111", "web": "robot-7"}
    town.do(ImportRoster(operator="OP01", entries=(known.model_copy(update={"contacts": contacts}),)))
    kinds = {"mail": ChannelKind.MAIL, "sms": ChannelKind.APPRISE}
    refusals = {
        "iot@union.example": "550 no such user",
        "zhang@union.example": "552 mailbox full",
        "13900001111": "空号",
        "robot-7": "404 Not Found",
    }
    post = RefusingSome(kinds=kinds, refusals=refusals)
    carried_on(town, post)
    (message,) = [each for each in post.to("office@binjiang.example") if "未能送达" in each.subject and "物联网" in each.body]
    said = (
        "① 邮箱 i***@union.example：550 no such user；② 备用邮箱 z***@union.example：552 mailbox full"
        "；③ 电话 139****1111：空号；④ 网络消息：404 Not Found；没有送到的是：启动通知\n"
    )
    assert f"物联网产业园工会联合会：{said}" in message.body
    assert not [address for address in refusals if address in message.body]


def test_address_mended_before_it_is_sent_again_is_no_more_among_those_that_refused(town: Town) -> None:
    post = RefusingSome(refusals={"iot@union.example": "550 no such user"})
    carried_on(town, post)
    (row,) = town.rows(Delivery, recipient="LH01", status="refused_for_good")
    known = next(entry for entry in ROSTER if entry.id == "LH01")
    town.do(ImportRoster(operator="OP01", entries=(known.model_copy(update={"contacts": {"mail": "new@union.example"}}),)))
    town.act(ResendMessages, deliveries=(row.id[:12],))
    carried_on(town, RefusingSome(refusals={"new@union.example": "551 moved"}))
    assert [each.answers for each in town.rows(Delivery, id=[row.id])] == [[["邮箱 n***@union.example", "551 moved"]]]


def test_preview_shows_failures_of_the_nomination_alone_or_an_example(town: Town) -> None:
    town.post(Post())
    settle_all(town.house)
    town.submit("张建国")
    town.submit("李秀英", "王丽华", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    carried_on(town, RefusingSome())
    with town.house.store.read() as connection:
        others, own = (
            preview_for(town.house, Records(connection), f"{SLUG.upper()}-000{n}", MessageKind.DELIVERY_FAILED, "") for n in (1, 2)
        )
    assert others.made_up
    assert "物联网" not in others.text.body
    assert "长河街道总工会：多次未送达，不再尝试：对方拒绝连接；没有送到的是：收到申报（示例）" in others.text.body
    assert not own.made_up
    assert "物联网产业园工会联合会：邮箱 i***@union.example：550 no such user；没有送到的是：" in own.text.body
    assert "城市建设投资集团" not in own.text.body


def test_message_about_messages_is_told_of_to_nobody(town: Town) -> None:
    carried_on(town, Post(answers={"mail": [RefusedForGood("550 mailbox gone")] * 50}))
    settled = town.rows(LedgerEntry, event="deliveries_settled")
    assert sum("undelivered" in entry.payload for entry in settled) == 1
    last = town.rows(Notification, kind=MessageKind.DELIVERY_FAILED.value)
    town.clock.move_to(town.clock.now() + timedelta(days=1))
    carried_on(town, Post())
    assert town.rows(Notification, kind=MessageKind.DELIVERY_FAILED.value) == last


def test_message_that_became_pointless_is_no_failure(town: Town) -> None:
    carried_on(town, Post())
    town.submit("张建国")
    town.at("2023-06-09T09:00")
    town.tick()
    carried_on(town, Post())
    before = failures(town)
    town.at("2023-06-13T09:00")
    town.tick()
    town.tell()
    town.act(RecordEndorsements, rows=(EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", agrees=True),))
    carried_on(town, Post())
    assert failures(town) == before


def test_unknown_message_is_sent_again_by_hand_once_and_under_the_same_id(town: Town) -> None:
    post = Post(answers={"mail": [Unknown("没有答复")] * 2})
    carried_on(town, post)
    first, second = (row.id for row in town.rows(Delivery, status="unknown"))
    town.act(ResendMessages, deliveries=(first[:12],))
    town.act(ConfirmDelivered, deliveries=(second[:12],))
    carried_on(town, post)
    assert (post.times[first], post.times[second]) == (2, 1)
    assert {row.status for row in town.rows(Delivery, id=[first, second])} == {"sent"}
    assert [row.attempts for row in town.rows(Delivery, id=first)] == [1]
    assert list(verify(town.house.store, town.house.vault).findings) == []


def test_unknown_message_that_is_sent_again_may_become_unknown_again(town: Town) -> None:
    post = Post(answers={"mail": [Unknown("没有答复")] * 4})
    town.post(post)
    settle_all(town.house)
    assert len(town.rows(Delivery, status="unknown")) == 3
    town.act(ResendMessages)
    carried_on(town, post)
    assert len(town.rows(Delivery, status="unknown")) == 1
    assert max(post.times.values()) == 2
    assert len(town.rows(LedgerEntry, round=SLUG, event="deliveries_resent")) == 1
    assert list(verify(town.house.store, town.house.vault).findings) == []


def test_refused_message_arrives_by_hand_once_the_address_is_mended(town: Town) -> None:
    carried_on(town, Post())
    (row,) = town.rows(Delivery, recipient="CY01")
    mended = next(entry for entry in ROSTER if entry.id == "CY01").model_copy(update={"contacts": {"mail": "build@city.example"}})
    town.do(ImportRoster(operator="OP01", entries=(mended,)))
    town.act(ResendMessages, deliveries=(row.id[:12],))
    post = Post()
    carried_on(town, post)
    assert [message.message_id for message in post.to("build@city.example")] == [row.id]
    assert [each.status for each in town.rows(Delivery, id=[row.id])] == ["sent"]
    assert list(verify(town.house.store, town.house.vault).findings) == []
