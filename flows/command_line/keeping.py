"""``verify``, ``export``, ``backup`` and ``restore``: that nothing is lost or changed."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from config.settings import Settings
from flows.backups import Place, back_up
from flows.backups import restore as put_back
from flows.bootstrap import App
from flows.command_line.house import opened, settings_for_looking, settings_for_reading, sqlite_file
from flows.command_line.options import ExistingFile, Force, Json, MaybeSlug, NewFile, Slug
from flows.command_line.screen import emit, finish, say
from flows.demo.databases import demo_settings
from flows.exporting import export_round
from flows.reading import find_round
from states.clock import SystemChance, SystemClock
from states.errors import HallmarkError
from states.ledger import HOUSE
from states.records import table_of
from states.replay import Report
from states.replay import verify as verify_ledger
from states.tables import Chain


def verify(slug: MaybeSlug = None, as_json: Json = False) -> None:
    """核验台账：哈希链、保护触发器、重放与各表逐项比对。[the ledger: chain, triggers and replay]

    各届相连（名册、动态码共用一条链），所以总是核验全部；写明届次时列出该届和全馆两条链的末端，可抄录备查。有不符时退出码为 1。
    JSON：{"verified", "chains", "entries", "findings", "heads": [{"chain", "entries", "head"}]}
    """
    with opened(settings_for_reading(slug)) as app:
        heads = _heads(app, slug)
        report = verify_ledger(app.house.store, app.house.vault)
    if as_json:
        emit({**_reported(report), "heads": heads})
    else:
        _say_report(report)
        for head in heads:
            say(f"  {'全馆（名册、动态码）' if head['chain'] == HOUSE else head['chain']}：{head['entries']} 条，末端 {head['head']}")
    finish(good=report.verified)


def export(
    slug: Slug,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", file_okay=False, help="写到这个文件夹。[folder to write to]")],
    full: Annotated[bool, typer.Option("--names", help="工作簿写出姓名和工作单位（个人信息，注意保管）。[names in full]")] = False,
    as_json: Json = False,
) -> None:
    """导出一届：申报情况工作簿、公示文本、台账（JSONL）、冻结的办法。[workbook, notices, ledger, frozen rules]

    工作簿中的姓名默认隐去；公示文本总是写全名。JSON：{"round", "out": [文件路径]}
    """
    with opened(settings_for_reading(slug)) as app:
        written = export_round(app, slug, out, full=full)
    if as_json:
        emit({"round": slug.strip(), "out": written})
    else:
        for path in written:
            say(str(path))


def backup(
    file: NewFile,
    with_key: Annotated[bool, typer.Option("--with-key", help="把密钥也放进备份；这样的备份须妥善保管。[the key too]")] = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """备份（可在运行中进行）：数据库放进一个文件，密钥默认不放。[copy the database, while running]

    没有密钥，备份里的个人信息打不开：请另行保管 vault.key。JSON：{"file", "made_at", "size", "with_key"}
    """
    if file.exists() and not force:
        raise HallmarkError(f"文件 {file} 已经存在；换一个文件名，或加 --force 覆盖。[the file exists]")
    settings = settings_for_looking()
    made = back_up(sqlite_file(settings), settings.key_path, file, SystemClock().now(), with_key=with_key)
    if as_json:
        emit(made)
        return
    say(f"已备份到 {made.file}（数据库 {made.size // 1024} KB）。")
    if not with_key:
        say(f"密钥不在备份里，请另行保管：{settings.key_path}")


def restore(
    file: ExistingFile,
    replace: Annotated[bool, typer.Option("--replace", help="替换现有数据库；原来的改名留存。[replace what is there]")] = False,
    even_so: Annotated[bool, typer.Option("--even-so", help="核验有不符时仍然恢复。[in spite of findings]")] = False,
    across: Annotated[
        bool, typer.Option("--across", help="演示数据与正式数据也互相替换。[the demo for a real house, or the reverse]")
    ] = False,
    as_json: Json = False,
) -> None:
    """从备份恢复：先核验备份的完整性和台账，再放回原处。[put a backup back, verified first]

    核验有不符时不放回，退出码为 1。演示的备份放回演示数据库；演示数据不替换正式数据，反之亦然，确要如此加 --across。
    JSON：{"in_place", "database", "set_aside", "made_at", "verified", "chains", "entries", "findings"}
    """
    settings = Settings()
    demo = sqlite_file(demo_settings(settings)) if settings.database_url is None else None
    place = Place(settings.folder, sqlite_file(settings), settings.key_path, demo)
    restored = put_back(file, place, SystemChance(), replace=replace, even_so=even_so, across=across)
    if as_json:
        values = {
            "in_place": restored.in_place,
            "database": restored.database,
            "set_aside": restored.set_aside,
            "made_at": restored.backup.made_at,
        }
        emit({**values, **_reported(restored.report)})
    else:
        _say_report(restored.report)
        say(f"已恢复到 {restored.database}。" if restored.in_place else "没有恢复：备份的台账与数据不符；确要恢复请加 --even-so。")
        if restored.set_aside:
            say(f"原来的数据库留存为 {restored.set_aside}")
    finish(good=restored.report.verified)


def _heads(app: App, slug: str | None) -> list[dict[str, object]]:
    chain = table_of(Chain)
    query = select(chain.c.name, chain.c.seq, chain.c.head).order_by(chain.c.name == HOUSE, chain.c.name)
    with app.house.store.read() as connection:
        if slug is not None:
            query = query.where(chain.c.name.in_([find_round(connection, slug).slug, HOUSE]))
        return [{"chain": row.name, "entries": row.seq, "head": row.head} for row in connection.execute(query)]


def _reported(report: Report) -> dict[str, object]:
    return {"verified": report.verified, "chains": report.chains, "entries": report.entries, "findings": report.findings}


def _say_report(report: Report) -> None:
    state = "核验通过" if report.verified else f"核验发现 {len(report.findings)} 处不符"
    say(f"{state}：{report.chains} 条链，{report.entries} 条记录。")
    for finding in report.findings:
        say(f"  {finding}")
