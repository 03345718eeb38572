"""A preview for a nomination that is there says what its message would: of every kind, at every stage, masked unless asked."""

from collections.abc import Iterator
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
from tests.states.figures import FEDERATION, TOWN, candidate, number

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
