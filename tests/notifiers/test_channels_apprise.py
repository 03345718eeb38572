"""Other Apprise services: their True is sent, their False says nothing."""

import json
import re
from pathlib import Path

import apprise
import pytest
from pydantic import SecretStr

from config.channel_problems import ChannelConfigError
from config.channels import ChannelConfig, ChannelKind
from notifiers.channels import Channels
from notifiers.outgoing import NoChannel, RefusedForGood, Sent, Unknown
from notifiers.plugins.mail import MailPlugin
from notifiers.plugins.marks import escaped
from notifiers.plugins.phased import Envelope
from notifiers.plugins.registry import notify_once, open_plugin
from notifiers.plugins.web import WebPlugin
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON, ChannelsMaker, LetterMaker, patience
from tests.receivers import HttpReceiver, SmtpReceiver, unused_port


def plain(http: HttpReceiver, path: str = "/") -> str:
    """Give the address of the receiver for Apprise's own JSON plug-in."""
    return f"json://127.0.0.1:{http.port}{path}"


def test_apprise_service_that_takes_the_message_is_sent(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channels = channel_to(plain(http), ChannelKind.APPRISE)
    assert channels.send(letter()) == Sent("Apprise：已送达")
    assert [(request.json["title"], request.json["message"]) for request in http.received] == [
        ("【滨江工匠】催办：请于6月26日前提交推荐意见", "长河街道总工会：\n\n还有 3 件推荐意见未提交。\n.这一行以点开头")
    ]
    assert not channels.only_files


@pytest.mark.parametrize("manner", ["drop", "late"])
def test_apprise_service_that_fails_is_unknown_and_not_sent_twice(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, manner: str
) -> None:
    http.manners.after_request = manner
    assert isinstance(channel_to(plain(http), ChannelKind.APPRISE, timeout=patience(manner)).send(letter()), Unknown)
    assert http.saw(1)


def test_apprise_service_that_refuses_is_unknown_too(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    http.manners.status = 400
    assert isinstance(channel_to(plain(http), ChannelKind.APPRISE).send(letter()), Unknown)


def test_apprise_service_with_nothing_listening_is_unknown(channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    assert isinstance(channel_to(f"json://127.0.0.1:{unused_port()}/", ChannelKind.APPRISE).send(letter()), Unknown)


def test_apprise_url_may_name_its_recipient(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channels = channel_to(plain(http, "/send/{to}"), ChannelKind.APPRISE)
    channels.send(letter(recipient_address="张三%2F1?x=1#y"))
    assert http.received[0].path.startswith("/send/%E5%BC%A0%E4%B8%89%252F1%3F")


@pytest.mark.parametrize("scheme", ["json", "hjson"])
@pytest.mark.parametrize("address", ["../admin", "a/../../b?x=1#y", "..", ".", "", "a/b", "a\\b", "/admin"])
def test_recipient_cannot_leave_its_place_in_the_url(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, scheme: str, address: str
) -> None:
    channels = channel_to(
        f"{scheme}://127.0.0.1:{http.port}/users/{{to}}/send", ChannelKind.WEB if scheme == "hjson" else ChannelKind.APPRISE
    )
    outcome = channels.send(letter(recipient_address=address))
    assert outcome == RefusedForGood("收件地址里有斜线或只有点，不能写进网址，请在名册里改正", asked=False)
    assert http.received == []


def test_recipient_in_a_urls_parameter_may_have_a_slash(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(http.url("/send?-to={to}"), ChannelKind.WEB).send(letter(recipient_address="a/../b&c=d"))
    assert http.received[0].path == "/send?to=a%2F..%2Fb%26c%3Dd"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nosuch://127.0.0.1/", "Apprise 不认识这个网址"),
        ("nosuch://key@sms.example.com/{to}", "plugins 文件夹"),
        ("NoSuch://sms.example.com/{to}", "Apprise 不认识这个网址"),
        ("wecombot://", "Apprise"),
        ("json://127.0.0.1/?retry=2", "只能有一个接收方"),
        ("dingtalk://0123456789abcdef/13800000001/13800000002", "只能有一个接收方"),
    ],
)
def test_apprise_url_that_cannot_work_is_refused_before_any_message(channel_to: ChannelsMaker, url: str, says: str) -> None:
    with pytest.raises(ChannelConfigError, match=says):
        channel_to(url, ChannelKind.APPRISE)


def test_every_bad_url_is_told_at_once(outbox_mail: Path) -> None:
    configs = [
        ChannelConfig(name=name, kind=ChannelKind.APPRISE, url=SecretStr("nosuch://x/"), file="my.yaml", line=line)
        for name, line in (("one", 4), ("two", 9))
    ]
    with pytest.raises(ChannelConfigError) as caught:
        Channels(configs, outbox_mail, VirtualClock(NOON))
    assert [(problem.file, problem.line, problem.field) for problem in caught.value.problems] == [
        ("my.yaml", 4, "url"),
        ("my.yaml", 9, "url"),
    ]


def test_wecom_by_apprise_stays_within_its_2048_bytes(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apprise.plugins.wecombot.NotifyWeComBot.notify_url", f"http://127.0.0.1:{http.port}/send?key={{key}}")
    channels = channel_to("wecombot://0123456789abcdef", ChannelKind.APPRISE)
    channels.send(letter(subject="催办", body="长" * 1000))
    texts = [request.json["text"]["content"] for request in http.received]
    assert [text.partition("\r\n")[0] for text in texts] == ["催办（1/2）", "催办（2/2）"]
    assert "".join(text.partition("\r\n")[2] for text in texts) == "长" * 1000
    assert 2044 <= len(texts[0].encode()) <= 2048


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("text", ["张<b>三</b> & *四* [五](http://evil.example)", "第二行"]),
        ("markdown", ["张＜b＞三＜/b＞ & ＊四＊ ［五］(http://evil.example)  ", "第二行"]),
        ("html", ["张&lt;b&gt;三&lt;/b&gt;&nbsp;&amp;&nbsp;*四*&nbsp;[五](http://evil.example)<br/>", "第二行"]),
    ],
)
def test_apprise_service_gets_no_marks_of_its_format(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, form: str, says: list[str]
) -> None:
    body = "张<b>三</b> & *四* [五](http://evil.example)\n第二行"
    channel_to(plain(http, f"/?format={form}"), ChannelKind.APPRISE).send(letter(subject="催办", body=body))
    text = http.received[0].json["message"]
    assert text.replace("<br/>", "<br/>\n").splitlines() == says if form == "html" else text.splitlines() == says


FORGED = '请@all <at user_id="all">所有人</at> <@all> <!here> [点](http://evil.example) **粗** office@x.example'
HARMLESS = '请＠all ＜at user_id="all"＞所有人＜/at＞ ＜＠all＞ ＜!here＞ [点]（http://evil.example) ＊＊粗＊＊ office＠x.example'


@pytest.mark.parametrize(
    ("service", "url"),
    [
        ("wecombot.NotifyWeComBot", "wecombot://0123456789abcdef"),
        ("feishu.NotifyFeishu", "feishu://0123456789abcdef"),
        ("lark.NotifyLark", "lark://0123456789abcdef"),
        ("dingtalk.NotifyDingTalk", "dingtalk://0123456789abcdef"),
    ],
)
def test_name_mentions_nobody_in_a_group_that_apprise_speaks_to(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, monkeypatch: pytest.MonkeyPatch, service: str, url: str
) -> None:
    monkeypatch.setattr(f"apprise.plugins.{service}.notify_url", f"http://127.0.0.1:{http.port}/send", raising=False)
    channels = channel_to(url, ChannelKind.APPRISE)
    channels.send(letter(subject=FORGED, body=FORGED))
    sent = json.dumps(http.received[0].json, ensure_ascii=False).replace('\\"', '"')
    assert sent.count(HARMLESS) == 2


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_name_mentions_nobody_whatever_the_services_format(form: str) -> None:
    text = escaped(open_plugin(f"discord://1234567890/token?format={form}"), FORGED)
    assert "@" not in text
    assert form == "html" or not re.search(r"[<>]|\*\*|\]\(", text)


def test_unknown_channel_is_no_channel(http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channels = channel_to(plain(http), ChannelKind.APPRISE)
    assert isinstance(channels.send(letter(channel="nosuch")), NoChannel)
    assert channels.names == ("it",)
    assert http.received == []


def test_our_plugins_are_registered_in_apprise_like_any_other(smtp: SmtpReceiver, http: HttpReceiver) -> None:
    assert isinstance(open_plugin(smtp.url()), MailPlugin)
    assert isinstance(open_plugin(http.url()), WebPlugin)
    assert isinstance(apprise.Apprise.instantiate(smtp.url()), MailPlugin)


def test_our_plugin_without_an_envelope_sends_nothing(smtp: SmtpReceiver) -> None:
    assert notify_once(open_plugin(smtp.url()), "主题", "正文") is False
    assert smtp.received == []


def test_our_plugin_answers_apprise_with_true_only_when_sent(smtp: SmtpReceiver) -> None:
    envelope = Envelope("n7", "union@changhe.example", NOON)
    assert open_plugin(smtp.url()).send("正文", "主题", envelope=envelope) is True
    smtp.manners.rcpt = "550 no"
    assert open_plugin(smtp.url()).send("正文", "主题", envelope=envelope) is False
