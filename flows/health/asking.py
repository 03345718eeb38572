"""Asking Prefect's server from outside: one that is slow or overloaded is asked again, and told from one that is not there."""

from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

PATIENCE_SECONDS = 30.0
"""So long one question is repeated to a server that listens and does not answer."""

_PAUSE_SECONDS = 1.0
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT)


class Slow(Exception):
    """The server is there and does not get round to answering."""


def ask(api: str, path: str, body: object = None) -> httpx.Response:
    """Put one question, a POST where there is a body. Raises ``Slow``, and ``httpx.HTTPError`` where nobody listens."""
    retrying = Retrying(
        stop=stop_after_delay(PATIENCE_SECONDS), wait=wait_fixed(_PAUSE_SECONDS), retry=retry_if_exception_type(Slow), reraise=True
    )
    answer: httpx.Response = retrying(_once, f"{api}{path}", body)
    return answer


def answer_to(api: str, path: str, body: object = None) -> Any:
    """Give what an answer says. Raises as ``ask``, also for an error status, and ``ValueError`` where it is no JSON."""
    return ask(api, path, body).raise_for_status().json()


def _once(url: str, body: object) -> httpx.Response:
    timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
    try:
        answer = httpx.request("GET" if body is None else "POST", url, json=body, timeout=timeout, trust_env=False)
    except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
        raise Slow from error
    if answer.status_code in _BUSY:
        raise Slow
    return answer
