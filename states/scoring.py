"""Score sheets (评分表) → ranking, with the calculation shown. Experts appear by their ids alone.

A nomination's score is the mean of its sheets' totals, in hundredths, halves rounded up. A trimmed mean leaves out one
highest and one lowest sheet where there are five or more and enough remain. Equal scores are told apart by the means of
the single criteria in the rubric's order, then by the median of the totals, both over all valid sheets, trimmed or not;
what is still equal shares a rank (1, 2, 2, 4).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from statistics import median

from config.programme import Criterion
from states.errors import Refusal

_TENTH = Decimal("0.1")
_FEWEST_TO_TRIM = 5


@dataclass(frozen=True)
class Sheet:
    """One expert's scores of one nomination, by criterion id."""

    expert: str
    nomination: str
    scores: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        """The sum of the sheet."""
        return sum(self.scores.values(), Decimal(0))


@dataclass(frozen=True)
class Row:
    """One nomination's result; without enough valid sheets it has neither ``total`` nor ``rank``.

    ``total`` is in hundredths of a point; ``dropped`` holds the totals left out by trimming, highest first.
    """

    nomination: str
    sheets: int
    total: Decimal | None
    rank: int | None
    dropped: tuple[Decimal, ...]
    explain: str


@dataclass(frozen=True)
class Ranking:
    """Rows by rank, equal ranks by number, those without a rank last; ``refusals`` names every sheet left out and why."""

    rows: tuple[Row, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class Shortlist:
    """Every nomination stands in one of three lists.

    ``undecided`` holds those that the scores cannot place, tied at the cut or short of sheets; each has a refusal.
    """

    inside: tuple[str, ...]
    outside: tuple[str, ...]
    undecided: tuple[str, ...]
    refusals: tuple[Refusal, ...]


def validate_sheet(sheet: Sheet, rubric: Sequence[Criterion]) -> list[Refusal]:
    """Refuse a sheet with a criterion missing or unknown, or a score that is negative, too high or finer than 0.1."""
    known = {criterion.id for criterion in rubric}
    refusals = [Refusal("criterion-unknown", f"{_place(sheet)} “{name}”不是评分项目，请删去") for name in sheet.scores if name not in known]
    for criterion in rubric:
        reason = _score_refusal(sheet.scores.get(criterion.id), criterion.maximum)
        if reason:
            refusals.append(Refusal(reason[0], f"{_place(sheet)} “{criterion.title}”{reason[1]}"))
    return refusals


def rank(sheets: Iterable[Sheet], *, rubric: Sequence[Criterion], sheets_needed: int, trimmed: bool, nominations: Iterable[str]) -> Ranking:
    """Rank the nominations by their valid sheets.

    Sheets that ``validate_sheet`` refuses, that come twice from one expert for one nomination (neither counts), or that
    belong to no such nomination are left out and named. Raises ``ValueError`` when ``sheets_needed`` is below 1.
    """
    if sheets_needed < 1:
        raise ValueError(f"至少需要1份评分表，不能是{sheets_needed}份")
    sheets, wanted = list(sheets), sorted(set(nominations))
    valid, refusals = _sift(sheets, rubric, set(wanted))
    tallies = [_Tally.of(nomination, valid[nomination], rubric, sheets_needed, trimmed) for nomination in wanted]
    enough = sorted((tally for tally in tallies if tally.total is not None), key=_Tally.order)
    short = [tally.row(None) for tally in tallies if tally.total is None]
    return Ranking((*_ranked(enough, rubric), *short), tuple(refusals))


def shortlist(ranking: Ranking, size: int) -> Shortlist:
    """Take the best ``size``. A tie across the cut is not broken: all who share it are undecided, with a refusal.

    Nominations short of sheets are undecided too: they might have been inside. Raises ``ValueError`` for a negative size.
    """
    if size < 0:
        raise ValueError(f"入围名额不能是负数：{size}")
    ranked = [row for row in ranking.rows if row.rank is not None]
    short = [row for row in ranking.rows if row.rank is None]
    refusals = [Refusal("too-few-sheets", f"{row.nomination} {row.explain}") for row in short]
    tied = _tied_at_cut(ranked, size)
    if tied:
        refusals.append(_tie_refusal(tied, size))
    inside = tuple(row.nomination for row in ranked[:size] if row not in tied)
    outside = tuple(row.nomination for row in ranked[size:] if row not in tied)
    return Shortlist(inside, outside, tuple(row.nomination for row in (*tied, *short)), tuple(refusals))


@dataclass(frozen=True)
class _Tally:
    """What the valid sheets of one nomination come to."""

    nomination: str
    totals: tuple[Decimal, ...]
    total: Decimal | None
    dropped: tuple[Decimal, ...]
    criteria: tuple[Fraction, ...]
    middle: Fraction
    explain: str

    @classmethod
    def of(cls, nomination: str, sheets: Sequence[Sheet], rubric: Sequence[Criterion], needed: int, trimmed: bool) -> "_Tally":
        totals = tuple(sorted((sheet.total for sheet in sheets), reverse=True))
        if len(totals) < needed:
            return cls(nomination, totals, None, (), (), Fraction(0), f"有效评分表{len(totals)}份，少于{needed}份，不参加排名")
        trim = trimmed and len(totals) >= max(_FEWEST_TO_TRIM, needed + 2)
        counted, dropped = (totals[1:-1], (totals[0], totals[-1])) if trim else (totals, ())
        total = _rounded(Fraction(sum(counted)) / len(counted))
        criteria = tuple(Fraction(sum(sheet.scores[each.id] for sheet in sheets)) / len(sheets) for each in rubric)
        explain = _calculation(totals, counted, dropped, total)
        return cls(nomination, totals, total, dropped, criteria, Fraction(median(map(Fraction, totals))), explain)

    def merit(self) -> tuple[Fraction, ...]:
        """What ranks it, best first; equal merits share a rank."""
        return (-Fraction(self.total or 0), *(-mean for mean in self.criteria), -self.middle)

    def order(self) -> tuple[tuple[Fraction, ...], str]:
        return self.merit(), self.nomination

    def row(self, place: int | None, note: str = "") -> Row:
        return Row(self.nomination, len(self.totals), self.total, place, self.dropped, self.explain + note)


def _sift(sheets: Sequence[Sheet], rubric: Sequence[Criterion], wanted: set[str]) -> tuple[Mapping[str, list[Sheet]], list[Refusal]]:
    times = Counter((sheet.expert, sheet.nomination) for sheet in sheets)
    valid: dict[str, list[Sheet]] = defaultdict(list)
    refusals: dict[Refusal, None] = {}  # in order, each sentence once
    for sheet in sheets:
        found = validate_sheet(sheet, rubric)
        if sheet.nomination not in wanted:
            found.append(Refusal("nomination-unknown", f"{_place(sheet)}：该申报不在评审范围内"))
        if (count := times[sheet.expert, sheet.nomination]) > 1:
            found.append(Refusal("sheet-twice", f"{_place(sheet)}：同一专家交来{count}份评分表，均未计入，请留一份"))
        refusals.update(dict.fromkeys(found))
        if not found:
            valid[sheet.nomination].append(sheet)
    return valid, list(refusals)


def _score_refusal(score: Decimal | None, maximum: int) -> tuple[str, str] | None:
    if score is None:
        return "criterion-missing", "没有打分，请补上"
    if not score.is_finite():
        return "score-not-a-number", f"的“{score}”不是分数，请改为数字"
    if score < 0:
        return "score-negative", f"打了{score}分，不能低于0分"
    if score > maximum:
        return "score-over-maximum", f"打了{score}分，超过满分{maximum}分"
    if score % _TENTH:
        return "score-too-fine", f"打了{score}分，最多保留一位小数"
    return None


def _ranked(tallies: Sequence[_Tally], rubric: Sequence[Criterion]) -> list[Row]:
    """Give ranks to tallies in their order, and say of equal totals what told them apart."""
    rows: list[Row] = []
    same_total = Counter(tally.total for tally in tallies)
    for _, group in groupby(tallies, key=_Tally.merit):
        sharing, place = list(group), len(rows) + 1
        for tally in sharing:
            note = _tie_note(tally, rubric, len(sharing) > 1, place) if same_total[tally.total] > 1 else ""
            rows.append(tally.row(place, note))
    return rows


def _tied_at_cut(ranked: Sequence[Row], size: int) -> list[Row]:
    if not 0 < size < len(ranked) or ranked[size - 1].rank != ranked[size].rank:
        return []
    return [row for row in ranked if row.rank == ranked[size].rank]


def _tie_refusal(tied: Sequence[Row], size: int) -> Refusal:
    names, place = "、".join(row.nomination for row in tied), tied[0].rank or 0
    sentence = f"第{place}名{len(tied)}人并列（{names}，均{tied[0].total}分），入围名额{size}个只余{size - place + 1}个，请评审组另行决定"
    return Refusal("tie-at-cut", sentence)


def _calculation(totals: Sequence[Decimal], counted: Sequence[Decimal], dropped: Sequence[Decimal], total: Decimal) -> str:
    listed = f"有效评分表{len(totals)}份：{'、'.join(map(_points, totals))}"
    left_out = f"；去掉最高{_points(dropped[0])}、最低{_points(dropped[1])}" if dropped else ""
    return f"{listed}{left_out}；({'+'.join(map(_points, counted))})÷{len(counted)}={total}"


def _tie_note(tally: _Tally, rubric: Sequence[Criterion], shared: bool, place: int) -> str:
    means = "、".join(f"{each.title}{_mean(mean)}" for each, mean in zip(rubric, tally.criteria, strict=True))
    outcome = f"仍相同，并列第{place}名" if shared else f"列第{place}名"
    return f"；总分相同，依次比较各项均分（{means}）和总分中位数（{_mean(tally.middle)}），{outcome}"


def _rounded(value: Fraction, places: int = 2) -> Decimal:
    """Round halves up, in one exact step: a quotient of decimals would be rounded twice."""
    return Decimal((value * 10**places * 2 + 1) // 2).scaleb(-places)


def _mean(value: Fraction) -> str:
    # Means that differ must not look alike: four places, without their noughts.
    return f"{_rounded(value, 4).normalize():f}"


def _points(total: Decimal) -> str:
    return str(total.quantize(_TENTH))


def _place(sheet: Sheet) -> str:
    return f"{sheet.nomination} 专家{sheet.expert}"
