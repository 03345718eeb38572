"""What is left to send of a message in parts, kept sealed until it is tried again, or a person says that it is to be sent again."""

import json
from dataclasses import dataclass, field
from typing import Any

from notifiers.leases import Claim
from notifiers.outgoing import NoChannel, Outcome, Rest, Sent
from notifiers.routes import Route
from states.vault import Vault, VaultError, pack


@dataclass(frozen=True)
class Left:
    """What is left of a message, and the only way that it leaves by while that stands: to this address, by the route of this key."""

    key: str
    address: str = field(repr=False)
    rest: Rest = field(repr=False)

    def is_for(self, route: Route) -> bool:
        """Say whether a route is the way that the first parts went."""
        return (route.key, route.address) == (self.key, self.address)


def kept(vault: Vault, mine: Claim, route: Route, outcome: Outcome) -> dict[str, Any]:
    """Give the column of a delivery after an outcome: what is left is kept as it was written, until all has arrived."""
    if isinstance(outcome, Sent):
        return {"rest": None} if mine.rest else {}
    if (left := left_by(outcome)) is None:
        return {}
    text = pack({"route": route.key, "address": route.address, "parts": left.parts})
    return {"rest": {"first": left.first, "parts": left.total, "sealed": vault.seal(text, _place(mine))}}


def left_by(outcome: Outcome) -> Rest | None:
    """Give what an outcome leaves of a message whose first parts have arrived; None where it says of none that it did."""
    return None if isinstance(outcome, Sent | NoChannel) else outcome.rest


def still_to_send(vault: Vault, mine: Claim) -> Left | None:
    """Give what is left, with the way that it leaves by; None where all is to be sent, also since its way was refused for good.

    Raises ``VaultError`` where it cannot be read or does not open.
    """
    if mine.rest is None:
        return None
    if not mine.rest:
        raise VaultError("余下部分的记录读不出来")
    known = json.loads(vault.open(mine.rest["sealed"], _place(mine)))
    if known["route"] in mine.tried:
        return None
    parts = tuple((subject, body) for subject, body in known["parts"])
    return Left(known["route"], known["address"], Rest(mine.rest["first"], mine.rest["parts"], parts))


def _place(mine: Claim) -> str:
    return f"delivery {mine.id}"
