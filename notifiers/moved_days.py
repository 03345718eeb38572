"""Days in words: those that were moved, from where and to where, and those of a notice."""

from collections.abc import Callable
from datetime import date
from typing import Any

from config.labels import english, label
from config.vocabulary import RoundState, Stage
from notifiers.wording import Due, full_day
from states.tables import Round

UNDATED = {"window": "", "window_english": ""}
"""The days of a notice that is not there."""


def day_of(text: str) -> str:
    """Write out a day of a notification's context."""
    return full_day(date.fromisoformat(text))


def moved(context: dict[str, Any], due: Callable[[date], Due]) -> dict[str, str]:
    """Say which stage and which notice end on another day, and whether the round opens on one; ``due`` gives a day as it stands today."""
    what = [(f"{label(Stage(each['id']))}阶段的截止日", f"{english(Stage(each['id']))} ends", each) for each in context.get("stages", ())]
    what += [(f"公示 {each['id']}的截止日", f"notice {each['id']} ends", each) for each in context.get("batches", ())]
    what += [("本届的启动日期", "the round opens", each) for each in context.get("opening", ())]
    days = [(*names, day_of(each["from"]), each["from"], due(date.fromisoformat(each["to"]))) for *names, each in what]
    return {
        "moved": "；".join(f"{name}由{was}改为{to.ahead}" for name, _, was, _, to in days),
        "moved_english": "; ".join(f"{name} on {to.ahead_english}, not on {was}" for _, name, _, was, to in days),
    }


def brought_back(context: dict[str, Any]) -> dict[str, str]:
    """Say whether a deadline was brought back, and from which day where all of it had been due on one."""
    back, was = str(context.get("back", "")), str(context.get("from", ""))
    return {"back": back, "was": day_of(was) if back and was else "", "was_english": was if back else ""}


def notice_days(first: date, last: Due) -> dict[str, str]:
    """Say from when to when a notice runs, and how many days of it are left."""
    return {"window": f"{full_day(first)}至{last.ahead}", "window_english": f"{first.isoformat()} to {last.ahead_english}"}


def opening(row: Round | None) -> dict[str, str]:
    """Say when a round opens that is still planned; of any other nothing."""
    if row is None or row.state != RoundState.PLANNED:
        return {"opens": "", "opens_english": ""}
    doubt = ("（暂定）", ", provisional") if row.planned_on is not None else ("", "")
    return {"opens": f"{full_day(row.opens_on)}{doubt[0]}", "opens_english": f"{row.opens_on.isoformat()}{doubt[1]}"}
