"""A look that fails by damage which nobody foresaw is one more finding, and keeps no other look from being taken."""

from collections.abc import Callable, Iterable, Iterator

from config.errors import ConfigError
from config.os_errors import place, why
from flows.health.checks import Check, broken, one_sentence
from states.errors import HallmarkError
from states.faults import kind_and_line

_MEND = "数据可能损坏：请运行 hallmark verify 核验，损坏的从备份恢复（hallmark restore）；一再出现请把这句话告诉维护人员"

_MEND_FILE = "请改正它的权限，或换一个地方（HALLMARK_HOME、HALLMARK_KEY_FILE、HALLMARK_DATABASE_URL）"


def looked(what: str, title: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Give what a look finds, and at its end what broke it off: never an error's own words, which may hold what people entered."""
    try:
        yield from look()
    except OSError as error:
        yield broken(what, title, f"{place(error) or '文件'}用不了：{why(error)}", _MEND_FILE)
    except (HallmarkError, ConfigError) as error:
        yield broken(what, title, one_sentence(str(error)), _MEND)
    except Exception as error:  # noqa: BLE001 - whatever is damaged, the other looks are to be taken
        yield broken(what, title, f"查不下去（{kind_and_line(error)}）", _MEND)
