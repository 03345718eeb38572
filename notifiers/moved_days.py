"""Days that were moved, in words: which, from where and to where."""

from datetime import date
from typing import Any

from config.labels import label
from config.vocabulary import Stage
from notifiers.wording import full_day


def day_of(text: str) -> str:
    """Write out a day of a notification's context."""
    return full_day(date.fromisoformat(text))


def moved(context: dict[str, Any]) -> list[str]:
    """Say which stage and which notice end on another day."""
    what = [(f"{label(Stage(each['id']))}阶段", each) for each in context.get("stages", ())]
    what += [(f"公示 {each['id']}", each) for each in context.get("batches", ())]
    return [f"{name}的截止日由{day_of(each['from'])}改为{day_of(each['to'])}" for name, each in what]


def brought_back(context: dict[str, Any]) -> dict[str, str]:
    """Say whether a deadline was brought back, and from which day where all of it had been due on one."""
    back, was = str(context.get("back", "")), str(context.get("from", ""))
    return {"back": back, "was": day_of(was) if back and was else "", "was_english": was if back else ""}
