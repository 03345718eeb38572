"""Clearances: each department's yes or veto on a nomination, before the office qualifies it (联审，一票否决)."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.programme import ClearanceRule
from config.vocabulary import NominationState, WorkKind
from states.answering import changes_of, line_of
from states.bulk import each_or_skip
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.facts import Facts
from states.gathering import running
from states.obligations import finish
from states.outcome import Outcome, Touch
from states.tables import Clearance, Nomination

if TYPE_CHECKING:
    from states.work import Work

_OPEN_TO_IT = (NominationState.SUBMITTED, NominationState.RETURNED)


class ClearanceRow(BaseModel):
    """One department's answer. ``clearance`` is the rule's id or title, or its department's id or name.

    ``clear`` False is a veto; ``text`` is the opinion, kept in the vault.
    """

    model_config = ConfigDict(frozen=True)

    nomination: str
    clearance: str
    clear: bool
    text: str = ""
    document: str = ""


class RecordClearances(Command):
    """Record what the departments said. A veto closes nothing by itself: the office then rejects, or the department relents."""

    title: ClassVar[str] = "登记部门联审意见"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[ClearanceRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip answers that nobody asked for, that come after the verdict, or that say again what was said."""
        if not work.programme.clearances:
            raise CommandRefused(f"不能“{self.title}”", [Refusal("no-clearances", "本届办法没有规定部门联审")])
        by_number: dict[str, list[ClearanceRow]] = {}
        for row in self.rows:
            by_number.setdefault(row.nomination.strip(), []).append(row)
        return each_or_skip(work, self.title, list(by_number.items()), _record)


def _record(work: "Work", nomination: Nomination, rows: list[ClearanceRow], facts: Facts) -> Touch:
    """Take one nomination's answers; one that does not fit refuses them all. No move is made, so no guard is asked."""
    answers = {each.id: each.department for each in facts.clearances}
    given = _fitting(work, nomination, rows, answers)
    for rule, row in given:
        _write(work, nomination, rule, row, answers[rule.id])
        finish(work, WorkKind.CLEARANCE, nomination.number, detail=rule.id)
    vetoes = [rule.title for rule, row in given if not row.clear]
    agreed = len(given) - len(vetoes)
    parts = [f"{agreed} 项同意" if agreed else "", f"一票否决：{'、'.join(vetoes)}" if vetoes else ""]
    return Touch(
        subject=nomination.number, source=nomination.state, target=nomination.state, note="，".join(part for part in parts if part)
    )


def _fitting(
    work: "Work", nomination: Nomination, rows: list[ClearanceRow], answers: dict[str, str]
) -> list[tuple[ClearanceRule, ClearanceRow]]:
    """Match answers with what was asked of whom (``answers``: rule to department). Raises ``CommandRefused`` with every reason."""
    refusals = running(work)
    if nomination.state not in _OPEN_TO_IT:
        refusals.append(Refusal("wrong-state", "该申报已有资格审核结论，不再登记部门联审意见"))
    given: dict[str, tuple[ClearanceRule, ClearanceRow]] = {}
    for row in rows:
        name = row.clearance.strip()
        rules = _named(work, name, answers)
        if len(rules) != 1:
            replaced = [] if rules else _replaced(work, nomination.number, name)
            refusals.append(_not_one(work, rules, answers, replaced))
        elif rules[0].id in given:
            refusals.append(Refusal("said-before", f"“{rules[0].title}”的联审意见在本次登记中出现两次"))
        else:
            given[rules[0].id] = (rules[0], row)
            refusals += _said_before(work, nomination, rules[0], row)
    if refusals:
        raise CommandRefused(nomination.number, refusals)
    return list(given.values())


def _named(work: "Work", name: str, answers: dict[str, str]) -> list[ClearanceRule]:
    """Find the rules that a name stands for: themselves, or those whose department it is, or was made to be since."""
    rules = work.programme.clearances
    by_rule = [rule for rule in rules if name in (rule.id, rule.title)]
    return by_rule or [rule for rule in rules if name in (answers[rule.id], work.name_of(answers[rule.id]))]


def _not_one(work: "Work", rules: list[ClearanceRule], answers: dict[str, str], replaced: list[ClearanceRule]) -> Refusal:
    """Name the choices; what was written may be anything, and is not repeated."""
    named = rules or replaced or work.programme.clearances
    choices = "、".join(f"{rule.title}（{work.name_of(answers[rule.id])}）" for rule in named)
    if rules:
        return Refusal("which-clearance", f"该部门答复的联审事项不止一项，请写明事项：{choices}")
    if replaced:
        return Refusal("no-more-asked", f"所填部门的联审事项已改由其他部门答复，请填事项或现在的部门：{choices}")
    return Refusal("no-such-clearance", f"所填联审事项不在本届办法里，可填：{choices}")


def _replaced(work: "Work", number: str, name: str) -> list[ClearanceRule]:
    """Find the rules that a department answered for until another was put in its place."""
    changes = changes_of(work)
    lines = [(rule, line_of(rule, number, changes)) for rule in work.programme.clearances]
    return [rule for rule, line in lines if any(name in (party, work.name_of(party)) for party in line if party)]


def _said_before(work: "Work", nomination: Nomination, rule: ClearanceRule, row: ClearanceRow) -> list[Refusal]:
    """Refuse a veto or a change of mind without its opinion, and an answer that was recorded already."""
    old = work.records.get(Clearance, nomination.number, rule.id)
    if old is not None and old.clear == row.clear:
        return [Refusal("said-before", f"“{rule.title}”的联审意见已经登记过")]
    if row.text.strip():
        return []
    if not row.clear:
        return [Refusal("reason-missing", f"“{rule.title}”不同意的，须写明意见内容")]
    return [Refusal("reason-missing", f"“{rule.title}”原已否决，改为同意须写明理由")] if old is not None else []


def _write(work: "Work", nomination: Nomination, rule: ClearanceRule, row: ClearanceRow, department: str) -> None:
    payload = {"clearance": rule.id, "clear": row.clear}
    recorder = work.record("clearance_recorded", nomination.number, document=row.document, payload=payload)
    text = work.keep_text(recorder, "opinion", row.text) if row.text.strip() else None
    said = {"department": department, "clear": row.clear, "at": work.now, "document": row.document, "text": text}
    old = work.records.get(Clearance, nomination.number, rule.id)
    if old is None:
        recorder.insert(Clearance, nomination=nomination.number, clearance=rule.id, **said)
    else:
        recorder.update(Clearance, old, **said)
