"""A house without channels delivers to files."""

import stat
from pathlib import Path

import pytest

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.delivery import deliver
from notifiers.outgoing import NoChannel, RefusedForGood, RefusedForNow, Sent
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON, LetterMaker
from tests.notifiers.rounds import RULES, opened


def test_file_holds_the_message_as_a_person_reads_it(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    assert files.send(letter()) == Sent("已写入 bjgj-2023-0123456789abcdef.eml")
    [path] = outbox_mail.iterdir()
    assert path.read_text(encoding="utf-8") == (
        "Message-ID: <bjgj-2023-0123456789abcdef>\n"
        "Date: Mon, 19 Jun 2023 12:00:00 +0800\n"
        "To: union@changhe.example\n"
        "Subject: 【滨江工匠】催办：请于6月26日前提交推荐意见\n"
        "MIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n"
        "\n"
        "长河街道总工会：\n\n还有 3 件推荐意见未提交。\n.这一行以点开头\n"
    )


def test_letter_is_dated_in_the_zone_of_its_round(tmp_path: Path, outbox_mail: Path) -> None:
    town = opened(tmp_path, rules=RULES.replace("zone: Asia/Shanghai", "zone: Asia/Urumqi"))
    town.tell()
    deliver(town.house, Channels([], outbox_mail, town.clock), "postman")
    town.house.store.dispose()
    dates = {line for path in outbox_mail.iterdir() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("Date: ")}
    assert dates == {"Date: Tue, 06 Jun 2023 08:00:00 +0600"}


def test_file_is_readable_by_its_owner_alone(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    files.send(letter())
    assert [stat.S_IMODE(path.stat().st_mode) for path in outbox_mail.iterdir()] == [0o600]


def test_file_of_the_same_id_again_is_the_same_file(letter: LetterMaker, outbox_mail: Path) -> None:
    clock = VirtualClock(NOON)
    channels = Channels([], outbox_mail, clock)
    channels.send(letter())
    [path] = outbox_mail.iterdir()
    before = path.read_bytes()
    clock.move_to(NOON.replace(hour=9))
    assert isinstance(channels.send(letter()), Sent)
    assert [path.read_bytes() for path in outbox_mail.iterdir()] == [before]


def test_files_of_two_ids_are_two_files(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    files.send(letter(message_id="n/1"))
    files.send(letter(message_id="n?1"))
    files.send(letter(message_id="n-1"))
    assert len(list(outbox_mail.iterdir())) == 3


@pytest.mark.parametrize("message_id", ["../../etc/passwd", "/etc/passwd", "..", ".", "", "催办", "a" * 400, "con/../x\x00y"])
def test_file_never_leaves_its_folder(files: Channels, letter: LetterMaker, outbox_mail: Path, tmp_path: Path, message_id: str) -> None:
    assert isinstance(files.send(letter(message_id=message_id)), Sent)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent for path in written] == [outbox_mail]
    assert not written[0].name.startswith(".")


def test_file_header_lines_cannot_be_smuggled(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    files.send(letter(subject="催办\nBcc: spy@evil.example"))
    [path] = outbox_mail.iterdir()
    assert "Subject: 催办 Bcc: spy@evil.example\n" in path.read_text(encoding="utf-8")
    assert files.send(letter(recipient_address="a\nb")) == RefusedForGood("收件地址里有换行或控制字符，请在名册里改正")


def test_file_that_cannot_be_written_is_refused_for_now(files: Channels, letter: LetterMaker, outbox_mail: Path) -> None:
    outbox_mail.parent.mkdir()
    outbox_mail.write_text("a file where the folder should be")
    outcome = files.send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert "outbox/mail" in outcome.reason


def test_file_that_fails_half_way_leaves_nothing(
    files: Channels, letter: LetterMaker, outbox_mail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert isinstance(files.send(letter()), RefusedForNow)
    assert list(outbox_mail.iterdir()) == []


def test_house_without_channels_takes_any_name_and_says_so(files: Channels, letter: LetterMaker) -> None:
    assert files.names == ("file",)
    assert files.only_files
    assert files.kind("mail") is ChannelKind.FILE
    assert isinstance(files.send(letter(channel="mail")), Sent)


def test_file_channel_by_name_stands_beside_others(letter: LetterMaker, outbox_mail: Path) -> None:
    config = ChannelConfig(name="archive", kind=ChannelKind.FILE)
    channels = Channels([config], outbox_mail, VirtualClock(NOON))
    assert channels.names == ("archive",)
    assert channels.only_files
    assert isinstance(channels.send(letter(channel="archive")), Sent)
    assert channels.send(letter(channel="mail")) == NoChannel("没有名为 mail 的渠道，请在 channels.yaml 里写上它")
    assert channels.kind("mail") is None
