"""Open complaints from forms, many at a time, and print a line for each form."""

import asyncio
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import track
from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections, call_workflow, command_errors
from admin.shared.errors import CommandError, Exit
from admin.shared.input_files import FormText
from admin.shared.output import as_json_line, humanize_code, out, print_error, printable
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy
from complaints.records.database import RecordError, make_engine
from complaints.runtime.clock import now
from starter.client.open_complaint import FormRefusedError, Opened, ReferenceTakenError, open_complaint, read_form
from starter.client.record_lookup import RecordLookup

MAX_CONCURRENT = 20


@dataclass(frozen=True)
class FormResult:
    form: FormText
    code: Exit
    lines: Sequence[str]
    detail: dict[str, Any]


async def open_forms(
    connections: Connections, forms: list[FormText], policy: Policy, by: str, *, as_json: bool
) -> Exit:
    """Open a complaint from each form, and return the highest exit code.

    Raises CommandError if Temporal is unavailable from the start.
    """
    client = await connections.temporal()
    settings = connections.context.settings
    worst = Exit.DONE
    with command_errors():
        engine = make_engine(settings.database_url, pool_size=MAX_CONCURRENT) if settings.database_url else None
    record = RecordLookup(engine, retry_seconds=math.inf, on_unavailable=_print_unavailable)
    try:
        progress = track(
            range(0, len(forms), MAX_CONCURRENT),
            "opening",
            console=Console(stderr=True),
            disable=len(forms) <= MAX_CONCURRENT or not sys.stderr.isatty(),
            transient=True,
        )
        for start in progress:
            opening = (
                _open(client, form, policy, by, record, settings.task_queue)
                for form in forms[start : start + MAX_CONCURRENT]
            )
            for result in await asyncio.gather(*opening):
                _print(result, as_json)
                worst = max(worst, result.code)
    finally:
        if engine is not None:
            await engine.dispose()
    return worst


def _print_unavailable(error: RecordError) -> None:
    print_error(f"{error}; opening without the record")


async def _open(
    client: Client, text: FormText, policy: Policy, by: str, record: RecordLookup, task_queue: str
) -> FormResult:
    try:
        opening = open_complaint(
            client,
            read_form(text.text),
            policy=policy,
            now=now(),
            opened_by=by,
            find=record.find,
            amended=record.amendments,
            task_queue=task_queue,
        )
        opened = await call_workflow(opening, "try again")
    except FormRefusedError as error:
        return FormResult(text, Exit.BAD_INPUT, error.errors, {})
    except ReferenceTakenError as error:
        sentence = str(error)
        return FormResult(text, Exit.REFUSED, [sentence], {"code": "reference_taken", "sentence": sentence})
    except CommandError as error:
        return FormResult(text, error.code, error.lines, {})
    except RPCError as error:  # NOT_FOUND: the complaint ended, and Temporal deleted it, during this call
        return FormResult(text, Exit.UNREACHABLE, [f"Temporal did not take it: {error.message}; try again"], {})
    return FormResult(text, Exit.DONE, [_describe(opened, policy)], opened.model_dump(mode="json"))


def _describe(opened: Opened, policy: Policy) -> str:
    if opened.is_new:
        return f"{opened.reference}: opened"
    if opened.closed_at and opened.closing_reason:
        closed_on = opened.closed_at.astimezone(zone(policy.time_zone)).date()
        return f"{opened.reference}: closed on {format_date(closed_on)}, {humanize_code(opened.closing_reason)}"
    return f"{opened.reference}: open already"


def _print(result: FormResult, as_json: bool) -> None:
    if as_json:
        failure = {} if result.code is Exit.DONE else {"error": list(result.lines)}
        print(as_json_line({"file": result.form.place, **failure, **result.detail}))
        return
    for line in result.lines:
        if result.code is Exit.DONE:
            out.print(printable(line))
        else:
            print_error(f"{result.form.place}: {line}")
