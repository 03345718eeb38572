"""Stand-ins for the robots of WeCom, DingTalk and Feishu: each holds what it gets to its public interface.

A service is a function from a request to the body of its answer; ``HttpManners(service=WeComService("key"))``. What does not
fit the interface gets the error code that the real service gives it.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.receivers import ReceivedRequest

HOUR = timedelta(hours=1)


@dataclass
class Service:
    """What every robot shares. ``texts`` are the messages that its group has seen; ``busy`` counts refusals still to give."""

    token: str
    secret: str = ""
    now: datetime = field(kw_only=True)
    code: int = 0
    after: int = 0
    texts: list[str] = field(default_factory=list)

    def __call__(self, request: ReceivedRequest) -> bytes:
        """Answer one request; ``code`` is answered from the message number ``after`` on (from 0)."""
        code = self.check(request)
        if code == 0 and len(self.texts) >= self.after:
            code = self.code
        if code == 0:
            self.texts.append(self.text(json.loads(request.body)))
        return json.dumps(self.answer(code)).encode()

    def check(self, request: ReceivedRequest) -> int:
        raise NotImplementedError

    def text(self, payload: Any) -> str:
        raise NotImplementedError

    def answer(self, code: int) -> dict[str, Any]:
        return {"errcode": code, "errmsg": "ok" if code == 0 else "no, from ip: 10.0.0.1"}

    def fresh(self, seconds: float) -> bool:
        return abs(self.now.timestamp() - seconds) <= HOUR.total_seconds()


class WeComService(Service):
    """https://developer.work.weixin.qq.com/document/path/91770: text of at most 2,048 bytes."""

    def check(self, request: ReceivedRequest) -> int:
        url, payload = urlsplit(request.path), json.loads(request.body)
        if url.path != "/cgi-bin/webhook/send" or parse_qs(url.query) != {"key": [self.token]}:
            return 93000
        if payload["msgtype"] != "text" or set(payload) != {"msgtype", "text"} or set(payload["text"]) != {"content"}:
            return 40008
        if not payload["text"]["content"]:
            return 44004
        return 40058 if len(payload["text"]["content"].encode()) > 2048 else 0

    def text(self, payload: Any) -> str:
        return str(payload["text"]["content"])


class DingTalkService(Service):
    """https://open.dingtalk.com/document/robots/custom-robot-access: signed with the milliseconds in the query."""

    def check(self, request: ReceivedRequest) -> int:
        url, payload = urlsplit(request.path), json.loads(request.body)
        query = {name: value for name, [value] in parse_qs(url.query, strict_parsing=True).items()}
        if url.path != "/robot/send" or query.get("access_token") != self.token:
            return 300001
        if self.secret and not self._signed(query.get("timestamp", "0"), query.get("sign", "")):
            return 310000
        if payload["msgtype"] != "text" or not payload["text"]["content"] or payload["at"] != {"isAtAll": False}:
            return 40035
        return 460101 if len(request.body) > 20_000 else 0

    def _signed(self, stamp: str, sign: str) -> bool:
        digest = hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        return self.fresh(int(stamp) / 1000) and base64.b64decode(sign) == digest

    def text(self, payload: Any) -> str:
        return str(payload["text"]["content"])


class FeishuService(Service):
    """https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot: signed with the seconds in the body, 20 kB."""

    def check(self, request: ReceivedRequest) -> int:
        payload = json.loads(request.body)
        if request.path != f"/open-apis/bot/v2/hook/{self.token}":
            return 19001
        if self.secret and not self._signed(payload.get("timestamp", "0"), payload.get("sign", "")):
            return 19021
        if payload["msg_type"] != "text" or set(payload["content"]) != {"text"}:
            return 9499
        return 19036 if len(request.body) > 20 * 1024 else 0

    def _signed(self, stamp: str, sign: str) -> bool:
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return self.fresh(int(stamp)) and base64.b64decode(sign) == digest

    def text(self, payload: Any) -> str:
        return str(payload["content"]["text"])

    def answer(self, code: int) -> dict[str, Any]:
        return {"code": code, "msg": "success" if code == 0 else "no", "data": {}}
