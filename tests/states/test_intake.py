"""Intake: submissions and the end of intake; and what an earlier round means for a candidate (N4)."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from config.vocabulary import PartyKind
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.certification import Revoke, RevokeRow
from states.commands.intake import CloseIntake, SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import OpenRound
from states.commands.timing import ExtendDeadline
from states.people import candidate_of, content_of
from states.tables import Chain, Contact, Finding, LedgerEntry, Nomination, Party, WorkItem
from states.work import Work
from tests.states.builders import Story
from tests.states.figures import FEDERATION, INTAKE_ENDS, OPENS, ROSTER, TOWN, UNIT, candidate, local, number, rules

SECOND = timedelta(seconds=1)


# --- submissions


def test_submission_makes_a_nomination_its_findings_and_the_first_layers_work(story: Story) -> None:
    story.submitted(2)
    assert story.states() == ["submitted", "submitted"]
    row = story.rows(Nomination)[0]
    assert (row.number, row.tier, row.unit, row.unit_kind, row.version) == ("BJGJ-2023-0001", "craftsman", "U1", "subdistrict_union", 1)
    assert len(story.rows(Finding, nomination=number(1))) == 13
    item = story.row(WorkItem, subject=number(1))
    assert (item.kind, item.owner, item.due_day) == ("endorsement", "U1", date(2023, 6, 13))
    story.verified()


def test_same_row_again_is_passed_over(story: Story) -> None:
    story.submitted()
    result = story.submit(candidate(1), candidate(2))
    assert result.outcome.summary == "录入 1 份申报，重复略过 1 行，退回 0 行"
    assert [str(skip.reason) for skip in result.outcome.skipped] == ["已录入为 BJGJ-2023-0001（第2行），内容相同"]
    assert result.outcome.data == {"refused": [], "remarks": []}


def test_same_person_with_other_content_comes_back_with_the_differing_columns(story: Story) -> None:
    story.submitted()
    result = story.submit(candidate(2), candidate(1, years=9, post="技师"))
    assert [touch.subject for touch in result.outcome.touched] == [number(2)]
    (refused,) = result.outcome.data["refused"]
    assert refused["subject"] == "第3行"
    assert refused["reason"] == ("同一身份证号已录入为 BJGJ-2023-0001（第2行），但以下栏目不同：职务、从事本专业年限；请核对后只保留一份")
    assert candidate(1).id_card not in refused["reason"]


def test_same_person_twice_in_one_workbook_goes_in_once(story: Story) -> None:
    story.open()
    result = story.submit(candidate(1), candidate(1), candidate(1, years=3))
    assert result.outcome.summary == "录入 1 份申报，重复略过 1 行，退回 1 行"


def test_withdrawn_person_may_be_submitted_again(story: Story) -> None:
    story.submitted()
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(1), reason="换单位推荐"),)))
    story.clock.move_to(local(6, 6, 9, 11))
    story.submit(candidate(1))
    assert story.states() == ["withdrawn", "submitted"]
    story.verified()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"unit_kind": PartyKind.EMPLOYER}, "推荐单位类别“用人单位”不在四类推荐单位之内（N18）"),
        ({"unit_kind": PartyKind.SYSTEM_UNION}, "名册中该推荐单位的类别是“街道总工会”，与本行所填不同"),
    ],
)
def test_unit_that_may_not_recommend_comes_back(story: Story, changes: dict[str, Any], reason: str) -> None:
    story.open()
    result = story.submit(candidate(1, **changes))
    assert [each["reason"] for each in result.outcome.data["refused"]] == [reason]
    assert story.states() == []


def test_unknown_unit_is_entered_below_the_office_with_its_contact(story: Story) -> None:
    """Where no roster names a recommending unit, units are taken as the workbooks give them."""
    without_units(story)
    new = {"unit": "新街道总工会", "contact": "钱联系", "phone": "13900000000", "email": ""}
    story.submit(candidate(1, **new), candidate(2, **new))
    party = story.row(Party, name="新街道总工会")
    assert (party.kind, party.parent) == ("subdistrict_union", "office")
    (contact,) = story.rows(Contact, party=party.id)
    assert contact.channel == "phone"
    assert story.vault.open(contact.address, f"contact {party.id} phone") == "13900000000"
    assert story.vault.open(contact.person, f"person {party.id} phone") == "钱联系"
    assert {row.unit for row in story.rows(Nomination)} == {party.id}
    story.verified()


def test_units_out_of_workbooks_are_no_roster(story: Story) -> None:
    without_units(story)
    story.submit(candidate(1))
    story.clock.move_to(local(6, 6, 9, 11))
    story.submit(candidate(2, unit="长河 街道总工会"), candidate(3, unit=TOWN))
    assert story.states() == ["submitted"] * 3
    first, second, third = (row.unit for row in story.rows(Nomination))
    assert first == second != third
    assert len(story.rows(Party, kind="subdistrict_union")) == 2
    story.verified()


def without_units(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=tuple(entry for entry in ROSTER if not entry.id.startswith("U"))))
    story.do(OpenRound(**story.who, rules=rules(), opens_on=OPENS))


@pytest.mark.parametrize("written", ["长河 街道总工会", "长河街道总工会 ", "长河　街道 总工会"])
def test_unit_is_found_whatever_spaces_its_name_is_written_with(story: Story, written: str) -> None:
    story.open()
    story.submit(candidate(1, unit=written))
    assert story.row(Nomination).unit == "U1"
    assert len(story.rows(Party, kind="subdistrict_union")) == 2


def test_unit_outside_the_roster_comes_back_with_near_names_and_is_not_repeated(story: Story) -> None:
    """Entered as written it would stand directly below the office, and the layers between would never be asked (N18)."""
    story.open()
    federation = {"unit": "互联网工联会", "unit_kind": PartyKind.UNION_FEDERATION}
    result = story.submit(candidate(1, **federation), candidate(2, unit="ABC"), candidate(3))
    assert [each["reason"] for each in result.outcome.data["refused"]] == [
        f"名册中没有这个推荐单位，是否应为“{FEDERATION}”；请照名册填写全称，或先把该单位列入名册（N18）",
        "名册中没有这个推荐单位；请照名册填写全称，或先把该单位列入名册（N18）",
    ]
    assert story.states() == ["submitted"]
    assert len(story.rows(Party, parent="office")) == 0


def test_units_of_one_name_are_told_apart_by_kind(story: Story) -> None:
    story.open()
    story.submit(candidate(1), candidate(2, unit=FEDERATION, unit_kind=PartyKind.UNION_FEDERATION))
    assert [row.unit for row in story.rows(Nomination)] == ["U1", "U3"]


def test_candidate_of_the_office_itself_waits_for_no_layer(story: Story) -> None:
    """Where a programme lets the office recommend, nobody stands below it who would have to endorse."""
    kind = PartyKind.DISTRICT_OFFICE
    story.open(rules(("    - member_unit  ", "    - district_office\n    - member_unit  ")))
    office = RosterEntry(id="office", kind=kind, name="区工匠认定工作领导小组办公室")
    story.do(ImportRoster(operator="op1", entries=(office,)))
    story.submit(candidate(1, unit=office.name, unit_kind=kind))
    assert story.rows(WorkItem, kind="endorsement") == []


def test_unknown_tier_is_refused(story: Story) -> None:
    story.open()
    rows = (SubmittedRow(place="第2行", candidate=candidate(1)),)
    assert [str(each) for each in story.refused(SubmitNominations(**story.who, rows=rows, tier="gold"))] == [
        "办法中没有档次“gold”；现有：craftsman"
    ]
    story.do(SubmitNominations(**story.who, rows=rows, tier="craftsman"))


def test_submission_ends_with_intakes_due_to_the_second(story: Story) -> None:
    story.open()
    story.clock.move_to(INTAKE_ENDS - SECOND)
    story.submit(candidate(1))
    story.clock.move_to(INTAKE_ENDS)
    late = SubmitNominations(**story.who, rows=(SubmittedRow(place="第2行", candidate=candidate(2)),))
    assert [str(each) for each in story.refused(late)][:1] == ["申报已于 2023-07-05 截止，截止时间已向各推荐单位公布，不再接收"]
    assert story.codes(late) == ["intake-over", "time-over"]
    story.tick()
    assert story.codes(late) == ["intake-over"]


def test_submission_on_the_opening_day_opens_the_round_first(story: Story) -> None:
    story.open(opens_on=date(2023, 6, 7))
    story.clock.move_to(local(6, 6, 23, 59))
    rows = (SubmittedRow(place="第2行", candidate=candidate(1)), SubmittedRow(place="第3行", candidate=candidate(2, unit_kind="expert")))
    command = SubmitNominations(**story.who, rows=rows)
    sentence = (
        "本届定于 2023-06-07（周三）启动，启动以前不接收申报，请到启动那天再导入；启动日期要改的，在“修订本届办法”（amend-round）里填写"
    )
    assert [str(each) for each in story.refused(command)] == [sentence]
    story.clock.move_to(local(6, 7, 0))
    assert story.codes(command.model_copy(update={"tier": "无此档次"})) == ["no-tier", "time-over"]
    outcome = story.do(command).outcome
    assert outcome.summary == "录入 1 份申报，重复略过 0 行，退回 1 行（启动日已到，先行启动本届）"
    assert [each.subject for each in outcome.touched[outcome.first :]] == [number(1)]
    assert [(each.subject, each.target) for each in outcome.touched[: outcome.first]] == [(story.slug, "intake")]
    (entry,) = story.entries(event="round_moved")
    assert (entry.operator, entry.on_behalf_of) == ("op1", "clock")
    story.verified()


# --- the end of intake


def test_intake_ends_by_the_clock_to_the_second(story: Story) -> None:
    story.endorsed()
    story.tick(INTAKE_ENDS - SECOND)
    assert story.stage() == "intake"
    story.tick(INTAKE_ENDS)
    assert story.stage() == "qualification"


def test_intake_is_not_closed_before_its_due_by_anybody(story: Story) -> None:
    story.endorsed()
    story.clock.move_to(INTAKE_ENDS - SECOND)
    assert [str(each) for each in story.refused(CloseIntake(**story.who))] == ["申报截止日为 2023-07-05，未到期不能提前截止"]
    story.clock.move_to(INTAKE_ENDS)
    result = story.do(CloseIntake(**story.who))
    assert result.outcome.summary == "截止申报：1 份申报进入资格审核"
    assert story.row(WorkItem, kind="qualification").subject == number(1)
    assert story.row(WorkItem, kind="close_intake").status == "done"
    story.verified()


def test_intake_that_the_office_closes_takes_nobody_in_after_its_due(story: Story) -> None:
    by_hand = rules(("working_days: 20\n    conclude: automatic", "working_days: 20\n    conclude: office"))
    story.submitted(1, by_hand)
    story.clock.move_to(INTAKE_ENDS - SECOND)
    story.submit(candidate(2))
    story.tick(INTAKE_ENDS)
    assert story.stage() == "intake"
    late = SubmitNominations(**story.who, rows=(SubmittedRow(place="第2行", candidate=candidate(3)),))
    assert story.codes(late) == ["intake-over"]
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 7, 7), reason="台风停工。"))
    story.submit(candidate(3))
    story.tick(local(7, 8, 0))
    assert story.codes(late) == ["intake-over"]
    story.do(CloseIntake(**story.who))
    assert (story.stage(), len(story.rows(Nomination))) == ("qualification", 3)
    story.verified()


def test_papers_that_came_in_time_are_entered_until_the_office_closes_intake(story: Story) -> None:
    by_hand = rules(("working_days: 20\n    conclude: automatic", "working_days: 20\n    conclude: office"))
    story.submitted(1, by_hand)
    story.tick(INTAKE_ENDS)
    rows = (SubmittedRow(place="第2行", candidate=candidate(2)),)
    late = SubmitNominations(**story.who, rows=rows)
    assert [str(each) for each in story.refused(late)] == [
        "申报已于 2023-07-05 截止；截止前已经收到、只是尚未录入的，填写“收到日期”；确需接收的，先办理“延长期限”，将告知全部推荐单位"
    ]
    assert story.codes(late.model_copy(update={"received_on": date(2023, 7, 6)})) == ["intake-over"]
    assert [str(each) for each in story.refused(late.model_copy(update={"received_on": date(2023, 7, 7)}))][:1] == [
        "收到日期 2023-07-07 须在本届启动日 2023-06-06 与今天之间"
    ]
    assert story.codes(late.model_copy(update={"received_on": date(2023, 6, 5)})) == ["receipt"]
    story.do(late.model_copy(update={"received_on": date(2023, 7, 5)}))
    (entry,) = story.rows(LedgerEntry, event="nomination_submitted", subject=number(2))
    assert json.loads(entry.payload)["received_on"] == "2023-07-05"
    story.do(CloseIntake(**story.who))
    assert (story.stage(), len(story.rows(Nomination))) == ("qualification", 2)
    story.verified()


def test_papers_that_came_in_time_do_not_outlast_a_clock_that_is_late(story: Story) -> None:
    story.submitted(1)
    story.clock.move_to(INTAKE_ENDS)
    rows = (SubmittedRow(place="第2行", candidate=candidate(2)),)
    assert story.codes(SubmitNominations(**story.who, rows=rows, received_on=date(2023, 7, 5))) == ["intake-over", "time-over"]


# --- earlier rounds


def next_round(story: Story, *people: Any) -> list[str]:
    """Open another round and enter people: the results of the condition on earlier honours."""
    story.slug = "bjgj-2024"
    text = rules(("number_prefix: BJGJ-2023", "number_prefix: BJGJ-2024"))
    story.do(OpenRound(**story.who, rules=text, opens_on=date(2023, 7, 13)))
    story.submit(*people)
    found = [row for row in story.rows(Finding, condition="no_craftsman_honour") if row.nomination.startswith("BJGJ-2024")]
    return [f"{row.result} {row.fact}" for row in found]


def test_person_whom_an_earlier_round_certified_is_excluded(story: Story) -> None:
    story.certified(1, reserves=1)
    assert next_round(story, candidate(1), candidate(2), candidate(9)) == ["failed 往届已认定", "passed 无", "passed 无"]
    story.verified()


def test_person_whose_earlier_certification_was_revoked_is_not_excluded_by_it(story: Story) -> None:
    story.certified(1)
    row = RevokeRow(nomination=number(1), reason="材料造假")
    story.do(Revoke(**story.who, rows=(row,), document="滨政发〔2023〕10号", document_date=date(2023, 7, 13), certificate_recalled=True))
    assert next_round(story, candidate(1)) == ["passed 无"]


# --- the vault's side


def test_nomination_without_a_person_is_an_error_and_not_an_empty_candidate(story: Story) -> None:
    story.open()
    with story.store.write() as connection:
        work = Work(connection, story.row(Chain, name=story.slug), story.clock.now(), story.vault)
        with pytest.raises(LookupError, match="nomination X-1 has no person"):
            candidate_of(work, "X-1")


def test_content_is_the_same_text_for_the_same_candidate() -> None:
    assert content_of(candidate(1)) == content_of(candidate(1, unit=UNIT))
    assert content_of(candidate(1)) != content_of(candidate(1, phone="1"))
