"""Clearances: each department's yes or veto on a nomination, before the office qualifies it (联审，一票否决)."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.programme import ClearanceRule
from config.vocabulary import NominationState, WorkKind
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
    """Take one nomination's answers; one that does not fit refuses them all."""
    del facts  # no move is made, so no guard is asked
    given = _fitting(work, nomination, rows)
    for rule, row in given:
        _write(work, nomination, rule, row)
        finish(work, WorkKind.CLEARANCE, nomination.number, detail=rule.id)
    vetoes = [rule.title for rule, row in given if not row.clear]
    agreed = len(given) - len(vetoes)
    parts = [f"{agreed} 项同意" if agreed else "", f"一票否决：{'、'.join(vetoes)}" if vetoes else ""]
    return Touch(
        subject=nomination.number, source=nomination.state, target=nomination.state, note="，".join(part for part in parts if part)
    )


def _fitting(work: "Work", nomination: Nomination, rows: list[ClearanceRow]) -> list[tuple[ClearanceRule, ClearanceRow]]:
    """Match answers with what was asked. Raises ``CommandRefused`` with every reason."""
    refusals = running(work)
    if nomination.state not in _OPEN_TO_IT:
        refusals.append(Refusal("wrong-state", "该申报已有资格审核结论，不再登记部门联审意见"))
    given: dict[str, tuple[ClearanceRule, ClearanceRow]] = {}
    for row in rows:
        rules = _named(work, nomination, row.clearance.strip())
        if len(rules) != 1:
            refusals.append(_not_one(work, rules))
        elif rules[0].id in given:
            refusals.append(Refusal("said-before", f"“{rules[0].title}”的联审意见在本次登记中出现两次"))
        else:
            given[rules[0].id] = (rules[0], row)
            refusals += _said_before(work, nomination, rules[0], row)
    if refusals:
        raise CommandRefused(nomination.number, refusals)
    return list(given.values())


def _named(work: "Work", nomination: Nomination, name: str) -> list[ClearanceRule]:
    """Find the rules that a name stands for: themselves, or those whose department it is, or was made to be since."""
    rules = work.programme.clearances
    by_rule = [rule for rule in rules if name in (rule.id, rule.title)]
    return by_rule or [rule for rule in rules if name in ((party := _answering(work, nomination, rule)), work.name_of(party))]


def _answering(work: "Work", nomination: Nomination, rule: ClearanceRule) -> str:
    """Give the department that answers: whoever was asked, for work may have been handed over since the rules were written."""
    asked = [item.owner for item in work.open_items(nomination.number) if item.kind == WorkKind.CLEARANCE and item.detail == rule.id]
    return asked[0] if asked else rule.department


def _not_one(work: "Work", rules: list[ClearanceRule]) -> Refusal:
    """Name the choices; what was written may be anything, and is not repeated."""
    choices = "、".join(f"{rule.title}（{work.name_of(rule.department)}）" for rule in rules or work.programme.clearances)
    if rules:
        return Refusal("which-clearance", f"该部门答复的联审事项不止一项，请写明事项：{choices}")
    return Refusal("no-such-clearance", f"所填联审事项不在本届办法里，可填：{choices}")


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


def _write(work: "Work", nomination: Nomination, rule: ClearanceRule, row: ClearanceRow) -> None:
    payload = {"clearance": rule.id, "clear": row.clear}
    recorder = work.record("clearance_recorded", nomination.number, document=row.document, payload=payload)
    text = work.keep_text(recorder, "opinion", row.text) if row.text.strip() else None
    said = {"department": _answering(work, nomination, rule), "clear": row.clear, "at": work.now, "document": row.document, "text": text}
    old = work.records.get(Clearance, nomination.number, rule.id)
    if old is None:
        recorder.insert(Clearance, nomination=nomination.number, clearance=rule.id, **said)
    else:
        recorder.update(Clearance, old, **said)
