"""A programme (认定办法): the standing rules of one honour, as frozen data read from a YAML file.

Every rule names the clause of the notice it comes from; a rule with ``ours`` is a default of the house. All lengths
are working days of the official calendar, all clock times are in the programme's zone.
"""

from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictInt

from config.conditions import Achievement, Condition, Slip
from config.honours import HonourRules
from config.rules import Block, ClauseId, Count, FrozenMap, Offset, Rule, Share, Text
from config.vocabulary import Audience, BenefitKind, PartyKind, Stage, Strength, Urgency, WorkKind


class Source(Block):
    """The public notice that the programme puts into data; ``file`` is its text's name in ``docs/notice/``."""

    title: Text
    date: date
    publisher: Text
    file: Text


class Bodies(Block):
    """Names of the bodies that decide, as documents and messages write them (N1, N21)."""

    leading_group: Text
    office: Text
    government: Text
    clauses: tuple[ClauseId, ...] = ()


class Clause(Block):
    """One clause in the notice's own words; ``note`` says what was repaired or how it is read."""

    id: ClauseId
    text: Text
    strength: Strength | None = None
    note: str = ""


class Scope(Block):
    """Fields and industries in focus. With ``open_list`` others are as welcome: never a ground for refusal (N2)."""

    focus_industries: tuple[Text, ...]
    focus_fields: tuple[Text, ...]
    open_list: StrictBool
    clause: ClauseId


class Tier(Rule):
    """One class of the honour with its number of places."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Text
    quota: Count
    clause: ClauseId


class Recommendation(Block):
    """Who may recommend, and that nobody may nominate themselves (N17, N18)."""

    method: Text
    kinds: Annotated[tuple[PartyKind, ...], Field(min_length=1)]
    clauses: tuple[ClauseId, ...]


class ClearanceRule(Rule):
    """One department that is asked about every nomination before it is qualified (联审); its no is a veto (一票否决).

    ``title`` says what it is asked about; ``department`` is its id in the roster, where it must stand when a round opens.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    title: Text
    department: Text
    clause: ClauseId | None = None


Policy = Literal["automatic", "office"]
"""Who does what time alone decides: the clock by itself, or the office, which then owes it as a work item."""


class StageRule(Rule):
    """One stage: its length, whether it is passed through, and who says that it is over.

    ``clause`` asks for the stage; ``ours`` speaks of its length and of who concludes it.
    """

    working_days: Annotated[StrictInt, Field(ge=0)]
    skip: StrictBool = False
    conclude: Policy = "office"
    clause: ClauseId | None = None


class Corrections(Rule):
    """How often a nomination may be returned, how many working days the unit has each time, and who lets it lapse then."""

    limit: Annotated[StrictInt, Field(ge=0)]
    working_days: Count
    lapse: Policy = "automatic"


class EscalationStep(Block):
    """So many working days after the due time, also tell this audience."""

    after: Offset
    audience: Audience


def _step(value: object) -> object:
    """Read ``+1d: superior``, quoted (a string) or bare (a mapping of one pair)."""
    if isinstance(value, dict) and len(value) == 1 and not set(value) <= {"after", "audience"}:
        value = ":".join(str(part) for pair in value.items() for part in pair)
    if not isinstance(value, str):
        return value
    after, _, audience = value.partition(":")
    return {"after": after.strip(), "audience": audience.strip().replace(" ", "_")}


class Ladder(Block):
    """Reminders to the owner and escalations, as working days from the due time; an empty ladder is silent."""

    reminders: tuple[Offset, ...] = ()
    escalations: tuple[Annotated[EscalationStep, BeforeValidator(_step)], ...] = ()


class WorkRule(Rule):
    """How long one kind of work item may take, from its opening, and its ladder; without days, its stage's due."""

    working_days: Count | None = None
    ladder: Ladder = Ladder()


class Criterion(Block):
    """One line of the score sheet; all maxima together are 100."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    title: Text
    maximum: Count


class Review(Rule):
    """Expert review: the score sheet, how many sheets a nomination gets and needs, and the shortlist's length (N19)."""

    rubric: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    sheets_per_nomination: Count
    sheets_needed: Count
    trimmed: StrictBool
    shortlist: Count
    clause: ClauseId | None = None


class Votes(Rule):
    """The leading group's sitting: who must be present, what share of those present passes, how many reserves."""

    quorum: Share
    threshold: Share
    reserves: Annotated[StrictInt, Field(ge=0)]


class NoticeRule(Rule):
    """The public notice's window in working days, its first day counted, and who completes it then."""

    working_days: Count
    complete: Policy = "automatic"


class Tax(Rule):
    """Who deals with the tax on an award: ``withheld`` means that the payer keeps it back for the recipient (N22)."""

    withheld: StrictBool
    quote: Text


class Due(Rule):
    """How long something may take, from what opens it."""

    working_days: Count


class Benefit(Block):
    """One thing that a certified craftsman gets (N22-N25).

    ``amount`` is gross, in yuan. Whoever holds one of ``unless_honours`` is not given it again.
    """

    kind: BenefitKind
    clause: ClauseId
    title: Text
    quote: Text
    amount: Count | None = None
    tax: Tax | None = None
    unless_honours: tuple[Text, ...] = ()
    due: Due

    @property
    def working_days(self) -> int:
        """Working days from certification until it is overdue."""
        return self.due.working_days


AddressClass = Literal["mail", "web", "phone"]
"""What an address is for: a mailbox, an account of a messaging service, a telephone number."""


class Messages(Rule):
    """When messages leave (``hour``) and when none may (from ``quiet_from`` to ``quiet_to``, over midnight).

    ``channels`` names for an urgency the classes of address that are tried first; the others follow in the recipient's
    own order, so nobody becomes unreachable by it.
    """

    hour: time
    quiet_from: time
    quiet_to: time
    contact_line: str = ""
    channels: FrozenMap[Urgency, Annotated[tuple[AddressClass, ...], Field(min_length=1)]] = Field(default_factory=dict)


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("不是已知的时区名称，应写如 Asia/Shanghai")
    return name


class Programme(Block):
    """The whole programme. Where the notice is silent, a block is marked ``ours``."""

    schema_version: Literal[1]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Text
    honour: Text
    edition: Count
    year: Annotated[StrictInt, Field(ge=2000, le=2100)]
    zone: Annotated[str, AfterValidator(_known_zone)]
    number_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    source: Source
    opens: date
    bodies: Bodies
    scope: Scope
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    honours: HonourRules
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]
    achievements: tuple[Achievement, ...]
    achievement_slips: tuple[Slip, ...] = ()
    recommendation: Recommendation
    clearances: tuple[ClearanceRule, ...] = ()
    stages: FrozenMap[Stage, StageRule]
    corrections: Corrections
    review: Review
    votes: Votes
    notice: NoticeRule
    benefits: tuple[Benefit, ...]
    work: FrozenMap[WorkKind, WorkRule]
    messages: Messages
    signatures: StrictBool = False
    clauses: Annotated[tuple[Clause, ...], Field(min_length=1)]

    @property
    def quota(self) -> int:
        """Places of all tiers together."""
        return sum(tier.quota for tier in self.tiers)

    def by_clock(self, kind: WorkKind) -> bool:
        """Say whether the clock itself does this kind of work when its time comes, so that nobody can be late with it."""
        intake = self.stages.get(Stage.INTAKE)
        done_by = {
            WorkKind.CLOSE_INTAKE: intake.conclude if intake else "office",
            WorkKind.CORRECTION: self.corrections.lapse,
            WorkKind.NOTICE_COMPLETION: self.notice.complete,
        }
        return done_by.get(kind) == "automatic"

    @property
    def recommending_kinds(self) -> tuple[PartyKind, ...]:
        """Kinds of party that may recommend (N18)."""
        return self.recommendation.kinds

    @property
    def timezone(self) -> ZoneInfo:
        """The zone of every window and of every text."""
        return ZoneInfo(self.zone)

    def clause(self, clause: str) -> Clause:
        """Find a clause by its number. Raises ``KeyError``."""
        return {each.id: each for each in self.clauses}[clause]

    def tier(self, tier: str) -> Tier:
        """Find a tier by its id. Raises ``KeyError``."""
        return {each.id: each for each in self.tiers}[tier]

    def condition(self, condition: str) -> Condition:
        """Find a condition by its id. Raises ``KeyError``."""
        return {each.id: each for each in self.conditions}[condition]

    def slip(self, number: str) -> str | None:
        """Explain a number that the printed notice suggests by mistake; ``None`` where there is no such slip (N15)."""
        return next((slip.hint for slip in self.achievement_slips if slip.number == number), None)

    def number(self, ordinal: int) -> str:
        """Write a nomination's number: ``BJGJ-2023-0007``."""
        return f"{self.number_prefix}-{ordinal:04d}"
