"""Opening, amending, concluding, cancelling and holding a round; the roster."""

from datetime import date
from typing import Any

import pytest

from config.vocabulary import PartyKind, Role
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.certification import RecordBenefits
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.intake import CloseIntake, SubmitNominations, SubmittedRow
from states.commands.notice import AnswerRow, PublishNotice, ResolveObjection
from states.commands.review import AssignExperts, ConcludeReview, RecordScores, SeatRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import AmendRound, CancelRound, ConcludeStage, OpenRound
from states.ledger import genesis
from states.tables import Chain, Contact, Finding, Party, Round, RulesText, StageClock, WorkItem
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, OPENS, ROSTER, SLUG, UNIT, candidate, local, number, rules

# --- open


def test_opening_freezes_the_rules_and_starts_intake(story: Story) -> None:
    story.open()
    row = story.row(Round)
    assert (row.state, row.programme, row.rules, row.schema_version, row.held) == ("intake", "binjiang-craftsman-2023", rules(), 1, False)
    assert story.row(Chain, name=SLUG).genesis == genesis(SLUG, rules())
    assert story.row(RulesText).text == rules()
    clock = story.row(StageClock)
    assert (clock.stage, clock.due_day, clock.due_at, clock.provisional) == ("intake", date(2023, 7, 5), INTAKE_ENDS, False)
    assert story.events() == [
        "round_planned",
        "party_registered",
        "party_registered",
        "party_registered",
        "round_moved",
        "stage_entered",
        "work_item_opened",
    ]
    assert {party.id for party in story.rows(Party)} >= {"office", "leading-group", "government"}
    story.verified()


def test_round_opened_ahead_stays_planned_until_its_day(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 12))
    assert story.stage() == "planned"
    story.tick(local(6, 11, 23, 59))
    assert story.stage() == "planned"
    assert story.codes(CloseIntake(**story.who)) == ["wrong-stage"]
    story.tick(local(6, 12, 0, 0))
    assert story.stage() == "intake"
    assert story.row(StageClock).due_day == date(2023, 7, 11)
    story.verified()


def test_body_that_the_roster_has_is_not_entered_again(story: Story) -> None:
    office = RosterEntry(id="OFF", kind=PartyKind.DISTRICT_OFFICE, name="区工匠办")
    story.do(ImportRoster(operator="op1", entries=(*ROSTER, office)))
    story.do(OpenRound(**story.who, rules=rules(), opens_on=OPENS))
    assert [party.id for party in story.rows(Party, kind="district_office")] == ["OFF"]
    assert story.row(WorkItem).owner == "OFF"


def test_slug_is_taken_only_once(story: Story) -> None:
    story.open()
    command = OpenRound(**story.who, rules=rules(), opens_on=date(2023, 6, 7))
    assert story.codes(command) == ["slug-taken"]


def test_house_is_no_slug(story: Story) -> None:
    story.open()
    other = rules(("number_prefix: BJGJ-2023", "number_prefix: BJGJ-2099"))
    assert story.codes(OpenRound(round="house", operator="op1", rules=other, opens_on=OPENS)) == ["slug-taken"]


@pytest.mark.parametrize("slug", ["第四届", "BJGJ-2023", "bjgj 2023", "bjgj--2023", "-x", "", "a/b"])
def test_slug_is_lowercase_ascii(story: Story, slug: str) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    refusals = story.refused(OpenRound(round=slug, operator="op1", rules=rules(), opens_on=OPENS))
    assert [str(each) for each in refusals] == [f"代号“{slug}”只能用小写字母、数字和短横线，例如 bjgj-2023"]


def test_slug_is_no_programmes_id(story: Story) -> None:
    """Commands take either in the same place, and a programme is looked for first: such a round could not be planned."""
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    (refusal,) = story.refused(OpenRound(round="binjiang-craftsman-2023", operator="op1", rules=rules(), opens_on=OPENS))
    assert (refusal.code, "例如 bjgj-2023" in refusal.sentence) == ("slug-of-programme", True)


def test_number_prefix_of_another_round_is_refused(story: Story) -> None:
    story.open()
    refusals = story.refused(OpenRound(round="bjgj-2024", operator="op1", rules=rules(), opens_on=OPENS))
    assert [str(each) for each in refusals] == ["申报号前缀 BJGJ-2023 已由“bjgj-2023”使用，请在认定办法的 number_prefix 里另取一个"]


# --- amend


def test_amendment_changes_the_rules_with_a_reason_and_keeps_the_old_text(story: Story) -> None:
    story.submitted()
    due = story.row(StageClock).due_day
    new = rules(("quota: 2 ", "quota: 3 "), ("working_days: 20", "working_days: 30"))
    result = story.do(AmendRound(**story.who, rules=new, reason="区政府增加名额"))
    assert result.outcome.summary == "本届办法修订为第 2 版（改动：档次和名额、阶段和期限、待遇）"
    row = story.row(Round)
    assert (row.rules, row.rules_version) == (new, 2)
    assert [text.text for text in story.rows(RulesText)] == [rules(), new]
    assert story.row(StageClock).due_day == due
    assert story.entries(event="round_amended")[0].payload.find("区政府") == -1
    story.verified()


def test_amendment_of_remarks_alone_is_allowed(story: Story) -> None:
    story.open()
    result = story.do(AmendRound(**story.who, rules=rules() + "\n# 附注\n", reason="补充说明"))
    assert result.outcome.summary == "本届办法修订为第 2 版（改动：仅文字说明）"


def test_amendment_is_refused_with_every_reason_at_once(story: Story) -> None:
    story.open()
    other = rules(("number_prefix: BJGJ-2023", "number_prefix: XX-2023"), ("  - id: craftsman\n", "  - id: master\n"))
    assert story.codes(AmendRound(**story.who, rules=other, reason=" ")) == ["other-programme", "tier-removed", "reason-missing"]
    assert story.codes(AmendRound(**story.who, rules=rules(), reason="无")) == ["nothing-new"]


def test_amendment_leaves_no_fewer_places_than_are_taken(story: Story) -> None:
    story.approved(2)
    fewer = rules(("quota: 2 ", "quota: 1 "))
    assert [str(each) for each in story.refused(AmendRound(**story.who, rules=fewer, reason="压缩名额"))] == [
        "档次“craftsman”的名额不能减为 1 名：已审定 2 名（N3）"
    ]
    story.do(AmendRound(**story.who, rules=rules(("quota: 2 ", "quota: 2  ")), reason="排版"))


def test_amended_conditions_are_held_against_whoever_awaits_qualification(story: Story) -> None:
    story.intake_over(3)
    story.do(story.verdict(1))
    story.do(story.verdict(2, "return", reason="请补证明", fields=("证明材料",)))
    before = {row.nomination: row.result for row in story.rows(Finding, condition="years")}
    assert set(before.values()) == {"passed"}
    result = story.do(AmendRound(**story.who, rules=rules(("at_least: 5}", "at_least: 60}")), reason="提高年限"))
    assert [touch.subject for touch in result.outcome.touched] == [SLUG, number(2), number(3)]
    assert result.outcome.summary.endswith("，2 份申报的审核意见随之改变")
    after = {row.nomination: row.result for row in story.rows(Finding, condition="years")}
    assert after == {number(1): "passed", number(2): "waivable", number(3): "waivable"}
    assert "不符合，如属特殊情况须书面说明理由后放宽" in story.refused(story.verdict(3))[0].sentence
    story.verified()


def test_condition_that_an_amendment_takes_away_stands_against_nobody(story: Story) -> None:
    story.intake_over(1, union_member=False)
    assert story.row(Finding, condition="union_member").result == "failed"
    story.do(AmendRound(**story.who, rules=without_condition("union_member"), reason="取消此项"))
    row = story.row(Finding, condition="union_member")
    assert (row.result, row.fact) == ("passed", "修订后的办法不再要求")
    story.do(story.verdict(1))
    story.verified()


def without_condition(name: str) -> str:
    before, _, rest = rules().partition(f"  - id: {name}\n")
    return before + rest[rest.index("  - id: ") :]


def test_amendment_of_a_cancelled_round_is_refused(story: Story) -> None:
    story.open()
    story.do(CancelRound(**story.who, reason="停办"))
    new = rules(("quota: 2 ", "quota: 3 "))
    assert story.codes(AmendRound(**story.who, rules=new, reason="增加名额")) == ["round-ended"]


# --- conclude and cancel


def test_stage_is_not_concluded_while_something_is_left(story: Story) -> None:
    story.intake_over()
    assert [str(each) for each in story.refused(ConcludeStage(**story.who))] == ["本阶段还有未办完的申报或待办"]


def test_planned_round_has_no_stage_to_conclude(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 12))
    assert [str(each) for each in story.refused(ConcludeStage(**story.who))] == ["本届现在是“待启动”，没有可以办结的阶段"]


def test_stage_that_the_programme_leaves_to_the_office_waits_for_it(story: Story) -> None:
    by_hand = rules(("    working_days: 15\n    conclude: automatic", "    working_days: 15\n    conclude: office"))
    story.intake_over(1, by_hand)
    story.do(story.verdict(1))
    assert story.stage() == "qualification"
    story.do(ConcludeStage(**(story.who | {"operator": "sec"})))
    assert story.stage() == "expert_review"
    story.verified()


def test_cancelling_drops_what_is_owed_and_ends_the_round(story: Story) -> None:
    story.submitted(2)
    result = story.do(CancelRound(**story.who, reason="经费未落实", document="滨政办〔2023〕3号"))
    assert result.outcome.summary == "取消本届：2 份申报、3 项待办不再办理"
    assert story.stage() == "cancelled"
    assert story.rows(WorkItem, status="open") == []
    assert story.row(Round).closed_at == story.clock.now()
    assert story.codes(CancelRound(**story.who, reason="再次取消")) == ["wrong-stage"]
    story.verified()


def test_preview_of_a_cancellation_lists_what_will_end(story: Story) -> None:
    story.submitted(2)
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(2), reason="调离"),)))
    preview = story.house.preview(CancelRound(**story.who, reason="经费未落实"))
    assert [(each.subject, each.source, each.target, each.note) for each in preview.outcome.touched] == [
        (SLUG, "intake", "cancelled", ""),
        (SLUG, "", "", "待办“截止申报” 1 项作废"),
        (SLUG, "", "", "待办“出具推荐意见” 1 项作废"),
        (number(1), "submitted", "", "随本届终止"),
    ]
    assert preview.outcome.summary == "取消本届：1 份申报、2 项待办不再办理"


def test_cancelling_needs_its_reason(story: Story) -> None:
    story.open()
    assert story.codes(CancelRound(**story.who, reason="  ")) == ["reason-missing"]


# --- on hold, and ended


def everything(story: Story) -> dict[str, Any]:
    """A command of each kind for a round with one nomination, which would fit were the round not held."""
    who, one = story.who, number(1)
    return {
        "submit": SubmitNominations(**who, rows=(SubmittedRow(place="第2行", candidate=candidate(9)),)),
        "endorse": RecordEndorsements(**who, rows=(EndorsementRow(nomination=one, unit=UNIT, agrees=True),)),
        "close": CloseIntake(**who),
        "conclude": ConcludeStage(**who),
        "qualify": story.verdict(1),
        "withdraw": Withdraw(**who, rows=(ReasonRow(nomination=one, reason="离职"),)),
        "seat": AssignExperts(**who, rows=(SeatRow(nomination=one, expert="E2"),)),
        "score": RecordScores(**who, rows=(story.sheet(1),)),
        "review": ConcludeReview(**who),
        "resolve": story.resolution(story.vote(1)),
        "publish": PublishNotice(**who, first_day=date(2023, 7, 6)),
        "object": story.objection(1),
        "answer": ResolveObjection(**who, rows=(AnswerRow(objection="BJGJ-2023-Y001", upheld=False, report="报1"),)),
        "certify": story.certify(1),
        "benefits": RecordBenefits(**who, rows=()),
    }


REFUSED_ON_HOLD = {
    "submit": "round-held",
    "endorse": "none",
    "close": "round-held",
    "qualify": "none",
    "withdraw": "none",
    "seat": "round-held",
    "score": "round-held",
    "publish": "round-held",
    "object": "round-held",
    "answer": "round-held",
    "benefits": "round-held",
}


@pytest.mark.parametrize("kind", sorted(REFUSED_ON_HOLD))
def test_round_on_hold_takes_nothing(story: Story, kind: str) -> None:
    story.submitted()
    if kind in ("qualify", "score", "seat"):
        story.clock.move_to(INTAKE_ENDS)
    story.hold()
    story.clock.move_to(INTAKE_ENDS)
    refusals = story.refused(everything(story)[kind])
    assert REFUSED_ON_HOLD[kind] in [each.code for each in refusals]
    assert "本届已暂停，请先恢复计时" in "".join(each.sentence for each in refusals)


def test_round_on_hold_stands_still_and_goes_on_when_released(story: Story) -> None:
    story.endorsed()
    story.hold()
    result = story.tick(INTAKE_ENDS)
    assert (result.outcome.summary, result.happened) == ("本届已暂停或已结束，没有到期事项", ())
    story.hold(False)
    assert story.tick().happened == ()
    due = story.row(StageClock).due_at
    assert due > INTAKE_ENDS
    story.tick(due)
    assert story.stage() == "qualification"
    story.verified()


def test_round_on_hold_concludes_nothing_by_itself(story: Story) -> None:
    story.noticed(1)
    story.hold()
    refusals = story.refused(story.certify())
    assert [str(each) for each in refusals] == [f"{number(1)} 本届已暂停，请先恢复计时"]


def test_round_on_hold_may_be_cancelled(story: Story) -> None:
    story.endorsed()
    story.hold()
    story.do(CancelRound(**story.who, reason="停办"))
    assert story.stage() == "cancelled"


@pytest.mark.parametrize(
    "kind", ["submit", "endorse", "close", "conclude", "qualify", "withdraw", "seat", "score", "publish", "object", "answer", "benefits"]
)
def test_cancelled_round_takes_nothing(story: Story, kind: str) -> None:
    story.submitted()
    story.do(CancelRound(**story.who, reason="停办"))
    story.clock.move_to(INTAKE_ENDS)
    story.refused(everything(story)[kind])
    assert story.tick().happened == ()


# --- the roster


def test_roster_enters_parents_first_and_keeps_addresses_in_the_vault(story: Story) -> None:
    story.open()
    assert story.row(Party, id="U3").parent == "U2"
    (contact,) = story.rows(Contact)
    assert (contact.party, contact.channel) == ("U1", "mail")
    assert "example.com" not in contact.address
    assert story.vault.open(contact.address, "contact U1 mail") == "changhe@example.com"
    assert '"channels":["mail"]' in story.entries(event="party_registered", subject="U1")[0].payload


def test_roster_changes_who_is_known_and_passes_over_who_is_the_same(story: Story) -> None:
    story.open()
    changed = ROSTER[8].model_copy(update={"contacts": {"mail": "new@example.com", "phone": "13800000000"}, "person": "何联系"})
    renamed = ROSTER[9].model_copy(update={"name": "浦沿街道工会"})
    result = story.do(ImportRoster(operator="op1", entries=(ROSTER[7], changed, renamed)))
    assert result.outcome.summary == "名册：新增或更新 2 个，未变 1 个"
    assert [skip.subject for skip in result.outcome.skipped] == ["E3"]
    mail, phone = story.rows(Contact, party="U1")
    assert story.vault.open(mail.address, "contact U1 mail") == "new@example.com"
    assert story.vault.open(phone.person, "person U1 phone") == "何联系"
    assert story.row(Party, id="U2").name == "浦沿街道工会"
    assert story.do(ImportRoster(operator="op1", entries=(changed,), again=True)).outcome.skipped[0].reason == "与现有名册相同"
    story.verified()


def test_roster_is_refused_whole_with_every_fault(story: Story) -> None:
    story.open()
    entries = (
        RosterEntry(id="A", kind=PartyKind.EMPLOYER, name="甲", parent="B"),
        RosterEntry(id="B", kind=PartyKind.EMPLOYER, name="乙", parent="A"),
        RosterEntry(id="C", kind=PartyKind.EMPLOYER, name="丙", parent="nowhere"),
        RosterEntry(id="C", kind=PartyKind.EMPLOYER, name="丙", parent="nowhere"),
    )
    assert [str(each) for each in story.refused(ImportRoster(operator="op1", entries=entries))] == [
        "编号 C 在名册中出现两次",
        "编号 A 的上级关系绕成了圈：A → B → A",
        "编号 B 的上级关系绕成了圈：B → A → B",
        "编号 C 的上级编号 nowhere 不在名册中",
    ]


def test_roster_of_two_operators_with_one_id_names_no_newcomer(story: Story) -> None:
    twice = (RosterEntry(id="op1", kind=PartyKind.OPERATOR, name="甲", roles=(Role.OFFICE,)),) * 2
    assert story.codes(ImportRoster(operator="op1", entries=twice)) == ["no-operator"]
