"""Asking Prefect's server from outside: one that is slow or overloaded is asked again, and told from one that is not there."""

import json
import os
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from config.settings import Settings

PATIENCE_SECONDS = 30.0
"""So long one question is repeated to a server that listens and does not answer."""

_PAUSE_SECONDS = 1.0
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
_BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT)


class Slow(Exception):
    """The server is there and does not get round to answering."""


def api_of(settings: Settings) -> str | None:
    """Give where the server should be: where this environment says, else where the running service wrote it down."""
    if api := os.environ.get("PREFECT_API_URL"):
        return api.rstrip("/")
    try:
        return f"{json.loads((settings.folder / 'up.json').read_text(encoding='utf-8'))['url']}/api"
    except (OSError, ValueError, KeyError, TypeError):
        return None


def ask(api: str, path: str, body: object = None, patience: float | None = None) -> httpx.Response:
    """Put one question, a POST where there is a body. Raises ``Slow``, and ``httpx.HTTPError`` where nobody listens."""
    seconds = PATIENCE_SECONDS if patience is None else patience
    retrying = Retrying(stop=stop_after_delay(seconds), wait=wait_fixed(_PAUSE_SECONDS), retry=retry_if_exception_type(Slow), reraise=True)
    answer: httpx.Response = retrying(_once, f"{api}{path}", body, min(_ANSWER_SECONDS, seconds))
    return answer


def answer_to(api: str, path: str, body: object = None, patience: float | None = None) -> Any:
    """Give what an answer says. Raises as ``ask``, also for an error status, and ``ValueError`` where it is no JSON."""
    return ask(api, path, body, patience).raise_for_status().json()


def _once(url: str, body: object, seconds: float) -> httpx.Response:
    timeout = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
    try:
        answer = httpx.request("GET" if body is None else "POST", url, json=body, timeout=timeout, trust_env=False)
    except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
        raise Slow from error
    if answer.status_code in _BUSY:
        raise Slow
    return answer
