"""Control the local stack: `python -m local up|down|status|logs|erase|demo`."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from complaints.runtime.exit import exit_process
from local import background_stack
from local.background_stack import DIRECTORY, Ports
from local.servers.intake import key_file
from local.servers.mail import mail_folder
from local.supervisor.roles import StackError
from local.supervisor.stack import Stack

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The embedded PostgreSQL, Temporal and mail server; a worker, the intake service.",
)


@app.command()
def up() -> None:
    """Start every process of the stack that is not running; its data is in .local."""
    ports = Ports.read(os.environ)
    started = background_stack.up(ports, tell=lambda name: typer.echo(f"{name} …"))
    typer.echo(f"Started: {', '.join(started)}." if started else "Everything runs already.")
    typer.echo(f"Temporal's web page: {ports.ui_url}    Temporal: {ports.temporal_address}")
    typer.echo(f"In clear by the codec server: export TEMPORAL_CODEC_ENDPOINT={ports.codec_url}")
    typer.echo(f"The worker: http://{ports.http_address}/readyz    http://{ports.metrics_address}/metrics")
    key = key_file(DIRECTORY)
    typer.echo(f"The intake service: {ports.intake_url}    its key, also in {key}: {key.read_text().strip()}")
    typer.echo("Act as a member of staff with --as ID, or from now on with: complaints login ID")
    typer.echo(f"Mail is kept in {mail_folder(DIRECTORY)}; see it with: complaints mail")
    typer.echo("Stop it with: make down")


@app.command()
def down() -> None:
    """Stop the stack; its data stays."""
    stopped = background_stack.down()
    typer.echo(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing runs.")


@app.command()
def erase() -> None:
    """Stop the stack and remove its data."""
    background_stack.erase()


@app.command()
def status() -> None:
    """Print what runs; exit code 1 if a process has died, 3 if none was started."""
    entries = Stack(DIRECTORY).entries()
    for entry in entries:
        typer.echo(f"{entry.name:10} process {entry.process.pid:<8} {'runs' if entry.process.alive() else 'is dead'}")
    if not entries:
        typer.echo("Nothing was started.")
        raise typer.Exit(3)
    raise typer.Exit(0 if all(entry.process.alive() for entry in entries) else 1)


@app.command()
def logs() -> None:
    """Show the last log lines; on a terminal, follow them until Ctrl-C."""
    files = sorted((DIRECTORY / "logs").glob("*.log"))
    if not files:
        raise StackError("there are no logs yet; start the stack with make up")
    follow = ["-F"] if sys.stdout.isatty() else []
    subprocess.run(["tail", "-n", "40", *follow, *map(str, files)], check=False)


@app.command()
def demo(
    everything: Annotated[bool, typer.Option("--all", help="Print every event, not only the main ones.")] = False,
) -> None:
    """Run complaints through the whole procedure, in virtual time, on a stack of its own."""
    from local.demo.run import main as run_demo  # the other commands start faster without Temporal's client

    exit_process(run_demo(everything=everything))


def main() -> None:
    try:
        app()
    except StackError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
