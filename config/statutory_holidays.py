"""The holidays that the law itself fixes, for years whose arrangement nobody has announced yet.

The regulation on national holidays (全国年节及纪念日放假办法) names the days and has those that fall on a weekend made up
for on a working day; the State Council's yearly notice only adds which days are swapped around them. ``holidays`` reckons
both, the lunar ones up to 2100 too.
"""

from datetime import date
from functools import cache


def is_statutory(day: date) -> bool:
    """Tell whether the day is such a holiday, or most likely one that makes up for it; of what lies beyond 2100 none is known."""
    return day in _of_year(day.year)


@cache
def _of_year(year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - only where it is needed: it brings every country along

    return frozenset(country_holidays("CN", years=year))
