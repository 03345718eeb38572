"""``up``: the whole service on this machine."""

from contextlib import suppress
from typing import Annotated

import typer

from config.settings import Settings
from config.vocabulary import AlarmCause
from flows.command_line.called import as_called
from flows.command_line.house import absolute_url, opened
from flows.demo import demo_settings, open_demo, refuse_real_rounds, stage_demo
from notifiers.spares import spare_problems
from states.clock import SystemClock
from states.errors import HallmarkError

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
    status = run_up(
        home=settings.folder,
        host=host,
        port=port,
        demo=lambda: _welcome(settings, demo=demo),
        prepare=lambda: _prepare(settings, demo=demo),
        name=_name_runs,
        watch=lambda address: _watch(settings, address),
        fallen=lambda why, address: _tell_failure(_known_at(settings, address), why),
        variables=_variables(settings),
    )
    raise typer.Exit(status)


def _variables(settings: Settings) -> dict[str, str]:
    """Give what the flows must know of these settings; they run in another folder."""
    database = {"HALLMARK_DATABASE_URL": absolute_url(settings)} if settings.database_url else {}
    return database | ({"HALLMARK_CHANNELS": str(settings.channels.absolute())} if settings.channels else {})


def _name_runs() -> None:
    """Give the runs that stand ahead their names soon after the start."""
    from flows.run_names import name_at_start

    name_at_start()


def _watch(settings: Settings, address: str) -> None:
    """Tell the operators and the boards when the clock stands still, whatever has become of the worker."""
    from flows.watching import watch_clock

    watch_clock(_known_at(settings, address), SystemClock())


def _known_at(settings: Settings, address: str) -> Settings:
    """Give the settings with the dashboard's address, unless they name the one by which operators reach it."""
    return settings if "public_url" in settings.model_fields_set else settings.model_copy(update={"public_url": address})


def _tell_failure(settings: Settings, why: str) -> None:
    """Alarm the operators of a service that has failed; raises nothing, the screen has said it."""
    from flows.alarming import sound

    with suppress(Exception):  # whatever keeps the alarm back may be what ended the service
        sound(settings, SystemClock(), AlarmCause.SERVICE_FAILED, why)


def _prepare(settings: Settings, *, demo: bool) -> None:
    """Open the house before anything starts: what is wrong with it shows now, and its schema is brought up to date.

    The demo is staged here, while no flow can work on its database.
    """
    if demo:
        refuse_real_rounds(settings)
    with opened(settings) as app:
        if demo:
            stage_demo(app)
        elif wrong := spare_problems(settings.alerts, app.channels):
            raise HallmarkError("；".join(wrong))


def _welcome(settings: Settings, *, demo: bool) -> str:
    """Say where messages go, and open the demo round where one is asked for."""
    with opened(settings) as app:
        folder = app.settings.outbox / "mail"
        if demo:
            return f"{open_demo(app, as_called())}\n消息：演示不向任何人发送（HALLMARK_CHANNELS 也不用），都写成文件放在 {folder}（夜间按办法不发送）"
        if app.channels.only_files:
            return f"消息：没有配置渠道，写成文件放在 {folder}（夜间按办法不发送）"
        return f"消息：经 {'、'.join(app.channels.names)} 送出"
