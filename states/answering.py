"""Which department answers for a clearance: the rule's own, or whoever was put in its place in this round (联审部门)."""

import json
from collections.abc import Sequence
from typing import Any

from config.programme import ClearanceRule, Programme
from config.vocabulary import WorkKind
from states.tables import LedgerEntry
from states.work import Work

Changes = Sequence[tuple[str, dict[str, Any]]]
"""What changed who answers, oldest first: events with their payloads."""
_AMENDED, _HANDED = "round_amended", "work_handed_over"


def changes_of(work: Work) -> Changes:
    """Read the round's amendments and handovers, those of this transaction included: once for any number of nominations."""
    rows = work.records.where(LedgerEntry, round=work.round.slug, event=(_AMENDED, _HANDED))
    news = [(entry.event, entry.payload) for entry in work.entries if entry.event in (_AMENDED, _HANDED)]
    return [*((row.event, json.loads(row.payload)) for row in rows), *news]


def moved_departments(old: Programme, new: Programme) -> dict[str, list[str]]:
    """Give the rules whose department an amendment sets, with the former one ("" for a new rule) and the new one."""
    before = {rule.id: rule.department for rule in old.clearances}
    return {rule.id: [before.get(rule.id, ""), rule.department] for rule in new.clearances if before.get(rule.id) != rule.department}


def line_of(rule: ClearanceRule, number: str, changes: Changes) -> list[str]:
    """Give the departments that were to answer for a nomination one after another; the last one is it now.

    Each amendment that names another department counts from then on, and so does each handover: of everything, or of
    this nomination alone.
    """
    set_by_rules: list[list[str]] = [payload["departments"][rule.id] for _, payload in changes if rule.id in payload.get("departments", ())]
    line = [set_by_rules[0][0] if set_by_rules else rule.department]
    for _, payload in changes:
        if rule.id in payload.get("departments", ()):
            line.append(payload["departments"][rule.id][1])
        elif payload.get("former") == line[-1] and _covers(payload, number):
            line.append(payload["owner"])
    return line


def answering(work: Work, rule: ClearanceRule, number: str, changes: Changes) -> str:
    """Give the department that answers for a nomination: whoever was asked, else whoever would be."""
    items = [item for item in work.open_items(number) if item.kind == WorkKind.CLEARANCE and item.detail == rule.id]
    return items[0].owner if items else line_of(rule, number, changes)[-1]


def _covers(payload: dict[str, Any], number: str) -> bool:
    """Say whether a handover was of clearances, and of this nomination's."""
    return WorkKind.CLEARANCE in payload.get("kinds", (WorkKind.CLEARANCE,)) and payload.get("subject", number) == number
