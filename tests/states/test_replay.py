"""``verify`` finds whatever was changed behind the house's back, and nothing where nothing was."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text, update

from states.clock import SeededChance
from states.commands.notice import AnswerRow, ResolveObjection
from states.commands.rounds import AmendRound
from states.commands.timing import ExtendDeadline
from states.ledger import canonical, entry_hash
from states.ledger_triggers import STATEMENTS
from states.records import table_of
from states.replay import verify
from states.tables import RECORDED, Chain, Delivery, LedgerEntry, Party, VaultText
from states.vault import Vault
from states.work import Work, lock_chain
from tests.states.builders import NOTICE_ENDS, Story
from tests.states.figures import SLUG, clearing, number, rules
from tests.states.scenes import once

SQLITE_OFF = [f"DROP TRIGGER {name}" for name in STATEMENTS["sqlite"]]
POSTGRES_OFF = ["DROP TRIGGER ledger_no_change ON ledger_entry", "DROP TRIGGER ledger_no_truncate ON ledger_entry"]
# A column of each recorded table that may be changed without breaking a CHECK, and to what.
CHANGES = {
    "round": ("title", "别的"),
    "stage_clock": ("due_day", "2023-01-01"),
    "party": ("field", "别的"),
    "work_item": ("due_version", 9),
    "nomination": ("version", 99),
    "endorsement": ("layer", 9),
    "clearance": ("department", "D2"),
    "finding": ("fact", "别的"),
    "objection": ("received_on", "2023-01-01"),
    "benefit": ("amount", 1),
    "panel_seat": ("recused", "true"),
    "score_sheet": ("points", '\'{"skill": "1"}\''),
    "resolution_session": ("document", "别的"),
    "ballot": ("approve", 1),
    "notice_batch": ("document", "别的"),
}


@contextmanager
def behind_its_back(story: Story, ledger: bool = False) -> Iterator[Any]:
    """A connection that asks for no foreign keys; ``ledger`` takes the triggers away and puts them up again."""
    on_sqlite = story.store.is_sqlite
    with story.store.engine.connect() as connection:
        keys_held(connection, on_sqlite, held=False)
        for statement in (SQLITE_OFF if on_sqlite else POSTGRES_OFF) if ledger else ():
            connection.execute(text(statement))
        yield connection
        for name, statement in STATEMENTS["sqlite" if on_sqlite else "postgresql"].items() if ledger else ():
            if name != "ledger_refuse":
                connection.execute(text(statement))
        connection.commit()
        keys_held(connection, on_sqlite, held=True)


def keys_held(connection: Connection, on_sqlite: bool, *, held: bool) -> None:
    """Ask for foreign keys or not; SQLite hears that outside of transactions alone."""
    driver: Any = connection.connection.dbapi_connection
    if on_sqlite:
        driver.execute(f"PRAGMA foreign_keys={'ON' if held else 'OFF'}")
    else:
        driver.execute(f"SET session_replication_role = {'DEFAULT' if held else 'replica'}")
        driver.commit()


def change(story: Story, statement: str, ledger: bool = False, **values: Any) -> None:
    with behind_its_back(story, ledger) as connection:
        connection.execute(text(statement), values)


def findings(story: Story) -> list[str]:
    return verify(story.store, story.vault).findings


@once
def everything_there(story: Story) -> Story:
    """A round in which every recorded table has a row."""
    story.on_notice(2, reserves=1, text=clearing("D1"))
    story.do(story.objection(1))
    answer = AnswerRow(objection="BJGJ-2023-Y001", upheld=False, report="报告1", reason="查无实据")
    story.do(ResolveObjection(**story.who, rows=(answer,)))
    story.tick(NOTICE_ENDS)
    story.do(story.certify())
    story.do(story.grants(kind="title"))
    return story


@pytest.fixture
def full(story: Story) -> Story:
    return everything_there(story)


def test_untouched_house_verifies_with_its_figures(full: Story) -> None:
    report = verify(full.store, full.vault)
    assert (report.verified, report.chains, report.entries) == (True, 2, len(full.entries()))
    assert verify(full.store).verified
    assert {row_type for row_type in RECORDED if full.rows(row_type)} == set(RECORDED)


# --- the chain


@pytest.mark.parametrize("column", ["event", "at", "operator", "document", "payload"])
def test_changed_entry_is_found(full: Story, column: str) -> None:
    value = {"payload": "'{}'", "at": "'2023-06-06T00:00:00.000000Z'"}.get(column, "'x'")
    change(full, f"UPDATE ledger_entry SET {column} = {value} WHERE round = :slug AND seq = 5", ledger=True, slug=SLUG)  # noqa: S608
    assert "台账 bjgj-2023 第 5 条被改动：哈希不符" in findings(full)


def test_changed_entry_with_a_hash_that_fits_it_is_found_by_the_next(full: Story) -> None:
    change(full, "UPDATE ledger_entry SET hash = 'x' WHERE round = :slug AND seq = 5", ledger=True, slug=SLUG)
    assert findings(full) == ["台账 bjgj-2023 第 5 条被改动：哈希不符"]


@pytest.mark.parametrize("payload", ["no json", "[]", '{"changes": [1]}', '{"texts": [{}]}', "null"])
def test_entry_that_cannot_be_read_is_found_and_does_not_stop_the_search(full: Story, payload: str) -> None:
    change(full, "UPDATE ledger_entry SET payload = :payload WHERE round = :slug AND seq = 5", ledger=True, slug=SLUG, payload=payload)
    found = findings(full)
    assert found[0] == "台账 bjgj-2023 第 5 条被改动：哈希不符"
    assert "台账 bjgj-2023 第 5 条读不出来，无法重放" in found


def test_missing_entry_is_found(full: Story) -> None:
    change(full, "DELETE FROM ledger_entry WHERE round = :slug AND seq = 7", ledger=True, slug=SLUG)
    assert "台账 bjgj-2023 缺少第 7 条" in findings(full)


def test_missing_last_entry_is_found(full: Story) -> None:
    last = len(full.entries(round=SLUG))
    change(full, "DELETE FROM ledger_entry WHERE round = :slug AND seq = :last", ledger=True, slug=SLUG, last=last)
    assert f"台账 bjgj-2023 的末尾与登记不符（{last - 1} 条，应为 {last} 条）" in findings(full)


def test_chain_that_lost_its_row_is_found(full: Story) -> None:
    change(full, "DELETE FROM chain WHERE name = 'house'")
    assert findings(full) == ["台账 house 没有登记在册"]


def test_houses_genesis_is_known(full: Story) -> None:
    change(full, "UPDATE chain SET genesis = 'x' WHERE name = 'house'")
    assert findings(full) == ["全局台账的起点被改动", "台账 house 第 1 条被改动：哈希不符"]


def test_dropped_trigger_is_found(full: Story) -> None:
    change(full, "DROP TRIGGER ledger_no_delete" if full.store.is_sqlite else "DROP TRIGGER ledger_no_truncate ON ledger_entry")
    name = "ledger_no_delete" if full.store.is_sqlite else "ledger_no_truncate"
    assert findings(full) == [f"台账的保护触发器“{name}”缺失或被改动"]


def test_trigger_that_no_longer_refuses_is_found(full: Story) -> None:
    if full.store.is_sqlite:
        change(full, "DROP TRIGGER ledger_no_update")
        change(full, "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT 1; END")
        assert findings(full) == ["台账的保护触发器“ledger_no_update”缺失或被改动"]
    else:
        change(full, "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_no_change")
        assert findings(full) == ["台账的保护触发器“ledger_no_change”缺失或被改动"]
        change(full, "ALTER TABLE ledger_entry ENABLE TRIGGER ledger_no_change")
        change(full, "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$")
        assert len(findings(full)) == 2


# --- the tables


def literal(value: Any) -> str:
    return value if isinstance(value, str) and value[:1] in "'t" else f"'{value}'" if isinstance(value, str) else str(value)


def test_changed_row_of_every_recorded_table_is_found(full: Story) -> None:
    assert set(CHANGES) == {table_of(row_type).name for row_type in RECORDED}
    for name, (column, value) in CHANGES.items():
        table = next(table_of(row_type) for row_type in RECORDED if table_of(row_type).name == name)
        row = vars(full.rows(next(each for each in RECORDED if table_of(each) is table))[0])
        keys = " AND ".join(f"{key.name} = '{row[key.name]}'" for key in table.primary_key)
        with behind_its_back(full) as connection:
            connection.execute(text(f"UPDATE {name} SET {column} = {literal(value)} WHERE {keys}"))  # noqa: S608 - our own names
        (found,) = findings(full)
        assert found.startswith(f"表 {name} 的 ")
        assert found.endswith(f"与台账不符：{column}")
        with behind_its_back(full) as connection:
            connection.execute(table.update().where(text(keys)).values({column: row[column]}))
        assert findings(full) == [], name


def test_row_of_every_recorded_table_that_is_gone_or_was_added_is_found(full: Story) -> None:
    for row_type in RECORDED:
        table = table_of(row_type)
        row = vars(full.rows(row_type)[0])
        keys = " AND ".join(f"{key.name} = '{row[key.name]}'" for key in table.primary_key)
        with behind_its_back(full) as connection:
            connection.execute(text(f"DELETE FROM {table.name} WHERE {keys}"))  # noqa: S608 - our own names
        gone = [each for each in findings(full) if each.startswith(f"台账记载的 {table.name} ")]
        assert len(gone) == 1, table.name
        first = next(iter(table.primary_key)).name
        strange = row | {first: "zz-9"} | {"nomination": {"certificate": "zz"}, "round": {"number_prefix": "ZZ"}}.get(table.name, {})
        with behind_its_back(full) as connection:
            connection.execute(insert(table), [row, strange])
        (added,) = findings(full)
        assert added.startswith(f"表 {table.name} 的 ")
        assert added.endswith("在台账中没有记载")
        with behind_its_back(full) as connection:
            connection.execute(text(f"DELETE FROM {table.name} WHERE {first} = 'zz-9'"))  # noqa: S608 - our own names
    assert findings(full) == []


def test_columns_beside_the_ledger_may_be_purged(full: Story) -> None:
    change(full, "UPDATE party SET name = '*', employer = ''")
    assert findings(full) == []
    assert full.rows(Party)[0].name == "*"


def test_objection_that_lost_its_nomination_is_an_error(full: Story) -> None:
    change(full, "UPDATE objection SET nomination = 'nobody', status = 'open', report = NULL")
    answer = AnswerRow(objection="BJGJ-2023-Y001", upheld=False, report="报告2")
    with pytest.raises(LookupError, match="objection BJGJ-2023-Y001 has no nomination"):
        full.do(ResolveObjection(**full.who, rows=(answer,)))


# --- the rules


def test_changed_rules_are_found(full: Story) -> None:
    change(full, "UPDATE round SET rules = rules || '#'")
    assert findings(full) == ["bjgj-2023 冻结的认定办法被改动"]


def test_changed_first_rules_are_found(full: Story) -> None:
    change(full, "UPDATE rules_text SET text = text || '#'")
    assert findings(full) == ["bjgj-2023 第 1 版认定办法被改动或缺失", "bjgj-2023 最初的认定办法与台账起点不符"]


def test_lost_rules_are_found(story: Story) -> None:
    story.open()
    story.do(AmendRound(**story.who, rules=rules(("quota: 2 ", "quota: 3 ")), reason="增加名额"))
    change(story, "DELETE FROM rules_text WHERE version = 2")
    assert findings(story) == ["bjgj-2023 第 2 版认定办法被改动或缺失"]
    change(story, "DELETE FROM rules_text")
    assert "bjgj-2023 最初的认定办法与台账起点不符" in findings(story)


# --- the vault


def test_changed_text_is_found_and_a_purged_one_is_not(full: Story) -> None:
    first, second = [row.id for row in full.rows(VaultText)][:2]
    body = full.vault.seal("别的理由", f"text {first}")
    change(full, "UPDATE vault_text SET body = :body WHERE id = :id", body=body, id=first)
    assert findings(full) == [f"保密库文本 {first} 与台账不符"]
    assert verify(full.store).verified
    change(full, "DELETE FROM vault_text WHERE id = :id", id=first)
    assert findings(full) == []
    change(full, "UPDATE vault_text SET body = '%%%' WHERE id = :id", id=second)
    assert findings(full) == [f"保密库文本 {second} 与台账不符"]


def test_text_beside_the_ledger_is_found(full: Story) -> None:
    values = {"id": "x", "round": SLUG, "subject": "", "kind": "reason", "body": full.vault.seal("塞入", "text x"), "salt": ""}
    with behind_its_back(full) as connection:
        connection.execute(insert(table_of(VaultText)), [values])
    assert findings(full) == ["保密库文本 x 与台账不符"]


def test_changed_candidate_is_found_and_a_purged_one_is_not(full: Story) -> None:
    change(
        full,
        "UPDATE person SET body = (SELECT p.body FROM person p WHERE p.nomination = :other) WHERE nomination = :one",
        one=number(1),
        other=number(2),
    )
    assert findings(full) == [f"保密库中 {number(1)} 的申报人资料与台账不符"]
    change(full, "DELETE FROM person WHERE nomination = :one", one=number(1))
    assert findings(full) == []
    change(full, "UPDATE person SET salt = 'x' WHERE nomination = :two", two=number(2))
    assert findings(full) == [f"保密库中 {number(2)} 的申报人资料与台账不符"]


def test_wrong_key_opens_nothing(full: Story) -> None:
    stranger = Vault(b"0" * 32, SeededChance(1))
    assert len(verify(full.store, stranger).findings) == len(full.rows(VaultText)) + 3


# --- deliveries


def settle(story: Story, outcomes: dict[str, str]) -> None:
    """Enter outcomes of deliveries as the outbox does, in one entry."""
    with story.store.write() as connection:
        chain = lock_chain(connection, SLUG)
        assert chain is not None
        work = Work(connection, chain, story.clock.now(), story.vault)
        work.record("deliveries_settled", payload={"outcomes": outcomes})
        work.commit()


def test_outcome_of_a_delivery_that_differs_is_found(full: Story) -> None:
    at = datetime(2023, 7, 13, tzinfo=UTC)
    rows = [
        {"id": f"delivery-{each}", "round": SLUG, "recipient": "U1", "channel": "", "tried": [], "status": "sent", "attempts": 1}
        | {"due_at": at, "holder": "", "answer": "", "in_ledger": each != "c"}
        for each in "abc"
    ]
    with behind_its_back(full) as connection:
        connection.execute(insert(table_of(Delivery)), rows)
    settle(full, {"delivery-a": "sent", "delivery-b": "sent"})
    assert findings(full) == []
    change(full, "UPDATE delivery SET status = 'unknown' WHERE id = 'delivery-a'")
    change(full, "DELETE FROM delivery WHERE id = 'delivery-b'")
    assert findings(full) == ["送达 delivery-a 的结果与台账不符", "送达 delivery-b 的结果与台账不符"]


def test_replay_needs_only_the_entries(full: Story) -> None:
    """What an entry says of a row is in its own payload, keyed by table and primary key."""
    entry = next(each for each in full.rows(LedgerEntry, event="nomination_certified"))
    table, key, values = json.loads(entry.payload)["changes"][0]
    assert (table, key) == ("nomination", {"number": number(1)})
    assert values["state"] == "government_certified"
    assert values["certificate"] == "BJGJ-2023-Z001"


def forgetful(payload: str) -> str:
    """A payload as it was written before the columns that came later."""
    told = json.loads(payload)
    for table, _, values in told.get("changes", ()):
        for name in next(row.added for row in RECORDED if table_of(row).name == table):
            values.pop(name, None)
    return canonical(told)


def written_before(story: Story) -> None:
    """The ledger was written when rows had none of the columns that were added since."""
    entry, chain = table_of(LedgerEntry), table_of(Chain)
    with behind_its_back(story, ledger=True) as connection:
        for name, first in connection.execute(select(chain.c.name, chain.c.genesis)).all():
            head = first
            for row in connection.execute(select(entry).where(entry.c.round == name).order_by(entry.c.seq)).mappings().all():
                old = {**row, "payload": forgetful(row["payload"]), "prev": head}
                old["hash"] = head = entry_hash(old)
                connection.execute(update(entry).where(entry.c.round == name, entry.c.seq == row["seq"]).values(old))
            connection.execute(update(chain).where(chain.c.name == name).values(head=head))


def test_ledger_that_is_older_than_a_column_replays(story: Story) -> None:
    story.submitted()
    written_before(story)
    story.verified()
    story.do(ExtendDeadline(**story.who, due_day=date(2023, 7, 12), reason="台风停工"))
    story.verified()


def test_column_of_which_an_older_ledger_does_not_speak_stands_at_its_default(story: Story) -> None:
    story.submitted()
    written_before(story)
    with behind_its_back(story) as connection:
        connection.execute(text("UPDATE stage_clock SET planned_days = 3"))
    (finding,) = verify(story.store, story.vault).findings
    assert finding.endswith("与台账不符：planned_days")
