"""All checks of a house, in the order in which a person would mend them."""

import os
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from config.calendar import WorkCalendar, load_overrides
from config.calendar_overrides import SHIPPED
from config.channel_problems import ChannelConfigError, Problem
from config.channels import SHIPPED_CHANNELS, load_channels
from config.doubtful_overrides import doubtful_overrides
from config.errors import ConfigError
from config.settings import Settings
from flows.health import folders
from flows.health.checks import Check, broken, good, one_sentence, warning
from flows.health.contacts import contacts
from flows.health.database import database, holds_house
from flows.health.looking import looked
from flows.health.service import service
from notifiers.channels import Channels
from notifiers.plugins.registry import load_plugins
from notifiers.spares import spare_problems
from states.clock import Clock

_NAMED = 10


def check_up(settings: Settings, clock: Clock) -> list[Check]:
    """Look at everything; nothing is made or changed. What fails by damage that nobody foresaw keeps no other look from being taken."""
    now = clock.now()
    return [
        *looked("home", "数据目录", lambda: [folders.home(settings)]),
        *looked("outbox", "发件夹", lambda: [folders.outbox(settings)]),
        *looked("disk", "磁盘空间", lambda: [folders.disk(settings)]),
        *looked("key", "密钥文件", lambda: [folders.key(settings, used=holds_house(settings))]),
        *looked("database", "数据库", lambda: database(settings, now)),
        *looked("channels", "通知渠道", lambda: _channels(settings, clock)),
        *looked("calendar", "节假日", lambda: _calendar(settings, now)),
        *looked("prefect", "Prefect 服务", lambda: service(settings, now)),
    ]


def _channels(settings: Settings, clock: Clock) -> Iterator[Check]:
    """Look at the channels; while these cannot be used, there is no saying whom they reach."""
    title = "通知渠道"
    try:
        load_plugins(settings.plugins)
        configs = load_channels(settings.channels or SHIPPED_CHANNELS, os.environ)
        channels = Channels(configs, settings.outbox / "mail", clock)
    except ChannelConfigError as error:
        yield broken("channels", title, "；".join(each.what for each in error.problems), _mends(error.problems))
        return
    except OSError as error:
        yield broken("channels", title, one_sentence(str(error)), "请检查主目录的 plugins 文件夹能不能读")
        return
    yield _usable(settings, channels, title)
    if exposed := [f"{each.name}（第 {each.url_line} 行）" for each in configs if each.exposed]:
        mend = "请把它放进环境变量，网址里改写成 ${变量名}，如 ${HALLMARK_SMTP_PASSWORD}"
        yield warning("channel_secrets", "渠道密码", f"channels.yaml 里直接写着密码或密钥：{'、'.join(exposed)}", mend)
    yield from looked("contacts", "联系方式", lambda: contacts(settings, channels, clock.now()))


def _mends(problems: Sequence[Problem]) -> str:
    """Say the mend of each problem with its place; without one where all have the same."""
    if len({each.mend for each in problems}) == 1:
        return problems[0].mend
    return "；".join(f"{each.place or Path(each.file).name}：{each.mend}" for each in problems)


def _usable(settings: Settings, channels: Channels, title: str) -> Check:
    if wrong := spare_problems(settings.alerts, channels):
        return broken("channels", title, "；".join(wrong), f"可用的渠道：{'、'.join(channels.names)}")
    if settings.channels == SHIPPED_CHANNELS:
        return _of_the_demo(settings, title)
    if channels.only_files:
        mend = "要真正发出，请写一份 channels.yaml 并用 HALLMARK_CHANNELS 指出它"
        alarms = f"；HALLMARK_ALERTS 里的 {settings.alerts.strip()} 也收不到告警" if settings.alerts.strip() else ""
        return warning("channels", title, f"没有配置，消息写成文件放在 {settings.outbox / 'mail'}{alarms}", mend)
    return good("channels", title, "、".join(channels.names))


def _of_the_demo(settings: Settings, title: str) -> Check:
    """Say that the demo takes the shipped channels, which are files, whatever this environment names."""
    named = os.environ.get("HALLMARK_CHANNELS")
    unused = f"，不用 HALLMARK_CHANNELS 所指的 {named}" if named and Path(named) != SHIPPED_CHANNELS else ""
    found = f"演示不向任何人发送，消息都写成文件放在 {settings.outbox / 'mail'}{unused}"
    return warning("channels", title, found, "要真正发出，请办正式的一届：用 HALLMARK_CHANNELS 指出 channels.yaml，启动时不带 --demo")


def _doubtful_days(settings: Settings, today: date) -> Iterator[Check]:
    """Look for entries of the house's own file that are most likely slips."""
    if found := doubtful_overrides(settings.calendar_overrides or SHIPPED, today):
        said = "；".join(f"{each.file} 第{each.line}行：{each.reason}" for each in found[:_NAMED])
        more = f" 等 {len(found)} 条" if len(found) > _NAMED else ""
        yield warning("calendar_overrides", "工作日补充安排", f"{said}{more}", "；".join(dict.fromkeys(each.mend for each in found)))


def _calendar(settings: Settings, now: datetime) -> Iterator[Check]:
    """Look whether the holidays of this year and the next are known."""
    try:
        calendar = WorkCalendar(overrides=load_overrides(settings.calendar_overrides))
    except ConfigError as error:
        yield broken("calendar", "节假日", one_sentence(str(error)), "请改正工作日补充安排文件")
        return
    yield from _doubtful_days(settings, calendar.local(now).date())
    year = calendar.local(now).year
    for each in (year, year + 1):
        what, title = f"calendar_{'this' if each == year else 'next'}_year", f"{each} 年节假日"
        if calendar.is_year_announced(each):
            yield good(what, title, "已公布的安排在册")
        else:
            file = settings.calendar_overrides or "config/calendar_overrides.yaml"
            mend = f"公布后升级 chinesecalendar，或填入 {file}；此前有关日期为暂定"
            yield warning(what, title, "安排不在册", mend)
