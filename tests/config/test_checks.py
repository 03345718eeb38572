"""What the schema lets through and the checks don't: each slip made in the shipped programme, and nothing else found."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.checks import check_file, check_programme, check_text, cited
from config.deadlines import STAGE_OF_WORK
from config.loader import find_programme, load_programme, read_text
from config.vocabulary import WorkKind

PATH = find_programme("binjiang-craftsman-2023")
TEXT = read_text(PATH)
SHEET, SHEETS = '[-3d, -1d, 0d], escalations: ["+1d: d', "work.score_sheet.ladder.reminders"


def told(text: str) -> Iterator[tuple[str, str]]:
    """Field and sentence of each problem; a line must be known for each."""
    for problem in check_text(text, "本届.yaml"):
        assert problem.file == "本届.yaml"
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.mend
        yield problem.field, problem.reason


def line_of(text: str, fragment: str) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def block(start: str, end: str) -> str:
    """The text from one fragment up to another."""
    return TEXT[TEXT.index(start) : TEXT.index(end, TEXT.index(start))]


def test_shipped_programme_has_no_problem() -> None:
    assert check_programme(load_programme(PATH)) == []
    assert check_file(PATH) == []


@pytest.mark.parametrize(
    ("good", "bad", "field", "reason"),
    [
        ("level: nation, clause: N24", "level: nation, clause: N42", "honours.known[8].clause", "引用的条款 N42 不在"),
        ("  clauses: [N1, N21]", "  clauses: [N21]", "clauses[0]", "条款 N1 没有任何规定引用"),
        ("strength: generally\n    test", "strength: must\n    test", "conditions[7].strength", "写的是 must，条款 N11 却是 generally"),
        ("    quote: 热心传帮带", "    quote: 热心帮带", "conditions[9].quote", "不是条款 N13 的原文"),
        ("    quote: 授予“滨江工匠”荣誉", "    quote: 授予“滨江工匠奖”荣誉", "benefits[0].quote", "不是条款 N22 的原文"),
        ("  - id: mentoring", "  - id: years", "conditions", "“years”出现了不止一次"),
        ("    - system_union ", "    - member_unit ", "recommendation.kinds", "“member_unit”出现了不止一次"),
        ("{id: mentoring, title", "{id: skill, title", "review.rubric", "“skill”出现了不止一次"),
        ('  - number: "2"', '  - number: "3"', "achievement_slips[0].number", "第3条确有其条"),
        ("{kind: any_achievement}", "{kind: attested}", "achievements", "没有任何条件要求符合其一"),
        ("大国工匠年度人物], kind: craftsman, level: nation", "大国工匠年度人物], kind: craftsman, level: 国", "honours.known[3].level", "级别 国 不在"),
        ("name: 浙江工匠, aliases: [浙江省工匠", "name: 浙江工匠, aliases: [杭州工匠", "honours.known[2]", "“杭州工匠”与另一项称号同名"),
        ("      [杭州市劳动模范, 浙江省", "      [杭州劳模, 浙江省", "benefits[5].unless_honours", "“杭州劳模”不在"),
        ("level_at_least: district", "level_at_least: 区级", "conditions[0].test.level_at_least", "级别 区级 不在"),
        ("      unless_front_line: [management]", "      unless_front_line: [front_line]", "conditions[12].test.unless_front_line", "不在 posts 里"),
        ("intake:                        # 申报推荐\n    working_days: 20", "intake:\n    working_days: 0", "stages.intake.working_days", "至少应有1个工作日"),
        (SHEET, '[-1d, -3d, 0d], escalations: ["+1d: d', SHEETS, "没有按先后排列"),
        (SHEET, '[-3d, 0d, 0d], escalations: ["+1d: d', SHEETS, "没有按先后排列"),
        (SHEET, '[-8d, -1d, 0d], escalations: ["+1d: d', SHEETS, "早于待办产生之时（期限只有8个工作日）"),
        (SHEET, '[-3d, +1d], escalations: ["+1d: d', SHEETS, "催办不能在截止之后"),
        ("reminders: [-10d, -5d, 0d]", "reminders: [-20d, -5d, 0d]", "work.government_document.ladder.reminders", "期限只有20个工作日"),
        ('["+1d: superior", "+3d: district_office"]', '["+3d: superior", "+1d: district_office"]', "work.endorsement.ladder.escalations", "没有按先后排列"),
        ('["+1d: superior", "+3d: district_office"]', '["+1d: superior", "+1d: superior"]', "work.endorsement.ladder.escalations", "没有按先后排列，或有重复"),
        ('["+1d: superior", "+3d: district_office"]', '["0d: superior"]', "work.endorsement.ladder.escalations", "只能在截止之后"),
        ('["+1d: superior", "+3d: district_office"]', '["+1d: owner"]', "work.endorsement.ladder.escalations", "不能只告知责任人"),
        ("working_days: 5                # 每次", "working_days: 6                # 每次", "work.correction.working_days", "与 corrections 的6个工作日不一致"),
        ("due: {working_days: 60, ours: true}", "due: {working_days: 61, ours: true}", "benefits[7].due", "比待遇落实环节的60个工作日还长"),
        ("    working_days: 60\n", "    working_days: 59\n", "benefits[7].due", "比待遇落实环节的59个工作日还长"),
        ("{id: ethics, title: 职业道德, maximum: 10}", "{id: ethics, title: 职业道德, maximum: 11}", "review.rubric", "合计101分"),
        ("sheets_needed: 3 ", "sheets_needed: 6 ", "review.sheets_needed", "多于每份申报的5份"),
        ("sheets_needed: 3 ", "sheets_needed: 2 ", "review.trimmed", "可能一份不剩"),
        ("shortlist: 15 ", "shortlist: 12 ", "review.shortlist", "少于名额10名加递补3名"),
        ("    amount: 30000 ", "    # amount: 30000 ", "benefits[3].tax", "没有金额"),
        ("[视觉智能, 网络通讯", "[视觉智能，网络通讯", "scope.focus_fields[0]", "像是几项连写"),
        ('hour: "09:00"', 'hour: "07:59"', "messages.hour", "07:59 在不打扰时段（20:00至08:00）里"),
        ('hour: "09:00"', 'hour: "20:00"', "messages.hour", "20:00 在不打扰时段"),
        ("opens: 2023-06-06 ", "opens: 2023-06-05 ", "opens", "早于公告日期"),
        ("opens: 2023-06-06 ", "opens: 2024-06-06 ", "opens", "不在2023年"),
        ("slug: bjgj-2023 ", "slug: bjgj ", "slug", "没有年份2023"),
        ("number_prefix: BJGJ-2023 ", "number_prefix: BJGJ ", "number_prefix", "没有年份2023"),
    ],
)  # fmt: skip
def test_slip_is_found_and_nothing_else(good: str, bad: str, field: str, reason: str) -> None:
    assert good in TEXT
    ((found, said),) = told(TEXT.replace(good, bad, 1))
    assert found == field
    assert reason in said


ASKED = "clearances: [{id: land, title: 用地, department: BM03, ours: true}, {id: police, title: 守法, department: BM04, ours: true}]"
CLEARANCE_WORK = block("  clearance:   ", "  qualification:                 # 资格审核（")


def test_programme_may_ask_departments() -> None:
    assert list(told(TEXT.replace("clearances: []", ASKED))) == []


@pytest.mark.parametrize(
    ("good", "bad", "field", "reason"),
    [
        ("id: police", "id: land", "clearances", "“land”出现了不止一次"),
        ("title: 守法", "title: 用地", "clearances", "“用地”出现了不止一次"),
        ("department: BM04, ours", "department: BM04, clause: N99, ours", "clearances[1].clause", "引用的条款 N99 不在"),
        (CLEARANCE_WORK, "", "work", "缺少待办 clearance"),
        (
            "  qualification:                 # 资格审核\n",
            "  qualification:\n    skip: true\n",
            "clearances",
            "不设资格审核环节，就没有联审",
        ),
        ("department: BM04", "departement: BM04", "clearances[1].departement", "不是可用的项目"),
    ],
)
def test_slip_in_the_clearances_is_found(good: str, bad: str, field: str, reason: str) -> None:
    text = TEXT.replace("clearances: []", ASKED)
    assert good in text
    said = dict(told(text.replace(good, bad, 1)))
    assert reason in said[field]


def test_work_without_clearances_needs_no_ladder_for_them() -> None:
    assert list(told(TEXT.replace(CLEARANCE_WORK, ""))) == []


def test_problem_knows_its_line() -> None:
    text = TEXT.replace("sheets_needed: 3 ", "sheets_needed: 6 ")
    (problem,) = check_text(text, "x")
    assert problem.line == line_of(text, "sheets_needed: 6")


def test_work_longer_than_its_stage_does_not_fit() -> None:
    text = TEXT.replace("    working_days: 8\n", "    working_days: 16\n")
    assert dict(told(text)) == {
        "work.score_sheet.working_days": "比所在环节 expert_review 的15个工作日还长",
        "stages.expert_review.working_days": "放不下组建评审组、评分（共需19个工作日）",
    }


@pytest.mark.parametrize(("days", "fits"), [(12, True), (11, False)])
def test_publication_notice_and_answers_fit_into_their_stage(days: int, fits: bool) -> None:
    notice = "    working_days: 15\n    conclude: automatic"
    assert notice in TEXT
    found = list(told(TEXT.replace(notice, f"    working_days: {days}\n    conclude: automatic")))
    assert found == ([] if fits else [("stages.notice.working_days", "放不下发布、公示期、异议答复（共需12个工作日）")])


def test_hour_at_the_end_of_the_quiet_window_is_allowed() -> None:
    assert list(told(TEXT.replace('hour: "09:00"', 'hour: "08:00"'))) == []


@pytest.mark.parametrize(("hour", "quiet"), [("11:59", False), ("12:00", True), ("13:59", True), ("14:00", False)])
def test_quiet_window_within_a_day(hour: str, quiet: bool) -> None:
    text = TEXT.replace('hour: "09:00"', f'hour: "{hour}"').replace('"20:00"', '"12:00"').replace('"08:00"', '"14:00"')
    assert bool(list(told(text))) is quiet


def test_missing_stage_is_found() -> None:
    found = dict(told(TEXT.replace(block("  leadership:  ", "  notice:  "), "")))
    assert found == {"stages": "缺少环节 leadership"}


def test_stages_out_of_order_are_found() -> None:
    leadership, notice = block("  leadership:  ", "  notice:  "), block("  notice:  ", "  certification:  ")
    assert dict(told(TEXT.replace(leadership + notice, notice + leadership))) == {"stages": "环节次序不对"}


@pytest.mark.parametrize("stage", ["intake", "certification", "fulfilment"])
def test_stage_that_cannot_be_skipped_is_refused(stage: str) -> None:
    found = list(told(TEXT.replace(f"\n  {stage}: ", f"\n  {stage}:\n    skip: true ")))
    assert any(f"stages.{stage}.skip" in str(each) and "不能跳过" in str(each) for each in found)


def test_skipped_stage_needs_no_days_and_bounds_nothing() -> None:
    stage = block("  expert_review:", "  leadership:")
    skipped = stage.replace("working_days: 15", "working_days: 0\n    skip: true")
    assert list(told(TEXT.replace(stage, skipped))) == []


def test_missing_work_is_found() -> None:
    assert dict(told(TEXT.replace(block("  publication:  ", "  objection_answer:"), ""))) == {"work": "缺少待办 publication"}


def test_condition_without_achievements_is_found() -> None:
    text = TEXT.replace(block("achievements:\n", "achievement_slips:"), "achievements: []\n")
    found = dict(told(text))
    assert found.pop("achievements") == "一项也没有，却有条件要求符合其一"
    assert set(found.values()) == {f"条款 N15.{each} 没有任何规定引用" for each in (1, 3, 4, 5, 6)}


def test_years_without_a_calendar_are_a_warning() -> None:
    found = check_programme(load_programme(PATH), announced=lambda year: year < 2024)
    assert [(problem.field, problem.warning) for problem in found] == [("opens", True)]
    assert found[0].reason == "要用到2024年，节假日安排尚未公布"
    assert check_programme(load_programme(PATH), announced=lambda year: True) == []
    assert check_file(PATH, announced=lambda year: year != 2024)[0].line == line_of(TEXT, "opens: 2023")


def test_a_year_that_does_not_match_is_a_warning() -> None:
    assert [problem.warning for problem in check_text(TEXT.replace("slug: bjgj-2023", "slug: bjgj"), "x")] == [True]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("edition: 4", "edition: 5", ["title: 写着第4届，edition 却是5", "source.title: 写着第4届，edition 却是5"]),
        ("title: 第四届“滨江工匠”认定工作正式启动", "title: 第十二届认定工作启动", ["source.title: 写着第12届，edition 却是4"]),
        ("title: 第四届“滨江工匠”认定工作正式启动", "title: 认定工作正式启动", []),
        ("date: 2023-06-06", "date: 2022-06-06", ["source.date: 不在2023年"]),
    ],
)
def test_what_is_left_of_the_edition_before_is_a_warning(old: str, new: str, said: list[str]) -> None:
    found = check_text(TEXT.replace(old, new, 1), "x")
    assert [f"{each.field}: {each.reason}" for each in found] == said
    assert all(each.warning and each.line for each in found)


def test_schema_slips_come_before_the_checks() -> None:
    text = TEXT.replace("edition: 4", "edition: 四").replace("sheets_needed: 3", "sheets_needed: 6")
    assert [problem.field for problem in check_text(text, "x")] == ["edition"]


def test_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (problem,) = check_file(tmp_path / "none.yaml")
    assert (problem.file, problem.line) == ("none.yaml", 0)
    assert str(problem).startswith("none.yaml：文件读不出来")


def test_every_kind_of_work_has_its_stage() -> None:
    assert set(STAGE_OF_WORK) == set(WorkKind)


def test_cited_names_the_places() -> None:
    uses = cited(load_programme(PATH))
    assert uses["N21"] == ["bodies.clauses[1]", "stages.certification.clause"]
    assert uses["N19"] == ["review.clause"]
