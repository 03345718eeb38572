"""Before messages leave again, or are called arrived, the preview says what they are: nobody decides by a number alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import update

from config.settings import Settings
from flows import messages, showing
from flows.bootstrap import App
from flows.messages import with_particulars
from flows.reading.left import overtaken_by_now
from flows.showing import preview_page
from notifiers.carrying import carry
from notifiers.channels import Channels
from notifiers.outgoing import Unknown
from notifiers.settling import settle_all
from states.command import Command
from states.commands.messages import ConfirmDelivered, ResendMessages
from states.commands.roster import ImportRoster
from states.commands.timing import ExtendDeadline
from states.errors import CommandRefused
from states.house import Envelope
from states.outcome import Result
from states.records import table_of
from states.tables import Delivery, Notification
from tests.flows.conftest import OPERATOR, behind_the_desk
from tests.notifiers.rounds import ROSTER, SLUG, Post, Town, opened


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A house in which the units' call arrived and a reminder of an endorsement is unknown."""
    town = opened(tmp_path)
    town.post(Post())
    town.submit("张建国")
    town.post(Post(answers={"mail": [Unknown("没有答复")]}))
    settle_all(town.house)
    yield town
    town.house.store.dispose()


def previewed(town: Town, kind: type[Command]) -> str:
    command = kind(round=SLUG, operator="OP01")
    result = town.house.execute(command, Envelope("preview", town.clock.now()))
    return preview_page(command, with_particulars(town.house, Post(), SLUG, result))


@pytest.mark.parametrize("kind", [ResendMessages, ConfirmDelivered])
def test_preview_says_what_a_message_is_to_whom_and_how_it_left(town: Town, kind: type[Command]) -> None:
    page = previewed(town, kind)
    (row,) = town.rows(Delivery, status="unknown")
    assert (
        "收件方 JD01；长河街道总工会；内容：新待办（BJGJ-2023-0001，出具推荐意见，期限2023年6月13日（星期二））"
        "、收到申报（BJGJ-2023-0001）；06-06 10:00 经 mail 发出 |"
    ) in page
    assert row.id[:12] in page
    assert "⚠" not in page
    assert "张建国" not in page


def test_preview_warns_where_nothing_can_reach_the_recipient_any_more(town: Town) -> None:
    before = town.house.execute(ResendMessages(round=SLUG, operator="OP01"), Envelope("preview", town.clock.now())).plan_code
    known = next(entry for entry in ROSTER if entry.id == "JD01")
    town.do(ImportRoster(operator="OP01", entries=(known.model_copy(update={"contacts": {}}),)))
    assert "⚠ 现在送不到：没有联系方式" in previewed(town, ResendMessages)
    after = town.house.execute(ResendMessages(round=SLUG, operator="OP01"), Envelope("preview", town.clock.now())).plan_code
    assert after == before


def test_name_with_a_bar_keeps_its_row_whole(town: Town) -> None:
    known = next(entry for entry in ROSTER if entry.id == "JD01")
    town.do(ImportRoster(operator="OP01", entries=(known.model_copy(update={"name": "长河|街道总工会"}),)))
    assert "长河｜街道总工会" in previewed(town, ResendMessages)


@pytest.mark.parametrize("form", [messages.resend_messages, messages.confirm_delivered])
async def test_form_shows_what_each_message_is_before_it_is_done(at_desk: App, monkeypatch: pytest.MonkeyPatch, form: Any) -> None:
    shown: list[Result] = []

    async def show_result(_app: App, _command: Command, result: Result) -> None:
        shown.append(result)

    monkeypatch.setattr(showing, "show_result", show_result)
    carry(at_desk.house, at_desk.channels, "postman")
    with at_desk.house.store.write() as connection:
        connection.execute(update(table_of(Delivery)).values(status="unknown"))
    state = await form.fn(slug=SLUG, operator=OPERATOR)
    assert state.name == "待核对", state.message
    assert shown[0].outcome.touched
    assert all("内容：" in touch.when and "经 file 发出" in touch.when for touch in shown[0].outcome.touched)
    [(code, _)] = [(result.plan_code, result.applied) for result in shown]
    assert (await form.fn(slug=SLUG, operator=OPERATOR, plan_code=code)).name == "已办理"


def extended_twice(town: Town) -> str:
    """Give the number of a message about a first extension that is unknown, after which everybody was told of a second one."""
    for day, post in ((date(2023, 7, 12), Post(answers={"mail": [Unknown("没有答复")]})), (date(2023, 7, 13), Post())):
        town.act(ExtendDeadline, due_day=day, reason="台风停工")
        town.post(post)
        settle_all(town.house)
    void = {row.delivery for row in town.rows(Notification, kind="deadline_extended") if row.context["due_day"] == "2023-07-12"}
    (row,) = (row for row in town.rows(Delivery, status="unknown") if row.id in void)
    return str(row.id)


def resend(town: Town, *deliveries: str) -> Result:
    overtaken = overtaken_by_now(town.house, SLUG, deliveries)
    command = ResendMessages(round=SLUG, operator="OP01", deliveries=deliveries, overtaken=overtaken)
    return town.house.execute(command, Envelope("preview", town.clock.now()))


def test_older_day_is_not_sent_again_and_what_else_is_unknown_is(town: Town) -> None:
    void = extended_twice(town)
    with pytest.raises(CommandRefused, match=f"消息 {void[:12]} 要说的已被之后的决定取代，不必再发；对方已经收到的，可办“确认已送达”"):
        resend(town, void[:12].upper())
    result = resend(town)
    assert [skip.subject for skip in result.outcome.skipped] == [void[:12]]
    (other,) = {row.id for row in town.rows(Delivery, status="unknown")} - {void}
    assert result.outcome.data == {"deliveries": [other]}
    town.act(ConfirmDelivered, deliveries=(other,))
    with pytest.raises(CommandRefused, match="不必再发"):
        resend(town)


def test_preview_of_an_extension_says_the_day_that_it_told(town: Town) -> None:
    extended_twice(town)
    page = previewed(town, ConfirmDelivered)
    assert "期限延长（bjgj-2023，申报推荐阶段，期限2023年7月12日（星期三），已被之后的决定取代）" in page
    assert "截止申报" not in page


async def test_form_passes_over_what_a_later_decision_has_made_void(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    void = extended_twice(town)
    behind_the_desk(App(Settings(), town.house, cast("Channels", Post())), monkeypatch)
    state = await messages.resend_messages.fn(slug=SLUG, operator="OP01", deliveries=[void])
    assert (state.name, "已被之后的决定取代" in state.message) == ("已拒绝", True)
