"""A round with very many nominations and open work items, made by the database itself out of one real row of each."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CTE, JSON, Connection, String, case, cast, insert, literal, select, text, true

from config.vocabulary import WorkKind
from states.records import table_of
from states.store import Store
from states.tables import Nomination, Row, WorkItem
from states.tables.base import Instant
from tests.states.builders import Story
from tests.states.figures import BEIJING, SLUG, local, number

DUE_AT = local(7, 20)
"""When the first reminder of a qualification is due, five working days before its stage's end at 09:00."""
LATER = local(7, 25)
"""When the second one is, for all those that are not due."""


def crowded(story: Story, count: int, due: int = 0) -> Story:
    """Bring a round into its qualification with so many nominations waiting, each with its open item; ``due`` of them at ``DUE_AT``."""
    story.intake_over(1)
    item = story.row(WorkItem, kind=WorkKind.QUALIFICATION.value)
    assert item.next_step_at == DUE_AT
    ordinals = _ordinals(count)
    subject = literal(f"{SLUG}-n") + cast(ordinals.c.at, String)
    step = case((ordinals.c.at <= due, _instant(DUE_AT)), else_=_instant(LATER))
    done = case((ordinals.c.at <= due, _list()), else_=_list("r-5"))
    with story.store.write() as connection:
        _multiply(connection, Nomination, number(1), ordinals, {"number": subject})
        item_id = literal(f"{SLUG}-i") + cast(ordinals.c.at, String)
        _multiply(connection, WorkItem, item.id, ordinals, {"id": item_id, "subject": subject, "next_step_at": step, "steps_done": done})
    analyzed(story.store)
    return story


def analyzed(store: Store) -> None:
    """Let the database count what is in it, as PostgreSQL does by itself after a while."""
    with store.write() as connection:
        connection.execute(text("ANALYZE"))


def uncertain(story: Story, count: int) -> Story:
    """Open a round of a year that nobody has announced, with so many copies of the work that its first stage opens."""
    story.clock.move_to(datetime(2035, 6, 6, 9, tzinfo=BEIJING))
    item = story.open(opens_on=date(2035, 6, 6)).row(WorkItem)
    assert item.provisional
    ordinals = _ordinals(count)
    of_its_own = literal(f"{SLUG}-i") + cast(ordinals.c.at, String)
    with story.store.write() as connection:
        _multiply(connection, WorkItem, item.id, ordinals, {"id": of_its_own, "subject": of_its_own})
    return story


def _ordinals(count: int) -> CTE:
    first = select(literal(1).label("at")).cte("ordinals", recursive=True)
    return first.union_all(select(first.c.at + 1).where(first.c.at < count))


def _instant(at: datetime) -> Any:
    return literal(at, Instant())


def _list(*words: str) -> Any:
    return literal(list(words), JSON())


def _multiply(connection: Connection, row_type: type[Row], of: str, ordinals: CTE, changes: dict[str, Any]) -> None:
    """Copy one row as often as there are ordinals, with these columns changed."""
    table = table_of(row_type)
    (key,) = table.primary_key
    columns = [changes.get(name, column) for name, column in table.columns.items()]
    copies = select(*columns).select_from(table.join(ordinals, true())).where(key == of)
    connection.execute(insert(table).from_select(list(table.columns.keys()), copies))
