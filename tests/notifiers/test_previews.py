"""A preview for a nomination that is there says what its message would: of every kind, at every stage, masked unless asked."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifiers.kinds import MessageKind
from notifiers.outbox import notify
from notifiers.previews import Preview, preview_for
from states.errors import HallmarkError
from states.records import Records
from states.store import Store
from states.tables import Nomination, WorkItem
from tests.notifiers.rounds import RULES, migrated
from tests.states.builders import Story
from tests.states.figures import FEDERATION, TOWN, UNIT, candidate, number

K = MessageKind
STAGES = ("submitted", "endorsed", "intake_over", "returned", "qualified", "reviewed", "approved", "on_notice", "noticed", "certified")
NAME = "孙乙明"


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    (tmp_path / "house.db").write_bytes(migrated())
    store = Store(f"sqlite:///{tmp_path / 'house.db'}")
    yield Story(store)
    store.dispose()


def look(story: Story, kind: MessageKind, ordinal: int = 1, *, names: bool = False) -> Preview:
    with story.house.store.read() as connection:
        return preview_for(story.house, Records(connection), number(ordinal), kind, "", names=names)


@pytest.mark.parametrize("stage", STAGES)
def test_every_kind_can_be_looked_at_in_every_stage(story: Story, stage: str) -> None:
    getattr(story, stage)()
    notify(story.house)
    for row in story.rows(Nomination):
        for kind in MessageKind:
            found = look(story, kind, int(row.number[-4:]))
            text = found.text.body + found.text.brief + found.text.subject
            assert NAME not in text, kind
            assert "缘由：" in found.text.body
            assert look(story, kind, int(row.number[-4:]), names=True).made_up is found.made_up


def test_what_happened_is_shown_with_its_reason_only_to_whoever_asks(story: Story) -> None:
    story.intake_over()
    story.do(story.verdict(1, "return", reason="缺少鉴定书", fields=("证明材料",)))
    notify(story.house)
    masked, full = look(story, K.RETURNED), look(story, K.RETURNED, names=True)
    assert masked.made_up is full.made_up is False
    assert "BJGJ-2023-0001 孙*：须补正：证明材料；理由：（理由不在预览中显示）" in masked.text.body
    assert f"BJGJ-2023-0001 {NAME}：须补正：证明材料；理由：缺少鉴定书" in full.text.body
    [item] = story.rows(WorkItem, kind="correction")
    assert f"期限：2023年{item.due_day.month}月{item.due_day.day}日（星期" in masked.text.body


def test_work_is_shown_to_whoever_owes_it_now_and_escalated_to_the_superior(story: Story) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    assert look(story, K.REMINDER).text.body.startswith(f"{FEDERATION}：")
    assert look(story, K.ESCALATION).text.body.startswith(f"{TOWN}：")
    story.endorse([1], FEDERATION)
    assert look(story, K.REMINDER).text.body.startswith(f"{TOWN}：")
    assert f"{TOWN}的待办还没有办结" in look(story, K.ESCALATION).text.brief


def test_certificate_and_rank_are_the_real_ones(story: Story) -> None:
    story.certified(1, reserves=1)
    notify(story.house)
    assert "证书编号 BJGJ-2023-Z001" in look(story, K.CERTIFIED).text.body
    assert "递补顺序第1" in look(story, K.RESERVED, 2).text.body
    assert look(story, K.CERTIFIED, 2).made_up is True


def test_preview_writes_nothing(story: Story) -> None:
    story.submitted()
    before = len(story.entries())
    for kind in MessageKind:
        look(story, kind)
    assert len(story.entries()) == before


def test_nomination_that_is_not_there_has_no_preview(story: Story) -> None:
    story.open()
    with pytest.raises(LookupError):
        look(story, K.REMINDER, 9)


def test_rules_that_do_not_say_what_a_message_quotes_are_one_sentence(story: Story) -> None:
    story.submitted(text=RULES.replace("clauses: [N17, N18]", "clauses: []"))
    with pytest.raises(HallmarkError, match="“启动通知”写不出来：引用了本届的办法里没有的内容；请用 hallmark check"):
        look(story, K.INTAKE_OPENED)
    with pytest.raises(HallmarkError, match="“催办”写不出来"):
        look(story, K.REMINDER)


def test_escalation_before_its_day_is_overdue_on_the_real_day_and_marked(story: Story) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    text = look(story, K.ESCALATION).text
    assert "期限：2023年6月13日（星期二），已逾期1个工作日（示例）" in text.body
    assert "还有" not in text.body + text.brief + text.subject
    assert "2023-06-13, 1 working day overdue, example" in text.english
    assert "\n2023年6月14日（星期三）（示例）\n" in text.body  # and written on that day, as it would be


@pytest.mark.parametrize(
    ("today", "left", "made_up"), [(6, "还有2个工作日（示例）", True), (9, "还有2个工作日\n", False), (14, "已逾期", False)]
)
def test_reminder_is_shown_on_the_next_day_on_which_the_programme_reminds(story: Story, today: int, left: str, made_up: bool) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    story.clock.move_to(datetime(2023, 6, today, 2, tzinfo=UTC))
    found = look(story, K.REMINDER)
    assert f"期限：2023年6月13日（星期二），{left}" in found.text.body
    assert found.made_up is made_up


def test_escalation_of_what_is_overdue_is_dated_today(story: Story) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    story.clock.move_to(datetime(2023, 6, 15, 2, tzinfo=UTC))
    text = look(story, K.ESCALATION).text
    assert "期限：2023年6月13日（星期二），已逾期2个工作日\n" in text.body
    assert "\n2023年6月15日（星期四）\n" in text.body


def test_escalation_without_open_work_names_the_real_unit_to_its_real_superior(story: Story) -> None:
    story.open()
    story.submit(candidate(1, unit=FEDERATION, unit_kind="union_federation"))
    for unit in (FEDERATION, TOWN):
        story.endorse([1], unit)
    text = look(story, K.ESCALATION).text
    assert text.body.startswith(f"{TOWN}：")
    assert f"您是{FEDERATION}的上级" in text.body
    assert "BJGJ-2023-0001 孙*：出具推荐意见（示例）" in text.body
    assert "已逾期2个工作日（示例）" in text.subject
    assert "西兴街道总工会" not in text.body + text.brief


def test_what_moves_a_stage_is_counted_from_its_real_due_day(story: Story) -> None:
    story.submitted()
    extended, planned = look(story, K.DEADLINE_EXTENDED).text, look(story, K.DATES_REPLANNED).text
    assert "“申报推荐阶段”的期限延长" in extended.body
    assert "期限：2023年7月12日（星期三），还有25个工作日（示例）" in extended.body
    assert "申报推荐阶段的截止日由2023年7月5日（星期三）改为2023年7月12日（星期三），还有25个工作日（示例）" in planned.body


def test_release_lists_what_its_reader_really_owes(story: Story) -> None:
    story.submitted()
    body = look(story, K.ROUND_RELEASED).text.body
    assert "顺延4（示例）个工作日" in body
    assert "  · 截止申报：2023年7月5日（星期三），还有20个工作日" in body
    assert "BJGJ-2023-0007" not in body


def test_notice_and_correction_are_as_long_as_the_rules_say(story: Story) -> None:
    story.submitted()  # Tuesday 2023-06-06
    assert "公示期：2023年6月6日（星期二）至2023年6月12日（星期一），还有4个工作日（示例）" in look(story, K.NOTICE_PUBLISHED).text.body
    assert "期限：2023年6月13日（星期二），还有5个工作日（示例）" in look(story, K.RETURNED).text.body


def test_call_is_not_supposed_once_intake_is_open(story: Story) -> None:
    story.submitted()
    found = look(story, K.INTAKE_OPENED)
    assert found.made_up is False
    assert "示例" not in found.text.body


def test_failed_delivery_names_the_unit_of_the_nomination_and_nobody_else(story: Story) -> None:
    story.submitted()
    body = look(story, K.DELIVERY_FAILED).text.body
    assert [line for line in body.splitlines() if "·" in line and "拒绝连接" in line] == [
        f"  · {UNIT}：多次未送达，不再尝试：对方拒绝连接；没有送到的是：收到申报（示例）"
    ]
    assert "ZJ03" not in body


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (K.ROUND_HELD, "理由：上级统一安排调整（示例）"),
        (K.ROUND_AMENDED, "修订为第2（示例）版"),
        (K.WORK_REPLANNED, "的期限由2023年6月9日（星期五）（示例）改定"),
        (K.CERTIFIED, "滨政发〔2023〕18号（示例）"),
        (K.RESERVED, "递补顺序第1（示例）"),
    ],
)
def test_each_invented_fact_is_marked(story: Story, kind: MessageKind, words: str) -> None:
    story.submitted()
    assert words in look(story, kind).text.body


def test_what_is_real_carries_no_mark(story: Story) -> None:
    story.certified(1, reserves=1)
    notify(story.house)
    for kind, ordinal in ((K.CERTIFIED, 1), (K.RESERVED, 2), (K.NOTICE_PUBLISHED, 1)):
        found = look(story, kind, ordinal)
        assert (found.made_up, "示例" in found.text.body) == (False, False)
