"""What guards may know: values fetched for a whole batch beforehand, so that a guard needs no session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from states.errors import Refusal


@dataclass(frozen=True)
class FindingFact:
    """One finding as the guards see it; ``quote`` is the clause's Chinese."""

    condition: str
    clause: str
    quote: str
    result: str


@dataclass(frozen=True)
class ClearanceFact:
    """One clearance that the programme asks for; ``name`` is its title with its department, ``clear`` None until it is in.

    ``department`` is the party that answers by now.
    """

    id: str
    name: str
    clause: str
    clear: bool | None
    department: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything the guards of one nomination's move may ask, at ``now`` (aware).

    A field that the move does not need keeps its default; ``judgement`` holds the session's refusals for this
    nomination, ``last_day`` the notice's last day in the programme's zone. ``passed_through`` says that the programme skips
    the move's stage: only quotas hold then.
    """

    now: datetime
    held: bool = False
    ended: bool = False
    reason: bool = False
    fields_to_mend: Sequence[str] = ()
    corrections_left: int = 0
    intake_closed: bool = False
    layers_missing: Sequence[str] = ()
    layers_refused: Sequence[str] = ()
    clearances: Sequence[ClearanceFact] = ()
    findings: Sequence[FindingFact] = ()
    sheets: int = 0
    sheets_needed: int = 0
    shortlisted: bool = False
    stage_concluded: bool = False
    next_stage_concluded: bool = False
    judgement: Sequence[Refusal] = ()
    judged: bool = False
    reserve_rank: int | None = None
    notice_ends_at: datetime | None = None
    last_day: date | None = None
    open_objections: Sequence[str] = ()
    upheld_objections: Sequence[str] = ()
    report: bool = False
    document: str = ""
    document_date: date | None = None
    certificate_recalled: bool = False
    passed_through: bool = False


@dataclass
class Places:
    """Places of each tier in a batch: ``quota``, those ``taken`` before, and the running total of the batch."""

    quota: Mapping[str, int]
    taken: dict[str, int] = field(default_factory=dict)
