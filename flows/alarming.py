"""Raising an alarm: once an hour for each cause, and also when the house itself cannot be opened."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from config.channel_problems import ChannelConfigError
from config.channels import SHIPPED_CHANNELS, load_channels
from config.errors import ConfigError
from config.os_errors import place, why
from config.settings import Settings
from config.vocabulary import AlarmCause, DeliveryStatus, RoundState
from flows.bootstrap import App, build
from flows.reading.stillness import clock_stopped
from notifiers.alarms import Alarm, Mend, Reached, Way, send_alarm, undelivered
from notifiers.channels import Channels
from notifiers.plugins.registry import load_plugins
from notifiers.stamps import Stamp, stamped
from states.alarms import QUIET, alarmed_at, claim, tell_until, told_until
from states.clock import Clock
from states.errors import HallmarkError
from states.heartbeat import waited_since
from states.records import Records
from states.store import StoreUnavailable
from states.tables import ChannelHealth, Round

SETTLING = timedelta(minutes=1)
"""What ended so lately may still be on its way into the database: the next look tells of it."""

STILL_REFUSED = timedelta(hours=1)
"""A channel that was refused longer ago has nothing waiting for it, or may be mended: what waits asks it within half an hour, and a rest is no longer."""

_OF_STATUS = {AlarmCause.MESSAGE_FAILED: DeliveryStatus.REFUSED_FOR_GOOD, AlarmCause.MESSAGE_UNKNOWN: DeliveryStatus.UNKNOWN}
_ENDED = (RoundState.CLOSED.value, RoundState.CANCELLED.value)
_MEND_SAID = Mend(
    "照写明的原因改正；改好以后系统自动继续，到期未办的会自动补办，不必重新启动（改了环境变量的除外）",
    "Mend what is named above; the house goes on by itself, and what fell due meanwhile is made up for.",
)
_MEND_DATABASE = Mend(
    "运行 hallmark doctor，照它说的恢复数据库；恢复以后系统自动继续，到期未办的会自动补办",
    "Run hallmark doctor and bring the database back; what fell due meanwhile is made up for.",
)
_BROKEN = (HallmarkError, ConfigError, ChannelConfigError, SQLAlchemyError, OSError)


@dataclass(frozen=True)
class Sounded:
    """What became of an alarm: who took it, or until when (aware) its cause is silent; ``again_at`` is the end of that, in either case."""

    reached: Reached = Reached.NOBODY
    silent_until: datetime | None = None
    again_at: datetime | None = None


def sound(settings: Settings, clock: Clock, cause: AlarmCause, detail: str = "", since: datetime | None = None) -> Sounded:
    """Alarm the operators, whatever of the house still works; ``since`` is aware, now where it is not known."""
    with opened_house(settings, clock) as app:
        return sound_in(app, settings, clock, Alarm(cause, since or clock.now(), clock.now(), detail))


def sound_in(app: App | None, settings: Settings, clock: Clock, alarm: Alarm) -> Sounded:
    """Alarm the operators of an open house, or without one whoever HALLMARK_ALERTS names, or a file."""
    with stamped(settings.folder / "alarms", alarm.cause.value) as stamp:
        app, silent_until = _turn(app, stamp, alarm)
        if silent_until is not None:
            return Sounded(silent_until=silent_until, again_at=silent_until)
        stamp.put(alarm.at)
    channels = app.channels if app else _channels_alone(settings, clock)
    way = Way(channels, settings.alerts, settings.outbox / "mail", clock, settings.public_url)
    try:
        reached = send_alarm(alarm, way, app.house if app else None)
    except _BROKEN:
        reached = send_alarm(alarm, way, None)
    return Sounded(reached, again_at=alarm.at + QUIET)


def sound_for_messages(app: App) -> dict[AlarmCause, Sounded]:
    """Alarm of messages that reached nobody, or that nobody knows of, since the last such alarm, and of channels that are refused."""
    sounded = {}
    if refused := _refused_channels(app):
        now, said = app.house.clock.now(), "；".join(f"{row.channel}：{row.reason}" for row in refused)
        alarm = Alarm(AlarmCause.CHANNEL_REFUSED, min(row.failing_since for row in refused), now, said)
        sounded[alarm.cause] = sound_in(app, app.settings, app.house.clock, alarm)
    for cause, status in _OF_STATUS.items():
        now = app.house.clock.now()
        with app.house.store.read() as connection:
            known = told_until(connection, cause)
        count, first = undelivered(app.house, status, known, now - SETTLING)
        if count:
            sounded[cause] = sound_in(app, app.settings, app.house.clock, Alarm(cause, first or now, now, f"{count} 条"))
            if sounded[cause].reached:
                tell_until(app.house.store, cause, now - SETTLING)
    return sounded


def untold(app: App) -> datetime | None:
    """Give from when (aware) may be told of what has just reached nobody, where only its settling keeps that back."""
    now, found = app.house.clock.now(), []
    with app.house.store.read() as connection:
        known = {cause: (told_until(connection, cause), alarmed_at(connection, cause)) for cause in _OF_STATUS}
    for cause, (until, last) in known.items():
        _, first = undelivered(app.house, _OF_STATUS[cause], until, now)
        if first and first + SETTLING > now and not (last and last + QUIET > now):
            found.append(first + SETTLING)
    return min(found, default=None)


def _refused_channels(app: App) -> list[ChannelHealth]:
    """Give the channels that the other side has lately refused as such; where something waits for one, it is asked time and again."""
    lately = app.house.clock.now() - STILL_REFUSED
    with app.house.store.read() as connection:
        rows = Records(connection).where(ChannelHealth)
    # A channel that is configured no longer is used no more.
    return [row for row in rows if row.refused_at and row.refused_at > lately and row.channel in app.channels.names]


def sound_for_clock(settings: Settings, clock: Clock) -> Sounded:
    """Alarm when no tick came through some running round for too long, or when nobody can tell; else stay silent."""
    try:
        with opened_house(settings, clock) as app:
            if app is None:
                return sound_in(
                    None, settings, clock, Alarm(AlarmCause.CLOCK_STOPPED, clock.now(), clock.now(), *_why_closed(settings, clock))
                )
            stopped = stopped_rounds(app)
            if not stopped:
                return Sounded()
            alarm = Alarm(AlarmCause.CLOCK_STOPPED, min(stopped.values()), clock.now(), "、".join(sorted(stopped)))
            return sound_in(app, settings, clock, alarm)
    except _BROKEN as error:
        detail = f"数据库出错：{type(error).__name__}"
        return sound_in(None, settings, clock, Alarm(AlarmCause.CLOCK_STOPPED, clock.now(), clock.now(), detail, _MEND_DATABASE))


def stopped_rounds(app: App) -> dict[str, datetime]:
    """Give the running rounds that the clock has left alone for too long, and since when (UTC)."""
    now = app.house.clock.now()
    with app.house.store.read() as connection:
        running = [row.slug for row in Records(connection).where(Round) if row.state not in _ENDED]
        still = [slug for slug in running if clock_stopped(app.settings, connection, slug, now)]
        return {slug: waited_since(connection, slug) or now for slug in still}


def _turn(app: App | None, stamp: Stamp, alarm: Alarm) -> tuple[App | None, datetime | None]:
    """Take the turn in the file of this machine and in the database of all; one that cannot be written may still know whom to tell."""
    if stamp.at is not None and stamp.at <= alarm.at < stamp.at + QUIET:
        return app, stamp.at + QUIET
    if app is None:
        return None, None
    try:
        if claim(app.house.store, alarm.cause, alarm.at):
            return app, None
        with app.house.store.read() as connection:
            return app, (alarmed_at(connection, alarm.cause) or alarm.at) + QUIET
    except _BROKEN:
        return app, None


@contextmanager
def opened_house(settings: Settings, clock: Clock) -> Iterator[App | None]:
    """Open the house, or give None where it cannot be opened."""
    try:
        app = build(settings, clock)
    except _BROKEN:
        yield None
        return
    try:
        yield app
    finally:
        app.house.store.dispose()


def _why_closed(settings: Settings, clock: Clock) -> tuple[str, Mend]:
    """Say why the house cannot be opened and what to do: a slip in a file, or a lost key, is no fault of the database."""
    try:
        build(settings, clock).house.store.dispose()
    except ChannelConfigError as error:
        return f"渠道文件不能用：{error}", _MEND_SAID
    except OSError as error:
        return f"{place(error, settings.folder) or '文件'}用不了：{why(error)}", _MEND_SAID
    except (HallmarkError, ConfigError) as error:
        return str(error), _MEND_DATABASE if isinstance(error, StoreUnavailable) else _MEND_SAID
    except SQLAlchemyError:
        return "数据库打不开", _MEND_DATABASE
    return "刚才打不开，现在已能打开", _MEND_SAID


def _channels_alone(settings: Settings, clock: Clock) -> Channels:
    """Give the channels without anything of the database; files where they cannot be read either."""
    folder = settings.outbox / "mail"
    try:
        load_plugins(settings.plugins)
        return Channels(load_channels(settings.channels or SHIPPED_CHANNELS, os.environ), folder, clock)
    except (ChannelConfigError, OSError):
        return Channels([], folder, clock)
