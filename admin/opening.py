"""`open`: complaints from files."""

import asyncio
import getpass
import json as jsonlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from complaints.records.reading import Known, find
from rich.console import Console
from rich.progress import track
from temporalio.client import Client
from temporalio.service import RPCError

from admin.exits import CommandError, Exit, bad_input
from admin.options import Json, KeyedBy
from admin.printing import out, spoken
from admin.reach import ANSWER_WITHIN, Reach, run
from complaints.clock import now
from complaints.procedure.dates import written
from complaints.procedure.policy import Policy, PolicyError
from complaints.records.engine import RecordUnreachableError, make_engine
from complaints.snapshots import load_policy
from starter.opening import FormRefusedError, Opened, ReferenceTakenError, open_complaint, read_form

app = typer.Typer()

AT_ONCE = 20


@dataclass(frozen=True)
class Given:
    """One form's text, and where it stands."""

    place: str
    text: str


@dataclass(frozen=True)
class Result:
    """What became of one form."""

    given: Given
    code: Exit
    lines: Sequence[str]
    detail: dict[str, Any]


@app.command("open", epilog="Example: complaints open examples/mixed.json")
def open_(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="JSON, or JSON Lines for many; - is standard input.")
    ],
    policy: Annotated[str | None, typer.Option(metavar="POLICY", help="Its name, or a .toml file.")] = None,
    by: KeyedBy = None,
    json: Json = False,
) -> None:
    """Open complaints from forms. The same form twice is one complaint."""
    reach = Reach.read()
    try:
        chosen = load_policy(policy or reach.settings.policy)
    except PolicyError as error:
        raise bad_input(f"--policy: {error}") from error
    forms = [form for file in files for form in _forms_in(file)]
    worst = run(_open_all(reach, forms, chosen, by or getpass.getuser(), json))
    if worst is not Exit.DONE:
        raise CommandError(worst)


def _forms_in(file: str) -> Iterator[Given]:
    """One form, or one on each line."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input(f"FILE: {file} cannot be read as text ({error})") from error
    try:
        jsonlib.loads(text)
    except ValueError:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if len(lines) > 1:
            yield from (Given(f"{file}:{number}", line) for number, line in lines)
            return
    yield Given(file, text)


async def _open_all(reach: Reach, forms: list[Given], policy: Policy, by: str, as_json: bool) -> Exit:
    client = await reach.temporal()
    known = Lookup(reach)
    worst = Exit.DONE
    try:
        progress = track(
            range(0, len(forms), AT_ONCE),
            "opening",
            console=Console(stderr=True),
            disable=len(forms) <= AT_ONCE or not sys.stderr.isatty(),
            transient=True,
        )
        for first in progress:
            opening = (_open(client, given, policy, by, known) for given in forms[first : first + AT_ONCE])
            for result in await asyncio.gather(*opening):
                _print(result, as_json)
                worst = max(worst, result.code)
    finally:
        await known.close()
    return worst


class Lookup:
    """Asks the record for a reference; while PostgreSQL is away, complaints are opened all the same."""

    def __init__(self, reach: Reach) -> None:
        url = reach.settings.database_url
        self._engine = make_engine(url, pool_size=AT_ONCE) if url else None

    async def __call__(self, reference: str) -> Known | None:
        if self._engine is None:
            return None
        try:
            return await find(self._engine, reference)
        except RecordUnreachableError:
            print("PostgreSQL cannot be reached; opening without it", file=sys.stderr)
            self._engine = None
            return None

    async def close(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()


async def _open(client: Client, given: Given, policy: Policy, by: str, known: Lookup) -> Result:
    try:
        form = read_form(given.text)
        async with asyncio.timeout(ANSWER_WITHIN):
            opened = await open_complaint(
                client, form, policy=policy, now=now(), opened_by=by, find=known, task_queue="complaints"
            )
    except FormRefusedError as error:
        return Result(given, Exit.BAD_INPUT, error.mistakes, {"mistakes": error.mistakes})
    except ReferenceTakenError as error:
        return Result(given, Exit.REFUSED, [str(error)], {"code": "reference_taken", "sentence": str(error)})
    except (RPCError, TimeoutError) as error:
        what = f"Temporal did not take it: {error or 'no answer'}; try again"
        return Result(given, Exit.UNREACHABLE, [what], {"error": what})
    return Result(given, Exit.DONE, [_told(opened)], opened.model_dump(mode="json"))


def _told(opened: Opened) -> str:
    if opened.is_new:
        return f"{opened.reference}: opened"
    if opened.closed_at and opened.closing_reason:
        return f"{opened.reference}: closed on {written(opened.closed_at.date())}, {spoken(opened.closing_reason)}"
    return f"{opened.reference}: open already"


def _print(result: Result, as_json: bool) -> None:
    if as_json:
        print(jsonlib.dumps({"file": result.given.place, **result.detail}, ensure_ascii=False))
    elif result.code is Exit.DONE:
        out.print(*result.lines)
    else:
        for line in result.lines:
            print(f"{result.given.place}: {line}", file=sys.stderr)
