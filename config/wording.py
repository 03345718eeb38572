"""What the schema refuses, in Chinese: a reason and a mend for each kind of error that pydantic reports."""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from pydantic_core import ErrorDetails

from config import vocabulary
from config.labels import label
from config.nearest import nearest

Said = tuple[str, str]
_NOTHING = ("没有填写", "请补上这一项")
_ENUMS = [each for each in vars(vocabulary).values() if isinstance(each, type) and issubclass(each, StrEnum) and each is not StrEnum]


def in_chinese(error: ErrorDetails, fields: Iterable[str] = ()) -> Said:
    """Give the reason and the mend for one error; ``fields`` are the keys that its block knows."""
    kind, details = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return "不是可用的项目", did_you_mean(str(error["loc"][-1]), fields) or f"可用的有：{'、'.join(fields)}"
    if error["input"] is None:
        return _NOTHING
    for pattern, say in _KINDS:
        if re.fullmatch(pattern, kind):
            return say(details, error["input"])
    return f"取值不合要求（{error['msg']}）", "请对照样本修改"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest what a slip of typing may have meant, "" where nothing is near."""
    near = nearest(word, known, 1)
    return f"是不是 {near[0]}？" if near else ""


def _shown(value: object) -> str:
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return text if len(text) <= 30 else text[:30] + "…"


def _choice(details: Mapping[str, object], value: object) -> Said:
    """Name the choices; where somebody wrote the Chinese label, name the id that stands for it."""
    ids = re.findall(r"[\w-]+(?=')|\b\d+\b", str(details.get("expected") or details.get("expected_tags") or ""))
    labels = next(({word.value: label(word) for word in words} for words in _ENUMS if {*words} == {*ids}), {})
    given = details.get("tag", value)
    listed = "、".join(f"{each}（{labels[each]}）" if each in labels else each for each in ids)
    meant = next((each for each, chinese in labels.items() if chinese == given), None)
    hint = f"请写 {meant}；" if meant else did_you_mean(str(given), ids)
    return f"“{_shown(given)}”不在可选项中", f"{hint}可选：{listed}"


def _bound(text: str, key: str) -> Callable[[Mapping[str, object], object], Said]:
    return lambda details, value: (f"{_shown(value)} 超出范围", f"应{text} {details[key]}")


def _written_as(what: str, how: str) -> Callable[[Mapping[str, object], object], Said]:
    return lambda _, value: (f"“{_shown(value)}”不是{what}", how)


def _fixed(reason: str, mend: str) -> Callable[[Mapping[str, object], object], Said]:
    return lambda _details, _value: (reason, mend)


def _own(details: Mapping[str, object], value: object) -> Said:
    """A validator of ours already speaks Chinese."""
    return f"“{_shown(value)}”不合要求" if isinstance(value, str | int) else "内容不合要求", str(details["error"])


def _pattern(_details: Mapping[str, object], value: object) -> Said:
    return f"“{_shown(value)}”的写法不合规则", "请照样本的写法：编号只用英文字母、数字和连接号，条款写如 N3、N15.1"


_KINDS: tuple[tuple[str, Callable[[Mapping[str, object], object], Said]], ...] = (
    ("missing", _fixed(*_NOTHING)),
    ("enum|literal_error|union_tag_invalid", _choice),
    ("union_tag_not_found", _fixed("没有写 kind", "请写明 kind（怎样判断），见样本")),
    ("int_.*", _written_as("整数", "请写阿拉伯数字，不加引号和单位")),
    ("bool_.*", _written_as("是非值", "请写 true（是）或 false（否）")),
    ("string_type", _written_as("文字", "请写文字；数字当文字用时加英文引号")),
    ("string_too_short", _fixed("是空的", "请填写内容")),
    ("too_short", _fixed("一项也没有", "请至少写一项")),
    ("string_pattern_mismatch", _pattern),
    ("decimal_.*|finite_number", _written_as("数字", "请写阿拉伯数字，可带小数")),
    ("date_.*", _written_as("日期", "请写成 2023-06-06 的样子")),
    ("time_.*", _written_as("时刻", '请写成 "09:00" 的样子')),
    ("greater_than_equal", _bound("不小于", "ge")),
    ("less_than_equal", _bound("不大于", "le")),
    ("tuple_type|list_type", _fixed("应是一个列表", "请用 [甲, 乙] 或每行以“- ”开头的写法")),
    ("model_.*|dict_type|mapping_type", _fixed("应是一组项目", "请在下面缩进写“项目: 值”")),
    ("value_error", _own),
)
