"""A hold, a release, an extension that is not true any more before it could leave: it is withdrawn, and what is told instead is right."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from config.vocabulary import PartyKind, WorkKind
from notifiers.delivery import deliver
from notifiers.kinds import MessageKind
from notifiers.outgoing import RefusedForNow, Rest, Unknown
from notifiers.overtaken import NOT_NEEDED
from states.commands.messages import ResendMessages
from states.commands.reassigning import ReassignWork
from states.commands.rounds import CancelRound
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.replay import verify
from states.tables import Delivery, Notification
from tests.notifiers.rounds import SLUG, Post, Town, opened

K = MessageKind
UNIT, OFFICE = "changhe@union.example", "office@binjiang.example"
SUBMITTED = "BJGJ-2023-0001"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Tuesday 2023-06-06, ten o'clock: one candidate is in, and everything so far is told. The endorsement is due on the 13th."""
    town = opened(tmp_path)
    town.submit("张建国")
    town.post(Post())
    yield town
    assert list(verify(town.house.store, town.house.vault).findings) == []
    town.house.store.dispose()


def hold(town: Town, at: str = "") -> None:
    town.at(at) if at else None
    town.act(HoldRound, reason="等待批复")


def release(town: Town, at: str = "") -> None:
    town.at(at) if at else None
    town.act(ReleaseRound)


def extend(town: Town, day: date, **changes: object) -> None:
    town.do(ExtendDeadline.model_validate({"round": SLUG, "operator": "OP01", "due_day": day, "reason": "台风停工", **changes}))


def said(town: Town, at: str = "", post: Post | None = None) -> list[str]:
    """What the unit reads at an instant of what was decided: the bodies of its messages."""
    town.at(at) if at else None
    post = post or Post()
    post.messages.clear()
    town.post(post)
    return [message.body for message in post.to(UNIT)]


def fates(town: Town, kind: MessageKind, recipient: str = "JD01") -> list[str]:
    """How the unit's notifications of a kind stand, the oldest first: waiting, withdrawn, or in a delivery of that status."""
    rows = sorted(town.rows(Notification, kind=kind.value, recipient=recipient), key=lambda row: int(row.cause.rpartition(":")[2]))
    known = {each.id: each.status for each in town.rows(Delivery)}
    return [known.get(row.delivery or "", row.delivery or "waiting") for row in rows]


def resting() -> Post:
    """A post whose channel refuses for now."""
    return Post(answers={"mail": [RefusedForNow("邮箱已满")] * 50})


def test_release_that_has_not_left_when_the_round_is_held_again_is_withdrawn_and_the_next_one_tells_all(town: Town) -> None:
    hold(town)
    assert ["已暂停计时" in body for body in said(town)] == [True]
    release(town, "2023-06-08T21:00")  # in the quiet hours, two working days on
    town.tell()
    hold(town, "2023-06-08T22:00")
    (body,) = said(town, "2023-06-09T09:00")
    assert "已暂停计时" in body
    assert "恢复计时，" not in body
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED]
    release(town, "2023-06-12T10:00")
    (body,) = said(town)
    assert "未办结事项的期限顺延4个工作日" in body
    assert f"出具推荐意见（{SUBMITTED}）：2023年6月19日（星期一），还有5个工作日" in body
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED, "sent"]


@pytest.mark.parametrize("queued", [False, True])
def test_release_of_which_nothing_was_made_or_queued_when_the_round_is_held_again(town: Town, queued: bool) -> None:
    hold(town)
    said(town)
    release(town, "2023-06-08T10:00")
    if queued:
        town.tell()
        assert fates(town, K.ROUND_RELEASED) == ["queued"]
    hold(town, "2023-06-08T10:30")
    (body,) = said(town)
    assert "恢复计时，" not in body
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED]
    assert {each.status for each in town.rows(Delivery, recipient="JD01")} == {"sent"}


def test_release_that_waits_for_its_channel_is_withdrawn_and_has_not_failed(town: Town) -> None:
    hold(town)
    said(town)
    release(town, "2023-06-08T10:00")
    said(town, post=resting())
    assert fates(town, K.ROUND_RELEASED) == ["refused_for_now"]
    hold(town, "2023-06-08T10:01")
    town.tell()
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED]
    assert {each.status for each in town.rows(Delivery, recipient="JD01")} == {"queued", "sent"}  # the second hold waits


def test_release_in_a_running_deliverer_is_put_off_and_withdrawn_by_the_next(town: Town) -> None:
    hold(town)
    said(town)
    release(town, "2023-06-08T10:00")
    town.tell()
    hold(town)  # after the deliverer has looked for what is to be withdrawn
    post = Post()
    assert deliver(town.house, post, "postman").sent == 0
    assert post.messages == []
    (body,) = said(town, "2023-06-08T10:01")
    assert "已暂停计时" in body
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED]


def test_who_heard_of_the_release_hears_of_the_next_hold_and_release_by_itself(town: Town) -> None:
    hold(town)
    said(town)
    release(town, "2023-06-08T10:00")
    assert "顺延2个工作日" in said(town)[0]
    hold(town, "2023-06-08T11:00")
    assert "已暂停计时" in said(town)[0]
    release(town, "2023-06-09T11:00")
    assert "顺延1个工作日" in said(town)[0]
    assert fates(town, K.ROUND_HELD) == fates(town, K.ROUND_RELEASED) == ["sent", "sent"]


def test_hold_that_was_undone_before_it_could_be_told_is_told_to_nobody_and_nor_is_its_release(town: Town) -> None:
    hold(town)
    release(town)
    assert said(town) == []
    assert (fates(town, K.ROUND_HELD), fates(town, K.ROUND_RELEASED)) == ([NOT_NEEDED], [NOT_NEEDED])


def test_release_that_moved_dates_is_told_without_the_hold_that_was_not(town: Town) -> None:
    hold(town, "2023-06-06T21:00")
    town.tell()
    release(town, "2023-06-07T08:00")
    (body,) = said(town, "2023-06-07T09:00")
    assert "已暂停计时" not in body
    assert "本届已恢复计时，未办结事项的期限顺延1个工作日，暂停期间新增的自新增之日起算" in body
    assert (fates(town, K.ROUND_HELD), fates(town, K.ROUND_RELEASED)) == ([NOT_NEEDED], ["sent"])


def test_release_on_a_rest_day_that_put_off_what_was_due_on_the_first_day_is_told(town: Town) -> None:
    extend(town, date(2023, 6, 16), kind=WorkKind.ENDORSEMENT)
    town.at("2023-06-16T20:30")
    town.tick()
    said(town)
    hold(town, "2023-06-16T21:00")
    town.tell()
    release(town, "2023-06-17T08:00")
    (body,) = said(town, "2023-06-17T09:00")
    assert "已暂停计时" not in body
    assert "本届已恢复计时" in body
    assert "2023年6月19日（星期一）" in body


def test_what_a_release_on_a_rest_day_put_off_is_told_by_the_next_one_where_the_round_is_held_again(town: Town) -> None:
    extend(town, date(2023, 6, 16), kind=WorkKind.ENDORSEMENT)
    said(town)
    town.at("2023-06-16T18:00")
    town.tick()
    said(town)
    hold(town, "2023-06-16T21:00")
    release(town, "2023-06-17T07:00")
    hold(town, "2023-06-17T07:20")
    release(town, "2023-06-17T07:40")
    (body,) = said(town, "2023-06-17T09:00")
    assert "本届已恢复计时，暂停没有占去工作日。" in body
    assert "2023年6月19日（星期一）" in body
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED, "sent"]


def test_release_that_moved_nothing_is_told_to_whoever_heard_of_the_hold(town: Town) -> None:
    hold(town)
    said(town)
    release(town)
    assert "本届已恢复计时，暂停没有占去工作日。" in said(town)[0]


def test_release_is_told_to_whoever_has_a_part_of_the_message_of_the_hold(town: Town) -> None:
    half = Unknown("第1部分已送达", Rest(2, 2, (("标题", "第二部分"),)))
    hold(town)
    town.post(Post(answers={"mail": [half] * 20}))
    town.act(ResendMessages)
    release(town)
    town.tell()
    assert fates(town, K.ROUND_HELD) == ["queued"]
    (body,) = said(town, "2023-06-06T14:00")
    assert "本届已恢复计时" in body


def test_what_else_a_delivery_carries_leaves_without_the_release(town: Town) -> None:
    hold(town)
    said(town)
    release(town, "2023-06-08T10:00")
    town.submit("李秀英")
    town.tell()
    hold(town, "2023-06-08T10:30")
    bodies = said(town)
    assert any("BJGJ-2023-0002" in body for body in bodies)
    assert not any("恢复计时，" in body for body in bodies)
    assert fates(town, K.ROUND_RELEASED) == [NOT_NEEDED]


def test_extension_that_is_taken_back_after_it_was_told_is_corrected_once(town: Town) -> None:
    extend(town, date(2023, 6, 30), kind=WorkKind.ENDORSEMENT)
    assert "“出具推荐意见”的期限延长" in said(town)[0]
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT)
    (body,) = said(town)
    assert "“出具推荐意见”的期限由2023年6月30日（星期五）改为2023年6月20日（星期二），还有10个工作日" in body
    assert said(town, "2023-06-06T12:00") == []
    assert fates(town, K.DEADLINE_EXTENDED) == ["sent", "sent"]


def test_extension_that_a_release_moved_on_before_it_could_be_told_leaves_the_day_to_the_release(town: Town) -> None:
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 6, 14), kind=WorkKind.ENDORSEMENT)
    hold(town, "2023-06-06T21:30")
    release(town, "2023-06-09T07:00")
    (body,) = said(town, "2023-06-09T09:00")
    assert "“出具推荐意见”的期限延长" in body
    assert "6月14日" not in body
    assert "2023-06-14" not in body
    assert f"出具推荐意见（{SUBMITTED}）：2023年6月19日（星期一），还有6个工作日" in body


@pytest.mark.parametrize("heard", [True, False])
def test_extension_that_is_taken_back_and_moved_by_a_release_tells_the_day_that_holds(town: Town, heard: bool) -> None:
    extend(town, date(2023, 6, 30), kind=WorkKind.ENDORSEMENT)
    if heard:
        said(town)
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT)
    hold(town, "2023-06-06T21:30")
    release(town, "2023-06-08T07:00")
    (body,) = said(town, "2023-06-08T09:00")
    assert "6月20日" not in body
    assert "2023-06-20" not in body
    assert ("期限由2023年6月30日（星期五）改为2023年6月25日（星期日）" in body) is heard
    assert f"出具推荐意见（{SUBMITTED}）：2023年6月25日（星期日）" in body


def test_extension_that_is_taken_back_and_due_on_several_days_by_now_leaves_these_to_the_release(town: Town) -> None:
    town.submit("李秀英")
    said(town)
    extend(town, date(2023, 6, 30), kind=WorkKind.ENDORSEMENT)
    said(town)
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT)
    extend(town, date(2023, 6, 28), kind=WorkKind.ENDORSEMENT, subject=SUBMITTED)
    hold(town, "2023-06-06T21:30")
    release(town, "2023-06-08T07:00")
    (body,) = said(town, "2023-06-08T09:00")
    assert "“出具推荐意见”的期限已更正，此前通知的期限不再适用" in body
    assert "6月20日" not in body
    assert f"出具推荐意见（{SUBMITTED}）：2023年6月30日（星期五）" in body
    assert "出具推荐意见（BJGJ-2023-0002）：2023年6月25日（星期日）" in body


def test_stage_that_is_taken_back_and_moved_by_a_release_tells_the_day_that_holds(town: Town) -> None:
    extend(town, date(2023, 7, 12))
    said(town)
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 7, 7))
    hold(town, "2023-06-06T21:30")
    release(town, "2023-06-08T07:00")
    (body,) = said(town, "2023-06-08T09:00")
    assert "的期限由2023年7月12日（星期三）改为2023年7月11日（星期二）" in body
    assert "7月7日" not in body


def test_extension_that_is_taken_back_before_it_could_be_told_is_told_as_the_lesser_one(town: Town) -> None:
    extend(town, date(2023, 6, 30), kind=WorkKind.ENDORSEMENT)
    town.tell()
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT)
    (body,) = said(town)
    assert "2023年6月30日" not in body
    assert "“出具推荐意见”的期限延长" in body
    assert "期限：2023年6月20日（星期二）" in body
    assert fates(town, K.DEADLINE_EXTENDED) == [NOT_NEEDED, "sent"]


def test_extension_that_is_taken_back_whole_before_it_could_be_told_is_told_to_nobody(town: Town) -> None:
    extend(town, date(2023, 7, 12))
    town.tell()
    extend(town, date(2023, 7, 5))
    assert said(town) == []
    assert fates(town, K.DEADLINE_EXTENDED) == [NOT_NEEDED, NOT_NEEDED]


def test_extension_that_is_taken_back_whole_is_told_to_whoever_heard_of_it(town: Town) -> None:
    extend(town, date(2023, 7, 12))
    assert "期限延长" in said(town)[0]
    extend(town, date(2023, 7, 5))
    assert "的期限由2023年7月12日（星期三）改为2023年7月5日（星期三）" in said(town)[0]


def test_extension_of_which_a_part_stands_is_told_beside_what_was_taken_back(town: Town) -> None:
    town.submit("李秀英")
    said(town)
    extend(town, date(2023, 6, 30), kind=WorkKind.ENDORSEMENT)
    town.tell()
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT, subject=SUBMITTED)
    assert fates(town, K.DEADLINE_EXTENDED) == ["queued"]
    assert any("期限：2023年6月30日（星期五）" in body for body in said(town))
    assert fates(town, K.DEADLINE_EXTENDED) == ["sent", "sent"]


def test_second_extension_that_is_taken_back_whole_unheard_is_not_told_again(town: Town) -> None:
    for day in (date(2023, 7, 12), date(2023, 7, 5)):
        extend(town, day)
        assert len(said(town)) == 1
    extend(town, date(2023, 7, 13))
    extend(town, date(2023, 7, 5), again=True)
    assert said(town) == []
    assert fates(town, K.DEADLINE_EXTENDED) == ["sent", "sent", NOT_NEEDED, NOT_NEEDED]


def test_extension_and_handover_that_have_not_left_when_the_round_is_cancelled_leave_it_to_the_cancellation(town: Town) -> None:
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 6, 14), kind=WorkKind.ENDORSEMENT)
    town.tell()
    town.act(ReassignWork, source="JD01", target="CY01", reason="街道撤并", subject=SUBMITTED)
    town.act(CancelRound, reason="上级统一安排")
    (body,) = said(town, "2023-06-07T09:00")
    assert "本届已取消" in body
    assert "延长" not in body
    assert "移交" not in body
    assert fates(town, K.DEADLINE_EXTENDED) == fates(town, K.WORK_REASSIGNED) == [NOT_NEEDED]


def test_handover_is_told_to_who_does_not_hear_of_the_cancellation(town: Town) -> None:
    town.at("2023-07-06T10:00")  # intake is over: whoever owes nothing and has nobody in the running is not told of a cancellation
    town.tick()
    town.post(Post())
    town.at("2023-07-06T21:00")
    town.act(ReassignWork, source="JD01", target="CY01", reason="街道撤并", subject=SUBMITTED)
    town.act(CancelRound, reason="上级统一安排")
    (body,) = said(town, "2023-07-07T09:00")
    assert "现已移交他人办理" in body
    assert "取消" not in body


@pytest.mark.parametrize("put_off", [False, True])
def test_extension_that_is_extended_again_before_it_could_be_told_is_told_as_the_later_day_alone(town: Town, put_off: bool) -> None:
    town.at("2023-06-06T12:00" if put_off else "2023-06-06T21:00")
    extend(town, date(2023, 7, 12))
    said(town, post=resting()) if put_off else town.tell()
    assert fates(town, K.DEADLINE_EXTENDED) == ["refused_for_now" if put_off else "waiting"]
    extend(town, date(2023, 7, 13))
    (body,) = said(town, "2023-06-07T09:00")
    assert "7月12日" not in body
    assert body.count("期限：") == body.count("期限：2023年7月13日") == 1
    assert fates(town, K.DEADLINE_EXTENDED) == [NOT_NEEDED, "sent"]


def test_correction_that_is_extended_again_before_it_could_be_told_is_told_as_the_later_day_alone(town: Town) -> None:
    extend(town, date(2023, 7, 12))
    said(town)
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 7, 7))
    extend(town, date(2023, 7, 13))
    (body,) = said(town, "2023-06-07T09:00")
    assert "7月7日" not in body
    assert "期限：2023年7月13日" in body
    assert fates(town, K.DEADLINE_EXTENDED) == ["sent", NOT_NEEDED, "sent"]


def test_extension_of_which_a_part_was_extended_again_is_told_to_whoever_owes_the_rest(town: Town) -> None:
    town.submit("李秀英")
    said(town)
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT)
    extend(town, date(2023, 6, 21), kind=WorkKind.ENDORSEMENT, subject=SUBMITTED)
    (body,) = said(town, "2023-06-07T09:00")
    assert "期限：2023年6月20日" in body
    assert "期限：2023年6月21日" in body


def test_extension_is_withdrawn_from_whoever_owes_nothing_else_though_others_hear_only_of_it(town: Town) -> None:
    town.submit("李秀英", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    said(town)
    town.at("2023-06-06T21:00")
    extend(town, date(2023, 6, 20), kind=WorkKind.ENDORSEMENT)
    extend(town, date(2023, 6, 21), kind=WorkKind.ENDORSEMENT, subject=SUBMITTED)
    (body,) = said(town, "2023-06-07T09:00")
    assert "6月20日" not in body
    assert fates(town, K.DEADLINE_EXTENDED, "LH01") == ["sent"]


def test_extension_that_waits_for_its_channel_when_a_release_has_moved_it_leaves_all_to_the_release(town: Town) -> None:
    extend(town, date(2023, 6, 14), kind=WorkKind.ENDORSEMENT)
    said(town, post=resting())
    hold(town, "2023-06-06T10:01")
    release(town, "2023-06-08T10:00")
    (body,) = said(town)
    assert "期限延长" not in body
    assert f"出具推荐意见（{SUBMITTED}）：2023年6月16日" in body
    assert fates(town, K.DEADLINE_EXTENDED) == [NOT_NEEDED]
