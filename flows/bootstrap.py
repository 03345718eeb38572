"""Builds the house out of its settings: the one place where the rooms are put together."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
from states.store import Store, made_by_house
from states.vault import Vault, VaultError, load_key

LOST_KEY = "请从保管处放回原来的密钥文件（权限 0600），或用 HALLMARK_KEY_FILE 指出它；没有它，个人信息打不开"
"""What to do where a database stands without its key."""


@dataclass(frozen=True)
class App:
    """A house that is ready to work, with the folders and channels around it."""

    settings: Settings
    house: House
    channels: Channels


def build(settings: Settings | None = None, clock: Clock | None = None, chance: Chance | None = None) -> App:
    """Open the house: its folders, its key and its database, brought to the newest schema.

    Raises ``HallmarkError`` or ``ConfigError`` with a sentence for the operator when something of it cannot be used, its key lost
    among others, and ``OSError`` where the home cannot be. The outbox is made by what writes into it.
    """
    settings, clock, chance = settings or Settings(), clock or SystemClock(), chance or SystemChance()
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError):  # whoever reads from it says what is wrong with it; what needs no file must go on
        settings.inbox.mkdir(parents=True, exist_ok=True)
    store = Store(settings.url)
    try:
        return _put_together(settings, store, clock, chance)
    except BaseException:  # also an interrupt: whoever asked gets no house, so nobody else would close its connections
        store.dispose()
        raise


def _put_together(settings: Settings, store: Store, clock: Clock, chance: Chance) -> App:
    vault = Vault(_key(settings.key_path, store, chance), chance)
    store.migrate()
    load_plugins(settings.plugins)
    configs = load_channels(settings.channels or SHIPPED_CHANNELS, os.environ)
    channels = Channels(configs, settings.outbox / "mail", clock, pace=Pace(store, clock), maker=paper_maker(store, vault))
    calendar = partial(WorkCalendar, overrides=load_overrides(settings.calendar_overrides))
    return App(settings, House(store, clock, chance, vault, recipients, calendar), channels)


def _key(path: Path, store: Store, chance: Chance) -> bytes:
    """Read the key, making it before there is a house. One that a house has lost is never made anew: it would open nothing.

    Raises ``VaultError``, and ``StoreUnavailable`` before a key is made for a database that cannot be opened.
    """
    # Looked for twice: another first start may make key and house between the two looks.
    if not path.exists():
        with store.read() as connection:
            standing = made_by_house(connection)
        if standing and not path.exists():
            raise VaultError(
                f"密钥文件 {path} 不见了，数据库却在：{LOST_KEY}；什么也没有改动，也没有另造密钥。[the vault's key is missing]"
            )
    return load_key(path, chance)
