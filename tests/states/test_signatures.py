"""Signatures: one-time codes right, wrong, spent, late and of somebody else; and secrets that nothing but the vault holds."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from pydantic import SecretStr
from sqlalchemy import delete

from config.vocabulary import PartyKind
from states.command import Command
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import AmendRound, CancelRound, OpenRound
from states.commands.signing import EnrolSigner, provisioning_uri
from states.errors import CommandRefused, NotPermitted
from states.house import Envelope
from states.records import table_of
from states.tables import CommandRow, Party, Round, SpentCode, VaultText
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, OPENS, ROSTER, candidate, rules
from tests.states.test_vault import everything

SECOND = timedelta(seconds=1)
SIGNED = (("signatures: false", "signatures: true"),)


def secret(story: Story, operator: str) -> str:
    return parse_qs(urlsplit(provisioning_uri(story.house, operator)).query)["secret"][0]


def code(story: Story, operator: str = "op1", at: datetime | None = None) -> str:
    return pyotp.TOTP(secret(story, operator)).at(at or story.clock.now())


def signed(command: Command, code: str) -> Command:
    return command.model_copy(update={"code": SecretStr(code)})


@pytest.fixture
def asking(story: Story) -> Story:
    """A round that asks for signatures, with two operators enrolled before it; its opening has spent nobody's next code."""
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    for operator in ("op1", "op2"):
        story.do(EnrolSigner(operator="op1", signer=operator))
    story.do(signed(opening(story), code(story)))
    story.clock.move_to(story.clock.now() + timedelta(minutes=2))
    with story.store.write() as connection:
        connection.execute(delete(table_of(SpentCode)))
    return story


def opening(story: Story, **changes: Any) -> OpenRound:
    values: dict[str, Any] = {"rules": rules(*SIGNED), "opens_on": OPENS}
    return OpenRound(**story.who, **(values | changes))


def expert(operator: str = "op1") -> ImportRoster:
    return ImportRoster(operator=operator, entries=(RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九"),))


def cancel(story: Story, operator: str = "op1") -> CancelRound:
    return CancelRound(round=story.slug, operator=operator, reason="停办")


def refused(story: Story, command: Command, run: str = "", created_at: datetime | None = None) -> str:
    with pytest.raises(NotPermitted) as caught:
        story.send(command, run, created_at)
    return caught.value.refusals[0].code


# --- enrolment


def test_enrolled_secret_is_in_the_vault_alone(asking: Story) -> None:
    uri = provisioning_uri(asking.house, " op1 ")
    assert uri.startswith("otpauth://totp/Hallmark:op1?secret=")
    assert uri.endswith("&issuer=Hallmark")
    whole = everything(asking)
    assert secret(asking, "op1") not in whole
    assert "otpauth" not in whole
    row = asking.row(VaultText, subject="op1")
    assert (row.kind, row.round) == ("one-time-secret", "house")
    assert [entry.subject for entry in asking.entries(event="signer_enrolled")] == ["op1", "op2"]
    assert secret(asking, "op1") != secret(asking, "op2")
    asking.verified()


def test_enrolling_again_takes_the_place_of_the_old_secret(asking: Story) -> None:
    old = secret(asking, "op1")
    result = asking.do(signed(EnrolSigner(operator="op2", signer="op1"), code(asking, "op2")))
    assert result.outcome.summary == "已为经办人 op1 重新登记动态码"
    assert secret(asking, "op1") != old
    assert len(asking.rows(VaultText, subject="op1")) == 1
    assert refused(asking, signed(cancel(asking), pyotp.TOTP(old).at(asking.clock.now()))) == "code-wrong"
    asking.verified()


@pytest.mark.parametrize("signer", ["nobody", "E1", "李经办"])
def test_only_operators_are_enrolled(asking: Story, signer: str) -> None:
    assert asking.codes(signed(EnrolSigner(operator="op1", signer=signer), code(asking))) == ["no-operator"]


def test_secret_of_who_was_never_enrolled_is_refused(asking: Story) -> None:
    with pytest.raises(CommandRefused, match="经办人“sec”还没有登记动态码"):
        provisioning_uri(asking.house, "sec")


# --- codes


def test_right_code_is_taken_once(asking: Story) -> None:
    right = code(asking)
    assert asking.send(signed(cancel(asking), right)).applied is False
    assert refused(asking, signed(cancel(asking), right)) == "code-spent"
    row = asking.row(SpentCode)
    assert (row.operator, row.run, right in everything(asking)) == ("op1", f"run-{asking.runs - 1}", False)


def test_same_run_may_be_tried_again_with_its_code(asking: Story) -> None:
    command = signed(cancel(asking), code(asking))
    plan = asking.send(command, "the-run").plan_code
    applied = asking.send(command.model_copy(update={"plan_code": plan}), "the-run")
    assert (applied.applied, applied.again) == (True, False)
    asking.clock.move_to(asking.clock.now() + timedelta(hours=1))
    assert asking.send(command, "the-run").again is True
    assert len(asking.rows(CommandRow, id="the-run")) == 1


@pytest.mark.parametrize("wrong", ["", "12345", "abcdef", "１２３４５６"])
def test_wrong_code_is_refused(asking: Story, wrong: str) -> None:
    with pytest.raises(NotPermitted, match="不能“取消本届”：动态码不对或已过时，请用经办人自己的动态码重新提交"):
        asking.send(signed(cancel(asking), wrong))
    assert len(asking.rows(SpentCode)) == bool(wrong)


def test_wrong_code_is_spent_at_its_first_evaluation(asking: Story) -> None:
    """A code tried too early counts as tried: it is refused when its time has come."""
    later = asking.clock.now() + timedelta(minutes=5)
    early = code(asking, at=later)
    assert refused(asking, signed(cancel(asking), early)) == "code-wrong"
    asking.clock.move_to(later)
    assert refused(asking, signed(cancel(asking), early)) == "code-spent"


def test_refused_command_has_spent_its_code(asking: Story) -> None:
    right = code(asking)
    with pytest.raises(CommandRefused, match="须写明取消理由"):
        asking.send(signed(CancelRound(**asking.who, reason=""), right))
    assert refused(asking, signed(cancel(asking), right)) == "code-spent"


def test_code_of_another_operator_is_refused(asking: Story) -> None:
    assert refused(asking, signed(cancel(asking), code(asking, "op2"))) == "code-wrong"
    assert asking.send(signed(cancel(asking, "op2"), code(asking, "op2"))).plan_code


def test_operator_without_a_secret_is_refused(asking: Story) -> None:
    assert refused(asking, signed(cancel(asking, "sec"), "123456")) == "code-wrong"


@pytest.mark.parametrize(
    ("waited", "good"), [(timedelta(minutes=15) - SECOND, True), (timedelta(minutes=15), False), (timedelta(minutes=15) + SECOND, False)]
)
def test_code_is_good_for_fifteen_minutes_from_the_runs_creation(asking: Story, waited: timedelta, good: bool) -> None:
    created = asking.clock.now()
    command = signed(cancel(asking), code(asking))
    asking.clock.move_to(created + waited)
    if good:
        assert asking.send(command, created_at=created).plan_code
    else:
        assert refused(asking, command, created_at=created) == "code-wrong"


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_code_is_judged_at_the_runs_creation_give_or_take_one_step(asking: Story, steps: int, good: bool) -> None:
    asking.clock.move_to(asking.clock.now() + timedelta(minutes=1))
    command = signed(cancel(asking), code(asking, at=asking.clock.now() + steps * timedelta(seconds=30)))
    if good:
        assert asking.send(command).plan_code
    else:
        assert refused(asking, command) == "code-wrong"


def test_clock_signs_nothing(asking: Story) -> None:
    assert asking.tick(INTAKE_ENDS).applied
    assert asking.rows(SpentCode) == []


def test_clocks_envelope_spares_no_operator_the_code(asking: Story) -> None:
    with pytest.raises(NotPermitted, match="动态码不对"):
        asking.house.execute(cancel(asking), Envelope("x", asking.clock.now(), clock=True))


# --- the house, and the opening of a round


def test_house_asks_for_a_code_while_a_round_that_asks_is_running(asking: Story) -> None:
    assert refused(asking, expert()) == "code-wrong"
    assert refused(asking, EnrolSigner(operator="op1", signer="sec")) == "code-wrong"
    assert refused(asking, signed(EnrolSigner(operator="op1", signer="op2"), code(asking, "op2"))) == "code-wrong"
    assert asking.send(signed(expert(), code(asking))).applied
    assert asking.rows(Party, id="E9")


def test_house_asks_no_more_when_the_round_has_ended(asking: Story) -> None:
    command = signed(cancel(asking), code(asking))
    plan = asking.send(command, "the-end").plan_code
    asking.send(command.model_copy(update={"plan_code": plan}), "the-end")
    assert asking.do(expert()).applied


def test_house_asks_while_the_round_is_only_planned(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    story.do(EnrolSigner(operator="op1", signer="op1"))
    story.do(signed(opening(story, opens_on=OPENS + timedelta(days=7)), code(story)))
    assert (story.stage(), refused(story, expert())) == ("planned", "code-wrong")


def test_opening_is_signed_where_its_own_rules_ask(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    assert refused(story, opening(story)) == "code-wrong"
    story.do(EnrolSigner(operator="op1", signer="op1"))
    assert refused(story, opening(story)) == "code-wrong"
    assert story.rows(Round) == []
    assert story.send(signed(opening(story), code(story))).applied


def test_first_signer_is_enrolled_without_a_code_and_nobody_after(story: Story) -> None:
    """An amendment may ask for signatures when nobody can sign yet."""
    story.open()
    story.do(AmendRound(**story.who, rules=rules(*SIGNED), reason="改为签名办理"))
    assert refused(story, expert()) == "code-wrong"
    story.do(EnrolSigner(operator="op1", signer="op1"))
    assert refused(story, EnrolSigner(operator="op1", signer="op2")) == "code-wrong"
    assert story.send(signed(EnrolSigner(operator="op1", signer="op2"), code(story))).applied


def test_round_without_signatures_asks_for_no_code(story: Story) -> None:
    story.submitted()
    story.do(cancel(story))
    assert story.rows(SpentCode) == []


def test_round_that_is_not_there_is_refused_as_such(asking: Story) -> None:
    with pytest.raises(CommandRefused, match="没有代号为“nowhere”的届次"):
        asking.send(CancelRound(round="nowhere", operator="op1", reason="无"))


def test_code_stands_in_nothing_that_is_kept(asking: Story) -> None:
    right = code(asking)
    command = signed(CancelRound(**asking.who, reason="停办"), right)
    assert right not in command.content()
    assert right not in repr(command)
    assert candidate(1).name not in everything(asking)
