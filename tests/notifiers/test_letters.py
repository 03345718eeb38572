"""What stands in the letters of a whole round: names, reasons, windows, ranks and certificates, each to those it concerns."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.channels import ChannelKind
from config.vocabulary import Body, Vote
from notifiers.delivery import deliver
from notifiers.digest import next_departure, queue
from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from notifiers.outgoing import Outgoing
from notifiers.settling import settle_all
from states.commands.aftermath import Disqualify, ReasonRow, Reopen, Withdraw
from states.commands.certification import Revoke, RevokeRow
from states.commands.notice import AnswerRow, ResolveObjection
from states.commands.review import AssignExperts, RecordScores, SeatRow
from states.records import table_of
from states.store import Store
from states.tables import Delivery, Notification, Person
from tests.notifiers.rounds import Post, migrated
from tests.states.builders import Story
from tests.states.figures import FEDERATION, ROSTER, TOWN, UNIT, candidate, local, number

K = MessageKind


class Told(Story):
    """A story whose messages are carried out."""

    def news(self) -> list[Outgoing]:
        """Tell, group and carry whatever is new, at the next hour at which it may leave; gives what left."""
        post = Post(kinds={"file": ChannelKind.FILE})
        notify(self.house)
        departure = next_departure(self.house)
        if departure is not None:
            self.clock.move_to(departure)
        queue(self.house)
        deliver(self.house, post, "postman")
        return post.messages

    def to(self, name: str) -> Outgoing:
        """Give the one new letter to a party, by its name."""
        (letter,) = [message for message in self.news() if message.recipient_address.startswith(name)]
        return letter


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Told]:
    (tmp_path / "house.db").write_bytes(migrated())
    store = Store(f"sqlite:///{tmp_path / 'house.db'}")
    yield Told(store)
    store.dispose()


def test_whole_round_tells_every_stage_settles_and_verifies(story: Told) -> None:
    story.certified(2, reserves=1)
    story.news()
    story.do(story.grants())
    story.news()
    settle_all(story.house)
    story.verified()
    assert {row.status for row in story.rows(Delivery)} == {"sent"}
    of_first = {row.kind for row in story.rows(Notification, subject=number(1), recipient="U1")}
    assert of_first == {
        *(K.SUBMITTED, K.WORK_OPENED, K.QUALIFIED, K.EXPERT_REVIEWED, K.APPROVED, K.PUBLICLY_NOTICED, K.CERTIFIED, K.BENEFIT_GRANTED)
    }
    assert {row.kind for row in story.rows(Notification, subject=number(3))} >= {K.RESERVED, K.PASSED_OVER}
    assert len(story.rows(Notification, kind=K.ROUND_CLOSED.value)) == 1


def test_returned_nomination_says_what_to_mend_why_and_by_when(story: Told) -> None:
    story.intake_over()
    story.news()
    story.do(story.verdict(1, "return", reason="缺少\n鉴定书", fields=("证明材料", "从事本专业年限")))
    letter = story.to(UNIT)
    assert "  · BJGJ-2023-0001 孙乙明：须补正：证明材料、从事本专业年限；理由：缺少 鉴定书" in letter.body
    assert "期限：2023年7月13日（星期四），还有5个工作日" in letter.body
    assert letter.subject == "【滨江工匠】申报退回补正（BJGJ-2023-0001 孙*），请于7月13日（含）前补正"


def test_rejected_nomination_says_why(story: Told) -> None:
    story.intake_over(1, union_member=False)
    story.news()
    story.do(story.verdict(1, "reject", reason="不是工会会员"))
    assert "  · BJGJ-2023-0001 孙乙明：理由：不是工会会员" in story.to(UNIT).body


def test_waiver_is_not_told_as_a_reason_against(story: Told) -> None:
    story.intake_over()
    story.news()
    story.do(story.verdict(1))
    assert "资格审核通过（BJGJ-2023-0001 孙*）" in story.to(UNIT).body


def test_declined_nomination_names_the_layer_and_its_opinion(story: Told) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    story.endorse([1], FEDERATION)
    story.news()
    story.endorse([1], TOWN, agrees=False, words="业绩不实")
    assert f"  · BJGJ-2023-0001 孙乙明：理由：{TOWN}不同意推荐：业绩不实" in story.to(FEDERATION).body


def test_declined_nomination_is_listed_under_the_stage_of_its_endorsement(story: Told) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    story.endorse([1], FEDERATION)
    story.endorse([1], TOWN, agrees=False, words="业绩不实")
    body = story.to(FEDERATION).body
    declined = next(line for line in body.splitlines() if line.endswith("申报未获推荐（BJGJ-2023-0001 孙*）"))
    assert declined.split()[-3] == "申报推荐"
    assert "资格审核" not in body


def test_expert_gets_the_candidates_to_score_and_no_more(story: Told) -> None:
    story.qualified(3)
    story.news()
    story.do(AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(each), expert="E2", recused=each == 3) for each in (1, 2, 3))))
    letter = story.to("专家二")
    assert "提交评分表（2项）" in letter.subject
    assert [line for line in letter.body.splitlines() if line.startswith("  · ")] == [
        "  · BJGJ-2023-0001 孙乙明",
        "  · BJGJ-2023-0002 孙丙明",
    ]


def test_reminded_expert_sees_only_what_is_left_to_score(story: Told) -> None:
    story.qualified(2)
    story.do(AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(each), expert="E2") for each in (1, 2))))
    story.news()
    story.do(RecordScores(**story.who, rows=(story.sheet(1),)))
    story.tick(local(7, 18))  # the sheets were due on 07-18, 8 working days after 07-06
    assert "催办（今天到期）：提交评分表（BJGJ-2023-0002 孙*）" in story.to("专家二").body


def test_late_expert_is_masked_in_the_offices_subject(story: Told) -> None:
    story.qualified(1)
    story.do(AssignExperts(**story.who, rows=(SeatRow(nomination=number(1), expert="E2"),)))
    story.news()
    story.tick(local(7, 19))
    (letter,) = [message for message in story.news() if "提交评分表" in message.body and "请督促" in message.body]
    assert "专家二" not in letter.subject
    assert "E2 专* 提交评分表" in letter.body
    assert "专家二的待办还没有办结" in letter.body


def test_reserve_learns_its_rank_and_the_approved_the_minutes(story: Told) -> None:
    story.reviewed(3)
    story.news()
    story.do(story.resolution(story.vote(1), story.vote(2, Vote.RESERVE, 1), story.vote(3, Vote.PASS_OVER)))
    body = story.to(UNIT).body
    assert "  · BJGJ-2023-0002 孙丙明：递补顺序第1" in body
    assert "领导小组审定通过（BJGJ-2023-0001 孙*）" in body
    assert "纪要〔2023〕1号" in body
    assert "未入选（BJGJ-2023-0003 孙*）" in body


def test_notice_tells_each_unit_its_own_nominees_and_the_window(story: Told) -> None:
    story.on_notice(2)
    body = story.to(UNIT).body
    assert "公示期：2023年7月6日（星期四）至2023年7月12日（星期三），还有4个工作日。" in body
    assert "人选开始公示（2项）" in body


def test_objection_tells_the_unit_and_not_who_objects(story: Told) -> None:
    story.on_notice(1)
    story.news()
    story.do(story.objection())
    body = story.to(UNIT).body
    assert "收到对公示人选的异议（BJGJ-2023-0001 孙*）" in body
    assert "钱某某" not in body
    assert "业绩不实" not in body


def test_unsigned_objection_is_told_to_nobody(story: Told) -> None:
    story.on_notice(1)
    story.news()
    story.do(story.objection(signed=False, objector=""))
    assert story.news() == []


@pytest.mark.parametrize(
    ("upheld", "words"), [(False, "异议已办结，不成立（BJGJ-2023-0001 孙*）"), (True, "因异议成立不予通过（BJGJ-2023-0001 孙*）")]
)
def test_answered_objection_is_told_once(story: Told, upheld: bool, words: str) -> None:
    story.on_notice(1)
    story.do(story.objection())
    story.news()
    objection = story.row(Notification, kind=K.OBJECTION_FILED.value).context["objection"]
    story.do(ResolveObjection(**story.who, rows=(AnswerRow(objection=objection, upheld=upheld, report="调查报告1号", reason="证据充分"),)))
    body = story.to(UNIT).body
    assert words in body
    assert ("异议已办结，不成立" in body) is not upheld
    assert "调查报告1号" in body


def test_certified_craftsman_has_certificate_and_document(story: Told) -> None:
    story.noticed(1)
    story.news()
    story.do(story.certify())
    body = story.to(UNIT).body
    assert "认定为“滨江工匠”（BJGJ-2023-0001 孙*）" in body
    assert "  · BJGJ-2023-0001 孙乙明：证书编号 BJGJ-2023-Z001" in body
    assert "滨政发〔2023〕9号" in body


def test_benefits_are_listed_by_name(story: Told) -> None:
    story.certified(1)
    story.news()
    story.do(story.grants())
    body = story.to(UNIT).body
    assert "  · BJGJ-2023-0001 孙乙明：一次性奖励" in body
    assert "待遇已落实（8项）" in body


def test_office_sees_each_benefit_it_owes_with_its_clause(story: Told) -> None:
    story.noticed(1)
    story.news()
    story.do(story.certify())
    body = story.to("区工匠认定工作领导小组办公室").body
    assert "  · BJGJ-2023-0001 孙乙明：高新领军人才（Ⅱ类）" in body
    assert "（N23）" in body


def withdraw(story: Told) -> None:
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(1), reason="本人调离"),)))


def disqualify(story: Told) -> None:
    row = ReasonRow(nomination=number(1), reason="学历造假", document="核查报告2号")
    story.do(Disqualify(**story.who, rows=(row,), decided_by=Body.OFFICE))


def reopen(story: Told) -> None:
    disqualify(story)
    story.news()
    story.do(Reopen(**story.who, rows=(ReasonRow(nomination=number(1), reason="核查有误", document="更正1号"),)))


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (withdraw, "申报已撤回（BJGJ-2023-0001 孙*）\n下列申报已按您单位的申请撤回：\n  · BJGJ-2023-0001 孙乙明：理由：本人调离"),
        (disqualify, "取消资格（BJGJ-2023-0001 孙*）\n下列人选已被取消资格：\n  · BJGJ-2023-0001 孙乙明：理由：学历造假"),
        (
            reopen,
            (
                "申报已恢复（BJGJ-2023-0001 孙*）\n下列申报此前的决定已经撤回，申报恢复：\n"
                "  · BJGJ-2023-0001 孙乙明：理由：核查有误；现为“资格审核通过”"
            ),
        ),
    ],
)
def test_what_may_happen_at_any_time_is_told_with_its_reason(story: Told, act: Callable[[Told], None], words: str) -> None:
    story.qualified(2)
    story.news()
    act(story)
    assert words in story.to(UNIT).body


def test_revoked_craftsman_says_by_which_document(story: Told) -> None:
    story.certified(1)
    story.news()
    row = RevokeRow(nomination=number(1), reason="事迹失实")
    day = story.clock.now().date()
    story.do(Revoke(**story.who, rows=(row,), document="滨政发〔2023〕30号", document_date=day, certificate_recalled=True))
    body = story.to(UNIT).body
    assert "认定已被撤销（BJGJ-2023-0001 孙*）" in body
    assert "滨政发〔2023〕30号" in body
    assert "理由：事迹失实" in body


def test_lapsed_nomination_is_told_the_morning_after(story: Told) -> None:
    story.returned()
    story.news()
    story.tick(local(7, 14, 0))
    letter = story.to(UNIT)
    assert "申报因逾期未补正失效（BJGJ-2023-0001 孙*）" in letter.body
    assert story.clock.now() == local(7, 14)


def test_purged_candidate_leaves_the_number(story: Told) -> None:
    story.submitted()
    with story.store.write() as connection:
        connection.execute(table_of(Person).delete())
    assert "  · BJGJ-2023-0001\n" in story.to(UNIT).body


def test_roster_without_the_office_address_tells_its_files_all_the_same(story: Told) -> None:
    assert all(not entry.contacts for entry in ROSTER if entry.id == "op1")
    story.open()
    assert any(message.recipient_address == "区工匠认定工作领导小组办公室" for message in story.news())


def test_nothing_is_told_twice_when_the_clock_goes_on(story: Told) -> None:
    story.qualified(2)
    first = [message.message_id for message in story.news()]
    assert len(first) == 2  # the unit and the office
    story.clock.move_to(story.clock.now() + timedelta(days=1))
    assert story.news() == []
