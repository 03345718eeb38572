"""Channels that a house writes itself: the handbook's own example, run against a real receiver."""

import json
import re
from contextlib import ExitStack
from pathlib import Path
from ssl import SSLContext

import pytest
from pydantic import SecretStr

from config.channel_problems import ChannelConfigError
from config.channels import ChannelConfig, ChannelKind, load_channels
from notifiers.channels import Channels
from notifiers.outgoing import Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.plugins.registry import load_plugins, open_plugin
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON, LetterMaker
from tests.receivers import HttpManners, HttpReceiver, unused_port

GUIDE = (Path(__file__).parents[2] / "docs" / "channels.zh-CN.md").read_text(encoding="utf-8")


def example(language: str) -> str:
    [block] = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "sms.py").write_text(example("python"), encoding="utf-8")
    load_plugins(folder)
    return folder


@pytest.fixture
def key() -> str:
    return "s3cr3t"


@pytest.fixture
def gateway(receivers: ExitStack, tls_certificate: Path, tls_context: SSLContext, monkeypatch: pytest.MonkeyPatch) -> HttpReceiver:
    """A gateway that takes every message, behind a certificate that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_certificate))
    return receivers.enter_context(HttpReceiver(HttpManners(service=lambda _: b'{"code": "OK"}'), context=tls_context))


@pytest.fixture
def sms(plugins: Path, gateway: HttpReceiver, tmp_path: Path, key: str) -> Channels:
    """The example's channel, all as it is written but for host and port."""
    assert plugins.is_dir()
    written = example("yaml").replace("sms.example.com", f"127.0.0.1:{gateway.port}")
    (tmp_path / "channels.yaml").write_text(written, encoding="utf-8")
    return Channels(load_channels(tmp_path / "channels.yaml", {"HALLMARK_SMS_KEY": key}), tmp_path, VirtualClock(NOON))


def test_sms_of_the_guide_is_sent_to_the_number(sms: Channels, gateway: HttpReceiver, letter: LetterMaker) -> None:
    message = letter(channel="phone", recipient_address="13800000000", subject="催办", body="请于6月26日前提交")
    assert sms.send(message) == Sent("Apprise：已送达")
    [request] = gateway.received
    assert request.path == "/sms/send"
    assert request.json == {"phone": "13800000000", "text": "催办\n请于6月26日前提交"}
    assert request.headers["Authorization"] == "Bearer s3cr3t"


@pytest.mark.parametrize("key", ["a+b/c==", "100%:x@y z"])
@pytest.mark.parametrize("number", ["+86 138-0000-0000", "0571-87700000转8"])
def test_sms_of_the_guide_hands_on_key_and_number_as_they_are(
    sms: Channels, gateway: HttpReceiver, letter: LetterMaker, key: str, number: str
) -> None:
    assert isinstance(sms.send(letter(channel="phone", recipient_address=number)), Sent)
    [request] = gateway.received
    assert request.headers["Authorization"] == f"Bearer {key}"
    assert request.json["phone"] == number


def test_sms_of_the_guide_that_is_too_long_comes_in_parts(sms: Channels, gateway: HttpReceiver, letter: LetterMaker) -> None:
    sms.send(letter(channel="phone", recipient_address="13800000000", subject="催办", body="长" * 300))
    assert [request.json["text"].partition("\n")[0] for request in gateway.received] == ["催办（1/2）", "催办（2/2）"]
    assert all(len(request.json["text"].encode()) <= 600 for request in gateway.received)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("MOBILE_NUMBER_ILLEGAL", RefusedForGood("号码不对")), ("BUSINESS_LIMIT_CONTROL", RefusedForNow("发送过于频繁"))],
)
def test_sms_of_the_guide_that_is_refused_says_so_and_the_next_says_its_own(
    sms: Channels, gateway: HttpReceiver, letter: LetterMaker, code: str, outcome: Outcome
) -> None:
    gateway.manners.service = lambda _: json.dumps({"code": code}).encode()
    assert sms.send(letter(channel="phone", recipient_address="13800000000")) == outcome
    gateway.manners.service = lambda _: b'{"code": "OTHER"}'
    assert isinstance(sms.send(letter(channel="phone", recipient_address="13800000001")), Unknown)


def test_sms_of_the_guide_whose_gateway_is_down_waits(plugins: Path, tmp_path: Path, letter: LetterMaker) -> None:
    assert plugins.is_dir()
    url = SecretStr(f"smsgw://key@127.0.0.1:{unused_port()}/{{to}}")
    channels = Channels([ChannelConfig(name="phone", kind=ChannelKind.APPRISE, url=url)], tmp_path, VirtualClock(NOON))
    assert channels.send(letter(channel="phone", recipient_address="13800000000")) == RefusedForNow("没有接通短信平台")


def test_sms_of_the_guide_whose_second_part_is_refused_leaves_that_part(sms: Channels, gateway: HttpReceiver, letter: LetterMaker) -> None:
    codes = iter(("OK", "BUSINESS_LIMIT_CONTROL"))
    gateway.manners.service = lambda _: json.dumps({"code": next(codes)}).encode()
    answer = sms.send(letter(channel="phone", recipient_address="13800000000", subject="催办", body="长" * 300))
    assert isinstance(answer, RefusedForNow)
    assert answer.rest is not None
    assert (answer.rest.first, answer.rest.total) == (2, 2)


def test_reason_of_a_plugin_names_nobody(tmp_path: Path, letter: LetterMaker) -> None:
    (tmp_path / "loose.py").write_text(
        "from apprise.decorators import notify\n"
        "from notifiers.plugins.telling import refused\n"
        "@notify(on='loose')\n"
        "def send(body, title, notify_type, *args, meta, **kwargs):\n"
        "    return refused('13800000000 停机\\n' + 'x' * 500)\n",
        encoding="utf-8",
    )
    load_plugins(tmp_path)
    config = ChannelConfig(name="phone", kind=ChannelKind.APPRISE, url=SecretStr("loose://gateway/{to}"))
    answer = Channels([config], tmp_path, VirtualClock(NOON)).send(letter(channel="phone", recipient_address="13800000000"))
    assert isinstance(answer, RefusedForGood)
    assert answer.reason.startswith("*** 停机 xxx")
    assert len(answer.reason) <= 200


@pytest.mark.parametrize("answer", [b'{"code": "OTHER"}', b"", b"<html>"])
def test_sms_of_the_guide_that_is_not_taken_is_unknown(sms: Channels, gateway: HttpReceiver, letter: LetterMaker, answer: bytes) -> None:
    gateway.manners.service = lambda _: answer
    assert isinstance(sms.send(letter(channel="phone", recipient_address="13800000000")), Unknown)
    assert len(gateway.received) == 1


def test_plugin_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    load_plugins(tmp_path / "nosuch")


def test_plugin_loaded_twice_is_the_same(plugins: Path) -> None:
    load_plugins(plugins)
    assert open_plugin("smsgw://key@sms.example.com/1").service_name == "短信平台"


def test_plugins_that_cannot_be_run_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("# 短信\n\nimport nosuch_s3cr3t\n", encoding="utf-8")
    (tmp_path / "two.py").write_text("def :", encoding="utf-8")
    with pytest.raises(ChannelConfigError) as caught:
        load_plugins(tmp_path)
    assert [(Path(problem.file).name, problem.line, problem.reason) for problem in caught.value.problems] == [
        ("one.py", 3, "这个渠道插件运行不了（ModuleNotFoundError）"),
        ("two.py", 1, "这个渠道插件运行不了（SyntaxError）"),
    ]
    assert "s3cr3t" not in str(caught.value)


def test_service_of_a_plugin_that_is_not_there_is_refused_at_start(tmp_path: Path) -> None:
    config = ChannelConfig(name="phone", kind=ChannelKind.APPRISE, url=SecretStr("smsother://key@sms.example.com/1"))
    with pytest.raises(ChannelConfigError, match="Apprise 不认识这个网址"):
        Channels([config], tmp_path, VirtualClock(NOON))
