"""The ledger: one chain, one way to write JSON, and a database that refuses to change what happened."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from config.vocabulary import PartyKind
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import OpenRound
from states.errors import CommandRefused
from states.house import House
from states.ledger import HASHED, Entry, canonical, chained, digest, entry_hash, genesis, plain
from states.replay import verify
from states.store import Store
from states.tables import Chain, CommandRow, LedgerEntry, Nomination, Party, Round
from states.work import Work
from tests.states.builders import Story
from tests.states.figures import OPENS, ROSTER, SLUG, candidate, rules

NOON = datetime(2023, 6, 6, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def run(story: Story, statement: str) -> None:
    with story.store.write() as connection:
        connection.execute(text(statement))


# --- how an entry is written


def test_canonical_json_has_one_form() -> None:
    value = {"b": [date(2023, 6, 6), NOON, Decimal("1.50")], "a": "工匠"}
    assert canonical(value) == '{"a":"工匠","b":["2023-06-06","2023-06-06T04:00:00.000000Z","1.50"]}'


@pytest.mark.parametrize("value", [datetime(2023, 6, 6, 12, 0), object(), {1, 2}])  # noqa: DTZ001 - naive on purpose
def test_canonical_json_refuses_what_has_no_one_form(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical([value])


def test_instants_are_written_in_utc() -> None:
    assert plain(NOON) == plain(NOON.astimezone(UTC)) == "2023-06-06T04:00:00.000000Z"


def test_digest_tells_lists_of_parts_apart() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", "")}) == 4


def test_every_hashed_field_changes_the_hash() -> None:
    (row,) = chained([Entry("submitted", "X-1", payload={"a": 1})], "r", 0, genesis("r", ""), NOON, "op1")
    assert row["hash"] == entry_hash(row)
    for name in HASHED:
        assert entry_hash(row | {name: f"{row[name]}x"}) != row["hash"], name
    assert set(HASHED) == set(LedgerEntry.model_fields) - {"hash"}


def test_genesis_hangs_on_name_and_rules() -> None:
    assert len({genesis("a", "x"), genesis("a", "y"), genesis("b", "x")}) == 3


# --- the chain in the database


def test_chain_runs_from_its_genesis_to_its_head(story: Story) -> None:
    story.intake_over(2)
    for chain in story.rows(Chain):
        head = chain.genesis
        entries = story.entries(round=chain.name)
        for place, entry in enumerate(entries, start=1):
            assert (entry.seq, entry.prev) == (place, head)
            head = entry_hash(vars(entry))
            assert entry.hash == head
        assert (chain.seq, chain.head) == (len(entries), head)
    assert [chain.name for chain in story.rows(Chain)] == [SLUG, "house"]


REFUSED = (
    "UPDATE ledger_entry SET event = 'x'",
    "UPDATE ledger_entry SET payload = payload WHERE seq = 1",
    "DELETE FROM ledger_entry WHERE seq = 2",
    "DELETE FROM ledger_entry",
)
_REST = "at, event, subject, source, target, operator, on_behalf_of, document, payload"
REFUSED_BY_SQLITE = (
    "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE seq = 1",
    "REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE seq = 1",
    "UPDATE OR REPLACE ledger_entry SET seq = 2 WHERE seq = 1",
    f"INSERT OR REPLACE INTO ledger_entry SELECT round, 99, {_REST}, prev, hash FROM ledger_entry WHERE seq = 1",  # noqa: S608 - our own column names
    f"INSERT OR REPLACE INTO ledger_entry (rowid, round, seq, {_REST}, prev, hash) SELECT 1, 'z', 1, {_REST}, 'z', 'z' FROM ledger_entry WHERE seq = 1",  # noqa: S608 - the same
)
REFUSED_BY_POSTGRES = (
    "TRUNCATE ledger_entry",
    "INSERT INTO ledger_entry SELECT * FROM ledger_entry WHERE seq = 1 ON CONFLICT (round, seq) DO UPDATE SET event = 'x'",
)


def test_database_itself_refuses_to_change_the_ledger(story: Story) -> None:
    story.open()
    before = story.entries()
    for statement in (*REFUSED, *(REFUSED_BY_SQLITE if story.store.is_sqlite else REFUSED_BY_POSTGRES)):
        with pytest.raises(DatabaseError, match="append-only"):
            run(story, statement)
        assert story.entries() == before, statement
    story.verified()


@pytest.mark.parametrize("kept", ["seq", "prev"])
def test_place_in_the_chain_is_given_once(story: Story, kept: str) -> None:
    story.open()
    columns = list(LedgerEntry.model_fields)
    values = [{"seq": "999", "prev": "'other'"}.get(name, name) if name != kept else name for name in columns]
    statement = (
        f"INSERT INTO ledger_entry ({', '.join(columns)}) SELECT {', '.join(values)} FROM ledger_entry WHERE round = 'house' AND seq = 2"  # noqa: S608
    )
    with pytest.raises(DatabaseError):
        run(story, statement)


# --- two writers at once


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run jobs in threads that start together; an error is given back as what it is."""
    gate = threading.Barrier(len(jobs))

    def start(job: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return job()
        except CommandRefused as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(start, jobs))


def experts(story: Story, writer: int, times: int) -> None:
    for turn in range(times):
        entry = RosterEntry(id=f"W{writer}-{turn}", kind=PartyKind.EXPERT, name="专家")
        story.send(ImportRoster(operator="op1", entries=(entry,)), run=f"writer-{writer}-{turn}")


def test_writers_at_once_do_not_fork_the_chain(story: Story) -> None:
    story.open()
    before = len(story.entries(round="house"))
    at_once([partial(experts, story, writer, 8) for writer in range(4)])
    entries = story.entries(round="house")
    assert [entry.seq for entry in entries] == list(range(1, before + 33))
    assert len({entry.prev for entry in entries}) == before + 32
    story.verified()


def test_first_two_commands_of_a_house_at_once_make_one_chain(story: Story) -> None:
    command = ImportRoster(operator="op1", entries=ROSTER, again=True)
    given = at_once([partial(story.send, command, name) for name in ("a", "b")])
    known = len(ROSTER)
    assert {result.outcome.summary for result in given} == {
        f"名册：新增或更新 {known} 个，未变 0 个",
        f"名册：新增或更新 0 个，未变 {known} 个",
    }
    assert [chain.name for chain in story.rows(Chain)] == ["house"]
    story.verified()


def test_round_opened_twice_at_once_is_opened_once(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    command = OpenRound(**story.who, rules=rules(), opens_on=OPENS, again=True)
    given = at_once([partial(story.send, command, name) for name in ("a", "b")])
    refused = [each for each in given if isinstance(each, CommandRefused)]
    assert [each.refusals[0].code for each in refused] == ["slug-taken"]
    story.verified()


def opening(story: Story, slug: str, prefix: str) -> OpenRound:
    return OpenRound(round=slug, operator="op1", rules=rules(("number_prefix: BJGJ-2023", f"number_prefix: {prefix}")), opens_on=OPENS)


def test_two_rounds_opened_at_once_never_share_a_number_prefix(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    given = at_once([partial(story.send, opening(story, slug, "GONG-2023"), slug) for slug in ("r1", "r2")])
    (refused,) = [each for each in given if isinstance(each, CommandRefused)]
    (slug,) = [row.slug for row in story.rows(Round)]
    assert [each.sentence for each in refused.refusals] == [
        f"申报号前缀 GONG-2023 已由“{slug}”使用，请在认定办法的 number_prefix 里另取一个"
    ]
    story.verified()


def test_first_two_rounds_of_a_house_at_once_enter_one_office(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=ROSTER))
    at_once([partial(story.send, opening(story, slug, prefix), slug) for slug, prefix in (("r1", "AA-2023"), ("r2", "BB-2023"))])
    assert [row.slug for row in story.rows(Round)] == ["r1", "r2"]
    assert len(story.rows(Party, kind="district_office")) == 1
    story.verified()


def test_unit_that_two_rounds_bring_at_once_is_entered_once(story: Story) -> None:
    story.do(ImportRoster(operator="op1", entries=tuple(entry for entry in ROSTER if entry.kind == PartyKind.OPERATOR)))
    for slug, prefix in (("r1", "AA-2023"), ("r2", "BB-2023")):
        story.send(opening(story, slug, prefix))
    rows = tuple(SubmittedRow(place=f"第{each}行", candidate=candidate(each, unit="全新单位工会")) for each in range(1, 9))
    at_once([partial(story.send, SubmitNominations(round=slug, operator="op1", rows=rows), f"{slug}-in") for slug in ("r1", "r2")])
    assert len(story.rows(Nomination)) == 16
    assert len(story.rows(Party, name="全新单位工会")) == 1
    story.verified()


def test_database_refuses_two_rounds_of_one_number_prefix(story: Story) -> None:
    story.open()
    story.send(opening(story, "r2", "BB-2023"))
    with pytest.raises(DatabaseError, match="number_prefix"):
        run(story, "UPDATE round SET number_prefix = 'BJGJ-2023'")


def test_round_that_enters_a_party_without_the_houses_lock_is_stopped(story: Story) -> None:
    story.open()
    with story.store.write() as connection:
        work = Work(connection, story.row(Chain, name=SLUG), story.clock.now(), story.vault)
        work.record("party_registered", "X1").insert(Party, id="X1", kind=PartyKind.EXPERT.value, name="某人")
        with pytest.raises(RuntimeError, match="the house is not locked"):
            work.commit()
    assert story.rows(Party, id="X1") == []


def test_one_run_sent_twice_at_once_is_applied_once(story: Story) -> None:
    story.open()
    command = ImportRoster(operator="op1", entries=(RosterEntry(id="E9", kind=PartyKind.EXPERT, name="专家九"),))
    given = at_once([partial(story.send, command, "same")] * 2)
    assert sorted(result.again for result in given) == [False, True]
    assert len(story.entries(subject="E9")) == 1
    assert len(story.rows(CommandRow, id="same")) == 1


def test_looking_sees_one_moment_while_others_write(story: Story) -> None:
    story.open()
    with story.store.read() as connection:
        count = text("SELECT count(*) FROM ledger_entry")
        before = connection.execute(count).scalar_one()
        experts(story, 1, 1)
        assert connection.execute(count).scalar_one() == before
    assert len(story.entries()) == before + 1


def test_second_process_sees_what_the_first_has_written(story: Story, url: str) -> None:
    story.open()
    other = Store(url)
    house = House(other, story.clock, story.chance, story.vault, lambda work: [])
    assert verify(house.store, house.vault).verified
    other.dispose()


def test_round_of_a_work_without_its_row_is_refused(story: Story) -> None:
    story.open()
    with story.store.write() as connection:
        work = Work(connection, Chain(name="nowhere", genesis="", head=""), story.clock.now(), story.vault)
        with pytest.raises(CommandRefused, match="没有代号为“nowhere”的届次"):
            _ = work.round
