"""A made-up roster: the recommending tree of the district, experts, the leading group, departments, operators."""

from collections.abc import Sequence
from random import Random

from config.vocabulary import PartyKind, Role
from flows.workbooks.rows import DepartmentRow, ExpertRow, MemberRow, OperatorRow, PartyRow, UnitRow
from flows.workbooks.synthetic_words import FIELDS, given_name, surname

OFFICE_ID, GOVERNMENT_ID = "QB01", "ZF01"
_LEADING_GROUP = ("组长", "副组长", "副组长", "成员", "成员", "成员", "成员", "成员", "成员")
_SCHOOLS = ("杭州示范职业技术学院", "浙江示范理工大学", "滨江示范技师学院", "之江示范研究院", "钱塘示范检测中心")
_DEPARTMENTS = ("区税务部门", "区应急管理部门", "区生态环境部门", "区公安部门", "区市场监管部门")
_OPERATORS = ((Role.OFFICE,), (Role.OFFICE, Role.SECRETARY), (Role.SECRETARY,), (Role.FINANCE,), (Role.AUDITOR,))
_TREE: tuple[tuple[str, str, PartyKind, tuple[str, ...]], ...] = (
    ("JD01", "滨江区西兴街道总工会", PartyKind.SUBDISTRICT_UNION, ("杭州视界智能有限公司", "杭州兴芯微电子有限公司", "杭州西陵装备有限公司")),
    ("JD02", "滨江区长河街道总工会", PartyKind.SUBDISTRICT_UNION, ("杭州长河通讯技术有限公司", "杭州冠山生物医药有限公司")),
    ("JD03", "滨江区浦沿街道总工会", PartyKind.SUBDISTRICT_UNION, ("杭州浦沿精密机械有限公司", "杭州联庄环保科技有限公司")),
    ("LH01", "滨江区物联网产业园工会联合会", PartyKind.UNION_FEDERATION, ("杭州感联物联有限公司", "杭州数盾网络安全有限公司")),
    ("LH02", "滨江区白马湖工会联合会", PartyKind.UNION_FEDERATION, ("杭州白马数字文化有限公司",)),
    ("ZS01", "滨江区教育系统工会", PartyKind.SYSTEM_UNION, ("滨江示范职业高级中学",)),
    ("ZS02", "滨江区卫生健康系统工会", PartyKind.SYSTEM_UNION, ("滨江示范医院",)),
    ("CY01", "滨江区城市建设投资集团", PartyKind.MEMBER_UNIT, ("杭州滨投场馆运营有限公司",)),
)  # fmt: skip


def synthetic_units(random: Random | None = None) -> tuple[UnitRow, ...]:
    """Make the tree: government and district office, recommending units below it, employers below those.

    Contacts are drawn from ``random``; without one they are called for their unit's id and always the same.
    """
    office = _unit(random, OFFICE_ID, "区工匠认定工作领导小组办公室", PartyKind.DISTRICT_OFFICE, "", 1)
    units = [_unit(random, GOVERNMENT_ID, "杭州市滨江区人民政府", PartyKind.GOVERNMENT, "", 0), office]
    for identifier, name, kind, employers in _TREE:
        units.append(_unit(random, identifier, name, kind, OFFICE_ID, len(units)))
        units += [
            _unit(random, f"{identifier}-Q{number}", employer, PartyKind.EMPLOYER, identifier, len(units) + number)
            for number, employer in enumerate(employers, start=1)
        ]
    return tuple(units)


def synthetic_roster(random: Random) -> list[PartyRow]:
    """Make a whole roster: units, nine experts, nine members of the leading group, departments, five operators."""
    return [
        *synthetic_units(random),
        *(_expert(random, number) for number in range(1, 10)),
        *(_member(random, number, post) for number, post in enumerate(_LEADING_GROUP, start=1)),
        *(_department(random, number, name) for number, name in enumerate(_DEPARTMENTS, start=1)),
        *(_operator(random, number, roles) for number, roles in enumerate(_OPERATORS, start=1)),
    ]


def _unit(random: Random | None, identifier: str, name: str, kind: PartyKind, superior: str, number: int) -> UnitRow:
    contact = f"{identifier[:2]}联络员" if random is None else _person(random)
    return UnitRow(
        id=identifier,
        name=name,
        kind=kind,
        superior=superior,
        contact=contact,
        phone=_phone(number),
        email=_email(identifier),
    )


def _expert(random: Random, number: int) -> ExpertRow:
    identifier = f"ZJ{number:02d}"
    fields: Sequence[str] = tuple(FIELDS)
    return ExpertRow(
        id=identifier,
        name=_person(random),
        field=fields[(number - 1) % len(fields)],
        employer=_SCHOOLS[(number - 1) % len(_SCHOOLS)],
        phone=_phone(100 + number),
        email=_email(identifier),
    )


def _member(random: Random, number: int, post: str) -> MemberRow:
    identifier = f"LD{number:02d}"
    return MemberRow(id=identifier, name=_person(random), post=post, phone=_phone(200 + number), email=_email(identifier))


def _department(random: Random, number: int, name: str) -> DepartmentRow:
    identifier = f"BM{number:02d}"
    phone, email = _phone(300 + number), _email(identifier)
    return DepartmentRow(id=identifier, name=name, contact=_person(random), phone=phone, email=email)


def _operator(random: Random, number: int, roles: tuple[Role, ...]) -> OperatorRow:
    identifier = f"JB{number:02d}"
    phone, email = _phone(400 + number), _email(identifier)
    return OperatorRow(id=identifier, name=_person(random), roles=roles, phone=phone, email=email)


def _person(random: Random) -> str:
    return surname(random) + given_name(random)


def _phone(number: int) -> str:
    return f"1990000{number:04d}"


def _email(identifier: str) -> str:
    return f"{identifier.lower()}@example.com"


UNITS = synthetic_units()
