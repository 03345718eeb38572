"""The 推荐汇总表: the columns of one candidate, alone and inside a correction."""

from dataclasses import replace

from config.labels import label
from config.vocabulary import RECOMMENDING_KINDS, PostKind
from flows.workbooks.cells import CHOICE, PROSE, SERIAL, TEXT, YES_NO
from flows.workbooks.clauses import ACHIEVEMENT_LIST, ACHIEVEMENTS, HONOUR_LIST, YEARS
from flows.workbooks.personal import EMAIL, ID_CARD, NAME, PHONE, same_gender
from flows.workbooks.sheets import Column, Sheet
from states.candidate import Candidate

SHEET_TITLE = "推荐汇总表"
YES_NO_OPTIONS = (("是", True), ("否", False))
_GENDERS = (("男", "男"), ("女", "女"))
_POSTS = tuple((label(post), post) for post in PostKind)
_UNIT_KINDS = tuple((label(kind), kind) for kind in RECOMMENDING_KINDS)

COLUMNS: tuple[Column, ...] = (
    Column("序号", "", SERIAL, required=False, blank=True, width=8, example="示例", note="从1开始；填“示例”的一行不会导入"),
    Column("姓名", "name", NAME, width=12, example="张示例", note="与身份证一致", aliases=("候选人姓名", "候选人")),
    Column("性别", "gender", CHOICE, options=_GENDERS, width=8, example="男", note="应与身份证号一致"),
    Column(
        "身份证号",
        "id_card",
        ID_CARD,
        width=24,
        example="330108199001010010",
        note="18位；本列已设为文本，请勿改为数字，否则末几位会丢失",
        aliases=("身份证号码", "公民身份号码", "身份证"),
    ),
    Column("国籍", "nationality", TEXT, width=10, example="中国", note="如：中国"),
    Column("工作单位", "employer", TEXT, width=28, example="杭州示例科技有限公司", note="单位全称", aliases=("所在单位",)),
    Column(
        "是否滨江区在职职工", "in_service", YES_NO, options=YES_NO_OPTIONS, width=12, example="是", note="是/否", aliases=("是否在职职工",)
    ),
    Column("是否工会会员", "union_member", YES_NO, options=YES_NO_OPTIONS, width=12, example="是", note="是/否", aliases=("工会会员",)),
    Column("职务", "post", TEXT, blank=True, example="班组长", note="没有可不填", aliases=("现任职务", "职务/岗位")),
    Column("岗位类别", "post_kind", CHOICE, options=_POSTS, width=18, example="一线技能岗位", note="从下拉列表中选"),
    Column(
        "是否仍在一线从事技能工作",
        "front_line",
        YES_NO,
        options=YES_NO_OPTIONS,
        width=14,
        example="是",
        note="是/否；管理人员仍直接从事技能工作的填“是”",
        aliases=("是否仍在一线", "是否在一线从事技能工作"),
    ),
    Column("技能工种", "trade", TEXT, width=16, example="集成电路测试员", note="如：数控车工", aliases=("工种", "职业工种")),
    Column(
        "从事本专业年限", "years", YEARS, width=12, example="8", note="年数，可带小数，如 5.5", aliases=("从业年限", "从事本专业工作年限")
    ),
    Column("所属领域", "field", TEXT, width=14, example="集成电路", note="如：视觉智能、网络通讯、集成电路；不限于通知所列领域"),
    Column(
        "已获称号",
        "honours",
        HONOUR_LIST,
        width=22,
        example="无",
        note="写全称，多个用顿号分隔；没有填“无”",
        aliases=("已获荣誉", "已获荣誉称号"),
    ),
    Column(
        "符合条件",
        "achievements",
        ACHIEVEMENT_LIST,
        blank=True,
        width=12,
        example="1、3",
        note=f"填通知中的条款序号：{'、'.join(ACHIEVEMENTS)}，多个用顿号分隔；没有第2项（通知原文排印错误）",
        aliases=("符合的条件", "符合条款"),
    ),
    Column("主要事迹", "deeds", PROSE, width=50, example="掌握高精度晶圆测试绝技，测试效率提高三成。", note="不超过5000字"),
    Column("证明材料", "evidence", PROSE, blank=True, width=30, example="技师证书、获奖证书复印件", note="列出材料名称"),
    Column("推荐单位", "unit", TEXT, width=24, example="滨江区长河街道总工会", note="与名册中的名称一致"),
    Column("推荐单位类别", "unit_kind", CHOICE, options=_UNIT_KINDS, width=14, example="街道总工会", note="从下拉列表中选"),
    Column(
        "联系人",
        "contact",
        NAME,
        required=False,
        blank=True,
        width=12,
        example="李示例",
        note="推荐单位的联系人",
        aliases=("推荐单位联系人",),
    ),
    Column(
        "联系电话",
        "phone",
        PHONE,
        required=False,
        blank=True,
        width=18,
        example="0571-87000000",
        note="推荐单位的手机或固定电话",
        aliases=("电话", "联系方式", "手机", "手机号"),
    ),
    Column(
        "邮箱",
        "email",
        EMAIL,
        required=False,
        blank=True,
        width=24,
        example="gonghui@example.com",
        note="推荐单位的邮箱",
        aliases=("电子邮箱", "邮箱地址", "EMAIL"),
    ),
)
HEADERS = tuple(column.header for column in COLUMNS if column.field)
CHECKS = (same_gender("gender", "id_card"),)
NOMINATION_SHEET = Sheet(SHEET_TITLE, COLUMNS, Candidate, checks=CHECKS)


def nested_columns(prefix: str) -> tuple[Column, ...]:
    """The same columns for a row model that holds the candidate in its field ``prefix``."""
    return tuple(replace(c, field=f"{prefix}.{c.field}" if c.field else "") for c in COLUMNS)


def differing_headers(first: Candidate, second: Candidate) -> tuple[str, ...]:
    """Name the columns in which two rows about one person differ; the contents are not given."""
    return tuple(c.header for c in COLUMNS if c.field and getattr(first, c.field) != getattr(second, c.field))
