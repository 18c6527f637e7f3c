"""Run the demo: start a stack, play the stories, and leave nothing running."""

import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text
from temporalio.service import RPCError

from complaints.encryption.key_ring import open_key_ring
from complaints.policies.loader import load_policy
from complaints.records.database import RecordError
from complaints.runtime.clock import monotonic
from complaints.settings import Settings
from complaints.temporal.calls import NoAnswerError
from complaints.temporal.client import TemporalUnreachableError
from local.demo.narration import Narrator
from local.demo.runner import perform
from local.demo.signals import StoppedError, Stopping
from local.demo.stories import STORIES
from local.demo.story import START, Story, StoryOutcome
from local.ephemeral_stack import EphemeralMail, EphemeralStack, ephemeral_mail, ephemeral_stack
from local.servers.channels import channels
from local.servers.worker import worker
from local.supervisor.roles import Role, StackError
from local.supervisor.stack import Stack

COLUMNS = 100
AS_WRITTEN, FAILED, STOPPED = 0, 1, 130

OWN_SETTINGS = ("TEMPORAL_ADDRESS", "COMPLAINTS_DATABASE_URL", "COMPLAINTS_READY_FILE", "COMPLAINTS_LOCAL")


def main(stories: Sequence[Story] = STORIES, *, everything: bool = False) -> int:
    """Return the exit code: 0 if every story ended as written, 1 if not, 130 when interrupted."""
    console = Console(highlight=False)
    console = Console(highlight=False, width=min(console.width, COLUMNS) if console.is_terminal else COLUMNS)
    stopping = Stopping()
    try:
        return _main(console, stories, stopping, everything=everything)
    except (StoppedError, Exception) as error:
        if stopping.is_asked:  # whatever the call says that was interrupted
            console.print("\nStopped.")
            return STOPPED
        if isinstance(error, StackError | TemporalUnreachableError | NoAnswerError | RPCError | RecordError):
            console.print(Text(f"Error: {error}", style="bold red"))
            return FAILED
        raise


def exit_code(outcomes: Sequence[StoryOutcome]) -> int:
    return FAILED if any(outcome.differences for outcome in outcomes) else AS_WRITTEN


def _main(console: Console, stories: Sequence[Story], stopping: Stopping, *, everything: bool) -> int:
    begun = monotonic()
    console.print("Starting PostgreSQL, Temporal and a mail server …")
    with ephemeral_stack(page=True) as stack, ephemeral_mail() as mail:
        console.print("Migrating the database and starting a worker …")
        Stack(stack.directory).start([_worker(stack, mail)])
        console.print(f"Ready after {monotonic() - begun:.0f} s. Temporal's web page: [bold]{stack.ui_url}[/]")
        console.print(
            f"\n{len(stories)} complaints come in on {START:%A} {START.day} {START:%B %Y}, a week before Christmas. "
            "Each lives in virtual time, through the same code, servers and records as a real one. "
            "A line says when, which complaint, who acted (or which rule), and what happened."
        )
        narrator = Narrator(console, load_policy(), everything=everything)
        outcomes = stopping.run(_perform(stories, stack, narrator, mail.folder))
        narrator.end(outcomes)
        if console.is_terminal:
            _stay(console, stack)
    return exit_code(outcomes)


async def _perform(
    stories: Sequence[Story], stack: EphemeralStack, narrator: Narrator, mail: Path
) -> list[StoryOutcome]:
    async with open_key_ring(Settings.read(stack.key_settings)) as keys:
        return await perform(
            stories,
            temporal_address=stack.temporal_address,
            database_url=stack.database_url,
            keys=keys,
            narrator=narrator,
            mail=mail,
        )


def _stay(console: Console, stack: EphemeralStack) -> None:
    """Wait for Ctrl-C, so that the complaints can be looked at."""
    console.print(f"\nSee one here: TEMPORAL_ADDRESS={stack.temporal_address} .venv/bin/complaints show C-1008")
    console.print("The servers run until you press Ctrl-C. See all complaints on Temporal's web page:")
    console.print(f"[bold]{stack.ui_url}/namespaces/default/workflows[/]")
    try:
        signal.pause()
    except StoppedError:
        console.print("\nStopping …")


def _worker(stack: EphemeralStack, mail: EphemeralMail) -> Role:
    """Return the real worker's role, without settings of the caller's own servers."""
    leaves_by = channels(mail.url, stack.directory / "post", mail.folder)
    role = worker(
        stack.directory,
        temporal_address=stack.temporal_address,
        database_url=stack.database_url,
        keys=stack.key_settings,
        channels=leaves_by,
    )
    own = {*OWN_SETTINGS, *stack.key_settings, *leaves_by}
    foreign = [name for name in role.env if name.startswith(("TEMPORAL_", "COMPLAINTS_")) and name not in own]
    return replace(role, env={name: value for name, value in role.env.items() if name not in foreign})
