"""What every block of a programme is made from: frozen models that refuse unknown keys, and the small scalars.

A block that can be a default of the house, and not the notice's word, is a ``Rule``: it carries ``ours``.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictInt,
    WrapSerializer,
)

Key = TypeVar("Key")
Value = TypeVar("Value")


class Block(BaseModel):
    """A frozen part of a programme; a key it does not know is an error, so that a typing slip is never a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Rule(Block):
    """A block that says whether it is the house's own default (``ours``) or the notice's word."""

    ours: StrictBool = False


def _closed(mapping: Mapping[Key, Value]) -> Mapping[Key, Value]:
    """Close a mapping against changes: a frozen model alone would leave its dictionaries open."""
    return MappingProxyType(dict(mapping))


def _opened(mapping: Mapping[Key, Value], write: SerializerFunctionWrapHandler) -> object:
    return write(dict(mapping))


def _offset(value: object) -> object:
    """Read ``-5d``, ``0d`` or ``+1d`` as working days before or after the due time."""
    match = re.fullmatch(r"([+-]?\d+)d", value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("应写成工作日数加 d，如 -5d（提前5个工作日）、0d（当日）、+1d（逾期1个工作日）")
    return int(match[1])


def _share(value: object) -> object:
    """Read ``2/3`` as an exact fraction above nought and up to one."""
    match = re.fullmatch(r"(\d+)\s*/\s*([1-9]\d*)", value.strip()) if isinstance(value, str) else None
    share = Fraction(int(match[1]), int(match[2])) if match else Fraction(0)
    if not 0 < share <= 1:
        raise ValueError("应写成分数，大于0且不超过1，如 2/3")
    return share


def _whole(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


Text = Annotated[str, Field(min_length=1)]
Count = Annotated[StrictInt, Field(ge=1)]
"""A whole number of at least one."""
Offset = Annotated[int, BeforeValidator(_offset)]
"""Signed working days from a due time, written ``-5d``."""
Share = Annotated[Fraction, BeforeValidator(_share), PlainSerializer(_whole, return_type=str)]
"""An exact share, written ``2/3``; half a vote is never rounded."""
ClauseId = Annotated[str, Field(pattern=r"^N\d+(\.\d+)?$")]
"""Number of a clause of the notice: ``N3``, ``N15.1``."""
FrozenMap = Annotated[Mapping[Key, Value], AfterValidator(_closed), WrapSerializer(_opened)]
"""A mapping that stays as it was read."""
