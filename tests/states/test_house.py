"""The house: commands applied once, previewed first, asked about when sent twice, and given by who may."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from config.calendar import WorkCalendar
from config.vocabulary import PartyKind, Role
from states.command import CLOCK
from states.commands.intake import CloseIntake
from states.commands.qualification import RecordQualification, Verdict, VerdictRow
from states.commands.reassigning import ReassignWork
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import CancelRound, ConcludeStage, OpenRound
from states.commands.tick import Tick
from states.commands.timing import ExtendDeadline, HoldRound, ReleaseRound
from states.errors import CommandRefused, NotPermitted, PlanChanged, SameContentAgain
from states.house import Envelope
from states.tables import CommandRow, Party, StageClock
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, OPENS, ROSTER, SLUG, number, rules

SECOND = timedelta(seconds=1)
TEN_MINUTES = timedelta(minutes=10)


def qualify(story: Story, *ordinals: int) -> RecordQualification:
    rows = tuple(VerdictRow(nomination=number(each), verdict=Verdict.QUALIFY, confirmed=("全部",)) for each in ordinals)
    return RecordQualification(**story.who, rows=rows)


# --- once


def test_same_run_again_gives_the_old_result_and_changes_nothing(story: Story) -> None:
    story.intake_over()
    command = story.verdict(1)
    code = story.send(command).plan_code
    first = story.send(command.model_copy(update={"plan_code": code}), run="the-run")
    before = story.entries()
    story.clock.move_to(INTAKE_ENDS + TEN_MINUTES * 9)
    again = story.send(command.model_copy(update={"plan_code": "whatever"}), run="the-run")
    assert (first.again, again.again) == (False, True)
    assert again.model_copy(update={"again": False}) == first
    assert story.entries() == before
    assert story.state(1) == "qualified"


def test_result_says_what_happened(story: Story) -> None:
    story.intake_over()
    result = story.do(story.verdict(1))
    found = [(each.event, each.subject, each.source, each.target) for each in result.happened]
    assert found[0] == ("nomination_qualified", number(1), "submitted", "qualified")
    assert [each.seq for each in result.happened] == [entry.seq for entry in story.entries(round=SLUG)][-len(found) :]
    assert story.row(CommandRow, id=f"run-{story.runs}").operator == "op1"


def test_refused_command_leaves_no_trace_and_may_be_sent_again_under_its_id(story: Story) -> None:
    story.endorsed()
    command = CloseIntake(**story.who)
    with pytest.raises(CommandRefused):
        story.send(command, run="early")
    assert story.rows(CommandRow, id="early") == []
    story.clock.move_to(INTAKE_ENDS)
    assert story.send(command, run="early").again is False


def test_command_without_effect_is_not_kept(story: Story) -> None:
    story.open()
    story.do(ImportRoster(operator="op1", entries=ROSTER, again=True))
    assert len(story.rows(CommandRow)) == 2


# --- double clicks


@pytest.mark.parametrize(
    ("later", "asked"), [(SECOND, True), (TEN_MINUTES - SECOND, True), (TEN_MINUTES, False), (TEN_MINUTES + SECOND, False)]
)
def test_same_content_within_ten_minutes_is_asked_about(story: Story, later: timedelta, asked: bool) -> None:
    story.open()
    command, other = (
        ImportRoster(operator="op1", entries=(RosterEntry(id="E9", kind=PartyKind.EXPERT, name=name),)) for name in ("专家九", "专家久")
    )
    story.do(command)
    story.do(other)
    story.clock.move_to(story.clock.now() + later)
    if asked:
        with pytest.raises(SameContentAgain, match="十分钟内已用同样的内容办理过一次"):
            story.send(command)
        assert story.do(command.model_copy(update={"again": True})).applied
    else:
        assert story.do(command).applied
    assert story.row(Party, id="E9").name == "专家九"


def test_preview_of_the_same_content_is_shown_and_what_it_would_do_is_asked_about(story: Story) -> None:
    story.submitted()
    there, back = (
        ReassignWork(**story.who, source=source, target=target, reason="撤并") for source, target in (("U1", "U2"), ("U2", "U1"))
    )
    story.do(there)
    story.do(back)
    preview = story.send(there)
    assert not preview.applied
    with pytest.raises(SameContentAgain):
        story.send(there.model_copy(update={"plan_code": preview.plan_code}))
    assert story.send(there.model_copy(update={"plan_code": preview.plan_code, "again": True})).applied


def test_what_was_undone_meanwhile_is_not_a_double_click(story: Story) -> None:
    story.open()
    again = [HoldRound(**story.who, reason="等待批复"), ReleaseRound(**story.who)]
    later = [ExtendDeadline(**story.who, due_day=date(2023, 7, day), reason="台风停工") for day in (7, 5)]
    for command in (*again, *again, *later, *later):
        assert story.do(command).applied
        with pytest.raises(CommandRefused) as refused:
            story.send(command)
        assert not isinstance(refused.value, SameContentAgain)


def test_refused_repetition_hears_the_reason_itself(story: Story) -> None:
    story.open()
    story.hold()
    story.hold(False)
    with pytest.raises(CommandRefused, match="本届没有暂停"):
        story.send(ReleaseRound(**story.who))
    twice = HoldRound(**story.who, reason="又一次")
    story.do(twice)
    with pytest.raises(CommandRefused, match="本届已暂停"):
        story.send(twice)


def test_pointless_repetition_says_that_nothing_has_changed(story: Story) -> None:
    story.open()
    command = ImportRoster(operator="op1", entries=(RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九"),))
    story.do(command)
    assert story.do(command).outcome.summary == "名册：新增或更新 0 个，未变 1 个"


def test_same_content_of_another_operator_is_not_a_double_click(story: Story) -> None:
    story.open()
    command = ImportRoster(operator="op1", entries=(RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九"),))
    story.do(command)
    story.do(command.model_copy(update={"operator": "op2"}))


def test_clock_is_never_asked_about_a_double_click(story: Story) -> None:
    story.endorsed()
    assert story.tick(INTAKE_ENDS).happened
    assert not story.tick().happened


# --- previews and plan codes


def test_preview_writes_nothing_and_says_who_will_be_told(story: Story) -> None:
    story.intake_over()
    story.told = ["U1"]
    before, commands = story.entries(), story.rows(CommandRow)
    preview = story.house.preview(story.verdict(1))
    sent = story.send(story.verdict(1))
    assert (preview.applied, sent.applied) == (False, False)
    assert preview.plan_code == sent.plan_code
    assert preview.told == sent.told == ("U1",)
    assert [(touch.subject, touch.target) for touch in preview.outcome.touched] == [(number(1), "qualified")]
    assert (story.entries(), story.rows(CommandRow), story.state(1)) == (before, commands, "submitted")


def test_preview_of_a_command_that_is_not_bulk_writes_nothing_either(story: Story) -> None:
    preview = story.house.preview(ImportRoster(operator="op1", entries=ROSTER))
    assert preview.outcome.summary == f"名册：新增或更新 {len(ROSTER)} 个，未变 0 个"
    assert story.rows(Party) == []
    assert story.entries() == []


def test_plan_code_stays_as_time_goes_by(story: Story) -> None:
    story.intake_over(2)
    code = story.house.preview(qualify(story, 1, 2)).plan_code
    story.clock.move_to(INTAKE_ENDS + timedelta(hours=3))
    assert story.house.preview(qualify(story, 1, 2)).plan_code == code


def test_plan_code_stays_when_the_due_day_it_leads_to_moves_on(story: Story) -> None:
    story.intake_over()
    command = story.verdict(1, "return", reason="请补证明", fields=("证明材料",))
    before = story.send(command)
    story.clock.move_to(INTAKE_ENDS + timedelta(days=1))
    after = story.house.preview(command)
    assert before.outcome.touched[0].when != after.outcome.touched[0].when
    assert story.send(command.model_copy(update={"plan_code": before.plan_code})).applied


def test_plan_code_changes_with_recipients(story: Story) -> None:
    story.intake_over()
    code = story.house.preview(story.verdict(1)).plan_code
    story.told.append("U2")
    assert story.house.preview(story.verdict(1)).plan_code != code


def test_plan_code_changes_with_inputs(story: Story) -> None:
    story.intake_over()
    code = story.house.preview(story.verdict(1)).plan_code
    assert story.house.preview(story.verdict(1, reason="补充说明")).plan_code != code


def test_plan_code_changes_with_an_outcome(story: Story) -> None:
    story.intake_over(2)
    code = story.house.preview(qualify(story, 1, 2)).plan_code
    story.do(story.verdict(2, "reject", reason="材料不实"))
    with pytest.raises(PlanChanged) as caught:
        story.send(qualify(story, 1, 2).model_copy(update={"plan_code": code}))
    (refusal,) = caught.value.refusals
    assert refusal.sentence == (
        "计划码与现在的预览不符：预览之后情况有变，或计划码填错了。现在将是：登记资格审核：办理 1 份，略过 1 份。请不填计划码重新预览，核对后再办"
    )
    now = story.house.preview(qualify(story, 1, 2)).plan_code
    assert now not in refusal.sentence


def test_plan_code_changes_with_a_row_version_though_the_outcome_is_the_same(story: Story) -> None:
    story.intake_over()
    before = story.house.preview(story.verdict(1))
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.do(story.resubmission(1))
    after = story.house.preview(story.verdict(1))
    assert after.outcome == before.outcome
    assert after.plan_code != before.plan_code


def test_plan_code_is_taken_in_small_letters_and_with_spaces(story: Story) -> None:
    story.intake_over()
    code = story.send(story.verdict(1)).plan_code
    assert len(code) == 8
    assert story.send(story.verdict(1).model_copy(update={"plan_code": f" {code.lower()} "})).applied


# --- who


def test_first_roster_is_entered_by_an_operator_whom_it_names(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    assert story.entries(round="house")[0].operator == "op1"


@pytest.mark.parametrize(("operator", "shown"), [("nobody", "这样"), ("E1", "编号为“E1”"), ("李经办", "这样")])
def test_first_roster_is_refused_to_anybody_else(story: Story, operator: str, shown: str) -> None:
    """What is no id may be a person's name, and is not repeated."""
    with pytest.raises(NotPermitted) as caught:
        story.send(ImportRoster(operator=operator, entries=ROSTER))
    assert caught.value.refusals[0].sentence == f"名册里没有{shown}的在任经办人，请填写名册中的经办人编号（不是姓名）"
    assert story.entries() == []


def test_slip_in_an_operators_id_is_answered_with_the_nearest(story: Story) -> None:
    story.open()
    with pytest.raises(NotPermitted, match=r"（不是姓名）；最接近的是“op2”$"):
        story.send(ConcludeStage(round=SLUG, operator="OP-2"))
    with pytest.raises(NotPermitted, match=r"（不是姓名）$"):
        story.send(ConcludeStage(round=SLUG, operator="李经办"))


def test_newcomer_is_taken_while_nobody_is_known_and_never_after(story: Story) -> None:
    story.open()
    newcomer = RosterEntry(id="op9", kind=PartyKind.OPERATOR, name="吴新人", roles=(Role.OFFICE,))
    with pytest.raises(NotPermitted, match="没有编号为“op9”"):
        story.send(ImportRoster(operator="op9", entries=(newcomer,)))


def test_first_roster_needs_the_offices_role_too(story: Story) -> None:
    with pytest.raises(NotPermitted, match="经办人 fin 的角色不能办理此项"):
        story.send(ImportRoster(operator="fin", entries=ROSTER))


def test_newcomer_belongs_to_the_roster_alone(story: Story) -> None:
    with pytest.raises(NotPermitted, match="没有编号为“op1”"):
        story.send(OpenRound(**story.who, rules=rules(), opens_on=OPENS))


def test_operators_of_one_name_are_told_apart_by_their_ids(story: Story) -> None:
    story.open()
    entry = RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九")
    story.do(ImportRoster(operator="op2", entries=(entry,)))
    assert story.entries(round="house")[-1].operator == "op2"
    for name in ("李经办", "lijingban", "330108197001011234"):
        with pytest.raises(NotPermitted, match="没有这样的在任经办人"):
            story.send(ImportRoster(operator=name, entries=(entry,)))


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "allowed"),
    [
        (None, None, True),
        (OPENS, OPENS, True),
        (OPENS + timedelta(days=1), None, False),
        (None, OPENS - timedelta(days=1), False),
    ],
)
def test_operator_gives_commands_only_while_in_office(story: Story, valid_from: date | None, valid_to: date | None, allowed: bool) -> None:
    story.open()
    entry = RosterEntry(id="op9", kind=PartyKind.OPERATOR, name="吴", roles=(Role.OFFICE,), valid_from=valid_from, valid_to=valid_to)
    story.do(ImportRoster(operator="op1", entries=(entry,)))
    command = ImportRoster(operator=" op9 ", entries=(RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九"),))
    if allowed:
        assert story.send(command).applied
    else:
        with pytest.raises(NotPermitted):
            story.send(command)


@pytest.mark.parametrize("operator", ["sec", "fin", "aud"])
def test_roles_that_a_command_does_not_name_are_refused(story: Story, operator: str) -> None:
    story.intake_over()
    with pytest.raises(NotPermitted, match=f"经办人 {operator} 的角色不能办理此项"):
        story.send(story.verdict(1).model_copy(update={"operator": operator}))


def test_clock_does_only_what_is_the_clocks(story: Story) -> None:
    story.endorsed()
    with pytest.raises(NotPermitted, match="系统时钟不能办理此项"):
        story.send(CancelRound(round=SLUG, operator=CLOCK, reason="无"))
    with pytest.raises(NotPermitted, match="不能“到期处理”：经办人 op1 的角色不能办理此项"):
        story.send(Tick(round=SLUG, operator="op1"))


@pytest.mark.parametrize("operator", ["clock", " clock "])
def test_nobody_acts_as_the_clock_by_its_name(story: Story, operator: str) -> None:
    story.endorsed()
    story.clock.move_to(INTAKE_ENDS)
    for command in (CloseIntake(round=SLUG, operator=operator), Tick(round=SLUG, operator=operator)):
        with pytest.raises(NotPermitted, match="“clock”是系统时钟，不是经办人编号"):
            story.house.execute(command, Envelope("typed", story.clock.now()))
        with pytest.raises(NotPermitted, match="“clock”是系统时钟，不是经办人编号"):
            story.house.preview(command)
    assert story.stage() == "intake"


def test_clock_closes_intake_in_its_own_envelope(story: Story) -> None:
    story.endorsed()
    story.clock.move_to(INTAKE_ENDS)
    command = CloseIntake(round=SLUG, operator=CLOCK)
    envelope = Envelope("ticking", story.clock.now(), clock=True)
    code = story.house.execute(command, envelope).plan_code
    assert story.house.execute(command.model_copy(update={"plan_code": code}), envelope).applied
    assert story.stage() == "qualification"


@pytest.mark.parametrize("id_", ["clock", " clock"])
def test_roster_cannot_take_the_clocks_name(story: Story, id_: str) -> None:
    story.open()
    entry = RosterEntry(id=id_, kind=PartyKind.OPERATOR, name="时钟", roles=(Role.OFFICE,))
    assert story.codes(ImportRoster(operator="op1", entries=(entry,))) == ["clock-id"]


def test_round_opens_by_the_calendar_of_its_house(story: Story) -> None:
    closed = {OPENS + timedelta(days=day): False for day in range(1, 15)}
    story.house = replace(story.house, calendar=partial(WorkCalendar, overrides=closed))
    story.open()
    assert story.row(StageClock, stage="intake").due_day == story.house.calendar("Asia/Shanghai").after(OPENS, 20).day


@pytest.mark.parametrize(("slug", "near"), [("bjgj-2099", f"；最接近的是“{SLUG}”"), ("house", f"；现有：{SLUG}")])
def test_round_that_is_not_there_is_refused(story: Story, slug: str, near: str) -> None:
    story.open()
    with pytest.raises(CommandRefused, match=f"没有代号为“{slug}”的届次{near}"):
        story.send(ConcludeStage(round=slug, operator="op1"))
