"""Reassigning (移交): what is open goes over with its due day, what is done stays, and nothing is left without an owner."""

import json
from datetime import date
from typing import Any

import pytest

from config.vocabulary import PartyKind, WorkKind
from states.commands.aftermath import ReasonRow, Reopen
from states.commands.clearances import ClearanceRow, RecordClearances
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.reassigning import ReassignWork
from states.commands.review import AssignExperts, RecordScores, SeatRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.timing import ExtendDeadline
from states.tables import Endorsement, Nomination, PanelSeat, StageClock, VaultText, WorkItem
from tests.states.builders import Story
from tests.states.figures import FEDERATION, INTAKE_ENDS, ROSTER, TOWN, UNIT, clearing, local, number, rules

TWO_LAYERS: dict[str, Any] = {"unit": FEDERATION, "unit_kind": PartyKind.UNION_FEDERATION}
TWO_SHEETS = rules(("sheets_per_nomination: 1", "sheets_per_nomination: 2"))


def handover(story: Story, source: str, target: str, reason: str = "因病", **changes: Any) -> ReassignWork:
    return ReassignWork(**story.who, source=source, target=target, reason=reason, **changes)


def items(story: Story, kind: str) -> list[tuple[str, str, str, str]]:
    return [(item.subject, item.owner, item.status, item.due_day.isoformat()) for item in story.rows(WorkItem, kind=kind)]


def seats(story: Story) -> list[tuple[str, str, bool, str | None]]:
    return [(seat.nomination[-1], seat.expert, seat.recused, seat.handed_to) for seat in story.rows(PanelSeat)]


def enlist(story: Story, *entries: RosterEntry) -> None:
    story.do(ImportRoster(operator="op1", entries=entries))


def party(identifier: str) -> RosterEntry:
    return next(entry for entry in ROSTER if entry.id == identifier)


def seated(story: Story, *rows: tuple[int, str], text: str | None = None, count: int = 2) -> None:
    story.qualified(count, text)
    story.do(AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(ordinal), expert=expert) for ordinal, expert in rows)))


# --- experts


def test_experts_open_seats_go_over_with_their_due_day_and_told_version(story: Story) -> None:
    seated(story, (1, "E1"), (2, "E1"))
    (before,) = story.rows(WorkItem, kind="score_sheet")
    result = story.do(handover(story, "E1", "E2"))
    assert result.outcome.summary == "E1 移交 E2：2 项，略过 0 项"
    assert seats(story) == [("1", "E1", True, "E2"), ("1", "E2", False, None), ("2", "E1", True, "E2"), ("2", "E2", False, None)]
    (item,) = story.rows(WorkItem, kind="score_sheet")
    assert (item.owner, item.status, item.due_day, item.next_step_at) == ("E2", "open", before.due_day, before.next_step_at)
    assert item.due_version == before.due_version + 1
    result = story.do(RecordScores(**story.who, rows=(story.sheet(1), story.sheet(2, expert="E1"))))
    assert [skip.reason for skip in result.outcome.skipped] == ["该专家的席位已移交他人"]
    story.do(RecordScores(**story.who, rows=(story.sheet(2),)))
    assert story.row(WorkItem, kind="score_sheet").status == "done"
    story.verified()


def test_reason_is_in_the_vault_and_ids_alone_in_the_ledger(story: Story) -> None:
    seated(story, (1, "E1"))
    story.do(handover(story, "E1", "E2", "孙专家住院"))
    text = story.row(VaultText, kind="reason")
    assert story.vault.open(text.body, f"text {text.id}") == "孙专家住院"
    (entry,) = story.entries(event="work_handed_over")
    assert json.loads(entry.payload) | {"texts": 0} == {"former": "E1", "owner": "E2", "moved": [number(1)], "texts": 0}
    assert "住院" not in "".join(each.payload for each in story.entries())


def test_sheets_handed_in_stay_with_who_wrote_them(story: Story) -> None:
    seated(story, (1, "E2"), (2, "E2"))
    story.do(RecordScores(**story.who, rows=(story.sheet(1),)))
    story.do(handover(story, "E2", "E1"))
    assert seats(story) == [("1", "E2", False, None), ("2", "E1", False, None), ("2", "E2", True, "E1")]
    assert [(item.owner, item.status) for item in story.rows(WorkItem, kind="score_sheet")] == [("E1", "open")]
    story.verified()


def test_expert_who_may_not_score_a_candidate_leaves_that_seat_where_it_is(story: Story) -> None:
    enlist(story, *ROSTER, RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九", employer="杭州乙公司"))
    seated(story, (1, "E2"))
    (refusal,) = story.refused(handover(story, "E2", "E9"))
    assert refusal.sentence == f"{number(1)}：接手的专家与申报人同一工作单位，应当回避"
    assert seats(story) == [("1", "E2", False, None)]


def test_expert_on_the_panel_or_recused_already_takes_only_the_other_seats(story: Story) -> None:
    seated(story, (1, "E1"), (2, "E1"), (3, "E1"), (1, "E2"), text=TWO_SHEETS, count=3)
    story.do(AssignExperts(**story.who, rows=(SeatRow(nomination=number(2), expert="E2", recused=True, reason="师徒"),)))
    result = story.do(handover(story, "E1", "E2"))
    assert [(skip.subject, skip.reason) for skip in result.outcome.skipped] == [
        (number(1), "接手的专家已有此申报的席位"),
        (number(2), "接手的专家已回避此申报"),
    ]
    assert ("3", "E1", True, "E2") in seats(story)
    assert [(item.owner, item.status, item.due_version) for item in story.rows(WorkItem, kind="score_sheet")] == [
        ("E1", "open", 1),
        ("E2", "open", 2),
    ]
    story.verified()


def test_work_opened_for_a_seat_is_brought_back_with_the_old_after_an_extension(story: Story) -> None:
    seated(story, (1, "E1"), (2, "E1"))
    order = ExtendDeadline(
        **story.who, due_day=story.row(StageClock, stage="expert_review").due_day, reason="误填", kind=WorkKind.SCORE_SHEET
    )
    story.do(order)
    story.do(handover(story, "E1", "E2", subject=number(2)))
    story.do(order.model_copy(update={"due_day": date(2023, 7, 18)}))
    assert [(owner, due) for _, owner, _, due in items(story, "score_sheet")] == [("E1", "2023-07-18"), ("E2", "2023-07-18")]


def test_one_nominations_seat_alone_opens_work_due_like_the_old(story: Story) -> None:
    seated(story, (1, "E1"), (2, "E1"))
    story.clock.move_to(local(7, 10))
    story.do(handover(story, "E1", "E2", subject=number(2)))
    assert [(owner, status, due) for _, owner, status, due in items(story, "score_sheet")] == [
        ("E1", "open", "2023-07-18"),
        ("E2", "open", "2023-07-18"),
    ]
    story.do(handover(story, "E2", "E1", "康复", subject=number(2)))
    assert seats(story) == [("1", "E1", False, None), ("2", "E1", False, None), ("2", "E2", True, "E1")]
    assert [(item.owner, item.status) for item in story.rows(WorkItem, kind="score_sheet")] == [("E1", "open"), ("E2", "dropped")]
    story.verified()


# --- departments


def test_departments_clearances_go_over_and_are_answered_by_the_new_one(story: Story) -> None:
    story.intake_over(2, clearing("D1", "D2"))
    story.do(RecordClearances(**story.who, rows=(ClearanceRow(nomination=number(2), clearance="tax", clear=True),)))
    story.do(handover(story, "D1", "D2", "机构改革", kinds=(WorkKind.CLEARANCE,)))
    assert [(item.subject[-1], item.detail, item.owner) for item in story.rows(WorkItem, kind="clearance", status="open")] == [
        ("1", "tax", "D2"),
        ("1", "safety", "D2"),
        ("2", "safety", "D2"),
    ]
    assert story.codes(RecordClearances(**story.who, rows=(ClearanceRow(nomination=number(1), clearance="D2", clear=True),))) == ["none"]
    row = ClearanceRow(nomination=number(1), clearance="tax", clear=True)
    story.do(RecordClearances(**story.who, rows=(row,)))
    story.clear()
    story.do(story.verdict(1))
    story.verified()


def test_department_that_left_is_asked_no_more_once_its_work_went_over(story: Story) -> None:
    story.intake_over(1, clearing("D1"))
    story.do(handover(story, "D1", "D2", "机构改革"))
    enlist(story, party("D1").model_copy(update={"valid_to": date(2023, 7, 5)}))
    story.do(story.verdict(1, "reject", reason="不合适"))
    story.do(Reopen(**story.who, rows=(ReasonRow(nomination=number(1), reason="误判"),)))
    assert [(item.owner, item.status) for item in story.rows(WorkItem, kind="clearance")] == [("D2", "dropped"), ("D2", "open")]


# --- units


def merged(story: Story, *entries: RosterEntry) -> None:
    """The units leave the roster with the day before; whatever else is given changes as given."""
    gone = [entry.model_copy(update={"valid_to": date(2023, 6, 5)}) for entry in entries]
    enlist(story, *gone)


def test_merged_units_nomination_goes_over_and_can_still_be_qualified(story: Story) -> None:
    story.submitted(2)
    merged(story, party("U1"))
    result = story.do(handover(story, "U1", "U2", "街道合并"))
    assert [(touch.subject, touch.note) for touch in result.outcome.touched] == [
        (number(1), "推荐单位改变"),
        (number(1), "出具推荐意见，期限 2023-06-13 不变"),
        (number(2), "推荐单位改变"),
        (number(2), "出具推荐意见，期限 2023-06-13 不变"),
    ]
    assert [(row.unit, row.unit_kind) for row in story.rows(Nomination)] == [("U2", "subdistrict_union")] * 2
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U2", "open")] * 2
    story.endorse([1, 2], TOWN)
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1))
    assert story.state(1) == "qualified"
    story.verified()


def test_opinion_of_the_merged_unit_stands_and_the_new_line_goes_on(story: Story) -> None:
    story.submitted(1, **TWO_LAYERS)
    story.endorse([1], FEDERATION)
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U3", "done"), ("U2", "open")]
    merged(story, party("U3"))
    story.do(handover(story, "U3", "U1", "联合会撤销"))
    assert [(row.unit, row.agrees, row.taken_over_from) for row in story.rows(Endorsement)] == [("U1", True, "U3"), ("U3", True, None)]
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U3", "done"), ("U2", "dropped")]
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1))
    story.verified()


def test_upper_layer_that_absorbs_the_lower_still_gives_its_own_opinion(story: Story) -> None:
    story.submitted(1, **TWO_LAYERS)
    story.endorse([1], FEDERATION)
    merged(story, party("U3"))
    story.do(handover(story, "U3", "U2", "并入街道"))
    assert [(row.unit, row.taken_over_from) for row in story.rows(Endorsement)] == [("U3", None)]
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U3", "done"), ("U2", "open")]
    story.endorse([1], TOWN)
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1))
    story.verified()


def test_upper_layers_work_goes_to_whom_the_roster_puts_in_its_place(story: Story) -> None:
    story.submitted(1, **TWO_LAYERS)
    story.endorse([1], FEDERATION)
    (refusal,) = story.refused(handover(story, "U2", "U1", "街道合并"))
    assert refusal.sentence.startswith(f"{number(1)}：按名册，{UNIT} 没有接替 {TOWN} 成为该申报的推荐层级")
    enlist(story, party("U3").model_copy(update={"parent": "U1"}))
    story.do(handover(story, "U2", "U1", "街道合并"))
    assert [(owner, status) for _, owner, status, _ in items(story, "endorsement")] == [("U3", "done"), ("U1", "open")]
    story.do(RecordEndorsements(**story.who, rows=(EndorsementRow(nomination=number(1), unit="U1", agrees=True),)))
    story.verified()


def test_correction_goes_over_and_is_mended_by_the_new_unit(story: Story) -> None:
    story.returned()
    story.do(handover(story, "U1", "U2", "街道合并", kinds=(WorkKind.CORRECTION,)))
    assert [(owner, due) for _, owner, _, due in items(story, "correction")] == [("U2", "2023-07-13")]
    assert story.row(Endorsement, unit="U2").taken_over_from == "U1"
    assert "补正不能更换推荐单位" in story.refused(story.resubmission(1, evidence="鉴定书和证明"))[0].sentence
    story.do(story.resubmission(1, evidence="鉴定书和证明", unit=TOWN))
    story.do(story.verdict(1))
    story.verified()


def test_unit_with_nothing_left_to_do_still_hands_over_whom_it_recommended(story: Story) -> None:
    story.qualified()
    result = story.do(handover(story, "U1", "U2", "街道合并"))
    assert [touch.note for touch in result.outcome.touched] == ["推荐单位改变"]
    assert (story.row(Nomination).unit, items(story, "endorsement")[1:]) == ("U2", [])
    story.verified()


def test_kinds_and_subject_narrow_what_goes_over(story: Story) -> None:
    story.submitted(2)
    assert story.codes(handover(story, "U1", "U2", kinds=(WorkKind.CORRECTION,))) == ["nothing-open"]
    story.do(handover(story, "U1", "U2", subject=number(2)))
    assert [(row.number[-1], row.unit) for row in story.rows(Nomination)] == [("1", "U1"), ("2", "U2")]


def test_reminders_go_on_for_the_new_owner_alone(story: Story) -> None:
    story.submitted()
    story.do(handover(story, "U1", "U2"))
    story.tick(local(6, 9))
    assert [json.loads(entry.payload)["owner"] for entry in story.entries(event="work_item_reminded")] == ["U2"]


# --- what is refused


@pytest.mark.parametrize(
    ("source", "target", "reason", "sentence"),
    [
        ("王建国", "U2", "合并", "名册中没有所填的原责任人编号；现有：U1"),
        ("U1", "13800000000", "合并", "名册中没有所填的接手人编号；现有：U2、U3"),
        ("U1", "U1", "合并", "原责任人与接手人是同一个，无须移交"),
        ("U1", "U2", " ", "须写明移交的理由"),
        ("office", "U1", "合并", "领导小组办公室的待办由其本身办理，不能移交"),
        ("E1", "E3", "生病", "接手人 E3 不在任期内，请先在名册里改正起止日期；可以接手的：E2"),
        ("E1", "U1", "生病", "专家的待办只能移交给专家，U1 是街道总工会；可以接手的：E2"),
        (
            "U1",
            "E1",
            "合并",
            "街道总工会的待办只能移交给成员单位、街道总工会、工会联合会、直属系统工会，E1 是专家；可以接手的：U2、U3（N18）",
        ),
        ("E1", "E2", "生病", "E1 在本届没有未办的待办；有未办待办的是 U1"),
        ("D1", "D2", "改革", "D1 在本届没有未办的待办；有未办待办的是 U1"),
        ("aud", "sec", "轮岗", "aud 在本届没有未办的待办；有未办待办的是 U1"),
    ],
)
def test_handover_that_does_not_fit_is_refused(light_story: Any, source: str, target: str, reason: str, sentence: str) -> None:
    story = light_story().submitted()
    story.clock.move_to(local(7, 3))
    assert [str(each) for each in story.refused(handover(story, source, target, reason))] == [sentence]


def test_slip_in_an_id_or_a_number_is_answered_with_the_nearest(story: Story) -> None:
    entries = [RosterEntry(id=each, kind=PartyKind.SUBDISTRICT_UNION, name=f"街道{each}总工会") for each in ("JD01", "JD02", "JD03")]
    enlist(story.submitted(2), *entries)
    story.do(handover(story, "U1", "JD01"))
    (source,) = story.refused(handover(story, "jdo1", "JD02"))
    assert source.sentence == "名册中没有所填的原责任人编号“jdo1”；最接近的是“JD01”"
    (target,) = story.refused(handover(story, "JD01", "JD2"))
    assert target.sentence == "名册中没有所填的接手人编号“JD2”；最接近的是“JD02”"
    (subject,) = story.refused(handover(story, "JD01", "JD02", subject="BJGJ-2023-02"))
    assert subject.sentence == f"JD01 在本届没有这样的未办待办，未办的是“出具推荐意见”；最接近的是“{number(2)}”、“{number(1)}”"


def test_nothing_goes_over_while_the_round_is_on_hold(story: Story) -> None:
    story.submitted()
    story.hold()
    assert story.codes(handover(story, "U1", "U2")) == ["round-held"]
