"""Encoded words (RFC 2047) in what people write: a mail program decodes none, whatever they would decode to."""

import re
import unicodedata
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32
from email.policy import default as modern_policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifiers.channels import Channels
from notifiers.cleaning import one_line
from notifiers.outgoing import RefusedForGood
from notifiers.plugins.mail import MailPlugin
from notifiers.plugins.phased import Envelope
from notifiers.plugins.registry import open_plugin
from tests.notifiers.conftest import NOON, ChannelsMaker, LetterMaker
from tests.receivers import SmtpReceiver

FORGED = "=?utf-8?q?=E2=80=AE=0D=0ABcc:_spy=40evil.example?="
READS = "＝?utf-8?q?=E2=80=AE=0D=0ABcc:_spy=40evil.example?="
OURS = {*("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version")}
pieces = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["=?", "?=", "=", "?", "utf-8", "?q?", "?B?", "=0D=0A", "=E2=80=AE", "4oCuDQo=", " ", "\u200b", FORGED, "工匠", "_"]),
)
hostile = st.lists(pieces, max_size=12).map("".join)


def composed(subject: str, sender_name: str = "") -> bytes:
    """Give the mail as it leaves for the server."""
    plugin = open_plugin("hmail://127.0.0.1/?from=office@binjiang.example")
    assert isinstance(plugin, MailPlugin)
    named = MailPlugin(sender="office@binjiang.example", sender_name=sender_name, host="127.0.0.1", schema="hmail")
    return named.compose(Envelope("n7", "union@changhe.example", NOON), "union@changhe.example", subject, "正文\n")


def decoded(content: bytes, name: str) -> str:
    """Decode a header as a mail program does: its lines joined, then its encoded words, once."""
    raw = str(message_from_bytes(content, policy=compat32)[name])
    return str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", raw))))


def shows_what_it_is(text: str) -> bool:
    """Whether there is no control, direction or line-end character in a text."""
    return all(unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in text)


def bare(text: str) -> str:
    """Take out blanks, which a fold between two words may lose, and the mark that stands for another."""
    return "".join(text.replace("＝", "=").split())


@given(hostile)
def test_subject_decodes_to_what_was_written_and_to_nothing_hidden(subject: str) -> None:
    content = composed(subject)
    message = message_from_bytes(content, _class=EmailMessage, policy=modern_policy)
    assert set(message.keys()) == OURS
    assert content.partition(b"\r\n\r\n")[0].isascii()
    for read in (decoded(content, "Subject"), str(message["Subject"])):
        assert shows_what_it_is(read)
        assert bare(read) == bare(one_line(subject))


@given(hostile)
def test_senders_name_adds_no_header_and_no_address(name: str) -> None:
    content = composed("催办", name)
    message = message_from_bytes(content, _class=EmailMessage, policy=modern_policy)
    assert set(message.keys()) == OURS
    assert [address.addr_spec for address in message["From"].addresses] == ["office@binjiang.example"]
    assert shows_what_it_is(decoded(content, "From"))


def test_mail_shows_an_encoded_word_as_it_was_written(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url(f"&name={FORGED.replace('=', '%3D').replace('?', '%3F')}")).send(letter(subject=f"【滨江工匠】{FORGED}：请办理"))
    mail = smtp.received[0]
    assert mail.message["Subject"] == f"【滨江工匠】{READS}：请办理"
    assert mail.message["From"].addresses[0].display_name.startswith("＝?utf-8?q?")
    assert set(mail.message.keys()) == OURS
    assert mail.recipients == ("union@changhe.example",)


@pytest.mark.parametrize("address", ["=?utf-8?q?=0D=0ABcc?=@changhe.example", "union=?utf-8?q?x?=@changhe.example"])
def test_mail_to_an_encoded_word_is_refused_for_good(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, address: str
) -> None:
    outcome = channel_to(smtp.url()).send(letter(recipient_address=address))
    assert outcome == RefusedForGood("收件地址不是一个邮箱地址，请在名册里改正")
    assert smtp.received == []


def test_file_opened_by_a_mail_program_shows_an_encoded_word_as_it_was_written(
    files: Channels, letter: LetterMaker, outbox_mail: Path
) -> None:
    files.send(letter(subject=FORGED, recipient_address=f"甲 <{FORGED}@changhe.example>"))
    [path] = outbox_mail.iterdir()
    assert f"\nTo: 甲 <{READS}@changhe.example>\nSubject: {READS}\n" in path.read_text(encoding="utf-8")
