"""Light records: rows read once in a transaction, changed in memory, and written in bulk at its end."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Connection, Result, Select, Table, insert, select, update
from sqlalchemy.sql import bindparam

from states.selects import Asked, equal, is_many, select_of
from states.tables import Row, metadata

R = TypeVar("R", bound=Row)


class Light(SimpleNamespace):
    """A row without its ORM: the attributes of its table and nothing else. It is typed as the row it stands for."""


def table_of(row_type: type[Row]) -> Table:
    """Give the table of a row type."""
    return cast("Table", row_type.__table__)  # type: ignore[attr-defined]  # SQLModel sets it on every table class


@cache  # a property of SQLAlchemy's that costs more than the rest of reading a row
def key_names(row_type: type[Row]) -> tuple[str, ...]:
    """Name the columns of the primary key, in the table's order."""
    return tuple(column.name for column in table_of(row_type).primary_key)


def key_of(row_type: type[Row], values: Any) -> tuple[Any, ...]:
    """Give the primary key of a record or a mapping, in the table's order."""
    mapping = values if isinstance(values, Mapping) else vars(values)
    return tuple(mapping[name] for name in key_names(row_type))


def defaults_of(row_type: type[Row]) -> dict[str, Any]:
    """Give the defaults of the columns that have one, each collection anew."""
    return {name: make() if make else default for name, default, make in _defaults(row_type)}


@cache  # pydantic reads a factory's signature each time that it is asked for a default
def _defaults(row_type: type[Row]) -> tuple[tuple[str, Any, Callable[[], Any] | None], ...]:
    fields = row_type.model_fields.items()
    return tuple((name, each.default, cast("Callable[[], Any]", each.default_factory)) for name, each in fields if not each.is_required())


class Records:
    """The rows that one transaction has seen or made: an identity map over Core selects, flushed by ``executemany``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[type[Row], dict[tuple[Any, ...], Light]] = {}
        self._sought: dict[tuple[type[Row], str, Any], list[Light]] = {}
        self._new: dict[tuple[type[Row], tuple[Any, ...]], Light] = {}
        self._dirty: dict[tuple[type[Row], tuple[Any, ...]], set[str]] = {}
        self._expected: set[tuple[type[Row], str, Any]] = set()

    def expect(self, row_type: type[Row], column: str, values: Collection[Any]) -> None:
        """Read ahead, at once, what ``where`` will be asked for with each of these values alone in that column."""
        self.where(row_type, **{column: list(values)})
        self._expected.update((row_type, column, value) for value in values)

    def get(self, row_type: type[R], *key: Any) -> R | None:
        """Give the row with this primary key, or None."""
        known = self._known.setdefault(row_type, {})
        if key not in known:
            self._find(row_type, equal(dict(zip(key_names(row_type), key, strict=True))))
        return cast("R | None", known.get(key))

    def where(self, row_type: type[R], **wanted: Any) -> list[R]:
        """Give the rows whose columns equal what is wanted (a collection: one of), changes in memory included, by key."""
        if not (self._expected and self._is_read_ahead(row_type, wanted)):
            self._find(row_type, equal(wanted))
        return self.known(row_type, **wanted)

    def before(self, row_type: type[R], column: str, limit: Any, **wanted: Any) -> list[R]:
        """Give the rows whose ``column`` is at or before ``limit``: what is due."""
        self._find(row_type, [(column, "<=", limit), *equal(wanted)])
        rows = self.known(row_type, **wanted)
        return [row for row in rows if getattr(row, column) is not None and getattr(row, column) <= limit]

    def since(self, row_type: type[R], column: str, limit: Any, **wanted: Any) -> list[R]:
        """Give the rows whose ``column`` is at or after ``limit``."""
        self._find(row_type, [(column, ">=", limit), *equal(wanted)])
        rows = self.known(row_type, **wanted)
        return [row for row in rows if getattr(row, column) is not None and getattr(row, column) >= limit]

    def matching(self, row_type: type[R], *criteria: Any, held: bool = False) -> list[R]:
        """Give the rows that meet criteria in the database, by key.

        ``held`` ones nobody else may change until the transaction ends; those that somebody else is changing are left out.
        """
        return cast("list[R]", sorted(self._matching(row_type, criteria, held=held), key=lambda row: key_of(row_type, row)))

    def exists(self, row_type: type[R], **wanted: Any) -> bool:
        """Say whether there is any row that ``where`` would give, without reading them all."""
        if self.known(row_type, **wanted):
            return True
        # Whatever is known does not fit any more, so one row beyond as many is another one.
        known, table = self._known.get(row_type, {}), table_of(row_type)
        query, values = select_of(table, equal(wanted))
        fitting = query.with_only_columns(*table.primary_key.columns).limit(len(known) + 1)
        return any(tuple(key) not in known for key in self._connection.execute(fitting, values))

    def distinct(self, row_type: type[R], names: Sequence[str], *criteria: Any) -> list[R]:
        """Give each combination of some columns once, as rows with these columns alone; changes in memory are not seen."""
        columns = table_of(row_type).columns
        query = select(*(columns[name] for name in names)).where(*criteria).distinct().order_by(*names)
        return [cast("R", Light(**mapping)) for mapping in self._connection.execute(query).mappings()]

    def stepped(self, row_type: type[R], names: Sequence[str], *criteria: Any) -> list[R]:
        """Do what ``distinct`` does at the cost of the combinations and not of the rows: each is sought after the one before it.

        It wants an index that begins with what the criteria equate and goes on with these columns; none of them may be null.
        """
        columns = [table_of(row_type).columns[name] for name in names]
        query = select(*columns).where(*criteria).limit(1)
        found: list[Any] = []
        row = self._connection.execute(query.order_by(*columns)).first()
        while row is not None:
            found.append(Light(**row._mapping))
            row = self._step(query, columns, row)
        return cast("list[R]", found)

    def _step(self, query: Select[Any], columns: Sequence[Column[Any]], last: Sequence[Any]) -> Any:
        """Give the combination after the last one: by its last column, else by the one before, each of which is one look into the index."""
        for place in reversed(range(len(columns))):
            same = [column == value for column, value in zip(columns[:place], last[:place], strict=True)]
            after = query.where(*same, columns[place] > last[place]).order_by(*columns[place:])
            if (row := self._connection.execute(after).first()) is not None:
                return row
        return None

    def known(self, row_type: type[R], **wanted: Any) -> list[R]:
        """Give what ``where`` would, from memory alone: for use after a wider ``where``."""
        allowed = {name: frozenset(value) if is_many(value) else (value,) for name, value in wanted.items()}
        sought = next((name for name in row_type.sought_by if name in wanted), None)
        if sought is None:
            rows = list(self._known.get(row_type, {}).values())
        else:
            rows = [row for value in allowed[sought] for row in self._sought.get((row_type, sought, value), ())]
        found = [row for row in rows if all(vars(row)[name] in values for name, values in allowed.items())]
        return cast("list[R]", sorted(found, key=lambda row: key_of(row_type, row)) if len(found) > 1 else found)

    def add(self, row_type: type[R], values: dict[str, Any]) -> R:
        """Make a row; it is inserted at the flush. Raises ``ValueError`` when the transaction knows one with its key."""
        row = Light(**{**defaults_of(row_type), **values})
        key = key_of(row_type, row)
        if key in self._known.setdefault(row_type, {}):
            raise ValueError(f"{row_type.__name__} {key} is there already")
        self._learn(row_type, key, row)
        self._new[row_type, key] = row
        return cast("R", row)

    def set(self, row_type: type[Row], row: Row, values: dict[str, Any]) -> None:
        """Change a row in memory; it is updated at the flush."""
        for name in row_type.sought_by:
            if name in values and values[name] != getattr(row, name):
                self._sought[row_type, name, getattr(row, name)].remove(cast("Light", row))
                self._sought.setdefault((row_type, name, values[name]), []).append(cast("Light", row))
        vars(row).update(values)
        key = key_of(row_type, row)
        if (row_type, key) not in self._new:
            self._dirty.setdefault((row_type, key), set()).update(values)

    def changed(self, row_type: type[R]) -> list[R]:
        """Give the rows of a type that this transaction has made or changed, in that order."""
        made = [row for (kind, _), row in self._new.items() if kind is row_type]
        dirty = [self._known[kind][key] for kind, key in self._dirty if kind is row_type]
        return cast("list[R]", made + dirty)

    def flush(self) -> None:
        """Write everything: inserts in the order of foreign keys, then updates, each by ``executemany``."""
        order = {table.name: position for position, table in enumerate(metadata.sorted_tables)}
        for row_type in sorted({kind for kind, _ in self._new}, key=lambda kind: order[table_of(kind).name]):
            rows = [vars(row) for (kind, _), row in self._new.items() if kind is row_type]
            self._connection.execute(insert(table_of(row_type)), rows)
        self._update()
        self._new.clear()
        self._dirty.clear()

    def _update(self) -> None:
        shapes: dict[tuple[type[Row], tuple[str, ...]], list[dict[str, Any]]] = {}
        for (row_type, key), names in self._dirty.items():
            row = vars(self._known[row_type][key])
            values = {name: row[name] for name in names} | {f"key_{name}": row[name] for name in key_names(row_type)}
            shapes.setdefault((row_type, tuple(sorted(names))), []).append(values)
        for (row_type, shape), rows in shapes.items():
            table = table_of(row_type)
            match = [column == bindparam(f"key_{column.name}") for column in table.primary_key]
            self._connection.execute(update(table).where(*match).values({name: bindparam(name) for name in shape}), rows)

    def _is_read_ahead(self, row_type: type[Row], wanted: dict[str, Any]) -> bool:
        one = [(column, value) for column, value in wanted.items() if not is_many(value)]
        return any((row_type, column, value) in self._expected for column, value in one)

    def _find(self, row_type: type[Row], asked: Sequence[Asked]) -> None:
        self._load(row_type, self._connection.execute(*select_of(table_of(row_type), asked)))

    def _matching(self, row_type: type[Row], criteria: tuple[Any, ...], *, held: bool) -> list[Light]:
        query = select(table_of(row_type)).where(*criteria)
        return self._load(row_type, self._connection.execute(query.with_for_update(skip_locked=True) if held else query))

    def _load(self, row_type: type[Row], rows: Result[Any]) -> list[Light]:
        known = self._known.setdefault(row_type, {})
        names = tuple(rows.keys())
        places = [names.index(name) for name in key_names(row_type)]
        found = []
        for values in rows:
            key = tuple(values[place] for place in places)
            if key not in known:
                self._learn(row_type, key, Light(**dict(zip(names, values, strict=True))))
            found.append(known[key])
        return found

    def _learn(self, row_type: type[Row], key: tuple[Any, ...], row: Light) -> None:
        self._known[row_type][key] = row
        for name in row_type.sought_by:
            self._sought.setdefault((row_type, name, getattr(row, name)), []).append(row)
