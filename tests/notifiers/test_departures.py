"""When messages leave: digest or at once by the recipient's choice, and one escalation digest a superior a day."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.vocabulary import PartyKind, Promptness
from notifiers.delivery import deliver
from notifiers.departures import ANY_KIND
from notifiers.digest import next_departure
from notifiers.kinds import MessageKind
from notifiers.outgoing import RefusedForGood, RefusedForNow
from notifiers.settling import settle_all
from states.commands.endorsements import EndorsementRow, RecordEndorsements
from states.commands.roster import RosterEntry
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from states.replay import verify
from states.tables import Delivery, LedgerEntry, Notification
from tests.notifiers.rounds import ROSTER, RULES, SLUG, Post, Town, opened

K, P = MessageKind, Promptness
NEXT = "bjgj-next"
JD01 = "changhe@union.example"


def roster(party: str, **choices: Promptness) -> Sequence[RosterEntry]:
    """The town's roster with what one party chose; ``any`` stands for every kind."""
    chosen = {ANY_KIND if kind == "any" else kind: word for kind, word in choices.items()}
    return [entry.model_copy(update={"promptness": chosen}) if entry.id == party else entry for entry in ROSTER]


@pytest.fixture
def towns(tmp_path: Path) -> Iterator["Towns"]:
    towns = Towns(tmp_path)
    yield towns
    for town in towns.made:
        town.house.store.dispose()


class Towns:
    """Makes towns whose opening has been told already."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[Town] = []

    def make(self, entries: Sequence[RosterEntry] = ROSTER, *, rounds: int = 1) -> Town:
        town = opened(self.folder, entries)
        self.made.append(town)
        if rounds > 1:
            rules = RULES.replace("number_prefix: BJGJ-2023", "number_prefix: BJGJ-NEXT").replace("第四届“滨江工匠”", "另一届“滨江工匠”")
            town.do(OpenRound(round=NEXT, operator="OP01", rules=rules, opens_on=date(2023, 6, 6)))
        town.post(Post())
        return town


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def submit_to(town: Town, slug: str, *names: str) -> None:
    """Submit nominations from below a subdistrict: its escalations go to JD01."""
    from states.commands.intake import SubmitNominations, SubmittedRow
    from tests.notifiers.rounds import candidate

    rows = tuple(
        SubmittedRow(place=f"第{n}行", candidate=candidate(name, n, "物联网产业园工会联合会", PartyKind.UNION_FEDERATION))
        for n, name in enumerate(names, start=2 if slug == SLUG else 50)
    )
    town.act(SubmitNominations, round=slug, rows=rows)


def kinds_to(town: Town, recipient: str) -> list[set[str]]:
    """The kinds that each delivery to a party carries, in the order in which they were made."""
    found = [town.rows(Notification, delivery=row.id) for row in town.rows(Delivery, recipient=recipient)]
    return [{row.kind for row in rows} for rows in sorted(found, key=lambda rows: min(row.at for row in rows))]


# --- one digest for all rounds ----------------------------------------------------------------------------------------------------------------


def test_two_rounds_are_one_message_grouped_by_round_and_stage(towns: Towns) -> None:
    town, post = towns.make(rounds=2), Post()
    submit_to(town, SLUG, "张建国")
    submit_to(town, NEXT, "李秀英")
    town.post(post)
    (message,) = post.to("iot@union.example")
    headings = [line for line in message.body.splitlines() if line.startswith("——")]
    assert headings == [
        "—— 第四届“滨江工匠”认定 · 申报推荐 ——",
        "—— 另一届“滨江工匠”认定 · 申报推荐 ——",
    ]
    table = [line for line in message.body.splitlines() if line[:2].strip().isdigit() and line[1] == " "]
    assert [line.split("  ")[0].strip() for line in table] == ["1", "2", "3", "4"]
    assert "（bjgj-2023、bjgj-next · " in message.body


def test_message_of_two_rounds_is_settled_into_both_ledgers(towns: Towns) -> None:
    town = towns.make(rounds=2)
    for _ in range(2):
        settle_all(town.house)  # of whom nothing reaches, the office hears
        town.post(Post())
    settle_all(town.house)
    submit_to(town, SLUG, "张建国")
    submit_to(town, NEXT, "李秀英")
    town.post(Post())
    assert settle_all(town.house) == 1  # the unit and nobody else: the office is told nothing of a nomination
    both = [town.rows(LedgerEntry, round=slug, event="deliveries_settled")[-1].payload for slug in (SLUG, NEXT)]
    (delivery,) = json.loads(both[0])["outcomes"]
    assert town.rows(Delivery, id=delivery)[0].recipient == "LH01"
    assert both == [f'{{"outcomes":{{"{delivery}":"sent"}}}}'] * 2
    assert settle_all(town.house) == 0
    assert list(verify(town.house.store, town.house.vault).findings) == []


# --- one escalation digest a superior a day ---------------------------------------------------------------------------------------------------


@pytest.fixture
def late(towns: Towns) -> Town:
    """Two rounds whose endorsements by the federation were due on 2023-06-13, on the morning after it, before any tick."""
    return late_town(towns, ROSTER)


def late_town(towns: Towns, entries: Sequence[RosterEntry]) -> Town:
    town = towns.make(entries, rounds=2)
    submit_to(town, SLUG, "张建国")
    submit_to(town, NEXT, "李秀英")
    town.post(Post())
    for day in ("2023-06-09", "2023-06-13"):
        town.at(f"{day}T09:00")
        tick(town, SLUG, NEXT)
        town.post(Post())
    town.at("2023-06-14T09:00")
    return town


def tick(town: Town, *slugs: str) -> None:
    for slug in slugs:
        town.do(Tick(round=slug))


def escalations(post: Post) -> int:
    return sum("上级" in message.body for message in post.to(JD01))


def test_second_escalation_of_a_day_waits_for_tomorrows_hour(late: Town) -> None:
    post = Post()
    tick(late, SLUG)
    late.at("2023-06-14T09:05")
    late.post(post)
    assert escalations(post) == 1
    tick(late, NEXT)
    late.post(post)
    assert escalations(post) == 1
    assert next_departure(late.house) == beijing("2023-06-15T09:00")
    late.at("2023-06-15T08:59:59")
    late.post(post)
    assert escalations(post) == 1
    late.at("2023-06-15T09:00")
    late.post(post)
    assert escalations(post) == 2


def test_escalations_wait_a_moment_for_a_round_whose_steps_are_due_now(late: Town) -> None:
    post = Post()
    tick(late, SLUG)
    late.post(post)
    assert escalations(post) == 0
    assert next_departure(late.house) == beijing("2023-06-14T09:05")
    late.at("2023-06-14T09:00:03")
    tick(late, NEXT)
    late.post(post)
    assert escalations(post) == 1
    assert "另一届" in post.to(JD01)[-1].body
    assert next_departure(late.house) is None


def test_escalations_do_not_wait_longer_for_a_round_that_does_not_tick(late: Town) -> None:
    post = Post()
    tick(late, SLUG)
    late.at("2023-06-14T09:04:59")
    late.post(post)
    assert escalations(post) == 0
    late.at("2023-06-14T09:05")
    late.post(post)
    assert escalations(post) == 1


def test_escalation_digest_that_was_refused_told_nobody_and_does_not_count(late: Town) -> None:
    tick(late, SLUG)
    late.at("2023-06-14T09:05")
    late.post(Post(answers={"mail": [RefusedForGood("没有这个邮箱")] * 9}))
    post = Post()
    tick(late, NEXT)
    late.post(post)
    assert escalations(post) == 1


def test_escalation_digest_on_its_way_holds_the_next_one_back(late: Town) -> None:
    tick(late, SLUG)
    late.at("2023-06-14T09:05")
    late.post(Post(answers={"mail": [RefusedForNow("邮箱已满")] * 9}))
    tick(late, NEXT)
    assert late.tell() == 0
    late.at("2023-06-15T09:00")
    assert late.tell() == 0
    post = Post()
    deliver(late.house, post, "postman")
    assert escalations(post) == 1


def test_superior_who_wants_them_at_once_has_one_digest_a_day_of_all_rounds_too(towns: Towns) -> None:
    town, post = late_town(towns, roster("JD01", any=P.IMMEDIATE)), Post()
    tick(town, SLUG, NEXT)
    town.post(post)
    assert escalations(post) == 1
    assert [line for line in post.to(JD01)[-1].body.splitlines() if line.startswith("——")] == [
        "—— 第四届“滨江工匠”认定 · 申报推荐 ——",
        "—— 另一届“滨江工匠”认定 · 申报推荐 ——",
    ]
    assert kinds_to(town, "JD01")[-1] == {K.ESCALATION.value}


# --- digest or at once ----------------------------------------------------------------------------------------------------------------------


def test_digest_by_choice_waits_for_the_morning_and_joins_the_others(towns: Towns) -> None:
    town = towns.make(roster("JD01", any=P.DIGEST))
    town.at("2023-06-06T10:01")
    town.submit("张建国")
    assert town.tell() == 0
    assert next_departure(town.house) == beijing("2023-06-07T09:00")
    town.at("2023-06-06T15:00")
    town.act(RecordEndorsements, rows=(EndorsementRow(nomination="BJGJ-2023-0001", unit="JD01", agrees=True),))
    town.submit("李秀英")
    town.at("2023-06-07T09:00")
    assert town.tell() == 1


@pytest.mark.parametrize(("moment", "leaves"), [("10:00:00", "2023-06-07T10:00"), ("10:00:01", "2023-06-08T09:00")])
def test_what_comes_up_within_the_hour_still_goes_with_the_mornings_digest(towns: Towns, moment: str, leaves: str) -> None:
    town = towns.make(roster("JD01", any=P.DIGEST))
    town.at(f"2023-06-07T{moment}")
    town.submit("张建国")
    town.tell()
    assert next_departure(town.house) in (None, beijing(leaves))
    assert town.rows(Delivery, recipient="JD01", status="queued") == [] or leaves.endswith("10:00")


def test_what_falls_due_before_the_next_digest_is_told_at_once(towns: Towns) -> None:
    town = towns.make(roster("JD01", any=P.DIGEST))
    town.submit("张建国")
    town.at("2023-06-07T09:00")
    town.post(Post())
    town.at("2023-06-13T11:00")  # the day on which the endorsement is due; the tick is late
    town.tick()
    assert town.tell() == 1
    assert K.REMINDER.value in kinds_to(town, "JD01")[-1]


def test_immediate_by_choice_leaves_by_itself(towns: Towns) -> None:
    town = towns.make(roster("JD01", work_opened=P.IMMEDIATE))
    town.at("2023-06-06T10:01")
    town.submit("张建国", "李秀英")
    assert town.tell() == 2
    assert sorted(map(sorted, kinds_to(town, "JD01")[-2:])) == [[K.SUBMITTED.value], [K.WORK_OPENED.value]]


def test_named_kind_goes_before_every_kind(towns: Towns) -> None:
    town = towns.make(roster("JD01", any=P.DIGEST, work_opened=P.IMMEDIATE))
    town.at("2023-06-06T10:01")
    town.submit("张建国")
    assert town.tell() == 1
    assert kinds_to(town, "JD01")[-1] == {K.WORK_OPENED.value}


def test_immediate_keeps_the_quiet_hours(towns: Towns) -> None:
    town = towns.make(roster("JD01", any=P.IMMEDIATE))
    town.at("2023-06-06T20:00")
    town.submit("张建国")
    assert town.tell() == 0
    assert next_departure(town.house) == beijing("2023-06-07T09:00")


def test_no_choice_silences_anything(towns: Towns) -> None:
    for word in Promptness:
        town = towns.make(roster("JD01", any=word))
        town.submit("张建国")
        town.at("2023-06-07T09:00")
        town.post(Post())
        assert {row.kind for row in town.rows(Notification, subject="BJGJ-2023-0001", recipient="JD01") if row.delivery} == {
            K.SUBMITTED.value,
            K.WORK_OPENED.value,
        }
