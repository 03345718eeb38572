"""The table of who is told of what, on rounds that real commands have moved."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import states
from config.vocabulary import PartyKind, Role
from notifiers.kinds import MessageKind
from notifiers.messages import SILENT, TABLE
from notifiers.outbox import notify
from notifiers.settling import settle_all
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import AmendRound, CancelRound
from states.machine import MOVES
from states.outcome import Result
from states.tables import Nomination, Notification, WorkItem
from tests.notifiers.rounds import ROSTER, RULES, SLUG, Post, Town, found, opened

K = MessageKind


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


def told(town: Town, *kinds: MessageKind) -> list[tuple[str, str, str]]:
    """Give (kind, recipient, subject) of every notification, or of some kinds, in order."""
    notify(town.house)
    rows = sorted(town.rows(Notification), key=lambda row: (int(row.cause.partition(":")[2]), row.recipient))
    return [(row.kind, row.recipient, row.subject) for row in rows if not kinds or row.kind in kinds]


def endorse(town: Town, unit: str, *numbers: str, agrees: bool = True) -> Result:
    rows = tuple(EndorsementRow(nomination=number, unit=unit, agrees=agrees, text="" if agrees else "材料不实") for number in numbers)
    return town.act(RecordEndorsements, rows=rows)


# --- the table itself ---------------------------------------------------------------------------------------------------------------------


def events_written() -> set[str]:
    """Collect every event name that ``states`` can write: what stands in ``record(...)``, and the moves' own."""
    written = {move.event for move in MOVES}
    for path in Path(states.__file__).parent.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                written |= {name for call in ast.walk(function) for name in _event_of(function, call)}
    return written


def _event_of(function: ast.FunctionDef, call: ast.AST) -> set[str]:
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "record" and call.args):
        return set()
    event = call.args[0]
    if not isinstance(event, ast.Name):
        return _words([event])
    assigned = [node.value for node in ast.walk(function) if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == event.id]
    return _words([each for value in assigned for each in ((value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,))])


def _words(nodes: list[ast.expr]) -> set[str]:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_events_written_are_found_where_they_stand() -> None:
    found_here = events_written()
    assert {"round_moved", "session_held", "work_item_done", "work_item_dropped", "nomination_lapsed", "work_item_reminded"} <= found_here
    assert len(found_here) > 35


def test_every_event_is_told_or_silent_and_none_is_both() -> None:
    assert set(TABLE) & set(SILENT) == set()
    # The outcomes of deliveries are written by this room itself.
    assert set(TABLE) | set(SILENT) == events_written() | {"deliveries_settled"}


def test_every_kind_of_message_has_an_event() -> None:
    assert {line.kind for lines in TABLE.values() for line in lines} == set(MessageKind)


# --- opening, intake, layers --------------------------------------------------------------------------------------------------------------


def test_opening_calls_every_recommending_unit_and_gives_the_office_its_work(town: Town) -> None:
    assert told(town) == [
        (K.INTAKE_OPENED, "CY01", SLUG),
        (K.INTAKE_OPENED, "JD01", SLUG),
        (K.INTAKE_OPENED, "LH01", SLUG),
        (K.WORK_OPENED, "QB01", SLUG),
    ]


def test_submission_gives_the_unit_a_receipt_and_its_first_work(town: Town) -> None:
    before = told(town)
    town.submit("张建国")
    assert told(town)[len(before) :] == [
        (K.SUBMITTED, "JD01", "BJGJ-2023-0001"),
        (K.WORK_OPENED, "JD01", "BJGJ-2023-0001"),
    ]


def test_endorsement_of_a_layer_tells_the_next_layer_alone(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    before = told(town)
    endorse(town, "LH01", "BJGJ-2023-0001")
    assert told(town)[len(before) :] == [(K.WORK_OPENED, "JD01", "BJGJ-2023-0001")]


def test_refusal_by_a_layer_tells_the_unit_that_recommended(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    endorse(town, "LH01", "BJGJ-2023-0001")
    before = told(town)
    endorse(town, "JD01", "BJGJ-2023-0001", agrees=False)
    assert told(town)[len(before) :] == [(K.DECLINED, "LH01", "BJGJ-2023-0001")]


def test_withdrawal_tells_the_unit_once_and_the_layer_whose_work_fell_away(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    endorse(town, "LH01", "BJGJ-2023-0001")
    before = told(town)
    town.act(Withdraw, rows=(ReasonRow(nomination="BJGJ-2023-0001", reason="本人调离"),))
    assert told(town)[len(before) :] == [
        (K.WITHDRAWN, "LH01", "BJGJ-2023-0001"),
        (K.WORK_DROPPED, "JD01", "BJGJ-2023-0001"),
    ]


# --- reminders and escalations ------------------------------------------------------------------------------------------------------------


def test_reminder_goes_to_the_owner_before_the_due_day(town: Town) -> None:
    town.submit("张建国")  # due 06-13, reminders 2 days before and on the day
    before = told(town)
    town.at("2023-06-09T09:00")
    town.tick()
    assert told(town)[len(before) :] == [(K.REMINDER, "JD01", "BJGJ-2023-0001")]


def test_overdue_endorsement_goes_to_the_superior_and_then_to_the_office(tmp_path: Path) -> None:
    town = opened(tmp_path)
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.at("2023-06-13T09:00")
    town.tick()
    before = told(town)
    town.at("2023-06-14T09:00")
    town.tick()
    assert told(town)[len(before) :] == [(K.ESCALATION, "JD01", "BJGJ-2023-0001")]
    before = told(town)
    town.at("2023-06-16T09:00")
    town.tick()
    assert told(town)[len(before) :] == [(K.ESCALATION, "QB01", "BJGJ-2023-0001")]
    newest = town.rows(Notification, kind=K.ESCALATION.value, recipient="QB01")[0]
    assert newest.context["audience"] == "district_office"


def test_three_days_late_tells_each_audience_once(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    before = told(town)
    town.at("2023-06-19T11:00")
    town.tick()
    town.tick()
    assert told(town)[len(before) :] == [
        (K.ESCALATION, "JD01", "BJGJ-2023-0001"),
        (K.REMINDER, "LH01", "BJGJ-2023-0001"),
        (K.ESCALATION, "QB01", "BJGJ-2023-0001"),
    ]


def test_one_party_that_is_superior_and_office_is_told_once_for_one_cause(town: Town) -> None:
    town.submit("张建国")  # the office itself is the superior of JD01
    before = told(town)
    town.at("2023-06-19T11:00")
    town.tick()
    assert told(town)[len(before) :] == [
        (K.REMINDER, "JD01", "BJGJ-2023-0001"),
        (K.ESCALATION, "QB01", "BJGJ-2023-0001"),
    ]


def qualification_overdue(town: Town) -> list[tuple[str, str, str]]:
    """Let the office miss the qualification of one nomination by a day; gives what the newest tick told."""
    town.submit("张建国")
    town.at("2023-07-06T09:00")
    town.tick()
    before = told(town)
    town.at("2023-07-28T09:00")  # due on 07-27, 15 working days after intake closed
    town.tick()
    return told(town)[len(before) :]


def test_overdue_work_of_the_office_goes_to_every_member_of_the_leading_group(town: Town) -> None:
    assert qualification_overdue(town) == [
        (K.ESCALATION, "LD01", "BJGJ-2023-0001"),
        (K.ESCALATION, "LD02", "BJGJ-2023-0001"),
        (K.REMINDER, "QB01", "BJGJ-2023-0001"),
    ]


# --- who is in office ---------------------------------------------------------------------------------------------------------------------


def changed(entry: str, **values: object) -> RosterEntry:
    return next(each for each in ROSTER if each.id == entry).model_copy(update=values)


def test_superior_who_has_left_is_passed_over_for_the_one_above(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.do(ImportRoster(operator="OP01", entries=(changed("JD01", valid_to=date(2023, 6, 10)),)))
    town.at("2023-06-14T09:00")
    town.tick()
    assert told(town, K.ESCALATION) == [(K.ESCALATION, "QB01", "BJGJ-2023-0001")]


def test_owner_who_has_left_gets_nothing_and_those_above_hear_at_once(town: Town) -> None:
    town.submit("张建国")
    town.do(ImportRoster(operator="OP01", entries=(changed("JD01", valid_to=date(2023, 6, 8)),)))
    town.at("2023-06-09T09:00")
    town.tick()
    post = Post()
    town.post(post)
    settle_all(town.house)
    assert told(town, K.REMINDER) == [(K.REMINDER, "JD01", "BJGJ-2023-0001")]
    assert told(town, K.DELIVERY_FAILED) == [(K.DELIVERY_FAILED, "QB01", SLUG)]
    town.post(post)
    assert post.to("changhe@union.example") == []
    assert ["长河街道总工会" in each.body for each in post.to("office@binjiang.example") if "未能送达" in each.subject] == [True]


def test_owner_whose_last_day_is_today_is_still_told(town: Town) -> None:
    town.submit("张建国")
    town.do(ImportRoster(operator="OP01", entries=(changed("JD01", valid_to=date(2023, 6, 9)),)))
    town.at("2023-06-09T09:00")
    town.tick()
    assert told(town, K.REMINDER) == [(K.REMINDER, "JD01", "BJGJ-2023-0001")]


def test_office_without_an_address_is_its_operators(tmp_path: Path) -> None:
    roster = [entry.model_copy(update={"contacts": {}}) if entry.id == "QB01" else entry for entry in ROSTER]
    auditor = RosterEntry(id="OP02", kind=PartyKind.OPERATOR, name="周监督", roles=(Role.AUDITOR,), contacts={"mail": "audit@b.example"})
    town = opened(tmp_path, [*roster, auditor])
    assert told(town, K.WORK_OPENED) == [(K.WORK_OPENED, "OP01", SLUG)]


def test_office_that_nobody_can_reach_is_told_all_the_same(tmp_path: Path) -> None:
    roster = [entry.model_copy(update={"contacts": {}}) if entry.id in ("QB01", "OP01") else entry for entry in ROSTER]
    town = opened(tmp_path, roster)
    assert told(town, K.WORK_OPENED) == [(K.WORK_OPENED, "QB01", SLUG)]


def test_leading_group_without_members_is_the_office(tmp_path: Path) -> None:
    town = opened(tmp_path, [entry for entry in ROSTER if entry.kind != PartyKind.LEADING_GROUP_MEMBER])
    assert qualification_overdue(town) == [(K.REMINDER, "QB01", "BJGJ-2023-0001")]


# --- the round as a whole -----------------------------------------------------------------------------------------------------------------


def test_cancelling_tells_everybody_concerned_once_and_nobody_twice(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    endorse(town, "LH01", "BJGJ-2023-0001")  # so JD01 owes, LH01 has a nomination, CY01 was only called
    before = told(town)
    town.act(CancelRound, reason="上级统一安排")
    assert told(town)[len(before) :] == [(K.ROUND_CANCELLED, party, SLUG) for party in ("CY01", "JD01", "LD01", "LD02", "LH01", "QB01")]
    assert {item.status for item in town.rows(WorkItem)} == {"dropped", "done"}


def test_cancelling_leaves_out_whose_work_fell_away_long_before(town: Town) -> None:
    town.submit("张建国", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.submit("李秀英")
    endorse(town, "LH01", "BJGJ-2023-0001")
    endorse(town, "JD01", "BJGJ-2023-0002")
    town.act(Withdraw, rows=(ReasonRow(nomination="BJGJ-2023-0001", reason="本人调离"),))
    town.at("2023-07-06T10:00")  # intake is over, so whoever was called and has nobody in the running is out of it
    town.tick()
    before = told(town)
    town.act(CancelRound, reason="上级统一安排")
    assert told(town)[len(before) :] == [(K.ROUND_CANCELLED, party, SLUG) for party in ("JD01", "LD01", "LD02", "QB01")]


def test_amending_tells_the_bodies_and_the_units_in_the_running(town: Town) -> None:
    town.submit("张建国")
    before = told(town)
    town.act(AmendRound, rules=RULES.replace("quota: 10", "quota: 12"), reason="增加名额")
    assert told(town)[len(before) :] == [(K.ROUND_AMENDED, party, SLUG) for party in ("JD01", "LD01", "LD02", "QB01")]


def test_skipped_stage_tells_nobody_of_its_moves(tmp_path: Path) -> None:
    rules = RULES.replace(
        "  qualification:                 # 资格审核\n", "  qualification:                 # 资格审核\n    skip: true\n", 1
    )
    assert "skip: true" in rules
    town = opened(tmp_path, rules=rules)
    town.submit("张建国")
    endorse(town, "JD01", "BJGJ-2023-0001")
    town.at("2023-07-06T09:00")
    town.tick()
    assert town.rows(Nomination)[0].state == "qualified"
    assert told(town, K.QUALIFIED) == []


def test_roster_tells_nobody(tmp_path: Path) -> None:
    assert told(found(tmp_path)) == []


def test_notifications_hold_nothing_personal(town: Town) -> None:
    town.submit("张建国")
    endorse(town, "JD01", "BJGJ-2023-0001", agrees=False)
    notify(town.house)
    stored = "".join(str(vars(row)) for row in town.rows(Notification))
    assert "张建国" not in stored
    assert "材料不实" not in stored
    assert "example" not in stored
