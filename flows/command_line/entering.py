"""``template``, ``import`` and ``enrol``: what goes into the house from this machine's own files."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from config.loader import find_programme, known_programmes, load_programme
from config.programme import Programme
from config.vocabulary import RECOMMENDING_KINDS
from flows.bootstrap import App
from flows.command_line.house import opened, settings_for_reading, settings_for_writing
from flows.command_line.options import Code, ExistingFile, Force, HouseOrRound, Json, NewFile, Operator, Received, RoundOption
from flows.command_line.screen import emit, finish, say
from flows.importing import Imported, ImportKind, Signed, import_workbook
from flows.reading import find_round
from flows.reading.rounds import NotFound, running_rounds
from flows.service.refreshing import ask_for_boards
from flows.workbooks import KINDS, near_workbooks, workbook_named, write_template
from states.commands.signing import EnrolSigner, provisioning_uri
from states.errors import HallmarkError
from states.frozen import frozen_programme
from states.house import Envelope
from states.records import Records
from states.tables import Party

_KINDS = "、".join(f"{kind}（{workbook.title}）" for kind, workbook in KINDS.items())
_ID_BYTES = 16


def _import_kind(text: str) -> ImportKind:
    kind = workbook_named(text)
    if kind in tuple(ImportKind):
        return ImportKind(kind)
    if kind is not None:
        raise typer.BadParameter(f"{KINDS[kind].title}不由命令行导入：请放进收件夹 inbox，在看板的业务清单里办")
    raise typer.BadParameter(f"'{text}' is not one of {', '.join(map(repr, map(str, ImportKind)))}")


def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"工作簿种类，编号或名称都可以：{_KINDS}。[kind of workbook]")],
    file: NewFile,
    slug: RoundOption = None,
    programme: Annotated[
        str | None, typer.Option("--programme", metavar="PROGRAMME", help="评分表按哪个办法的评分标准。[rubric of the score sheet]")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """写一份空白工作簿：下拉列表、填写说明和示例行。[an empty workbook with drop-downs, notes and an example]

    写明 --round 时，评分表用该届的评分标准，推荐汇总表列出名册中的推荐单位，联审意见列出联审事项。JSON：{"kind", "file"}
    """
    kind = _kind(kind)
    _refuse_other_files(file)
    _refuse_overwriting(file, force=force)
    rules, units = _context(slug, programme) if slug or kind == "scores" else (None, [])
    clearances = [rule.title for rule in rules.clearances] if rules else []
    write_template(kind, file, rubric=rules.review.rubric if rules else (), units=units, clearances=clearances)
    if as_json:
        emit({"kind": kind, "file": file})
    else:
        say(f"已写出 {file}：红字的列必填，写着“示例”的一行不会导入。")


def import_file(
    kind: Annotated[
        ImportKind,
        typer.Argument(
            metavar="nominations|roster|scores",
            parser=_import_kind,
            help="推荐汇总表、名册或评分表；编号或名称都可以。[kind of workbook]",
        ),
    ],
    file: ExistingFile,
    operator: Operator,
    slug: HouseOrRound = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不录入。[check only]")] = False,
    received: Received = None,
    code: Code = "",
    again: Annotated[bool, typer.Option("--again", help="十分钟内再次导入同样内容。[really once more]")] = False,
    as_json: Json = False,
) -> None:
    """导入工作簿：好的行录入，有误的行标注后退回 outbox；名册有误则整册不录。[good rows in, bad ones come back marked]

    有退回的行时退出码为 1。JSON：{"kind", "file", "applied", "summary", "entered", "skipped", "problems", "warnings", "marked_copy"}
    """
    if slug is None and kind is not ImportKind.ROSTER:
        raise typer.BadParameter("导入推荐汇总表和评分表须写明届次", param_hint="--round")
    if received and kind is not ImportKind.NOMINATIONS:
        raise typer.BadParameter("只有推荐汇总表写收到日期", param_hint="--received")
    with opened(settings_for_writing(slug)) as app:
        imported = import_workbook(app, kind, file, (slug or "").strip(), Signed(operator, code, again, received), dry_run=dry_run)
        boards = _boards(app) if imported.applied else []
    if as_json:
        emit(imported)
    else:
        _say_imported(imported, dry_run=dry_run)
        for line in boards:
            say(line)
    finish(good=not imported.problems)


def enrol(
    signer: Annotated[str, typer.Argument(metavar="OPERATOR", help="要登记动态码的经办人编号。[operator who will sign]")],
    operator: Operator,
    slug: HouseOrRound = None,
    code: Code = "",
    as_json: Json = False,
) -> None:
    """为经办人登记动态码；输出的地址只给本人扫入验证器，勿留存。[enrol an operator's authenticator]

    重新登记后旧的动态码即失效。有要求签名的届次在办时，须附已登记者的动态码（首位登记者除外）。JSON：{"operator", "uri"}
    """
    with opened(settings_for_writing(slug)) as app:
        command = EnrolSigner(operator=operator, signer=signer, code=SecretStr(code), again=True)
        envelope = Envelope(f"cli-{app.house.chance.token(_ID_BYTES).hex()}", app.house.clock.now())
        summary = app.house.execute(command, envelope).outcome.summary
        uri = provisioning_uri(app.house, signer)
    if as_json:
        emit({"operator": signer, "uri": uri})
    else:
        say(f"{summary}。请本人把下面的地址加入验证器（含密钥，勿外传）：")
        say(uri)


def _kind(text: str) -> str:
    found = workbook_named(text)
    if found is None:
        near = near_workbooks(text)
        raise NotFound(f"没有工作簿种类“{text}”；{'最接近的是' if len(near) < len(KINDS) else '现有：'}{'、'.join(near)}。", near)
    return found


def _refuse_other_files(file: Path) -> None:
    if file.suffix.lower() != ".xlsx":
        raise typer.BadParameter(f"工作簿只写成 .xlsx 文件：请把“{file.name}”改为“{file.with_suffix('.xlsx').name}”", param_hint="FILE")


def _refuse_overwriting(file: Path, *, force: bool) -> None:
    if file.exists() and not force:
        raise HallmarkError(f"文件 {file} 已经存在；换一个文件名，或加 --force 覆盖。[the file exists]")


def _context(slug: str | None, programme: str | None) -> tuple[Programme, list[str]]:
    """Give the rules that a template follows, and the recommending units of the roster where a round is named."""
    if slug is None:
        return load_programme(find_programme(programme or known_programmes()[0])), []
    with opened(settings_for_reading(slug)) as app, app.house.store.read() as connection:
        rules = frozen_programme(find_round(connection, slug).rules)
        units = Records(connection).where(Party, kind=[kind.value for kind in RECOMMENDING_KINDS])
        return rules, _in_office(app, rules, units)


def _in_office(app: App, rules: Programme, units: list[Party]) -> list[str]:
    today = app.house.calendar(rules.zone).local(app.house.clock.now()).date()
    return [unit.name for unit in units if (unit.valid_from or today) <= today <= (unit.valid_to or today)]


def _boards(app: App) -> list[str]:
    """Have the boards written anew, and say so, or when they will be; nothing where no round has one."""
    with app.house.store.read() as connection:
        running = running_rounds(connection)
    if not running:
        return []
    if ask_for_boards(app.settings):
        return ["已请服务刷新看板，一会儿就能看到。"]
    return ["看板还没有刷新（没有连上服务）：服务在运行时，下一次到期处理（每小时一次）自动刷新。"]


def _say_imported(imported: Imported, *, dry_run: bool) -> None:
    say(f"{'只检查，未录入。' if dry_run else ''}{imported.summary}")
    for title, lines in (("略过", imported.skipped), ("提醒", imported.warnings), ("有误", imported.problems)):
        for line in lines:
            say(f"  {title} {line}")
    if imported.marked_copy:
        say(f"标注了错误的副本：{imported.marked_copy}")
