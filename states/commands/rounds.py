"""Opening, amending, concluding and cancelling a round."""

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from config.labels import label
from config.loader import known_programmes
from config.section_names import SECTION_NAMES
from config.vocabulary import OPEN_STATES, BenefitKind, NominationState, PartyKind, Role, RoundState, RoundTrigger, WorkKind
from states.answering import moved_departments
from states.clearances import ask_for_clearances, drop_unasked, hand_to_new_departments, strange_departments
from states.command import Command
from states.commands.intake import write_findings
from states.concerned import concerned
from states.due_times import reckon_steps
from states.errors import CommandRefused, Refusal
from states.frozen import frozen_programme
from states.gathering import places
from states.guards import not_running
from states.ledger import digest, genesis
from states.obligations import GOVERNMENT, LEADING_GROUP, OFFICE, drop_all
from states.opening_day import (
    amended_opening,
    move_opening,
    opening_day,
    said_of_amended,
    said_of_opening,
    strange_amendment,
    strange_opening,
)
from states.outcome import Outcome, Touch
from states.people import candidate_of
from states.progress import advance, move_round, nothing_left, stage_of
from states.tables import Benefit, Finding, Party, Round, RulesText

if TYPE_CHECKING:
    from config.programme import Programme
    from states.work import Recorder, Work


_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class OpenRound(Command):
    """Open a round of a programme and freeze its rules (notice, N1; wall 5).

    ``rules`` is the programme's text, ``opens_on`` the day from which intake counts, in the programme's zone; without it that is
    the programme's own day. A day yet to come leaves the round planned until the clock opens it. ``demo`` marks a round with
    made-up candidates.
    """

    title: ClassVar[str] = "启动本届"
    opens: ClassVar[bool] = True
    registers: ClassVar[bool] = True

    rules: str
    opens_on: date | None = None
    demo: bool = False

    def own_rules(self) -> str:
        """Give the rules: they say already whether their own opening must be signed."""
        return self.rules

    def plan(self, work: "Work") -> Outcome:
        """Refuse a slug that is taken, or a strange day; otherwise write the round, its three bodies and its first stage."""
        programme, day = work.programme, opening_day(work, self.opens_on)
        self._check(work, programme)
        work.open_chain(self.round, genesis(self.round, self.rules))
        recorder = work.record("round_planned", self.round, payload={"programme": programme.id, "tiers": _quotas(programme)})
        row = recorder.insert(
            Round,
            slug=self.round,
            programme=programme.id,
            title=programme.title,
            state=RoundState.PLANNED.value,
            opens_on=day,
            number_prefix=programme.number_prefix,
            rules=self.rules,
            rules_digest=digest(self.rules),
            schema_version=programme.schema_version,
            demo=self.demo,
        )
        work.beside(RulesText, round=self.round, version=1, text=self.rules)
        _ensure_bodies(work, programme)
        if day <= work.today:
            move_round(work, RoundTrigger.OPEN)
        return Outcome(summary=said_of_opening(work, self.opens_on), touched=(Touch(subject=self.round, target=row.state),))

    def _check(self, work: "Work", programme: "Programme") -> None:
        """Numbers and certificates are unique in the house, and a slug stands in file names and addresses; a clearance needs somebody to give it."""
        if (taken := work.records.get(Round, self.round)) is not None:
            raise CommandRefused("不能启动", [_taken(taken)])
        refusals = []
        if not _SLUG.fullmatch(self.round):
            refusals.append(Refusal("slug-form", f"代号“{self.round}”只能用小写字母、数字和短横线，例如 {programme.slug}"))
        if self.round in known_programmes():
            refusals.append(
                Refusal("slug-of-programme", f"代号“{self.round}”是认定办法的编号，会分不清，请另取一个，例如 {programme.slug}")
            )
        for other in work.records.where(Round, number_prefix=programme.number_prefix):
            sentence = f"申报号前缀 {programme.number_prefix} 已由“{other.slug}”使用，请在认定办法的 number_prefix 里另取一个"
            refusals.append(Refusal("prefix-taken", sentence))
        refusals += [*strange_departments(work, programme), *strange_opening(work, programme, self.opens_on)]
        if refusals:
            raise CommandRefused("不能启动", refusals)


def _taken(row: Round) -> Refusal:
    """Say which round has the slug: it may be the very one that was opened a moment ago."""
    stands = f"{row.title}，启动日期 {row.opens_on}，现在是“{label(RoundState(row.state))}”"
    return Refusal("slug-taken", f"代号“{row.slug}”已有一届在用：{stands}；如是重复点击，先前已经办成，不必再办；另开一届的，请另取代号")


class AmendRound(Command):
    """Change a running round's frozen rules, with a reason; due times already given stay as they are.

    A round that is still planned opens on ``opens_on``, a day of the programme's zone, or without it on the new rules' day
    where they have another one; at once where that has come.
    """

    title: ClassVar[str] = "修订本届办法"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    rules: str
    reason: str
    opens_on: date | None = None

    def plan(self, work: "Work") -> Outcome:
        """Refuse another programme's rules, other numbers, fewer places than are taken, a strange day, or no reason."""
        old, new = work.programme, frozen_programme(self.rules)
        opens_on = amended_opening(work, new, self.opens_on)
        refusals = not_running(held=False, ended=work.round.closed_at is not None)
        if (old.id, old.number_prefix, old.zone) != (new.id, new.number_prefix, new.zone):
            refusals.append(Refusal("other-programme", "新办法的编号、申报号前缀和时区须与本届一致"))
        if {tier.id for tier in old.tiers} - {tier.id for tier in new.tiers}:
            refusals.append(Refusal("tier-removed", "不能取消已有的档次"))
        if not self.reason.strip():
            refusals.append(Refusal("reason-missing", "须写明修订理由"))
        if self.rules == work.round.rules and opens_on is None:
            refusals.append(_nothing_new(work.round))
        refusals += [*_too_few_places(work, new), *strange_departments(work, new)]
        refusals += strange_amendment(work, new, self.opens_on, opens_on)
        if refusals:
            raise CommandRefused("不能修订", refusals)
        version = work.round.rules_version + 1
        moved = moved_departments(old, new)
        recorder = work.record("round_amended", self.round, payload={"tiers": _quotas(new), "version": version})
        recorder.entry.payload |= {"departments": moved} if moved else {}
        recorder.update(Round, work.round, rules=self.rules, rules_digest=digest(self.rules), rules_version=version)
        if opens_on:
            move_opening(recorder, work.round, opens_on)
        work.beside(RulesText, round=self.round, version=version, text=self.rules)
        work.keep_text(recorder, "reason", self.reason)
        work.programme = new
        drop_unasked(work)
        handed = tuple(Touch(subject=number, note="未答复的联审意见改由新的部门答复") for number in hand_to_new_departments(work, moved))
        reckon_steps(work, recorder)
        ask_for_clearances(work)
        anew = tuple(Touch(subject=number, note="按新办法重新核对审核意见") for number in _judge_anew(work, recorder))
        if opens_on and opens_on <= work.today and not work.round.held:
            move_round(work, RoundTrigger.OPEN)
        summary = f"本届办法修订为第 {version} 版（改动：{_changed(old, new, opens_on)}）"
        summary += said_of_amended(work, opens_on, given=self.opens_on, written=old.opens)
        return Outcome(
            summary=f"{summary}，{len(anew)} 份申报的审核意见随之改变" if anew else summary,
            touched=(Touch(subject=self.round), *handed, *anew),
        )


def _nothing_new(row: Round) -> Refusal:
    """Say that an amendment would change nothing; the day of an opening that is still to come may be changed alone."""
    mend = f"，启动日期也没有改；只改启动日期（现为 {row.opens_on}）的，请填写“启动日期”" if row.state == RoundState.PLANNED else ""
    return Refusal("nothing-new", f"新办法与本届现行办法相同{mend}")


def _changed(old: "Programme", new: "Programme", opens_on: date | None) -> str:
    names = [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name) or (name == "opens" and opens_on)]
    return "、".join(SECTION_NAMES[name] for name in names) or "仅文字说明"


def _too_few_places(work: "Work", new: "Programme") -> list[Refusal]:
    """Refuse fewer places than are taken (notice, N3)."""
    taken, quotas = places(work, "approve").taken, _quotas(new)
    short = [(tier, quotas[tier], count) for tier, count in sorted(taken.items()) if count > quotas.get(tier, count)]
    return [Refusal("places-taken", f"档次“{tier}”的名额不能减为 {quota} 名：已审定 {count} 名", "N3") for tier, quota, count in short]


def _judge_anew(work: "Work", recorder: "Recorder") -> list[str]:
    """Evaluate the findings of whatever awaits its qualification by the new rules; gives the numbers of those that change."""
    waiting = work.nominations(state=[NominationState.SUBMITTED.value, NominationState.RETURNED.value])
    work.records.where(Finding, nomination=[each.number for each in waiting])
    return [each.number for each in waiting if write_findings(work, recorder, each.number, candidate_of(work, each.number))]


class CancelRound(Command):
    """Cancel a round: everything open is dropped, no benefit is owed any more, and everybody is told once."""

    title: ClassVar[str] = "取消本届"
    bulk: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    reason: str
    document: str = ""

    def plan(self, work: "Work") -> Outcome:
        """Refuse without a reason or when the round has ended."""
        if not self.reason.strip():
            raise CommandRefused("不能取消", [Refusal("reason-missing", "须写明取消理由")])
        ends = _what_ends(work)
        recorder = work.record("round_cancelled", self.round, document=self.document, payload=concerned(work))
        work.keep_text(recorder, "reason", self.reason)
        drop_all(work)
        ended = _cancel_benefits(work)
        move_round(work, RoundTrigger.CANCEL)
        summary = f"{ends.summary}{f'，{len(ended)} 项待遇不再落实' if ended else ''}"
        return Outcome(summary=summary, touched=(*ends.touched, *ended))


def _what_ends(work: "Work") -> Outcome:
    """Give what a cancelled round ends: the work that is open, counted by kind, and every nomination in the running."""
    items = Counter(WorkKind(item.kind) for item in work.open_items())
    running = work.nominations(state=[state.value for state in OPEN_STATES])
    slug = work.round.slug
    return Outcome(
        summary=f"取消本届：{len(running)} 份申报、{items.total()} 项待办不再办理",
        touched=(
            Touch(subject=slug, source=work.round.state, target=RoundState.CANCELLED.value),
            *(Touch(subject=slug, note=f"待办“{label(kind)}” {count} 项作废") for kind, count in items.items()),
            *(Touch(subject=each.number, source=each.state, note="随本届终止") for each in running),
        ),
    )


def _cancel_benefits(work: "Work") -> list[Touch]:
    """Owe nobody anything any more; certificates stay what the government's document made them, and what was given stays given."""
    owed = work.records.where(Benefit, round=work.round.slug, status="due")
    for benefit in owed:
        recorder = work.record("benefit_cancelled", benefit.nomination, payload={"kind": benefit.kind})
        recorder.update(Benefit, benefit, status="cancelled")
    return [Touch(subject=benefit.nomination, source="due", target="cancelled", note=label(BenefitKind(benefit.kind))) for benefit in owed]


class ConcludeStage(Command):
    """Conclude the present stage, where the programme leaves that to the office."""

    title: ClassVar[str] = "办结本阶段"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.SECRETARY, Role.FINANCE)
    after_clock: ClassVar[bool] = True

    def plan(self, work: "Work") -> Outcome:
        """Refuse while something is left to do in the stage."""
        state = RoundState(work.round.state)
        stage = stage_of(state)
        if stage is None:
            none = f"本届现在是“{label(state)}”，没有可以办结的阶段"
            raise CommandRefused("不能办结本阶段", [Refusal("no-stage", none)])
        if not nothing_left(work, stage):
            raise CommandRefused("不能办结本阶段", [Refusal("stage-busy", "本阶段还有未办完的申报或待办")])
        move_round(work, RoundTrigger.CONCLUDE)
        advance(work)
        return Outcome(summary="本阶段已办结", touched=(Touch(subject=self.round, source=state.value, target=work.round.state),))


def _quotas(programme: "Programme") -> dict[str, int]:
    return {tier.id: tier.quota for tier in programme.tiers}


def _ensure_bodies(work: "Work", programme: "Programme") -> None:
    """Enter the three bodies that decide as parties, where the roster has none of the kind: work needs an owner."""
    bodies = (
        (OFFICE, PartyKind.DISTRICT_OFFICE, programme.bodies.office),
        (LEADING_GROUP, PartyKind.LEADING_GROUP, programme.bodies.leading_group),
        (GOVERNMENT, PartyKind.GOVERNMENT, programme.bodies.government),
    )
    for party, kind, name in bodies:
        if not work.records.where(Party, kind=kind.value):
            work.record("party_registered", party).insert(Party, id=party, kind=kind.value, name=name)
