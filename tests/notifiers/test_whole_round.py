"""A round held, released or cancelled: whoever was called, owes something or waits for something is told once, as it stood then."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from config.vocabulary import PartyKind
from notifiers.audiences import everybody_concerned
from notifiers.happenings import from_ledger
from notifiers.kinds import MessageKind
from notifiers.outbox import notify, scene_of
from notifiers.owed import owed_items
from notifiers.recipients import recipients
from states.command import Command
from states.commands.aftermath import ReasonRow, Withdraw
from states.commands.reassigning import ReassignWork
from states.commands.review import AssignExperts, SeatRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import CancelRound, OpenRound
from states.commands.timing import HoldRound, ReleaseRound
from states.records import Records
from states.store import Store
from states.tables import Notification, Party, StageClock, WorkItem
from tests.notifiers.rounds import RULES, SLUG, Post, Town, found, migrated, opened
from tests.states.builders import Story
from tests.states.figures import INTAKE_ENDS, TOWN, candidate, local, number

K = MessageKind
Giving = Callable[[Story], Command]
CALLED = {"U1", "U2", "U3"}
BODIES = {"office"}
"""No member of the leading group is in the roster, so the office stands for it."""


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    (tmp_path / "house.db").write_bytes(migrated())
    store = Store(f"sqlite:///{tmp_path / 'house.db'}")
    story = Story(store)
    story.house = replace(story.house, recipients=recipients)
    yield story
    store.dispose()


def told(story: Story, kind: MessageKind) -> list[str]:
    """Give who was told, with everybody as often as that."""
    notify(story.house)
    return sorted(row.recipient for row in story.rows(Notification, kind=kind.value))


def cancelling(story: Story) -> Command:
    return CancelRound(**story.who, reason="停办")


def holding(story: Story) -> Command:
    return HoldRound(**story.who, reason="等待批复")


def releasing(story: Story) -> Command:
    return ReleaseRound(**story.who)


def foretold(story: Story, command: Command) -> list[str]:
    """Give the ids of whom a preview names."""
    names = {party.name: party.id for party in story.rows(Party)}
    return sorted(names[each] for each in story.house.preview(command).told)


@pytest.mark.parametrize(("command", "kind"), [(cancelling, K.ROUND_CANCELLED), (holding, K.ROUND_HELD)])
def test_round_that_stops_in_intake_tells_everybody_called_once_as_previewed(story: Story, command: Giving, kind: MessageKind) -> None:
    story.open()
    assert set(told(story, K.INTAKE_OPENED)) == CALLED
    preview = foretold(story, command(story))
    story.do(command(story))
    assert told(story, kind) == preview == sorted(CALLED | BODIES)


def test_round_that_goes_on_in_intake_tells_everybody_called_once_as_previewed(story: Story) -> None:
    story.open()
    story.hold()
    story.clock.move_to(local(6, 9))
    preview = foretold(story, releasing(story))
    story.hold(False)
    assert told(story, K.ROUND_RELEASED) == preview == sorted(CALLED | BODIES)


@pytest.mark.parametrize(("command", "kind"), [(cancelling, K.ROUND_CANCELLED), (holding, K.ROUND_HELD)])
def test_round_that_stops_before_it_opens_tells_no_unit(story: Story, command: Giving, kind: MessageKind) -> None:
    story.open(opens_on=local(6, 12).date())
    story.do(command(story))
    assert told(story, kind) == sorted(BODIES)


@pytest.mark.parametrize(("command", "kind"), [(cancelling, K.ROUND_CANCELLED), (holding, K.ROUND_HELD)])
def test_round_that_stops_after_intake_tells_the_units_in_the_running_alone(story: Story, command: Giving, kind: MessageKind) -> None:
    story.endorsed()
    story.submit(candidate(2, unit=TOWN))
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(2), reason="离职"),)))
    story.tick(INTAKE_ENDS)
    preview = foretold(story, command(story))
    story.do(command(story))
    assert told(story, kind) == preview == sorted({"U1"} | BODIES)


@pytest.mark.parametrize(("command", "kind"), [(cancelling, K.ROUND_CANCELLED), (holding, K.ROUND_HELD)])
def test_round_that_stops_in_fulfilment_tells_the_units_of_the_certified(story: Story, command: Giving, kind: MessageKind) -> None:
    story.certified(1)
    assert story.stage() == "fulfilment"
    preview = foretold(story, command(story))
    story.do(command(story))
    assert told(story, kind) == preview == sorted({"U1"} | BODIES)


def test_hold_that_is_told_late_is_told_to_those_whom_it_met(story: Story) -> None:
    """The messages are made when the round runs on already: intake is over, one unit's candidate is out, another's came in."""
    story.submitted()
    story.hold()
    story.clock.move_to(local(6, 7))
    story.hold(False)
    story.do(Withdraw(**story.who, rows=(ReasonRow(nomination=number(1), reason="离职"),)))
    story.submit(candidate(2, unit=TOWN))
    story.endorse([2], unit="U2")
    story.tick(local(7, 10))
    assert story.stage() == "qualification"
    assert told(story, K.ROUND_HELD) == sorted(CALLED | BODIES)


def held_and_out_since(story: Story) -> None:
    """Hold a round in which two nominations run and one of them owes a correction, release it, and let both withdraw."""
    story.endorsed(2)
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.hold()
    story.clock.move_to(local(7, 7))
    story.hold(False)
    rows = tuple(ReasonRow(nomination=number(each), reason="离职") for each in (1, 2))
    story.do(Withdraw(**story.who, rows=rows))


def test_hold_after_intake_that_is_told_late_is_told_to_those_whom_it_met(story: Story) -> None:
    held_and_out_since(story)
    assert told(story, K.ROUND_HELD) == told(story, K.ROUND_RELEASED) == sorted({"U1"} | BODIES)


def test_hold_that_is_told_late_is_told_to_the_unit_that_work_was_handed_over_from(story: Story) -> None:
    story.endorsed()
    story.tick(INTAKE_ENDS)
    story.do(story.verdict(1, "return", reason="请补证明", fields=("证明材料",)))
    story.hold()
    story.clock.move_to(local(7, 7))
    story.hold(False)
    story.do(ReassignWork(**story.who, source="U1", target="U2", reason="单位合并"))
    assert told(story, K.ROUND_HELD) == told(story, K.ROUND_RELEASED) == sorted({"U1"} | BODIES)


@pytest.mark.parametrize(("command", "kind"), [(cancelling, K.ROUND_CANCELLED), (holding, K.ROUND_HELD)])
def test_owners_and_units_are_noted_once_each_in_the_ledger_which_replays(story: Story, command: Giving, kind: MessageKind) -> None:
    story.qualified(2)
    story.do(AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(each), expert="E1") for each in (1, 2))))
    story.do(command(story))
    (entry,) = story.entries(event=kind.value)
    payload = json.loads(entry.payload)
    assert (payload["owners"], payload["units"]) == (["E1", "office"], ["U1"])
    assert told(story, kind) == sorted({"E1", "U1"} | BODIES)
    story.verified()


def test_entry_that_does_not_say_whom_it_concerned_is_read_from_the_tables(story: Story) -> None:
    """So were entries written before they noted it; what was closed since still counts, what came since does not."""
    held_and_out_since(story)
    with story.store.read() as connection:
        scene = scene_of(story.house, Records(connection), story.slug)
        (entry,) = story.entries(event=K.ROUND_HELD.value)
        happening = from_ledger(vars(entry))
        assert {"owners", "units"} <= set(happening.payload)
        assert everybody_concerned(scene, replace(happening, payload={})) == everybody_concerned(scene, happening) == ["office", "U1"]


# --- what a release says ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = opened(tmp_path)
    yield town
    town.house.store.dispose()


def released(town: Town, until: str) -> Post:
    """Hold the round at once and release it at an instant; gives what was sent then."""
    town.act(HoldRound, reason="等待批复")
    town.post(Post())
    town.at(until)
    town.act(ReleaseRound)
    post = Post()
    town.post(post)
    return post


def said(post: Post, address: str) -> str:
    """Give what the one message to an address says of the release, without its head and foot."""
    (message,) = post.to(address)
    _, _, rest = message.body.partition("恢复计时\n")
    return rest.partition("缘由")[0]


def test_release_tells_everybody_what_they_owe_and_until_when(town: Town) -> None:
    town.submit("张建国", "李秀英", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    town.at("2023-06-08T10:00")
    town.submit("王大明", unit="物联网产业园工会联合会", unit_kind=PartyKind.UNION_FEDERATION)
    post = released(town, "2023-06-13T10:00")
    [first, second] = [item.due_day for item in town.rows(WorkItem, kind="endorsement")][1:]
    assert (first, second) == (date(2023, 6, 16), date(2023, 6, 20))
    assert said(post, "iot@union.example") == (
        "本届已恢复计时，未办结事项的期限顺延3个工作日，暂停期间新增的自新增之日起算。您的待办和现在的期限：\n"
        "  · 出具推荐意见（2项：BJGJ-2023-0001、BJGJ-2023-0002）：2023年6月16日（星期五），还有3个工作日\n"
        "  · 出具推荐意见（BJGJ-2023-0003）：2023年6月20日（星期二），还有5个工作日\n"
        "最近的期限：2023年6月16日（星期五），还有3个工作日\n"
    )
    (letter,) = post.to("iot@union.example")
    assert "You owe endorsement (2): 2023-06-16, 3 working days left; endorsement: 2023-06-20, 5 working days left." in letter.body


def test_release_tells_whoever_owes_nothing_when_the_stage_ends(town: Town) -> None:
    post = released(town, "2023-06-09T10:00")
    (clock,) = town.rows(StageClock, stage="intake")
    assert clock.due_day == date(2023, 7, 10)
    for address in ("changhe@union.example", "lead1@gov.example"):
        assert "您现在没有待办。\n“申报推荐”阶段的截止日：2023年7月10日（星期一），还有20个工作日\n" in said(post, address)
    assert "截止申报：2023年7月10日（星期一），还有20个工作日，届时系统自动办理\n" in said(post, "office@binjiang.example")


def test_release_before_the_opening_tells_the_day_of_the_opening(tmp_path: Path) -> None:
    town = found(tmp_path)
    town.do(OpenRound(round=SLUG, operator="OP01", rules=RULES, opens_on=date(2023, 6, 12)))
    post = released(town, "2023-06-08T10:00")
    assert said(post, "office@binjiang.example") == "本届已恢复计时，启动日期顺延2个工作日，将于2023年6月14日（星期三）启动。\n"
    town.house.store.dispose()


def test_release_that_moves_the_opening_off_a_rest_day_tells_its_day_to_whoever_never_heard_of_the_hold(tmp_path: Path) -> None:
    town = found(tmp_path)
    town.do(OpenRound(round=SLUG, operator="OP01", rules=RULES, opens_on=date(2023, 6, 17)))
    town.at("2023-06-16T21:00")
    town.act(HoldRound, reason="等待批复")
    town.at("2023-06-17T07:00")
    town.act(ReleaseRound)
    town.at("2023-06-17T09:00")
    town.post(post := Post())
    assert said(post, "office@binjiang.example") == "本届已恢复计时，暂停没有占去工作日，将于2023年6月19日（星期一）启动。\n"
    town.house.store.dispose()


def test_release_tells_the_leading_groups_members_what_the_group_owes(story: Story) -> None:
    members = tuple(RosterEntry(id=f"L{each}", kind=PartyKind.LEADING_GROUP_MEMBER, name=f"吴领{each}") for each in (1, 2))
    story.reviewed(1)
    story.do(ImportRoster(operator="op1", entries=members))
    story.hold()
    story.clock.move_to(local(7, 12))
    story.hold(False)
    with story.store.read() as connection:
        scene = scene_of(story.house, Records(connection), story.slug)
        assert [item.kind for item in owed_items(scene, "L1")] == [item.kind for item in owed_items(scene, "L2")] == ["resolution"]
        assert owed_items(scene, "U1") == []
