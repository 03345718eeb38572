"""Days in words: those that were moved, from where and to where, and those of a notice."""

from collections.abc import Callable
from datetime import date
from typing import Any

from config.labels import english, label
from config.vocabulary import Stage
from notifiers.wording import Due, full_day

UNDATED = {"window": "", "window_english": ""}
"""The days of a notice that is not there."""


def day_of(text: str) -> str:
    """Write out a day of a notification's context."""
    return full_day(date.fromisoformat(text))


def moved(context: dict[str, Any], due: Callable[[date], Due]) -> dict[str, str]:
    """Say which stage and which notice end on another day; ``due`` gives a day as it stands today."""
    what = [(f"{label(Stage(each['id']))}阶段", english(Stage(each["id"])), each) for each in context.get("stages", ())]
    what += [(f"公示 {each['id']}", f"notice {each['id']}", each) for each in context.get("batches", ())]
    ends = [(*names, day_of(each["from"]), each["from"], due(date.fromisoformat(each["to"]))) for *names, each in what]
    return {
        "moved": "；".join(f"{name}的截止日由{was}改为{to.ahead}" for name, _, was, _, to in ends),
        "moved_english": "; ".join(f"{name} ends on {to.ahead_english}, not on {was}" for _, name, _, was, to in ends),
    }


def brought_back(context: dict[str, Any]) -> dict[str, str]:
    """Say whether a deadline was brought back, and from which day where all of it had been due on one."""
    back, was = str(context.get("back", "")), str(context.get("from", ""))
    return {"back": back, "was": day_of(was) if back and was else "", "was_english": was if back else ""}


def notice_days(first: date, last: Due) -> dict[str, str]:
    """Say from when to when a notice runs, and how many days of it are left."""
    return {"window": f"{full_day(first)}至{last.ahead}", "window_english": f"{first.isoformat()} to {last.ahead_english}"}
