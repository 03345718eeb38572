"""The roster (名册): one sheet for each sort of party in one workbook."""

from collections.abc import Iterator, Mapping
from datetime import date

from config.labels import label
from config.vocabulary import PartyKind, Role
from flows.workbooks.cells import CHOICE, CODE, DATE, TEXT, WORDS
from flows.workbooks.personal import EMAIL, NAME, PHONE
from flows.workbooks.rows import DepartmentRow, ExpertRow, MemberRow, OperatorRow, UnitRow
from flows.workbooks.sheets import CellFault, Column, Sheet
from notifiers.kind_names import CHOICES

_UNIT_SORTS = (
    PartyKind.DISTRICT_OFFICE,
    PartyKind.MEMBER_UNIT,
    PartyKind.SUBDISTRICT_UNION,
    PartyKind.UNION_FEDERATION,
    PartyKind.SYSTEM_UNION,
    PartyKind.EMPLOYER,
    PartyKind.GOVERNMENT,
)
_UNIT_KINDS = tuple((label(kind), kind) for kind in _UNIT_SORTS)
_ROLES = tuple((label(role), role) for role in Role if role is not Role.CLOCK)
_CLASSES = (("邮箱", "mail"), ("电话", "phone"), ("网络消息", "web"))
_AT_ONCE = f"这几类消息随到随发，单独成信；可多选，用顿号分隔：{'、'.join(name for name, _ in CHOICES)}"
_IN_DIGEST = "这几类消息并入次日早上的汇总；写法同“即时接收”，同一类只写在一处。不填的照系统的办法，任何一类都不会不发"


def _id(example: str) -> Column:
    return Column(
        "编号", "id", CODE, width=14, example=f"示例-{example}", note="全册不重复；以“示例”开头的一行不会导入", aliases=("单位编号",)
    )


def _name(header: str, example: str) -> Column:
    kind = NAME if header == "姓名" else TEXT
    return Column(header, "name", kind, width=12 if kind is NAME else 28, example=example, aliases=("单位名称", "部门名称"))


_CONTACT = Column("联系人", "contact", NAME, required=False, blank=True, width=12, example="李示例")
_NUMBER = "要收短信的，填手机号；座机收不到"
_REACHED_AT = (
    Column("电话", "phone", PHONE, required=False, blank=True, width=18, example="19900000000", note=_NUMBER, aliases=("联系电话", "手机")),
    Column("邮箱", "email", EMAIL, required=False, blank=True, width=26, example="lianxi@example.com", aliases=("电子邮箱",)),
    Column("生效日期", "valid_from", DATE, required=False, blank=True, example="2023-01-01", note="不填表示一直有效"),
    Column("失效日期", "valid_until", DATE, required=False, blank=True, note="最后有效的一天；不填表示没有期限"),
)
_AWAY = (
    Column("网络消息", "web", TEXT, required=False, blank=True, width=18, example="lianxi", note="企业微信等账号", aliases=("企业微信",)),
    Column("备用邮箱", "second_email", EMAIL, required=False, blank=True, width=26, example="beiyong@example.com", note="邮箱拒收时使用"),
    Column("首选渠道", "preferred", CHOICE, required=False, blank=True, options=_CLASSES, example="邮箱", note="不填则先用邮箱"),
    Column("代理人编号", "deputy", CODE, required=False, blank=True, example="U02", note="代理期间，消息发给代理人并写明代谁收"),
    Column("代理起日", "deputy_from", DATE, required=False, blank=True, example="2023-07-01", note="含当日；不填表示已经开始"),
    Column("代理止日", "deputy_until", DATE, required=False, blank=True, example="2023-07-14", note="含当日；不填表示至另行通知"),
    Column("即时接收", "at_once", WORDS, required=False, blank=True, options=CHOICES, width=20, example="催办", note=_AT_ONCE),
    Column("汇总接收", "in_digest", WORDS, required=False, blank=True, options=CHOICES, width=20, example="收到申报", note=_IN_DIGEST),
)
_KIND = Column("类别", "kind", CHOICE, options=_UNIT_KINDS, width=16, example="街道总工会", note="从下拉列表中选", aliases=("单位类别",))
_SUPERIOR = Column("上级编号", "superior", CODE, blank=True, width=14, example="QB01", note="上级单位的编号；最上一级不填")
_FIELD = Column("专业领域", "field", TEXT, width=16, example="集成电路", aliases=("专业", "领域"))
_EMPLOYER = Column("工作单位", "employer", TEXT, width=28, example="杭州示例学院", note="用于判断回避", aliases=("单位",))
_POST = Column("职务", "post", TEXT, required=False, blank=True, width=20, example="副组长")
_ROLE = Column(
    "角色", "roles", WORDS, options=_ROLES, width=24, example="办公室经办", note=f"可多选，用顿号分隔：{'、'.join(x for x, _ in _ROLES)}"
)
_KEY = ("id",)


def _promptly_once(values: Mapping[str, object], _today: date) -> Iterator[tuple[str, CellFault]]:
    """Refuse a kind of message that is wanted both at once and in the digest."""
    both = {*_chosen(values, "at_once")} & {*_chosen(values, "in_digest")}
    if both:
        names = "、".join(name for name, kind in CHOICES if kind in both)
        yield "in_digest", CellFault(f"“{names}”已写在“即时接收”里", "同一类消息只写在一处")


def _chosen(values: Mapping[str, object], field: str) -> tuple[object, ...]:
    chosen = values.get(field)
    return chosen if isinstance(chosen, tuple) else ()


ROSTER_SHEETS = (
    Sheet(
        "单位",
        (_id("U01"), _name("名称", "示例街道总工会"), _KIND, _SUPERIOR, _CONTACT, *_REACHED_AT, *_AWAY),
        UnitRow,
        (_promptly_once,),
        key=_KEY,
    ),
    Sheet("专家", (_id("E01"), _name("姓名", "王示例"), _FIELD, _EMPLOYER, *_REACHED_AT, *_AWAY), ExpertRow, (_promptly_once,), key=_KEY),
    Sheet("领导小组", (_id("L01"), _name("姓名", "赵示例"), _POST, *_REACHED_AT, *_AWAY), MemberRow, (_promptly_once,), key=_KEY),
    Sheet("部门", (_id("D01"), _name("名称", "示例局"), _CONTACT, *_REACHED_AT, *_AWAY), DepartmentRow, (_promptly_once,), key=_KEY),
    Sheet("经办人", (_id("O01"), _name("姓名", "钱示例"), _ROLE, *_REACHED_AT, *_AWAY), OperatorRow, (_promptly_once,), key=_KEY),
)
