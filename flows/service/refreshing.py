"""Asking the running service to write the boards anew, for a command that has changed the house beside it."""

from urllib.parse import quote

import httpx

from config.settings import Settings
from flows.service.asking import Slow, answer_to, api_of

REFRESH_BOARD = "刷新看板/refresh-board"
_PATIENCE_SECONDS = 5.0


def ask_for_boards(settings: Settings, slug: str = "") -> bool:
    """Start ``refresh-board`` for a round, or for all that run; says whether the service took it."""
    api = api_of(settings)
    if api is None:
        return False
    try:
        deployment = answer_to(api, f"/deployments/name/{quote(REFRESH_BOARD)}", patience=_PATIENCE_SECONDS)
        wanted = {"state": {"type": "SCHEDULED"}, "parameters": {"slug": slug}}
        answer_to(api, f"/deployments/{deployment['id']}/create_flow_run", wanted, patience=_PATIENCE_SECONDS)
    except (Slow, httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return False
    return True
