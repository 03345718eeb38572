"""A candidate whose name is an attack: no channel's message breaks, and nothing in it is forged; the name can still be read."""

import html
import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.outgoing import Outgoing, Sent
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON
from tests.notifiers.rounds import Post, opened
from tests.receivers import HttpManners, HttpReceiver, SmtpReceiver
from tests.robots import DingTalkService, FeishuService, Service, WeComService

# A name, and what of it must still be there to be read.
NAMES = {
    "markup": ("张<b>&amp;</b>三<script>", "三"),
    "mention": ('张三<@all><at user_id="all">所有人</at>', "所有人"),
    "markdown": ("**张** _三_ [点](http://evil.example) # 一 `x`", "evil.example"),
    "lines": ("张三\r\n期限：已取消\u2028\u2029\x85办法：不用办理\x0b", "张三 期限：已取消 办法：不用办理"),
    "header": ("张三\r\nBcc: spy@evil.example\r\n\r\n<html>", "张三 Bcc: spy@evil.example"),
    "directions": ("张\u202e三\u202c\u2066李\u2069\u200f", "张三李"),
    "invisible": ("张\u200b\u200d\ufeff\u00ad三\x00\x1b[31m\x1e", "张三"),
    "template": ("{{ 7 * 7 }}{% raw %}张三", "{{ 7 * 7 }}{% raw %}张三"),
    "json": ('张三", "msgtype": "markdown", "x": "\\', '", "msgtype": "'),
}
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f-\x9f]")


def told_of(folder: Path, name: str) -> Outgoing:
    """Give what the unit is told of a candidate with this name."""
    town = opened(folder)
    town.post(Post())
    post = Post()
    town.submit(name)
    town.post(post)
    town.house.store.dispose()
    [letter] = post.to("changhe@union.example")
    return letter


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Outgoing:
    """The same letter with a harmless name."""
    return told_of(tmp_path_factory.mktemp("harmless"), "张三")


@pytest.fixture(scope="module")
def lines(harmless: Outgoing) -> int:
    """How many lines that has."""
    return harmless.body.count("\n")


def written_lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def whole(parts: list[str]) -> str:
    """Put the parts of a message together again, under the first one's subject."""
    return "\n".join([parts[0], *(part.partition("\n\n")[2] for part in parts[1:])])


@pytest.fixture(scope="module", params=NAMES)
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outgoing, str]:
    """A letter about a hostile name, and what of the name must be readable."""
    name, readable = NAMES[request.param]
    return told_of(tmp_path_factory.mktemp("hostile"), name), readable


Send = Callable[[Outgoing, ChannelKind, str], None]


@pytest.fixture
def send(tmp_path: Path) -> Send:
    def run(letter: Outgoing, kind: ChannelKind, url: str) -> None:
        config = ChannelConfig(name=letter.channel, kind=kind, url=SecretStr(url) if url else None)
        assert isinstance(Channels([config], tmp_path / "mail", VirtualClock(NOON)).send(letter), Sent)

    return run


def test_hostile_name_in_a_mail(hostile: tuple[Outgoing, str], lines: int, smtp: SmtpReceiver, send: Send) -> None:
    letter, readable = hostile
    send(letter, ChannelKind.MAIL, smtp.url())
    mail = smtp.received[0]
    assert mail.recipients == (letter.recipient_address,)
    assert mail.message.get_content_type() == "text/plain"
    assert set(mail.message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version")
    }
    assert readable in mail.text
    assert mail.text.count("\n") == lines
    assert not INVISIBLE.search(mail.text + mail.message["Subject"])


def test_hostile_name_in_a_file(hostile: tuple[Outgoing, str], lines: int, tmp_path: Path, send: Send) -> None:
    letter, readable = hostile
    send(letter, ChannelKind.FILE, "")
    [path] = (tmp_path / "mail").iterdir()
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    assert [line.partition(":")[0] for line in head.splitlines()] == [
        *("Message-ID", "Date", "To", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
    ]
    assert readable in body
    assert body.count("\n") == lines


def test_hostile_name_in_a_web_request(hostile: tuple[Outgoing, str], lines: int, http: HttpReceiver, send: Send) -> None:
    letter, readable = hostile
    send(letter, ChannelKind.WEB, http.url())
    assert set(http.received[0].json) == {"id", "subject", "body", "to"}
    assert readable in http.received[0].json["body"]
    assert http.received[0].json["body"].count("\n") == lines


@pytest.mark.parametrize(
    ("scheme", "kind", "service"),
    [
        ("hwecom", ChannelKind.WECOM, WeComService),
        ("hdingtalk", ChannelKind.DINGTALK, DingTalkService),
        ("hfeishu", ChannelKind.FEISHU, FeishuService),
    ],
)
def test_hostile_name_in_a_robots_group(
    hostile: tuple[Outgoing, str],
    harmless: Outgoing,
    receivers: ExitStack,
    send: Send,
    scheme: str,
    kind: ChannelKind,
    service: type[Service],
) -> None:
    letter, readable = hostile
    group = service("0123456789", now=NOON)
    receiver = receivers.enter_context(HttpReceiver(HttpManners(service=group)))
    send(letter, kind, f"{scheme}://0123456789?via=http://127.0.0.1:{receiver.port}")
    text = whole(group.texts)
    assert readable in text
    assert written_lines(text) == written_lines(harmless.body) + 1
    assert not re.search("[<>]", text)
    assert not INVISIBLE.search(text)
    if kind is ChannelKind.FEISHU:
        assert "**" not in text
        assert "](" not in text


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_hostile_name_in_another_service(hostile: tuple[Outgoing, str], lines: int, http: HttpReceiver, send: Send, form: str) -> None:
    letter, readable = hostile
    send(letter, ChannelKind.APPRISE, f"json://127.0.0.1:{http.port}/?format={form}")
    text = http.received[0].json["message"]
    if form == "markdown":
        assert not re.search(r"[*_`~\[\]<>|#\\]", text)
        readable = readable.replace("*", "＊")
    if form == "html":
        assert set(re.findall(r"<[^>]*>", text)) == {"<br/>"}
        text = html.unescape(text.replace("<br/>", "\n")).replace("\xa0", " ").replace("\u2003", "  ")
    assert readable in text
    assert text.strip("\n").count("\n") <= lines
    assert json.loads(http.received[0].body)["message"]
