"""What a command came to: what it touches, what it passes by and why, and who will be told."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

UNDOES = "undoes"
"""In an outcome's ``data``: it takes an earlier decision back, so that nobody may be left to be told of either."""


class Touch(BaseModel):
    """Something a command changes; ``subject`` is a number or a slug, ``note`` Chinese and never personal.

    ``when`` says what follows from the day on which it is done: shown, but no part of the plan that is agreed to.
    """

    model_config = ConfigDict(frozen=True)

    subject: str
    source: str = ""
    target: str = ""
    note: str = ""
    when: str = ""


class Skip(BaseModel):
    """Something a command passes by, and why, in Chinese."""

    model_config = ConfigDict(frozen=True)

    subject: str
    reason: str


class Outcome(BaseModel):
    """What a command will do, or did. ``data`` holds figures and ids for whoever called it.

    The ``first`` so many of what is touched are what time had decided before the command.
    """

    _NOT_AGREED: ClassVar[dict[str, Any]] = {"data": True, "touched": {"__all__": {"when"}}}

    model_config = ConfigDict(frozen=True)

    summary: str
    touched: tuple[Touch, ...] = ()
    skipped: tuple[Skip, ...] = ()
    data: dict[str, Any] = {}
    first: int = 0

    def agreed(self) -> str:
        """Give what an operator agrees to with a plan code: the same on whichever day it is done."""
        return self.model_dump_json(exclude=self._NOT_AGREED)


class Happened(BaseModel):
    """One ledger entry in short, for the dashboard's events."""

    model_config = ConfigDict(frozen=True)

    seq: int
    event: str
    subject: str
    source: str
    target: str


class Result(BaseModel):
    """An outcome with what became of it: previewed only, applied now, or applied before under the same id."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    applied: bool
    plan_code: str
    told: tuple[str, ...] = ()
    again: bool = False
    happened: tuple[Happened, ...] = ()
