"""A JSON column that somebody damaged keeps no other row from being read."""

from collections.abc import Callable

import pytest
from sqlalchemy import JSON, String, cast, literal, select, type_coerce

from states.store import Store
from states.tables.base import Readable
from tests.states.builders import Story

_REST = Readable(dict, (("first", int),))
_LIST = Readable(list)


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        (_REST, '{"first": 2, "sealed": "x"}', {"first": 2, "sealed": "x"}),
        (_REST, "null", None),
        (_REST, '{"first": "2"}', {}),
        (_REST, "5", {}),
        (_LIST, '["a"]', ["a"]),
        (_LIST, '{"a": 1}', []),
    ],
)
def test_json_of_another_shape_is_empty(store: Store, kind: Readable, text: str, found: object) -> None:
    with store.read() as connection:
        kept = cast(literal(text), JSON if connection.dialect.name == "postgresql" else String)
        assert connection.execute(select(type_coerce(kept, kind))).scalar_one() == found


def test_text_that_is_no_json_is_empty(light_story: Callable[[], Story]) -> None:
    """Only SQLite lets somebody write it."""
    with light_story().house.store.read() as connection:
        assert connection.execute(select(type_coerce(literal("{oops", String), _REST))).scalar_one() == {}
