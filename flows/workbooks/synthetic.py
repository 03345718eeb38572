"""Made-up candidates: plausible, valid, and nobody. The same random source gives the same people.

Names are put together by chance, telephone numbers lie in a block of zeros and mail goes to reserved domains, so that no
living person can be reached by what a simulation writes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from config.vocabulary import RECOMMENDING_KINDS, PartyKind, PostKind
from flows.workbooks.rows import UnitRow
from flows.workbooks.synthetic_roster import UNITS
from flows.workbooks.synthetic_words import FIELDS, given_name, surname
from states.candidate import Candidate
from states.idcard import check_digit

_AREA = "330108"
_FIRST_BIRTHDAY, _BIRTHDAYS = date(1968, 1, 1), 365 * 27
_FLAWED_PART = 3
_FEWEST_YEARS, _MOST_YEARS = 5, 30
_GROWN_UP, _YEAR = 18, 2023
_ACHIEVEMENTS = (("1",), ("3",), ("4",), ("5",), ("6",), ("1", "4"), ("3", "5"), ("4", "6"))
_DEEDS = (
    "从事{trade}工作多年，练就{skill}的绝活，解决生产难题{n}项，带出徒弟{m}名。",
    "在{field}一线潜心钻研，主持{skill}改造{n}项，产品一次合格率提高{m}个百分点。",
    "长期扎根{trade}岗位，以{skill}见长，完成攻关{n}项，参加技能培训授课{m}期。",
)
_EVIDENCE = ("职业技能等级证书、成果鉴定书复印件", "获奖证书、单位证明", "技师证书、师徒协议、专利证书复印件")


def synthetic_candidates(random: Random, count: int, *, units: Sequence[UnitRow] = UNITS, flaws: bool = True) -> list[Candidate]:
    """Make candidates for the recommending units given; employers under a unit are where its people work.

    With ``flaws`` about a third differ from the rule in one thing: most of those fail a condition, some look as if they
    did and must pass (a holder of 杭州工匠提名奖, a manager who still works at the bench). Raises ``ValueError`` where no
    unit may recommend.
    """
    places = [place for place in _places(units) if place.unit.kind in RECOMMENDING_KINDS]
    if not places:
        raise ValueError("no unit among these may recommend")
    people = _People(random, set(), set())
    candidates = [_candidate(people, places[number % len(places)]) for number in range(count)]
    flawed = sorted(random.sample(range(count), count // _FLAWED_PART)) if flaws else []
    for number, position in enumerate(flawed):
        candidates[position] = candidates[position].model_copy(update=FLAWS[number % len(FLAWS)])
    return candidates


FLAWS: tuple[dict[str, object], ...] = (
    {"years": Decimal(3)},
    {"honours": ("杭州工匠提名奖",)},
    {"post": "生产部经理", "post_kind": PostKind.MANAGEMENT, "front_line": False},
    {"honours": ("浙江工匠",)},
    {"union_member": False},
    {"post": "车间主任", "post_kind": PostKind.MANAGEMENT, "front_line": True},
    {"achievements": (), "evidence": ""},
    {"years": Decimal("4.9")},
    {"honours": ("滨江工匠",)},
    {"in_service": False},
    {"post": "科长", "post_kind": PostKind.PARTY_GOVERNMENT},
    {"honours": ("钱塘江畔好师傅",)},
)


@dataclass(frozen=True)
class _Place:
    """A unit that recommends, and an employer below it (or the unit's own name where it has none)."""

    unit: UnitRow
    employer: str


@dataclass(frozen=True)
class _People:
    """The random source, and whom it has made already."""

    random: Random
    names: set[str]
    cards: set[str]

    def name(self) -> str:
        """Make a name that nobody else has."""
        return _fresh(lambda: surname(self.random) + given_name(self.random), self.names)

    def card(self, gender: str) -> str:
        """Make a valid identity-card number that nobody else has."""
        return _fresh(lambda: _card(self.random, gender), self.cards)


def _fresh(make: Callable[[], str], taken: set[str]) -> str:
    made = make()
    while made in taken:
        made = make()
    taken.add(made)
    return made


def _card(random: Random, gender: str) -> str:
    born = _FIRST_BIRTHDAY + timedelta(days=random.randrange(_BIRTHDAYS))
    order = 2 * random.randrange(500) + (gender == "男")
    body = f"{_AREA}{born:%Y%m%d}{order:03d}"
    return body + check_digit(body)


def _places(units: Sequence[UnitRow]) -> Iterator[_Place]:
    """Pair every recommending unit with each employer that has it somewhere above; rounds of one employer a unit."""
    by_id = {unit.id: unit for unit in units}
    employers: dict[str, list[str]] = {unit.id: [] for unit in units if unit.kind in RECOMMENDING_KINDS}
    for unit in units:
        above = _recommender(unit, by_id) if unit.kind is PartyKind.EMPLOYER else None
        if above is not None:
            employers[above].append(unit.name)
    most = max((len(names) for names in employers.values()), default=0)
    for turn in range(max(most, 1)):
        for identifier, names in employers.items():
            if turn < len(names) or (turn == 0 and not names):
                yield _Place(by_id[identifier], names[turn] if names else by_id[identifier].name)


def _recommender(unit: UnitRow, by_id: dict[str, UnitRow]) -> str | None:
    seen: set[str] = set()
    while unit.superior in by_id and unit.id not in seen:
        seen.add(unit.id)
        unit = by_id[unit.superior]
        if unit.kind in RECOMMENDING_KINDS:
            return unit.id
    return None


def _candidate(people: _People, place: _Place) -> Candidate:
    random = people.random
    gender = random.choice("男男女")
    field, trade, skill = _work(random)
    card = people.card(gender)
    return Candidate(
        name=people.name(),
        gender=gender,
        id_card=card,
        nationality="中国",
        employer=place.employer,
        in_service=True,
        union_member=True,
        post=random.choice(("班组长", "技师", "高级技师", "工段长", "")),
        post_kind=PostKind.FRONT_LINE,
        front_line=True,
        trade=trade,
        years=_years(random, card),
        field=field,
        honours=random.choice(((), (), (), ("杭州市技术能手",))),
        achievements=random.choice(_ACHIEVEMENTS),
        deeds=_deeds(random, field, trade, skill),
        evidence=random.choice(_EVIDENCE),
        unit=place.unit.name,
        unit_kind=place.unit.kind,
        contact=place.unit.contact,
        phone=place.unit.phone,
        email=place.unit.email,
    )


def _years(random: Random, card: str) -> Decimal:
    """Draw years in the trade that a person of that age can have; the fewest the notice asks for included."""
    most = min(_MOST_YEARS, _YEAR - _GROWN_UP - int(card[6:10]))
    return Decimal(random.randint(_FEWEST_YEARS, most))


def _work(random: Random) -> tuple[str, str, str]:
    field = random.choice(tuple(FIELDS))
    trade, skill = random.choice(FIELDS[field])
    return field, trade, skill


def _deeds(random: Random, field: str, trade: str, skill: str) -> str:
    text = random.choice(_DEEDS)
    return text.format(field=field, trade=trade, skill=skill, n=random.randint(3, 20), m=random.randint(2, 15))
