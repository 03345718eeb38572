"""Options and arguments that several commands share, with their help."""

import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


def parse_day(text: str) -> date:
    """Read ``2023-06-06``, or as people write it: ``2023年6月6日``, ``2023/6/6``, full-width. Raises ``BadParameter``."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*map(int, found.groups())) if found else date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}”不是日期，请写成 2023-06-06 的样子") from None


def parse_count(text: str) -> int:
    """Read a whole number, full-width too. Raises ``BadParameter``."""
    try:
        return int(unicodedata.normalize("NFKC", text))
    except ValueError:
        raise typer.BadParameter(f"“{text}”不是整数，请写成 5 的样子") from None


Json = Annotated[bool, typer.Option("--json", help="只输出 JSON，键名不变。[print JSON only; its keys are stable]")]
Slug = Annotated[str, typer.Argument(metavar="ROUND", help="届次代号，如 bjgj-2023。[slug of a round]")]
MaybeSlug = Annotated[str | None, typer.Argument(metavar="[ROUND]", help="届次代号；不写为全部。[slug of a round; all without it]")]
RoundOption = Annotated[str | None, typer.Option("--round", metavar="ROUND", help="届次代号，如 bjgj-2023。[slug of a round]")]
HouseOrRound = Annotated[
    str | None,
    typer.Option(
        "--round", metavar="ROUND", help="届次代号；名册和动态码各届共用，不写就记入正式数据库，写演示的届次就记入演示。[slug of a round]"
    ),
]
Opens = Annotated[
    date | None,
    typer.Option("--opens", metavar="DATE", parser=parse_day, help="启动日期，如 2023-06-06；不写为办法所定。[day the round opens]"),
]
Operator = Annotated[str, typer.Option("--operator", metavar="ID", help="经办人在名册中的编号。[operator's id in the roster]")]
Code = Annotated[
    str,
    typer.Option("--code", metavar="CODE", envvar="HALLMARK_CODE", help="办法要求签名时的一次性动态码。[one-time code, where asked for]"),
]
ExistingFile = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="文件路径。[path of a file]")
]
Received = Annotated[
    date | None,
    typer.Option(
        "--received", metavar="DATE", parser=parse_day, help="推荐汇总表的收到日期，截止后补录时写明；不写为今天。[day of receipt]"
    ),
]
NewFile = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="要写的文件。[file to write]")]
Force = Annotated[bool, typer.Option("--force", help="文件已存在时覆盖。[overwrite a file that is there]")]
