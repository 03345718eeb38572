"""Reading the house for whoever looks: boards, single nominations, what is to come. Nothing here writes.

Everything given is frozen data; persons are masked and units stand by name, so it may go to the dashboard as it is.
"""

from flows.reading.board import Board, WorkLine, round_board, round_plan
from flows.reading.foresight import Foreseen, foresee_programme, foresee_round
from flows.reading.nomination import ClearanceLine, EndorsementLine, FindingLine, HistoryLine, NominationView, nomination_view
from flows.reading.rounds import NotFound, find_round, known_rounds
from flows.reading.timeline import StageLine, timeline

__all__ = [
    "Board",
    "ClearanceLine",
    "EndorsementLine",
    "FindingLine",
    "Foreseen",
    "HistoryLine",
    "NominationView",
    "NotFound",
    "StageLine",
    "WorkLine",
    "find_round",
    "foresee_programme",
    "foresee_round",
    "known_rounds",
    "nomination_view",
    "round_board",
    "round_plan",
    "timeline",
]
