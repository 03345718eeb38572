"""The beginnings that many tests share, brought about once: the next story that begins so gets the rows that the first one made."""

import os
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import Connection, Table, exists, insert, or_, select, text

from states.tables import metadata

if TYPE_CHECKING:
    from tests.states.builders import Story

Build = TypeVar("Build", bound=Callable[..., "Story"])
_FREE = {"sqlite": "PRAGMA defer_foreign_keys=ON", "postgresql": "SET LOCAL session_replication_role = replica"}
"""Lets rows come in the order in which they lay."""
_scenes: dict[Hashable, "Scene"] = {}


@dataclass(frozen=True)
class Scene:
    """All that a story has after its beginning: rows in the order in which they lie, its clock, its dice and its count of runs."""

    rows: list[tuple[Table, list[dict[str, Any]]]]
    now: datetime
    dice: Any
    runs: int

    @classmethod
    def of(cls, story: "Story") -> "Scene":
        with story.store.read() as connection:
            rows = [(table, _rows(connection, table)) for table in metadata.sorted_tables]
        return cls([(table, found) for table, found in rows if found], story.clock.now(), story.chance.random.getstate(), story.runs)

    def lay_into(self, story: "Story") -> None:
        with story.store.write() as connection:
            connection.execute(text(_FREE[connection.dialect.name]))
            for table, rows in self.rows:
                connection.execute(insert(table), rows)
        story.clock.move_to(self.now)
        story.chance.random.setstate(self.dice)
        story.runs = self.runs


def once(build: Build) -> Build:
    """Let a way to a stage be gone once for each kind of database; a story that is no longer as it was made goes it itself."""

    @wraps(build)
    def brought_about(story: "Story", *given: Any, **named: Any) -> "Story":
        key = _key(story, build, given, named)
        if key is None or not (story.is_untouched and _is_empty(story)):
            return build(story, *given, **named)
        if key in _scenes:
            _scenes[key].lay_into(story)
        else:
            build(story, *given, **named)
            _scenes[key] = Scene.of(story)
        return story

    return cast("Build", brought_about)


def _key(story: "Story", build: Callable[..., "Story"], given: tuple[Any, ...], named: dict[str, Any]) -> Hashable:
    """Tell beginnings apart; None where it cannot be told."""
    values = [(place, tuple(value) if isinstance(value, list) else value) for place, value in [*enumerate(given), *sorted(named.items())]]
    key = (build.__module__, build.__qualname__, story.store.is_sqlite, story.clock.now(), os.environ.get("TZ"), *values)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def _is_empty(story: "Story") -> bool:
    with story.store.read() as connection:
        return not connection.execute(_ANYTHING).scalar_one()


_ANYTHING = select(or_(*(exists(select(table)) for table in metadata.sorted_tables)))
