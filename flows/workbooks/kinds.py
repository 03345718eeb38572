"""Every kind of workbook that comes in or goes out, as lists of columns."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from config.labels import label
from config.nearest import nearest
from config.programme import Criterion
from config.vocabulary import BenefitKind, ObjectionStatus, Trigger, Vote
from flows.workbooks.cells import CHOICE, CODE, DATE, DECIMAL, INTEGER, NUMBER, ORDINAL, PROSE, TEXT, YES_NO, YUAN
from flows.workbooks.clauses import CLAUSE_LIST, CLAUSES_OR_ALL, HEADING_LIST
from flows.workbooks.nominations import HEADERS, NOMINATION_SHEET, YES_NO_OPTIONS, nested_columns
from flows.workbooks.personal import PHONE, same_gender
from flows.workbooks.roster import ROSTER_SHEETS
from flows.workbooks.rows import (
    AssignmentRow,
    BenefitRow,
    ClearanceRow,
    CorrectionRow,
    EndorsementRow,
    ObjectionAnswerRow,
    ObjectionRow,
    ReasonRow,
    ResolutionRow,
    ScoreRow,
    VerdictRow,
)
from flows.workbooks.sheets import Column, Sheet, Workbook, WorkbookRefused, needs, needs_if_any

_ENDORSES = (("同意推荐", True), ("不予推荐", False))
_CLEARS = (("同意", True), ("否决", False))
_VERDICTS = (("通过", Trigger.QUALIFY), ("退回补正", Trigger.RETURN_FOR_CORRECTION), ("不予通过", Trigger.REJECT))
_VOTES = tuple((label(vote), vote) for vote in Vote)
_ANSWERS = tuple((label(status), status) for status in (ObjectionStatus.UPHELD, ObjectionStatus.DISMISSED))
_BENEFITS = tuple((label(benefit), benefit) for benefit in BenefitKind)
_HEADINGS = tuple((header, header) for header in HEADERS)
_OPTIONAL = "没有可不填"
_MOST_VOTES = Decimal(999)
_MOST_YUAN = Decimal(9_999_999)

_NOMINATION = Column(
    "申报编号", "nomination", NUMBER, width=24, example="示例：BJGJ-2023-0001", note="系统给出的编号；以“示例”开头的一行不会导入"
)
_DOCUMENT = Column("文件编号", "document", TEXT, required=False, blank=True, width=24, example="滨工匠办〔2023〕1号", note=_OPTIONAL)
_REMARK = Column("说明", "note", TEXT, required=False, blank=True, width=30, note=_OPTIONAL)

_ENDORSEMENTS = Sheet(
    "推荐意见",
    (
        _NOMINATION,
        Column("推荐单位", "unit", TEXT, width=28, example="滨江区长河街道总工会", note="出具意见的单位，名册中的名称或编号"),
        Column("意见", "endorses", CHOICE, options=_ENDORSES, width=12, example="同意推荐", note="从下拉列表中选"),
        Column("推荐意见内容", "opinion", PROSE, blank=True, width=50, example="经公示无异议，同意推荐。", note="不予推荐的必须写明理由"),
        _DOCUMENT,
    ),
    EndorsementRow,
    checks=(needs("endorses", (False,), "opinion", "不予推荐的要写明理由"),),
    key=("nomination", "unit"),
)
_CLEARANCES = Sheet(
    "部门联审意见",
    (
        _NOMINATION,
        Column("联审事项", "clearance", TEXT, width=28, example="依法纳税情况", note="办法里的事项名称或编号；也可以填答复的部门"),
        Column("意见", "clear", CHOICE, options=_CLEARS, width=12, example="同意", note="从下拉列表中选；否决即一票否决"),
        Column("意见内容", "opinion", PROSE, blank=True, width=50, example="未发现欠税记录。", note="否决的、改变原意见的必须写明理由"),
        _DOCUMENT,
    ),
    ClearanceRow,
    checks=(needs("clear", (False,), "opinion", "否决的要写明理由"),),
    key=("nomination", "clearance"),
)
_VERDICT_SHEET = Sheet(
    "审核意见",
    (
        _NOMINATION,
        Column("结论", "verdict", CHOICE, options=_VERDICTS, width=12, example="通过", note="从下拉列表中选"),
        Column("确认事项", "confirmed", CLAUSES_OR_ALL, blank=True, width=20, example="全部", note="填“全部”或条款编号，如 N9、N10"),
        Column("放宽条款", "waived", CLAUSE_LIST, blank=True, example="N11", note="只有“一般”“原则上”的条款可以放宽，并须写明理由"),
        Column(
            "理由",
            "reason",
            PROSE,
            blank=True,
            width=40,
            example="虽不满5年，但掌握填补国内空白的绝技。",
            note="放宽、退回、不予通过的必填",
        ),
        Column(
            "需补正栏目",
            "fields",
            HEADING_LIST,
            blank=True,
            options=_HEADINGS,
            width=24,
            note="退回补正的必填，照推荐汇总表的表头，顿号分隔",
        ),
        _DOCUMENT,
    ),
    VerdictRow,
    checks=(
        needs("verdict", (Trigger.RETURN_FOR_CORRECTION,), "fields", "退回补正的要写明需补正栏目"),
        needs("verdict", (Trigger.RETURN_FOR_CORRECTION, Trigger.REJECT), "reason", "退回或不予通过的要写明理由"),
        needs_if_any("waived", "reason", "放宽条款的要写明理由"),
    ),
    key=("nomination",),
)
_CORRECTIONS = Sheet(
    "补正汇总表",
    (_NOMINATION, *nested_columns("candidate")),
    CorrectionRow,
    checks=(same_gender("candidate.gender", "candidate.id_card"),),
    key=("nomination",),
)
_REASONS = Sheet(
    "情况说明",
    (_NOMINATION, Column("理由", "reason", PROSE, width=60, example="本人申请撤回。", note="写明事实和依据"), _DOCUMENT),
    ReasonRow,
    key=("nomination",),
)
_ASSIGNMENTS = Sheet(
    "评审分组",
    (
        _NOMINATION,
        Column("专家编号", "expert", CODE, example="E01", note="名册中的编号"),
        Column("是否回避", "recused", YES_NO, options=YES_NO_OPTIONS, width=10, example="否", note="是/否"),
        Column("回避原因", "recusal_reason", TEXT, required=False, blank=True, width=30, note="回避的必填，如：同一工作单位"),
    ),
    AssignmentRow,
    checks=(needs("recused", (True,), "recusal_reason", "回避的要写明原因"),),
    key=("nomination", "expert"),
)
_SCORES = Sheet(
    "评分表",
    (
        Column("专家编号", "expert", CODE, example="示例-E01", note="名册中的编号；以“示例”开头的一行不会导入"),
        replace(_NOMINATION, example="BJGJ-2023-0001", note="系统给出的编号"),
        Column("评语", "remark", PROSE, required=False, blank=True, width=40, example="技艺精湛，带徒成效好。", note=_OPTIONAL),
    ),
    ScoreRow,
    key=("expert", "nomination"),
)
_RESOLUTION = Sheet(
    "审定表决",
    (
        _NOMINATION,
        Column("结果", "vote", CHOICE, options=_VOTES, width=10, example="通过", note="从下拉列表中选"),
        Column("赞成票", "approve", INTEGER, limit=_MOST_VOTES, width=10, example="8", note="票数；无记名投票只填票数"),
        Column("反对票", "against", INTEGER, limit=_MOST_VOTES, width=10, example="1"),
        Column("弃权票", "abstain", INTEGER, limit=_MOST_VOTES, width=10, example="0"),
        Column("回避人数", "recused", INTEGER, limit=_MOST_VOTES, width=10, example="0", note="对这名候选人回避的成员数，没有填0"),
        Column("递补顺序", "reserve_rank", ORDINAL, limit=_MOST_VOTES, required=False, blank=True, width=10, note="递补的必填，从1开始"),
        _REMARK,
    ),
    ResolutionRow,
    checks=(needs("vote", (Vote.RESERVE,), "reserve_rank", "递补的要写明递补顺序"),),
    key=("nomination",),
)
_OBJECTIONS = Sheet(
    "异议登记",
    (
        _NOMINATION,
        Column("异议人", "objector", TEXT, blank=True, width=16, example="某职工", note="未署名的不填"),
        Column("是否署名", "signed", YES_NO, options=YES_NO_OPTIONS, width=10, example="是", note="是/否；未署名的只登记，不受理"),
        Column("联系电话", "phone", PHONE, required=False, blank=True, width=18, example="0571-87000000", note=_OPTIONAL),
        Column("收到日期", "received", DATE, example="2023-08-01"),
        Column("邮戳日期", "postmarked", DATE, required=False, blank=True, note="来信的以邮戳为准"),
        Column("内容", "content", PROSE, width=60, example="反映的事实和依据。"),
    ),
    ObjectionRow,
    checks=(needs("signed", (True,), "objector", "署名的异议要写明异议人"),),
)
_OBJECTION_ANSWERS = Sheet(
    "异议处理",
    (
        Column("异议编号", "objection", NUMBER, width=20, example="示例：BJGJ-2023-Y001", note="系统给出的编号；“示例”一行不会导入"),
        Column("结论", "status", CHOICE, options=_ANSWERS, width=10, example="不成立", note="从下拉列表中选"),
        Column("调查报告文号", "report", TEXT, width=26, example="滨工匠办〔2023〕5号"),
        Column("理由", "reason", PROSE, blank=True, width=60, example="经核查，反映情况不属实。", note="异议成立的必填"),
    ),
    ObjectionAnswerRow,
    checks=(needs("status", (ObjectionStatus.UPHELD,), "reason", "异议成立的要写明理由"),),
    key=("objection",),
)
_BENEFIT_SHEET = Sheet(
    "待遇落实",
    (
        _NOMINATION,
        Column("待遇", "benefit", CHOICE, options=_BENEFITS, width=24, example=label(BenefitKind.AWARD), note="从下拉列表中选"),
        Column("落实日期", "given", DATE, example="2023-12-01"),
        Column("凭证号", "voucher", TEXT, required=False, blank=True, width=20, example="PZ-2023-001", note=_OPTIONAL),
        Column(
            "金额",
            "amount",
            YUAN,
            limit=_MOST_YUAN,
            required=False,
            blank=True,
            width=12,
            example="30000",
            note="整数元，税前；一次性奖励必填",
        ),
        Column("代扣税额", "tax", YUAN, limit=_MOST_YUAN, required=False, blank=True, width=12, example="0", note="整数元"),
    ),
    BenefitRow,
    checks=(needs("benefit", (BenefitKind.AWARD,), "amount", "一次性奖励要写明金额"),),
    key=("nomination", "benefit"),
)


def _single(kind: str, english: str, sheet: Sheet) -> Workbook:
    return Workbook(kind, sheet.title, english, (sheet,))


_WORKBOOKS = (
    Workbook("roster", "名册", "roster", ROSTER_SHEETS),
    _single("nominations", "nominations", NOMINATION_SHEET),
    _single("corrections", "corrections", _CORRECTIONS),
    _single("endorsements", "endorsements", _ENDORSEMENTS),
    _single("clearances", "clearances", _CLEARANCES),
    _single("verdicts", "qualification verdicts", _VERDICT_SHEET),
    _single("reasons", "reasons", _REASONS),
    _single("assignments", "expert assignments", _ASSIGNMENTS),
    _single("scores", "score sheets", _SCORES),
    _single("resolution", "resolution", _RESOLUTION),
    _single("objections", "objections", _OBJECTIONS),
    _single("objection-answers", "objection answers", _OBJECTION_ANSWERS),
    _single("benefits", "benefits", _BENEFIT_SHEET),
)
KINDS: dict[str, Workbook] = {workbook.kind: workbook for workbook in _WORKBOOKS}


def workbook_of(kind: str, rubric: Sequence[Criterion] = ()) -> Workbook:
    """Give a kind of workbook; score sheets get a column for each criterion of the rubric.

    Raises ``WorkbookRefused`` for a kind there is none of, and for score sheets without a rubric.
    """
    if kind not in KINDS:
        near = f"最接近的是 {'、'.join(found)}；" if (found := nearest(kind, KINDS)) else ""
        raise WorkbookRefused(kind, "不是一种工作簿", f"{near}可用的种类：{'、'.join(KINDS)}")
    if kind != "scores":
        return KINDS[kind]
    if not rubric:
        raise WorkbookRefused(kind, "缺少评分标准", "评分表要按认定办法中的评分标准生成")
    return _single("scores", "score sheets", _with_marks(_SCORES, rubric))


def _with_marks(sheet: Sheet, rubric: Sequence[Criterion]) -> Sheet:
    *first, remark = sheet.columns
    return replace(sheet, columns=(*first, *map(_mark_column, rubric), remark))


def _mark_column(criterion: Criterion) -> Column:
    limit = Decimal(criterion.maximum)
    return Column(criterion.title, f"marks.{criterion.id}", DECIMAL, limit=limit, width=12, example=str(limit), note=f"0至{limit}分")
