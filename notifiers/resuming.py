"""What is left to send of a message in parts, kept sealed until a person says that it is to be sent again."""

import json
from typing import Any

from notifiers.leases import Claim
from notifiers.outgoing import Outcome, Rest, Sent, Unknown
from notifiers.routes import Route
from states.vault import Vault, pack


def kept(vault: Vault, mine: Claim, route: Route, outcome: Outcome) -> dict[str, Any]:
    """Give the column of a delivery after an outcome: what is left is kept as it was written, until all has arrived."""
    if isinstance(outcome, Sent):
        return {"rest": None} if mine.rest else {}
    if not isinstance(outcome, Unknown) or outcome.rest is None:
        return {}
    text = pack({"route": route.key, "address": route.address, "parts": outcome.rest.parts})
    return {"rest": {"first": outcome.rest.first, "parts": outcome.rest.total, "sealed": vault.seal(text, _place(mine))}}


def still_to_send(vault: Vault, mine: Claim, route: Route) -> Rest | None:
    """Give what is left for a route; None where all is to be sent, also since another address never got the first parts.

    Raises ``VaultError`` where it does not open.
    """
    if mine.rest is None:
        return None
    known = json.loads(vault.open(mine.rest["sealed"], _place(mine)))
    if (known["route"], known["address"]) != (route.key, route.address):
        return None
    return Rest(mine.rest["first"], mine.rest["parts"], tuple((subject, body) for subject, body in known["parts"]))


def _place(mine: Claim) -> str:
    return f"delivery {mine.id}"
