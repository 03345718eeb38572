"""What the service looks after itself, for a worker that is dead or stuck can tell nobody: a clock that stands still."""

import asyncio
from contextlib import suppress

from config.settings import Settings
from flows.alarming import sound_for_clock, stopped_rounds
from flows.bootstrap import App, build
from states.clock import Clock


def watch_clock(settings: Settings, clock: Clock) -> None:
    """Alarm the operators when the clock stands still, and let the boards shout; raises nothing.

    Prefect's clients of this thread talk to the service's own server.
    """
    sound_for_clock(settings, clock)
    with suppress(Exception):  # the operators are told; a board that cannot be written now is written at the next look
        app = build(settings, clock)
        try:
            asyncio.run(show_stopped(app))
        finally:
            app.house.store.dispose()


async def show_stopped(app: App) -> list[str]:
    """Write the boards of the rounds that the clock has left alone for too long; gives their slugs. The next tick writes them anew."""
    from flows.dashboard import write_board

    stopped = sorted(stopped_rounds(app))
    for slug in stopped:
        await write_board(app, slug)
    return stopped
