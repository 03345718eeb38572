"""The selects of light records, each put together once: that takes longer than SQLite takes to find the rows."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import eq, ge, le
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, select

Asked = tuple[str, str, Any]
"""A column's name, how it compares (``=``, ``<=``, ``>=``, ``in``, ``is``), and with which value."""

_COMPARED = {"=": eq, "<=": le, ">=": ge}
_SHAPES = 500


def equal(wanted: Mapping[str, Any]) -> list[Asked]:
    """Ask that columns equal what is wanted; a collection means any of its values."""
    return [(name, _comparison(value), value) for name, value in wanted.items()]


def select_of(table: Table, asked: Sequence[Asked]) -> tuple[Select[Any], dict[str, Any]]:
    """Give the select of whole rows that meet all that is asked, and the values that it is carried out with."""
    shape = tuple((name, how, value if how == "is" else None) for name, how, value in asked)
    values = {_bound(place): list(value) if how == "in" else value for place, (_, how, value) in enumerate(asked) if how != "is"}
    return _put_together(table, shape), values


def is_many(value: Any) -> bool:
    """Tell whether a wanted value is a collection of them."""
    return isinstance(value, (list, tuple, set, frozenset))


def _comparison(value: Any) -> str:
    if is_many(value):
        return "in"
    # These stand in the statement itself: NULL has no other way, and SQLite would not find an index of those that are true.
    return "is" if value is None or isinstance(value, bool) else "="


@lru_cache(_SHAPES)
def _put_together(table: Table, shape: tuple[Asked, ...]) -> Select[Any]:
    return select(table).where(*(_criterion(table, _bound(place), *each) for place, each in enumerate(shape)))


def _criterion(table: Table, bound: str, name: str, how: str, value: Any) -> ColumnElement[bool]:
    column = table.columns[name]
    if how == "is":
        criterion: ColumnElement[bool] = column == value
    elif how == "in":
        criterion = column.in_(bindparam(bound, type_=column.type, expanding=True))
    else:
        criterion = _COMPARED[how](column, bindparam(bound, type_=column.type))
    return criterion


def _bound(place: int) -> str:
    return f"asked_{place}"
