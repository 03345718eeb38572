"""What a recommending unit says of one candidate: a row of the 推荐汇总表, checked."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from config.vocabulary import PartyKind, PostKind


class Candidate(BaseModel):
    """One candidate as recommended. Personal from end to end: it lives in the vault and nowhere else.

    ``years`` are years in the trade (may have decimals); ``achievements`` are clause numbers as printed in the notice
    ("1", "3", "4", "5", "6"); ``honours`` are names of honours, empty for 无; ``contact``, ``phone`` and ``email`` are
    the recommending unit's.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    gender: str
    id_card: str
    nationality: str
    employer: str
    in_service: bool
    union_member: bool
    post: str
    post_kind: PostKind
    front_line: bool
    trade: str
    years: Decimal
    field: str
    honours: tuple[str, ...]
    achievements: tuple[str, ...]
    deeds: str
    evidence: str
    unit: str
    unit_kind: PartyKind
    contact: str = ""
    phone: str = ""
    email: str = ""


COLUMNS = {
    "name": "姓名",
    "gender": "性别",
    "id_card": "身份证号",
    "nationality": "国籍",
    "employer": "工作单位",
    "in_service": "是否滨江区在职职工",
    "union_member": "是否工会会员",
    "post": "职务",
    "post_kind": "岗位类别",
    "front_line": "是否仍在一线从事技能工作",
    "trade": "技能工种",
    "years": "从事本专业年限",
    "field": "所属领域",
    "honours": "已获称号",
    "achievements": "符合条件",
    "deeds": "主要事迹",
    "evidence": "证明材料",
    "unit": "推荐单位",
    "unit_kind": "推荐单位类别",
    "contact": "联系人",
    "phone": "联系电话",
    "email": "邮箱",
}
"""Columns of the 推荐汇总表 by the candidate's fields, for saying where two rows differ."""


def masked(name: str) -> str:
    """Mask a person's name for anything outside the vault: the first character and a star (张*)."""
    return f"{name[:1]}*" if name else "*"
