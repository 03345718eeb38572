"""The append-only, hash-chained record of everything that happened (台账): how an entry is made and how it is hashed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

HOUSE = "house"
GENESIS_DOMAIN = "hallmark ledger 1"
HASHED = ("round", "seq", "at", "event", "subject", "source", "target", "operator", "on_behalf_of", "document", "payload", "prev")


def canonical(value: Any) -> str:
    """Write JSON one way only: sorted keys, no spaces, UTF-8 as it is. Raises ``TypeError`` for what has no one form."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain)


def plain(value: Any) -> Any:
    """Turn dates, instants (UTC, ``Z``) and decimals into text. Raises ``TypeError`` for anything else, and naive instants."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("an instant must be aware")
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def digest(*parts: str) -> str:
    """Give SHA-256 over length-prefixed parts, in hex: no two lists of parts share one input."""
    hasher = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        hasher.update(f"{len(raw)}:".encode())
        hasher.update(raw)
    return hasher.hexdigest()


def genesis(chain: str, rules: str) -> str:
    """Give the hash a chain begins with: over its name and, for a round, its frozen programme's text."""
    return digest(GENESIS_DOMAIN, chain, rules)


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Give an entry's hash over all its fields as stored, the previous hash included."""
    return digest(*(str(entry[name]) for name in HASHED))


def row_digest(row: Mapping[str, Any]) -> str:
    """Give the digest of a whole row as stored; for rows whose personal columns are encrypted."""
    return digest("row", canonical(dict(row)))


@dataclass
class Entry:
    """An entry before it is chained. ``changes`` are the recorded columns it sets: table, key and values."""

    event: str
    subject: str = ""
    source: str = ""
    target: str = ""
    on_behalf_of: str = ""
    document: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def body(self) -> str:
        """Give the payload as it is stored and hashed."""
        changes = [[table, key, values] for table, key, values in self.changes]
        return canonical({**self.payload, "changes": changes} if changes else self.payload)


def chained(entries: list[Entry], chain: str, seq: int, head: str, at: datetime, operator: str) -> list[dict[str, Any]]:
    """Chain entries behind ``head``: rows ready to insert, in order."""
    rows = []
    for number, entry in enumerate(entries, start=seq + 1):
        row = {
            "round": chain,
            "seq": number,
            "at": plain(at),
            "event": entry.event,
            "subject": entry.subject,
            "source": entry.source,
            "target": entry.target,
            "operator": operator,
            "on_behalf_of": entry.on_behalf_of,
            "document": entry.document,
            "payload": entry.body(),
            "prev": head,
        }
        head = row["hash"] = entry_hash(row)
        rows.append(row)
    return rows
