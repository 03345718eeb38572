"""The channels of a house: a YAML file that names Apprise URLs, with the secrets taken from the environment."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from config.channel_problems import ChannelConfigError, Problem
from config.exposed import has_literal_secret
from config.full_width import full_width_place
from config.nearest import nearest
from config.os_errors import why
from config.rates import Rate, parse_rate

SHIPPED_CHANNELS = Path(__file__).with_name("channels.yaml")

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_BARE_VARIABLE = re.compile(r"\$([A-Z][A-Z0-9_]+)")
_NO_MAILBOX = re.compile(r"(phone|web)(-[0-9]+)?")
_SCHEME = re.compile(r"([a-z][a-z0-9]*)://.", re.IGNORECASE)


class ChannelKind(StrEnum):
    """What a channel speaks: our own plug-ins for mail, web hooks and group robots, any other Apprise service, or files."""

    MAIL = "mail"
    WEB = "web"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    APPRISE = "apprise"
    FILE = "file"


ROBOTS = frozenset({ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU})
"""Kinds that speak into a group: short texts, read by everybody in it."""

SCHEMES = {
    ChannelKind.MAIL: ("hmail", "hmails"),
    ChannelKind.WEB: ("hjson", "hjsons"),
    ChannelKind.WECOM: ("hwecom",),
    ChannelKind.DINGTALK: ("hdingtalk",),
    ChannelKind.FEISHU: ("hfeishu", "hlark"),
}

# Apprise would send again by itself, call a failure a success, or use time-outs of its own: all against "tell once".
_FORBIDDEN_PARAMETERS = {"retry", "wait", "optional", "overflow", "rto", "cto"}


def _rate(text: object) -> object:
    return parse_rate(text) if isinstance(text, str) else text


class ChannelConfig(BaseModel):
    """One channel, its URL with secrets filled in.

    ``limit`` is in bytes of UTF-8 for subject and body together, ``timeout`` in seconds for each answer waited for,
    ``rate`` how fast it may be used; ``file``, ``line`` and ``url_line`` say where the channel and its URL were written, for messages;
    ``exposed`` that a secret is written there in plain words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    kind: ChannelKind
    url: SecretStr | None = None
    limit: Annotated[int, Field(strict=True, ge=100)] | None = None
    timeout: Annotated[float, Field(gt=0, le=120)] | None = None
    rate: Annotated[Rate, BeforeValidator(_rate)] | None = None
    file: str = ""
    line: int | None = None
    url_line: int | None = None
    exposed: bool = False

    @property
    def definition(self) -> str:
        """All that makes the channel what it is, secrets filled in; never to be kept or shown as it stands."""
        url = self.url.get_secret_value() if self.url else ""
        return json.dumps([self.kind.value, url, self.timeout, self.limit])

    def problem(self, reason: str, mend: str, field: str = "url") -> Problem:
        """Say what is wrong with this channel, at its place in the file."""
        line = self.url_line if field == "url" and self.url_line else self.line
        return Problem(file=self.file, line=line, field=field, reason=reason, mend=mend)


_MENDS = {
    "name": "请用小写字母开头，只含小写字母、数字和短横线，不超过 40 个字符，如 mail",
    "kind": f"请写 {'、'.join(ChannelKind)} 之一",
    "url": "请写成一行网址，如 hmails://${HALLMARK_SMTP_USER}:${HALLMARK_SMTP_PASSWORD}@smtp.example.com:465/?from=office@example.com",
    "limit": "请写不小于 100 的整数（字节），或去掉这一项",
    "timeout": "请写大于 0、不大于 120 的秒数，或去掉这一项",
    "rate": "请写成“条数/单位”，单位为 second、minute 或 hour，如 20/minute；有几条限制的用逗号隔开，如 5/second,100/minute",
}


def load_channels(path: Path, environment: Mapping[str, str]) -> tuple[ChannelConfig, ...]:
    """Read the channels of ``path`` in their order; none at all means that messages become files.

    ``${NAME}`` in a URL is replaced by that variable of ``environment``, percent-encoded unless it is the whole URL.
    Raises ``ChannelConfigError`` with every problem found: file, line, field, reason and mend, in Chinese.
    """
    entries = _entries(path, _parse(path))
    problems: list[Problem] = []
    channels: dict[str, ChannelConfig] = {}
    for line, entry in entries:
        channel = _channel(_Reader(str(path), line, entry, environment, problems))
        if channel is not None and channel.name in channels:
            problems.append(channel.problem(f"渠道名称 {channel.name} 写了两次", "请改掉其中一个", "name"))
        elif channel is not None:
            channels[channel.name] = channel
    if problems:
        raise ChannelConfigError(problems)
    return tuple(channels.values())


def _parse(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
        return YAML().load(text)
    except UnicodeDecodeError:
        raise _refuse(path, None, "", "不是 UTF-8 编码的文本", "请另存为 UTF-8") from None
    except OSError as error:
        raise _refuse(path, None, "", f"打不开这个文件（{why(error)}）", "请检查环境变量 HALLMARK_CHANNELS 所指的路径") from None
    except DuplicateKeyError as error:
        raise _refuse(path, _line(error), "", "同一个字段写了两次", "请去掉多余的一个") from None
    except YAMLError as error:
        # The library's own text quotes the line, which may hold a secret.
        said = "不是正确的 YAML", "请检查这一行及上一行的缩进、冒号和引号"
        line, what, mend = full_width_place(text) or (_line(error), *said)
        raise _refuse(path, line, "", what, mend) from None


def _line(error: YAMLError) -> int | None:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    return mark.line + 1 if mark is not None else None


def _entries(path: Path, document: object) -> list[tuple[int, CommentedMap]]:
    if document is None:
        return []
    if not isinstance(document, CommentedMap) or "channels" not in document:
        raise _refuse(path, 1, "channels", "文件里没有 channels", "请以“channels:”开头，下面每个渠道写一项")
    for key in document:
        if key != "channels":
            raise _refuse(path, document.lc.key(key)[0] + 1, str(key), "不认识这个字段", "最外层只有 channels，请删去其他字段")
    entries = document["channels"]
    if entries is None:
        return []
    line = document.lc.key("channels")[0] + 1
    if not isinstance(entries, CommentedSeq):
        raise _refuse(path, line, "channels", "channels 不是列表", "请让每个渠道以短横线“- ”开头")
    for index, entry in enumerate(entries):
        if not isinstance(entry, CommentedMap):
            raise _refuse(path, entries.lc.item(index)[0] + 1, "channels", "这一项不是渠道", "请写成 name、kind、url 等字段")
    return [(entry.lc.line + 1, entry) for entry in entries]


def _refuse(path: Path, line: int | None, field: str, reason: str, mend: str) -> ChannelConfigError:
    return ChannelConfigError([Problem(file=str(path), line=line, field=field, reason=reason, mend=mend)])


class _Reader:
    """One entry of the file while it is read, and where its problems go."""

    def __init__(self, file: str, line: int, entry: CommentedMap, environment: Mapping[str, str], problems: list[Problem]) -> None:
        self.file = file
        self.line = line
        self.entry = entry
        self.environment = environment
        self.problems = problems

    def line_of(self, field: str) -> int:
        return int(self.entry.lc.key(field)[0]) + 1 if field in self.entry else self.line

    def complain(self, field: str, reason: str, mend: str) -> None:
        self.problems.append(Problem(file=self.file, line=self.line_of(field), field=field, reason=reason, mend=mend))


def _channel(reader: _Reader) -> ChannelConfig | None:
    before = len(reader.problems)
    _refuse_unknown_fields(reader)
    values: dict[str, Any] = {key: value for key, value in reader.entry.items() if key in _MENDS}
    exposed = isinstance(values.get("url"), str) and has_literal_secret(values["url"])
    if isinstance(values.get("url"), str):
        values["url"] = _fill_in(reader, values["url"])
    try:
        channel = ChannelConfig(**values, file=reader.file, line=reader.line, url_line=reader.line_of("url"), exposed=exposed)
    except ValidationError as error:
        _translate(reader, error)
        return None
    _check_name(reader, channel)
    _check_url(reader, channel)
    return channel if len(reader.problems) == before else None


def _refuse_unknown_fields(reader: _Reader) -> None:
    for key in reader.entry:
        if key not in _MENDS:
            near = nearest(str(key), _MENDS, 1)
            mend = f"是不是想写 {near[0]}" if near else f"可用的字段：{'、'.join(_MENDS)}"
            reader.complain(key, "不认识这个字段", mend)


def _translate(reader: _Reader, error: ValidationError) -> None:
    for detail in error.errors(include_input=False, include_url=False):
        field = str(detail["loc"][0])
        reason = "缺少这一项" if detail["type"] == "missing" else "写法不对"
        reader.complain(field, reason, _MENDS[field])


def _fill_in(reader: _Reader, pattern: str) -> str:
    names = _VARIABLE.findall(pattern)
    for name in dict.fromkeys(names):
        if not reader.environment.get(name):
            reader.complain("url", f"环境变量 {name} 没有设置", f"请先设置 {name} 再启动，或去掉这个渠道")
    if "${" in _VARIABLE.sub("", pattern):
        reader.complain("url", "有一处 ${…} 写得不对", "变量名只用大写字母、数字和下划线，如 ${HALLMARK_SMTP_PASSWORD}")
    if bare := _BARE_VARIABLE.search(pattern):
        reader.complain("url", f"{bare[0]} 没有写花括号", f"变量请写成 ${{{bare[1]}}}；网址里本来就有 $ 的，写成 %24")
    if _VARIABLE.fullmatch(pattern):
        return reader.environment.get(names[0], "")
    return _VARIABLE.sub(lambda match: quote(reader.environment.get(match[1], ""), safe=""), pattern)


def _check_name(reader: _Reader, channel: ChannelConfig) -> None:
    """Refuse a name that gives a mail server addresses of a class which no mail can reach; it would take them from the others."""
    found = _NO_MAILBOX.fullmatch(channel.name)
    if found and channel.kind is ChannelKind.MAIL:
        reason = f"名为 {channel.name} 的渠道只送{'电话' if found[1] == 'phone' else '网络消息'}，而 kind mail 只送邮箱，什么也送不到"
        reader.complain("name", reason, "请把 name 改为 mail 或别的名称，或把 kind 改为能送到的")


def _check_url(reader: _Reader, channel: ChannelConfig) -> None:
    if channel.kind is ChannelKind.FILE:
        if channel.url is not None:
            reader.complain("url", "kind 为 file 时没有网址", "请去掉 url：文件总是写进 outbox/mail/")
        return
    url = channel.url.get_secret_value() if channel.url else ""
    scheme = _SCHEME.match(url)
    if scheme is None:
        reader.complain("url", "缺少网址" if not url else "不是网址", _MENDS["url"])
        return
    _check_scheme(reader, channel.kind, scheme[1].lower())
    _check_parameters(reader, url)


def _check_scheme(reader: _Reader, kind: ChannelKind, scheme: str) -> None:
    allowed = SCHEMES.get(kind)
    owner = next((own for own, schemes in SCHEMES.items() if scheme in schemes), ChannelKind.APPRISE)
    if owner is not kind:
        mend = f"请以 {' 或 '.join(f'{name}://' for name in allowed)} 开头" if allowed else f"请把 kind 改为 {owner.value}"
        reader.complain("url", f"网址开头与 kind {kind.value} 不符", mend)


def _check_parameters(reader: _Reader, url: str) -> None:
    given = {name.lower() for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)}
    for name in sorted(given & _FORBIDDEN_PARAMETERS):
        mend = "请改用 timeout 字段" if name in {"rto", "cto"} else "重发由消息台账决定，截断请用 limit 字段"
        reader.complain("url", f"网址里不能写参数 {name}", f"请去掉它；{mend}")
