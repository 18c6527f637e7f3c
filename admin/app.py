"""All commands of the staff's script, and what is said when one fails."""

import typer

from admin.acts import cli as acts
from admin.calendar import calculate, recalendar_cli
from admin.calendar import cli as calendars
from admin.intake import cli as opening
from admin.letters import cli as letters
from admin.local_stack import advance_cli, mail
from admin.lookup import cli as looking
from admin.policy import cli as policies
from admin.reports import cli as reporting
from admin.retention import cli as keeping
from admin.shared.errors import CommandError, Exit
from admin.shared.output import print_error, print_json
from admin.staff import cli as staff
from admin.staff import reassign_cli
from admin.systems import cli as systems

INTERRUPTED = 130
"""What typer answers after Ctrl-C."""

app = typer.Typer(
    help="Complaints: open them, act on them, see where they stand.",
    epilog="Start with: complaints open FILE, then complaints show REF. Each command has a --help with an example.\n\n"
    "Exit codes: 0 done; 2 bad input; 3 refused; 4 Temporal or PostgreSQL out of reach; 1 anything else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
PARTS = (
    opening,
    acts,
    reassign_cli,
    staff,
    systems,
    looking,
    letters,
    calculate,
    reporting,
    keeping,
    calendars,
    recalendar_cli,
    policies,
    advance_cli,
    mail,
)
for part in PARTS:
    app.add_typer(part.app)


def run(arguments: list[str]) -> Exit:
    """Do one command; say clearly what went wrong, without a traceback."""
    as_json = "--json" in arguments
    try:
        answer = app(arguments, standalone_mode=False)
    except CommandError as error:
        return _failed(error, as_json)
    except typer.TyperException as error:  # an option that there is not, an argument that is missing
        lines = error.format_message().splitlines()
        return _failed(CommandError(Exit.BAD_INPUT, *lines), as_json)
    except SystemExit:  # typer's answer to a reader that has gone, as `head` does
        return Exit.FAILED
    except OSError as error:  # such as a full disk under standard output
        return _failed(CommandError(Exit.FAILED, str(error)), as_json)
    except Exception as error:  # noqa: BLE001 (a fault of ours; a traceback helps nobody at a desk)
        return _failed(CommandError(Exit.FAILED, f"this should not happen: {type(error).__name__}: {error}"), as_json)
    if answer == INTERRUPTED:
        return _failed(CommandError(Exit.FAILED, "stopped"), as_json)
    return Exit.DONE


def _failed(error: CommandError, as_json: bool) -> Exit:
    if error.lines and as_json:
        print_json({"error": list(error.lines), **error.detail})
    for line in error.lines:
        print_error(line)
    return error.code
