"""A line of a plan as a program reads it: six keys, no more."""

from typing import Any

from config.vocabulary import Audience
from flows.reading.foresight import Foreseen

_OFFICE = Audience.DISTRICT_OFFICE
_WHOSE = {"work_due": Audience.OWNER, "stage_opens": _OFFICE, "stage_due": _OFFICE, "catch_up": _OFFICE}
"""Whom a line concerns that is told to nobody: a due time its owners, a stage the office, which leads the round through it."""


def as_planned(line: Foreseen) -> dict[str, Any]:
    """Give a line with its recipients, how many items, whether people must act first and whether a hold moves it in words: all of that is in ``what``."""
    return {
        "at": line.at,
        "kind": line.kind,
        "stage": line.stage,
        "audience": line.audience or _WHOSE[line.kind],
        "what": _in_words(line),
        "provisional": line.provisional,
    }


def _in_words(line: Foreseen) -> str:
    names = f"：{'、'.join(line.to)}" if line.to else ""
    count = f"（共 {line.count} 项）" if line.count > 1 else ""
    doubt = "".join(f"（{mark}）" for mark, on in (("预计", line.expected), (line.on_hold, line.on_hold)) if on)
    return f"{line.what}{names}{count}{doubt}"
