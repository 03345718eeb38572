"""Made-up people, units and rules, and the days on which their round runs."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from config.loader import find_programme, read_text
from config.vocabulary import PartyKind, PostKind, Role
from states.candidate import Candidate
from states.commands.roster import RosterEntry
from states.idcard import check_digit

SLUG = "bjgj-2023"
OPENS = date(2023, 6, 6)
BEIJING = ZoneInfo("Asia/Shanghai")
UNIT = "长河街道总工会"
FEDERATION = "互联网工会联合会"
TOWN = "浦沿街道总工会"
_SMALL = (
    ("quota: 10 ", "quota: 2 "),
    ("sheets_per_nomination: 5", "sheets_per_nomination: 1"),
    ("sheets_needed: 3", "sheets_needed: 1"),
    ("trimmed: true", "trimmed: false"),
    ("shortlist: 15", "shortlist: 5"),
    ("reserves: 3", "reserves: 2"),
)
ROSTER = (
    RosterEntry(id="op1", kind=PartyKind.OPERATOR, name="李经办", roles=(Role.OFFICE, Role.SECRETARY)),
    RosterEntry(id="op2", kind=PartyKind.OPERATOR, name="李经办", roles=(Role.OFFICE,)),
    RosterEntry(id="sec", kind=PartyKind.OPERATOR, name="王秘书", roles=(Role.SECRETARY,)),
    RosterEntry(id="fin", kind=PartyKind.OPERATOR, name="赵会计", roles=(Role.FINANCE,)),
    RosterEntry(id="aud", kind=PartyKind.OPERATOR, name="周监督", roles=(Role.AUDITOR,)),
    RosterEntry(id="E1", kind=PartyKind.EXPERT, name="专家一", employer="杭州甲公司"),
    RosterEntry(id="E2", kind=PartyKind.EXPERT, name="专家二"),
    RosterEntry(id="E3", kind=PartyKind.EXPERT, name="专家三", valid_to=date(2023, 6, 30)),
    RosterEntry(id="U1", kind=PartyKind.SUBDISTRICT_UNION, name=UNIT, contacts={"mail": "changhe@example.com"}),
    RosterEntry(id="U2", kind=PartyKind.SUBDISTRICT_UNION, name=TOWN),
    RosterEntry(id="U3", kind=PartyKind.UNION_FEDERATION, name=FEDERATION, parent="U2"),
    RosterEntry(id="D1", kind=PartyKind.DEPARTMENT, name="区税务部门"),
    RosterEntry(id="D2", kind=PartyKind.DEPARTMENT, name="区应急部门"),
)


def local(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant of 2023 by Beijing's clock, in UTC."""
    return datetime(2023, month, day, hour, minute, tzinfo=BEIJING).astimezone(UTC)


MORNING = local(6, 6)
INTAKE_ENDS = local(7, 6, 0)
"""20 working days after 2023-06-06, Dragon Boat off (22, 23) and its Sunday worked (25), end with 07-05."""


@cache
def rules(*swaps: tuple[str, str], small: bool = True) -> str:
    """The real programme's text, by default with few places and sheets, and with the swaps made; each must be found."""
    body = read_text(find_programme("binjiang-craftsman-2023"))
    for old, new in (*(_SMALL if small else ()), *swaps):
        assert old in body, old
        body = body.replace(old, new)
    return body


def clearing(*departments: str) -> str:
    """The small rules with a clearance by each department: ``tax`` 依法纳税 by the first, ``safety`` 安全生产 by the second."""
    asked = zip(("tax", "safety"), ("依法纳税", "安全生产"), departments, strict=False)
    listed = ", ".join(f"{{id: {rule}, title: {title}, department: {party}, ours: true}}" for rule, title, party in asked)
    return rules(("clearances: []", f"clearances: [{listed}]"))


def skipping(stage: str) -> str:
    """The small rules with one stage passed through."""
    before, mark, after = rules().partition(f"\n  {stage}:  ")
    return f"{before}\n  {stage}:\n    skip: true #{after}" if mark else ""


def candidate(ordinal: int, **changes: Any) -> Candidate:
    """Somebody who meets every condition that a column can show; the ordinal makes the person."""
    body = f"330108{1970 + ordinal // 1000 % 30}0101{ordinal % 1000:03d}"
    values: dict[str, Any] = {
        "name": f"孙{'甲乙丙丁戊己庚辛壬癸'[ordinal % 10]}明",
        "gender": "男",
        "id_card": body + check_digit(body),
        "nationality": "中国",
        "employer": "杭州乙公司",
        "in_service": True,
        "union_member": True,
        "post": "高级技师",
        "post_kind": PostKind.FRONT_LINE,
        "front_line": True,
        "trade": "钳工",
        "years": Decimal(12),
        "field": "高端装备",
        "honours": (),
        "achievements": ("4",),
        "deeds": f"革新夹具第{ordinal}号",
        "evidence": "鉴定书",
        "unit": UNIT,
        "unit_kind": PartyKind.SUBDISTRICT_UNION,
    }
    return Candidate(**(values | changes))


def number(ordinal: int, prefix: str = "BJGJ-2023") -> str:
    return f"{prefix}-{ordinal:04d}"
