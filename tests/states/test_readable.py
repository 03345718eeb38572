"""A JSON column that somebody damaged keeps no other row from being read."""

from collections.abc import Callable

import pytest
from sqlalchemy import JSON, String, cast, literal, select, type_coerce

from states.records import table_of
from states.store import Store
from states.tables import ChannelUse, Delivery
from states.tables.base import Readable
from tests.states.builders import Story

_REST = Readable(dict, (("first", int),), nullable=True)
_LIST = Readable(list)
_TRIED, _ANSWERS = table_of(Delivery).c.tried.type, table_of(Delivery).c.answers.type
_TAKEN = table_of(ChannelUse).c.taken.type


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (_REST, '{"first": 2, "sealed": "x"}', {"first": 2, "sealed": "x"}),
        (_REST, "null", None),
        (_REST, '{"first": "2"}', {}),
        (_REST, "5", {}),
        (_LIST, '["a"]', ["a"]),
        (_LIST, '{"a": 1}', []),
        (_TRIED, '["a"]', ["a"]),
        (_TRIED, "null", []),
        (_TRIED, '["a", 1]', []),
        (_ANSWERS, '[["单位", "550"]]', [["单位", "550"]]),
        (_ANSWERS, "null", None),
        (_ANSWERS, "[1]", []),
        (_ANSWERS, '[["a"]]', []),
        (_ANSWERS, '[["a", 5]]', []),
        (_TAKEN, '["2023-06-06T02:00:00+00:00"]', ["2023-06-06T02:00:00+00:00"]),
        (_TAKEN, '["2023-06-06T02:00:00"]', []),
        (_TAKEN, '["soon"]', []),
        (_TAKEN, "[5]", []),
    ],
)
def test_json_of_another_shape_is_empty(store: Store, kind: Readable, text: str, found: object) -> None:
    with store.read() as connection:
        kept = cast(literal(text), JSON if connection.dialect.name == "postgresql" else String)
        assert connection.execute(select(type_coerce(kept, kind))).scalar_one() == found


def test_text_that_is_no_json_is_empty(light_story: Callable[[], Story]) -> None:
    """Only SQLite lets somebody write it."""
    with light_story().house.store.read() as connection:
        assert connection.execute(select(type_coerce(cast(literal("{oops"), String), _REST))).scalar_one() == {}
