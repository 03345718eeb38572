"""What all rows share: the metadata, aware instants, and CHECKs over the words of the house."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of every table row.

    ``beside`` names columns that stand beside the ledger and are not replayed; ``sought_by`` those by which records are
    sought in memory. ``sealed`` are columns beside the ledger of which it holds a salted digest,
    in ``content``; their ``salt`` stands beside it too. ``added`` are recorded columns that are newer than the first ledgers:
    of rows made before them the ledger does not speak until they change, and they stand at their defaults.
    """

    beside: ClassVar[frozenset[str]] = frozenset()
    sealed: ClassVar[tuple[str, ...]] = ()
    sought_by: ClassVar[tuple[str, ...]] = ()
    added: ClassVar[frozenset[str]] = frozenset()


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC on both sides; SQLite keeps it without its zone. Raises ``ValueError`` when naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface's
        """Turn an aware instant into UTC."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the interface's
        """Give the instant back, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Readable(TypeDecorator[Any]):
    """A list or an object as JSON. What cannot be read as one, or has not its ``fields`` or ``items``, is empty: somebody damaged that row.

    So is what is not there at all, unless it is ``nullable``. Whoever needs what it held stops at that row alone; the others are read.
    """

    impl = JSON
    cache_ok = True

    def __init__(
        self,
        kind: type[list[Any]] | type[dict[str, Any]],
        fields: tuple[tuple[str, type], ...] = (),
        items: Callable[[Any], bool] | None = None,
        *,
        nullable: bool = False,
    ) -> None:
        """Take what it has to be; ``items`` says whether one of a list is whole."""
        super().__init__()
        self.kind = kind
        self.fields = fields
        self.items = items
        self.nullable = nullable

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Read one; a driver that knows JSON has read it already."""
        read = super().result_processor(dialect, coltype) or (lambda value: value)

        def process(value: Any) -> Any:
            try:
                found = read(value)
            except ValueError:
                return self.kind()
            return found if (found is None and self.nullable) or self._is_whole(found) else self.kind()

        return process

    def _is_whole(self, found: Any) -> bool:
        if not isinstance(found, self.kind):
            return False
        whole = all(isinstance(dict(found).get(name), kind) for name, kind in self.fields)
        return whole and (self.items is None or all(map(self.items, found)))


def instant(**keywords: Any) -> Any:
    """Declare a column that holds an aware instant."""
    return Field(sa_type=Instant, **keywords)


def one_of(column: str, words: Iterable[StrEnum]) -> CheckConstraint:
    """Declare that a column holds one of the words; StrEnum columns would store names, so the ids are checked here."""
    choices = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({choices})", name=f"{column}_word")


def tied(name: str, left: str, right: str) -> CheckConstraint:
    """Declare that two conditions hold together or not at all."""
    return CheckConstraint(f"({left}) = ({right})", name=name)
