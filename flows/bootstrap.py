"""Builds the house out of its settings: the one place where the rooms are put together."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from config.calendar import WorkCalendar, load_overrides
from config.channels import SHIPPED_CHANNELS, load_channels
from config.settings import Settings
from flows.papers import paper_maker
from notifiers.channels import Channels
from notifiers.pace import Pace
from notifiers.plugins.registry import load_plugins
from notifiers.recipients import recipients
from states.clock import Chance, Clock, SystemChance, SystemClock
from states.house import House
from states.store import Store
from states.vault import Vault, load_key


@dataclass(frozen=True)
class App:
    """A house that is ready to work, with the folders and channels around it."""

    settings: Settings
    house: House
    channels: Channels


def build(settings: Settings | None = None, clock: Clock | None = None, chance: Chance | None = None) -> App:
    """Open the house: its folders, its key and its database, brought to the newest schema.

    Raises ``HallmarkError`` or ``ConfigError`` with a sentence for the operator when something of it cannot be used, and
    ``OSError`` where the home cannot be. The outbox is made by what writes into it.
    """
    settings, clock, chance = settings or Settings(), clock or SystemClock(), chance or SystemChance()
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):  # whoever reads from it says what is wrong with it; what needs no file must go on
        settings.inbox.mkdir(parents=True, exist_ok=True)
    store = Store(settings.url)
    store.migrate()
    vault = Vault(load_key(settings.key_path, chance), chance)
    load_plugins(settings.plugins)
    configs = load_channels(settings.channels or SHIPPED_CHANNELS, os.environ)
    channels = Channels(configs, settings.outbox / "mail", clock, pace=Pace(store, clock), maker=paper_maker(store, vault))
    calendar = partial(WorkCalendar, overrides=load_overrides(settings.calendar_overrides))
    return App(settings, House(store, clock, chance, vault, recipients, calendar), channels)
