"""Intake: what units send in, mend and take back (notice, N17-N18)."""

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from config.labels import label
from config.vocabulary import (
    Body,
    NominationState,
    PartyKind,
    Role,
    RoundState,
    RoundTrigger,
    Stage,
    Trigger,
    WorkKind,
)
from states.candidate import Candidate
from states.command import Command
from states.commands.roster import write_contacts
from states.eligibility import evaluate
from states.errors import CommandRefused, Refusal
from states.obligations import OFFICE, body_party, layers, open_item
from states.outcome import Outcome, Skip, Touch
from states.people import content_of, facts_for_findings, keep_person, open_person, same_person
from states.progress import advance, move_round
from states.tables import Finding, Nomination, Party, Person, Round

if TYPE_CHECKING:
    from states.work import Recorder, Work


class SubmittedRow(BaseModel):
    """One candidate as a workbook gave it; ``place`` names the row for people ("第5行")."""

    model_config = ConfigDict(frozen=True)

    place: str
    candidate: Candidate


class SubmitNominations(Command):
    """Enter candidates from a unit's 推荐汇总表. Not a decision: good rows go in, the others come back with a reason.

    The outcome's ``data`` has ``refused``: places with reasons that go back to the sender, values never included.
    """

    title: ClassVar[str] = "导入推荐汇总表"

    rows: tuple[SubmittedRow, ...]
    tier: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse all when intake is not open; then take row by row."""
        _intake_open(work)
        tier = self.tier or work.programme.tiers[0].id
        if tier not in {each.id for each in work.programme.tiers}:
            raise CommandRefused("不能导入", [Refusal("no-tier", f"办法中没有档次“{tier}”")])
        touched, skipped, refused = [], [], []
        for row in self.rows:
            reason = _why_not(work, row)
            if reason == "":
                touched.append(Touch(subject=_submit(work, row, tier), target=NominationState.SUBMITTED.value, note=row.place))
            elif reason.startswith("已录入"):
                skipped.append(Skip(subject=row.place, reason=reason))
            else:
                refused.append(Skip(subject=row.place, reason=reason))
        summary = f"录入 {len(touched)} 份申报，重复略过 {len(skipped)} 行，退回 {len(refused)} 行"
        data = {"refused": [each.model_dump() for each in refused]}
        return Outcome(summary=summary, touched=tuple(touched), skipped=(*skipped, *refused), data=data)


class CloseIntake(Command):
    """Close intake when its time has come (notice, N20)."""

    title: ClassVar[str] = "截止申报"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.CLOCK)
    bulk: ClassVar[bool] = True

    def plan(self, work: "Work") -> Outcome:
        """Refuse before the due time that was announced: nobody loses a day."""
        from states.obligations import stage_clock  # noqa: PLC0415

        clock = stage_clock(work, Stage.INTAKE)
        if clock is not None and work.now < clock.due_at:
            raise CommandRefused("不能截止申报", [Refusal("intake-running", f"申报截止日为 {clock.due_day:%Y-%m-%d}，未到期不能提前截止")])
        numbers = [each.number for each in work.nominations(state=NominationState.SUBMITTED.value)]
        move_round(work, RoundTrigger.CLOSE_INTAKE)
        advance(work)
        touched = tuple(Touch(subject=number, note="进入资格审核") for number in numbers)
        return Outcome(summary=f"申报已截止，{len(numbers)} 份申报进入资格审核", touched=touched)


class CorrectionRow(BaseModel):
    """A corrected candidate for one nomination."""

    model_config = ConfigDict(frozen=True)

    place: str
    nomination: str
    candidate: Candidate


class Resubmit(Command):
    """Take corrected nominations back from their units, before the correction is due."""

    title: ClassVar[str] = "补正后重新申报"
    bulk: ClassVar[bool] = True

    rows: tuple[CorrectionRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not returned, comes late, or is somebody else's identity; the rest is evaluated anew."""
        from states.bulk import each_or_skip  # noqa: PLC0415

        return each_or_skip(work, self.title, [(row.nomination, row) for row in self.rows], _resubmit)


def _intake_open(work: "Work") -> None:
    row = work.round
    from states.obligations import stage_clock  # noqa: PLC0415

    clock = stage_clock(work, Stage.INTAKE)
    automatic = work.programme.stages[Stage.INTAKE].conclude == "automatic"
    refusals = []
    if row.held:
        refusals.append(Refusal("round-held", "本届已暂停，请先恢复计时"))
    if row.state != RoundState.INTAKE:
        refusals.append(Refusal("intake-closed", f"本届现处“{label(RoundState(row.state))}”阶段，不在申报推荐期内"))
    elif automatic and clock is not None and work.now >= clock.due_at:
        refusals.append(Refusal("intake-over", f"申报已于 {clock.due_day:%Y-%m-%d} 截止"))
    if refusals:
        raise CommandRefused("不能导入", refusals)
