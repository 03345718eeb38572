"""What the office does on the clock's behalf, where the programme does not leave it to the clock alone."""

from typing import TYPE_CHECKING, ClassVar

from config.vocabulary import Body, Trigger
from states.bulk import each_or_skip
from states.command import Command
from states.due_now import on_its_behalf
from states.errors import CommandRefused, Refusal
from states.expiry import complete, overdue_corrections, run_out
from states.facts import Facts
from states.firing import fire, touched
from states.gathering import must_run
from states.outcome import Outcome, Skip, Touch
from states.progress import advance, ask_to_fill
from states.tables import Nomination, NoticeBatch

if TYPE_CHECKING:
    from states.work import Work


class LapseCorrections(Command):
    """Let overdue corrections lapse: those named, or all. Time has decided it, the office records it."""

    title: ClassVar[str] = "办理逾期失效"
    bulk: ClassVar[bool] = True

    nominations: tuple[str, ...] = ()

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not overdue; refuse when nothing is."""
        wanted = [number.strip() for number in self.nominations] or [each.number for each in overdue_corrections(work)]
        if not wanted:
            raise CommandRefused("不能办理逾期失效", [Refusal("none-overdue", "没有逾期未补正的申报")])
        if work.programme.corrections.lapse == "automatic":
            on_its_behalf(work, *(each.correction_due_at for each in overdue_corrections(work) if each.number in wanted))
        return each_or_skip(work, self.title, [(number, None) for number in wanted], _lapse)


class CompleteNotices(Command):
    """Complete public notices that have run their full days: those named, or all. Whoever has an objection open waits."""

    title: ClassVar[str] = "办结公示"
    bulk: ClassVar[bool] = True

    batches: tuple[str, ...] = ()

    def plan(self, work: "Work") -> Outcome:
        """Skip nominees with an objection open; refuse a notice that still runs, and when nothing can be completed."""
        must_run(work, "公示不能办结")
        batches = self._batches(work)
        if work.programme.notice.complete == "automatic":
            on_its_behalf(work, *(batch.ends_at for batch in batches))
        done: list[Touch] = []
        skipped: list[Skip] = []
        for batch in batches:
            noticed, waiting = complete(work, batch)
            done += noticed or ([] if waiting else [Touch(subject=batch.id, note="公示期满，没有在公示的人选")])
            skipped += waiting
        if not done:
            raise CommandRefused("公示不能办结", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped])
        ask_to_fill(work)
        advance(work)
        return Outcome(summary=f"公示办结 {len(done)} 项，略过 {len(skipped)} 项", touched=tuple(done), skipped=tuple(skipped))

    def _batches(self, work: "Work") -> list[NoticeBatch]:
        over = {batch.id: batch for batch in run_out(work)}
        wanted = dict.fromkeys(batch.strip() for batch in self.batches) or dict.fromkeys(over)
        refusals = [_not_over(work, batch) for batch in wanted if batch not in over]
        if not wanted:
            refusals.append(Refusal("none-over", "没有期满而未办结的公示"))
        if refusals:
            raise CommandRefused("公示不能办结", refusals)
        return [over[batch] for batch in wanted]


def _lapse(work: "Work", nomination: Nomination, given: None, facts: Facts) -> Touch:
    del given
    return touched(fire(work, nomination, Trigger.LAPSE, Body.CLOCK, facts))


def _not_over(work: "Work", name: str) -> Refusal:
    batch = work.records.get(NoticeBatch, name)
    if batch is None or batch.round != work.round.slug:
        known = [each.id for each in work.records.where(NoticeBatch, round=work.round.slug)]
        near = work.instead(name, lambda: known) or f"，请填写如 {work.round.slug}-n1 的批次号"
        return Refusal("no-such-notice", f"本届没有公示批次“{name}”{near}")
    if batch.completed_at is not None:
        return Refusal("notice-done", f"公示 {name} 已经办结")
    return Refusal("notice-running", f"公示 {name} 至 {batch.last_day:%Y-%m-%d} 止，期满前不能办结")
