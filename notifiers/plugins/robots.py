"""Robots of chat groups: Apprise plug-ins for WeCom, DingTalk and Feishu (Lark) that read the service's own answer.

All three answer HTTP 200 to what they refuse and say so by a code in the body. Their plain text still knows a few marks
(a mention, in Feishu also bold type and links), so what looks like one is written with full-width characters.
"""

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from config.rates import Rate, parse_rate
from notifiers.outgoing import ChannelRefused, Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.plugins.http import Answer, HttpPlugin, Server, refused
from notifiers.plugins.phased import BadChannelUrl, Envelope, PhasedPlugin

_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
_SHORTEST, _LONGEST = 4, 200
_MOST_READ = 65_536
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ON_THE_WAY = timedelta(seconds=2)
"""How much later a message may arrive than it was counted; the services count what arrives, and DingTalk then hears nobody for ten minutes."""

_BUSY = "对方系统繁忙"
_TOO_FAST = "发送过于频繁"


class RobotPlugin(HttpPlugin):
    """``{scheme}://{secret}@{token}``; the secret only where the robot asks for signatures.

    ``?via=https://host:port`` speaks to another server with the same interface: a private installation or a gateway.
    """

    host_name: ClassVar[str]
    limit: ClassVar[int]
    rate: ClassVar[Rate]
    codes: ClassVar[tuple[str, ...]]
    later: ClassVar[dict[int, str]]
    dead: ClassVar[dict[int, str]]
    never: ClassVar[dict[int, str]]
    setup_url = ""
    templates = ("{schema}://{host}", "{schema}://{user}@{host}")
    parameters = frozenset({"via"})

    def __init__(self, via: str = "", **parameters: Any) -> None:
        """Check token, secret and server. Raises ``BadChannelUrl``."""
        super().__init__(**parameters)
        self.token = self.address
        self.secret = str(self.user or "")
        for key in (self.token, *([self.secret] if self.secret else [])):
            _check_key(key)
        self.server = _server(via) if via else Server(self.host_name, None, secure=True)

    @property
    def is_public(self) -> bool:
        """Whether it speaks to the service itself, whose limits hold whatever a channel's own are."""
        return self.server.host == self.host_name

    @classmethod
    def parse_url(cls, url: str, *_: Any, **__: Any) -> dict[str, Any] | None:
        """Take our own parameter out of the URL; a token is no host name."""
        results: dict[str, Any] | None = PhasedPlugin.parse_url(url, verify_host=False)
        if results:
            results |= {"via": results["qsd"].get("via", "")}
        return results

    @staticmethod
    def escape(text: str) -> str:
        """Take from a text what the service would read as a mark."""
        return text.replace("<", "＜").replace(">", "＞")

    def deliver(self, envelope: Envelope, subject: str, body: str) -> Outcome:
        """Post one message; the code in the answer decides, and without a code that can be read the status does."""
        content = json.dumps(self.payload(envelope, f"{subject}\n\n{body}"), ensure_ascii=False).encode("utf-8")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer = self.post(self.server, self.target(envelope), headers, content, most=_MOST_READ)
        return self._judge(answer) if isinstance(answer, Answer) else answer

    def target(self, envelope: Envelope) -> str:
        """Give path and query of the request."""
        raise NotImplementedError

    def payload(self, envelope: Envelope, text: str) -> dict[str, Any]:
        """Give what is posted, as the service's interface wants it."""
        raise NotImplementedError

    def _judge(self, answer: Answer) -> Outcome:
        code = self._code(answer.body)
        if code is None:
            unclear = Unknown("对方答复了 HTTP 200，但答复看不懂，消息可能已经收到")
            return unclear if 200 <= answer.status <= 299 else refused(answer.status)
        if code == 0:
            return Sent("错误码 0")
        if code in self.later:
            return RefusedForNow(f"{self.service_name}答复错误码 {code}：{self.later[code]}，稍后再试")
        if code in self.dead:
            return ChannelRefused(f"{self.service_name}答复错误码 {code}：{self.dead[code]}", by_address=True)
        return RefusedForGood(f"{self.service_name}答复错误码 {code}：{self.never.get(code, '不接受这条消息')}")

    def _code(self, body: bytes) -> int | None:
        try:
            answer = json.loads(body)
        except ValueError:
            return None
        found = [answer.get(name) for name in self.codes] if isinstance(answer, dict) else []
        return next((code for code in found if isinstance(code, int) and not isinstance(code, bool)), None)

    def signature(self, key: str, text: str) -> str:
        """Sign as DingTalk and Feishu want it: HMAC-SHA256 in base64."""
        return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode("ascii")


class WeComPlugin(RobotPlugin):
    """``hwecom://KEY``: a WeCom group robot. Text of at most 2,048 bytes, 20 messages a minute."""

    service_name = "企业微信"
    secure_protocol = "hwecom"
    host_name = "qyapi.weixin.qq.com"
    limit = 2048
    rate = parse_rate("20/minute").with_slack(_ON_THE_WAY)
    codes = ("errcode",)
    later: ClassVar[dict[int, str]] = {-1: _BUSY, 45009: _TOO_FAST, 45033: _TOO_FAST}
    dead: ClassVar[dict[int, str]] = {
        93000: "机器人的 key 不对，或机器人已被移出群",
        93004: "机器人已停用",
        93008: "机器人不在群里",
        40008: "对方的接口不收文本消息，请核对渠道的网址",
    }
    never: ClassVar[dict[int, str]] = {
        40058: "消息的格式或长度不合要求",
        45002: "消息太长",
        44004: "消息没有内容",
    }

    def target(self, _envelope: Envelope) -> str:
        """Give path and query of the request."""
        return f"/cgi-bin/webhook/send?{urlencode({'key': self.token})}"

    def payload(self, _envelope: Envelope, text: str) -> dict[str, Any]:
        """Give a text that mentions nobody."""
        return {"msgtype": "text", "text": {"content": text}}


class DingTalkPlugin(RobotPlugin):
    """``hdingtalk://SECRET@TOKEN``: a DingTalk group robot. 20 messages a minute, 20,000 bytes each."""

    service_name = "钉钉"
    secure_protocol = "hdingtalk"
    host_name = "oapi.dingtalk.com"
    limit = 9_900  # of 20,000 for the whole request, in which JSON may write each character as two
    rate = parse_rate("20/minute").with_slack(_ON_THE_WAY)
    codes = ("errcode",)
    later: ClassVar[dict[int, str]] = {-1: _BUSY, 130101: _TOO_FAST, 410100: _TOO_FAST}
    dead: ClassVar[dict[int, str]] = {
        300001: "机器人的 access_token 不对",
        310000: "不合机器人的安全设置（关键词、加签或 IP 地址），或本机的时间不准",
        400013: "群已被解散",
        400101: "机器人的 access_token 不对",
        400102: "机器人已停用",
        400106: "机器人不存在",
    }
    never: ClassVar[dict[int, str]] = {
        430101: "消息里有对方不允许的链接",
        430102: "消息里有对方不允许的文字",
        430104: "消息里有对方不允许的内容",
        460101: "消息太长",
    }

    def target(self, envelope: Envelope) -> str:
        """Give path and query of the request, signed with the milliseconds of the message's date."""
        query = {"access_token": self.token}
        if self.secret:
            stamp = str(int(envelope.date.timestamp() * 1000))
            query |= {"timestamp": stamp, "sign": self.signature(self.secret, f"{stamp}\n{self.secret}")}
        return f"/robot/send?{urlencode(query)}"

    def payload(self, _envelope: Envelope, text: str) -> dict[str, Any]:
        """Give a text that mentions nobody."""
        return {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}


class FeishuPlugin(RobotPlugin):
    """``hfeishu://SECRET@TOKEN``: a robot of a Feishu group. 5 messages a second, 100 a minute, 20 kB each."""

    service_name = "飞书"
    secure_protocol = "hfeishu"
    host_name = "open.feishu.cn"
    limit = 9_900  # of 20,480 for the whole request, in which JSON may write each character as two
    rate = parse_rate("5/second,100/minute").with_slack(_ON_THE_WAY)
    codes = ("code", "StatusCode")
    later: ClassVar[dict[int, str]] = {11232: _TOO_FAST, 99991400: _TOO_FAST}
    dead: ClassVar[dict[int, str]] = {
        19001: "机器人的网址不对，或机器人已被移出群",
        19021: "签名不对，或本机的时间不准",
        19022: "本机的 IP 地址不在机器人的白名单里",
        19024: "消息里没有机器人要求的关键词",
    }
    never: ClassVar[dict[int, str]] = {9499: "消息的格式不合要求", 19036: "消息太长"}

    @staticmethod
    def escape(text: str) -> str:
        """Take mentions, bold type and links from a text."""
        return RobotPlugin.escape(text).replace("**", "＊＊").replace("~~", "～～").replace("](", "]（")

    def target(self, _envelope: Envelope) -> str:
        """Give the path of the request."""
        return f"/open-apis/bot/v2/hook/{self.token}"

    def payload(self, envelope: Envelope, text: str) -> dict[str, Any]:
        """Give a text, signed with the seconds of the message's date: the key signs nothing but itself."""
        message = {"msg_type": "text", "content": {"text": text}}
        if not self.secret:
            return message
        stamp = str(int(envelope.date.timestamp()))
        return {"timestamp": stamp, "sign": self.signature(f"{stamp}\n{self.secret}", ""), **message}


class LarkPlugin(FeishuPlugin):
    """``hlark://SECRET@TOKEN``: the same robot outside China."""

    service_name = "Lark"
    secure_protocol = "hlark"
    host_name = "open.larksuite.com"


ROBOT_PLUGINS = (WeComPlugin, DingTalkPlugin, FeishuPlugin, LarkPlugin)


def _check_key(key: str) -> None:
    if _TOKEN.fullmatch(key) is None:
        raise BadChannelUrl("机器人的密钥只含英文字母、数字、下划线和短横线，请从机器人的网址里原样抄来")
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise BadChannelUrl(f"机器人的密钥写了 {len(key)} 个字符，应有 {_SHORTEST} 至 {_LONGEST} 个，请从机器人的网址里原样抄来")


def _server(via: str) -> Server:
    parts = urlsplit(via)
    try:
        port = parts.port
    except ValueError:
        port = -1
    clear = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or port == -1 or parts.path.strip("/") or not (clear or parts.scheme == "https"):
        raise BadChannelUrl("参数 via 要写成 https://主机名 或 https://主机名:端口，后面不带路径；不加密的 http 只能用于本机")
    return Server(parts.hostname, port, parts.scheme == "https")
