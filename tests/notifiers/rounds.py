"""A small town with a real round in a real database: a house, its roster, candidates, and hands that give commands."""

import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from config.channels import ChannelKind
from config.loader import PROGRAMMES
from config.vocabulary import PartyKind, PostKind, Role
from notifiers.delivery import Report, deliver
from notifiers.digest import queue
from notifiers.leases import CLAIMED, LEASE, Claim, Lease, take
from notifiers.letters import Letter, Writer
from notifiers.outbox import notify
from notifiers.outgoing import Load, Outcome, Outgoing, Sent
from notifiers.recipients import recipients
from states.candidate import Candidate
from states.clock import SeededChance, VirtualClock
from states.command import CLOCK, Command
from states.commands.intake import SubmitNominations, SubmittedRow
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import OpenRound
from states.commands.tick import Tick
from states.house import Envelope, House
from states.outcome import Result
from states.records import Records
from states.store import Store
from states.tables import Delivery, Row
from states.vault import Vault

SLUG = "bjgj-2023"
RULES = (PROGRAMMES / "binjiang-craftsman-2023.yaml").read_text(encoding="utf-8")
MORNING = datetime(2023, 6, 6, 2, 0, tzinfo=UTC)  # Tuesday, 10:00 in Beijing

P = PartyKind
ROSTER = (
    RosterEntry(id="QB01", kind=P.DISTRICT_OFFICE, name="区工匠认定工作领导小组办公室", contacts={"mail": "office@binjiang.example"}),
    RosterEntry(id="JD01", kind=P.SUBDISTRICT_UNION, name="长河街道总工会", parent="QB01", contacts={"mail": "changhe@union.example"}),
    RosterEntry(
        id="LH01",
        kind=P.UNION_FEDERATION,
        name="物联网产业园工会联合会",
        parent="JD01",
        contacts={"mail": "iot@union.example", "web": "iot"},
    ),
    RosterEntry(id="CY01", kind=P.MEMBER_UNIT, name="城市建设投资集团", parent="QB01"),
    *(RosterEntry(id=f"ZJ0{n}", kind=P.EXPERT, name=f"钱评{n}", contacts={"mail": f"expert{n}@school.example"}) for n in (1, 2, 3)),
    *(RosterEntry(id=f"LD0{n}", kind=P.LEADING_GROUP_MEMBER, name=f"吴领{n}", contacts={"mail": f"lead{n}@gov.example"}) for n in (1, 2)),
    RosterEntry(
        id="OP01",
        kind=P.OPERATOR,
        name="郑经办",
        roles=(Role.OFFICE, Role.SECRETARY, Role.FINANCE),
        contacts={"mail": "op@binjiang.example"},
    ),
)


@dataclass
class Town:
    """One house, and what an operator does in it."""

    house: House
    clock: VirtualClock
    given: int = 0

    def do(self, command: Command) -> Result:
        """Give a command; a bulk one with the plan code of its own preview."""
        self.given += 1
        envelope = Envelope(f"run-{self.given}", self.clock.now(), clock=command.operator == CLOCK)
        result = self.house.execute(command, envelope)
        if result.applied:
            return result
        return self.house.execute(command.model_copy(update={"plan_code": result.plan_code}), envelope)

    def act(self, kind: type[Command], **fields: Any) -> Result:
        """Give a command on the round, as its operator."""
        return self.do(kind(**{"round": SLUG, "operator": "OP01", **fields}))

    def tick(self) -> Result:
        return self.do(Tick(round=SLUG))

    def submit(self, *names: str, unit: str = "长河街道总工会", unit_kind: PartyKind = P.SUBDISTRICT_UNION) -> None:
        rows = [SubmittedRow(place=f"第{n}行", candidate=candidate(name, n, unit, unit_kind)) for n, name in enumerate(names, start=2)]
        self.act(SubmitNominations, rows=tuple(rows))

    def rows(self, row_type: type[Row], **wanted: Any) -> list[Any]:
        with self.house.store.read() as connection:
            return Records(connection).where(row_type, **wanted)

    def at(self, instant: str) -> None:
        """Move the clock to an instant on the programme's clock, given without its zone."""
        self.clock.move_to(datetime.fromisoformat(f"{instant}+08:00"))

    def tell(self) -> int:
        """Do what comes before a delivery: notify and queue; gives how many deliveries are new."""
        notify(self.house)
        return queue(self.house)

    def post(self, sender: "Post", holder: str = "postman", limit: int = 100) -> Report:
        self.tell()
        return deliver(self.house, sender, holder, limit)


@dataclass
class Post:
    """A sender that keeps every message and answers as it is told; it stands in for the world outside only."""

    answers: dict[str, list[Outcome]] = field(default_factory=dict)
    kinds: dict[str, ChannelKind] = field(default_factory=lambda: {"mail": ChannelKind.MAIL})
    definitions: dict[str, str] = field(default_factory=dict)
    messages: list[Outgoing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.kinds)

    def kind(self, name: str) -> ChannelKind | None:
        return self.kinds.get(name)

    def definition(self, name: str) -> str:
        return self.definitions.get(name, name)

    def load(self, _message: Outgoing) -> Load | None:
        return None

    def send(self, message: Outgoing) -> Outcome:
        with self._lock:
            self.messages.append(message)
            answers = self.answers.get(message.channel, [])
            return answers.pop(0) if answers else Sent("250 OK")

    def to(self, address: str) -> list[Outgoing]:
        return [message for message in self.messages if message.recipient_address == address]

    @property
    def times(self) -> Counter[str]:
        return Counter(message.message_id for message in self.messages)


def claimed(house: House, holder: str, most: int = CLAIMED) -> list[Claim]:
    """Take what is due, as a deliverer does at its first look, and do nothing with it."""
    now = house.clock.now()
    with house.store.write() as connection:
        return take(connection, now, Lease(holder, now + LEASE, now), most)


def letter_of(writer: Writer, row: Delivery) -> Letter:
    """Write a delivery for the first who can be reached, as a deliverer does."""
    draft = writer.draft(row.round, row.recipient, row.id)
    assert draft is not None
    return writer.written(draft, next(iter(draft.ways.values()), draft.party))


def candidate(name: str, number: int, unit: str, unit_kind: PartyKind) -> Candidate:
    """Make a candidate who meets every condition that a column can show."""
    return Candidate(
        name=name,
        gender="男",
        id_card=f"33010819800101{number:03d}{name[-1]}",
        nationality="中国",
        employer="杭州视界智能有限公司",
        in_service=True,
        union_member=True,
        post="班组长",
        post_kind=PostKind.FRONT_LINE,
        front_line=True,
        trade="数控车工",
        years=Decimal(12),
        field="高端装备",
        honours=(),
        achievements=("1",),
        deeds="练就绝活",
        evidence="证书复印件",
        unit=unit,
        unit_kind=unit_kind,
    )


@cache
def migrated() -> bytes:
    """Give an empty database of the newest schema: migrating anew for every test takes longer than most of them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        store = Store(f"sqlite:///{path}")
        store.migrate()
        store.dispose()
        return path.read_bytes()


def _store(folder: Path, url: str, database: bytes | None = None) -> Store:
    if url:
        store = Store(url)
        store.migrate()
        return store
    (folder / "house.db").write_bytes(database or migrated())
    return Store(f"sqlite:///{folder / 'house.db'}")


def _town(store: Store, now: datetime) -> Town:
    clock, chance = VirtualClock(now), SeededChance(7)
    return Town(House(store, clock, chance, Vault(b"k" * 32, chance), recipients), clock)


def found(folder: Path, roster: Sequence[RosterEntry] = ROSTER, now: datetime = MORNING, url: str = "") -> Town:
    """Make a house with a roster and no round yet."""
    town = _town(_store(folder, url), now)
    town.do(ImportRoster(operator="OP01", entries=tuple(roster)))
    return town


def opened(folder: Path, roster: Sequence[RosterEntry] = ROSTER, rules: str = RULES, url: str = "") -> Town:
    """Make a house with a round that opened at 10:00 on 2023-06-06; on SQLite from a copy of the first one that was opened so."""
    if url:
        return _open(found(folder, roster, url=url), rules)
    key = (rules, *(each.model_dump_json() for each in roster))
    if key not in _openings:
        _openings[key] = _opening(roster, rules)
    database, dice, given = _openings[key]
    town = _town(_store(folder, "", database), MORNING)
    _dice(town).setstate(dice)
    town.given = given
    return town


_openings: dict[tuple[str, ...], tuple[bytes, Any, int]] = {}


def _opening(roster: Sequence[RosterEntry], rules: str) -> tuple[bytes, Any, int]:
    """Open a round in a house of its own; gives its database, its dice and how many commands were given."""
    with tempfile.TemporaryDirectory() as folder:
        town = _open(found(Path(folder), roster), rules)
        town.house.store.dispose()
        return (Path(folder) / "house.db").read_bytes(), _dice(town).getstate(), town.given


def _dice(town: Town) -> Random:
    assert isinstance(town.house.chance, SeededChance)
    return town.house.chance.random


def _open(town: Town, rules: str) -> Town:
    town.do(OpenRound(round=SLUG, operator="OP01", rules=rules, opens_on=date(2023, 6, 6)))
    return town


def reader(folder: str) -> House:
    """Open the house in a folder once more, as another process would."""
    chance = SeededChance(8)
    return House(Store(f"sqlite:///{Path(folder) / 'house.db'}"), VirtualClock(MORNING), chance, Vault(b"k" * 32, chance), recipients)
