"""Programme files into programmes: every problem at once, each with its file, line, field, reason and mend."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config import places
from config.errors import Problem, ProgrammeInvalid, ProgrammeNotFound
from config.os_errors import why
from config.places import Document, dotted, read_document
from config.programme import Programme
from config.wording import did_you_mean, in_chinese

PROGRAMMES = Path(__file__).parent / "programmes"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .xls files begin."""


def load_programme(path: Path) -> Programme:
    """Read one programme file (UTF-8). Raises ``ProgrammeInvalid`` with everything that is wrong in it."""
    return parse_programme(read_text(path), path.name)


def parse_programme(text: str, name: str) -> Programme:
    """Read a programme's text, as a file or a round holds it; ``name`` stands in the problems. Raises ``ProgrammeInvalid``."""
    programme, document = examine(text, name)
    if programme is None:
        raise ProgrammeInvalid(name, document.problems)
    return programme


def examine(text: str, name: str) -> tuple[Programme | None, Document]:
    """Read a programme's text without raising: the programme, or ``None`` with the problems in the document."""
    document = read_document(text, name)
    if document.problems and document.data is None:
        return None, document
    try:
        programme = Programme.model_validate(document.data)
    except ValidationError as error:
        document.problems = _with(error, document)
    return (None if document.problems else programme), document


def read_text(path: Path) -> str:
    """Read a programme file's text, the one that a round freezes. Raises ``ProgrammeInvalid`` where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason, mend = f"文件读不出来（{why(error)}）", "请检查路径和权限"
        raise ProgrammeInvalid(path.name, [Problem(path.name, 0, "", reason, mend)]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if raw.startswith(_WORKBOOKS):
            mend = "认定办法是 .yaml 文件；工作簿用 hallmark import 导入，加 --dry-run 只检查、不录入"
            raise ProgrammeInvalid(path.name, [Problem(path.name, 0, "", "这是工作簿，不是认定办法", mend)]) from error
        line = raw[: error.start].count(b"\n") + 1
        problem = Problem(path.name, line, "", f"文件不是 UTF-8 编码{_guess(raw)}", "请在编辑器中“另存为”，编码选 UTF-8")
        raise ProgrammeInvalid(path.name, [problem]) from error


def _guess(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "（看来是 UTF-16）"
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "（看来是 GBK）"


def known_programmes() -> list[str]:
    """Ids of the programmes that come with the house, in order."""
    return sorted(path.stem for path in PROGRAMMES.glob("*.yaml"))


def find_programme(wanted: str) -> Path:
    """Find a programme's file by its id or its path. Raises ``ProgrammeNotFound``, with a suggestion where one is near."""
    known = known_programmes()
    if wanted in known:
        return PROGRAMMES / f"{wanted}.yaml"
    path = Path(wanted).expanduser()
    if path.is_file():
        return path
    hint = did_you_mean(Path(wanted).stem, known)
    raise ProgrammeNotFound(wanted, known, f"（{hint}）" if hint else "")


def _with(error: ValidationError, document: Document) -> list[Problem]:
    """Add what the schema refuses, one problem for each place: a value that fits no member of a union is one slip, not two."""
    found = {problem.field: problem for problem in document.problems}
    for each in error.errors(include_url=False):
        if each["type"] == "too_short" and each["input"]:
            continue  # counted without the entries that are wrong themselves
        problem = _problem(each, document)
        found.setdefault(problem.field, problem)
    return sorted(found.values(), key=lambda problem: problem.line)


def _problem(error: ErrorDetails, document: Document) -> Problem:
    path = _path(error, document.data)
    reason, mend = in_chinese(error, _fields_at(error["loc"][:-1]))
    return Problem(document.name, document.line(path), dotted(path), reason, mend)


def _path(error: ErrorDetails, data: object) -> places.Path:
    """Follow an error's location through the data; what is not there is the name of a union's member, except a missing key."""
    path: places.Path = ()
    for part in error["loc"]:
        try:
            data = data[part]  # type: ignore[index]  # whatever cannot be entered says so
        except (KeyError, IndexError, TypeError):
            continue
        path = (*path, part)
    return (*path, error["loc"][-1]) if error["type"] == "missing" else path


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    """List the keys that the block at a location knows; none where it is no block."""
    kind: object = Programme
    for part in location:
        kind = _inside(kind, part)
    block = _block(kind)
    return [name for name in block.model_fields if name != "ours"] if block else []


def _inside(kind: object, part: int | str) -> object:
    """Give the type of one part of a block, a list, a mapping or a union whose members are told apart by ``kind``."""
    if block := _block(kind):
        found = block.model_fields.get(str(part))
        return _bare(found.annotation) if found else None
    arguments = get_args(kind)
    if get_origin(kind) in (tuple, Mapping):
        return _bare(arguments[0 if isinstance(part, int) else -1])
    return next((each for each in arguments if part == _tag(each)), None)


def _bare(kind: object) -> object:
    """Take off ``Annotated`` and ``| None``."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    solid = [each for each in get_args(kind) if each is not type(None)]
    return solid[0] if len(solid) == 1 and type(None) in get_args(kind) else kind


def _block(kind: object) -> type[BaseModel] | None:
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _tag(kind: object) -> str | None:
    block = _block(kind)
    tags = get_args(block.model_fields["kind"].annotation) if block and "kind" in block.model_fields else ()
    return tags[0] if tags else None
