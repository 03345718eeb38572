"""Whether a channel's URL has a secret written into it that belongs into an environment variable."""

import re

_VARIABLE = r"\$\{\w+\}"
_AUTHORITY = re.compile(r"[a-z][a-z0-9]*://([^/?#]*)", re.IGNORECASE)
_SECRETS = r"authorization|token|access_token|api_?key|key|secret|password|passwd|pass|pwd|sign"
_PARAMETER = re.compile(rf"[?&][+-]?(?:[\w-]*[-_])?(?:{_SECRETS})=([^&]*)", re.IGNORECASE)
_WHOLLY_SECRET = ("hwecom", "hdingtalk", "hfeishu", "hlark")


def has_literal_secret(pattern: str) -> bool:
    """Say whether a URL as it is written, before variables are filled in, holds a password, key or token in plain words."""
    authority = _AUTHORITY.match(pattern)
    if authority is None:
        return False
    spoken = [found for found in _PARAMETER.findall(pattern) if not re.search(_VARIABLE, found)]
    return any(spoken) or _in_authority(pattern.partition("://")[0].lower(), authority[1])


def _in_authority(scheme: str, authority: str) -> bool:
    """A robot's key is all that stands there; elsewhere the password follows the user's name."""
    login, at, host = authority.rpartition("@")
    secrets = [login, host] if scheme in _WHOLLY_SECRET else [login.partition(":")[2]] if at else []
    return any(secret and not re.search(_VARIABLE, secret) for secret in secrets)
