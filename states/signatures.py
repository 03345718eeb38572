"""Signatures: where the programme asks for them, an operator's one-time code, spent at its first evaluation (wall 10).

Codes are RFC 6238 (TOTP, 6 digits, 30 s). The secret lies in the vault; a code is judged at the instant the run was asked
for, is good for fifteen minutes from then, and never counts twice.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pyotp
from sqlalchemy import Connection, insert, select

from states.command import CLOCK, Command
from states.errors import NotPermitted, Refusal
from states.frozen import frozen_programme
from states.ledger import HOUSE
from states.records import table_of
from states.tables import Round, SpentCode, VaultText

if TYPE_CHECKING:
    from states.clock import Clock
    from states.house import Envelope
    from states.store import Store
    from states.vault import Vault

GOOD_FOR = timedelta(minutes=15)
KIND = "one-time-secret"
"""Kind of the vault text that holds an operator's secret; its subject is the operator's party id."""


class Signatures:
    """Evaluates one-time codes in a transaction of their own, so that a refused command has spent its code too."""

    def __init__(self, store: "Store", vault: "Vault", clock: "Clock") -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    def spend(self, command: Command, envelope: "Envelope") -> None:
        """Check and spend a command's code where signatures are asked for. Raises ``NotPermitted``.

        A round asks by its rules, an opening by those that it brings, and the house while a running round does. The clock,
        whom the house knows by its envelope, signs nothing.
        """
        if envelope.clock and command.operator == CLOCK:
            return
        with self._store.write() as connection:
            refusal = self._evaluate(connection, command, envelope)
        if refusal is not None:
            raise NotPermitted(f"不能“{command.title}”", [refusal])

    def _evaluate(self, connection: Connection, command: Command, envelope: "Envelope") -> Refusal | None:
        if not _asks(connection, command):
            return None
        operator = command.operator.strip()
        code = command.code.get_secret_value().strip()
        spent = self._spent_by(connection, operator, code)
        if spent is not None:
            return None if spent == envelope.id else Refusal("code-spent", "动态码已用过，请等下一个动态码")
        good = self._is_good(connection, operator, code, envelope)
        if code:
            row = {
                "operator": operator,
                "digest": self._vault.fingerprint(code),
                "run": envelope.id if good else "",
                "at": self._clock.now(),
            }
            connection.execute(insert(table_of(SpentCode)), [row])
        return None if good else Refusal("code-wrong", "动态码不对或已过时，请用经办人自己的动态码重新提交")

    def _is_good(self, connection: Connection, operator: str, code: str, envelope: "Envelope") -> bool:
        text = table_of(VaultText)
        query = select(text.c.id, text.c.body).where(text.c.kind == KIND, text.c.subject == operator)
        row: Any = connection.execute(query).one_or_none()
        if row is None or self._clock.now() - envelope.created_at >= GOOD_FOR:
            return False
        secret = self._vault.open(row.body, f"text {row.id}")
        return pyotp.TOTP(secret).verify(code, for_time=envelope.created_at, valid_window=1)

    def _spent_by(self, connection: Connection, operator: str, code: str) -> str | None:
        spent = table_of(SpentCode)
        match = (spent.c.operator == operator, spent.c.digest == self._vault.fingerprint(code))
        return connection.execute(select(spent.c.run).where(*match)).scalar_one_or_none()


def _asks(connection: Connection, command: Command) -> bool:
    if command.round == HOUSE:
        return _house_asks(connection) and not (command.enrols and _nobody_signs(connection))
    row = table_of(Round)
    rules = connection.execute(select(row.c.rules).where(row.c.slug == command.round)).scalar_one_or_none() or command.own_rules()
    return bool(rules) and frozen_programme(rules).signatures


def _house_asks(connection: Connection) -> bool:
    """Whether some round that has not ended asks: who may act in it is decided in the house."""
    row = table_of(Round)
    texts = connection.execute(select(row.c.rules).where(row.c.closed_at.is_(None))).scalars()
    return any(frozen_programme(rules).signatures for rules in texts)


def _nobody_signs(connection: Connection) -> bool:
    return connection.execute(select(table_of(VaultText).c.id).where(table_of(VaultText).c.kind == KIND).limit(1)).first() is None
