"""Mail against a real server: every outcome says how far the message got."""

from contextlib import ExitStack
from ssl import SSLContext
from time import monotonic

import pytest

from config.channel_problems import ChannelConfigError
from notifiers.outgoing import ChannelRefused, RefusedForGood, RefusedForNow, Sent, Unknown
from tests.notifiers.conftest import TIMEOUT, ChannelsMaker, LetterMaker
from tests.receivers import LATE, LineReceiver, SmtpManners, SmtpReceiver, unused_port

BEFORE_CONTENT = ("220 hi", "250 hello", "250 sender ok", "250 recipient ok")


def test_mail_accepted_is_sent_with_the_answer(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    outcome = channel_to(smtp.url()).send(letter())
    assert outcome == Sent("250 2.0.0 queued as 4F5A")
    assert [(mail.sender, mail.recipients) for mail in smtp.received] == [("office@binjiang.example", ("union@changhe.example",))]


def test_mail_in_chinese_arrives_as_written(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url("&name=滨江区总工会")).send(letter())
    message = smtp.received[0].message
    assert message["Subject"] == "【滨江工匠】催办：请于6月26日前提交推荐意见"
    assert smtp.received[0].text == "长河街道总工会：\n\n还有 3 件推荐意见未提交。\n.这一行以点开头\n"
    assert message["From"].addresses[0].display_name == "滨江区总工会"
    assert message["To"] == "union@changhe.example"


def test_mail_with_long_chinese_subject_arrives_whole(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    subject = "关于做好第四届“滨江工匠”认定工作中逐级推荐、资格审核、专家评审各环节衔接的催办通知（第二次）" * 3
    channel_to(smtp.url()).send(letter(subject=subject))
    assert smtp.received[0].message["Subject"] == subject


def test_mail_carries_id_and_the_clocks_date(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channels = channel_to(smtp.url())
    channels.send(letter())
    channels.send(letter())
    assert [mail.message["Message-ID"] for mail in smtp.received] == ["<bjgj-2023-0123456789abcdef@binjiang.example>"] * 2
    assert str(smtp.received[0].message["Date"]) == "Mon, 19 Jun 2023 12:00:00 +0800"
    assert smtp.received[0].message["Auto-Submitted"] == "auto-generated"


def test_mail_id_with_its_own_domain_is_kept(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(letter(message_id="n7@hallmark.example"))
    assert smtp.received[0].message["Message-ID"] == "<n7@hallmark.example>"


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "content"])
def test_mail_450_is_refused_for_now(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, step: str) -> None:
    setattr(smtp.manners, step, "450 4.2.0 greylisted")
    outcome = channel_to(smtp.url()).send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert "450 4.2.0 greylisted" in outcome.reason
    assert smtp.received == []


@pytest.mark.parametrize(("step", "answer"), [("mail", "550 5.7.1 not from you"), ("rcpt", "530 5.7.0 authentication required")])
def test_mail_sender_that_is_not_wanted_is_the_channels_own_affair(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, step: str, answer: str
) -> None:
    setattr(smtp.manners, step, answer)
    assert channel_to(smtp.url()).send(letter()) == ChannelRefused(f"邮件服务器在 {step.upper()} 这一步答复 {answer}")


@pytest.mark.parametrize("step", ["rcpt", "data", "content"])
def test_mail_550_is_refused_for_good(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, step: str) -> None:
    setattr(smtp.manners, step, "550 5.1.1 no such user")
    outcome = channel_to(smtp.url()).send(letter())
    assert isinstance(outcome, RefusedForGood)
    assert "550 5.1.1 no such user" in outcome.reason
    assert smtp.received == []


def test_mail_451_after_the_content_is_refused_for_now(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    smtp.manners.content = "451 4.3.0 try again"
    outcome = channel_to(smtp.url()).send(letter())
    assert outcome == RefusedForNow("邮件服务器在 正文 这一步答复 451 4.3.0 try again")


def test_mail_answer_that_quotes_an_address_is_masked(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    smtp.manners.rcpt = "550 5.1.1 <union@changhe.example>: rejected"
    outcome = channel_to(smtp.url()).send(letter())
    assert outcome == RefusedForGood("邮件服务器在 RCPT 这一步答复 550 5.1.1 *** rejected")


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_mail_line_dropped_before_the_content_is_refused_for_now(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, command: str
) -> None:
    smtp.manners.drop_at = command
    outcome = channel_to(smtp.url()).send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert f"{command} 这一步没有答复" in outcome.reason
    assert smtp.received == []


def test_mail_line_dropped_after_the_content_is_unknown(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    smtp.manners.after_content = "drop"
    outcome = channel_to(smtp.url()).send(letter())
    assert isinstance(outcome, Unknown)
    assert len(smtp.received) == 1


def test_mail_answer_that_comes_too_late_is_unknown(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    smtp.manners.after_content = "late"
    started = monotonic()
    outcome = channel_to(smtp.url(), timeout=TIMEOUT).send(letter())
    assert isinstance(outcome, Unknown)
    assert monotonic() - started < LATE
    assert len(smtp.received) == 1


@pytest.mark.parametrize("answer", ["what", "354 go on", "999 no such code"])
def test_mail_answer_after_the_content_that_is_none_is_unknown(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, answer: str
) -> None:
    server = receivers.enter_context(LineReceiver(*BEFORE_CONTENT, "354 go on", answer))
    channels = channel_to(f"hmail://127.0.0.1:{server.port}/?from=office@binjiang.example", timeout=TIMEOUT)  # nobody answers its QUIT
    outcome = channels.send(letter())
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize(
    ("greeting", "kind"),
    [("554 go away", ChannelRefused), ("421 too busy", RefusedForNow), ("", RefusedForNow), ("nonsense", RefusedForNow)],
)
def test_mail_server_that_does_not_welcome_has_taken_nothing(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, greeting: str, kind: type[RefusedForNow | ChannelRefused]
) -> None:
    server = receivers.enter_context(LineReceiver(greeting))
    outcome = channel_to(f"hmail://127.0.0.1:{server.port}/?from=office@binjiang.example").send(letter())
    assert isinstance(outcome, kind)
    assert outcome.reason.startswith("没有接通邮件服务器")


def test_mail_server_that_is_silent_is_refused_for_now(receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    server = receivers.enter_context(LineReceiver("220 hi", "250 hello", "250 sender ok"))
    outcome = channel_to(f"hmail://127.0.0.1:{server.port}/?from=office@binjiang.example", timeout=TIMEOUT).send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert "RCPT 这一步没有答复" in outcome.reason


def test_mail_content_is_kept_back_without_the_servers_go_ahead(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker
) -> None:
    server = receivers.enter_context(LineReceiver(*BEFORE_CONTENT, "250 not what DATA is answered with", "221 bye"))
    outcome = channel_to(f"hmail://127.0.0.1:{server.port}/?from=office@binjiang.example").send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert server.lines[3:5] == [b"DATA\r\n", b"quit\r\n"]


def test_mail_with_nothing_listening_is_refused_for_now(channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    outcome = channel_to(f"hmail://127.0.0.1:{unused_port()}/?from=office@binjiang.example").send(letter())
    assert outcome == RefusedForNow("没有接通邮件服务器：对方拒绝连接")


def test_mail_goes_on_after_a_refusal(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channels = channel_to(smtp.url(), timeout=TIMEOUT)
    smtp.manners = SmtpManners(after_content="late")
    assert isinstance(channels.send(letter()), Unknown)
    smtp.manners = SmtpManners()
    assert isinstance(channels.send(letter()), Sent)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_mail_logs_in_over_tls(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext, tls: str
) -> None:
    server = receivers.enter_context(SmtpReceiver(tls=tls, context=tls_context, login=("office", "p@ss:/?#%")))
    channels = channel_to(server.url(f"&verify=no&tls={'starttls' if tls == 'starttls' else ''}", user="office:p%40ss%3A%2F%3F%23%25@"))
    assert isinstance(channels.send(letter()), Sent)
    assert (server.logins, len(server.received)) == (1, 1)


@pytest.mark.parametrize(
    ("password", "answer"),
    [("wrong", "用户名或密码不对（535）"), ("%E5%AF%86%E7%A0%81", "渠道地址里的用户名、密码或主机名有不能发送的字符")],
    ids=["wrong", "cannot be sent"],
)
def test_mail_with_a_password_that_is_not_taken_refuses_the_channel(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext, password: str, answer: str
) -> None:
    server = receivers.enter_context(SmtpReceiver(tls="implicit", context=tls_context, login=("office", "right")))
    outcome = channel_to(server.url("&verify=no", user=f"office:{password}@")).send(letter())
    assert outcome == ChannelRefused(f"没有接通邮件服务器：{answer}")
    assert server.received == []


def test_mail_to_a_server_with_an_unsigned_certificate_is_refused_for_now(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext
) -> None:
    server = receivers.enter_context(SmtpReceiver(tls="implicit", context=tls_context))
    outcome = channel_to(server.url()).send(letter())
    assert outcome == RefusedForNow("没有接通邮件服务器：对方的 TLS 证书不可信")
    assert server.received == []


def test_mail_to_a_server_without_the_promised_starttls_refuses_the_channel(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker
) -> None:
    outcome = channel_to(smtp.url("&tls=starttls")).send(letter())
    assert outcome == ChannelRefused("没有接通邮件服务器：对方不支持所要求的加密或登录方式")
    assert smtp.received == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("hmail://office:secret@127.0.0.1/?from=office@binjiang.example", "不加密的连接不能带密码"),
        ("hmail://127.0.0.1/", "缺少发件地址"),
        ("hmail://127.0.0.1/?from=nobody", "缺少发件地址"),
        ("hmail://127.0.0.1/?from=office@binjiang.example&tls=maybe", "tls 只能写 starttls"),
        ("hmail://", "网址的写法不对"),
    ],
)
def test_mail_url_that_cannot_work_is_refused_before_any_message(channel_to: ChannelsMaker, url: str, says: str) -> None:
    with pytest.raises(ChannelConfigError) as caught:
        channel_to(url)
    assert says in str(caught.value)
    assert "channels.yaml 第 3 行" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c.example",
        "a@changhe.example, b@changhe.example",
        "长河@changhe.example",
        "a b@changhe.example",
        ".a@changhe.example",
        "a@changhe..example",
        "<a@changhe.example>",
    ],
)
def test_mail_to_what_is_no_address_is_refused_for_good(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, address: str
) -> None:
    outcome = channel_to(smtp.url()).send(letter(recipient_address=address))
    assert outcome == RefusedForGood("收件地址不是一个邮箱地址，请在名册里改正")
    assert smtp.received == []


def test_mail_to_a_chinese_domain_is_sent_in_ascii(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(letter(recipient_address="union@长河.example"))
    assert smtp.received[0].recipients == ("union@xn--ovw538f.example",)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_mail_subject_cannot_smuggle_a_header(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, newline: str) -> None:
    channel_to(smtp.url()).send(letter(subject=f"催办{newline}Bcc: spy@evil.example"))
    mail = smtp.received[0]
    assert mail.message["Subject"] == "催办 Bcc: spy@evil.example"
    assert mail.message["Bcc"] is None
    assert mail.recipients == ("union@changhe.example",)


@pytest.mark.parametrize(
    "address", ["a@b.example\r\nRCPT TO:<spy@evil.example>", "a@b.example\nBcc: x", "a@b.example\u202e", "\x00a@b.example"]
)
def test_mail_address_cannot_smuggle_anything(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, address: str) -> None:
    outcome = channel_to(smtp.url()).send(letter(recipient_address=address))
    assert outcome == RefusedForGood("收件地址里有换行或控制字符，请在名册里改正")
    assert smtp.received == []


def test_mail_id_cannot_smuggle_a_header(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(letter(message_id="n7>\r\nBcc: spy@evil.example"))
    assert smtp.received[0].message["Bcc"] is None
    assert smtp.received[0].message["Message-ID"].startswith("<n7---Bcc--spy-evil.example-")


def test_mail_subject_loses_bidi_controls(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(letter(subject="催办\u202e办催\u2066\u200f完"))
    assert smtp.received[0].message["Subject"] == "催办办催完"


def test_mail_body_that_utf8_cannot_hold_still_goes(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channel_to(smtp.url()).send(letter(body="一\ud800二\x00三𠮷"))
    assert smtp.received[0].text == "一二三𠮷\n"


def test_mail_without_a_body_is_refused_for_good(smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    assert channel_to(smtp.url()).send(letter(body=" \n")) == RefusedForGood("消息没有正文")
    assert smtp.received == []
