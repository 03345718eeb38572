"""One message of several things: the most urgent stand first, whatever they are grouped by, and each round says whom to ask."""

from dataclasses import replace
from datetime import date

import pytest

from config.calendar import WorkCalendar
from config.loader import parse_programme
from config.programme import Programme
from config.vocabulary import Stage, WorkKind
from notifiers.kinds import MessageKind as K
from notifiers.rendering import Common, Part, Rendered, render_parts
from notifiers.sections import Section
from notifiers.wording import Line, due_on
from tests.notifiers.rounds import RULES, SLUG

TODAY = date(2023, 6, 28)
LINES = (Line("BJGJ-2023-0001", "张建国"),)
NEWS = tuple(
    Section(kind, facts={"document": ""}, lines=LINES, stage=Stage.QUALIFICATION)
    for kind in (K.REJECTED, K.LAPSED, K.QUALIFIED, K.RESUBMITTED)
)


def reminder(work: WorkKind, stage: Stage, day: date) -> Section:
    due = due_on(WorkCalendar(), day, TODAY, provisional=False)
    return Section(K.REMINDER, work, due, {"clause": "N18", "audience": ""}, LINES, stage)


LATE = reminder(WorkKind.CLEARANCE, Stage.QUALIFICATION, date(2023, 6, 26))
DUE_TODAY = reminder(WorkKind.ENDORSEMENT, Stage.INTAKE, TODAY)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return parse_programme(RULES, "binjiang-craftsman-2023.yaml")


def part(programme: Programme, *sections: Section, slug: str = SLUG) -> Part:
    return Part(sections, Common(programme, slug, "长河街道总工会", "", TODAY, "0" * 32))


@pytest.fixture
def six(programme: Programme) -> Rendered:
    """Something late with four pieces of news in one stage, and something due today in another."""
    return render_parts([part(programme, LATE, *NEWS, DUE_TODAY)])


def test_table_has_what_is_due_before_the_news_of_another_stage(six: Rendered) -> None:
    rows = [line.split() for line in six.body.splitlines() if line[:1].isdigit() and "  " in line]
    assert [(row[0], row[2], row[3]) for row in rows[:3]] == [
        ("1", "已逾期2个工作日", "资格审核"),
        ("2", "今天到期", "申报推荐"),
        ("3", "—", "资格审核"),
    ]
    assert "6件事告知您，最急的在前，详情按环节分列。" in six.body


def test_number_in_the_table_leads_to_its_text(six: Rendered) -> None:
    heads = [line for line in six.body.splitlines() if line[1:3] == ". "]
    assert [head[0] for head in heads] == ["1", "3", "4", "5", "6", "2"]
    assert heads[0].startswith("1. 催办（已逾期2个工作日）")
    assert heads[-1].startswith("2. 催办（今天到期）")


def test_short_message_leaves_out_news_and_not_what_is_due_today(six: Rendered) -> None:
    assert "2. 催办：出具推荐意见（BJGJ-2023-0001 张*），期限2023年6月28日（星期三），今天到期。" in six.brief
    assert "补正材料已收到" not in six.brief
    assert "另有1件" in six.brief


def late_of(owner: str, day: date, number: str = "BJGJ-2023-0009") -> Section:
    facts = {"owner": owner, "masked_owner": owner, "clause": "N18", "audience": "superior"}
    return replace(reminder(WorkKind.ENDORSEMENT, Stage.INTAKE, day), kind=K.ESCALATION, facts=facts, lines=(Line(number, "李秀英"),))


def test_short_message_has_the_readers_own_work_before_what_others_are_late_with(programme: Programme) -> None:
    others = [late_of(f"第{day}工会", date(2023, 6, day)) for day in range(12, 17)]
    brief = render_parts([part(programme, *others, LATE, DUE_TODAY)]).brief
    assert "7件事，您自己要办的在前。1. 催办：部门联审意见（BJGJ-2023-0001 张*），期限2023年6月26日（星期一），已逾期2个工作日。" in brief
    assert "2. 催办：出具推荐意见（BJGJ-2023-0001 张*）" in brief
    assert "3. 第12工会的待办还没有办结" in brief
    assert "另有2件，请向" in brief


def test_short_message_names_what_it_leaves_out_of_the_readers_own(programme: Programme) -> None:
    own = [
        replace(reminder(WorkKind.ENDORSEMENT, Stage.INTAKE, date(2023, 6, day)), lines=(Line(f"N{day}", "张"),)) for day in range(12, 19)
    ]
    brief = render_parts([part(programme, *own, late_of("第1工会", date(2023, 6, 1)))]).brief
    assert "另有3件（您要办的有N17、N18），请向" in brief


def another(programme: Programme) -> Programme:
    bodies = programme.bodies.model_copy(update={"office": "区劳模评选办公室"})
    messages = programme.messages.model_copy(update={"contact_line": "如有疑问，请致电0571-00000000。"})
    return programme.model_copy(update={"bodies": bodies, "messages": messages, "title": "劳动模范评选", "honour": "劳动模范"})


def test_message_of_two_rounds_says_whom_to_ask_of_each(programme: Programme) -> None:
    text = render_parts([part(programme, DUE_TODAY), part(another(programme), LATE, slug="ldmf-2023")])
    ours, theirs = "如有疑问，请与区工匠认定工作领导小组办公室联系。", "如有疑问，请致电0571-00000000。"
    for wording in (text.body, text.brief):
        assert f"第四届“滨江工匠”认定：{ours}" in wording
        assert f"劳动模范评选：{theirs}" in wording
        assert wording.count("如有疑问") == 2
    assert "\n区劳模评选办公室、区工匠认定工作领导小组办公室\n2023年6月28日" in text.body
    assert text.subject.startswith("【劳动模范、滨江工匠】2件事告知您")


def test_message_of_two_rounds_with_one_contact_says_it_once(programme: Programme) -> None:
    text = render_parts([part(programme, DUE_TODAY), part(programme.model_copy(update={"title": "第五届"}), LATE, slug="bjgj-2024")])
    assert text.body.count("如有疑问，请与区工匠认定工作领导小组办公室联系。") == 1
    assert "：如有疑问" not in text.body
