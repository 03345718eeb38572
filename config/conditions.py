"""Conditions as data: what a candidate must be, what excludes, and which achievements count (notice, N4-N16)."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from config.honours import HonourKind
from config.rules import Block, ClauseId, Rule, Text
from config.vocabulary import PostKind, Strength

FactName = Literal["nationality", "in_service", "union_member", "front_line"]


class FactEquals(Block):
    """One fact must have one value; ``also`` are other ways of writing the same."""

    kind: Literal["fact_equals"]
    fact: FactName
    equals: StrictBool | Text
    also: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _kind_of_fact(self) -> "FactEquals":
        if (self.fact == "nationality") == isinstance(self.equals, bool):
            raise ValueError("nationality 应与文字比较，其余事实应写 true 或 false")
        return self


class AtLeast(Block):
    """A number must reach a bound, the bound included. ``years`` are years in the trade and may have decimals."""

    kind: Literal["at_least"]
    fact: Literal["years"]
    at_least: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class HonourExcluded(Block):
    """An honour of one of these kinds, at this level or above, excludes (N4); one that is not known needs a person."""

    kind: Literal["honour_excluded"]
    kinds: Annotated[tuple[HonourKind, ...], Field(min_length=1)]
    level_at_least: Text


class AnyAchievement(Block):
    """At least one of the programme's achievements, with evidence (N15)."""

    kind: Literal["any_achievement"]


class PostExcluded(Block):
    """These posts exclude; those of ``unless_front_line`` only where the person no longer does skilled work (N16)."""

    kind: Literal["post_excluded"]
    posts: Annotated[tuple[PostKind, ...], Field(min_length=1)]
    unless_front_line: tuple[PostKind, ...] = ()


class Attested(Block):
    """No column can show it: the endorsing layers vouch for it and the office confirms."""

    kind: Literal["attested"]


ConditionTest = Annotated[FactEquals | AtLeast | HonourExcluded | AnyAchievement | PostExcluded | Attested, Field(discriminator="kind")]


class Condition(Rule):
    """One condition, its clause in the notice's own words, how binding it is, and how it is tested.

    ``name`` is what an operator reads in lists; ``quote`` is the part of the clause that asks for it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    name: Text
    clause: ClauseId
    quote: Text
    strength: Strength
    test: ConditionTest


class Achievement(Block):
    """One of the conditions of which a candidate must meet at least one; ``number`` is as the notice prints it."""

    number: Annotated[str, Field(pattern=r"^\d+$")]
    clause: ClauseId
    quote: Text


class Slip(Block):
    """A number that the printed notice suggests by mistake, and what to tell those who write it down."""

    number: Annotated[str, Field(pattern=r"^\d+$")]
    hint: Text
