"""Robots of chat groups against stand-ins that hold every request to the service's public interface."""

import json
from contextlib import ExitStack
from ssl import SSLContext
from typing import NamedTuple

import pytest

from config.channel_problems import ChannelConfigError
from config.channels import ChannelKind
from notifiers.channels import Channels
from notifiers.outgoing import Attachment, ChannelRefused, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.plugins.http import Server
from notifiers.plugins.registry import open_plugin
from notifiers.plugins.robots import RobotPlugin
from tests.notifiers.conftest import NOON, TIMEOUT, ChannelsMaker, LetterMaker
from tests.receivers import HttpManners, HttpReceiver, unused_port
from tests.robots import DingTalkService, FeishuService, Service, WeComService

KEY, SECRET = "693a91f6-7Abc-4bc4", "SEC0a1b2c3d"


class Robot(NamedTuple):
    """One kind of robot: its scheme, its stand-in, what it says when it is asked too often, and when it is signed wrongly."""

    kind: ChannelKind
    scheme: str
    service: type[Service]
    secret: str
    too_fast: int
    refused: int
    dead: int


ROBOTS = (
    Robot(ChannelKind.WECOM, "hwecom", WeComService, "", 45009, 45002, 93000),
    Robot(ChannelKind.DINGTALK, "hdingtalk", DingTalkService, SECRET, 130101, 430104, 310000),
    Robot(ChannelKind.FEISHU, "hfeishu", FeishuService, SECRET, 11232, 19036, 19024),
    Robot(ChannelKind.FEISHU, "hlark", FeishuService, SECRET, 11232, 19036, 19024),
)
HOSTS = {"hwecom": "qyapi.weixin.qq.com", "hdingtalk": "oapi.dingtalk.com", "hfeishu": "open.feishu.cn", "hlark": "open.larksuite.com"}
every_robot = pytest.mark.parametrize("robot", ROBOTS, ids=lambda robot: robot.scheme)


class Group(NamedTuple):
    """A group with a robot in it: the way there, and what it has seen."""

    channels: Channels
    service: Service
    receiver: HttpReceiver
    hurried: Channels


@pytest.fixture
def group(receivers: ExitStack, channel_to: ChannelsMaker, robot: Robot) -> Group:
    token = KEY.replace("-", "")
    service = robot.service(token, robot.secret, now=NOON)
    receiver = receivers.enter_context(HttpReceiver(HttpManners(service=service)))
    user = f"{robot.secret}@" if robot.secret else ""
    url = f"{robot.scheme}://{user}{token}?via=http://127.0.0.1:{receiver.port}"
    return Group(channel_to(url, robot.kind), service, receiver, channel_to(url, robot.kind, timeout=TIMEOUT))


@every_robot
def test_robot_takes_the_message_as_its_interface_wants_it(group: Group, letter: LetterMaker) -> None:
    assert group.channels.send(letter()) == Sent("错误码 0")
    [text] = group.service.texts
    assert text == "【滨江工匠】催办：请于6月26日前提交推荐意见\n\n长河街道总工会：\n\n还有 3 件推荐意见未提交。\n.这一行以点开头\n"
    [request] = group.receiver.received
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"


@every_robot
def test_robot_behind_another_server_is_reached_over_tls(
    robot: Robot, receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker, tls_context: SSLContext
) -> None:
    service = robot.service("0123456789", robot.secret, now=NOON)
    receiver = receivers.enter_context(HttpReceiver(HttpManners(service=service), context=tls_context))
    user = f"{robot.secret}@" if robot.secret else ""
    url = f"{robot.scheme}://{user}0123456789?via=https://127.0.0.1:{receiver.port}"
    assert channel_to(url, robot.kind).send(letter()) == RefusedForNow("没有接通对方的接口：对方的 TLS 证书不可信")
    assert channel_to(f"{url}&verify=no", robot.kind).send(letter()) == Sent("错误码 0")
    assert len(service.texts) == 1


@every_robot
def test_robot_speaks_to_its_own_service_over_tls(robot: Robot) -> None:
    plugin = open_plugin(f"{robot.scheme}://0123456789")
    assert isinstance(plugin, RobotPlugin)
    assert plugin.server == Server(HOSTS[robot.scheme], None, secure=True)


def test_robot_may_be_named_by_the_contacts_address(receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    service = WeComService("0123456789", now=NOON)
    receiver = receivers.enter_context(HttpReceiver(HttpManners(service=service)))
    channels = channel_to(f"hwecom://{{to}}?via=http://127.0.0.1:{receiver.port}", ChannelKind.WECOM)
    assert channels.send(letter(recipient_address="0123456789")) == Sent("错误码 0")
    assert isinstance(channels.send(letter(recipient_address="长河街道")), RefusedForGood)
    assert len(receiver.received) == 1
    assert isinstance(channels.send(letter(recipient_address="another1")), RefusedForGood)


@every_robot
def test_robot_that_is_asked_too_often_refuses_for_now(robot: Robot, group: Group, letter: LetterMaker) -> None:
    group.service.code = robot.too_fast
    answer = group.channels.send(letter())
    assert isinstance(answer, RefusedForNow)
    assert f"错误码 {robot.too_fast}：发送过于频繁" in answer.reason


@every_robot
def test_robot_that_refuses_with_http_200_refuses_for_good(robot: Robot, group: Group, letter: LetterMaker) -> None:
    group.service.code = robot.refused
    answer = group.channels.send(letter())
    assert isinstance(answer, RefusedForGood)
    assert f"错误码 {robot.refused}：" in answer.reason
    assert "10.0.0.1" not in answer.reason


@every_robot
def test_robot_that_is_dead_refuses_the_channel(robot: Robot, group: Group, letter: LetterMaker) -> None:
    group.service.code = robot.dead
    answer = group.channels.send(letter())
    assert isinstance(answer, ChannelRefused)
    assert f"错误码 {robot.dead}：" in answer.reason


@every_robot
def test_robot_with_another_token_refuses_the_channel(robot: Robot, group: Group, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    url = f"{robot.scheme}://another1?via=http://127.0.0.1:{group.receiver.port}"
    assert isinstance(channel_to(url, robot.kind).send(letter()), ChannelRefused)
    assert group.service.texts == []


@pytest.mark.parametrize("robot", [robot for robot in ROBOTS if robot.secret], ids=lambda robot: robot.scheme)
@pytest.mark.parametrize("secret", ["", "SECanother"])
def test_robot_without_the_right_signature_refuses_the_channel(
    robot: Robot, group: Group, channel_to: ChannelsMaker, letter: LetterMaker, secret: str
) -> None:
    user = f"{secret}@" if secret else ""
    url = f"{robot.scheme}://{user}{group.service.token}?via=http://127.0.0.1:{group.receiver.port}"
    answer = channel_to(url, robot.kind).send(letter())
    assert isinstance(answer, ChannelRefused)
    assert "时间不准" in answer.reason
    assert group.service.texts == []


@every_robot
@pytest.mark.parametrize("manner", ["drop", "late", "nonsense"])
def test_robot_that_does_not_answer_is_unknown(group: Group, letter: LetterMaker, manner: str) -> None:
    group.receiver.manners.after_request = manner
    channels = group.hurried if manner == "late" else group.channels
    assert isinstance(channels.send(letter()), Unknown)
    assert group.receiver.saw(1)


@every_robot
@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", Unknown),
        (200, b"<html>", Unknown),
        (200, b"[]", Unknown),
        (200, b'{"errcode": true, "code": "0"}', Unknown),
        (400, b'{"errcode": 9499, "code": 9499}', RefusedForGood),
        (403, b"", ChannelRefused),
        (404, b"", ChannelRefused),
        (429, b"", RefusedForNow),
        (502, b"", Unknown),
        (503, b"", RefusedForNow),
    ],
)
def test_robot_answer_decides_the_outcome(group: Group, letter: LetterMaker, status: int, body: bytes, outcome: type) -> None:
    group.receiver.manners.status = status
    group.receiver.manners.service = lambda _: body
    assert type(group.channels.send(letter())) is outcome


def test_feishu_answer_of_the_older_form_is_read(receivers: ExitStack, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    manners = HttpManners(service=lambda _: b'{"StatusCode": 0, "StatusMessage": "success"}')
    receiver = receivers.enter_context(HttpReceiver(manners))
    channels = channel_to(f"hfeishu://{KEY}?via=http://127.0.0.1:{receiver.port}", ChannelKind.FEISHU)
    assert channels.send(letter()) == Sent("错误码 0")


@every_robot
def test_robot_with_nothing_listening_is_refused_for_now(robot: Robot, channel_to: ChannelsMaker, letter: LetterMaker) -> None:
    channels = channel_to(f"{robot.scheme}://{KEY}?via=http://127.0.0.1:{unused_port()}", robot.kind)
    assert channels.send(letter()) == RefusedForNow("没有接通对方的接口：对方拒绝连接")


@every_robot
def test_robot_with_a_host_that_cannot_be_looked_up_is_refused_for_now(
    robot: Robot, channel_to: ChannelsMaker, letter: LetterMaker
) -> None:
    outcome = channel_to(f"{robot.scheme}://{KEY}?via=https://{'a' * 70}.example", robot.kind).send(letter())
    assert isinstance(outcome, RefusedForNow)
    assert outcome.reason.startswith("没有接通对方的接口")


@every_robot
def test_robot_message_that_is_too_long_comes_in_parts_that_fit(group: Group, letter: LetterMaker) -> None:
    body = "".join(f"第{number}行：还有推荐意见未提交，请尽快办理。\n" for number in range(1, 701))
    assert isinstance(answer := group.channels.send(letter(subject="催办", body=body)), Sent)
    texts = group.service.texts
    assert answer.answer.endswith(f"（共{len(texts)}部分）")
    assert [text.partition("\n")[0] for text in texts] == [f"催办（{n}/{len(texts)}）" for n in range(1, len(texts) + 1)]
    assert all(text.endswith("请尽快办理。") for text in texts[:-1])


@every_robot
@pytest.mark.parametrize("character", ['"', "\\", "\n.", "长", "𠮷"])
def test_robot_message_of_whatever_characters_fits(group: Group, letter: LetterMaker, character: str) -> None:
    assert isinstance(group.channels.send(letter(subject=character * 500, body="始" + character * 20_000)), Sent)


@every_robot
def test_robot_that_refuses_the_second_part_for_now_leaves_the_rest_for_later(robot: Robot, group: Group, letter: LetterMaker) -> None:
    group.service.code, group.service.after = robot.too_fast, 1
    answer = group.channels.send(letter(subject="催办", body="长" * 4000))
    assert isinstance(answer, RefusedForNow)
    assert "第1部分已送达，第2部分被拒收" in answer.reason
    assert "发送过于频繁" in answer.reason
    assert answer.rest is not None
    assert answer.rest.first == 2
    assert len(answer.rest.parts) == answer.rest.total - 1
    assert len(group.service.texts) == 1


@every_robot
def test_robot_that_refuses_the_first_part_is_refused(robot: Robot, group: Group, letter: LetterMaker) -> None:
    group.service.code = robot.too_fast
    assert isinstance(group.channels.send(letter(subject="催办", body="长" * 4000)), RefusedForNow)
    assert len(group.receiver.received) == 1


HOSTILE = '张<@all><at user_id="all">所有人</at>**三**[点这里](http://evil.example)\u202e\u200b\nmalice & *星* #标题'


@every_robot
def test_robot_text_cannot_mention_or_link_by_a_name(robot: Robot, group: Group, letter: LetterMaker) -> None:
    group.channels.send(letter(subject=f"催办 {HOSTILE}"))
    subject, _, body = group.service.texts[0].partition("\n")
    assert not any(mark in subject for mark in ("<", ">", "\u202e", "\u200b"))
    assert "malice & *星* #标题" in subject
    assert body.startswith("\n长河街道总工会")
    if robot.kind is ChannelKind.FEISHU:
        assert "**" not in subject
        assert "](" not in subject


@every_robot
def test_robot_names_files_that_it_cannot_carry(group: Group, letter: LetterMaker) -> None:
    group.channels.send(letter(attachments=(Attachment("评分表.xlsx", "application/octet-stream", b"PK"),)))
    assert "附件：评分表.xlsx（只随邮件发送" in group.service.texts[0]


@every_robot
def test_robot_payload_is_utf8_json_of_one_object(group: Group, letter: LetterMaker) -> None:
    group.channels.send(letter(body='引号 " 反斜线 \\ 结束'))
    assert '引号 " 反斜线 \\ 结束' in group.service.texts[0]
    assert "滨江工匠" in group.receiver.received[0].body.decode("utf-8")
    assert isinstance(json.loads(group.receiver.received[0].body), dict)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("hwecom://a%2Fb?via=http://127.0.0.1:1", "机器人的密钥"),
        ("hwecom://abc", "机器人的密钥写了 3 个字符，应有 4 至 200 个"),
        (f"hdingtalk://abcd@{'a' * 201}", "机器人的密钥写了 201 个字符"),
        ("hdingtalk://a%20bcd@0123456789", "机器人的密钥只含英文字母"),
        ("hwecom://0123456789?via=http://evil.example", "参数 via"),
        ("hwecom://0123456789?via=ftp://127.0.0.1", "参数 via"),
        ("hwecom://0123456789?via=https://", "参数 via"),
        ("hwecom://0123456789?via=https://gateway.example/path", "参数 via"),
        ("hwecom://0123456789?via=https://gateway.example:port", "参数 via"),
    ],
)
def test_robot_url_that_cannot_work_is_refused_before_any_message(channel_to: ChannelsMaker, url: str, says: str) -> None:
    with pytest.raises(ChannelConfigError, match=says):
        channel_to(url, ChannelKind.WECOM)
