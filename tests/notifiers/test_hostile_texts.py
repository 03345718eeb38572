"""Whatever stands in a free text, in every kind of message and by every class of channel: real parsers find what we wrote and no more."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from email import message_from_bytes
from email.policy import default as modern_policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
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
from tests.receivers import HttpManners, HttpReceiver, SmtpReceiver
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
MARKS = frozenset(
    {"link_open", "image", "em_open", "strong_open", "s_open", "code_inline", "html_inline"}
    | {"heading_open", "blockquote_open", "fence", "code_block", "html_block", "table_open", "hr"}
)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return parse_programme(RULES, "binjiang-craftsman-2023.yaml")


def rules_saying(programme: Programme, text: str) -> Programme:
    """Give the rules with a text in everything that a message quotes of them."""
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


def saying(kind: MessageKind, programme: Programme, text: str) -> Section:
    """Give a kind of message with a text in every fact and line that may be free."""
    made = sample(kind, programme, WorkCalendar(), TODAY, WorkKind.ENDORSEMENT, Audience.SUPERIOR, days_of(kind))
    facts = {name: known if name in KEYS else text for name, known in made.facts.items()}
    return replace(made, facts=facts, lines=tuple(Line(text, text, text, place) for place, _ in enumerate(made.lines)))


def written(kind: MessageKind, programme: Programme, text: str) -> Rendered:
    """Write a message of one thing to a deputy."""
    rules = rules_saying(programme, text)
    return render_parts([Part([saying(kind, programme, text)], Common(rules, text, text, "http://127.0.0.1:4200", TODAY, "id", text))])


def digest(programme: Programme, text: str) -> Rendered:
    """Write a digest of everything at once, with its table."""
    sections = [saying(kind, programme, text) for kind in MessageKind]
    return render_parts([Part(sections, Common(rules_saying(programme, text), text, text, "", TODAY, "id", text))])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", MessageKind)
def test_free_text_adds_no_line_and_nothing_invisible_to_any_form(programme: Programme, kind: MessageKind, text: str) -> None:
    said, plain = written(kind, programme, text), written(kind, programme, HARMLESS)
    assert len(said.subject.splitlines()) == 1
    assert len(said.brief.splitlines()) == 1
    assert len(said.body.splitlines()) == len(plain.body.splitlines())
    assert not INVISIBLE.search(said.subject + said.brief + said.body)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_free_text_adds_no_line_to_a_digest_and_its_table(programme: Programme, text: str) -> None:
    said, plain = digest(programme, text), digest(programme, HARMLESS)
    assert len(said.body.splitlines()) == len(plain.body.splitlines())
    heads = [re.match(r"\S+ +\S+ +\S+ +\S+ +", line) for line in said.body.splitlines() if re.match(r"\d+  +", line)]
    assert len(heads) == len(MessageKind)
    assert all(heads)


# --- by every channel ---------------------------------------------------------------------------------------------------------------------


class Group:
    """What every channel of a house carries to receivers of this machine."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.mail = stack.enter_context(SmtpReceiver())
        self.hook = stack.enter_context(HttpReceiver())
        self.folder = folder
        self.services: dict[str, Service] = {}
        urls = {"mail": self.mail.url(), "web": self.hook.url()}
        for name, service in (("hwecom", WeComService), ("hdingtalk", DingTalkService), ("hfeishu", FeishuService)):
            self.services[name] = service("0123456789", now=NOON)
            receiver = stack.enter_context(HttpReceiver(HttpManners(service=self.services[name])))
            urls[name] = f"{name}://0123456789?via=http://127.0.0.1:{receiver.port}"
        for form in ("text", "markdown", "html"):
            urls[form] = f"json://127.0.0.1:{self.hook.port}/?format={form}"
        self._urls = urls

    def carry(self, channel: str, text: Rendered, form: Form = Form.FULL) -> list[str]:
        """Send a message by a channel alone; gives the texts that arrived."""
        kinds = {"mail": ChannelKind.MAIL, "web": ChannelKind.WEB, "hwecom": ChannelKind.WECOM}
        kinds |= {"hdingtalk": ChannelKind.DINGTALK, "hfeishu": ChannelKind.FEISHU, "file": ChannelKind.FILE}
        url = SecretStr(self._urls[channel]) if channel in self._urls else None
        config = ChannelConfig(name="it", kind=kinds.get(channel, ChannelKind.APPRISE), url=url)
        before = {name: len(service.texts) for name, service in self.services.items()}
        seen = len(self.hook.received)
        message = Outgoing("bjgj-0123456789", "union@changhe.example", text.subject, text.as_(form), "it")
        assert isinstance(Channels([config], self.folder, VirtualClock(NOON), timeout=20).send(message), Sent)
        if channel in self.services:
            return self.services[channel].texts[before[channel] :]
        return [request.body.decode() for request in self.hook.received[seen:]]


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    with ExitStack() as stack:
        yield Group(stack, tmp_path_factory.mktemp("hostile"))


@pytest.fixture(params=[*MessageKind, None], ids=lambda kind: kind.value if kind else "digest")
def both(request: pytest.FixtureRequest, programme: Programme) -> tuple[Rendered, Rendered]:
    """A kind of message, or a digest of all, that says everything hostile at once, and one that says nothing such."""
    if request.param is None:
        return digest(programme, ALL), digest(programme, HARMLESS)
    return written(request.param, programme, ALL), written(request.param, programme, HARMLESS)


def test_mail_has_our_headers_our_lines_and_one_part(group: Group, both: tuple[Rendered, Rendered]) -> None:
    mails = []
    for text in both:
        group.carry("mail", text)
        mails.append(group.mail.received[-1].message)
    said, plain = mails
    assert said.keys() == plain.keys()
    assert (said.get_content_type(), said.is_multipart(), said.defects) == ("text/plain", False, [])
    assert [each.addr_spec for each in said["To"].addresses] == ["union@changhe.example"]
    assert said["Subject"].count("\n") == 0
    assert len(said.get_content().splitlines()) == len(plain.get_content().splitlines())
    assert "=?utf-8?q?=0ABcc" not in said.as_string()


def test_file_has_our_headers_and_our_lines(group: Group, both: tuple[Rendered, Rendered]) -> None:
    files = []
    for text in both:
        group.carry("file", text)
        [path] = group.folder.iterdir()
        files.append(message_from_bytes(path.read_bytes(), policy=modern_policy))
        path.unlink()
    said, plain = files
    assert said.keys() == plain.keys()
    assert said.get_content_type() == "text/plain"
    assert len(said.get_content().splitlines()) == len(plain.get_content().splitlines())


def test_web_hook_gets_our_fields_as_they_were_written(group: Group, both: tuple[Rendered, Rendered]) -> None:
    [content] = group.carry("web", both[0])
    payload = json.loads(content)
    assert (set(payload), payload["to"]) == ({"id", "subject", "body", "to"}, "union@changhe.example")
    assert payload["body"] == both[0].body
    assert "{{ 7 * 7 }}{% raw %}{# x #}${x}%(x)s{0}" in payload["body"]
    assert (payload["subject"], payload["id"]) == (header_text(both[0].subject), "bjgj-0123456789")


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("robot", ["hwecom", "hdingtalk", "hfeishu"])
def test_robot_mentions_nobody_and_marks_nothing(group: Group, both: tuple[Rendered, Rendered], robot: str, form: Form) -> None:
    """The service behind it takes a text and nothing else, and refuses a request that mentions anybody."""
    said = group.carry(robot, both[0], form)
    assert not INVISIBLE.search("".join(said))
    for text in said:
        assert tags(text) == set()
        assert not re.search(r"\*\*|~~|\]\(", text) or robot != "hfeishu"


@pytest.mark.parametrize("robot", ["hwecom", "hdingtalk", "hfeishu"])
def test_very_long_text_leaves_in_few_parts_and_says_what_is_left_out(group: Group, programme: Programme, robot: str) -> None:
    said = group.carry(robot, written(MessageKind.RETURNED, programme, TEXTS["long"]))
    assert 1 < len(said) <= MOST_PARTS
    assert OMITTED in said[-1]


def test_other_services_get_no_mark_of_their_format(group: Group, both: tuple[Rendered, Rendered]) -> None:
    for each in both:
        for content in map(json.loads, group.carry("markdown", each)):
            assert marks(content["message"]) | marks(content["title"]) == set()
        for content in map(json.loads, group.carry("html", each)):
            assert tags(content["message"]) <= {"br"}
        for content in map(json.loads, group.carry("text", each)):
            assert set(content) == {"version", "title", "message", "attachments", "type"}


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
