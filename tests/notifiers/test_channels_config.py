"""The channels file: what it may say, and what is told when it is wrong."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.channel_problems import ChannelConfigError
from config.channels import SHIPPED_CHANNELS, ChannelConfig, ChannelKind, load_channels
from notifiers.channels import Channels
from states.clock import VirtualClock
from tests.notifiers.conftest import NOON

Loader = Callable[..., tuple[ChannelConfig, ...]]


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    def run(text: str, environment: Mapping[str, str] | None = None) -> tuple[ChannelConfig, ...]:
        path = tmp_path / "channels.yaml"
        path.write_text(text, encoding="utf-8")
        return load_channels(path, environment or {})

    return run


@pytest.fixture
def problems(load: Loader) -> Callable[..., list[tuple[int | None, str, str]]]:
    def run(text: str, environment: Mapping[str, str] | None = None) -> list[tuple[int | None, str, str]]:
        with pytest.raises(ChannelConfigError) as caught:
            load(text, environment)
        assert all(problem.mend for problem in caught.value.problems)
        return [(problem.line, problem.field, problem.reason) for problem in caught.value.problems]

    return run


def url_of(channel: ChannelConfig) -> str:
    assert channel.url is not None
    return channel.url.get_secret_value()


def test_shipped_file_has_no_channel_and_so_delivers_to_files(tmp_path: Path) -> None:
    channels = load_channels(SHIPPED_CHANNELS, {})
    assert channels == ()
    assert Channels(channels, tmp_path, VirtualClock(NOON)).only_files


def test_shipped_examples_work_when_uncommented(load: Loader, tmp_path: Path) -> None:
    lines = SHIPPED_CHANNELS.read_text(encoding="utf-8").splitlines()
    start = lines.index("# channels:")
    text = "\n".join(line.removeprefix("# ") for line in lines[start:] if line.startswith("# "))
    environment = {
        "HALLMARK_SMTP_USER": "office@example.com",
        "HALLMARK_SMTP_PASSWORD": "p@ss:/?#",
        "HALLMARK_WECOM_KEY": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
        "HALLMARK_DINGTALK_SECRET": "SEC0123456789",
        "HALLMARK_DINGTALK_TOKEN": "0123456789abcdef",
        "HALLMARK_FEISHU_SECRET": "aBcD0123",
        "HALLMARK_FEISHU_TOKEN": "01234567-89ab-cdef-0123-456789abcdef",
        "HALLMARK_WEBHOOK_AUTHORIZATION": "Bearer abc",
    }
    configs = load(text, environment)
    channels = Channels(configs, tmp_path, VirtualClock(NOON))
    assert channels.names == ("mail", "wecom", "dingtalk", "feishu", "webhook")
    kinds = [ChannelKind.MAIL, ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU, ChannelKind.WEB]
    assert [channels.kind(name) for name in channels.names] == kinds


@pytest.mark.parametrize("text", ["", "# nothing\n", "channels:\n", "channels: []\n"])
def test_file_without_channels_is_no_error(load: Loader, text: str) -> None:
    assert load(text) == ()


def test_secret_from_the_environment_is_percent_encoded(load: Loader) -> None:
    text = "channels:\n  - name: mail\n    kind: mail\n    url: hmails://office:${PASSWORD}@smtp.example.com/?from=a@b.example\n"
    [channel] = load(text, {"PASSWORD": "p@ss:/?#% 字"})
    assert url_of(channel) == "hmails://office:p%40ss%3A%2F%3F%23%25%20%E5%AD%97@smtp.example.com/?from=a@b.example"


def test_whole_url_from_the_environment_is_taken_as_it_is(load: Loader) -> None:
    text = "channels:\n  - name: hook\n    kind: web\n    url: ${HOOK}\n    timeout: 2.5\n    limit: 2048\n"
    [channel] = load(text, {"HOOK": "hjson://127.0.0.1/a?-b=c"})
    assert url_of(channel) == "hjson://127.0.0.1/a?-b=c"
    assert (channel.name, channel.timeout, channel.limit, channel.line) == ("hook", 2.5, 2048, 2)


def test_channel_cannot_be_changed() -> None:
    channel = ChannelConfig(name="archive", kind=ChannelKind.FILE)
    with pytest.raises(ValidationError):
        channel.name = "other"  # type: ignore[misc]


def test_error_names_file_line_field_and_mend(load: Loader, tmp_path: Path) -> None:
    text = "channels:\n  - name: mail\n    kind: mail\n    url: hmails://${HALLMARK_SMTP_PASSWORD}@x/\n"
    with pytest.raises(ChannelConfigError) as caught:
        load(text)
    assert str(caught.value) == (
        f"{tmp_path / 'channels.yaml'} 第 4 行，字段 url：环境变量 HALLMARK_SMTP_PASSWORD 没有设置。"
        "请先设置 HALLMARK_SMTP_PASSWORD 再启动，或去掉这个渠道"
    )


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            "name: mail\n    kind: mail\n    url: hmails://${A}:${B}@x/",
            [(4, "url", "环境变量 A 没有设置"), (4, "url", "环境变量 B 没有设置")],
        ),
        ("name: mail\n    kind: mail\n    url: hmails://${a-b}@x/", [(4, "url", "有一处 ${…} 写得不对")]),
        ("name: mail\n    kind: mail\n    url: hmails://u:$PASSWORD@x/", [(4, "url", "$PASSWORD 没有写花括号")]),
        ("name: mail\n    kind: file\n    colour: red", [(4, "colour", "不认识这个字段")]),
        ("name: mail\n    kind: file\n    line: 7", [(4, "line", "不认识这个字段")]),
        ("name: Mail\n    kind: file", [(2, "name", "写法不对")]),
        ("kind: file", [(2, "name", "缺少这一项")]),
        ("name: mail", [(2, "kind", "缺少这一项")]),
        ("name: mail\n    kind: pigeon", [(3, "kind", "写法不对")]),
        ("name: mail\n    kind: mail", [(2, "url", "缺少网址")]),
        ("name: mail\n    kind: mail\n    url: smtp.example.com", [(4, "url", "不是网址")]),
        ("name: mail\n    kind: mail\n    url: mailto://x", [(4, "url", "网址开头与 kind mail 不符")]),
        ("name: mail\n    kind: apprise\n    url: hmail://x", [(4, "url", "网址开头与 kind apprise 不符")]),
        ("name: mail\n    kind: file\n    url: file://x", [(4, "url", "kind 为 file 时没有网址")]),
        ("name: mail\n    kind: file\n    limit: 0", [(4, "limit", "写法不对")]),
        ("name: mail\n    kind: file\n    limit: true", [(4, "limit", "写法不对")]),
        ("name: mail\n    kind: file\n    timeout: 0", [(4, "timeout", "写法不对")]),
        ("name: mail\n    kind: file\n    rate: 20", [(4, "rate", "写法不对")]),
        ("name: mail\n    kind: file\n    rate: 20/day", [(4, "rate", "写法不对")]),
        ("name: bot\n    kind: wecom\n    url: hdingtalk://x", [(4, "url", "网址开头与 kind wecom 不符")]),
        ("name: bot\n    kind: apprise\n    url: hwecom://x", [(4, "url", "网址开头与 kind apprise 不符")]),
        ("name: mail\n    kind: file\n    timeout: soon\n    limit: 1", [(5, "limit", "写法不对"), (4, "timeout", "写法不对")]),
        (
            "name: phone\n    kind: mail\n    url: hmail://x",
            [(2, "name", "名为 phone 的渠道只送电话，而 kind mail 只送邮箱，什么也送不到")],
        ),
        (
            "name: web-2\n    kind: mail\n    url: hmail://x",
            [(2, "name", "名为 web-2 的渠道只送网络消息，而 kind mail 只送邮箱，什么也送不到")],
        ),
        ("name: a\n    kind: apprise\n    url: json://x/?retry=3", [(4, "url", "网址里不能写参数 retry")]),
        ("name: a\n    kind: apprise\n    url: json://x/?Optional=yes", [(4, "url", "网址里不能写参数 optional")]),
        ("name: a\n    kind: web\n    url: hjson://x/?rto=1", [(4, "url", "网址里不能写参数 rto")]),
    ],
)
def test_wrong_entry_is_told_with_line_and_field(
    problems: Callable[..., list[tuple[int | None, str, str]]], entry: str, expected: list[tuple[int | None, str, str]]
) -> None:
    assert problems(f"channels:\n  - {entry}\n") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("canals: []\n", [(1, "channels", "文件里没有 channels")]),
        ("- name: mail\n", [(1, "channels", "文件里没有 channels")]),
        ("channels: mail\n", [(1, "channels", "channels 不是列表")]),
        ("# first\nchannels:\n  - mail\n", [(3, "channels", "这一项不是渠道")]),
        ("channels: []\nversion: 2\n", [(2, "version", "不认识这个字段")]),
        ("channels:\n  - name: a\n    kind: file\n    kind: web\n", [(4, "", "同一个字段写了两次")]),
        ("channels:\n  - name: 'a\n", [(3, "", "不是正确的 YAML")]),
        ("channels:\n  - name: a\n    kind：mail\n    url: json://h\n", [(3, "", "用了中文冒号“：”")]),
        ("channels:\n  - name: a\n    kind: file\n  - name: a\n    kind: file\n", [(4, "name", "渠道名称 a 写了两次")]),
    ],
)
def test_wrong_file_is_told_with_its_line(
    problems: Callable[..., list[tuple[int | None, str, str]]], text: str, expected: list[tuple[int | None, str, str]]
) -> None:
    assert problems(text) == expected


def test_every_problem_is_told_at_once(problems: Callable[..., list[tuple[int | None, str, str]]]) -> None:
    text = "channels:\n  - name: A\n    kind: file\n  - name: b\n    kind: web\n    url: hjson://${X}/\n"
    assert problems(text) == [(2, "name", "写法不对"), (6, "url", "环境变量 X 没有设置")]


def test_near_miss_of_a_field_is_suggested(load: Loader) -> None:
    with pytest.raises(ChannelConfigError, match="是不是想写 timeout"):
        load("channels:\n  - name: a\n    kind: file\n    timeuot: 3\n")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChannelConfigError, match=r"打不开这个文件.*HALLMARK_CHANNELS"):
        load_channels(tmp_path / "nosuch.yaml", {})


def test_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "channels.yaml"
    path.write_bytes("channels: # 渠道\n".encode("gb18030"))
    with pytest.raises(ChannelConfigError, match="不是 UTF-8 编码的文本"):
        load_channels(path, {})
