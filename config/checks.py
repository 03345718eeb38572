"""What a programme's schema cannot say and this room knows: sums, references, order, deadlines that fit."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from config import deadlines
from config.conditions import AnyAchievement, HonourExcluded, PostExcluded
from config.errors import Problem, ProgrammeInvalid, unplaced
from config.loader import examine, read_text
from config.places import undotted
from config.programme import Programme
from config.vocabulary import Stage

Found = Iterator[Problem]


def check_programme(programme: Programme, announced: Callable[[int], bool] | None = None) -> list[Problem]:
    """Find what is wrong with a programme that its schema lets through.

    ``announced`` tells whether the holidays of a year are known; a round that runs into a year without them gets a
    warning, since its dates are provisional. The problems carry no line: ``check_text`` adds it.
    """
    found = [problem for check in _CHECKS for problem in check(programme)]
    return found + (list(deadlines.calendar(programme, announced)) if announced else [])


def check_text(text: str, name: str, announced: Callable[[int], bool] | None = None) -> list[Problem]:
    """Find everything wrong with a programme's text, each with its line: writing, schema, and then what they cannot say."""
    programme, document = examine(text, name)
    if programme is None:
        return document.problems
    return [replace(each, file=name, line=document.line(undotted(each.field))) for each in check_programme(programme, announced)]


def check_file(path: Path, announced: Callable[[int], bool] | None = None) -> list[Problem]:
    """Find everything wrong with a programme file; one that cannot be read is a problem too."""
    try:
        return check_text(read_text(path), path.name, announced)
    except ProgrammeInvalid as error:
        return list(error.problems)


def cited(programme: Programme) -> dict[str, list[str]]:
    """List for each clause the fields of the programme that cite it; clauses nobody cites are not in it."""
    places: dict[str, list[str]] = {}
    for field, clause in _citations(programme, ""):
        places.setdefault(clause, []).append(field)
    return places


def _citations(part: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _cited_by(part, name, f"{path}.{name}".lstrip("."))
    elif isinstance(part, tuple):
        for index, each in enumerate(part):
            yield from _citations(each, f"{path}[{index}]")
    elif hasattr(part, "items"):
        for key, each in part.items():
            yield from _citations(each, f"{path}.{key}")


def _cited_by(block: BaseModel, name: str, path: str) -> Iterator[tuple[str, str]]:
    value = getattr(block, name)
    if name == "clause" and isinstance(value, str):
        yield path, value
    elif name == "clauses" and not isinstance(block, Programme):
        yield from ((f"{path}[{index}]", clause) for index, clause in enumerate(value))
    else:
        yield from _citations(value, path)


def _clauses(programme: Programme) -> Found:
    known = {clause.id for clause in programme.clauses}
    for field, clause in _citations(programme, ""):
        if clause not in known:
            yield unplaced(field, f"引用的条款 {clause} 不在 clauses 里", "请改正编号，或在 clauses 里补上这一条")
    used = cited(programme)
    for index, each in enumerate(programme.clauses):
        if each.id not in used:
            yield unplaced(f"clauses[{index}]", f"条款 {each.id} 没有任何规定引用", "请在相应的规定里写明 clause，或删去这一条")


def _conditions(programme: Programme) -> Found:
    clauses = {clause.id: clause for clause in programme.clauses}
    for index, condition in enumerate(programme.conditions):
        clause = clauses.get(condition.clause)
        if clause and condition.strength != clause.strength:
            asked = clause.strength or "（无）"
            yield unplaced(f"conditions[{index}].strength", f"写的是 {condition.strength}，条款 {clause.id} 却是 {asked}", "请改成一致")


def _quotes(programme: Programme) -> Found:
    clauses = {clause.id: clause.text for clause in programme.clauses}
    for group in ("conditions", "achievements", "benefits"):
        for index, rule in enumerate(getattr(programme, group)):
            if rule.quote not in clauses.get(rule.clause, rule.quote):
                yield unplaced(f"{group}[{index}].quote", f"不是条款 {rule.clause} 的原文", "请照 clauses 里的原文摘录")


def _repeated(programme: Programme) -> Found:
    named: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("clauses", "id", [each.id for each in programme.clauses]),
        ("tiers", "id", [each.id for each in programme.tiers]),
        ("conditions", "id", [each.id for each in programme.conditions]),
        ("achievements", "number", [each.number for each in programme.achievements]),
        ("benefits", "kind", [each.kind for each in programme.benefits]),
        ("clearances", "id", [each.id for each in programme.clearances]),
        ("clearances", "title", [each.title for each in programme.clearances]),
        ("review.rubric", "id", [each.id for each in programme.review.rubric]),
        ("recommendation.kinds", "", programme.recommending_kinds),
    )
    for field, key, values in named:
        for value in (value for value, times in Counter(values).items() if times > 1):
            yield unplaced(field, f"“{value}”出现了不止一次", f"请让每项的 {key} 各不相同" if key else "请只留一处")


def _achievements(programme: Programme) -> Found:
    asks = [f"conditions[{index}]" for index, each in enumerate(programme.conditions) if isinstance(each.test, AnyAchievement)]
    if asks and not programme.achievements:
        yield unplaced("achievements", "一项也没有，却有条件要求符合其一", "请列出成绩条件，或删去该条件")
    if programme.achievements and not asks:
        yield unplaced("achievements", "没有任何条件要求符合其一", "请在 conditions 里加一条 kind: any_achievement")
    numbers = {each.number for each in programme.achievements}
    for index, slip in enumerate(programme.achievement_slips):
        if slip.number in numbers:
            yield unplaced(f"achievement_slips[{index}].number", f"第{slip.number}条确有其条，不是误印", "请删去这一处提示")


def _honours(programme: Programme) -> Found:
    rules = programme.honours
    for index, honour in enumerate(rules.known):
        if honour.level not in rules.levels:
            yield unplaced(f"honours.known[{index}].level", f"级别 {honour.level} 不在 levels 里", f"可选：{'、'.join(rules.levels)}")
        for name in (honour.name, *honour.aliases):
            if rules.find(name) is not honour:
                yield unplaced(f"honours.known[{index}]", f"“{name}”与另一项称号同名", "请只在一处写这个名称")
    known = {honour.name for honour in rules.known}
    for index, benefit in enumerate(programme.benefits):
        for name in benefit.unless_honours:
            if name not in known:
                yield unplaced(f"benefits[{index}].unless_honours", f"“{name}”不在 honours.known 里", "请先在 honours.known 里登记")


def _tests(programme: Programme) -> Found:
    for index, condition in enumerate(programme.conditions):
        field, test = f"conditions[{index}].test", condition.test
        if isinstance(test, HonourExcluded) and test.level_at_least not in programme.honours.levels:
            yield unplaced(f"{field}.level_at_least", f"级别 {test.level_at_least} 不在 honours.levels 里", "请改正级别")
        if isinstance(test, PostExcluded) and not set(test.unless_front_line) <= set(test.posts):
            yield unplaced(f"{field}.unless_front_line", "有岗位不在 posts 里", "unless_front_line 只能写 posts 里已有的岗位")


def _review(programme: Programme) -> Found:
    review = programme.review
    total = sum(criterion.maximum for criterion in review.rubric)
    if total != 100:
        yield unplaced("review.rubric", f"各项满分合计{total}分", "请调整到合计100分")
    if review.sheets_needed > review.sheets_per_nomination:
        yield unplaced("review.sheets_needed", f"多于每份申报的{review.sheets_per_nomination}份评分表", "请改小")
    if review.trimmed and review.sheets_needed < 3:
        yield unplaced("review.trimmed", "去掉最高最低分后可能一份不剩", "请把 sheets_needed 改为3以上，或写 trimmed: false")
    if review.shortlist < programme.quota + programme.votes.reserves:
        needed = f"{programme.quota}名加递补{programme.votes.reserves}名"
        yield unplaced("review.shortlist", f"入围{review.shortlist}人，少于名额{needed}", "请增加入围人数，或减少递补")


def _clearances(programme: Programme) -> Found:
    qualification = programme.stages.get(Stage.QUALIFICATION)
    if programme.clearances and qualification and qualification.skip:
        yield unplaced("clearances", "不设资格审核环节，就没有联审", "请删去各项，或去掉 stages.qualification 的 skip")


def _awards(programme: Programme) -> Found:
    for index, benefit in enumerate(programme.benefits):
        if benefit.tax and not benefit.amount:
            yield unplaced(f"benefits[{index}].tax", "没有金额，谈不上纳税", "请补上 amount，或删去 tax")


def _lists(programme: Programme) -> Found:
    scope = programme.scope
    for name, values in (("focus_industries", scope.focus_industries), ("focus_fields", scope.focus_fields)):
        for index, value in enumerate(values):
            if any(mark in value for mark in "，、；"):
                yield unplaced(f"scope.{name}[{index}]", f"“{value}”像是几项连写", "各项之间请用英文逗号隔开")


_CHECKS: Sequence[Callable[[Programme], Found]] = (
    _clauses,
    _conditions,
    _quotes,
    _repeated,
    _achievements,
    _honours,
    _tests,
    deadlines.stages,
    deadlines.ladders,
    deadlines.deadlines,
    deadlines.windows,
    _clearances,
    _review,
    _awards,
    _lists,
    deadlines.messages,
    deadlines.dates,
    deadlines.previous_edition,
)
