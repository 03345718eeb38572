"""How dates, due times and lists of nominations read in a message."""

from dataclasses import dataclass
from datetime import date

from config.calendar import WorkCalendar
from config.days import WEEKDAYS
from config.programme import Programme
from notifiers.cleaning import one_line
from states.candidate import masked


@dataclass(frozen=True)
class Due:
    """A due day as it stands today; ``left`` counts working days, negative when it is overdue. An ``example`` is invented, and says so."""

    day: date
    today: date
    left: int
    provisional: bool = False
    example: bool = False

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.today > self.day

    @property
    def short(self) -> str:
        """The day alone: 7月3日."""
        return f"{self.day.month}月{self.day.day}日"

    @property
    def left_text(self) -> str:
        """How far it is: 还有3个工作日, 今天到期, 已逾期2个工作日."""
        return f"{self._left}{'（示例）' if self.example else ''}"

    @property
    def _left(self) -> str:
        if self.today == self.day:
            return "今天到期"
        if self.left == 0:
            return "已过期限，逾期不足1个工作日" if self.overdue else "还有不足1个工作日"
        return f"已逾期{-self.left}个工作日" if self.overdue else f"还有{self.left}个工作日"

    @property
    def long(self) -> str:
        """The whole: 2023年7月3日（星期一），还有3个工作日."""
        provisional = "（暂定：有关年份的节假日安排尚未公布）" if self.provisional else ""
        return f"{full_day(self.day)}，{self.left_text}{provisional}"

    @property
    def english(self) -> str:
        """The same in English: 2023-07-03, 3 working days left."""
        days = f"{abs(self.left)} working day{'' if abs(self.left) == 1 else 's'}"
        left = "today" if self.today == self.day else f"{days} overdue" if self.overdue else f"{days} left"
        return f"{self.day.isoformat()}, {left}{', provisional' if self.provisional else ''}{', example' if self.example else ''}"

    @property
    def ahead(self) -> str:
        """The whole while the day is to come, afterwards the day alone: what ends by itself is not overdue."""
        return full_day(self.day) if self.overdue else self.long

    @property
    def ahead_english(self) -> str:
        """The same in English."""
        return self.day.isoformat() if self.overdue else self.english


@dataclass(frozen=True, order=True)
class Line:
    """One thing in a list, mostly a nomination; ``name`` is the candidate's and stands in a body only.

    ``place`` is its place in a list that is in another order than that of numbers; ``brief`` what a short message says of it.
    """

    number: str = ""
    name: str = ""
    note: str = ""
    place: int = 0
    brief: str = ""

    def __str__(self) -> str:
        head = " ".join(part for part in (one_line(self.number), one_line(self.name)) if part)
        return f"{head}：{one_line(self.note)}" if head and self.note else head or one_line(self.note)

    @property
    def masked(self) -> str:
        """The line for a subject: number and masked name."""
        return f"{one_line(self.number)} {masked(one_line(self.name))}" if self.name else one_line(self.number)


def due_on(calendar: WorkCalendar, day: date, today: date, *, provisional: bool) -> Due:
    """Give a due day as it stands today."""
    return Due(day, today, calendar.working_days_between(today, day), provisional)


def full_day(day: date) -> str:
    """Write a day with its weekday: 2023年7月3日（星期一）."""
    return f"{day.year}年{day.month}月{day.day}日（星期{WEEKDAYS[day.weekday()]}）"


def contact_line(programme: Programme) -> str:
    """Say whom to ask."""
    return programme.messages.contact_line or f"如有疑问，请与{programme.bodies.office}联系。"
