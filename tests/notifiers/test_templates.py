"""How messages read: a golden text for each kind, and what data can never do to them."""

import os
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from jinja2 import StrictUndefined, UndefinedError

from config.calendar import WorkCalendar
from config.loader import parse_programme
from config.programme import Programme
from config.vocabulary import Audience, Stage, WorkKind
from notifiers import rendering
from notifiers.kinds import MessageKind
from notifiers.rendering import MOST_LINES, Common, _environment, render, templates_missing
from notifiers.samples import preview, sample
from notifiers.sections import Section
from notifiers.wording import Line, due_on, full_day
from tests.notifiers.rounds import RULES, SLUG

K = MessageKind
GOLDEN = Path(__file__).with_name("golden")
TODAY = date(2023, 6, 28)  # Wednesday
WRITE = "HALLMARK_TEST_WRITE_GOLDEN"
"""Set it to write the golden texts anew; then read what changed before committing it."""


@pytest.fixture(scope="module")
def programme() -> Programme:
    return parse_programme(RULES, "binjiang-craftsman-2023.yaml")


def golden(name: str, text: str) -> str:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get(WRITE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", MessageKind)
def test_kind_reads_as_agreed(programme: Programme, kind: MessageKind) -> None:
    text = preview(kind, programme, TODAY)
    written = f"{text.subject}\n\n{text.body}"
    assert written == golden(kind.value, written)


@pytest.mark.parametrize("kind", MessageKind)
def test_kind_reads_briefly_as_agreed(programme: Programme, kind: MessageKind) -> None:
    text = preview(kind, programme, TODAY)
    assert text.brief == golden(f"brief/{kind.value}", text.brief)
    assert f"{text.subject}\n\n{text.brief}".count("【滨江工匠】") == 1  # as a robot and a telephone show it


def brought_back(programme: Programme, was: date | None) -> Section:
    section = sample(K.DEADLINE_EXTENDED, programme, WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, 3)
    return replace(
        section, facts=section.facts | {"back": "yes", "was": full_day(was) if was else "", "was_english": f"{was}" if was else ""}
    )


def test_deadline_that_is_brought_back_reads_as_agreed(programme: Programme) -> None:
    text = render([brought_back(programme, date(2023, 7, 26))], common(programme))
    written = f"{text.subject}\n\n{text.body}"
    assert written == golden("deadline_extended-back", written)
    assert text.brief == golden("brief/deadline_extended-back", text.brief)
    for wording in (text.body, text.brief):
        assert "的期限由2023年7月26日（星期三）改为2023年7月3日（星期一），还有3个工作日" in wording
        assert "延长" not in wording
        assert "corrected from 2023-07-26 to 2023-07-03" in wording


def test_deadline_that_is_brought_back_from_several_days_names_the_new_one_alone(programme: Programme) -> None:
    text = render([brought_back(programme, None)], common(programme))
    for wording in (text.body, text.brief):
        assert "的期限改为2023年7月3日" in wording
        assert "corrected to 2023-07-03" in wording


@pytest.mark.parametrize("kind", MessageKind)
def test_brief_form_is_one_masked_line_with_reason_and_whom_to_ask(programme: Programme, kind: MessageKind) -> None:
    brief = preview(kind, programme, TODAY).brief
    assert brief.count("\n") == 1
    assert not {"张建国", "李秀英"} & {brief[at : at + 3] for at in range(len(brief))}
    assert "缘由：" in brief
    assert "如有疑问，请与区工匠认定工作领导小组办公室联系。" in brief
    assert len(brief.encode()) < 1_000


@pytest.mark.parametrize("work", WorkKind)
def test_work_says_how_it_is_done(programme: Programme, work: WorkKind) -> None:
    text = preview(K.WORK_OPENED, programme, TODAY, work=work)
    written = f"{text.subject}\n\n{text.body}"
    assert written == golden(f"work_opened-{work.value}", written)


@pytest.mark.parametrize(("who", "automatic"), [("automatic", True), ("office", False)])
def test_what_the_clock_does_is_asked_of_nobody(who: str, automatic: bool) -> None:
    rules = RULES.replace("conclude: automatic", f"conclude: {who}").replace("lapse: automatic", f"lapse: {who}")
    own = parse_programme(rules, "own.yaml")
    closing = preview(K.REMINDER, own, TODAY, work=WorkKind.CLOSE_INTAKE)
    for text in (closing.body, closing.brief):
        assert ("系统自动截止，不用操作" in text) is automatic
        assert ("运行“截止申报”（close-intake）" in text) is not automatic
    for kind in (K.REMINDER, K.WORK_OPENED):
        asked = preview(kind, own, TODAY, work=WorkKind.CLOSE_INTAKE)
        for text in (asked.subject, asked.body, asked.brief):
            assert ("核对申报" in text, "办理：截止申报" in text or "：截止申报" in text) == (automatic, not automatic)
    assert ("申报自动失效" in preview(K.RETURNED, own, TODAY).body) is automatic


@pytest.mark.parametrize("kind", MessageKind)
def test_message_with_a_due_day_says_it_with_weekday_and_days_left_in_both_wordings_and_languages(
    programme: Programme, kind: MessageKind
) -> None:
    section = sample(kind, programme, WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, 3)
    text = preview(kind, programme, TODAY, days=3)
    dated = "2023年7月3日（星期一），还有3个工作日"
    assert (section.due is None) or (dated in text.body and dated in text.brief and "2023-07-03, 3 working days left" in text.english)
    assert text.english in text.body
    assert text.english in text.brief


def test_call_after_intake_has_ended_asks_for_nothing_and_calls_nobody_late(programme: Programme) -> None:
    text = preview(K.INTAKE_OPENED, programme, TODAY, days=-1)
    written = f"{text.subject}\n\n{text.body}\n{text.brief}"
    assert "申报已于6月27日截止" in text.subject
    assert "申报截止日：2023年6月27日（星期二）\n" in text.body
    for late in ("逾期", "overdue", "请组织推荐", "请填写推荐汇总表"):
        assert late not in written
    section = sample(K.INTAKE_OPENED, programme, WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, -1)
    assert (section.pressing, section.binds, section.urgency[0]) == ("ordinary", False, 2)
    several = render(
        [section, sample(K.CERTIFIED, programme, WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, 3)],
        Common(programme, programme.slug, "长河街道总工会", "", TODAY, "0" * 32),
    )
    assert "逾期" not in several.body


@pytest.mark.parametrize(
    ("days", "words"), [(-2, "已逾期2个工作日，请尽快办理：出具推荐意见"), (0, "6月28日（含）前请办理："), (3, "7月3日（含）前请办理：")]
)
def test_work_that_is_late_when_it_is_told_asks_for_no_day_that_is_past(programme: Programme, days: int, words: str) -> None:
    text = preview(K.WORK_OPENED, programme, TODAY, days=days)
    assert words in text.subject
    assert words in text.body
    assert ("前请办理" in text.body) is (days >= 0)
    assert ("请尽快办理：" in text.brief) is (days < 0)


@pytest.mark.parametrize(
    ("audience", "words"),
    [
        (Audience.SUPERIOR, "您是西兴街道总工会的上级"),
        (Audience.DISTRICT_OFFICE, "逾期事项告知区工匠认定工作领导小组办公室"),
        (Audience.LEADING_GROUP, "逾期事项告知区工匠认定工作领导小组；"),
    ],
)
def test_escalation_says_why_it_came(programme: Programme, audience: Audience, words: str) -> None:
    assert words in preview(K.ESCALATION, programme, TODAY, audience=audience, days=-1).body


def test_every_golden_text_belongs_to_something() -> None:
    names = {kind.value for kind in MessageKind} | {"deadline_extended-back"} | {f"work_opened-{work.value}" for work in WorkKind}
    assert {path.stem for path in GOLDEN.glob("*.txt")} == names
    assert {path.stem for path in (GOLDEN / "brief").glob("*.txt")} == {kind.value for kind in MessageKind} | {"deadline_extended-back"}


def test_no_kind_lacks_its_template() -> None:
    assert templates_missing() == []


def test_kind_without_a_wording_for_short_messages_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in rendering.TEMPLATES.glob("*.j2"):
        if path.stem != "work_dropped":
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    reminder = (tmp_path / "reminder.j2").read_text(encoding="utf-8")
    (tmp_path / "reminder.j2").write_text(reminder.replace("block brief", "block other"), encoding="utf-8")
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    monkeypatch.setattr(rendering, "_environment", cache(_environment.__wrapped__))
    assert templates_missing() == ["reminder (brief)", "work_dropped (full)", "work_dropped (brief)"]


def test_digest_has_a_table_whose_columns_stand_straight(programme: Programme) -> None:
    late = due_on(WorkCalendar(), date(2023, 6, 26), TODAY, provisional=False)
    facts = {"clause": "N18", "audience": ""}
    sections = [
        Section(K.QUALIFIED, facts={"document": ""}, lines=(Line("BJGJ-2023-0001", "张建国"),), stage=Stage.QUALIFICATION),
        Section(K.REMINDER, WorkKind.ENDORSEMENT, late, facts, (Line("BJGJ-2023-0002", "李秀英"),), Stage.INTAKE),
    ]
    lines = render(sections, common(programme)).body.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("序号"))
    assert lines[head : head + 3] == [
        "序号  期限     还有             环节      事项",
        "1     6月26日  已逾期2个工作日  申报推荐  催办（已逾期2个工作日）：出具推荐意见（BJGJ-2023-0002 李*）",
        "2     —       —               资格审核  资格审核通过（BJGJ-2023-0001 张*）",
    ]


def test_brief_digest_says_the_most_urgent_and_how_many_there_are_besides(programme: Programme) -> None:
    kinds = (K.SUBMITTED, K.QUALIFIED, K.REJECTED, K.DECLINED, K.LAPSED, K.REOPENED, K.WITHDRAWN)
    brief = render(
        [Section(kind, facts={"document": ""}, lines=(Line("BJGJ-2023-0001", "张建国"),)) for kind in kinds], common(programme)
    ).brief
    assert brief.startswith("长河街道总工会：7件事，最急的在前。1. 资格审核未通过（BJGJ-2023-0001 张*）")
    assert "5. " in brief
    assert "6. " not in brief
    assert "另有2件" in brief


@pytest.mark.parametrize("kind", MessageKind)
def test_subject_masks_names(programme: Programme, kind: MessageKind) -> None:
    text = preview(kind, programme, TODAY)
    assert "张建国" not in text.subject
    assert "李秀英" not in text.subject
    assert "\n" not in text.subject


@pytest.mark.parametrize("kind", MessageKind)
def test_message_says_why_how_and_whom_to_ask_in_both_languages(programme: Programme, kind: MessageKind) -> None:
    body = preview(kind, programme, TODAY).body
    assert "缘由：" in body
    assert "办法：" in body
    asked = "如有疑问，请与区工匠认定工作领导小组办公室联系。\nFor questions, please contact the office as said above.\n"
    assert body.count(asked) == 1
    [english] = [line for line in body.splitlines() if line.startswith("Why: ")]
    why, _, how = english.removeprefix("Why: ").partition(". What to do: ")
    assert why
    assert how[0].isupper()
    assert how.endswith(".")


@pytest.mark.parametrize("kind", MessageKind)
def test_english_lists_the_numbers_and_no_name(programme: Programme, kind: MessageKind) -> None:
    section = sample(kind, programme, WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, 3)
    body = preview(kind, programme, TODAY, days=3).body
    numbers = ", ".join(line.number for line in section.lines if line.number)
    assert (f" Concerning {numbers}.\n" in body) is bool(numbers)
    assert not [line for line in body.splitlines() if line.startswith("Why: ") and ("张建国" in line or "李秀英" in line)]


def test_english_of_a_long_list_says_how_many_more_there_are(programme: Programme) -> None:
    lines = tuple(Line(programme.number(number), f"张{number}") for number in range(1, 31))
    body = render([Section(K.QUALIFIED, facts={"document": ""}, lines=lines)], common(programme)).body
    assert "BJGJ-2023-0009, BJGJ-2023-0010 and 20 more." in body


def test_notice_of_a_programme_that_cites_no_clause_rests_on_its_rules(programme: Programme) -> None:
    bare = programme.stages[Stage.NOTICE].model_copy(update={"clause": None})
    own = programme.model_copy(update={"stages": {**programme.stages, Stage.NOTICE: bare}})
    body = preview(K.NOTICE_PUBLISHED, own, TODAY).body
    assert "缘由：第四届“滨江工匠”认定办法的规定\n" in body
    assert "the notice rests on the rules of this round" in body


def common(programme: Programme, recipient: str = "长河街道总工会") -> Common:
    return Common(programme, SLUG, recipient, "", TODAY, "0" * 32)


def test_dashboard_without_an_address_leaves_no_empty_brackets(programme: Programme) -> None:
    due = due_on(WorkCalendar(), date(2023, 7, 3), TODAY, provisional=False)
    section = Section(K.WORK_OPENED, WorkKind.QUALIFICATION, due, {"clause": "", "audience": ""}, ())
    body = render([section], common(programme)).body
    assert "请在操作台运行“登记资格审核”（record-qualification）" in body
    assert "第四届“滨江工匠”认定办法的规定" in body


def test_contact_line_falls_back_to_the_office(programme: Programme) -> None:
    silent = programme.model_copy(update={"messages": programme.messages.model_copy(update={"contact_line": ""})})
    assert "如有疑问，请与区工匠认定工作领导小组办公室联系。" in preview(K.QUALIFIED, silent, TODAY).body


def test_nothing_undefined_passes() -> None:
    assert _environment().undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        _environment().from_string("{{ nobody_gave_this }}").render()


def test_data_cannot_break_lines_or_turn_the_reading_direction(programme: Programme) -> None:
    nasty = Line("BJGJ-2023-0001", "张\r\nBcc: all@evil.example\r\n\r\n\u202e国\x1e", "理由：一\n二")
    text = render([Section(K.REJECTED, facts={"document": ""}, lines=(nasty,))], common(programme, "甲\u202e乙\n单位"))
    assert "  · BJGJ-2023-0001 张 Bcc: all@evil.example 国：理由：一 二" in text.body
    assert text.body.startswith("甲乙 单位：\n")
    assert text.subject == "【滨江工匠】资格审核未通过（BJGJ-2023-0001 张*）"


def test_templates_in_data_stay_text(programme: Programme) -> None:
    line = Line("BJGJ-2023-0001", "{{ programme }}{% raw %}<b>&", "")
    assert "{{ programme }}{% raw %}<b>&" in render([Section(K.QUALIFIED, facts={"document": ""}, lines=(line,))], common(programme)).body


def test_long_list_is_cut_and_says_so(programme: Programme) -> None:
    lines = tuple(Line(programme.number(number), f"张{number}") for number in range(1, MOST_LINES + 41))
    text = render([Section(K.QUALIFIED, facts={"document": ""}, lines=lines)], common(programme))
    assert text.body.count("  · BJGJ") == MOST_LINES
    assert "……另有40项" in text.body
    assert text.subject == "【滨江工匠】资格审核通过（100项）"


def test_digest_numbers_its_sections_and_names_the_first_in_its_subject(programme: Programme) -> None:
    calendar = WorkCalendar()
    late = due_on(calendar, date(2023, 6, 26), TODAY, provisional=False)
    facts = {"clause": "N18", "audience": ""}
    sections = [
        Section(K.REMINDER, WorkKind.ENDORSEMENT, late, facts, (Line("BJGJ-2023-0002", "李秀英"),)),
        Section(K.QUALIFIED, facts={"document": ""}, lines=(Line("BJGJ-2023-0001", "张建国"),)),
    ]
    text = render(sections, common(programme))
    assert text.subject == "【滨江工匠】2件事告知您，最急的是：催办（已逾期2个工作日）：出具推荐意见（BJGJ-2023-0002 李*）"
    assert text.body.index("1. 催办") < text.body.index("2. 资格审核通过")
