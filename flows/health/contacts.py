"""The roster: whom the reminders and escalations of open work could not reach, while there is time to enter an address."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from config.calendar import WorkCalendar
from config.settings import Settings
from config.vocabulary import RoundState
from flows.health.checks import Check, good, warning
from flows.health.database import is_current, is_there
from flows.reading.unreachable import ADD_A_CHANNEL, IN_A_FILE, NOT_IN_OFFICE, UNREACHED, Unreachable, unreachable
from notifiers.answers import NO_CHANNEL, NO_CONTACT
from notifiers.routes import Sender, files
from states.frozen import frozen_programme
from states.records import Records
from states.store import Store, StoreUnavailable
from states.tables import Round

_ENDED = (RoundState.CLOSED, RoundState.CANCELLED)
_MOST = 5
_SAID = {NO_CONTACT: NO_CONTACT, NO_CHANNEL: NO_CHANNEL, NOT_IN_OFFICE: "不在任也没有代理人"}
"""How each reason is said, in this order."""
_MEND_GONE = "不在任的，请办理 reassign-work 移交，或在名册里填上代理人；"
_MEND = "请在名册里填上邮箱或电话再导入（import-roster）；逐方的待办和最早截止日，见 hallmark board"


def contacts(settings: Settings, sender: Sender, now: datetime) -> Iterator[Check]:
    """Look at an aware instant whether everybody can be reached; a database that cannot be read says so by itself."""
    if not is_there(settings):
        return
    store = Store(settings.url)
    try:
        with store.read() as connection:
            if is_current(connection):
                yield _contacts(connection, sender, now)
    except (SQLAlchemyError, StoreUnavailable):
        return
    finally:
        store.dispose()


def _contacts(connection: Connection, sender: Sender, now: datetime) -> Check:
    found: dict[str, Unreachable] = {}
    for row in Records(connection).where(Round):
        if row.state not in _ENDED:
            found |= {each.party: each for each in _of_round(connection, row, sender, now)}
    if not found:
        return good("contacts", "联系方式", "有待办的和要收升级的，都有可用的联系方式")
    names = {why: [each.name for each in found.values() if each.why == why] for why in _SAID}
    fate = IN_A_FILE if files(sender) else UNREACHED
    said = [(UNREACHED if why == NOT_IN_OFFICE else fate, _named(_SAID[why], some)) for why, some in names.items() if some]
    what = "；".join(f"{'；'.join(each for _, each in alike)}，{end}" for end, alike in groupby(said, key=itemgetter(0)))
    more = f"。{ADD_A_CHANNEL}" if names[NO_CHANNEL] else ""
    return warning("contacts", "联系方式", what, f"{_MEND_GONE if names[NOT_IN_OFFICE] else ''}{_MEND}{more}")


def _named(what: str, names: list[str]) -> str:
    """Name the first of those of whom something is said."""
    return f"{what}：{'、'.join(names[:_MOST])}{f'等 {len(names)} 方' if len(names) > _MOST else ''}"


def _of_round(connection: Connection, row: Round, sender: Sender, now: datetime) -> tuple[Unreachable, ...]:
    programme = frozen_programme(row.rules)
    return unreachable(connection, row.slug, programme, sender, WorkCalendar(programme.zone).local(now).date())
