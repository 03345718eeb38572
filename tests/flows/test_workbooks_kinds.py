from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook as Book

from config.programme import Criterion
from config.vocabulary import BenefitKind, ObjectionStatus, PartyKind, Promptness, Role, Trigger, Vote
from flows import converting
from flows.workbooks import KINDS, read
from flows.workbooks.roster import ROSTER_SHEETS
from flows.workbooks.rows import (
    AssignmentRow,
    BenefitRow,
    CorrectionRow,
    DepartmentRow,
    EndorsementRow,
    ExpertRow,
    MemberRow,
    ObjectionAnswerRow,
    ObjectionRow,
    OperatorRow,
    ReasonRow,
    ResolutionRow,
    ScoreRow,
    UnitRow,
    VerdictRow,
)
from flows.workbooks.sheets import Reading, ReadRow
from states.errors import CommandRefused
from tests.flows.hurried import HEADERS, TODAY, fill, row, write

NUMBER = "BJGJ-2023-0007"
RUBRIC = (Criterion(id="skill", title="技艺水平", maximum=40), Criterion(id="impact", title="行业影响", maximum=60))


def one(tmp_path: Path, kind: str, headers: str, *rows: Sequence[object]) -> Reading:
    """Read a workbook of one sheet; headers are given with spaces between."""
    return read(kind, write(tmp_path / "a.xlsx", [headers.split(), *rows]), today=TODAY, rubric=RUBRIC)


def faults(reading: Reading) -> list[tuple[int | None, str, str]]:
    return [(p.row, p.header, p.reason) for p in reading.problems]


def test_every_kind_has_a_title_in_both_languages_and_distinct_columns() -> None:
    assert len(KINDS) == 13
    for kind, workbook in KINDS.items():
        assert kind == workbook.kind
        assert workbook.title
        assert workbook.english
        for sheet in workbook.sheets:
            headers = [column.header for column in sheet.columns]
            assert len(set(headers)) == len(headers)


def test_roster_has_a_sheet_for_each_sort(tmp_path: Path) -> None:
    book = Book()
    fill(
        book.worksheets[0],
        [
            ["编号", "名称", "类别", "上级编号", "联系人", "电话", "邮箱", "生效日期"],
            ["QB01", "领导小组办公室", "领导小组办公室", None, "李芳", "0571-87000000", "qb@example.com", date(2023, 1, 1)],
            ["JD01", "长河街道总工会", "街道总工会", "QB01"],
        ],
        "单位",
    )
    fill(book.create_sheet(), [["编号", "姓名", "专业领域", "工作单位"], ["E1", "王 浩", "集成电路", "示范学院"]], "专家")
    fill(book.create_sheet(), [["编号", "姓名", "职务", "失效日期"], ["L1", "赵明", "组长", "2024.12.31"]], "领导小组")
    fill(book.create_sheet(), [["编号", "名称", "联系人"], ["D1", "税务部门", "钱宁"]], "部门")
    fill(book.create_sheet(), [["编号", "姓名", "角色", "电话"], ["O1", "孙琳", "办公室经办、会议秘书", 13900001111]], "经办人")
    fill(book.create_sheet(), [["随便"]], "备忘")
    book.save(tmp_path / "a.xlsx")
    reading = read("roster", tmp_path / "a.xlsx", today=TODAY)
    assert reading.problems == ()
    assert [w.sheet for w in reading.warnings] == ["备忘"]
    office, union = reading.values(UnitRow)
    assert (office.kind, office.superior, office.valid_from) == (PartyKind.DISTRICT_OFFICE, "", date(2023, 1, 1))
    assert (union.kind, union.superior, union.phone, union.valid_until) == (PartyKind.SUBDISTRICT_UNION, "QB01", "", None)
    assert reading.values(ExpertRow) == (ExpertRow(id="E1", name="王浩", field="集成电路", employer="示范学院"),)
    assert reading.values(MemberRow) == (MemberRow(id="L1", name="赵明", post="组长", valid_until=date(2024, 12, 31)),)
    assert reading.values(DepartmentRow) == (DepartmentRow(id="D1", name="税务部门", contact="钱宁"),)
    roles = (Role.OFFICE, Role.SECRETARY)
    assert reading.values(OperatorRow) == (OperatorRow(id="O1", name="孙琳", roles=roles, phone="13900001111"),)


def test_roster_says_how_each_party_is_reached(tmp_path: Path) -> None:
    header = ["编号", "姓名", "邮箱", "备用邮箱", "网络消息", "首选渠道", "代理人编号", "代理起日", "代理止日", "即时接收", "汇总接收"]
    row = ["L1", "赵明", "a@example.com", "b@example.com", "zhaoming", "网络消息", "L2", "2023-07-01", "2023-07-14", "催办、升级", "全部"]
    reading = read("roster", write(tmp_path / "a.xlsx", [header, row], "领导小组"), today=TODAY)
    assert reading.problems == ()
    (entry,) = converting.roster(reading)
    assert entry.contacts == {"mail": "a@example.com", "mail-2": "b@example.com", "web": "zhaoming"}
    assert (entry.preferred, entry.deputy, entry.deputy_from, entry.deputy_to) == ("web", "L2", date(2023, 7, 1), date(2023, 7, 14))
    assert entry.promptness == {"reminder": Promptness.IMMEDIATE, "escalation": Promptness.IMMEDIATE, "*": Promptness.DIGEST}


def test_roster_example_prefers_no_text_message_to_a_landline() -> None:
    for sheet in ROSTER_SHEETS:
        example = {column.header: column.example for column in sheet.columns}
        assert example["首选渠道"] != "电话" or str(example["电话"]).startswith("1")
        assert "座机收不到" in next(column.note for column in sheet.columns if column.header == "电话")


def test_roster_kind_that_is_wanted_both_ways_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["编号", "姓名", "即时接收", "汇总接收"], ["L1", "赵明", "催办、升级", "升级"]], "领导小组")
    assert faults(read("roster", path, today=TODAY)) == [(2, "汇总接收", "“升级”已写在“即时接收”里")]


def test_roster_same_id_on_two_sheets_is_refused(tmp_path: Path) -> None:
    book = Book()
    fill(book.worksheets[0], [["编号", "姓名", "专业领域", "工作单位"], ["A1", "王浩", "焊接", "示范学院"]], "专家")
    fill(book.create_sheet(), [["编号", "姓名"], ["A1", "赵明"]], "领导小组")
    book.save(tmp_path / "a.xlsx")
    reading = read("roster", tmp_path / "a.xlsx", today=TODAY)
    assert faults(reading) == [(2, "编号", "与“专家”第2行的“编号”相同")]
    assert len(reading.rows) == 1


def test_roster_operator_cannot_be_the_clock(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["编号", "姓名", "角色"], ["O1", "孙琳", "系统时钟"]], "经办人")
    reading = read("roster", path, today=TODAY)
    assert faults(reading) == [(2, "角色", "不在可选项中，可选：办公室经办、会议秘书、待遇经办、监督查阅")]


def test_endorsement_refused_needs_its_opinion(tmp_path: Path) -> None:
    headers = "申报编号 推荐单位 意见 推荐意见内容 文件编号"
    good = [NUMBER, "长河街道总工会", "同意推荐", None, "长总工〔2023〕3号"]
    reading = one(
        tmp_path, "endorsements", headers, good, [NUMBER, "杭州某公司", "不予推荐"], [NUMBER.lower(), "长河街道总工会", "同意推荐"]
    )
    assert reading.values(EndorsementRow) == (
        EndorsementRow(nomination=NUMBER, unit="长河街道总工会", endorses=True, document="长总工〔2023〕3号"),
    )
    assert faults(reading) == [
        (3, "推荐意见内容", "不予推荐的要写明理由"),
        (4, "申报编号", "与“工作表”第2行的“申报编号”和“推荐单位”相同"),
    ]


def test_verdicts_are_read_with_clauses_and_columns_to_mend(tmp_path: Path) -> None:
    headers = "申报编号 结论 确认事项 放宽条款 理由 需补正栏目"
    rows: list[list[object]] = [
        ["BJGJ-2023-0001", "通过", "全部", "N11", "绝技填补空白"],
        ["BJGJ-2023-0002", "通过", "N9、n10"],
        ["BJGJ-2023-0003", "退回补正", None, None, "材料不全", "证明材料，身份证号"],
        ["BJGJ-2023-0004", "退回补正", None, None, None, None],
        ["BJGJ-2023-0005", "不予通过"],
        ["BJGJ-2023-0006", "退回补正", None, None, "材料不全", "证明"],
    ]
    reading = one(tmp_path, "verdicts", headers, *rows)
    first, second, third = reading.values(VerdictRow)
    assert (first.verdict, first.confirmed, first.waived, first.reason) == (Trigger.QUALIFY, ("全部",), ("N11",), "绝技填补空白")
    assert second.confirmed == ("N9", "N10")
    assert (third.verdict, third.fields) == (Trigger.RETURN_FOR_CORRECTION, ("证明材料", "身份证号"))
    assert faults(reading) == [
        (5, "需补正栏目", "退回补正的要写明需补正栏目"),
        (5, "理由", "退回或不予通过的要写明理由"),
        (6, "理由", "退回或不予通过的要写明理由"),
        (7, "需补正栏目", "含有推荐汇总表中没有的栏目"),
    ]
    assert reading.problems[-1].mend == "是否应为“证明材料”？"


def test_verdict_that_waives_needs_its_reason(tmp_path: Path) -> None:
    headers = "申报编号 结论 确认事项 放宽条款 理由 需补正栏目"
    assert faults(one(tmp_path, "verdicts", headers, [NUMBER, "通过", "全部", "N11"])) == [(2, "理由", "放宽条款的要写明理由")]


def test_corrections_are_a_whole_nomination_under_its_number(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", [["申报编号", *HEADERS], [NUMBER, *row()], ["BJGJ-2023-0008", *row(性别="女")]])
    reading = read("corrections", path, today=TODAY)
    correction = reading.values(CorrectionRow)[0]
    assert (correction.nomination, correction.candidate.name, correction.candidate.years) == (NUMBER, "张晓东", Decimal(8))
    assert [(p.row, p.column, p.reason) for p in reading.problems] == [(3, "D 性别", "性别与身份证号不符")]


def test_reasons_and_assignments_are_read(tmp_path: Path) -> None:
    reading = one(tmp_path, "reasons", "申报编号 理由", [NUMBER, "本人申请撤回"], ["BJGJ-2023-0008", None])
    assert reading.values(ReasonRow) == (ReasonRow(nomination=NUMBER, reason="本人申请撤回"),)
    assert faults(reading) == [(3, "理由", "没有填写（公式出错也会是空的）")]
    reading = one(tmp_path, "assignments", "申报编号 专家编号 是否回避 回避原因", [NUMBER, "E1", "否"], [NUMBER, "E2", "是"])
    assert reading.values(AssignmentRow) == (AssignmentRow(nomination=NUMBER, expert="E1"),)
    assert faults(reading) == [(3, "回避原因", "回避的要写明原因")]


def test_scores_have_a_column_for_each_criterion(tmp_path: Path) -> None:
    headers = "专家编号 申报编号 技艺水平 行业影响(60分) 评语"
    reading = one(tmp_path, "scores", headers, ["E1", NUMBER, 38.5, "５５分", "很好"], ["E2", NUMBER, 41, None])
    assert reading.values(ScoreRow) == (
        ScoreRow(expert="E1", nomination=NUMBER, marks={"skill": Decimal("38.5"), "impact": Decimal(55)}, remark="很好"),
    )
    assert faults(reading) == [(3, "技艺水平", "超过了最大值40"), (3, "行业影响", "没有填写（公式出错也会是空的）")]


def test_resolution_is_counts_and_a_reserve_has_a_rank(tmp_path: Path) -> None:
    headers = "申报编号 结果 赞成票 反对票 弃权票 回避人数 递补顺序"
    rows: list[list[object]] = [
        ["BJGJ-2023-0001", "通过", 8, 1, 0, 0],
        ["BJGJ-2023-0002", "递补", 7, 1, 1, 0, 1],
        ["BJGJ-2023-0003", "递补", 7, 1, 1, 0],
        ["BJGJ-2023-0004", "未入选", -1, 9.5, "零", 0],
    ]
    reading = one(tmp_path, "resolution", headers, *rows)
    approved, reserve = reading.values(ResolutionRow)
    assert (approved.vote, approved.approve, approved.against, approved.reserve_rank) == (Vote.APPROVE, 8, 1, None)
    assert (reserve.vote, reserve.reserve_rank) == (Vote.RESERVE, 1)
    assert faults(reading) == [
        (4, "递补顺序", "递补的要写明递补顺序"),
        (5, "赞成票", "不能是负数"),
        (5, "反对票", "应为整数"),
        (5, "弃权票", "应为数字"),
    ]


@pytest.mark.parametrize(("rank", "reason"), [(0, "应从1开始"), (1.5, "应为整数"), (10**9, "超过了最大值999")])
def test_reserve_rank_is_counted_from_one(tmp_path: Path, rank: float, reason: str) -> None:
    headers = "申报编号 结果 赞成票 反对票 弃权票 回避人数 递补顺序"
    assert faults(one(tmp_path, "resolution", headers, [NUMBER, "递补", 7, 1, 1, 0, rank])) == [(2, "递补顺序", reason)]


def test_vote_counts_have_a_bound(tmp_path: Path) -> None:
    headers = "申报编号 结果 赞成票 反对票 弃权票 回避人数 递补顺序"
    votes = [10**14, 10**10, 1000, 999]
    bound = "超过了最大值999"
    assert faults(one(tmp_path, "resolution", headers, [NUMBER, "通过", *votes])) == [
        (2, "赞成票", bound),
        (2, "反对票", bound),
        (2, "弃权票", bound),
    ]


def test_objections_and_their_answers_are_read(tmp_path: Path) -> None:
    headers = "申报编号 异议人 是否署名 联系电话 收到日期 邮戳日期 内容"
    received = date(2023, 8, 3)
    letter = [NUMBER, "某职工", "是", "0571-87000000", received, "2023年8月1日", "事迹不实"]
    reading = one(
        tmp_path,
        "objections",
        headers,
        letter,
        [NUMBER, None, "否", None, received, None, "匿名信"],
        [NUMBER, None, "是", None, received, None, "x"],
    )
    first, anonymous = reading.values(ObjectionRow)
    assert (first.objector, first.received, first.postmarked) == ("某职工", received, date(2023, 8, 1))
    assert (anonymous.signed, anonymous.objector, anonymous.postmarked) == (False, "", None)
    assert faults(reading) == [(4, "异议人", "署名的异议要写明异议人")]
    reading = one(
        tmp_path,
        "objection-answers",
        "异议编号 结论 调查报告文号 理由",
        ["YY-1", "不成立", "调〔2023〕1号"],
        ["YY-2", "成立", "调〔2023〕2号"],
    )
    assert reading.values(ObjectionAnswerRow) == (
        ObjectionAnswerRow(objection="YY-1", status=ObjectionStatus.DISMISSED, report="调〔2023〕1号"),
    )
    assert faults(reading) == [(3, "理由", "异议成立的要写明理由")]


def test_benefits_are_read_and_an_award_needs_its_amount(tmp_path: Path) -> None:
    headers = "申报编号 待遇 落实日期 凭证号 金额 代扣税额"
    rows: list[list[object]] = [
        [NUMBER, "一次性奖励", date(2023, 12, 1), "PZ1", "30,000.00元", 6000],
        [NUMBER, "高新领军人才(II类)", 45261.0, None, None, None],
        ["BJGJ-2023-0008", "一次性奖励", date(2023, 12, 1)],
    ]
    reading = one(tmp_path, "benefits", headers, *rows)
    award, talent = reading.values(BenefitRow)
    assert (award.benefit, award.amount, award.tax, award.voucher) == (BenefitKind.AWARD, Decimal(30000), Decimal(6000), "PZ1")
    assert (talent.benefit, talent.given, talent.amount) == (BenefitKind.TALENT_LIST, date(2023, 12, 1), None)
    assert faults(reading) == [(4, "金额", "一次性奖励要写明金额")]


def test_benefit_of_a_fraction_of_a_yuan_is_refused_and_not_cut(tmp_path: Path) -> None:
    headers = "申报编号 待遇 落实日期 凭证号 金额 代扣税额"
    rows: list[list[object]] = [
        [NUMBER, "一次性奖励", date(2023, 12, 1), "PZ1", 30000.9, "4800.75元"],
        ["BJGJ-2023-0008", "一次性奖励", date(2023, 12, 1), "PZ2", 10**12, 0],
    ]
    reading = one(tmp_path, "benefits", headers, *rows)
    cents = "应为整数元，不能带角、分"
    assert faults(reading) == [(2, "金额", cents), (2, "代扣税额", cents), (3, "金额", "超过了最大值9999999")]
    row = BenefitRow(nomination=NUMBER, benefit=BenefitKind.AWARD, given=date(2023, 12, 1), amount=Decimal(30000), tax=Decimal("0.5"))
    given = Reading("a.xlsx", "benefits", (), (ReadRow("a", 2, row),), (), (), ())
    with pytest.raises(CommandRefused, match=f"{NUMBER} 的代扣税额应为整数元"):
        converting.benefits(given)
    whole = ReadRow("a", 2, row.model_copy(update={"tax": Decimal("6000.00")}))
    assert converting.benefits(replace(given, rows=(whole,)))[0].tax == 6000


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_fills_a_field_of_its_row(kind: str) -> None:
    for sheet in KINDS[kind].sheets:
        fields = {column.field.partition(".")[0] for column in sheet.columns} - {""}
        assert fields <= set(sheet.row_model.model_fields)
