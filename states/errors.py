"""Refusals are values with a readable sentence; errors carry them to whoever must show them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One reason why something may not be done.

    ``code`` is stable and never shown; ``sentence`` is Chinese for the operator; ``clause`` quotes the clause of the
    notice or the programme that asks for it, "" where it is the house's own rule.
    """

    code: str
    sentence: str
    clause: str = ""

    def __str__(self) -> str:
        return f"{self.sentence}（{self.clause}）" if self.clause else self.sentence


class HallmarkError(Exception):
    """Base of every error that a person is meant to read; ``str()`` is a Chinese sentence."""


class CommandRefused(HallmarkError):
    """A command that may not be carried out; nothing was changed. ``refusals`` holds every reason found."""

    def __init__(self, what: str, refusals: list[Refusal]) -> None:
        self.what = what
        self.refusals = refusals
        super().__init__(f"{what}：{numbered(refusals)}")


class TransitionRefused(CommandRefused):
    """A nomination that may not move; ``nomination`` is its number, ``trigger`` the id of what was asked."""

    def __init__(self, nomination: str, trigger: str, label: str, refusals: list[Refusal]) -> None:
        self.nomination = nomination
        self.trigger = trigger
        super().__init__(f"{nomination} 不能“{label}”", refusals)


class NotPermitted(CommandRefused):
    """The operator is unknown, or the operator's role does not allow the command."""


class PlanChanged(CommandRefused):
    """The plan code does not fit what would happen now: something changed since the preview."""


class SameContentAgain(CommandRefused):
    """The same operator sent the same content under another id within ten minutes: a double click is asked about."""


def numbered(refusals: Sequence[Refusal | str]) -> str:
    """Join refusals, or other sentences, for one line: ① … ② …; a single one stands alone, and beyond twenty only their number is said."""
    if len(refusals) == 1:
        return str(refusals[0])
    marks = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
    shown = "；".join(f"{mark} {refusal}" for mark, refusal in zip(marks, refusals, strict=False))
    return shown + (f"；……共 {len(refusals)} 条" if len(refusals) > len(marks) else "")
