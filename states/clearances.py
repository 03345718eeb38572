"""What qualification still waits for from the departments (联审): one work item for each clearance of each nomination."""

from collections.abc import Mapping

from config.programme import ClearanceRule, Programme
from config.vocabulary import NominationState, PartyKind, Stage, WorkKind, WorkStatus
from states.answering import Changes, changes_of, line_of
from states.errors import Refusal
from states.handing import hand_item
from states.obligations import close_items, open_item, stage_clock
from states.parties import in_office
from states.tables import Clearance, WorkItem
from states.unsent import Unsent
from states.work import Work


def strange_departments(work: Work, programme: Programme) -> list[Refusal]:
    """Refuse rules whose department the roster does not know as one in office: nobody would owe the clearance."""
    parties = [(rule, work.party(rule.department)) for rule in programme.clearances]
    strangers = [rule for rule, party in parties if party is None or party.kind != PartyKind.DEPARTMENT or not in_office(party, work.today)]
    return [
        Refusal("no-department", f"联审事项“{rule.title}”的部门编号 {rule.department} 不在名册的在任部门里，请先导入名册，或改正办法{near}")
        for rule in strangers
        for near in [work.instead(rule.department, lambda: work.ids(PartyKind.DEPARTMENT))]
    ]


def ask_for_clearances(work: Work) -> None:
    """Open what the departments still owe to the nominations that await their verdict.

    A clearance once given stands: a nomination that was returned and mended, or reopened, keeps it.
    """
    if not work.programme.clearances or work.programme.stages[Stage.QUALIFICATION].skip or stage_clock(work, Stage.QUALIFICATION) is None:
        return
    waiting = [each.number for each in work.nominations(state=NominationState.SUBMITTED.value)]
    work.read_items(waiting)
    changes = changes_of(work)
    given = {(row.nomination, row.clearance) for row in work.records.where(Clearance, nomination=waiting)}
    for number in waiting:
        asked = {item.detail for item in work.open_items(number) if item.kind == WorkKind.CLEARANCE}
        for rule in work.programme.clearances:
            if rule.id not in asked and (number, rule.id) not in given:
                open_item(work, WorkKind.CLEARANCE, Stage.QUALIFICATION, number, _department(work, rule, number, changes), detail=rule.id)


def _department(work: Work, rule: ClearanceRule, number: str, changes: Changes) -> str:
    """Give whom to ask: whoever answers by now, or once that has left office, whoever was asked last in this round."""
    department = line_of(rule, number, changes)[-1]
    party = work.party(department)
    if party is not None and in_office(party, work.today):
        return department
    asked = work.records.where(WorkItem, round=work.round.slug, kind=WorkKind.CLEARANCE.value, detail=rule.id)
    return max(asked, key=lambda item: item.id).owner if asked else department


def hand_to_new_departments(work: Work, moved: Mapping[str, list[str]]) -> list[str]:
    """Hand what is open to the departments that an amendment put in charge, each due as before; gives the nominations' numbers."""
    items = [item for item in work.open_items() if item.kind == WorkKind.CLEARANCE and item.detail in moved]
    late = [item for item in items if item.owner != moved[item.detail][1]]
    unsent = Unsent(work)
    for item in late:
        hand_item(work, unsent, item, moved[item.detail][1])
    return list(dict.fromkeys(item.subject for item in late))


def drop_unasked(work: Work) -> None:
    """Drop the work for clearances that the rules, amended, ask for no more."""
    rules = {rule.id for rule in work.programme.clearances}
    items = [item for item in work.open_items() if item.kind == WorkKind.CLEARANCE and item.detail not in rules]
    close_items(work, items, WorkStatus.DROPPED)
