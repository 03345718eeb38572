"""Every guard both ways, with its code, its sentence and its clause."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from states import guards
from states.facts import ClearanceFact, Facts, FindingFact, Places
from states.machine import MOVES, RowGuard
from tests.states.test_machine import record

NOW = datetime(2023, 7, 12, 16, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
N18 = "N18 自下而上、层层推荐"
QUOTE = "目前仍在一线岗位上工作"


def finding(result: str) -> tuple[FindingFact, ...]:
    return (FindingFact("front_line", "N12", QUOTE, result),)


def clearances(**said: bool | None) -> tuple[ClearanceFact, ...]:
    return tuple(ClearanceFact(name, name, "N9", clear) for name, clear in said.items())


# guard, what passes it, what it refuses, and how it says so: (code, sentence, clause)
ROWS: tuple[tuple[RowGuard, dict[str, Any], dict[str, Any], list[tuple[str, str, str]]], ...] = (
    (guards.round_running, {}, {"held": True}, [("round-held", "本届已暂停，请先恢复计时", "")]),
    (guards.round_running, {}, {"ended": True}, [("round-ended", "本届已结束或已取消", "")]),
    (guards.has_reason, {"reason": True}, {}, [("reason-missing", "须写明理由", "")]),
    (
        guards.correction_named,
        {"fields_to_mend": ("证明材料",), "corrections_left": 1},
        {},
        [("fields-missing", "须写明需要补正的栏目", ""), ("corrections-used-up", "已退回补正 1 次，达到办法规定的上限", "")],
    ),
    (guards.layer_refused, {"layers_refused": ("甲",)}, {}, [("no-layer-refused", "没有任何一级推荐单位不同意推荐", N18)]),
    (
        guards.intake_closed,
        {"intake_closed": True},
        {},
        [("intake-open", "申报推荐尚未结束", "N20 申报推荐结束后，将按照资格审核…等环节依次进行认定")],
    ),
    (
        guards.every_layer_endorsed,
        {},
        {"layers_missing": ("甲", "乙"), "layers_refused": ("丙",)},
        [
            ("endorsement-missing", "缺少 甲 的推荐意见", N18),
            ("endorsement-missing", "缺少 乙 的推荐意见", N18),
            ("endorsement-refused", "丙 不同意推荐", N18),
        ],
    ),
    (
        guards.findings_settled,
        {"findings": finding("passed")},
        {"findings": finding("failed")},
        [("finding-front_line", "不符合", f"N12 {QUOTE}")],
    ),
    (
        guards.findings_settled,
        {"findings": finding("waived")},
        {"findings": finding("waivable")},
        [("finding-front_line", "不符合，如属特殊情况须书面说明理由后放宽", f"N12 {QUOTE}")],
    ),
    (
        guards.findings_settled,
        {"findings": finding("confirmed")},
        {"findings": finding("needs_person")},
        [("finding-front_line", "尚待人工确认", f"N12 {QUOTE}")],
    ),
    (
        guards.clearances_in,
        {"clearances": clearances(tax=True)},
        {"clearances": clearances(tax=None, safety=False)},
        [("clearance-missing", "缺少部门联审意见：tax", "N9"), ("clearance-vetoed", "部门联审一票否决：safety", "N9")],
    ),
    (
        guards.some_finding_fails,
        {"clearances": clearances(tax=False)},
        {"clearances": clearances(tax=True, safety=None)},
        [("nothing-fails", "全部审核意见均为符合，没有不予通过的依据", "")],
    ),
    (
        guards.some_finding_fails,
        {"findings": finding("needs_person")},
        {"findings": finding("waived")},
        [("nothing-fails", "全部审核意见均为符合，没有不予通过的依据", "")],
    ),
    (
        guards.enough_sheets,
        {"sheets": 3, "sheets_needed": 3},
        {"sheets": 2, "sheets_needed": 3},
        [("sheets-missing", "有效评分表 2 份，至少需要 3 份", "")],
    ),
    (guards.inside_shortlist, {"shortlisted": True}, {}, [("outside-shortlist", "不在入围名单内", "N19 竞争择优")]),
    (guards.stage_concluded, {"stage_concluded": True}, {}, [("stage-running", "本阶段尚未办结", "")]),
    (guards.judged_by_session, {"judged": True}, {}, [("no-session", "没有审定会议的表决记录", "")]),
    (guards.has_reserve_rank, {"reserve_rank": 1}, {}, [("rank-missing", "须写明递补顺序", "")]),
    (guards.notice_complete, {"notice_ends_at": NOW}, {}, [("notice-missing", "尚未发布公示", "N20 社会公示")]),
    (
        guards.notice_complete,
        {"notice_ends_at": NOW},
        {"notice_ends_at": NOW + SECOND, "last_day": date(2023, 7, 12)},
        [("notice-running", "公示至 07月12日 止", "N20 社会公示")],
    ),
    (
        guards.no_open_objection,
        {},
        {"open_objections": ("Y1", "Y2")},
        [("objection-open", "异议 Y1 未办结", ""), ("objection-open", "异议 Y2 未办结", "")],
    ),
    (guards.objection_upheld, {"upheld_objections": ("Y1",)}, {}, [("no-upheld-objection", "没有成立的异议", "")]),
    (guards.has_report, {"report": True}, {}, [("report-missing", "须附调查报告的文号", "")]),
    (
        guards.has_document,
        {"document": "1号", "document_date": date(2023, 7, 13)},
        {},
        [
            ("document-missing", "缺少区政府文件的文号", "N21 予以发文认定"),
            ("document-date-missing", "缺少区政府文件的日期", "N21 予以发文认定"),
        ],
    ),
    (
        guards.has_document,
        {"document": "1号", "document_date": date(2023, 7, 12), "last_day": date(2023, 7, 12)},
        {"document": "1号", "document_date": date(2023, 7, 11), "last_day": date(2023, 7, 12)},
        [("document-before-notice", "区政府文件的日期早于公示结束之日（2023-07-12）", "N21 最后提请区政府认定")],
    ),
    (guards.certificate_recalled, {"certificate_recalled": True}, {}, [("certificate-out", "证书尚未收回", "")]),
    (guards.next_stage_open, {}, {"next_stage_concluded": True}, [("next-stage-concluded", "下一阶段已经办结，不能恢复", "")]),
)


@pytest.mark.parametrize(("guard", "passing", "failing", "said"), ROWS, ids=lambda value: getattr(value, "__name__", ""))
def test_guard_passes_and_refuses(
    guard: RowGuard, passing: dict[str, Any], failing: dict[str, Any], said: list[tuple[str, str, str]]
) -> None:
    one = record("submitted")
    assert guard(one, Facts(now=NOW, **passing)) == []
    assert [(each.code, each.sentence, each.clause) for each in guard(one, Facts(now=NOW, **failing))] == said


def test_guards_of_the_table_are_all_tested_here() -> None:
    timed = {guards.correction_in_time, guards.correction_overdue}
    assert {guard for move in MOVES for guard in move.guards} <= {row[0] for row in ROWS} | timed
    assert {guard for move in MOVES for guard in move.batch_guards} == {guards.within_quota, guards.place_to_return_to}


@pytest.mark.parametrize(
    ("due", "in_time", "overdue"),
    [
        (NOW + SECOND, [], ["correction-running"]),
        (NOW, ["correction-late"], []),
        (NOW - SECOND, ["correction-late"], []),
        (None, [], ["correction-running"]),
    ],
)
def test_correction_is_half_open_at_its_due_time(due: datetime | None, in_time: list[str], overdue: list[str]) -> None:
    one = record("returned", correction_due_at=due)
    assert [each.code for each in guards.correction_in_time(one, Facts(now=NOW))] == in_time
    assert [each.code for each in guards.correction_overdue(one, Facts(now=NOW))] == overdue


def test_notice_is_not_complete_without_its_batch() -> None:
    refusals = guards.notice_complete(record("leadership_approved", batch=None), Facts(now=NOW, notice_ends_at=NOW))
    assert [each.code for each in refusals] == ["notice-missing"]


def test_session_that_refuses_is_quoted() -> None:
    facts = Facts(now=NOW, judged=True, judgement=guards.has_reason(record("submitted"), Facts(now=NOW)))
    assert [each.code for each in guards.judged_by_session(record("expert_reviewed"), facts)] == ["reason-missing"]


def test_quota_counts_each_tier_for_itself() -> None:
    places = Places({"craftsman": 2, "merit": 1}, {"craftsman": 1, "merit": 1})
    facts = Facts(now=NOW)
    assert guards.within_quota(record("expert_reviewed"), facts, places) == []
    (refusal,) = guards.within_quota(record("expert_reviewed", tier="merit"), facts, places)
    assert str(refusal) == "超过名额：本届计划认定 1 名（N3）"
    assert [each.code for each in guards.within_quota(record("expert_reviewed", tier="unknown"), facts, places)] == ["quota-full"]


@pytest.mark.parametrize("came_from", ["leadership_approved", "publicly_noticed", "reserved", "submitted"])
def test_place_to_return_to_is_asked_of_those_who_held_one(came_from: str) -> None:
    one, full = record("rejected", came_from=came_from), Places({"craftsman": 1}, {"craftsman": 1})
    held_one = came_from in ("leadership_approved", "publicly_noticed")
    assert [each.code for each in guards.place_to_return_to(one, Facts(now=NOW), full)] == (["quota-full"] if held_one else [])
    assert guards.place_to_return_to(one, Facts(now=NOW), replace(full, taken={})) == []
