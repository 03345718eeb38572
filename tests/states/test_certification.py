"""The government's document, the certificates, the benefits, and revocation (N21-N25)."""

import json
from datetime import date
from typing import Any

import pytest

from config.vocabulary import BenefitKind
from states.commands.aftermath import Disqualify, ReasonRow, Reopen
from states.commands.certification import BenefitRow, RecordBenefits, Revoke, RevokeRow
from states.commands.notice import PublishNotice
from states.commands.review import ConcludeReview
from states.commands.rounds import AmendRound, CancelRound
from states.tables import Benefit, Nomination, WorkItem
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import candidate, local, number, rules

MODEL_WORKER = ("杭州市劳动模范",)


def benefit(story: Story, kind: str = "award", **changes: Any) -> RecordBenefits:
    values: dict[str, Any] = {"nomination": number(1), "kind": BenefitKind(kind), "granted_on": date(2023, 7, 13)}
    values |= {"amount": 30000, "tax": 6000, "voucher": "付字1号"} if kind == "award" else {}
    return RecordBenefits(**story.who, rows=(BenefitRow(**(values | changes)),))


def revoke(story: Story, recalled: bool = True, reason: str = "材料造假", **changes: Any) -> Revoke:
    values: dict[str, Any] = {
        "document": "滨政发〔2023〕20号",
        "document_date": date(2023, 7, 13),
        "certificate_recalled": recalled,
    } | changes
    return Revoke(**story.who, rows=(RevokeRow(nomination=number(1), reason=reason),), **values)


# --- certify


def test_certification_numbers_the_certificates_and_opens_the_benefits(story: Story) -> None:
    story.noticed(2)
    result = story.do(story.certify(2, 1))
    assert result.outcome.summary == "滨政发〔2023〕9号 认定 2 人"
    assert [(touch.subject, touch.note) for touch in result.outcome.touched] == [
        (number(2), "证书 BJGJ-2023-Z001"),
        (number(1), "证书 BJGJ-2023-Z002"),
    ]
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.document, row.document_date, row.certificate) == (
        "government_certified",
        "滨政发〔2023〕9号",
        date(2023, 7, 13),
        "BJGJ-2023-Z002",
    )
    assert story.entries(event="nomination_certified")[0].on_behalf_of == "government"
    assert len(story.rows(Benefit, status="due")) == 16
    award = story.row(WorkItem, subject=number(1), detail="award")
    assert (award.kind, award.owner, award.due_day) == ("benefit", "office", date(2023, 8, 24))
    assert story.row(WorkItem, kind="government_document").status == "done"
    assert story.stage() == "fulfilment"
    story.verified()


def test_preference_is_not_given_again_to_a_model_worker(story: Story) -> None:
    story.open()
    story.submit(candidate(1, honours=MODEL_WORKER))
    story.endorse([1])
    story.tick(local(7, 6, 0))
    story.do(story.verdict(1))
    story.score([30])
    story.do(ConcludeReview(**story.who))
    story.do(story.resolution(story.vote(1)))
    story.do(PublishNotice(**story.who, first_day=date(2023, 7, 6)))
    story.tick(NOTICE_ENDS)
    story.do(story.certify())
    exempt = {row.kind for row in story.rows(Benefit, status="exempt")}
    assert exempt == {"hangzhou_craftsman_preference", "may_day_medal_preference"}
    assert story.rows(WorkItem, detail="may_day_medal_preference") == []
    (skip,) = story.refused(benefit(story, "may_day_medal_preference"))
    assert skip.sentence == f"{number(1)}：按规定不再重复推荐（N24）"
    story.do(story.grants())
    assert story.stage() == "closed"


def test_certification_is_all_or_nothing(story: Story) -> None:
    story.noticed(1, reserves=1)
    refusals = story.refused(story.certify(1, 2))
    assert [str(each) for each in refusals] == [f"{number(2)} 现为“递补候选”，此状态下不能办理"]
    assert story.states() == ["publicly_noticed", "reserved"]


def test_certification_with_faults_is_refused_with_all_of_them(story: Story) -> None:
    story.noticed(1)
    command = story.certify(98, 99, document_date=date(2023, 7, 14))
    assert [str(each) for each in story.refused(command)] == [
        f"{number(98)} 不是本届的申报编号；最接近的是“{number(1)}”",
        f"{number(99)} 不是本届的申报编号；最接近的是“{number(1)}”",
        "文件日期 2023-07-14 还没有到",
    ]
    assert [str(each) for each in story.refused(story.certify(document=" "))] == [f"{number(1)} 缺少区政府文件的文号（N21 予以发文认定）"]


def test_certification_of_nobody_is_refused(story: Story) -> None:
    story.on_notice(1)
    story.clock.move_to(local(7, 10))
    assert [str(each) for each in story.refused(story.certify(document_date=date(2023, 7, 10)))] == ["没有公示完成、等待认定的人选"]


def test_certification_never_exceeds_the_quota(story: Story) -> None:
    """A place that was cut after its nominee fell out is gone: nobody comes back to it, and one is certified (N3)."""
    story.noticed(2)
    row = ReasonRow(nomination=number(2), reason="造假", document="报告1")
    story.do(Disqualify(**story.who, rows=(row,)))
    story.do(AmendRound(**story.who, rules=rules(("quota: 2 ", "quota: 1 ")), reason="名额压减"))
    assert story.refused(Reopen(**story.who, rows=(row,)))[0].sentence == f"{number(2)}：超过名额：本届计划认定 1 名（N3）"
    story.do(story.certify())
    assert story.states() == ["government_certified", "rejected"]


def test_document_is_not_older_than_the_notice(story: Story) -> None:
    story.noticed(1)
    assert [str(each) for each in story.refused(story.certify(document_date=date(2023, 7, 11)))] == [
        f"{number(1)} 区政府文件的日期早于公示结束之日（2023-07-12）（N21 最后提请区政府认定）"
    ]
    story.do(story.certify(document_date=date(2023, 7, 12)))


def test_benefits_are_due_from_the_documents_date(story: Story) -> None:
    """Recorded on 08-01: 30 working days from 07-13 end with 08-24, but 10 of them were over before anybody knew."""
    story.noticed(1)
    story.clock.move_to(local(8, 1))
    story.do(story.certify())
    due = {item.detail: item.due_day for item in story.rows(WorkItem, kind="benefit")}
    assert (due["award"], due["title"]) == (date(2023, 8, 24), date(2023, 8, 2))


# --- benefits


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("award", {"nomination": number(9)}, f"本届没有这项待遇；最接近的是“{number(1)}”"),
        ("award", {"granted_on": date(2023, 7, 14)}, "落实日期 2023-07-14 还没有到"),
        ("award", {"amount": 29999}, "金额应为 30000 元"),
        ("award", {"amount": None}, "金额应为 30000 元"),
        ("trophy", {"amount": 1}, "金额应为 空 元"),
        ("award", {"tax": 30001}, "代扣税额大于金额"),
        ("award", {"voucher": " "}, "发放奖励须填写凭证号"),
    ],
)
def test_benefit_that_does_not_fit_is_refused(story: Story, kind: str, changes: dict[str, Any], reason: str) -> None:
    story.certified(1)
    command = benefit(story, kind, **changes)
    assert [each.sentence for each in story.refused(command)] == [f"{command.rows[0].nomination}：{reason}"]


def test_benefits_are_recorded_once_each_and_the_last_closes_the_round(story: Story) -> None:
    story.certified(1)
    story.do(benefit(story).model_copy(update={"operator": "fin"}))
    row = story.row(Benefit, kind="award")
    assert (row.status, row.amount, row.tax, row.voucher, row.granted_on) == ("granted", 30000, 6000, "付字1号", date(2023, 7, 13))
    assert story.row(WorkItem, detail="award").status == "done"
    both = RecordBenefits(**story.who, rows=(*benefit(story).rows, *benefit(story, "title").rows))
    result = story.do(both)
    assert result.outcome.summary == "落实待遇 1 项，略过 1 项"
    assert [skip.reason for skip in result.outcome.skipped] == ["已经落实过"]
    story.do(story.grants())
    assert story.stage() == "closed"
    assert story.rows(WorkItem, status="open") == []
    story.verified()


# --- revoke


def test_revocation_takes_back_what_is_still_owed(story: Story) -> None:
    story.certified(2)
    story.do(benefit(story))
    story.do(revoke(story))
    row = story.row(Nomination, number=number(1))
    assert (row.state, row.revoked_by_document, row.certificate) == ("revoked", "滨政发〔2023〕20号", "BJGJ-2023-Z001")
    assert {each.kind: each.status for each in story.rows(Benefit, nomination=number(1))}["award"] == "granted"
    assert len(story.rows(Benefit, nomination=number(1), status="cancelled")) == 7
    assert {item.status for item in story.rows(WorkItem, subject=number(1), kind="benefit")} == {"done", "dropped"}
    assert story.refused(benefit(story, "trophy"))[0].sentence == f"{number(1)}：认定已撤销"
    story.verified()


def test_revocation_is_possible_after_the_round_is_closed(story: Story) -> None:
    story.certified(1)
    story.do(story.grants())
    assert story.stage() == "closed"
    story.do(revoke(story))
    assert story.states() == ["revoked"]
    assert story.stage() == "closed"
    assert story.rows(WorkItem, status="open") == []
    story.verified()


def test_revocation_in_a_cancelled_round_asks_nobody_to_fill_the_place(story: Story) -> None:
    story.noticed(2, reserves=1)
    story.do(story.certify(1))
    story.do(CancelRound(**story.who, reason="停办"))
    story.do(revoke(story))
    assert story.state(1) == "revoked"
    assert story.rows(WorkItem, status="open") == []
    assert story.rows(Benefit, status="due") == []
    story.verified()


def test_cancelled_round_owes_no_benefit_and_says_so_for_each(story: Story) -> None:
    story.noticed(2)
    story.do(story.certify(1))
    story.do(benefit(story, "trophy"))
    owed = [row.kind for row in story.rows(Benefit, status="due")]
    grants = story.grants()
    result = story.do(CancelRound(**story.who, reason="停办"))
    assert result.outcome.summary.endswith(f"项待办不再办理，{len(owed)} 项待遇不再落实")
    assert [touch.subject for touch in result.outcome.touched if touch.source == "due"] == [number(1)] * len(owed)
    assert {(row.kind, row.status) for row in story.rows(Benefit)} == {("trophy", "granted"), *((kind, "cancelled") for kind in owed)}
    assert [json.loads(entry.payload)["kind"] for entry in story.entries(event="benefit_cancelled", subject=number(1))] == owed
    assert {refusal.sentence for refusal in story.refused(grants)} == {f"{number(1)}：本届已取消，待遇不再落实"}
    assert (story.state(1), story.row(Nomination, number=number(1)).certificate) == ("government_certified", "BJGJ-2023-Z001")
    story.verified()


def test_revocation_with_faults_is_refused_with_all_of_them(story: Story) -> None:
    story.certified(1)
    (refusal,) = story.refused(revoke(story, recalled=False, reason=" ", document=""))
    assert refusal.sentence == f"{number(1)}：① 缺少区政府文件的文号（N21 予以发文认定）；② 须写明理由；③ 证书尚未收回"


def test_slip_in_a_number_among_the_benefits_is_answered_with_the_nearest(story: Story) -> None:
    story.certified(1)
    granted = story.grants()
    strange = granted.rows[0].model_copy(update={"nomination": number(7)})
    result = story.do(granted.model_copy(update={"rows": (*granted.rows, strange)}))
    assert [skip.reason for skip in result.outcome.skipped] == [f"本届没有这项待遇；最接近的是“{number(1)}”"]


def test_revoked_certificates_number_is_not_given_again(story: Story) -> None:
    story.noticed(2)
    story.do(story.certify(1))
    story.do(revoke(story))
    story.do(story.certify(2, document="滨政发〔2023〕21号"))
    assert [row.certificate for row in story.rows(Nomination)] == ["BJGJ-2023-Z001", "BJGJ-2023-Z002"]
