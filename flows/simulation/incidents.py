"""What goes otherwise than planned: drawn once intake has closed, where there are candidates enough to bear it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from config.conditions import AnyAchievement
from config.vocabulary import FindingResult, NominationState, Strength
from states.tables import Finding

if TYPE_CHECKING:
    from flows.simulation.world import World

FEWEST_FOR_CORRECTION, FEWEST_FOR_WITHDRAWAL, FEWEST_FOR_LAPSE, FEWEST_FOR_VETO = 2, 5, 6, 3
"""So many faultless candidates there must be before one of them is spent on this."""
_UNMET = (FindingResult.FAILED.value, FindingResult.WAIVABLE.value)


@dataclass
class Incidents:
    """Numbers of nominations to which something happens, "" where it happens to nobody.

    ``objected`` says that the public has had its say, ``late_benefits`` are the work items that come too late.
    """

    waived: str = ""
    vetoed: str = ""
    corrected: str = ""
    lapsing: str = ""
    withdrawn: str = ""
    upheld: set[str] = field(default_factory=set)
    objected: bool = False
    late_benefits: set[str] = field(default_factory=set)


def draw(world: "World") -> None:
    """Draw who is waived, vetoed by a department, corrected, late with a correction, and withdrawn."""
    unmet = _unmet(world)
    numbers = list(unmet)
    world.random.shuffle(numbers)
    faultless = [number for number in numbers if not unmet[number]]
    incidents = world.incidents
    incidents.waived = next((number for number in numbers if _may_be_waived(unmet[number])), "")
    if len(faultless) >= FEWEST_FOR_WITHDRAWAL:
        incidents.withdrawn = faultless.pop()
    if world.programme.clearances and len(faultless) >= FEWEST_FOR_VETO:
        incidents.vetoed = faultless.pop()
    if world.programme.corrections.limit < 1:
        return
    if len(faultless) >= FEWEST_FOR_LAPSE:
        incidents.lapsing = faultless.pop()
    mendable = [number for number in numbers if _may_be_mended(world, unmet[number])]
    if not mendable and len(faultless) >= FEWEST_FOR_CORRECTION:
        mendable = faultless
    incidents.corrected = next(iter(mendable), "")


def _unmet(world: "World") -> dict[str, list[Finding]]:
    """Give the findings of every running nomination that are not met, by number."""
    running = (NominationState.SUBMITTED.value, NominationState.RETURNED.value)
    unmet: dict[str, list[Finding]] = {row.number: [] for row in world.nominations(state=running)}
    for finding in world.rows(Finding, nomination=list(unmet), result=_UNMET):
        unmet[finding.nomination].append(finding)
    return unmet


def _may_be_waived(unmet: list[Finding]) -> bool:
    """Say whether only what is asked for in general (一般) is not met (notice, N11)."""
    return bool(unmet) and all(each.strength == Strength.GENERALLY for each in unmet)


def _may_be_mended(world: "World", unmet: list[Finding]) -> bool:
    """Say whether only the achievement is missing: somebody forgot to fill it in (notice, N15)."""
    return bool(unmet) and all(isinstance(world.programme.condition(each.condition).test, AnyAchievement) for each in unmet)
