"""What happened, read alike from the ledger and from a unit of work that is only previewed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from states.ledger import Entry

Change = tuple[str, Mapping[str, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Happening:
    """One ledger entry. ``at`` is aware; ``changes`` are the recorded columns that it set: table, key and values."""

    event: str
    at: datetime
    subject: str = ""
    source: str = ""
    target: str = ""
    document: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    changes: Sequence[Change] = ()

    def changed(self, table: str) -> Iterator[dict[str, Any]]:
        """Give the rows of a table that it made or changed: their keys and the columns set."""
        for name, key, values in self.changes:
            if name == table:
                yield {**key, **values}

    @property
    def item(self) -> str:
        """The id of the work item that it speaks of, "" where there is none."""
        made = next((row["id"] for row in self.changed("work_item")), "")
        return str(self.payload.get("item", made))


def from_ledger(row: Mapping[str, Any]) -> Happening:
    """Read a row of the ledger."""
    payload = json.loads(row["payload"])
    changes = [(table, key, values) for table, key, values in payload.pop("changes", ())]
    at = datetime.fromisoformat(row["at"])
    return Happening(row["event"], at, row["subject"], row["source"], row["target"], row["document"], payload, changes)


def from_entry(entry: Entry, at: datetime) -> Happening:
    """Read an entry that is not chained yet."""
    return Happening(entry.event, at, entry.subject, entry.source, entry.target, entry.document, entry.payload, entry.changes)
