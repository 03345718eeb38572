"""The house: opens the unit of work, and inside it recalls, authorises, plans, compares and applies (walls 4, 9, 10)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select

from config.calendar import WorkCalendar
from config.nearest import as_typed, instead, perhaps
from config.vocabulary import PartyKind, Role
from states.clock import Chance, Clock
from states.command import CLOCK, Command
from states.due_now import before_a_command, done_first, time_was_over
from states.errors import CommandRefused, NotPermitted, PlanChanged, Refusal, SameContentAgain
from states.frozen import frozen_programme
from states.ledger import HOUSE, canonical, digest, genesis
from states.outcome import Outcome, Result
from states.records import table_of
from states.signatures import Signatures
from states.store import Store
from states.tables import Chain, CommandRow, Nomination, Party, Round
from states.vault import Vault
from states.work import Actor, Work, lock_chain, start_chain

DOUBLE_CLICK = timedelta(minutes=10)
_PLAN_CODE_LENGTH = 8
Recipients = Callable[[Work], list[str]]


@dataclass(frozen=True)
class Envelope:
    """How a command arrives: ``id`` is the flow run's, ``created_at`` (aware) when that run was asked for.

    ``clock`` says that the clockwork itself gives the command; no form can say so.
    """

    id: str
    created_at: datetime
    clock: bool = False


@dataclass(frozen=True)
class House:
    """One database with its key, clock and chance. ``recipients`` foretells who will be told of a unit of work's entries."""

    store: Store
    clock: Clock
    chance: Chance
    vault: Vault
    recipients: Recipients
    calendar: Callable[[str], WorkCalendar] = WorkCalendar

    def execute(self, command: Command, envelope: Envelope) -> Result:
        """Carry out a command once.

        The same id again gives the old result. A bulk command without a plan code is only previewed. Raises
        ``CommandRefused`` or one of its children, and then nothing was changed.
        """
        _refuse_impostor(command, clock=envelope.clock)
        Signatures(self.store, self.vault, self.clock).spend(command, envelope)
        with self.store.write() as connection:
            work = self._begin(connection, command)
            done = _recall(connection, envelope.id)
            if done is not None:
                return done
            work.actor = _authorise(work, command)
            result = self._planned(connection, work, command, envelope)
            if not result.applied:
                connection.rollback()
                return result
            return self._apply(connection, work, command, envelope, result)

    def preview(self, command: Command) -> Result:
        """Say what an operator's command would do and to whom, and give its plan code; nothing is written."""
        _refuse_impostor(command, clock=False)
        with self.store.write() as connection:
            work = self._begin(connection, command)
            work.actor = _authorise(work, command)
            outcome = _plan(work, command)
            told = tuple(self.recipients(work))
            result = Result(outcome=outcome, applied=False, plan_code=self._code(work, command, outcome, told), told=told)
            connection.rollback()
            return result

    def _begin(self, connection: Connection, command: Command) -> Work:
        # The house before the round, always: two that wait for each other would wait for ever.
        house = _lock_house(connection) if command.registers or command.compares or command.round == HOUSE else None
        chain = house if command.round == HOUSE else lock_chain(connection, command.round)
        if chain is None and not command.opens:
            near = instead(command.round, connection.execute(select(table_of(Round).c.slug)).scalars())
            raise CommandRefused(f"不能“{command.title}”", [Refusal("no-round", f"没有代号为“{command.round}”的届次{near}")])
        work = Work(connection, chain or Chain(name=command.round, genesis="", head=""), self.clock.now(), self.vault)
        work.house_seq = house.seq if house is not None else None
        rules = command.own_rules() or (work.round.rules if chain is not None and command.round != HOUSE else "")
        if rules:
            work.programme = frozen_programme(rules)
            work.calendar = self.calendar(work.programme.zone)
        return work

    def _planned(self, connection: Connection, work: Work, command: Command, envelope: Envelope) -> Result:
        outcome = _plan(work, command)
        told = tuple(self.recipients(work))
        code = self._code(work, command, outcome, told)
        if command.bulk and not command.plan_code:
            return Result(outcome=outcome, applied=False, plan_code=code, told=told)
        if work.entries:  # what is refused, or would change nothing, has said so by itself
            self._ask_about_double_click(connection, command, envelope, work.now)
        if command.bulk and command.plan_code.strip().upper() != code:
            raise PlanChanged(f"不能“{command.title}”", [_plan_refusal(outcome)])
        return Result(outcome=outcome, applied=True, plan_code=code, told=told)

    def _apply(self, connection: Connection, work: Work, command: Command, envelope: Envelope, result: Result) -> Result:
        happened = work.commit()
        result = result.model_copy(update={"happened": happened})
        row = {
            "id": envelope.id,
            "name": command.name,
            "round": command.round,
            "digest": self.vault.fingerprint(command.content()),
            "operator": work.actor.operator,
            "at": work.now,
            "result": result.model_dump_json(),
        }
        if happened:
            connection.execute(insert(table_of(CommandRow)), [row])
        return result

    def _code(self, work: Work, command: Command, outcome: Outcome, told: tuple[str, ...]) -> str:
        """Give the plan code: over the command, its inputs, row versions, outcomes and recipients; never over the time."""
        versions = {row.number: row.version for row in work.records.known(Nomination)}
        parts = [command.content(), canonical(versions), outcome.agreed(), canonical(list(told))]
        return self.vault.fingerprint(digest(*parts))[:_PLAN_CODE_LENGTH].upper()

    def _ask_about_double_click(self, connection: Connection, command: Command, envelope: Envelope, now: datetime) -> None:
        if command.again or command.once or command.operator == CLOCK:
            return
        row = table_of(CommandRow)
        same = select(row.c.id, row.c.at).where(row.c.digest == self.vault.fingerprint(command.content()), row.c.id != envelope.id)
        for _, at in connection.execute(same):
            if now - at < DOUBLE_CLICK:
                sentence = "十分钟内已用同样的内容办理过一次；如确需再办一次，请打开“确认再次办理”（hallmark import 加 --again）"
                raise SameContentAgain(f"不能“{command.title}”", [Refusal("same-content", sentence)])


def _plan(work: Work, command: Command) -> Outcome:
    """Plan a command, after what time has decided by now where the command asks for that; a refusal says so too."""
    done = before_a_command(work) if command.after_clock else []
    try:
        outcome = command.plan(work)
    except CommandRefused as error:
        if done:
            raise CommandRefused(error.what, [*error.refusals, time_was_over(done)]) from error
        raise
    if not done:
        return outcome
    first = {"summary": f"{outcome.summary}（{done_first(done)}）", "touched": (*done, *outcome.touched), "first": len(done)}
    return outcome.model_copy(update=first)


def _lock_house(connection: Connection) -> Chain:
    return lock_chain(connection, HOUSE) or start_chain(connection, HOUSE, genesis(HOUSE, ""))


def _refuse_impostor(command: Command, *, clock: bool) -> None:
    """Refuse the clock's name to anybody else: it has no code, and is never asked whether it means it."""
    if command.operator.strip() == CLOCK and not clock:
        raise NotPermitted(f"不能“{command.title}”", [Refusal("clock-impostor", "“clock”是系统时钟，不是经办人编号，请填写自己的编号")])


def _recall(connection: Connection, command_id: str) -> Result | None:
    row = table_of(CommandRow)
    stored = connection.execute(select(row.c.result).where(row.c.id == command_id)).scalar_one_or_none()
    return None if stored is None else Result.model_validate_json(stored).model_copy(update={"again": True})


def _authorise(work: Work, command: Command) -> Actor:
    """Find who gives the command and whether a role of theirs may. Raises ``NotPermitted``."""
    if command.operator == CLOCK:
        if Role.CLOCK in command.roles:
            return Actor(CLOCK, (Role.CLOCK,))
        raise NotPermitted(f"不能“{command.title}”", [Refusal("clock", "系统时钟不能办理此项")])
    operator = find_operator(work, command.operator)
    if operator is None:
        operator = command.newcomer(work)
    if operator is None:
        given = command.operator.strip()
        quoted = as_typed(given)  # what is no id may be a name, and names stay out of Prefect
        named = f"编号为{quoted}" if quoted else "这样"
        sentence = f"名册里没有{named}的在任经办人，请填写名册中的经办人编号（不是姓名）{_near_operators(work, given)}"
        raise NotPermitted(f"不能“{command.title}”", [Refusal("no-operator", sentence)])
    roles = tuple(Role(role) for role in operator.roles)
    if not set(roles) & set(command.roles):
        raise NotPermitted(f"不能“{command.title}”", [Refusal("wrong-role", f"经办人 {operator.id} 的角色不能办理此项")])
    return Actor(operator.id, roles)


def _near_operators(work: Work, given: str) -> str:
    return perhaps(given, work.ids(PartyKind.OPERATOR))


def find_operator(work: Work, given: str) -> Party | None:
    """Find an operator in office by id. Names are not taken: what a form holds, Prefect stores."""
    party, today = work.party(given.strip()), work.today
    if party is None or party.kind != PartyKind.OPERATOR:
        return None
    begun = party.valid_from is None or party.valid_from <= today
    return party if begun and (party.valid_to is None or today <= party.valid_to) else None


def _plan_refusal(outcome: Outcome) -> Refusal:
    """Say what would happen now, in short. A new code is got with a new preview: whoever agrees must have seen to what."""
    return Refusal(
        "plan-changed",
        f"计划码与现在的预览不符：预览之后情况有变，或计划码填错了。现在将是：{outcome.summary}。请不填计划码重新预览，核对后再办",
    )
