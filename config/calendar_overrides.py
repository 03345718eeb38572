"""Working days that the shipped calendar does not know yet: read from a YAML file, each day with its source document.

``calendar_overrides.yaml`` beside this file shows the format. Every problem of a file is found at once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import yaml

from config.errors import ConfigError, Problem
from config.full_width import full_width_place
from config.nearest import nearest
from config.official_calendar import FIRST_DAY, LAST_DAY, officially_worked
from config.os_errors import why

KINDS: Mapping[str, bool] = {"班": True, "休": False}
SHIPPED = Path(__file__).with_suffix(".yaml")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"[12]\d{3}")
_SATURDAY = 5


class OverridesInvalid(ConfigError):
    """A file of overrides that cannot be used; ``problems`` holds everything found wrong in it."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        super().__init__("\n".join([f"工作日补充安排 {name} 有 {len(problems)} 处问题：", *map(str, problems)]))


class Entries(NamedTuple):
    """What a file says: single days, worked or not; years that are announced; the line of each day."""

    days: dict[date, bool]
    years: list[int]
    lines: dict[date, int]


def load_overrides(path: Path | None = None) -> dict[date, bool]:
    """Read a file of overrides, without one the shipped: day → worked (班) or not (休).

    A year that the file declares announced comes back whole: its other days are worked from Monday to Friday. Raises
    ``OverridesInvalid`` with file, line, field and mend of every problem; a file that cannot be read is one too.
    """
    entries = read_entries(path or SHIPPED)
    whole = {day: day.weekday() < _SATURDAY for year in entries.years for day in _days_of(year)}
    return whole | entries.days


def read_entries(path: Path) -> Entries:
    """Read what a file says, each day with its line. Raises as ``load_overrides`` does."""
    reader = _Reader(path.name)
    sections = reader.sections(_compose(path))
    days = reader.days(sections.get("days", []))
    years = reader.years(sections.get("years", []), days)
    if reader.problems:
        raise OverridesInvalid(path.name, reader.problems)
    return Entries(days, years, reader.lines)


def _compose(path: Path) -> yaml.Node | None:
    """Parse to nodes, which keep their lines and leave every value as it was written."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        problem = Problem(path.name, 0, "", f"文件打不开（{why(error)}）", "请核对 HALLMARK_CALENDAR_OVERRIDES 和文件的权限")
        raise OverridesInvalid(path.name, [problem]) from error
    except UnicodeDecodeError as error:
        problem = Problem(path.name, 0, "", "文件不是 UTF-8 编码", "请另存为 UTF-8 后再用")
        raise OverridesInvalid(path.name, [problem]) from error
    except yaml.YAMLError as error:
        line, reason, mend = _slip(text, error)
        raise OverridesInvalid(path.name, [Problem(path.name, line, "", reason, mend)]) from error


def _slip(text: str, error: yaml.YAMLError) -> tuple[int, str, str]:
    """Give line, reason and mend of what is no YAML; the parser stumbles over full-width punctuation only a line below."""
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return full_width_place(text) or (mark.line + 1 if mark else 0, "YAML 格式有误", "请检查缩进、冒号、引号和不可见字符")


@dataclass
class _Reader:
    """Collects the problems of one file while it reads."""

    name: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[date, int] = field(default_factory=dict)

    def sections(self, root: yaml.Node | None) -> dict[str, list[yaml.Node]]:
        """Split the file into its lists."""
        lists: dict[str, list[yaml.Node]] = {}
        for key, value in self._pairs(root, ("years", "days")).items() if root is not None else ():
            if isinstance(value, yaml.SequenceNode):
                lists[key] = value.value
            elif value.tag != "tag:yaml.org,2002:null":
                self._refuse(value, key, "应是一个列表", "让每条以“- ”开头")
        return lists

    def days(self, nodes: list[yaml.Node]) -> dict[date, bool]:
        """Read the single days; the same day twice is refused."""
        found: dict[date, bool] = {}
        for node in nodes:
            entry = self._entry(node, ("date", "kind", "source"))
            day, kind = self._date(entry.get("date")), self._kind(entry.get("kind"))
            if day in found:
                self._refuse(entry["date"], "date", f"{day} 重复", "同一天只留一条")
            elif day is not None and kind is not None:
                found[day], self.lines[day] = kind, entry["date"].start_mark.line + 1
        return found

    def years(self, nodes: list[yaml.Node], days: dict[date, bool]) -> list[int]:
        """Read the announced years; one that lacks holidays, or all of them, would turn these into working days."""
        found = []
        for node in nodes:
            value = self._entry(node, ("year", "source")).get("year")
            if value is None:
                continue
            if not _YEAR.fullmatch(value.value):
                self._refuse(value, "year", f"“{value.value}”不是年份", "写成四位数字，如 2027")
            elif not any(day.year == int(value.value) and not worked for day, worked in days.items()):
                self._refuse(value, "year", f"{value.value}年标为已公布，但 days 中没有该年的放假日", "先补录该年的放假和调休日")
            elif int(value.value) in found:
                self._refuse(value, "year", f"{value.value}年重复", "同一年只留一条")
            elif lost := [day for day in _days_of(int(value.value)) if day not in days and _is_taken_for_worked(day)]:
                reason = f"系统已有{value.value}年的放假安排，照此会把 {lost[0]} 等 {len(lost)} 个放假日算作工作日"
                self._refuse(value, "year", reason, "核对年份；只有个别日子变动的，删去这一条，只在 days 中写变动的日子")
            else:
                found.append(int(value.value))
        return found

    def _entry(self, node: yaml.Node, keys: tuple[str, ...]) -> dict[str, yaml.ScalarNode]:
        """Read one item of a list: all of its keys, each with a text."""
        pairs = self._pairs(node, keys)
        entry = {key: value for key, value in pairs.items() if isinstance(value, yaml.ScalarNode) and _says_something(value)}
        if isinstance(node, yaml.MappingNode):
            for key in keys:
                if key not in entry:
                    self._refuse(pairs.get(key, node), key, "缺少内容", _MENDS[key])
        return entry

    def _pairs(self, node: yaml.Node | None, keys: tuple[str, ...]) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, "", "应是“名称: 内容”的形式", f"改用：{'、'.join(keys)}")
            return {}
        pairs: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if key.value not in keys and "：" in str(key.value):
                self._refuse(key, str(key.value), "用了中文冒号“：”", "改成英文冒号，并在后面空一格")
            elif key.value not in keys:
                hint = nearest(str(key.value), keys, 1)
                self._refuse(key, str(key.value), "不认识的名称", f"确认是否应为 {hint[0]}" if hint else f"改用：{'、'.join(keys)}")
            elif key.value in pairs:
                self._refuse(key, key.value, "名称重复", "只留一个")
            else:
                pairs[key.value] = value
        return pairs

    def _date(self, value: yaml.ScalarNode | None) -> date | None:
        if value is None:
            return None
        try:
            day = date.fromisoformat(value.value) if _DATE.fullmatch(value.value) else None
        except ValueError:
            day = None  # a day that no month has gets the same sentence
        if day is None:
            self._refuse(value, "date", f"“{value.value}”不是日期", _MENDS["date"])
        elif not FIRST_DAY <= day <= LAST_DAY:
            self._refuse(value, "date", f"{day} 不在 {FIRST_DAY} 至 {LAST_DAY} 之间，用不上", "核对年份")
            return None
        return day

    def _kind(self, value: yaml.ScalarNode | None) -> bool | None:
        if value is not None and value.value not in KINDS:
            self._refuse(value, "kind", f"“{value.value}”不可用", _MENDS["kind"])
        return None if value is None else KINDS.get(value.value)

    def _refuse(self, node: yaml.Node | None, key: str, reason: str, mend: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 0
        self.problems.append(Problem(self.name, line, key, reason, f"请{mend}"))


_MENDS: Mapping[str, str] = {
    "date": "写成“年-月-日”，如 2027-01-01",
    "kind": "写成 班 或 休",
    "source": "写明依据的文件，如 国办发明电〔2026〕×号",
    "year": "写成四位数字，如 2027",
}


def _says_something(value: yaml.ScalarNode) -> bool:
    return bool(value.value.strip()) and value.tag != "tag:yaml.org,2002:null"


def _is_taken_for_worked(day: date) -> bool:
    """Say whether a day would count as worked for its weekday alone, and is officially off."""
    return day.weekday() < _SATURDAY and FIRST_DAY <= day <= LAST_DAY and officially_worked(day) is False


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=i) for i in range((date(year + 1, 1, 1) - first).days)]
