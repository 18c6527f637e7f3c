"""Opens complaints, many at a time, and says what became of each form."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections
from admin.shared.errors import Exit
from admin.shared.input_files import FormText
from admin.shared.output import as_json_line, humanize_code, out, print_error, printable
from complaints.calendars.amendments import Amendment
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import amendments_of
from complaints.records.database import RecordError, make_engine
from complaints.records.queries import RecordedComplaint, find
from complaints.runtime.clock import now
from complaints.temporal.calls import ANSWER_TIMEOUT_SECONDS
from starter.client.open_complaint import FormRefusedError, Opened, ReferenceTakenError, open_complaint, read_form

MAX_CONCURRENT = 20

T = TypeVar("T")


@dataclass(frozen=True)
class FormResult:
    """What became of one form."""

    given: FormText
    code: Exit
    lines: Sequence[str]
    detail: dict[str, Any]


async def open_forms(reach: Connections, forms: list[FormText], policy: Policy, by: str, *, as_json: bool) -> Exit:
    """The worst that became of any. Raises CommandError when Temporal is out of reach from the start."""
    client = await reach.temporal()
    settings = reach.context.settings
    known = RecordLookup(settings.database_url)
    worst = Exit.DONE
    try:
        progress = track(
            range(0, len(forms), MAX_CONCURRENT),
            "opening",
            console=Console(stderr=True),
            disable=len(forms) <= MAX_CONCURRENT or not sys.stderr.isatty(),
            transient=True,
        )
        for first in progress:
            opening = (
                _open(client, given, policy, by, known, settings.task_queue)
                for given in forms[first : first + MAX_CONCURRENT]
            )
            for result in await asyncio.gather(*opening):
                _print(result, as_json)
                worst = max(worst, result.code)
    finally:
        await known.close()
    return worst


class RecordLookup:
    """Asks the record for a reference and for what bank holidays lack, the latter once.

    While PostgreSQL is away, complaints are opened all the same; the daily look at calendars sees what they lack.
    """

    def __init__(self, url: str | None) -> None:
        self._engine = make_engine(url, pool_size=MAX_CONCURRENT) if url else None
        self._is_away = self._engine is None
        self._amendments: dict[str, Sequence[Amendment]] = {}

    async def __call__(self, reference: str) -> RecordedComplaint | None:
        return await self._asked(partial(find, reference=reference))

    async def amended(self, region: str) -> Sequence[Amendment]:
        if region not in self._amendments:
            self._amendments[region] = await self._asked(partial(amendments_of, region=region)) or ()
        return self._amendments[region]

    async def _asked(self, ask: Callable[[AsyncEngine], Awaitable[T]]) -> T | None:
        """None: PostgreSQL is away."""
        if self._engine is None or self._is_away:
            return None
        try:
            return await ask(self._engine)
        except RecordError as error:
            if not self._is_away:
                print_error(f"{error}; opening without the record")
            self._is_away = True
            return None

    async def close(self) -> None:
        if self._engine is not None:
            await self._engine.dispose()


async def _open(
    client: Client, given: FormText, policy: Policy, by: str, known: RecordLookup, task_queue: str
) -> FormResult:
    try:
        form = read_form(given.text)
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
            opened = await open_complaint(
                client,
                form,
                policy=policy,
                now=now(),
                opened_by=by,
                find=known,
                amended=known.amended,
                task_queue=task_queue,
            )
    except FormRefusedError as error:
        return FormResult(given, Exit.BAD_INPUT, error.errors, {})
    except ReferenceTakenError as error:
        sentence = str(error)
        return FormResult(given, Exit.REFUSED, [sentence], {"code": "reference_taken", "sentence": sentence})
    except (RPCError, TimeoutError) as error:
        what = f"Temporal did not take it: {str(error) or 'no answer'}; try again"
        return FormResult(given, Exit.UNREACHABLE, [what], {})
    return FormResult(given, Exit.DONE, [_told(opened, policy)], opened.model_dump(mode="json"))


def _told(opened: Opened, policy: Policy) -> str:
    if opened.is_new:
        return f"{opened.reference}: opened"
    if opened.closed_at and opened.closing_reason:
        closed_on = opened.closed_at.astimezone(zone(policy.time_zone)).date()
        return f"{opened.reference}: closed on {format_date(closed_on)}, {humanize_code(opened.closing_reason)}"
    return f"{opened.reference}: open already"


def _print(result: FormResult, as_json: bool) -> None:
    if as_json:
        failure = {} if result.code is Exit.DONE else {"error": list(result.lines)}
        print(as_json_line({"file": result.given.place, **failure, **result.detail}))
        return
    for line in result.lines:
        if result.code is Exit.DONE:
            out.print(printable(line))
        else:
            print_error(f"{result.given.place}: {line}")
