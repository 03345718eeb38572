"""Papers of a round that go with its messages: score sheets to experts, the public notice to units."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from config.loader import find_programme, load_programme
from flows.papers import paper_maker
from flows.workbooks import read
from flows.workbooks.rows import ScoreRow
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.digest import next_departure, queue
from notifiers.outbox import notify
from notifiers.outgoing import Paper, PaperKind
from states.commands.review import AssignExperts, SeatRow
from states.store import Store
from states.tables import NoticeBatch, Person
from tests.notifiers.rounds import migrated
from tests.receivers import SmtpReceiver
from tests.states.builders import Story
from tests.states.figures import SLUG, UNIT, number


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    (tmp_path / "house.db").write_bytes(migrated())
    store = Store(f"sqlite:///{tmp_path / 'house.db'}")
    yield Story(store)
    store.dispose()


def carry(story: Story, folder: Path, *configs: ChannelConfig) -> None:
    """Send whatever is new, at the next hour at which it may leave."""
    notify(story.house)
    departure = next_departure(story.house)
    assert departure is not None
    story.clock.move_to(departure)
    queue(story.house)
    channels = Channels(list(configs), folder, story.clock, maker=paper_maker(story.house.store, story.house.vault))
    deliver(story.house, channels, "postman")


def test_expert_gets_score_sheets_that_need_only_marks(story: Story, tmp_path: Path) -> None:
    story.qualified(3)
    story.do(AssignExperts(**story.who, rows=tuple(SeatRow(nomination=number(each), expert="E2", recused=each == 3) for each in (1, 2, 3))))
    carry(story, tmp_path / "mail")
    [sheet] = (tmp_path / "mail").glob("*.xlsx")
    assert sheet.name.endswith(f"-评分表-{SLUG}-E2.xlsx")
    book = load_workbook(sheet)
    page = book["评分表"]
    assert [[cell.value for cell in row[:2]] for row in page.iter_rows(min_row=2)] == [["E2", number(1)], ["E2", number(2)]]
    for row in (2, 3):
        for column in range(3, page.max_column):
            page.cell(row, column).value = 10
    book.save(tmp_path / "filled.xlsx")
    rubric = load_programme(find_programme("binjiang-craftsman-2023")).review.rubric
    reading = read("scores", tmp_path / "filled.xlsx", rubric=rubric, today=date(2023, 7, 10))
    assert [(row.expert, row.nomination) for row in reading.values(ScoreRow)] == [("E2", number(1)), ("E2", number(2))]
    assert reading.problems == ()


def test_unit_gets_the_public_notice_by_mail(story: Story, tmp_path: Path) -> None:
    story.on_notice(2)
    [batch] = story.rows(NoticeBatch)
    with SmtpReceiver() as receiver:
        carry(story, tmp_path / "mail", ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr(receiver.url())))
        [mail] = [mail for mail in receiver.received if list(mail.message.iter_attachments())]
    [part] = mail.message.iter_attachments()
    assert part.get_filename() == f"公示-{batch.id}.txt"
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode("utf-8-sig").split("\r\n\r\n")
    assert text[2] == f"公示期：{batch.first_day} 至 {batch.last_day}（5 个工作日，首日计入）。"
    assert text[3].startswith("1. 孙乙明，")
    assert f"（{UNIT}推荐）" in text[3]
    assert "署名" in text[4]


def test_paper_that_cannot_be_made_is_none(story: Story) -> None:
    story.open()
    make = paper_maker(story.house.store, story.house.vault)
    assert make(Paper(PaperKind.NOTICE, "公示.txt", SLUG, "nosuch")) is None
    assert make(Paper(PaperKind.NOTICE, "公示.txt", "nosuch", "1")) is None
    assert make(Paper(PaperKind.SCORE_SHEET, "评分表.xlsx", "nosuch", "E2")) is None


def test_notice_of_a_purged_candidate_says_so(story: Story) -> None:
    story.on_notice(1)
    [batch] = story.rows(NoticeBatch)
    with story.house.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM person")
    assert story.rows(Person) == []
    made = paper_maker(story.house.store, story.house.vault)(Paper(PaperKind.NOTICE, "公示.txt", SLUG, batch.id))
    assert made is not None
    assert "1. （已清除），" in made.content.decode("utf-8-sig")
