"""``roster``: whom the house knows, by the ids that forms and workbooks ask for."""

from config.labels import label
from flows.command_line.house import opened, settings_for_reading
from flows.command_line.options import Json, MaybeSlug
from flows.command_line.screen import emit, say, show_table
from flows.reading.roster import PartyLine
from flows.reading.roster import roster as known_parties


def roster(slug: MaybeSlug = None, as_json: Json = False) -> None:
    """名册：各方的编号、类别、名称（人名隐去）、上级、是否在任、未办的待办数。[everybody's id; persons masked]

    移交待办等要填的编号在这里查。写明届次时只数该届的待办。
    JSON：[{"id", "kind", "name", "parent", "in_office", "open_work"}]
    """
    with opened(settings_for_reading(slug)) as app:
        lines = known_parties(app, slug)
    if as_json:
        emit(lines)
    elif not lines:
        say("名册还是空的；请先导入：hallmark import roster 名册.xlsx --operator 编号")
    else:
        show_table("名册", ("编号", "类别", "名称", "上级", "备注", "未办"), map(_row, lines))


def _row(line: PartyLine) -> tuple[object, ...]:
    return line.id, label(line.kind), line.name, line.parent, "" if line.in_office else "不在任", line.open_work or ""
