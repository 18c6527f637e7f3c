"""All commands of the staff command line, and how errors become messages and exit codes."""

from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from admin.command_index import COMMANDS
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.options import flag
from admin.shared.output import print_error, print_json
from admin.shared.pager import turn_off
from admin.shared.usage_errors import rewrite_usage_error

NO_PAGER = "--no-pager"
INTERRUPTED = 130
"""The result of a Typer command after Ctrl-C."""


class CommandGroup(TyperGroup):
    """All commands; it imports only the one that runs."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = {
            each.name: TyperCommand(each.name, help=each.help, rich_help_panel=each.panel) for each in COMMANDS
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, listed, rest = super().resolve_command(ctx, args)
        return name, listed and name and load_command(name), rest


def load_command(name: str) -> Any:
    [module] = [each.module for each in COMMANDS if each.name == name]
    return typer.main.get_group(import_module(module).app).commands[name]


app = typer.Typer(
    cls=CommandGroup,
    help="Open complaints, act on them, and see their deadlines.",
    epilog="Start with: complaints open FILE, then complaints show REF. Each command has a --help with an example.\n\n"
    "Exit codes: 0 done; 2 bad input; 3 refused; 4 Temporal or PostgreSQL unavailable; 1 anything else.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib.metadata import version

        typer.echo(f"complaints {version('complaints')}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool,
        typer.Option("--version", metavar="", help="Print the version.", callback=_print_version, is_eager=True),
    ] = False,
    no_pager: Annotated[bool, flag("Print without a pager. PAGER says which one; else less -FRX.", NO_PAGER)] = False,
) -> None:
    if no_pager:
        turn_off()


def run(arguments: list[str]) -> Exit:
    """Run one command. An error is printed in one or more lines, without a traceback."""
    as_json = "--json" in arguments
    if NO_PAGER in arguments:  # git takes it before the command only; here any place will do
        arguments = [NO_PAGER, *(argument for argument in arguments if argument != NO_PAGER)]
    try:
        result = app(arguments, standalone_mode=False)
    except CommandError as error:
        return _failed(error, as_json)
    except typer.TyperException as error:  # an unknown option, or a missing argument
        return _failed(bad_input(*rewrite_usage_error(error.format_message())), as_json)
    except SystemExit as exit_:  # of tab completion; or the reader of a pipe, such as `head`, has gone
        return Exit.FAILED if exit_.code else Exit.DONE
    except OSError as error:  # such as a full disk under standard output
        return _failed(CommandError(Exit.FAILED, error.strerror or str(error)), as_json)
    except ModuleNotFoundError as error:  # `advance` moves a clock in Temporal
        line = f"this command needs the package {error.name}; install complaints[server]"
        return _failed(CommandError(Exit.FAILED, line), as_json)
    except Exception as error:  # noqa: BLE001 (the user gets a line that they can report)
        line = f"internal error: {type(error).__name__}: {error}; please report it"
        return _failed(CommandError(Exit.FAILED, line), as_json)
    if result == INTERRUPTED:
        return _failed(CommandError(Exit.FAILED, "stopped"), as_json)
    return Exit.DONE


def _failed(error: CommandError, as_json: bool) -> Exit:
    if error.lines and as_json:
        with suppress(OSError):  # a full disk under standard output
            print_json({"error": list(error.lines), **error.detail})
    for line in error.lines:
        print_error(line)
    return error.code
