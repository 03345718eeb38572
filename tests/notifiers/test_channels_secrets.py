"""Passwords, tokens, addresses and texts never show where they should not."""

import logging
from contextlib import ExitStack
from pathlib import Path
from ssl import SSLContext

import pytest
from pydantic import SecretStr

from config.channel_problems import ChannelConfigError
from config.channels import ChannelConfig, ChannelKind, load_channels
from notifiers.channels import Channels
from notifiers.outgoing import RefusedForGood, Sent
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON, TIMEOUT, ChannelsMaker, LetterMaker, patience
from tests.receivers import HttpReceiver, SmtpReceiver, unused_port

SECRET = "s3cr3t-Zx9"
PERSONAL = ("changhe", "催办", "推荐意见")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    for name in ("", "apprise", "urllib3", "urllib3.connectionpool"):
        caplog.set_level(1, name)
    return caplog


def product_lines(log: pytest.LogCaptureFixture) -> str:
    """Everything logged but by the test's own mail server."""
    return "\n".join(record.getMessage() for record in log.records if record.name != "mail.log")


def test_secret_is_in_no_log_or_outcome_of_a_mail(
    receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext, log: pytest.LogCaptureFixture
) -> None:
    server = receivers.enter_context(SmtpReceiver(tls="implicit", context=tls_context, login=("office", "another")))
    channels = channel_to(server.url("&verify=no", user=f"office:{SECRET}@"))
    told = f"{channels.send(letter())!r} {channels!r} {vars(channels)!r} {product_lines(log)}"
    assert SECRET not in told
    assert not any(word in told for word in PERSONAL)


@pytest.mark.parametrize("scheme", ["hjson", "json"])
@pytest.mark.parametrize("manner", ["answer", "drop", "late"])
def test_secret_is_in_no_log_or_outcome_of_a_request(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, log: pytest.LogCaptureFixture, scheme: str, manner: str
) -> None:
    http.manners.after_request = manner
    kind = ChannelKind.WEB if scheme == "hjson" else ChannelKind.APPRISE
    channels = channel_to(f"{scheme}://oa:{SECRET}@127.0.0.1:{http.port}/{SECRET}?-key={SECRET}", kind, timeout=patience(manner))
    told = f"{channels.send(letter())!r} {product_lines(log)}"
    assert SECRET in http.received[0].path
    assert SECRET not in told
    assert not any(word in told for word in PERSONAL)


@pytest.mark.parametrize(("scheme", "kind"), [("hwecom", "wecom"), ("hdingtalk", "dingtalk"), ("hfeishu", "feishu")])
@pytest.mark.parametrize("manner", ["answer", "drop", "late"])
def test_secret_is_in_no_log_or_outcome_of_a_robot(
    http: HttpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, log: pytest.LogCaptureFixture, scheme: str, kind: str, manner: str
) -> None:
    http.manners.after_request = manner
    http.manners.service = lambda request: b'{"errcode": 1, "code": 1, "errmsg": "%s"}' % request.path.encode()
    channels = channel_to(
        f"{scheme}://{SECRET}@{SECRET}-token?via=http://127.0.0.1:{http.port}", ChannelKind(kind), timeout=patience(manner)
    )
    told = f"{channels.send(letter())!r} {vars(channels)!r} {product_lines(log)}"
    assert http.saw(1)
    assert SECRET not in told
    assert not any(word in told for word in PERSONAL)


def test_secret_is_in_no_error_about_a_bad_url(channel_to: ChannelsMaker, log: pytest.LogCaptureFixture) -> None:
    for url in (
        f"hwecom://{SECRET}%20/?via=http://{SECRET}",
        f"nosuch://{SECRET}/",
        f"dingtalk://{SECRET}@{SECRET}/",
        f"hmail://office:{SECRET}@127.0.0.1/?from={SECRET}",
    ):
        with pytest.raises(ChannelConfigError) as caught:
            channel_to(url, ChannelKind.APPRISE)
        assert SECRET not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {product_lines(log)}"


def test_secret_is_in_no_error_about_the_file(tmp_path: Path) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text("channels:\n  - name: mail\n    kind: post\n    url: ${TOKEN}\n    limit: many\n", encoding="utf-8")
    with pytest.raises(ChannelConfigError) as caught:
        load_channels(path, {"TOKEN": f"hmail://{SECRET}"})
    assert SECRET not in f"{caught.value} {caught.value!r}"


def test_secret_is_in_no_repr_of_a_channel() -> None:
    config = ChannelConfig(name="mail", kind=ChannelKind.MAIL, url=SecretStr(f"hmail://{SECRET}"))
    assert SECRET not in f"{config} {config!r} {config.model_dump()!r} {config.model_dump_json()}"


@pytest.mark.parametrize(("step", "kind"), [("rcpt", RefusedForGood), ("content", Sent)])
def test_mail_answer_that_quotes_the_recipients_name_alone_is_masked(
    smtp: SmtpReceiver, channel_to: ChannelsMaker, letter: LetterMaker, step: str, kind: type[RefusedForGood | Sent]
) -> None:
    setattr(smtp.manners, step, "550 5.1.1 Zhangsan: unknown" if step == "rcpt" else "250 kept for zhangsan")
    outcome = channel_to(smtp.url()).send(letter(recipient_address="zhangsan@changhe.example"))
    assert isinstance(outcome, kind)
    assert "***" in str(outcome)
    assert "zhangsan" not in str(outcome).lower()


def test_personal_data_is_in_no_repr_of_a_message(letter: LetterMaker) -> None:
    assert repr(letter()) == "Outgoing(message_id='bjgj-2023-0123456789abcdef', channel='it')"


def test_log_of_others_is_left_alone(outbox_mail: Path, letter: LetterMaker, log: pytest.LogCaptureFixture) -> None:
    config = ChannelConfig(name="it", kind=ChannelKind.APPRISE, url=SecretStr(f"json://127.0.0.1:{unused_port()}/"))
    Channels([config], outbox_mail, VirtualClock(NOON), timeout=TIMEOUT).send(letter())
    logging.getLogger("apprise").warning("somebody else's line")
    assert "somebody else's line" in product_lines(log)
