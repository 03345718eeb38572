"""A web hook of one's own: an Apprise plug-in for ``hjson://`` and ``hjsons://``, posting JSON."""

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

from notifiers.cleaning import has_control_characters, safe_token
from notifiers.outgoing import Outcome, Sent
from notifiers.plugins.http import Answer, HttpPlugin, Server, refused
from notifiers.plugins.phased import BadChannelUrl, Envelope, PhasedPlugin


class WebPlugin(HttpPlugin):
    """``hjsons://user:password@host:port/path?+Header=value&-parameter=value``; ``hjson`` is in the clear.

    Posts ``{"id", "subject", "body", "to"}`` with the id as Idempotency-Key too.
    """

    service_name = "Hallmark web hook"
    protocol = "hjson"
    secure_protocol = "hjsons"
    setup_url = ""
    passed_on = "；交给对方的写成 -名称=值（网址参数）或 +名称=值（请求头）"
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
        """Post one message; any 2xx is sent, ``refused`` says what else is."""
        payload = {"id": envelope.message_id, "subject": subject, "body": body, "to": envelope.to}
        content = json.dumps(payload, ensure_ascii=False).encode("utf-8")
        server = Server(self.address, int(self.port) if self.port else None, bool(self.secure))
        answer = self.post(server, self._target(), self._headers(safe_token(envelope.message_id)), content)
        if not isinstance(answer, Answer):
            return answer
        return Sent(f"HTTP {answer.status}") if 200 <= answer.status <= 299 else refused(answer.status)

    def _target(self) -> str:
        path = quote(str(self.fullpath), safe="/-._~!$&'()*+,;=:@")
        return f"{path}?{urlencode(self.query)}" if self.query else path

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": token}
        if self.user:
            pair = f"{self.user}:{self.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
        return headers | self.extra_headers
