"""What may be said of an error that nobody foresaw: its kind and the line of our code, never its text."""

from pathlib import Path
from traceback import extract_tb

from config.errors import ConfigError
from states.errors import HallmarkError

_PROJECT = Path(__file__).resolve().parents[1]
_ROOMS = ("config", "states", "notifiers", "flows")


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
