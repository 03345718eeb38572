"""One-time codes for programmes that ask for signatures: every operator has an authenticator (wall 10)."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pyotp
from pydantic import SecretStr

from states.commands.signing import provisioning_uri

if TYPE_CHECKING:
    from states.clock import VirtualClock
    from states.house import House

_NEXT_CODE = timedelta(seconds=30)


class Signers:
    """The authenticators of a simulation's operators. A code is used once: whoever has none left waits for the next."""

    def __init__(self, house: "House", clock: "VirtualClock") -> None:
        self._house = house
        self._clock = clock
        self._used: set[tuple[str, str]] = set()

    def code(self, operator: str) -> SecretStr:
        """Give an operator's next fresh code, moving the clock to its time. Raises ``CommandRefused`` before enrolment."""
        authenticator = cast("pyotp.TOTP", pyotp.parse_uri(provisioning_uri(self._house, operator)))
        now = self._clock.now()
        while (operator, authenticator.at(now)) in self._used:
            now += _NEXT_CODE
        self._clock.move_to(now)
        self._used.add((operator, authenticator.at(now)))
        return SecretStr(authenticator.at(now))
