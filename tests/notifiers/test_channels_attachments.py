"""Files that go with a message: whole and under their names by mail and beside a file, by name only elsewhere."""

from pathlib import Path

import pytest

from config.channels import ChannelKind
from notifiers.attaching import file_name
from notifiers.channels import Channels
from notifiers.outgoing import Attachment, Outgoing, Paper, PaperKind, Sent
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON, ChannelsMaker, LetterMaker
from tests.receivers import HttpReceiver, SmtpReceiver

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = Attachment("评分表-bjgj-2023-ZJ01.xlsx", XLSX, b"PK\x03\x04\x00\xff" * 100)
NOTICE = Attachment("公示-bjgj-2023-1.txt", "text/plain", "张三，杭州甲公司\r\n.一行\r\n".encode("utf-8-sig"))


def with_files(letter: LetterMaker, *files: Attachment) -> Outgoing:
    return letter(attachments=files)


def test_mail_carries_files_whole_with_their_chinese_names(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    assert isinstance(channel_to(smtp.url()).send(with_files(letter, SHEET, NOTICE)), Sent)
    message = smtp.received[0].message
    assert message.get_content_type() == "multipart/mixed"
    body = message.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == "长河街道总工会：\n\n还有 3 件推荐意见未提交。\n.这一行以点开头\n"
    parts = list(message.iter_attachments())
    assert [(part.get_filename(), part.get_content_type(), part.get_content_disposition()) for part in parts] == [
        (SHEET.name, XLSX, "attachment"),
        (NOTICE.name, "text/plain", "attachment"),
    ]
    assert [part.get_payload(decode=True) for part in parts] == [SHEET.content, NOTICE.content]


def test_mail_with_files_is_ascii_on_the_wire(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(with_files(letter, SHEET, NOTICE))
    raw = smtp.received[0].message.as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) <= 998


def test_mail_without_files_is_no_multipart(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(letter())
    assert smtp.received[0].message.get_content_type() == "text/plain"


def test_mail_in_parts_carries_its_files_with_the_first(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    message = letter(message_id="n7", subject="催办", body="长" * 50, attachments=(SHEET,))
    assert isinstance(channel_to(smtp.url(), limit=100).send(message), Sent)
    assert [len(list(mail.message.iter_attachments())) for mail in smtp.received] == [1, 0]
    assert [mail.message["Message-ID"] for mail in smtp.received] == ["<n7.1@binjiang.example>", "<n7.2@binjiang.example>"]


def test_file_lies_beside_the_message_and_is_named_in_it(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    files.send(with_files(letter, SHEET))
    written = {path.name: path for path in outbox_mail.iterdir()}
    name = f"bjgj-2023-0123456789abcdef-{SHEET.name}"
    assert set(written) == {"bjgj-2023-0123456789abcdef.eml", name}
    assert written[name].read_bytes() == SHEET.content
    assert written["bjgj-2023-0123456789abcdef.eml"].read_text(encoding="utf-8").endswith(f"\n附件：{name}\n")


def test_web_hook_is_told_the_names_only(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    paper = Paper(PaperKind.NOTICE, "公示.txt", "bjgj-2023", "1")
    channel_to(http.url(), ChannelKind.WEB).send(letter(attachments=(SHEET,), papers=(paper,)))
    body = http.received[0].json["body"]
    assert body.endswith(
        f"\n\n附件：{SHEET.name}（只随邮件发送，请查收邮件或向办公室索取）\n附件：公示.txt（只随邮件发送，请查收邮件或向办公室索取）\n"
    )
    assert set(http.received[0].json) == {"id", "subject", "body", "to"}


def test_files_too_large_stay_behind_with_a_sentence(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifiers.attaching.MOST_BYTES", 1000)
    large = Attachment("大.bin", "application/octet-stream", b"x" * 900)
    channel_to(smtp.url()).send(with_files(letter, large, SHEET, Attachment("小.txt", "text/plain", b"y" * 50)))
    message = smtp.received[0].message
    body = message.get_body()
    assert body is not None
    assert [part.get_filename() for part in message.iter_attachments()] == ["大.bin", "小.txt"]
    assert f"附件“{SHEET.name}”太大（0.0 MB），没有随信发送，请向办公室索取" in body.get_content()


def test_paper_is_made_where_it_can_be_carried_and_missed_where_it_cannot_be_made(outbox_mail: Path, letter: LetterMaker) -> None:
    asked: list[str] = []

    def maker(paper: Paper) -> Attachment | None:
        asked.append(paper.name)
        return NOTICE if paper.kind is PaperKind.NOTICE else None

    papers = (Paper(PaperKind.NOTICE, NOTICE.name, "r", "1"), Paper(PaperKind.SCORE_SHEET, SHEET.name, "r", "ZJ01", ("N-1",)))
    Channels([], outbox_mail, VirtualClock(NOON), maker=maker).send(letter(papers=papers))
    assert asked == [NOTICE.name, SHEET.name]
    [text] = [path.read_text(encoding="utf-8") for path in outbox_mail.glob("*.eml")]
    assert f"附件“{SHEET.name}”没能生成，请向办公室索取" in text
    assert [path.read_bytes() for path in outbox_mail.glob("*.txt")] == [NOTICE.content]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("评分表.xlsx", "评分表.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "附件"),
        ("", "附件"),
        ("a\r\nBcc: spy@evil.example.txt", "a Bcc_ spy@evil.example.txt"),
        ("表\u202excod.exe", "表xcod.exe"),
        ('C:\\x<y>|z*?".xlsx', "C__x_y__z___.xlsx"),
        ("长" * 100 + ".xlsx", "长" * 29 + "….xlsx"),
        ("长" * 100, "长" * 29 + "…"),
        ("a.b.toolong", "a.b.toolong"),
    ],
)
def test_file_name_is_safe_in_any_folder(name: str, safe: str) -> None:
    assert file_name(name) == safe


def test_file_of_a_hostile_name_stays_in_its_folder(files: Channels, letter: LetterMaker, outbox_mail: Path, tmp_path: Path) -> None:
    files.send(with_files(letter, Attachment("../../../evil\n.txt", "text/plain", b"x")))
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {outbox_mail}


ALIKE = (
    Attachment("评分表.xlsx", XLSX, b"one"),
    Attachment("评分表.xlsx", XLSX, b"two"),
    Attachment("长" * 40 + "甲.txt", "text/plain", b"three"),
    Attachment("长" * 40 + "乙.txt", "text/plain", b"four"),
    Attachment("a.TXT", "text/plain", b"five"),
    Attachment("A.txt", "text/plain", b"six"),
    Attachment("附件", "text/plain", b"seven"),
    Attachment("..", "text/plain", b"eight"),
)
APART = ["评分表.xlsx", "评分表（2）.xlsx", "长" * 29 + "….txt", "长" * 29 + "…（2）.txt", "a.TXT", "A（2）.txt", "附件", "附件（2）"]


def test_files_of_one_name_do_not_overwrite_each_other(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    files.send(with_files(letter, *ALIKE))
    token = "bjgj-2023-0123456789abcdef"
    written = {path.name: path.read_bytes() for path in outbox_mail.iterdir() if path.suffix != ".eml"}
    assert written == {f"{token}-{name}": each.content for name, each in zip(APART, ALIKE, strict=True)}
    text = (outbox_mail / f"{token}.eml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("附件：")] == [f"附件：{token}-{name}" for name in APART]


def test_mail_carries_files_of_one_name_under_two(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(with_files(letter, *ALIKE))
    assert [part.get_filename() for part in smtp.received[0].message.iter_attachments()] == APART
