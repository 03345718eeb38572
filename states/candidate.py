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


def masked(name: str) -> str:
    """Mask a person's name for anything outside the vault: the first character and a star (张*)."""
    return f"{name[:1]}*" if name else "*"
