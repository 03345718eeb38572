"""Kinds of cell that any table has: text, yes and no, figures, dates, choices, lists.

People type full-width digits, put spaces into names and let Excel turn numbers into dates. What can only have been meant
one way is taken; what cannot is refused with the mend. No reason repeats what the cell holds.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from config.nearest import nearest
from flows.workbooks.sheets import Cell, CellFault, CellKind, Column, Raw

NOTHING = frozenset({"", "无", "没有", "暂无", "/", "\\", "-", "--", "—", "——", "–"})
_SAFE_INTEGER = 10**15
_LINE_LIMIT = 200
_PROSE_LIMIT = 5000
_SERIAL_EPOCH = date(1899, 12, 30)
_SERIAL_RANGE = range(7306, 73051)  # 1920 to 2099: a number outside was not meant as a date
_DATE_TEXT = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]\d{1,2}:\d{2}(?::\d{2})?)?")
_DATE_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?")
_UNITS = re.compile(r"(?:元|分|票|人|名|位|个)$")
_SEPARATORS = re.compile(r"[、，,;；/|\s]+")
_COMMAS = re.compile(r"[、，,;；/|\n]+")
_YES = frozenset({"是", "√", "✓", "TRUE", "YES", "Y"})
_NO = frozenset({"否", "×", "✗", "FALSE", "NO", "N"})


def clean(text: str) -> str:
    """Strip a text of control characters, of invisible ones and of odd spaces; line breaks inside it stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = (" " if unicodedata.category(c) == "Zs" else c for c in text if c == "\n" or not _invisible(c))
    return "".join(kept).strip()


def text_of(raw: Raw) -> str:
    """Give what a cell shows as text. Raises ``CellFault`` for a whole number so long that Excel lost its digits."""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float | int):
        return _figure_text(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(" ")
    if isinstance(raw, date | time):
        return raw.isoformat()
    return str(raw) if isinstance(raw, timedelta) else clean(raw)


def plain(raw: Raw) -> str:
    """Give a cell's text with full-width letters, digits and signs made plain: for anything but names and prose."""
    return unicodedata.normalize("NFKC", text_of(raw)).strip()


def squashed(text: str) -> str:
    """Give a text without any space, full width or not, for comparing."""
    return re.sub(r"[\s\"'“”‘’]", "", unicodedata.normalize("NFKC", clean(text))).upper()


def is_blank(raw: Raw) -> bool:
    """Tell whether a cell holds nothing that can be seen."""
    return isinstance(raw, str) and not clean(raw)


def split(text: str, *, by_space: bool = True) -> tuple[str, ...]:
    """Take a list apart at any usual separator, each item once; 无 and its kin are an empty list."""
    parts = (part.strip() for part in (_SEPARATORS if by_space else _COMMAS).split(text))
    return () if text.strip() in NOTHING else tuple(dict.fromkeys(part for part in parts if part))


def near(text: str, choices: tuple[str, ...]) -> str:
    """Give a hint at the choice that was probably meant, at all that may have been where none is likely, "" if there is none."""
    found = nearest(text, choices, 1, likely=0.8) or nearest(text, choices, likely=0.5)
    return f"是否应为{'或'.join(f'“{each}”' for each in found)}？" if found else ""


def _invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co")


def _figure_text(raw: float) -> str:
    if isinstance(raw, float) and not raw.is_integer():
        return repr(raw)
    if abs(raw) >= _SAFE_INTEGER:
        raise CellFault("这一格按数字存储，Excel 只保留15位，末几位已丢失", "请先把该格设为“文本”格式，再重新录入")
    return str(int(raw))


def _text(raw: Raw, _column: Column, _today: date) -> str:
    text = " ".join(text_of(raw).split())
    if len(text) > _LINE_LIMIT:
        raise CellFault(f"内容超过{_LINE_LIMIT}字", "请缩短，或检查是否填错了列")
    return text


def _prose(raw: Raw, _column: Column, _today: date) -> str:
    text = text_of(raw)
    if len(text) > _PROSE_LIMIT:
        raise CellFault(f"内容超过{_PROSE_LIMIT}字", "请压缩篇幅")
    return text


def _code(raw: Raw, _column: Column, _today: date) -> str:
    text = re.sub(r"\s", "", re.sub(r"[‐‑‒–—―]", "-", plain(raw)))
    if not re.fullmatch(r"[\w.-]{1,64}", text):
        raise CellFault("编号只能由字母、数字、汉字和短横线组成", "请照名册或系统中的编号填写")
    return text


def _number(raw: Raw, column: Column, today: date) -> str:
    text = _code(raw, column, today).upper()
    if not re.fullmatch(r"[A-Z0-9]+(?:-[A-Z0-9]+)+", text):
        raise CellFault("编号的写法不对", "请照系统中的编号填写，如 BJGJ-2023-0007")
    return text


def _yes_no(raw: Raw, _column: Column, _today: date) -> bool:
    answer = squashed(text_of(raw))
    if answer not in _YES | _NO:
        raise CellFault("只能填“是”或“否”", "请改为“是”或“否”")
    return answer in _YES


def _decimal(raw: Raw, column: Column, _today: date) -> Decimal:
    if isinstance(raw, bool | date | time | timedelta):
        raise CellFault("应为数字，现在是日期、时间或逻辑值", "请把该格设为“常规”格式后重填数字")
    text = _UNITS.sub("", repr(raw) if isinstance(raw, float) else plain(raw)).strip()
    value = to_decimal(text)
    if value is None:
        raise CellFault("应为数字", "请只填数字，如 8.5")
    return _within(value, column)


def to_decimal(text: str) -> Decimal | None:
    """Read a plain decimal number, thousands separators and exponent allowed; ``None`` if it is none."""
    if not _NUMBER.fullmatch(text) and not re.fullmatch(r"\d+(?:\.\d+)?e[-+]?\d+", text):
        return None
    return Decimal(text.replace(",", ""))


def _within(value: Decimal, column: Column) -> Decimal:
    if value < 0:
        raise CellFault("不能是负数", "请改为不小于0的数")
    if column.limit is not None and value > column.limit:
        raise CellFault(f"超过了最大值{column.limit}", f"请填0至{column.limit}之间的数")
    return value


def _integer(raw: Raw, column: Column, today: date) -> int:
    value = _decimal(raw, column, today)
    if value != value.to_integral_value():
        raise CellFault("应为整数", "请填整数")
    return int(value)


def _ordinal(raw: Raw, column: Column, today: date) -> int:
    value = _integer(raw, column, today)
    if value < 1:
        raise CellFault("应从1开始", "请填1、2、3……")
    return value


def _yuan(raw: Raw, column: Column, today: date) -> int:
    value = _decimal(raw, column, today)
    if value != value.to_integral_value():
        raise CellFault("应为整数元，不能带角、分", "请与财务核对后填整数元")
    return int(value)


def _date(raw: Raw, _column: Column, _today: date) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, float) and int(raw) in _SERIAL_RANGE:
        return _SERIAL_EPOCH + timedelta(days=int(raw))
    found = None if isinstance(raw, time | timedelta | bool) else _DATE_TEXT.fullmatch(plain(raw))
    found = found or _DATE_DIGITS.fullmatch(plain(raw))
    if found is None:
        raise CellFault("不是看得懂的日期", "请填年月日，如 2023-06-06")
    return _calendar_day(*(int(part) for part in found.groups()))


def _calendar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise CellFault("没有这一天", "请核对年月日，如 2023-06-06") from None


def _choice(raw: Raw, column: Column, _today: date) -> object:
    return _option(text_of(raw), column)


def _option(text: str, column: Column) -> object:
    for option, value in column.options:
        if squashed(text) == squashed(option):
            return value
    hint = near(clean(text), column.choices) or "请从下拉列表中选"
    raise CellFault(f"不在可选项中，可选：{'、'.join(column.choices)}", hint)


def _words(raw: Raw, column: Column, _today: date) -> tuple[object, ...]:
    return tuple(dict.fromkeys(_option(part, column) for part in split(text_of(raw))))


def shown(value: object, column: Column) -> Cell:
    """Write a value as its kind of cell reads it: choices as people write them, lists with 、 between."""
    for option, meant in column.options:
        if meant == value:
            return option
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return "、".join(str(shown(item, column)) for item in value)
    return value if value is None or isinstance(value, str | int | float | Decimal | date) else str(value)


TEXT = CellKind(_text, shown, empty="")
PROSE = CellKind(_prose, shown, empty="")
CODE = CellKind(_code, shown, empty="")
NUMBER = CellKind(_number, shown, empty="")
SERIAL = CellKind(_text, shown, empty="", text=False)
YES_NO = CellKind(_yes_no, shown, empty=None)
DECIMAL = CellKind(_decimal, shown, text=False)
INTEGER = CellKind(_integer, shown, text=False)
ORDINAL = CellKind(_ordinal, shown, text=False)
YUAN = CellKind(_yuan, shown, text=False)
DATE = CellKind(_date, shown, text=False)
CHOICE = CellKind(_choice, shown)
WORDS = CellKind(_words, shown, empty=())
