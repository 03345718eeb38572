"""The story: whoever is asked to do something does it, in their own time.

Nobody follows a script. People of a simulation react to what the house writes down, as they do in life: a stage is
entered, a work item is opened, a notice is published. So the same story carries forty candidates or none.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from config.vocabulary import Stage, WorkKind, WorkStatus
from flows.simulation import clearances, fulfilment, intake, leadership, notice, office, qualification, review
from states.tables import NoticeBatch, StageClock, WorkItem

if TYPE_CHECKING:
    from flows.simulation.world import World

K = WorkKind
Planner = Callable[["World", Sequence[WorkItem]], None]
ANSWERS: Mapping[WorkKind, Planner] = {
    K.CLOSE_INTAKE: intake.plan_closing,
    K.ENDORSEMENT: intake.plan_endorsements,
    K.CLEARANCE: clearances.plan_clearances,
    K.QUALIFICATION: qualification.plan_verdicts,
    K.CORRECTION: qualification.plan_corrections,
    K.ASSIGNMENT: review.plan_assignment,
    K.SCORE_SHEET: review.plan_sheets,
    K.REVIEW_CONCLUSION: review.plan_conclusion,
    K.RESOLUTION: leadership.plan_sitting,
    K.FILL_VACANCY: leadership.plan_filling,
    K.PUBLICATION: notice.plan_publication,
    K.OBJECTION_ANSWER: notice.plan_answers,
    K.NOTICE_COMPLETION: office.plan_completion,
    K.OVERDUE_CORRECTION: office.plan_lapses,
    K.STAGE_CONCLUSION: office.plan_conclusion,
    K.GOVERNMENT_DOCUMENT: fulfilment.plan_certification,
    K.BENEFIT: fulfilment.plan_benefits,
}
"""What each kind of work item makes its owner plan."""


class Story:
    """Looks at what is new in the house and lets people plan their answers."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._seen: set[tuple[str, str]] = set()

    def react(self) -> None:
        """Plan an answer to everything that is new: stages, then notices, then work."""
        world = self._world
        for clock in world.rows(StageClock, round=world.slug, concluded_at=None):
            if self._new("stage", clock.stage):
                _enter(world, Stage(clock.stage))
        for batch in world.rows(NoticeBatch, round=world.slug, completed_at=None):
            if self._new("notice", batch.id):
                notice.plan_objections(world, batch)
        items = world.rows(WorkItem, round=world.slug, status=WorkStatus.OPEN.value)
        fresh = sorted((item for item in items if self._new("work", item.id)), key=lambda item: (item.kind, item.id))
        for kind, group in groupby(fresh, key=lambda item: item.kind):
            ANSWERS[WorkKind(kind)](world, list(group))

    def _new(self, what: str, identifier: str) -> bool:
        known = (what, identifier) in self._seen
        self._seen.add((what, identifier))
        return not known


def _enter(world: "World", stage: Stage) -> None:
    """Begin what a stage brings with it."""
    if stage is Stage.INTAKE:
        intake.plan_submissions(world, world.submissions)
    if stage is Stage.QUALIFICATION:
        qualification.plan_stage(world)
