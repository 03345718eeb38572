"""What is left to send of a message in parts, kept sealed until it is tried again, or a person says that it is to be sent again."""

import json
from collections.abc import Sequence
from typing import Any

from notifiers.leases import Claim
from notifiers.outgoing import NoChannel, Outcome, Rest, Sent
from notifiers.routes import Route
from states.vault import Vault, pack


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


def still_to_send(vault: Vault, mine: Claim, found: Sequence[Route]) -> tuple[Route, Rest] | None:
    """Give what is left, with the way that it leaves by; None where all is to be sent, also since only other addresses are there now.

    Raises ``VaultError`` where it does not open.
    """
    if mine.rest is None:
        return None
    known = json.loads(vault.open(mine.rest["sealed"], _place(mine)))
    way = next((each for each in found if (each.key, each.address) == (known["route"], known["address"])), None)
    if way is None or way.key in mine.tried:
        return None
    return way, Rest(mine.rest["first"], mine.rest["parts"], tuple((subject, body) for subject, body in known["parts"]))


def _place(mine: Claim) -> str:
    return f"delivery {mine.id}"
