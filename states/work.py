"""The unit of work: one transaction in which a command reads, decides and records; nothing is written until its end."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from config.calendar import WorkCalendar
from config.nearest import instead
from config.programme import Programme
from config.vocabulary import PartyKind, Role
from states.cursors import lock_cursor
from states.errors import CommandRefused, Refusal
from states.fitting import key_fits
from states.ledger import HOUSE, Entry, chained, row_digest
from states.outcome import Happened
from states.parties import in_office
from states.records import Light, Records, defaults_of, key_names, table_of
from states.tables import Chain, Contact, LedgerEntry, Nomination, Party, Round, Row, VaultText, WorkItem
from states.vault import Vault, salted, sealed_columns

_MOST_SLIPS = 10
R = TypeVar("R", bound=Row)


class Actor:
    """Who records: an operator's party id and roles, or the clock."""

    def __init__(self, operator: str, roles: tuple[Role, ...]) -> None:
        self.operator = operator
        self.roles = roles

    def role_for(self, allowed: tuple[Role, ...]) -> Role:
        """Give the operator's role that is allowed, else the first, for the refusal to name."""
        return next((role for role in self.roles if role in allowed), self.roles[0])


class Recorder:
    """One ledger entry in the making: what it changes is noted in it and in the records at once."""

    def __init__(self, records: Records, entry: Entry, vault: Vault) -> None:
        self._records = records
        self._vault = vault
        self.entry = entry

    def insert(self, row_type: type[R], **values: Any) -> R:
        """Make a recorded row."""
        row = self._records.add(row_type, values | self._seal(row_type, {**defaults_of(row_type), **values}, values))
        self._note(row_type, row, set(vars(row)))
        return row

    def update(self, row_type: type[R], row: R, **values: Any) -> None:
        """Change a recorded row."""
        values |= self._seal(row_type, vars(row) | values, values)
        self._records.set(row_type, row, values)
        self._note(row_type, row, set(values))

    def _seal(self, row_type: type[Row], row: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
        """Digest the columns that the ledger may not hold in clear, under a fresh salt, when one of them is set."""
        if not set(row_type.sealed) & set(changed):
            return {}
        salt = self._vault.salt()
        return {"salt": salt, "content": sealed_columns(row_type, salt, row)}

    def _note(self, row_type: type[Row], row: Row, names: set[str]) -> None:
        keys = {name: getattr(row, name) for name in key_names(row_type)}
        values = {name: getattr(row, name) for name in names - row_type.beside - set(keys)}
        self.entry.changes.append((table_of(row_type).name, keys, values))


class Work:
    """What a command works on. ``now`` is read once; ``programme`` and ``round`` are those of the command's round.

    ``decided_at`` is the instant that decided what is being done: now, or earlier where the clock comes late to it.
    ``calendar`` has the working days of the programme's zone; ``house_seq`` is the newest number in the house's chain where the
    command has locked that, ``None`` where it has not.
    """

    def __init__(self, connection: Connection, chain: Chain, now: datetime, vault: Vault) -> None:
        self.records = Records(connection)
        self.now = self.decided_at = now
        self.vault = vault
        self.actor = Actor("", (Role.CLOCK,))
        self.entries: list[Entry] = []
        self.programme: Programme
        self.calendar = WorkCalendar()
        self.house_seq: int | None = None
        self._slips = 0
        self._connection = connection
        self._chain = chain
        self._items_read: set[str] | None = set()

    @property
    def round(self) -> Round:
        """The command's round. Raises ``CommandRefused`` when there is none of that slug."""
        row = self.records.get(Round, self._chain.name)
        if row is None:
            near = instead(self._chain.name, [each.slug for each in self.records.distinct(Round, ["slug"])])
            raise CommandRefused("不能办理", [Refusal("no-round", f"没有代号为“{self._chain.name}”的届次{near}")])
        return row

    def open_chain(self, name: str, first: str) -> None:
        """Begin the chain of a round that this command opens. Raises ``CommandRefused`` when the name is taken."""
        chain = self._chain if self._chain.genesis else start_chain(self._connection, name, first)
        if chain.genesis != first or chain.seq:
            sentence = f"代号“{name}”已被占用，请另取一个"
            raise CommandRefused("不能启动", [Refusal("slug-taken", sentence)])
        self._chain = chain

    @property
    def key_fits(self) -> bool:
        """Say whether the vault's key is that of this house, so that what does not open is damaged."""
        return key_fits(self._connection, self.vault)

    @property
    def today(self) -> date:
        """The present day in the programme's zone; a command of the house has the house's own zone."""
        return self.calendar.local(self.now).date()

    @property
    def decided_on(self) -> date:
        """The day, in the programme's zone, on which it was decided what is being done; deadlines count from it."""
        return self.calendar.local(self.decided_at).date()

    @property
    def seq(self) -> int:
        """Number that the newest entry of this work will have in its chain."""
        return self._chain.seq + len(self.entries)

    def read_by(self, consumer: str) -> int:
        """Give the number of the newest entry that a consumer of the chain has read; it reads no further until this work ends."""
        return lock_cursor(self._connection, consumer, self._chain.name)

    def record(self, event: str, subject: str = "", **fields: Any) -> Recorder:
        """Begin a ledger entry (past tense); fields are those of ``Entry``."""
        entry = Entry(event, subject, **fields)
        self.entries.append(entry)
        return Recorder(self.records, entry, self.vault)

    def keep_text(self, recorder: Recorder, kind: str, text: str) -> str:
        """Put free text into the vault and its salted digest into the entry; gives the text's id."""
        salt = self.vault.salt()
        key = f"{kind}-{salt[:16]}"
        sealed = self._sealed(recorder, key, salt, text)
        self.beside(VaultText, id=key, round=self._chain.name, subject=recorder.entry.subject, kind=kind, **sealed)
        return key

    def replace_text(self, recorder: Recorder, old: VaultText, text: str) -> None:
        """Put another text in the place of one that the vault holds; the old one is gone."""
        self.records.set(VaultText, old, self._sealed(recorder, old.id, self.vault.salt(), text))

    def _sealed(self, recorder: Recorder, key: str, salt: str, text: str) -> dict[str, str]:
        recorder.entry.payload.setdefault("texts", []).append({"id": key, "digest": salted(salt, text)})
        return {"body": self.vault.seal(text, f"text {key}"), "salt": salt}

    def beside(self, row_type: type[R], **values: Any) -> R:
        """Make a row that stands beside the ledger."""
        return self.records.add(row_type, values)

    def nominations(self, **wanted: Any) -> list[Nomination]:
        """Give the round's nominations, by number."""
        return self.records.where(Nomination, round=self._chain.name, **wanted)

    def nomination(self, number: str) -> Nomination | None:
        """Give one nomination of this round, or None."""
        found = self.records.get(Nomination, number.strip())
        return found if found is not None and found.round == self._chain.name else None

    def instead(self, word: str, known: Callable[[], Iterable[str]]) -> str:
        """End a sentence about a word that is not there with what is nearest; a file full of slips is answered for its first ones."""
        self._slips += 1
        return instead(word, known()) if self._slips <= _MOST_SLIPS else ""

    def numbers(self, **wanted: Any) -> list[str]:
        """Give the numbers of the round's nominations, without taking up the rows: none of them is part of a plan for it."""
        columns = table_of(Nomination).c
        criteria = [columns.round == self._chain.name, *(columns[name] == value for name, value in wanted.items())]
        return [row.number for row in self.records.distinct(Nomination, ["number"], *criteria)]

    def ids(self, *kinds: PartyKind) -> list[str]:
        """Give the ids of the parties of some kinds that are in office, as ``numbers`` does."""
        wanted = table_of(Party).c.kind.in_([kind.value for kind in kinds])
        return [row.id for row in self.records.distinct(Party, ["id", "valid_from", "valid_to"], wanted) if in_office(row, self.today)]

    def party(self, party: str) -> Party | None:
        """Give a party, or None."""
        return self.records.get(Party, party)

    def name_of(self, party: str) -> str:
        """Give a party's name, or its id where it is unknown."""
        found = self.party(party)
        return found.name if found else party

    def open_items(self, subject: str | None = None) -> list[WorkItem]:
        """Give the round's open work items, all or one subject's; read once, then kept in step with this transaction."""
        if subject is not None:
            self.read_items([subject])
            return self.records.known(WorkItem, subject=subject, round=self._chain.name, status="open")
        if self._items_read is not None:
            self.records.where(WorkItem, round=self._chain.name, status="open")
            self._items_read = None
        return self.records.known(WorkItem, round=self._chain.name, status="open")

    def read_items(self, subjects: Iterable[str]) -> None:
        """Read the open work items on many subjects at once, before ``open_items`` is asked for each of them."""
        if self._items_read is None:  # all of the round are known
            return
        unread = set(subjects) - self._items_read
        if unread:
            self.records.where(WorkItem, round=self._chain.name, subject=sorted(unread), status="open")
            self._items_read |= unread

    def commit(self) -> tuple[Happened, ...]:
        """Write the rows and chain the entries. The transaction's owner commits them together.

        Raises ``RuntimeError`` for a command of a round that enters parties and does not say so (``Command.registers``).
        """
        self._digest_contacts()
        self._place_in_house()
        self.records.flush()
        rows = chained(self.entries, self._chain.name, self._chain.seq, self._chain.head, self.now, self.actor.operator)
        if rows:
            self._connection.execute(insert(table_of(LedgerEntry)), rows)
            head = {"seq": rows[-1]["seq"], "head": rows[-1]["hash"]}
            self._connection.execute(update(table_of(Chain)).where(table_of(Chain).c.name == self._chain.name).values(head))
        return tuple(Happened(**{name: row[name] for name in Happened.model_fields}) for row in rows)

    def _digest_contacts(self) -> None:
        """Let the entries hold what addresses there are: a party's newest entry, or the newest of all."""
        for contact in self.records.changed(Contact):
            about = [entry for entry in self.entries if entry.subject == contact.party] or self.entries
            held = {"party": contact.party, "channel": contact.channel, "digest": row_digest(vars(contact))}
            about[-1].payload.setdefault("contacts", []).append(held)

    def _place_in_house(self) -> None:
        """Tell the replay after which entry of the house this round changed a party, whatever the clocks said."""
        if self._chain.name == HOUSE:
            return
        for entry in self.entries:
            if "contacts" in entry.payload or any(table == "party" for table, _, _ in entry.changes):
                if self.house_seq is None:
                    raise RuntimeError(f"{entry.event} changes a party, but the house is not locked")
                entry.payload["house_seq"] = self.house_seq


def lock_chain(connection: Connection, name: str) -> Chain | None:
    """Lock a chain's row before anything is read, and give it; None when there is no such chain."""
    chain = table_of(Chain)
    row = connection.execute(select(chain).where(chain.c.name == name).with_for_update()).mappings().one_or_none()
    return None if row is None else _as_chain(row)


def start_chain(connection: Connection, name: str, first: str) -> Chain:
    """Begin a chain with its genesis hash, in the transaction that writes its first entry; locked, as ``lock_chain`` gives it.

    Where another has begun it in the same moment, the other's is given once it stands.
    """
    with suppress(IntegrityError), connection.begin_nested():
        connection.execute(insert(table_of(Chain)), [{"name": name, "genesis": first, "seq": 0, "head": first}])
    return cast("Chain", lock_chain(connection, name))


def _as_chain(values: Any) -> Chain:
    return cast("Chain", Light(**values))
