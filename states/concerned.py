"""Whom it concerns that a round stands still, goes on or is cancelled, noted while it is so: whoever is told later is told as it was."""

from config.vocabulary import OPEN_STATES, NominationState
from states.work import Work

IN_RUNNING = frozenset({*OPEN_STATES, NominationState.GOVERNMENT_CERTIFIED})
"""A certified craftsman too waits for what the round still owes."""


def concerned(work: Work) -> dict[str, list[str]]:
    """Give the ids, each once and sorted, of the owners of open work and of the units whose nominations are in the running.

    Work is handed over and nominations change their unit; what the ledger holds of it here does not.
    """
    running = work.nominations(state=[state.value for state in IN_RUNNING])
    return {"owners": sorted({item.owner for item in work.open_items()}), "units": sorted({each.unit for each in running})}
