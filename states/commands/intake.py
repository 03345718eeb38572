"""Intake: what units send in, until it is closed (notice, N17-N20)."""

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.labels import label
from config.nearest import instead
from config.vocabulary import (
    Body,
    FindingResult,
    NominationState,
    Role,
    RoundState,
    RoundTrigger,
    Stage,
    WorkKind,
)
from states.candidate import COLUMNS, Candidate
from states.command import Command
from states.commands.units import Units
from states.due_now import on_its_behalf
from states.eligibility import Finding as Found
from states.eligibility import evaluate
from states.errors import CommandRefused, Refusal
from states.obligations import layers, open_item, stage_clock
from states.opening_day import later_in_hold, planned_day
from states.outcome import Outcome, Skip, Touch
from states.people import certified_before, content_of, facts_for_findings, keep_person, open_person, same_person
from states.progress import advance, move_round
from states.tables import Finding, Nomination, Person, Round, StageClock

if TYPE_CHECKING:
    from states.work import Recorder, Work

_MORE_TIME = "确需接收的，先办理“延长期限”，将告知全部推荐单位"
_CAME_IN_TIME = "截止前已经收到、只是尚未录入的，填写“收到日期”；"


class SubmittedRow(BaseModel):
    """One candidate as a workbook gave it; ``place`` names the row for people ("第5行")."""

    model_config = ConfigDict(frozen=True)

    place: str
    candidate: Candidate


class SubmitNominations(Command):
    """Enter candidates from a unit's 推荐汇总表. Not a decision: good rows go in, the others come back with a reason.

    ``received_on`` is the day on which the papers came, today without it. Where the office closes intake itself, papers that
    came in time may be entered until it does; where the clock closes it, they go in before the due time.

    The outcome's ``data`` has ``refused``: places with reasons that go back to the sender, values never included, and
    ``remarks``: places of rows that did go in, with what must be seen about them.
    """

    title: ClassVar[str] = "导入推荐汇总表"
    registers: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rows: tuple[SubmittedRow, ...]
    tier: str = ""
    received_on: date | None = None

    def plan(self, work: "Work") -> Outcome:
        """Refuse all when intake is not open; then take row by row."""
        _intake_open(work, self.received_on)
        tier = self.tier or work.programme.tiers[0].id
        tiers = [each.id for each in work.programme.tiers]
        if tier not in tiers:
            raise CommandRefused("不能导入", [Refusal("no-tier", f"办法中没有档次“{tier}”{instead(tier, tiers)}")])
        units = Units(work)
        entered, skipped, refused, remarks = [], [], [], []
        for row in self.rows:
            reason = _why_not(work, row, units)
            if reason == "":
                number = _submit(work, row, tier, units, self.received_on)
                entered.append(Touch(subject=number, target=NominationState.SUBMITTED.value, note=row.place))
                remarks += _certified_before(work, row)
            elif reason.startswith("已录入"):
                skipped.append(Skip(subject=row.place, reason=reason))
            else:
                refused.append(Skip(subject=row.place, reason=reason))
        summary = f"录入 {len(entered)} 份申报，重复略过 {len(skipped)} 行，退回 {len(refused)} 行"
        data = {"refused": [each.model_dump() for each in refused], "remarks": [each.model_dump() for each in remarks]}
        return Outcome(summary=summary, touched=tuple(entered), skipped=(*skipped, *refused), data=data)


class CloseIntake(Command):
    """Close intake when its time has come (notice, N20)."""

    title: ClassVar[str] = "截止申报"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.CLOCK)
    bulk: ClassVar[bool] = True

    def plan(self, work: "Work") -> Outcome:
        """Refuse before the due time that was announced: nobody loses a day."""
        clock = stage_clock(work, Stage.INTAKE)
        if clock is not None and work.now < clock.due_at:
            raise CommandRefused("不能截止申报", [Refusal("intake-running", f"申报截止日为 {clock.due_day:%Y-%m-%d}，未到期不能提前截止")])
        if clock is not None and work.programme.stages[Stage.INTAKE].conclude == "automatic":
            on_its_behalf(work, clock.due_at)
        numbers = [each.number for each in work.nominations(state=NominationState.SUBMITTED.value)]
        move_round(work, RoundTrigger.CLOSE_INTAKE)
        advance(work)
        moved = tuple(Touch(subject=number, note="进入资格审核") for number in numbers)
        return Outcome(summary=f"截止申报：{len(numbers)} 份申报进入资格审核", touched=moved)


def _intake_open(work: "Work", received_on: date | None) -> None:
    row = work.round
    clock = stage_clock(work, Stage.INTAKE)
    refusals = []
    if row.held:
        refusals.append(Refusal("round-held", "本届已暂停，请先恢复计时"))
    if row.state == RoundState.PLANNED:
        day = planned_day(row, work.calendar)
        refusals.append(
            Refusal(
                "not-open-yet",
                f"本届定于 {day}启动{later_in_hold(row)}，启动以前不接收申报，请到启动那天再导入；启动日期要改的，在“修订本届办法”（amend-round）里填写",
            )
        )
    elif clock is None or (row.state != RoundState.INTAKE and (row.closed_at is not None or work.now < clock.due_at)):
        refusals.append(Refusal("intake-closed", f"本届现处“{label(RoundState(row.state))}”阶段，不在申报推荐期内"))
    elif row.state != RoundState.INTAKE:
        refusals.append(Refusal("intake-over", f"申报已于 {clock.due_day:%Y-%m-%d} 截止，截止时间已向各推荐单位公布，不再接收"))
    else:
        refusals += [*_bad_receipt(work, received_on), *_too_late(work, clock, received_on)]
    if refusals:
        raise CommandRefused("不能导入", refusals)


def _bad_receipt(work: "Work", received_on: date | None) -> list[Refusal]:
    """Refuse a day of receipt that cannot be."""
    if received_on is not None and not work.round.opens_on <= received_on <= work.today:
        return [Refusal("receipt", f"收到日期 {received_on:%Y-%m-%d} 须在本届启动日 {work.round.opens_on:%Y-%m-%d} 与今天之间")]
    return []


def _too_late(work: "Work", clock: StageClock, received_on: date | None) -> list[Refusal]:
    """Refuse what came after intake's due time, announced to all: whoever closes it, and however late, nobody gets more time.

    What came in time and is only entered late goes in as long as the office has not closed intake. Where the clock closes it,
    that would depend on when the clock came round.
    """
    by_office = work.programme.stages[Stage.INTAKE].conclude == "office"
    in_time = by_office and received_on is not None and received_on <= clock.due_day
    if work.now < clock.due_at or in_time:
        return []
    mend = f"；{_CAME_IN_TIME}{_MORE_TIME}" if by_office else "，截止时间已向各推荐单位公布，不再接收"
    return [Refusal("intake-over", f"申报已于 {clock.due_day:%Y-%m-%d} 截止{mend}")]


def _why_not(work: "Work", row: SubmittedRow, units: Units) -> str:
    """Say why a row does not go in; "" where it does. A reason that begins with 已录入 is a mere repetition."""
    candidate = row.candidate
    if candidate.unit_kind not in work.programme.recommending_kinds:
        return f"推荐单位类别“{label(candidate.unit_kind)}”不在四类推荐单位之内（N18）"
    if reason := units.why_not(candidate):
        return reason
    other = same_person(work, candidate)
    return _repetition(work, other, candidate) if other else ""


def _certified_before(work: "Work", row: SubmittedRow) -> list[Skip]:
    """Remark on a person whom another round of this house has certified: perhaps it is an earlier round's file (notice, N4)."""
    numbers = certified_before(work, row.candidate)
    reason = f"本人已在另一届获得认定（{'、'.join(numbers)}）；已照录，请核对是不是拿错了表（N4）"
    return [Skip(subject=row.place, reason=reason)] if numbers else []


def _repetition(work: "Work", other: Person, candidate: Candidate) -> str:
    kept = open_person(work.vault, other)
    if other.content == work.vault.fingerprint(content_of(candidate)):
        return f"已录入为 {other.nomination}（{kept.place}），内容相同"
    differing = [name for name in Candidate.model_fields if getattr(kept.candidate, name) != getattr(candidate, name)]
    columns = "、".join(COLUMNS[name] for name in differing)
    return f"同一身份证号已录入为 {other.nomination}（{kept.place}），但以下栏目不同：{columns}；请核对后只保留一份"


def _submit(work: "Work", row: SubmittedRow, tier: str, units: Units, received_on: date | None) -> str:
    """Enter one candidate: the nomination, its findings, and the first layer's work; gives the number."""
    number = work.programme.number(work.round.numbered + 1)
    target, came = NominationState.SUBMITTED.value, {"received_on": received_on} if received_on else {}
    recorder = work.record("nomination_submitted", number, target=target, on_behalf_of=Body.UNIT.value, payload=came)
    recorder.update(Round, work.round, numbered=work.round.numbered + 1)
    nomination = recorder.insert(
        Nomination,
        number=number,
        round=work.round.slug,
        tier=tier,
        unit=units.enter(row.candidate),
        unit_kind=row.candidate.unit_kind.value,
        state=NominationState.SUBMITTED.value,
        entered_at=work.now,
        content=keep_person(work, number, row.candidate, row.place),
    )
    write_findings(work, recorder, number, row.candidate)
    path = layers(work, nomination)
    if path:
        open_item(work, WorkKind.ENDORSEMENT, Stage.INTAKE, number, path[0].id)
    return number


def write_findings(work: "Work", recorder: "Recorder", number: str, candidate: Candidate) -> bool:
    """Evaluate every condition and record the findings; says whether any differs from an earlier one (notice, N4-N16).

    What was confirmed or waived starts anew. A condition that an amendment took away no longer stands against anybody.
    """
    found = {each.condition: _recorded(each) for each in evaluate(work.programme, facts_for_findings(work, candidate))}
    old = {row.condition: row for row in work.records.where(Finding, nomination=number)}
    changed = bool(found.keys() - old.keys())
    for condition, row in old.items():
        found.setdefault(condition, {"result": FindingResult.PASSED.value, "fact": "修订后的办法不再要求", "reason": None})
        if any(getattr(row, name) != value for name, value in found[condition].items()):
            recorder.update(Finding, row, **found[condition])
            changed = True
    for condition, values in found.items():
        if condition not in old:
            recorder.insert(Finding, nomination=number, condition=condition, **values)
    return changed


def _recorded(found: Found) -> dict[str, str | None]:
    return {"clause": found.clause, "strength": found.strength.value, "result": found.result.value, "fact": found.fact, "reason": None}
