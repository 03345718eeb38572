"""Whatever stands in a free text, in every kind of message and by every class of channel: real parsers find what we wrote and no more."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern_policy
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from apprise.decorators import notify
from markdown_it import MarkdownIt
from pydantic import SecretStr

from config.calendar import WorkCalendar
from config.channels import ChannelConfig, ChannelKind
from config.loader import parse_programme
from config.programme import Programme
from config.vocabulary import Audience, WorkKind
from notifiers.channels import Channels
from notifiers.cleaning import header_text
from notifiers.kinds import MessageKind
from notifiers.outgoing import Outgoing, Sent
from notifiers.plugins.registry import open_plugin
from notifiers.rendering import Common, Form, Part, Rendered, render_parts
from notifiers.samples import days_of, sample
from notifiers.sections import Section
from notifiers.splitting import MOST_PARTS, OMITTED
from notifiers.wording import Line
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON
from tests.notifiers.rounds import RULES
from tests.notifiers.test_hostile_names import INVISIBLE
from tests.notifiers.test_templates import TODAY
from tests.receivers import HttpManners, HttpReceiver, ReceivedMail, SmtpReceiver
from tests.robots import DingTalkService, FeishuService, Service, WeComService

TEXTS = {
    "markup": '<b>&amp;<script>x</script><img src="http://evil.example"><!-- --><a href="http://evil.example">点</a>',
    "markdown": "**粗** _斜_ ~~删~~ `码` [点](http://evil.example) ![图](http://evil.example) # 一\n# 标题\n> 引\n```\n---\n===\n    码",
    "lines": "张三\r\n期限：已取消\n\n2. 另一件事\u2028\u2029\x85办法：不用办理\x0b\x0c\x1e缘由：无",
    "header": "张三\r\nBcc: spy@evil.example\r\nContent-Type: text/html\r\n\r\n<html>=?utf-8?q?=0ABcc=3A_spy?=",
    "directions": "张\u202e三\u202c\u2066李\u2069\u200f\u200b\x00\x1b[31m\x7f",
    "table": "甲 | 乙 | 丙\n|---|---|---|\n| 一 | 二 | 三 |\t丁",
    "mentions": '@all <@all> <at user_id="all">所有人</at> <!here> @13800138000',
    "template": "{{ 7 * 7 }}{% raw %}{# x #}${x}%(x)s{0}",
    "json": '", "msgtype": "markdown", "at": {"isAtAll": true}, "x": "\\',
    "long": "很长，" * 3000,
}
ALL = " ".join(TEXTS[name] for name in TEXTS if name != "long")
KEYS = frozenset({"clause", "audience", "back"})
"""Facts that are words of ours: something is looked up by them, or hangs on them."""
HARMLESS = "张三"
ROBOTS: tuple[tuple[str, ChannelKind, type[Service]], ...] = (
    ("hwecom", ChannelKind.WECOM, WeComService),
    ("hdingtalk", ChannelKind.DINGTALK, DingTalkService),
    ("hfeishu", ChannelKind.FEISHU, FeishuService),
)
PLAIN_MARKS = re.compile(r"\*\*|~~|\]\(")
"""What some services take for a mark also in plain text."""
FORMATS = ("text", "markdown", "html")
MARKS = frozenset(
    {"link_open", "image", "em_open", "strong_open", "s_open", "code_inline", "html_inline"}
    | {"heading_open", "blockquote_open", "fence", "code_block", "html_block", "table_open", "hr"}
)


@cache
def rules() -> Programme:
    return parse_programme(RULES, "binjiang-craftsman-2023.yaml")


@cache
def rules_saying(text: str) -> Programme:
    """Give the rules with a text in everything that a message quotes of them."""
    programme = rules()
    bodies = programme.bodies.model_copy(update=dict.fromkeys(("office", "leading_group", "government"), text))
    clauses = tuple(each.model_copy(update={"text": text}) for each in programme.clauses)
    return programme.model_copy(
        update={
            **dict.fromkeys(("title", "honour"), text),
            "bodies": bodies,
            "clauses": clauses,
            "source": programme.source.model_copy(update={"title": text}),
            "recommendation": programme.recommendation.model_copy(update={"method": text}),
            "messages": programme.messages.model_copy(update={"contact_line": text}),
        }
    )


def saying(kind: MessageKind, text: str) -> Section:
    """Give a kind of message with a text in every fact and line that may be free."""
    days = days_of(kind, rules(), WorkKind.ENDORSEMENT)
    made = sample(kind, rules(), WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, days)
    facts = {name: known if name in KEYS else text for name, known in made.facts.items()}
    return replace(made, facts=facts, lines=tuple(Line(text, text, text, place, text) for place, _ in enumerate(made.lines)))


@cache
def written(kind: MessageKind, text: str) -> Rendered:
    """Write a message of one thing to a deputy; once, whoever reads it."""
    common = Common(rules_saying(text), text, text, "http://127.0.0.1:4200", TODAY, "id", text)
    return render_parts([Part([saying(kind, text)], common)])


@cache
def digest(text: str) -> Rendered:
    """Write a digest of everything at once, with its table; once, whoever reads it."""
    sections = [saying(kind, text) for kind in MessageKind]
    return render_parts([Part(sections, Common(rules_saying(text), text, text, "", TODAY, "id", text))])


@pytest.mark.parametrize("kind", MessageKind)
def test_free_text_adds_no_line_and_nothing_invisible_to_any_form(kind: MessageKind) -> None:
    plain = written(kind, HARMLESS)
    for name, text in TEXTS.items():
        said = written(kind, text)
        assert len(said.subject.splitlines()) == 1, name
        assert len(said.brief.splitlines()) == 1, name
        assert len(said.body.splitlines()) == len(plain.body.splitlines()), name
        assert not INVISIBLE.search(said.subject + said.brief + said.body), name


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_free_text_adds_no_line_to_a_digest_and_its_table(text: str) -> None:
    said, plain = digest(text), digest(HARMLESS)
    assert len(said.body.splitlines()) == len(plain.body.splitlines())
    heads = [re.match(r"\S+ +\S+ +\S+ +\S+ +", line) for line in said.body.splitlines() if re.match(r"\d+  +", line)]
    assert len(heads) == len(MessageKind)
    assert all(heads)


# --- by every channel ---------------------------------------------------------------------------------------------------------------------


_OWN: list[str] = []
"""What a service of a house's own (``@notify``) was given."""


class Group:
    """What every channel of a house carries to receivers of this machine."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.mail = stack.enter_context(SmtpReceiver())
        self.hook = stack.enter_context(HttpReceiver())
        self.folder = folder
        self.services: dict[str, Service] = {}
        self._channels = {"file": self._open("file", ChannelKind.FILE, None)}
        self._add("mail", ChannelKind.MAIL, self.mail.url())
        self._add("web", ChannelKind.WEB, self.hook.url())
        for name, kind, service in ROBOTS:
            self.services[name] = service("0123456789", now=NOON)
            receiver = stack.enter_context(HttpReceiver(HttpManners(service=self.services[name])))
            self._add(name, kind, f"{name}://0123456789?via=http://127.0.0.1:{receiver.port}")
        for form in FORMATS:
            self._add(form, ChannelKind.APPRISE, f"json://127.0.0.1:{self.hook.port}/?format={form}")
        self._add("chat", ChannelKind.APPRISE, f"gotify://127.0.0.1:{self.hook.port}/token?format=markdown")
        self._add("own", ChannelKind.APPRISE, "hostile://house")

    def _add(self, name: str, kind: ChannelKind, url: str) -> None:
        self._channels[name] = self._open(name, kind, SecretStr(url))

    def _open(self, name: str, kind: ChannelKind, url: SecretStr | None) -> Channels:
        return Channels([ChannelConfig(name=name, kind=kind, url=url)], self.folder, VirtualClock(NOON), timeout=20)

    def carry(self, channel: str, text: Rendered, form: Form = Form.FULL) -> list[str]:
        """Send a message by a channel alone; gives the texts that arrived."""
        before = {name: len(service.texts) for name, service in self.services.items()}
        seen, shown = len(self.hook.received), len(_OWN)
        message = Outgoing("bjgj-0123456789", "union@changhe.example", text.subject, text.as_(form), channel)
        assert isinstance(self._channels[channel].send(message), Sent)
        if channel in self.services:
            return self.services[channel].texts[before[channel] :]
        return _OWN[shown:] or [request.body.decode() for request in self.hook.received[seen:]]


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    open_plugin("json://127.0.0.1")  # Apprise knows its own services before ours is one of them

    @notify(on="hostile", name="自己的渠道")  # type: ignore[no-untyped-call, untyped-decorator]  # Apprise leaves its decorator untyped
    def show(body: str, title: str, *_: object, **__: object) -> bool:
        _OWN.append(f"{title}\n{body}")
        return True

    with ExitStack() as stack:
        yield Group(stack, tmp_path_factory.mktemp("hostile"))


def everything() -> Iterator[tuple[str, Rendered, Rendered]]:
    """Give each kind of message, and a digest of all: its name, how it says everything hostile at once, and how it says nothing such."""
    for kind in MessageKind:
        yield kind.value, written(kind, ALL), written(kind, HARMLESS)
    yield "digest", digest(ALL), digest(HARMLESS)


def test_mail_has_our_headers_our_lines_and_one_part(group: Group) -> None:
    def mailed(text: Rendered) -> ReceivedMail:
        group.carry("mail", text)
        return group.mail.received[-1]

    headers = mailed(digest(HARMLESS)).message.keys()
    for name, hostile, plain in everything():
        received = mailed(hostile)
        said = received.message
        assert said.keys() == headers, name
        assert (said.get_content_type(), said.is_multipart(), said.defects) == ("text/plain", False, []), name
        assert [each.addr_spec for each in said["To"].addresses] == ["union@changhe.example"], name
        assert said["Subject"].count("\n") == 0, name
        assert len(said.get_content().splitlines()) == len(plain.body.splitlines()), name
        assert b"=?utf-8?q?=0ABcc" not in received.raw, name


def test_file_has_our_headers_and_our_lines(group: Group) -> None:
    def filed(text: Rendered) -> EmailMessage:
        group.carry("file", text)
        [path] = group.folder.iterdir()
        content = path.read_bytes()
        path.unlink()
        return message_from_bytes(content, policy=modern_policy)

    headers = filed(digest(HARMLESS)).keys()
    for name, hostile, plain in everything():
        said = filed(hostile)
        assert said.keys() == headers, name
        assert said.get_content_type() == "text/plain", name
        assert len(said.get_content().splitlines()) == len(plain.body.splitlines()), name


def test_web_hook_gets_our_fields_as_they_were_written(group: Group) -> None:
    for name, said, _ in everything():
        [content] = group.carry("web", said)
        payload = json.loads(content)
        assert (set(payload), payload["to"]) == ({"id", "subject", "body", "to"}, "union@changhe.example"), name
        assert payload["body"] == said.body, name
        assert "{{ 7 * 7 }}{% raw %}{# x #}${x}%(x)s{0}" in payload["body"], name
        assert (payload["subject"], payload["id"]) == (header_text(said.subject), "bjgj-0123456789"), name


@pytest.mark.parametrize(("robot", "form"), [*((name, Form.BRIEF) for name, *_ in ROBOTS), ("hfeishu", Form.FULL)])
def test_robot_mentions_nobody_and_marks_nothing(group: Group, robot: str, form: Form) -> None:
    """The service behind it takes a text and nothing else, and refuses a request that mentions anybody.

    Robots are sent the short form; the full one goes by that which knows the most marks.
    """
    for name, hostile, _ in everything():
        said = group.carry(robot, hostile, form)
        assert said, name
        assert not INVISIBLE.search("".join(said)), name
        for text in said:
            assert tags(text) == set(), name
            assert not PLAIN_MARKS.search(text) or robot != "hfeishu", name


@pytest.mark.parametrize("robot", [name for name, *_ in ROBOTS])
def test_very_long_text_leaves_in_few_parts_and_says_what_is_left_out(group: Group, robot: str) -> None:
    said = group.carry(robot, written(MessageKind.RETURNED, TEXTS["long"]))
    assert 1 < len(said) <= MOST_PARTS
    assert OMITTED in said[-1]


def test_other_services_get_no_mark_of_their_format(group: Group) -> None:
    """The harmless digest has every kind's own words."""
    for name, each in [*((name, hostile) for name, hostile, _ in everything()), ("harmless", digest(HARMLESS))]:
        for content in map(json.loads, group.carry("markdown", each)):
            assert marks(content["message"]) | marks(content["title"]) == set(), name
        for content in map(json.loads, group.carry("html", each)):
            assert tags(content["message"]) <= {"br"}, name
    for content in map(json.loads, group.carry("text", digest(ALL))):
        assert set(content) == {"version", "title", "message", "attachments", "type"}


def test_service_that_knows_mentions_gets_none_and_no_mark_of_its_format(group: Group) -> None:
    for name, hostile, _ in everything():
        for content in map(json.loads, group.carry("chat", hostile)):
            said = f"{content['title']}\n{content['message']}"
            assert "@" not in said, name
            assert tags(said) == set(), name
            assert marks(content["message"]) | marks(content["title"]) == set(), name


def test_service_of_ones_own_gets_neither_mark_nor_mention(group: Group) -> None:
    """It shows plain text by itself, as a telephone does, or a desktop."""
    for name, hostile, _ in everything():
        said = "".join(group.carry("own", hostile, Form.BRIEF))
        assert "7 * 7" in said, name
        assert "@" not in said, name
        assert not INVISIBLE.search(said), name
        assert tags(said) == set(), name
        assert not PLAIN_MARKS.search(said), name


class Tags(HTMLParser):
    """Names everything that a browser would take for more than text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.found.update(f"{tag} {name}" for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.found.add(tag)

    def handle_comment(self, data: str) -> None:
        self.found.add(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.found.add(f"declaration {decl}")


def tags(text: str) -> set[str]:
    parser = Tags()
    parser.feed(text)
    parser.close()
    return parser.found


def marks(text: str) -> set[str]:
    """Name what Markdown with tables and crossed-out text makes of a text, beside paragraphs and lists."""
    tokens: list[Any] = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return {token.type for each in tokens for token in (each, *(each.children or ()))} & MARKS
