"""Every row of the house. ``RECORDED`` rows are rebuilt by replaying the ledger; the others stand beside it."""

from states.tables.base import Row, metadata
from states.tables.ledger import Chain, CommandRow, Heartbeat, LedgerEntry, SpentCode
from states.tables.nominations import Benefit, Clearance, Endorsement, Finding, Nomination, Objection
from states.tables.outgoing import Alarm, ChannelDefinition, ChannelHealth, ChannelUse, Cursor, Delivery, Notification
from states.tables.review import Ballot, NoticeBatch, PanelSeat, ResolutionSession, ScoreSheet
from states.tables.rounds import Party, Round, RulesText, StageClock, WorkItem
from states.tables.vault import Contact, Person, VaultText

RECORDED: tuple[type[Row], ...] = (
    Round,
    StageClock,
    Party,
    WorkItem,
    Nomination,
    Endorsement,
    Clearance,
    Finding,
    Objection,
    Benefit,
    PanelSeat,
    ScoreSheet,
    ResolutionSession,
    Ballot,
    NoticeBatch,
)

__all__ = [
    "RECORDED",
    "Alarm",
    "Ballot",
    "Benefit",
    "Chain",
    "ChannelDefinition",
    "ChannelHealth",
    "ChannelUse",
    "Clearance",
    "CommandRow",
    "Contact",
    "Cursor",
    "Delivery",
    "Endorsement",
    "Finding",
    "Heartbeat",
    "LedgerEntry",
    "Nomination",
    "NoticeBatch",
    "Notification",
    "Objection",
    "PanelSeat",
    "Party",
    "Person",
    "ResolutionSession",
    "Round",
    "Row",
    "RulesText",
    "ScoreSheet",
    "SpentCode",
    "StageClock",
    "VaultText",
    "WorkItem",
    "metadata",
]
