"""Certification by the government's document, and the benefits that follow from it (notice, N21-N25)."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from config.calendar import DueDate
from config.programme import Benefit as BenefitRule
from config.vocabulary import BenefitKind, Body, NominationState, Role, RoundState, Stage, Trigger, WorkKind
from states.bulk import each_or_skip, shown
from states.command import Command
from states.errors import CommandRefused, Refusal
from states.facts import Facts, Places
from states.firing import fire, touched
from states.gathering import gather, places
from states.guards import not_running
from states.obligations import OFFICE, finish, open_item
from states.outcome import Outcome, Skip, Touch
from states.people import candidate_of, honour_refusals
from states.progress import advance, ask_to_fill
from states.tables import Benefit, Nomination

if TYPE_CHECKING:
    from states.work import Work

_CERTIFIED = NominationState.GOVERNMENT_CERTIFIED.value


class Certify(Command):
    """Record the government's document for nominees whose notice is complete; each gets a certificate number.

    ``nominations`` empty means everybody who is publicly noticed. All of them or none, within the quota (N3, N21).
    """

    title: ClassVar[str] = "登记区政府认定"
    bulk: ClassVar[bool] = True
    compares: ClassVar[bool] = True
    after_clock: ClassVar[bool] = True

    nominations: tuple[str, ...] = ()
    document: str
    document_date: date

    def plan(self, work: "Work") -> Outcome:
        """Collect every refusal before anything is recorded."""
        nominees = self._nominees(work)
        facts = gather(work, nominees)
        free = places(work, "certify")
        honoured = honour_refusals(work, facts)
        done, refusals = [], [Refusal(each.code, f"{number} {each.sentence}", each.clause) for number, each in honoured.items()]
        for nominee in nominees:
            known = replace(facts[nominee.number], document=self.document.strip(), document_date=self.document_date)
            try:
                done.append(self._certify(work, nominee, known, free))
            except CommandRefused as error:
                refusals += [Refusal(each.code, f"{nominee.number} {each.sentence}", each.clause) for each in error.refusals]
        if refusals:
            raise CommandRefused("不能登记认定，未作任何改动", refusals)
        ask_to_fill(work)
        advance(work)
        return Outcome(summary=f"{self.document} 认定 {len(done)} 人", touched=tuple(done))

    def _nominees(self, work: "Work") -> list[Nomination]:
        noticed = {each.number: each for each in work.nominations(state=NominationState.PUBLICLY_NOTICED.value)}
        wanted = list(dict.fromkeys(number.strip() for number in self.nominations)) or list(noticed)
        found = {number: work.nomination(number) for number in wanted}
        refusals = [
            Refusal("no-nomination", f"{shown(number, place)} 不是本届的申报编号{work.instead(number, work.numbers)}")
            for place, (number, each) in enumerate(found.items(), start=1)
            if each is None
        ]
        if self.document_date > work.today:
            refusals.append(Refusal("document-ahead", f"文件日期 {self.document_date:%Y-%m-%d} 还没有到"))
        if not wanted:
            refusals.append(Refusal("nobody", "没有公示完成、等待认定的人选"))
        if refusals:
            raise CommandRefused("不能登记认定", refusals)
        return [each for each in found.values() if each is not None]

    def _certify(self, work: "Work", nominee: Nomination, facts: Facts, free: Places) -> Touch:
        fields = {"document": self.document.strip(), "document_date": self.document_date, "certificate": _next_certificate(work)}
        recorder = fire(work, nominee, Trigger.CERTIFY, Body.GOVERNMENT, facts, places=free, **fields)
        for rule in work.programme.benefits:
            _grant_or_owe(work, nominee, rule)
        return touched(recorder, f"证书 {fields['certificate']}")


class BenefitRow(BaseModel):
    """One benefit given: amounts are whole yuan, gross and tax withheld."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    kind: BenefitKind
    granted_on: date
    voucher: str = ""
    amount: int | None = Field(default=None, ge=0)
    tax: int | None = Field(default=None, ge=0)


class RecordBenefits(Command):
    """Record benefits as given (notice, N22-N25); the round closes when none is owed any more. A cancelled round owes none."""

    title: ClassVar[str] = "登记待遇落实"
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE, Role.FINANCE)
    bulk: ClassVar[bool] = True

    rows: tuple[BenefitRow, ...]

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not owed, not of the programme's amount, or dated in the future."""
        refusals = not_running(held=work.round.held, ended=False)
        if refusals:
            raise CommandRefused("待遇不能登记", refusals)
        done, skipped = [], []
        work.read_items(row.nomination.strip() for row in self.rows)
        for place, row in enumerate(self.rows, start=1):
            benefit = work.records.get(Benefit, row.nomination.strip(), row.kind.value)
            reason = _not_payable(work, row, benefit)
            if reason or benefit is None:
                skipped.append(Skip(subject=shown(row.nomination, place), reason=reason))
                continue
            recorder = work.record("benefit_granted", benefit.nomination, payload={"kind": benefit.kind})
            values = {"amount": row.amount, "tax": row.tax, "granted_on": row.granted_on, "voucher": row.voucher}
            recorder.update(Benefit, benefit, status="granted", **values)
            finish(work, WorkKind.BENEFIT, benefit.nomination, detail=benefit.kind)
            done.append(Touch(subject=benefit.nomination, source="due", target="granted", note=benefit.kind))
        if not done:
            raise CommandRefused("待遇不能登记", [Refusal("none", f"{skip.subject}：{skip.reason}") for skip in skipped])
        advance(work)
        return Outcome(summary=f"落实待遇 {len(done)} 项，略过 {len(skipped)} 项", touched=tuple(done), skipped=tuple(skipped))


class RevokeRow(BaseModel):
    """One certification to take back: the reason goes to the vault."""

    model_config = ConfigDict(frozen=True)

    nomination: str
    reason: str


class Revoke(Command):
    """Take certifications back by a document of the government, the certificates recalled."""

    title: ClassVar[str] = "撤销认定"
    bulk: ClassVar[bool] = True

    rows: tuple[RevokeRow, ...]
    document: str
    document_date: date
    certificate_recalled: bool

    def plan(self, work: "Work") -> Outcome:
        """Skip what is not certified; benefits still owed are cancelled."""
        return each_or_skip(work, self.title, [(row.nomination.strip(), row) for row in self.rows], self._revoke)

    def _revoke(self, work: "Work", nomination: Nomination, row: RevokeRow, facts: Facts) -> Touch:
        facts = replace(
            facts,
            ended=False,
            reason=bool(row.reason.strip()),
            document=self.document.strip(),
            document_date=self.document_date,
            certificate_recalled=self.certificate_recalled,
        )
        recorder = fire(work, nomination, Trigger.REVOKE, Body.GOVERNMENT, facts, revoked_by_document=self.document.strip())
        work.keep_text(recorder, "reason", row.reason)
        for benefit in work.records.where(Benefit, nomination=nomination.number, status="due"):
            recorder.update(Benefit, benefit, status="cancelled")
        return touched(recorder)


def _next_certificate(work: "Work") -> str:
    taken = [each for each in work.nominations() if each.certificate]
    return f"{work.programme.number_prefix}-Z{len(taken) + 1:03d}"


def _grant_or_owe(work: "Work", nominee: Nomination, rule: BenefitRule) -> None:
    """Owe a benefit, or record that its exception applies (notice, N24: 已获得…称号的不再重复推荐)."""
    honours = candidate_of(work, nominee.number).honours
    exempt = work.programme.honours.holds_any(honours, rule.unless_honours)
    recorder = work.record("benefit_due", nominee.number, payload={"kind": rule.kind.value, "exempt": exempt})
    status = "exempt" if exempt else "due"
    recorder.insert(Benefit, nomination=nominee.number, kind=rule.kind.value, round=work.round.slug, status=status, amount=rule.amount)
    if not exempt:
        due = _due(work, nominee, rule)
        open_item(work, WorkKind.BENEFIT, Stage.FULFILMENT, nominee.number, OFFICE, due, detail=rule.kind.value)


def _due(work: "Work", nominee: Nomination, rule: BenefitRule) -> DueDate:
    """Count from the government's document (自认定文件之日起), never before the working day after this recording."""
    counted = work.calendar.after(nominee.document_date or work.today, rule.due.working_days)
    return max(counted, work.calendar.after(work.today, 1), key=lambda due: due.day)


def _not_payable(work: "Work", row: BenefitRow, benefit: Benefit | None) -> str:
    """Say why a benefit may not be recorded as given; "" where it may."""
    if benefit is None or benefit.round != work.round.slug:
        near = "" if work.nomination(row.nomination) else work.instead(row.nomination, lambda: work.numbers(state=_CERTIFIED))
        return f"本届没有这项待遇{near}"
    if benefit.status != "due":
        over = "本届已取消，待遇不再落实" if work.round.state == RoundState.CANCELLED else "认定已撤销"
        return {"granted": "已经落实过", "exempt": "按规定不再重复推荐（N24）", "cancelled": over}[benefit.status]
    if row.granted_on > work.today:
        return f"落实日期 {row.granted_on:%Y-%m-%d} 还没有到"
    if row.amount != benefit.amount:
        return f"金额应为 {benefit.amount or '空'} 元"
    if (row.tax or 0) > (row.amount or 0):
        return "代扣税额大于金额"
    return "" if row.amount is None or row.voucher.strip() else "发放奖励须填写凭证号"
