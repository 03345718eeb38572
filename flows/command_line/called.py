"""How this program was called: what an operator can type again. A fresh machine knows ``.venv/bin/hallmark`` and no ``hallmark``."""

import shlex
import sys
from pathlib import Path
from shutil import which

NAME = "hallmark"


def as_called() -> str:
    """Give ``hallmark`` where a shell finds this very program by its name, else its path, from here where it lies below."""
    called = Path(sys.argv[0]).absolute()
    found = which(NAME)
    if called.name != NAME or (found is not None and Path(found).resolve() == called.resolve()):
        return NAME
    return shlex.quote(str(called.relative_to(Path.cwd()) if called.is_relative_to(Path.cwd()) else called))
