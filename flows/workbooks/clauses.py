"""Kinds of cell that speak of the notice: achievements, honours, years in the trade, clauses, headings of columns."""

import re
from datetime import date, timedelta
from datetime import time as time_of_day
from decimal import ROUND_FLOOR, Decimal

from flows.workbooks.cells import NOTHING, near, plain, shown, split, squashed, text_of, to_decimal
from flows.workbooks.sheets import CellFault, CellKind, Column, Raw

ACHIEVEMENTS = ("1", "3", "4", "5", "6")
EVERYTHING = "全部"
_SLIP = "2"
_HAN_DIGITS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6"}
_AND = re.compile(r"和|及|与|&|\+|(?<=[\d)])\.(?=\s|$)")
_AFFIX = re.compile(r"^(?:N15\.|15\.)?(?:符合)?(?:条件|第)?(?:第)?\(?([\d一二三四五六]+)\)?(?:条|款|项|点|类)?(?:条件)?$", re.IGNORECASE)
_YEARS = re.compile(r"(\d+(?:\.\d+)?)(?:[余多]?周?年)?(?:以上|多|余)?(?:(?:零|又)?(\d{1,2})个?月)?")
_HALF_YEARS = re.compile(r"(\d+)年半")
_MONTHS = 12
_MOST_YEARS = 70
_CLAUSE = re.compile(r"N?(\d+(?:\.\d+)?)", re.IGNORECASE)
_DATE_LIKE = (date, time_of_day, timedelta, bool)
_ASK = f"请用顿号分隔填写条款序号，可填：{'、'.join(ACHIEVEMENTS)}，如“1、3”"


def _achievements(raw: Raw, _column: Column, _today: date) -> tuple[str, ...]:
    if isinstance(raw, _DATE_LIKE):
        raise CellFault("被 Excel 改成了日期", f"请先把该格设为“文本”格式；{_ASK}")
    parts = split(_AND.sub("、", plain(raw)))
    return tuple(dict.fromkeys(_achievement(part) for part in parts))


def _achievement(part: str) -> str:
    found = _AFFIX.fullmatch(part)
    number = _HAN_DIGITS.get(found[1], found[1]) if found else ""
    if number == _SLIP:
        raise CellFault("没有第2项：通知原文第1项中的“2、”是排印错误，第1项后面就是第3项", _ASK)
    if number not in ACHIEVEMENTS:
        raise CellFault("含有通知中没有的条款序号", _ASK)
    return number


def _honours(raw: Raw, _column: Column, _today: date) -> tuple[str, ...]:
    text = text_of(raw)
    return () if squashed(text) in NOTHING else split(text, by_space=False)


def _render_honours(value: object, column: Column) -> str:
    return str(shown(value, column)) or "无"


def _years(raw: Raw, _column: Column, _today: date) -> Decimal:
    if isinstance(raw, _DATE_LIKE):
        raise CellFault("应为年数，现在是日期", "请把该格设为“常规”格式，填年数，如 8 或 5.5")
    text = squashed(repr(raw)) if isinstance(raw, float) else squashed(plain(raw))
    value = to_decimal(text.lower()) if isinstance(raw, float) else _spoken_years(text)
    if value is None or not 0 <= value <= _MOST_YEARS:
        raise CellFault("不是看得懂的年数", "请填从事本专业的年数，如 8 或 5.5")
    # Downwards: four years and eleven months must not become five by rounding (N11).
    return value.quantize(Decimal("0.01"), rounding=ROUND_FLOOR).normalize() + 0


def _spoken_years(text: str) -> Decimal | None:
    if half := _HALF_YEARS.fullmatch(text):
        return Decimal(half[1]) + Decimal("0.5")
    found = _YEARS.fullmatch(text)
    if found is None or int(found[2] or 0) >= _MONTHS:
        return None
    return Decimal(found[1]) + Decimal(found[2] or 0) / _MONTHS


def _clauses(raw: Raw, _column: Column, _today: date) -> tuple[str, ...]:
    text = repr(raw) if isinstance(raw, float) and not raw.is_integer() else plain(raw)
    return tuple(dict.fromkeys(_clause(part) for part in split(text)))


def _clause(part: str) -> str:
    found = _CLAUSE.fullmatch(part)
    if found is None:
        raise CellFault("应为条款编号", "请填通知条款编号，用顿号分隔，如“N9、N10”")
    return f"N{found[1]}"


def _clauses_or_all(raw: Raw, column: Column, today: date) -> tuple[str, ...]:
    return (EVERYTHING,) if squashed(text_of(raw)) == EVERYTHING else _clauses(raw, column, today)


def _headings(raw: Raw, column: Column, _today: date) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_heading(part, column) for part in split(text_of(raw))))


def _heading(part: str, column: Column) -> str:
    for header in column.choices:
        if squashed(part) == squashed(header):
            return header
    raise CellFault("含有推荐汇总表中没有的栏目", near(part, column.choices) or "请照推荐汇总表的表头填写，用顿号分隔")


ACHIEVEMENT_LIST = CellKind(_achievements, shown, empty=())
HONOUR_LIST = CellKind(_honours, _render_honours, empty=())
YEARS = CellKind(_years, shown, text=False)
CLAUSE_LIST = CellKind(_clauses, shown, empty=())
CLAUSES_OR_ALL = CellKind(_clauses_or_all, shown, empty=())
HEADING_LIST = CellKind(_headings, shown, empty=())
