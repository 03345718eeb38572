"""Errors that nobody foresaw: what may be said of them, and a round that has one must not keep the others waiting."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from traceback import extract_tb

from config.errors import ConfigError
from states.errors import HallmarkError

_PROJECT = Path(__file__).resolve().parents[1]
_ROOMS = ("config", "states", "notifiers", "flows")


class Faults:
    """What went wrong with single rounds while something was done for all of them: ``by_round`` has a sentence for each."""

    def __init__(self) -> None:
        self.by_round: dict[str, str] = {}

    @contextmanager
    def of(self, slug: str, but: type[Exception] | tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Note what goes wrong with a round, and let the others go on; an error of a kind in ``but`` is everybody's, and comes out."""
        try:
            yield
        except but:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one round, the others are due too
            self.by_round[slug] = said_of(error)

    def lines(self) -> list[str]:
        """Say for each round what went wrong with it."""
        return [f"{slug} 未能办理：{said}" for slug, said in self.by_round.items()]


def guarded(faults: Faults | None, slug: str, but: type[Exception] | tuple[type[Exception], ...] = ()) -> AbstractContextManager[None]:
    """Guard a round as ``Faults.of`` does; where nobody gathers faults, as in a house that is thrown away, each comes out at once."""
    return nullcontext() if faults is None else faults.of(slug, but)


def said_of(error: Exception) -> str:
    """Give our own errors' sentence; another's may hold what people entered, so only its kind and the line of our code are said."""
    if isinstance(error, HallmarkError | ConfigError):
        return str(error)
    return f"出错（{kind_and_line(error)}），请运行 hallmark doctor；一再出现请把这句话告诉维护人员"


def kind_and_line(error: Exception) -> str:
    """Give an error's kind and the innermost line of our code that it came through, where it came through any."""
    frames = [(Path(frame.filename), frame.lineno) for frame in extract_tb(error.__traceback__)]
    inside = [(path.relative_to(_PROJECT), line) for path, line in frames if path.is_relative_to(_PROJECT)]
    ours = [f"{path} 第 {line} 行" for path, line in inside if path.parts[0] in _ROOMS]
    return "，".join([type(error).__name__, *ours[-1:]])
