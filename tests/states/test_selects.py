"""Selects of light records: one statement for all that is asked alike, whatever the values."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.dialects import sqlite

from states.records import Records, table_of
from states.selects import equal, select_of
from states.store import Store
from states.tables import Party, StageClock, WorkItem
from tests.states.builders import Story


def test_rows_asked_for_alike_are_found_by_one_statement_in_every_transaction(store: Store) -> None:
    carried_out: list[Any] = []
    event.listen(store.engine, "before_execute", lambda *given: carried_out.append(given[1]))
    for unit, kinds in (("U1", ["unit"]), ("U2", ["unit", "expert", "operator"])):
        with store.read() as connection:
            records = Records(connection)
            records.get(Party, unit)
            records.where(Party, kind=kinds)
            records.before(WorkItem, "due_day", date(2023, 7, 1), owner=unit)
            records.since(WorkItem, "due_day", date(2023, 7, 1), owner=unit)
    assert len(carried_out) == 8
    assert len(set(map(id, carried_out))) == 4


def test_rows_asked_for_with_other_values_are_those_of_these_values(story: Story) -> None:
    story.open()
    with story.store.read() as connection:
        ids = [[row.id for row in Records(connection).where(Party, id=wanted)] for wanted in (["U1"], ["U2", "op1"], "U2", [])]
        kinds = [{row.kind for row in Records(connection).where(Party, kind=kind)} for kind in ("expert", "operator")]
        stages = [[row.stage for row in Records(connection).where(StageClock, provisional=wanted)] for wanted in (True, False)]
        nobody = Records(connection).where(Party, valid_to=None, id="nobody")
    assert ids == [["U1"], ["U2", "op1"], ["U2"], []]
    assert kinds == [{"expert"}, {"operator"}]
    assert not stages[0]
    assert stages[1]
    assert nobody == []


@pytest.mark.parametrize(("value", "text"), [(None, "concluded_at IS NULL"), (True, "provisional = 1"), (False, "provisional = 0")])
def test_truth_and_nothing_stand_in_the_statement_where_an_index_of_such_rows_is_found_by_them(value: bool | None, text: str) -> None:
    name = "concluded_at" if value is None else "provisional"
    query, values = select_of(table_of(StageClock), equal({name: value}))
    assert text in str(query.compile(dialect=sqlite.dialect()))
    assert values == {}
