"""What the tests of simulations share: the programme's text, and a call with everything at its usual value."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from config.loader import find_programme, read_text
from flows.simulation import simulate

PROGRAMME = "binjiang-craftsman-2023"


def rules(*changes: tuple[str, str]) -> str:
    """Give the programme's text with some passages replaced; each must be there."""
    text = read_text(find_programme(PROGRAMME))
    for old, new in changes:
        assert old in text, f"the programme does not say {old!r}"
        text = text.replace(old, new)
    return text


def run(
    text: str | None = None,
    *,
    nominations: Path | None = None,
    synthetic: int = 3,
    opens: date | None = None,
    seed: int = 7,
    out: Path | None = None,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Simulate with a small round unless told otherwise."""
    return simulate(
        text or rules(), nominations=nominations, synthetic=synthetic, opens=opens, seed=seed, out=out, progress=progress, tell=tell
    )
