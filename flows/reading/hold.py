"""Why a round stands still: since when it is on hold, and for what reason."""

import json
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.calendar import WorkCalendar
from states.records import Records
from states.tables import LedgerEntry, Round, VaultText
from states.vault import Vault

MOVES = "其间不到期、不催办；恢复计时（release-round）后，未办结事项的日期全部按暂停的工作日数顺延，公示期不变"
LATER = "暂停中，恢复后顺延"
AS_PUBLISHED = "暂停中，公示期不变"
"""What a hold does to a day: it moves upon the release, but for the end of a public notice."""
_LONGEST = 60
"""Characters of a reason that stand beside a title."""


@dataclass(frozen=True)
class Hold:
    """A round's hold: ``since`` is aware, ``reason`` as the office wrote it, ``document`` the number that proves it, "" for none."""

    since: datetime
    reason: str
    document: str

    def said(self, calendar: WorkCalendar) -> str:
        """Say it in one line, in the programme's zone; a long reason is cut."""
        reason = self.reason if len(self.reason) <= _LONGEST else f"{self.reason[:_LONGEST]}……"
        why = "，".join(part for part in (f"理由：{reason}" if reason else "", self.document) if part)
        return f"本届自 {calendar.local(self.since):%Y-%m-%d %H:%M} 起暂停{f'（{why}）' if why else ''}"


def said_of_hold(since: datetime | None, zone: ZoneInfo) -> str:
    """Say what a hold means, without its reason: free text stays off the dashboard."""
    begun = f"自 {since.astimezone(zone):%m-%d %H:%M} 起暂停；" if since else ""
    return f"本届已暂停：恢复计时（release-round）之前没有事项到期，不催办。{begun}恢复后，未办结事项的日期全部顺延。"


def hold_of(connection: Connection, row: Round, vault: Vault) -> Hold | None:
    """Give the hold of a round, None where its clock runs. Raises ``VaultError`` for a wrong key."""
    if not row.held or row.held_at is None:
        return None
    records = Records(connection)
    entry = records.where(LedgerEntry, round=row.slug, event="round_held")[-1]
    texts = [records.get(VaultText, text["id"]) for text in json.loads(entry.payload).get("texts", ())]
    reason = "；".join(vault.open(text.body, f"text {text.id}") for text in texts if text is not None)
    return Hold(row.held_at, " ".join(reason.split()), entry.document)
