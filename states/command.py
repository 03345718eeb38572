"""What every command is: frozen input from one operator, and a plan made inside the unit of work."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from config.vocabulary import Role
from states.ledger import HOUSE
from states.outcome import Outcome

if TYPE_CHECKING:
    from states.tables import Party
    from states.work import Work

CLOCK = "clock"
_NOT_CONTENT = frozenset({"code", "plan_code", "again"})


class Command(BaseModel, ABC):
    """One thing to do, imperative. ``plan`` records its entries in the unit of work; the house writes or drops them.

    ``roles`` are the operator's roles that may give it; ``bulk`` commands are previewed first and need the plan code;
    ``again`` confirms that the same content is meant a second time within ten minutes. ``registers`` says that a command of
    a round may enter parties, which belong to the whole house: it locks the house before its round. ``compares`` says that it asks what
    other rounds have decided on the same people: it takes the same lock, or two rounds would decide at once, neither seeing
    the other. ``enrols`` says that it gives somebody a secret to sign with. ``after_clock`` says that what time has decided by
    now is done first, for a late tick would find it gone, moved or decided by other rules. ``once`` says that a second time is
    refused by its plan until somebody has undone the first: who gives the same content again then means it, and is not asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: ClassVar[str]
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE,)
    bulk: ClassVar[bool] = False
    opens: ClassVar[bool] = False
    registers: ClassVar[bool] = False
    compares: ClassVar[bool] = False
    enrols: ClassVar[bool] = False
    after_clock: ClassVar[bool] = False
    once: ClassVar[bool] = False

    round: str = HOUSE
    operator: str
    code: SecretStr = Field(default=SecretStr(""))
    plan_code: str = ""
    again: bool = False

    @property
    def name(self) -> str:
        """The command's stable name: its class's."""
        return type(self).__name__

    def content(self) -> str:
        """Give all inputs as canonical JSON, without what only says how it is given. Personal: only its keyed hash is kept."""
        return f"{self.name} {self.model_dump_json(exclude=set(_NOT_CONTENT))}"

    def newcomer(self, work: "Work") -> "Party | None":
        """Give the operator when the roster does not know them yet; only the very first roster brings its own."""
        del work
        return None

    def own_rules(self) -> str:
        """Give the rules that the command brings with it, "" for one whose round has its own."""
        return ""

    @abstractmethod
    def plan(self, work: "Work") -> Outcome:
        """Decide and record inside ``work``. Raises ``CommandRefused`` with every reason."""
