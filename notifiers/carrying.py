"""One run of the post: what the ledger has to tell is sent and settled, and of whom that did not reach others hear in the same run."""

from collections.abc import Callable
from dataclasses import replace

from notifiers.delivery import Report, deliver
from notifiers.digest import queue
from notifiers.outbox import notify
from notifiers.routes import Sender
from notifiers.sending import AT_ONCE
from notifiers.settling import settle_all
from states.faults import Faults
from states.house import House

TURNS = 2
"""What failed in the first turn is told in the second; that such a message failed too is told to nobody."""


def carry(
    house: House,
    channels: Sender,
    holder: str,
    limit: int = 1000,
    dashboard: str = "",
    at_once: int = AT_ONCE,
    faults: Faults | None = None,
) -> Report:
    """Send what may leave now, at most ``limit`` messages a turn, and enter how it ended. Raises what ``deliver`` does.

    A round that has a fault waits while the others' messages leave, and is noted in ``faults``; without these it stops them all.
    """
    reports: list[Report] = []
    take_turns(house, lambda: reports.append(deliver(house, channels, holder, limit, dashboard, at_once, faults)), faults)
    return _together(reports)


def take_turns(house: House, send: Callable[[], None], faults: Faults | None = None) -> None:
    """Make messages of what happened, let ``send`` send them, and settle; once more where that has something to tell."""
    for turn in range(TURNS):
        if not notify(house, faults) and turn:
            return
        queue(house, faults)
        send()
        settle_all(house)


def _together(reports: list[Report]) -> Report:
    sent, failed, unknown = (sum(getattr(each, name) for each in reports) for name in ("sent", "failed", "unknown"))
    return replace(reports[-1], sent=sent, failed=failed, unknown=unknown)
