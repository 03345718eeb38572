"""YAML text into plain data that remembers on which line everything stands.

Read from nodes and not through a constructor: a file can name no Python object, every slip is found at once with its
line, and a date or a number that makes no sense is left for the schema to judge.
"""

import re
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.errors import Problem
from config.full_width import full_width_slip

Path = tuple[str | int, ...]

_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}
# What the parser says in English, what an editor of the file has most likely done, and how to mend it; first match wins.
_SYNTAX = (
    (r"'\\t' that cannot start", "用了制表符", "请改用空格缩进"),
    (r"could not find expected ':'", "少了英文冒号，或冒号后没有空格", "请写成“项目: 值”"),
    (
        r"that cannot start any token|chomping|a comment or a line break|alphabetic or numeric",
        "值的第一个字符有特殊含义",
        "请用英文引号把整个值括起来",
    ),
    (r"mapping values are not allowed", "冒号或缩进写错了", "同级各项左边要对齐；值里有英文冒号的，请用英文引号把值括起来"),
    (r"quoted scalar", "引号没有配对，或用了反斜杠", "请补上另一半英文引号；不要写反斜杠"),
    (r"flow (sequence|mapping)|node content", "方括号或花括号没有配对，或两项之间少了逗号", "请补上括号或英文逗号"),
    (r"block (collection|mapping|sequence)", "缩进不齐，或引号后面还有别的字", "同级各项左边要对齐；引号要括住整个值"),
    (r"single document", "文件里有两份文档", "请删去“---”分隔线及其后的内容"),
    (r"undefined alias", "值以 * 开头", "请用英文引号把整个值括起来"),
)


@dataclass
class Document:
    """Plain data (dict, list, str, int, bool, None), the line of each path, and what was wrong with the writing."""

    name: str
    data: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Line of a path, counted from 1; of the nearest place around it where it is not in the file itself."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def complain(self, path: Path, line: int, reason: str, mend: str) -> None:
        """Note one problem at a line counted from 1."""
        self.problems.append(Problem(self.name, line, dotted(path), reason, mend))


def dotted(path: Path) -> str:
    """Write a path as operators see it: ``tiers[0].quota``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def undotted(text: str) -> Path:
    """Read such a path back."""
    return tuple(int(part[1:-1]) if part.startswith("[") else part for part in re.findall(r"\[\d+\]|[^.\[\]]+", text))


def read_document(text: str, name: str) -> Document:
    """Read YAML text. Never raises for what the text holds: what is wrong stands in ``problems``."""
    document = Document(name)
    try:
        # ruamel-yaml's compose() has no annotations of its own.
        node: Node | None = YAML(typ="safe", pure=True).compose(text.removeprefix("\ufeff"))
    except YAMLError as error:
        _complain_of_syntax(document, text, error)
        return document
    if node is None:
        document.complain((), 1, "文件是空的", "请以 config/programmes/ 里的办法为样本填写")
        return document
    document.lines[()] = node.start_mark.line + 1
    document.data = _Walk(document).value(node, ())
    return document


def _complain_of_syntax(document: Document, text: str, error: YAMLError) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        if slip := full_width_slip(line):
            return document.complain((), number, *slip)
        if line.split(" #")[0].count('"') % 2:  # the parser stumbles only at the next quote, lines below
            return document.complain((), number, "引号没有配对", "请补上另一半英文引号")
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return document.complain((), 1, "含有不能显示的控制字符", "请另存为 UTF-8 纯文本后再试")
    said = f"{error.context or ''} {error.problem or ''}"
    reason, mend = next(
        ((reason, mend) for pattern, reason, mend in _SYNTAX if re.search(pattern, said)),
        (f"YAML 写法有误（{error.problem}）", "请对照样本检查这一行和上一行"),
    )
    mark = error.context_mark if error.context_mark and "simple key" in said else error.problem_mark
    return document.complain((), mark.line + 1, reason, mend)


class _Walk:
    """Turns nodes into data, noting lines, keys given twice and references on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: Node, path: Path) -> object:
        if id(node) in self.seen:  # also stops a node that holds itself
            self.document.complain(path, self.document.line(path), "用了引用（*）", "请把内容照写一遍")
            return None
        self.seen.add(id(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.item(each, (*path, index)) for index, each in enumerate(node.value)]
        return scalar(node) if isinstance(node, ScalarNode) else None

    def item(self, node: Node, path: Path) -> object:
        self.document.lines[path] = node.start_mark.line + 1
        return self.value(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, ScalarNode) else "?"
            if key in found:
                first = self.document.lines[*path, key]
                self.document.complain((*path, key), line, f"写了两次，第{first}行已有一次", "请只留一处")
                continue
            self.document.lines[*path, key] = line
            found[key] = self.value(value_node, (*path, key))
        return found


def scalar(node: ScalarNode) -> object:
    """Read an unquoted whole number, true, false or nothing as such; everything else is text as written."""
    text = str(node.value)
    if node.style is not None:
        return text
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    return _WORDS.get(text, text)
