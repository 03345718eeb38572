"""``hallmark``: the command line. Exit status 0 done, 1 refused or findings, 2 wrong usage, 141 nobody reads on."""

import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError
from typer._click.exceptions import ClickException, NoArgsIsHelpError

from config.channel_problems import ChannelConfigError
from config.errors import ConfigError
from config.os_errors import place, why
from flows.command_line.entering import enrol, import_file, template
from flows.command_line.health import doctor
from flows.command_line.help_pages import Command, Group
from flows.command_line.keeping import backup, export, restore, verify
from flows.command_line.listing import roster
from flows.command_line.looking import board, notifications, show
from flows.command_line.previewing import preview
from flows.command_line.programmes import check, plan, simulate, workdays
from flows.command_line.screen import DONE, REFUSED, WRONG_USAGE, complain
from flows.command_line.serving import up
from flows.command_line.usage import said_of, where_to_look
from states.errors import HallmarkError

app = typer.Typer(
    name="hallmark",
    cls=Group,
    help="Hallmark：一届荣誉认定从启动到证书，谁欠什么、何时到期、依据哪一条。[runs an honour round]",
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["--help", "-h"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
READER_GONE = 128 + signal.SIGPIPE
"""The status of tools whose reader has closed the pipe."""

# A negative number of days is no option.
_NEGATIVE = {"ignore_unknown_options": True}

app.command("up", cls=Command)(up)
app.command("check", cls=Command)(check)
app.command("simulate", cls=Command)(simulate)
app.command("plan", cls=Command)(plan)
app.command("template", cls=Command)(template)
app.command("import", cls=Command)(import_file)
app.command("enrol", cls=Command)(enrol)
app.command("board", cls=Command)(board)
app.command("show", cls=Command)(show)
app.command("roster", cls=Command)(roster)
app.command("verify", cls=Command)(verify)
app.command("notifications", cls=Command)(notifications)
app.command("preview", cls=Command)(preview)
app.command("workdays", cls=Command, context_settings=_NEGATIVE)(workdays)
app.command("export", cls=Command)(export)
app.command("doctor", cls=Command)(doctor)
app.command("backup", cls=Command)(backup)
app.command("restore", cls=Command)(restore)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"hallmark {version('hallmark')}")
        raise typer.Exit(DONE)


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="版本。[version]")] = False,
) -> None:
    """Take the options of ``hallmark`` itself."""
    del version


def _commands() -> list[str]:
    return [command.name for command in app.registered_commands if command.name]


def run(arguments: Sequence[str]) -> int:
    """Carry out one command line and give its exit status; whatever went wrong is one sentence on stderr."""
    try:
        return _carry_out(arguments)
    except NoArgsIsHelpError as error:
        complain(error.format_message())
        return WRONG_USAGE
    except ClickException as error:
        said = said_of(error, _commands())
        complain(f"用法有误：{said}{'' if said.endswith('？') else '；'}用法见 {where_to_look(arguments, _commands())}。[wrong usage]")
        return WRONG_USAGE
    except (HallmarkError, ConfigError, ChannelConfigError) as error:
        complain(str(error))
        return REFUSED
    except OSError as error:
        complain(f"文件不能读写：{place(error) or '输出'}（{why(error)}）；请检查路径、权限和磁盘空间。")
        return REFUSED
    except SQLAlchemyError as error:
        complain(f"数据库不能使用（{type(error).__name__}）：请运行 hallmark doctor 查看原因。[the database cannot be used]")
        return REFUSED


def _carry_out(arguments: Sequence[str]) -> int:
    try:
        status = app(list(arguments), prog_name="hallmark", standalone_mode=False)
    except SystemExit as error:
        # The parser meets a reader who has gone (``| head``) by itself, with the status of a refusal.
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        return READER_GONE
    return status if isinstance(status, int) else DONE


def main() -> None:
    """Run ``hallmark`` with the arguments of this process."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
