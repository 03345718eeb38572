"""One web request that knows how far it got, for every plug-in of ours that speaks HTTP."""

import http.client
from dataclasses import dataclass

from notifiers.outgoing import ChannelRefused, RefusedForGood, RefusedForNow, Unknown
from notifiers.plugins.phased import PhasedPlugin, explain, tls_context

# Answers by which a server says that it did not take the request.
_COME_BACK_LATER = (408, 429, 503)
_NOT_ALLOWED = (401, 403, 407)
_NOT_THERE = (404, 405, 410)


@dataclass(frozen=True)
class Server:
    """Where a request goes; no ``port`` stands for the scheme's own."""

    host: str
    port: int | None
    secure: bool


@dataclass(frozen=True)
class Answer:
    """What a server answered; ``body`` is cut to as many bytes as were asked for."""

    status: int
    body: bytes


class HttpPlugin(PhasedPlugin):
    """A plug-in that posts one request. Redirects are not followed: the message would be told to a server that nobody named."""

    def post(
        self, server: Server, target: str, headers: dict[str, str], content: bytes, *, most: int = 0
    ) -> Answer | RefusedForNow | Unknown:
        """Post ``content`` and read at most ``most`` bytes of what comes back.

        Without a status it is refused for now while nothing has left, and unknown from the request's first byte on.
        """
        connection = self._connection(server)
        try:
            connection.connect()
        except (OSError, ValueError) as error:  # a host name that no resolver can be asked for is a ValueError
            connection.close()
            return RefusedForNow(f"没有接通对方的接口：{explain(error)}")
        try:
            return self._exchange(connection, target, headers, content, most)
        finally:
            connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, target: str, headers: dict[str, str], content: bytes, most: int
    ) -> Answer | Unknown:
        connection.sock.settimeout(self.socket_read_timeout)
        try:
            connection.request("POST", target, body=content, headers={"User-Agent": "Hallmark", **headers})
            response = connection.getresponse()
            return Answer(response.status, response.read(most) if most else b"")
        except (OSError, http.client.HTTPException) as error:
            return Unknown(f"请求已经送出，但没有收到对方的答复：{explain(error)}")

    def _connection(self, server: Server) -> http.client.HTTPConnection:
        timeout = self.socket_connect_timeout
        if not server.secure:
            return http.client.HTTPConnection(server.host, server.port, timeout=timeout)
        context = tls_context(verify=self.verify_certificate)
        return http.client.HTTPSConnection(server.host, server.port, timeout=timeout, context=context)


def refused(status: int) -> RefusedForGood | RefusedForNow | ChannelRefused | Unknown:
    """Say what a status other than 2xx means.

    408, 429 and 503 are for now, any other 5xx is unknown: a server or gateway that fails may have passed the message on.
    A redirect, and what says that the key or the URL is not known there, refuses the channel; everything else the message.
    """
    said = f"对方的接口答复 HTTP {status}"
    if status in _COME_BACK_LATER:
        return RefusedForNow(f"{said}，稍后再试")
    if status >= 500:
        return Unknown(f"{said}，对方出错，消息可能已经收到")
    if status in _NOT_ALLOWED:
        return ChannelRefused(f"{said}，不认这个渠道的密钥或口令")
    if status in _NOT_THERE:
        return ChannelRefused(f"{said}，渠道的网址不对或已停用", by_address=True)
    if 300 <= status <= 399:
        return ChannelRefused(f"{said}，要求转到别处；请在渠道里改成最终的网址", by_address=True)
    return RefusedForGood(f"{said}，不接受这条消息")
