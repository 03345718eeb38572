"""The throw-away house of a simulation: a database in a folder of its own, a virtual clock, and seeded chance."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, time
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sqlalchemy import event

from config.calendar import WorkCalendar, load_overrides
from config.settings import Settings
from config.vocabulary import PartyKind, WorkStatus
from flows.simulation.agenda import Agenda
from flows.simulation.hours import Hours
from flows.simulation.incidents import Incidents
from flows.simulation.paces import UNITS, Pace, dealt
from flows.simulation.people import Cast
from flows.simulation.signing import Signers
from notifiers.recipients import recipients
from states.candidate import Candidate
from states.clock import SeededChance, VirtualClock
from states.command import Command
from states.commands.roster import ImportRoster, RosterEntry
from states.commands.rounds import OpenRound
from states.commands.signing import EnrolSigner
from states.commands.tick import Tick
from states.frozen import frozen_programme
from states.house import Envelope, House
from states.ledger import HOUSE
from states.outcome import Result
from states.people import open_person
from states.records import Records
from states.store import Store
from states.tables import Nomination, Person, Round, Row, WorkItem
from states.vault import KEY_BYTES, Vault

R = TypeVar("R", bound=Row)
Tell = Callable[[str], None]
OPENS_AT = time(9)


class World:
    """One house with the people around it. Everything that happens in it follows from the rules, the seed and the input.

    ``opens`` is the day on which the round is opened, at 09:00 in the programme's zone; ``tell`` takes lines for whoever
    started the simulation. Raises ``ProgrammeInvalid`` for rules that cannot be used.
    """

    def __init__(self, folder: Path, rules: str, opens: date, seed: int, cast: Cast, tell: Tell) -> None:
        self.folder = folder
        self.rules = rules
        self.programme = frozen_programme(rules)
        self.slug = self.programme.slug
        self.opens = opens
        self.seed = seed
        self.roster = cast.roster
        self.submissions = cast.submissions
        self.tell = tell
        self.returned: dict[str, str] = {}
        make_calendar = partial(WorkCalendar, overrides=load_overrides(Settings().calendar_overrides))
        self.calendar = make_calendar(self.programme.zone)
        self.clock = VirtualClock(self.calendar.at_hour(self.opens, OPENS_AT))
        chance = SeededChance(seed)
        self.house = House(_store(folder), self.clock, chance, Vault(chance.token(KEY_BYTES), chance), recipients, make_calendar)
        self.agenda = Agenda()
        self.hours = Hours(self.calendar, self.clock, Random(f"{seed} hours"))
        self.random = Random(f"{seed} story")
        self.incidents = Incidents()
        self.ticked_at = self.clock.now()
        self._unit_paces: dict[str, Pace] = {}
        self._deck = dealt(Random(f"{seed} paces"), UNITS)
        self._signers = Signers(self.house, self.clock)
        self._documents: Counter[str] = Counter()
        self._commands = 0

    def open(self) -> None:
        """Enter the roster and open the round at this instant."""
        self.do(ImportRoster, round=HOUSE, entries=self.roster)
        for entry in self.of_kind(PartyKind.OPERATOR) if self.programme.signatures else ():
            self.do(EnrolSigner, round=HOUSE, signer=entry.id)
        self.do(OpenRound, rules=self.rules, opens_on=self.opens)

    def do(self, kind: type[Command], **fields: Any) -> Result:
        """Give a command as an operator would: previewed where it asks for that, then applied under its plan code.

        Raises ``CommandRefused`` with its sentence. The hourly tick will follow.
        """
        command = self._signed(kind(**{"round": self.slug, "operator": self._operator(kind), **fields}))
        envelope = self._envelope()
        result = self.house.execute(command, envelope)
        if not result.applied:
            result = self.house.execute(command.model_copy(update={"plan_code": result.plan_code}), envelope)
        self.agenda.plan(self.hours.next_full_hour(), self.tick)
        return result

    def tick(self) -> None:
        """Run the round's tick at this instant."""
        self.ticked_at = self.clock.now()
        self.house.execute(Tick(round=self.slug), self._envelope(clock=True))

    def rows(self, row_type: type[R], **wanted: Any) -> list[R]:
        """Read rows, by key; a collection means any of its values."""
        with self.house.store.read() as connection:
            return Records(connection).where(row_type, **wanted)

    def nominations(self, **wanted: Any) -> list[Nomination]:
        """Read the round's nominations, by number."""
        return self.rows(Nomination, round=self.slug, **wanted)

    @property
    def round(self) -> Round:
        """The round's row."""
        return self.rows(Round, slug=self.slug)[0]

    def still_open(self, items: Sequence[WorkItem]) -> list[WorkItem]:
        """Give those of some work items that are still open."""
        return self.rows(WorkItem, id=[item.id for item in items], status=WorkStatus.OPEN.value) if items else []

    def candidate(self, nomination: str) -> Candidate:
        """Open a nomination's candidate in the vault."""
        return open_person(self.house.vault, self.rows(Person, nomination=nomination)[0]).candidate

    def document(self, series: str) -> str:
        """Number the next document of a series: ``区工匠办〔2023〕3号``."""
        self._documents[series] += 1
        return f"{series}〔{self.hours.today:%Y}〕{self._documents[series]}号"

    def of_kind(self, kind: PartyKind) -> list[RosterEntry]:
        """Give the roster's parties of a kind, in its order."""
        return [entry for entry in self.roster if entry.kind == kind]

    def unit_pace(self, unit: str) -> Pace:
        """Give the pace at which a unit answers, dealt when it is first asked."""
        if unit not in self._unit_paces:
            self._unit_paces[unit] = next(self._deck)
        return self._unit_paces[unit]

    def _operator(self, kind: type[Command]) -> str:
        """Find whom a command is meant for: its last role is its most special one, and the fewer roles the better."""
        for role in reversed(kind.roles):
            holders = [entry for entry in self.of_kind(PartyKind.OPERATOR) if role in entry.roles]
            if holders:
                return min(holders, key=lambda entry: len(entry.roles)).id
        raise LookupError(f"nobody in the roster may give {kind.__name__}")

    def _signed(self, command: Command) -> Command:
        """Put a one-time code on a command, where the programme asks for one."""
        if not self.programme.signatures or command.round == HOUSE:
            return command
        return command.model_copy(update={"code": self._signers.code(command.operator)})

    def _envelope(self, *, clock: bool = False) -> Envelope:
        self._commands += 1
        return Envelope(f"{self.slug}-run-{self._commands:06d}", self.clock.now(), clock)


def _store(folder: Path) -> Store:
    """Make the database; nobody will ever want it back after a crash, so it need not wait for the disk."""
    store = Store(f"sqlite:///{folder / 'simulation.db'}")
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    store.migrate()
    return store
