"""`complaints`: the staff's script."""

import os
import sys

import click
import typer

from admin import acts, advancing, calculating, looking, opening
from admin.exits import CommandError, Exit
from admin.printing import print_json

app = typer.Typer(
    help="Complaints: open them, act on them, see where they stand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (opening, looking, acts, calculating, advancing):
    app.add_typer(part.app)


def run(arguments: list[str]) -> Exit:
    """Do one command; say clearly what went wrong, without a traceback."""
    try:
        app(arguments, standalone_mode=False)
    except CommandError as error:
        _say(error, as_json="--json" in arguments)
        return error.code
    except click.exceptions.NoArgsIsHelpError:
        return Exit.BAD_INPUT
    except click.ClickException as error:
        error.show()
        return Exit.BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        print("stopped", file=sys.stderr)
        return Exit.FAILED
    except BrokenPipeError:
        return Exit.FAILED
    return Exit.DONE


def main() -> None:
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a Temporal client may crash the interpreter's exit, and would replace this code


def _say(error: CommandError, *, as_json: bool) -> None:
    if not error.lines:
        return
    if as_json:
        print_json({"error": list(error.lines), **error.detail})
    for line in error.lines:
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
