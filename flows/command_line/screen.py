"""What the command line writes: sentences and tables for people on a terminal, JSON for programs."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from states.ledger import plain

DONE, REFUSED, WRONG_USAGE = 0, 1, 2
_UNCUT = 200


def emit(value: Any) -> None:
    """Write one JSON document to stdout: instants in UTC with ``Z``, days as ``2023-06-06``, words by their ids."""
    typer.echo(json.dumps(jsonable(value), ensure_ascii=False, indent=2))


def say(line: str) -> None:
    """Write a line for the operator to stdout."""
    typer.echo(clean(line))


def complain(sentence: str) -> None:
    """Write a sentence to stderr."""
    typer.echo(clean(sentence), err=True)


def show_table(title: str, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table for people; a cell that does not fit goes on in the next line and is never cut."""
    table = Table(title=Text(clean(title)), title_justify="left", title_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(str(cell))) for cell in row))
    _console().print(table)


def local(instant: datetime, zone: Any, form: str = "%Y-%m-%d %H:%M") -> str:
    """Write an aware instant on a zone's clock."""
    return instant.astimezone(zone).strftime(form)


def clean(text: str) -> str:
    """Leave out control characters but line ends: text out of a file must not steer the terminal."""
    return "".join(each for each in text if each == "\n" or unicodedata.category(each) not in ("Cc", "Cs"))


def jsonable(value: Any) -> Any:
    """Turn dataclasses, enums, dates, instants, paths and mappings into what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    if isinstance(value, StrEnum | Path):
        return str(value)
    return plain(value) if isinstance(value, date | Decimal) else value


def finish(*, good: bool) -> None:
    """End the command: status 0 when all is well, 1 when something was refused or found."""
    if not good:
        raise typer.Exit(REFUSED)


def _console() -> Console:
    # Into a file or a pipe there is no width to keep to.
    width = None if sys.stdout.isatty() else _UNCUT
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=False)
