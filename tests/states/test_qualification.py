"""Qualification: findings settled, waived where their strength allows it, returned for correction, or rejected."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from config.vocabulary import PostKind
from states.commands.certification import Revoke, RevokeRow
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import CloseIntake
from states.commands.qualification import RecordQualification, Verdict, VerdictRow
from states.commands.rounds import OpenRound
from states.frozen import frozen_programme
from states.people import honour_refusals
from states.tables import Chain, Finding, Nomination, VaultText, WorkItem
from states.work import Work
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, SLUG, UNIT, candidate, local, number, rules

N11 = "N11 从事本专业技能工作一般在5年以上"


def results(story: Story) -> dict[str, str]:
    return {row.condition: row.result for row in story.rows(Finding)}


def test_qualifying_confirms_what_needs_a_person(story: Story) -> None:
    story.intake_over()
    story.do(story.verdict(1))
    assert story.state(1) == "qualified"
    assert set(results(story).values()) == {"passed", "confirmed"}
    assert story.row(WorkItem, kind="qualification").status == "done"
    story.verified()


def test_qualifying_without_confirmation_names_every_open_finding(story: Story) -> None:
    story.intake_over()
    (refusal,) = story.refused(story.verdict(1, confirmed=()))
    quotes = ("N9 自觉拥护党的路线方针政策，遵纪守法、诚信友善、爱岗敬业、甘于奉献", "N10 具有良好的职业道德", "N10 高超的技能水平")
    listed = [f"尚待人工确认（{quote}）" for quote in (*quotes, "N13 热心传帮带", "N14 在行业内具有突出的领军作用")]
    assert refusal.sentence == f"{number(1)}：" + "；".join(f"{mark} {each}" for mark, each in zip("①②③④⑤", listed, strict=True))


def test_confirmation_by_clause_or_condition_is_for_each(story: Story) -> None:
    story.intake_over()
    (refusal,) = story.refused(story.verdict(1, confirmed=("N9", "ethics", "N13", "N14")))
    assert refusal.sentence == f"{number(1)}：尚待人工确认（N10 高超的技能水平）"
    story.do(story.verdict(1, confirmed=("N9", "N10", "N13", "N14")))
    assert story.state(1) == "qualified"


def test_confirmation_of_nothing_known_is_refused(story: Story) -> None:
    story.intake_over()
    assert story.refused(story.verdict(1, confirmed=("全部", "N99")))[0].sentence == f"{number(1)}：没有“N99”这条审核意见"


def test_finding_that_fails_is_neither_confirmed_nor_waived(story: Story) -> None:
    story.intake_over(1, front_line=False)
    quote = "N12 目前仍在一线岗位上工作"
    assert story.refused(story.verdict(1))[0].sentence == f"{number(1)}：不符合（{quote}）"
    waived = story.refused(story.verdict(1, waived=("N12",), reason="情况特殊"))[0].sentence
    assert waived == f"{number(1)}：① 属必须具备的条件，不能放宽（N12）；② 本条无需放宽（N12）"


def test_general_condition_is_waived_with_a_reason_only(story: Story) -> None:
    story.intake_over(1, years=Decimal("4.5"))
    assert story.refused(story.verdict(1))[0].sentence == f"{number(1)}：不符合，如属特殊情况须书面说明理由后放宽（{N11}）"
    assert story.refused(story.verdict(1, waived=("years",)))[0].sentence == f"{number(1)}：放宽须书面说明理由（N11）"
    result = story.do(story.verdict(1, waived=("years",), reason="解决关键难题"))
    assert result.outcome.touched[0].note == "放宽 N11"
    row = story.row(Finding, condition="years")
    assert (row.result, story.state(1)) == ("waived", "qualified")
    text = story.row(VaultText, id=row.reason)
    assert story.vault.open(text.body, f"text {text.id}") == "解决关键难题"
    assert "解决关键难题" not in "".join(entry.payload for entry in story.entries())
    story.verified()


def test_condition_in_principle_is_waived_with_a_reason(story: Story) -> None:
    story.intake_over(1, post_kind=PostKind.INSTITUTION_LEADER)
    story.do(story.verdict(1, waived=("N16",), reason="仍任首席技师"))
    assert story.row(Finding, condition="post").result == "waived"


def test_condition_that_passes_needs_no_waiver(story: Story) -> None:
    story.intake_over()
    assert story.refused(story.verdict(1, waived=("N11",), reason="无"))[0].sentence == f"{number(1)}：本条无需放宽（N11）"


def test_qualifying_before_the_end_of_intake_is_refused(story: Story) -> None:
    story.endorsed()
    (refusal,) = story.refused(story.verdict(1))
    assert refusal.sentence == f"{number(1)}：申报推荐尚未结束（N20 申报推荐结束后，将按照资格审核…等环节依次进行认定）"


def test_returning_needs_a_reason_and_fields(story: Story) -> None:
    story.intake_over()
    (refusal,) = story.refused(story.verdict(1, "return"))
    assert refusal.sentence == f"{number(1)}：① 须写明理由；② 须写明需要补正的栏目"


def test_returning_for_a_column_that_there_is_not_is_refused_and_does_not_repeat_it(story: Story) -> None:
    story.intake_over()
    (refusal,) = story.refused(story.verdict(1, "return", reason="请补", fields=("证明材料", "张三的材料")))
    assert refusal.sentence == f"{number(1)}：需补正栏目的第 2 项不是推荐汇总表的栏目"


def test_returning_gives_five_working_days_each_time_and_twice_at_most(story: Story) -> None:
    story.returned()
    assert story.row(Nomination).correction_due_at == local(7, 14, 0)
    story.do(story.resubmission(1))
    story.clock.move_to(local(7, 7))
    result = story.do(story.verdict(1, "return", reason="再补", fields=("主要事迹",)))
    assert result.outcome.touched[0].when == "补正截止 07-14"
    assert '"fields":["主要事迹"]' in story.entries(event="nomination_returned")[1].payload
    story.do(story.resubmission(1, deeds="补充"))
    assert "已退回补正 2 次，达到办法规定的上限" in story.refused(story.verdict(1, "return", reason="三补", fields=("姓名",)))[0].sentence
    assert story.row(Nomination).corrections == 2


def test_rejection_rests_on_findings_and_a_reason(story: Story) -> None:
    story.intake_over(1, union_member=False)
    assert story.refused(story.verdict(1, "reject"))[0].sentence == f"{number(1)}：须写明理由"
    story.do(story.verdict(1, "reject", reason="不是工会会员", document="会议记录1"))
    row = story.row(Nomination)
    assert (row.state, row.came_from, row.closed_by) == ("rejected", "submitted", "office")
    entry = story.entries(event="nomination_rejected")[0]
    assert (entry.on_behalf_of, entry.operator, entry.document) == ("office", "op1", "会议记录1")
    assert '"failed":["union_member"]' in entry.payload
    story.verified()


def test_rejection_may_rest_on_what_no_person_confirms(story: Story) -> None:
    story.intake_over()
    story.do(story.verdict(1, "reject", reason="经核实品行不符"))
    assert '"failed":["conduct","ethics","skill","mentoring","leading_role"]' in story.entries(event="nomination_rejected")[0].payload


def test_bulk_verdicts_skip_what_does_not_fit_and_do_the_rest(story: Story) -> None:
    story.intake_over(3)
    rows = (
        VerdictRow(nomination=number(1), verdict=Verdict.QUALIFY, confirmed=("全部",)),
        VerdictRow(nomination=number(2), verdict=Verdict.RETURN),
        VerdictRow(nomination=number(3), verdict=Verdict.REJECT, reason="材料不实"),
        VerdictRow(nomination="BJGJ-2023-0099", verdict=Verdict.QUALIFY),
    )
    result = story.do(RecordQualification(**story.who, rows=rows))
    assert result.outcome.summary == "登记资格审核：办理 2 份，略过 2 份"
    assert [skip.subject for skip in result.outcome.skipped] == [number(2), "BJGJ-2023-0099"]
    assert story.states() == ["qualified", "submitted", "rejected"]
    assert story.stage() == "qualification"
    story.verified()


@pytest.mark.parametrize("last", ["qualify", "reject"])
def test_stage_ends_with_its_last_verdict(story: Story, last: str) -> None:
    story.endorsed()
    story.clock.move_to(INTAKE_ENDS)
    story.do(CloseIntake(**story.who))
    story.do(story.verdict(1, last, reason="说明"))
    assert story.stage() == "expert_review"


# --- certified by another round meanwhile


def overlapping(story: Story) -> None:
    """Two rounds have the same two people; the first certifies one of them, then the second has come to its qualification."""
    story.noticed(1)
    story.slug = "bjgj-2024"
    text = rules(("number_prefix: BJGJ-2023", "number_prefix: BJGJ-2024"))
    story.do(OpenRound(**story.who, rules=text, opens_on=date(2023, 7, 13)))
    story.submit(candidate(1), candidate(2))
    said = tuple(EndorsementRow(nomination=second(each), unit=UNIT, agrees=True) for each in (1, 2))
    story.do(RecordEndorsements(**story.who, rows=said))
    story.slug = SLUG
    story.do(story.certify())
    story.slug = "bjgj-2024"
    story.tick(local(9, 1))


def second(ordinal: int) -> str:
    return number(ordinal, "BJGJ-2024")


def judged(story: Story, ordinal: int, verdict: str = "qualify", **changes: Any) -> RecordQualification:
    row = VerdictRow(nomination=second(ordinal), verdict=Verdict(verdict), confirmed=("全部",), **changes)
    return RecordQualification(**story.who, rows=(row,))


def test_person_whom_another_round_certified_meanwhile_is_not_qualified(story: Story) -> None:
    overlapping(story)
    assert story.row(Finding, nomination=second(1), condition="no_craftsman_honour").result == "passed"
    (refusal,) = story.refused(judged(story, 1))
    assert refusal.sentence.startswith(f"{second(1)}：不符合（N4 ")
    story.do(judged(story, 2))
    assert story.row(Nomination, number=second(2)).state == "qualified"
    story.verified()


def test_rejection_of_a_person_certified_meanwhile_rests_on_that(story: Story) -> None:
    overlapping(story)
    story.do(judged(story, 1, "reject", reason="另一届已认定"))
    row = story.row(Finding, nomination=second(1), condition="no_craftsman_honour")
    assert (row.result, row.fact) == ("failed", "往届已认定")
    assert '"failed":["no_craftsman_honour"]' in story.entries(event="nomination_rejected", subject=second(1))[0].payload
    story.verified()


def test_person_whose_certification_was_revoked_meanwhile_may_be_qualified(story: Story) -> None:
    story.certified(1)
    story.slug = "bjgj-2024"
    text = rules(("number_prefix: BJGJ-2023", "number_prefix: BJGJ-2024"))
    story.do(OpenRound(**story.who, rules=text, opens_on=date(2023, 7, 13)))
    story.submit(candidate(1))
    story.do(RecordEndorsements(**story.who, rows=(EndorsementRow(nomination=second(1), unit=UNIT, agrees=True),)))
    revoked = RevokeRow(nomination=number(1), reason="材料造假")
    paper: dict[str, Any] = {"document": "滨政发〔2023〕10号", "document_date": date(2023, 7, 13), "certificate_recalled": True}
    story.do(Revoke(**(story.who | {"round": SLUG}), rows=(revoked,), **paper))
    story.tick(local(9, 1))
    story.do(judged(story, 1))
    row = story.row(Finding, nomination=second(1), condition="no_craftsman_honour")
    assert (row.result, row.fact) == ("passed", "无")
    story.verified()


def test_refusal_for_another_rounds_certification_is_there_for_every_later_place(story: Story) -> None:
    overlapping(story)
    with story.store.write() as connection:
        work = Work(connection, story.row(Chain, name=story.slug), story.clock.now(), story.vault)
        work.programme = frozen_programme(rules())
        refusals = honour_refusals(work, [second(1), second(2)])
    assert list(refusals) == [second(1)]
    assert str(refusals[second(1)]).startswith("另一届已认定本人（往届已认定）（N4 ")
