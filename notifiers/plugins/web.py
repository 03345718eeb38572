"""A web request that knows how far it got: an Apprise plug-in for ``hjson://`` and ``hjsons://``, posting JSON."""

import base64
import http.client
import json
import ssl
from typing import Any
from urllib.parse import quote, urlencode

from notifiers.cleaning import has_control_characters, safe_token
from notifiers.outgoing import Outcome, RefusedForGood, RefusedForNow, Sent, Unknown
from notifiers.plugins.phased import BadChannelUrl, Envelope, PhasedPlugin, explain

# Answers by which a server says that it did not take the request.
_COME_BACK_LATER = (408, 429, 503)


class WebPlugin(PhasedPlugin):
    """``hjsons://user:password@host:port/path?+Header=value&-parameter=value``; ``hjson`` is in the clear.

    Posts ``{"id", "subject", "body", "to"}`` with the id as Idempotency-Key too. Redirects are not followed: the
    message would be told to a server that nobody named.
    """

    service_name = "Hallmark web hook"
    protocol = "hjson"
    secure_protocol = "hjsons"
    setup_url = ""
    templates = ("{schema}://{host}", "{schema}://{user}:{password}@{host}:{port}")

    def __init__(self, headers: dict[str, str] | None = None, query: dict[str, str] | None = None, **parameters: Any) -> None:
        """Check the extra headers. Raises ``BadChannelUrl``."""
        super().__init__(**parameters)
        self.extra_headers = dict(headers or {})
        self.query = dict(query or {})
        for name, value in self.extra_headers.items():
            if not (name + value).isascii() or has_control_characters(name + value) or not name.replace("-", "").isalnum():
                raise BadChannelUrl("请求头的名称和值只能用一行英文字符")

    @staticmethod
    def parse_url(url: str, *_: Any, **__: Any) -> dict[str, Any] | None:
        """Take headers (``+``) and query parameters (``-``) out of the URL, beside Apprise's."""
        results: dict[str, Any] | None = PhasedPlugin.parse_url(url)
        if results:
            results |= {"headers": results["qsd+"], "query": results["qsd-"]}
        return results

    def deliver(self, envelope: Envelope, subject: str, body: str) -> Outcome:
        """Post one message.

        2xx is sent; 408, 429 and 503 are for now, any other 5xx is unknown: a server or gateway that fails may have passed
        the message on; everything else is for good. Without a status it is for now while nothing has left, and unknown
        from the request's first byte on.
        """
        payload = {"id": envelope.message_id, "subject": subject, "body": body, "to": envelope.to}
        content = json.dumps(payload, ensure_ascii=False).encode("utf-8")
        connection = self._connection()
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            return RefusedForNow(f"没有接通对方的接口：{explain(error)}")
        try:
            return self._exchange(connection, content, safe_token(envelope.message_id))
        finally:
            connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, content: bytes, token: str) -> Outcome:
        connection.sock.settimeout(self.socket_read_timeout)
        try:
            connection.request("POST", self._target(), body=content, headers=self._headers(token))
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return Unknown(f"请求已经送出，但没有收到对方的答复：{explain(error)}")
        return _judge(status)

    def _connection(self) -> http.client.HTTPConnection:
        port = int(self.port) if self.port else None
        if not self.secure:
            return http.client.HTTPConnection(self.address, port, timeout=self.socket_connect_timeout)
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.address, port, timeout=self.socket_connect_timeout, context=context)

    def _target(self) -> str:
        path = quote(str(self.fullpath), safe="/-._~!$&'()*+,;=:@")
        return f"{path}?{urlencode(self.query)}" if self.query else path

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": token, "User-Agent": "Hallmark"}
        if self.user:
            pair = f"{self.user}:{self.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
        return headers | self.extra_headers


def _judge(status: int) -> Outcome:
    if 200 <= status <= 299:
        return Sent(f"HTTP {status}")
    if status in _COME_BACK_LATER:
        return RefusedForNow(f"对方的接口答复 HTTP {status}，稍后再试")
    if status >= 500:
        return Unknown(f"对方的接口答复 HTTP {status}，对方出错，消息可能已经收到")
    if 300 <= status <= 399:
        return RefusedForGood(f"对方的接口答复 HTTP {status}，要求转到别处；请在渠道里改成最终的网址")
    return RefusedForGood(f"对方的接口答复 HTTP {status}，不接受这条消息")
