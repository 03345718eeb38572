"""``up``: the whole service on this machine."""

from typing import Annotated

import typer

from config.settings import Settings
from flows.bootstrap import build
from flows.command_line.house import absolute_url, demo_settings

Demo = Annotated[
    bool, typer.Option("--demo", help="开一届演示：真实办法、虚拟候选人、单独的数据库。[a demo round, in a database of its own]")
]
Host = Annotated[str, typer.Option("--host", help="监听地址；0.0.0.0 为对局域网开放。[address to listen on]")]
Port = Annotated[int, typer.Option("--port", help="端口。[port]")]


def up(demo: Demo = False, host: Host = "127.0.0.1", port: Port = 4200) -> None:
    """启动 Prefect 服务、worker 和全部部署，给出看板地址；Ctrl-C 依次停止。[start everything on this machine]

    不能启动时退出码为 2，什么也没有启动。
    """
    from flows.up import run_up

    settings = demo_settings(Settings()) if demo else Settings()
    variables = {"HALLMARK_DATABASE_URL": absolute_url(settings)} if settings.database_url else {}
    raise typer.Exit(
        run_up(
            home=settings.folder,
            host=host,
            port=port,
            demo=(lambda: _open_demo(settings)) if demo else None,
            prepare=lambda: _prepare(settings, demo=demo),
            variables=variables,
        )
    )


def _prepare(settings: Settings, *, demo: bool) -> None:
    """Open the house once before anything starts: what is wrong with it shows now, and its schema is brought up to date."""
    from flows.demo import refuse_real_rounds

    if demo:
        refuse_real_rounds(settings)
    build(settings).house.store.dispose()


def _open_demo(settings: Settings) -> str:
    from flows.demo import open_demo

    app = build(settings)
    try:
        return open_demo(app)
    finally:
        app.house.store.dispose()
