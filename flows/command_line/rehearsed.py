"""What ``simulate`` says of a whole round: in sentences, where no program reads it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from config.labels import label
from config.vocabulary import NominationState
from flows.command_line.screen import say
from flows.workbooks import returned_name


def say_simulation(result: Mapping[str, Any], source: Path | None, out: Path | None) -> None:
    """Say what a round came to, and what was written into ``out``; ``source`` is the workbook that its candidates came from."""
    say(f"{result['round']}：{_time(result['opened_at'])} 启动，{_time(result['closed_at'])} 结束，申报 {result['nominations']} 份")
    if source and result["refused"]:
        say(f"退回 {result['refused']} 行，没有录入：{_where(source, result['out'], out)}")
    say(f"结果：{'，'.join(f'{label(NominationState(state))} {count}' for state, count in result['states'].items()) or '没有申报'}")
    post, ledger = result["notifications"], result["ledger"]
    say(f"送达 {post['sent']} 条，被拒收 {post['failed']} 条，结果不明 {post['unknown']} 条")
    say(f"办理 {result['transitions']} 步，催办 {result['reminders']} 次，升级 {result['escalations']} 次")
    say(f"台账 {ledger['entries']} 条，{'核验通过' if ledger['verified'] else '核验有不符'}")
    if result["out"]:
        say(f"写进了 {out}：")
    for name in result["out"]:
        say(f"  {name}")


def _time(instant: str | None) -> str:
    return f"{datetime.fromisoformat(instant):%Y-%m-%d %H:%M}" if instant else "没有"


def _where(source: Path, written: list[str], out: Path | None) -> str:
    """Say where the rows that were refused can be seen."""
    if out and returned_name(source) in written:
        return f"标注了错误的副本是 {out / returned_name(source)}"
    return "原因见上" if out else "原因见上；加 --out 文件夹，另写一份标注了错误的副本"
