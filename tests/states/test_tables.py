"""What the database itself refuses: rows whose fields do not fit their state, words that are none, values out of bounds."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import DateTime, insert, select, text
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.exc import IntegrityError

from config.vocabulary import NominationState, RoundState
from states.records import Records, defaults_of, key_of, table_of
from states.store import Store
from states.tables import Benefit, Endorsement, LedgerEntry, Nomination, Party, Row, StageClock, metadata
from states.tables.base import Instant
from tests.states.builders import Story
from tests.states.figures import SLUG, number

DIALECT = SQLiteDialect()
AT = "2023-07-01 00:00:00"
# table, condition that picks one row, columns to set, the CHECK that refuses it
WRONG = (
    ("nomination", "state = 'submitted'", "state = 'approved'", "state_word"),
    ("nomination", "state = 'submitted'", "state = 'government_certified'", "certified"),
    ("nomination", "state = 'submitted'", "certificate = 'Z9', document = 'x', document_date = '2023-07-01'", "certified"),
    ("nomination", "state = 'government_certified'", "certificate = NULL", "certified"),
    ("nomination", "state = 'government_certified'", "document = NULL", "certified"),
    ("nomination", "state = 'government_certified'", "document_date = NULL", "certified"),
    ("nomination", "state = 'government_certified'", "state = 'revoked'", "revoked"),
    ("nomination", "state = 'government_certified'", "revoked_by_document = 'x'", "revoked"),
    ("nomination", "state = 'submitted'", "state = 'returned'", "returned"),
    ("nomination", "state = 'submitted'", f"correction_due_at = '{AT}'", "returned"),
    ("nomination", "state = 'submitted'", "state = 'reserved'", "reserved"),
    ("nomination", "state = 'submitted'", "reserve_rank = 1", "reserved"),
    ("nomination", "state = 'submitted'", "state = 'rejected'", "closed"),
    ("nomination", "state = 'submitted'", "state = 'lapsed'", "closed"),
    ("nomination", "state = 'submitted'", "state = 'not_selected'", "closed"),
    ("nomination", "state = 'submitted'", "came_from = 'qualified'", "closed"),
    ("nomination", "state = 'submitted'", "state = 'publicly_noticed'", "noticed"),
    ("round", "1 = 1", "state = 'closed'", "closed"),
    ("round", "1 = 1", f"closed_at = '{AT}'", "closed"),
    ("round", "1 = 1", "intake_closed_at = NULL", "intake_closed"),
    ("round", "1 = 1", "state = 'paused'", "state_word"),
    ("round", "1 = 1", "held = true", "held"),
    ("round", "1 = 1", f"held_at = '{AT}'", "held"),
    ("stage_clock", "stage = 'intake'", "stage = 'planned'", "stage_word"),
    ("party", "id = 'E1'", "kind = 'somebody'", "kind_word"),
    ("party", "id = 'E1'", "deputy_from = '2023-07-01'", "deputy_dates"),
    ("party", "id = 'E1'", "deputy_to = '2023-07-01'", "deputy_dates"),
    ("work_item", "status = 'done'", "kind = 'tea'", "kind_word"),
    ("work_item", "status = 'done'", "status = 'late'", "status_word"),
    ("work_item", "status = 'done'", "status = 'open'", "open"),
    ("work_item", "status = 'done'", "done_at = NULL", "open"),
    ("finding", "condition = 'years'", "result = 'perhaps'", "result_word"),
    ("finding", "condition = 'years'", "strength = 'weak'", "strength_word"),
    ("finding", "condition = 'years'", "result = 'waived'", "waived_with_reason"),
    ("finding", "condition = 'skill'", "result = 'waived', reason = 'x'", "waived_with_reason"),
    ("objection", "1 = 1", "status = 'lost'", "status_word"),
    ("objection", "1 = 1", "signed = false", "unsigned_is_noted"),
    ("objection", "1 = 1", "status = 'upheld', report = NULL", "answered_with_report"),
    ("objection", "1 = 1", "status = 'dismissed', report = NULL", "answered_with_report"),
    ("benefit", "kind = 'award'", "kind = 'car'", "kind_word"),
    ("benefit", "kind = 'award'", "status = 'granted'", "granted"),
    ("benefit", "kind = 'award'", "granted_on = '2023-07-01'", "granted"),
    ("benefit", "kind = 'award'", "status = 'lost'", "status_word"),
    ("resolution_session", "1 = 1", "present = members + 1", "heads"),
    ("resolution_session", "1 = 1", "present = -1", "heads"),
    ("ballot", "vote = 'approve'", "vote = 'maybe'", "vote_word"),
    ("ballot", "vote = 'approve'", "approve = -1", "counts"),
    ("ballot", "vote = 'approve'", "against = -1", "counts"),
    ("ballot", "vote = 'approve'", "abstain = -1", "counts"),
)


@pytest.fixture
def full(story: Story) -> Story:
    """One of two is certified, the other still submitted, so that every table has a row to spoil."""
    story.on_notice(1, reserves=1)
    story.do(story.objection(1))
    with story.store.write() as connection:
        connection.execute(text("UPDATE objection SET status = 'dismissed', report = 'r'"))
        plain = "state = 'submitted', reserve_rank = NULL"
        connection.execute(text(f"UPDATE nomination SET {plain} WHERE number = '{number(2)}'"))  # noqa: S608 - our own words
        certified = f"state = 'government_certified', certificate = 'Z1', document = 'd', document_date = '2023-07-01', entered_at = '{AT}'"
        connection.execute(text(f"UPDATE nomination SET {certified} WHERE number = '{number(1)}'"))  # noqa: S608 - our own words
        values = {"nomination": number(1), "kind": "award", "round": SLUG, "amount": 30000}
        connection.execute(insert(table_of(Benefit)), [defaults_of(Benefit) | values])
    return story


def test_every_check_refuses_its_wrong_row(full: Story) -> None:
    for table, condition, setting, check in WRONG:
        with full.store.read() as connection:
            key = "ctid" if not full.store.is_sqlite else "rowid"
            found = connection.execute(text(f"SELECT count({key}) FROM {table} WHERE {condition}")).scalar_one()  # noqa: S608 - our own words
        assert found, (table, condition)
        with pytest.raises(IntegrityError, match=f"ck_{table}_{check}"), full.store.write() as connection:
            connection.execute(text(f"UPDATE {table} SET {setting} WHERE {condition}"))  # noqa: S608 - our own words


def test_every_check_of_the_metadata_is_tested_here() -> None:
    checks = {str(each.name) for table in metadata.tables.values() for each in table.constraints if str(each.name).startswith("ck_")}
    assert checks - {f"ck_{table}_{check}" for table, _, _, check in WRONG} == {"ck_delivery_status_word"}


def test_delivery_is_in_a_word_of_the_house(store: Store) -> None:
    columns = "id, round, recipient, channel, tried, status, attempts, due_at, holder, answer, in_ledger"
    with pytest.raises(IntegrityError, match="ck_delivery_status_word"), store.write() as connection:
        connection.execute(text(f"INSERT INTO delivery ({columns}) VALUES ('a', 'r', 'p', '', '[]', 'lost', 0, '{AT}', '', '', false)"))  # noqa: S608 - our own words


def test_words_of_the_checks_are_those_of_the_vocabulary(full: Story) -> None:
    assert {state.value for state in NominationState} >= {row.state for row in full.rows(Nomination)}
    for state in RoundState:
        ended = state in (RoundState.CLOSED, RoundState.CANCELLED)
        closed_at = f"'{AT}'" if ended else "NULL"
        with full.store.write() as connection:
            connection.execute(text(f"UPDATE round SET state = '{state.value}', closed_at = {closed_at}"))  # noqa: S608 - our own words


def test_row_without_its_round_or_party_is_refused(full: Story) -> None:
    clock = {"round": "nowhere", "stage": "intake", "opened_at": datetime(2023, 7, 1, tzinfo=UTC), "due_day": datetime(2023, 7, 1).date()}  # noqa: DTZ001 - a day
    clock |= {"due_at": clock["opened_at"], "provisional": False, "passed_through": False}
    with pytest.raises(IntegrityError), full.store.write() as connection:
        connection.execute(insert(table_of(StageClock)), [clock])


# --- instants


@pytest.mark.parametrize("value", [datetime(2023, 7, 1)])  # noqa: DTZ001 - naive on purpose
def test_naive_instant_is_refused(value: datetime) -> None:
    with pytest.raises(ValueError, match="aware"):
        Instant().process_bind_param(value, DIALECT)


def test_instants_come_back_aware_in_utc_from_both_databases(full: Story) -> None:
    opened = [clock.opened_at for clock in full.rows(StageClock)]
    assert all(each.utcoffset() == timedelta(0) for each in opened)
    kept = Instant().process_result_value(datetime(2023, 7, 1), DIALECT)  # noqa: DTZ001 - as SQLite keeps it
    assert kept == datetime(2023, 7, 1, tzinfo=UTC)
    assert Instant().process_result_value(None, DIALECT) is None
    assert isinstance(Instant().impl, DateTime)


# --- light records


def test_records_give_one_row_for_one_key_and_what_was_changed_in_memory(full: Story) -> None:
    with full.store.write() as connection:
        records = Records(connection)
        row = records.get(Party, "E1")
        assert row is not None
        records.set(Party, row, {"field": "钳工"})
        assert records.where(Party, id="E1") == [row]
        assert records.where(Party, field="钳工") == [row]
        assert [party.id for party in records.where(Party, id=["E2", "E1"])] == ["E1", "E2"]
        assert records.get(Party, "nobody") is None
        records.flush()
        assert connection.execute(select(table_of(Party).c.field).where(table_of(Party).c.id == "E1")).scalar_one() == "钳工"


def test_records_refuse_a_row_that_is_there(full: Story) -> None:
    with full.store.write() as connection:
        records = Records(connection)
        assert records.get(Party, "E1") is not None
        with pytest.raises(ValueError, match="is there already"):
            records.add(Party, {"id": "E1", "kind": "expert", "name": "重复"})


def test_records_find_what_is_due_and_not_what_has_no_time(full: Story) -> None:
    with full.store.write() as connection:
        records = Records(connection)
        late = datetime(2099, 1, 1, tzinfo=UTC)
        assert records.before(Nomination, "correction_due_at", late) == []
        one = records.get(Nomination, number(2))
        assert one is not None
        records.set(Nomination, one, {"correction_due_at": datetime(2023, 7, 1, tzinfo=UTC)})
        assert records.before(Nomination, "correction_due_at", late) == [one]
        assert records.before(Nomination, "correction_due_at", late, state="returned") == []


def test_new_row_changed_in_memory_is_written_once(full: Story) -> None:
    with full.store.write() as connection:
        records = Records(connection)
        row = records.add(Party, {"id": "N1", "kind": "expert", "name": "新"})
        records.set(Party, row, {"field": "焊工"})
        records.flush()
    assert full.row(Party, id="N1").field == "焊工"


@pytest.mark.parametrize("row_type", [Endorsement, LedgerEntry, Benefit])
def test_keys_stand_in_the_tables_order(row_type: type[Row]) -> None:
    columns = [column.name for column in table_of(row_type).primary_key]
    assert key_of(row_type, {name: name for name in columns}) == tuple(columns)


def test_defaults_are_those_of_the_table_and_each_collection_is_a_new_one() -> None:
    for row_type in Row.__subclasses__():
        fields = row_type.model_fields.items()
        promised = {name: each.get_default(call_default_factory=True) for name, each in fields if not each.is_required()}
        first, second = defaults_of(row_type), defaults_of(row_type)
        assert list(first.items()) == list(promised.items())
        shared = [name for name, value in first.items() if value is second[name]]
        assert [name for name in shared if isinstance(first[name], list | dict | set)] == []
