"""Say what became of a system's complaints, in the order of recording."""

import asyncio
import base64
import binascii
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import Scope
from complaints.procedure.complaint import Complaint
from complaints.procedure.field_types import REFERENCE_PATTERN, InputModel
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.available_acts import available_acts
from complaints.procedure.views.views import ComplaintView
from complaints.records import queries
from complaints.records.callers import changes
from complaints.records.callers.changes import Change, Position
from complaints.runtime.clock import now
from starter.api.act_bodies import SYSTEM_ACTS
from starter.api.auth.key_cache import Caller
from starter.api.problems import ProblemError, invalid_fields, translate_errors
from starter.api.responses import StatusView, status_of
from starter.service.polling import MAX_WAIT_SECONDS, poll

MAX_CHANGES, DEFAULT_CHANGES = 500, 100
_CURSOR = re.compile(rf"([0-9]{{1,18}})\.([0-9]{{1,9}})\.({REFERENCE_PATTERN})")
START = "start"
"""The cursor of the beginning."""
INTERVAL_SECONDS = 1.0
"""Between two readings of the record for a caller who waits."""


class ProgressRequest(InputModel):
    """From where to read the changes."""

    changed_since: str | None = None
    """The `cursor` of the answer before; without it, from the beginning."""
    wait: Annotated[float, Field(ge=0, le=MAX_WAIT_SECONDS, allow_inf_nan=False)] = 0
    """Seconds to wait for a change, if there is none."""
    limit: Annotated[int, Field(ge=1, le=MAX_CHANGES)] = DEFAULT_CHANGES
    """At most so many changes."""


class ChangeView(BaseModel):
    """Something that became of a complaint. `reference` and `sequence` name it for good."""

    reference: str
    sequence: int
    change: str
    """Such as `acknowledge`, `reply`, `tier_reached`, `window_ended` or `closed`: the kind of its event."""
    tier: str | None
    """Where it happened; of `tier_reached`, the tier that the complaint has come to."""
    at: datetime
    """The instant, by the complaint's clock."""


class ProgressView(StatusView):
    """A complaint as it is now."""

    may_do: list[str]
    """The acts that a system may send now, by name."""


class ChangesPage(BaseModel):
    """Changes in the order of recording, and the complaints that they concern."""

    changes: list[ChangeView]
    complaints: list[ProgressView]
    cursor: str
    """For `changed_since` of the next request."""
    more: bool
    """Whether there may be more already."""


class Progress:
    """Read the changes of a system's complaints. Expected failures are raised as ProblemError."""

    def __init__(self, engine: AsyncEngine, stopping: asyncio.Event) -> None:
        self._engine = engine
        self._stopping = stopping

    async def since(self, request: ProgressRequest, caller: Caller) -> ChangesPage:
        """Return a page of changes, and wait for one if there is none. Raises ProblemError."""
        opened_by = None if Scope.ALL in caller.scopes else caller.name
        position = _read_cursor(request.changed_since)
        with translate_errors():
            if position and not await changes.has_position(self._engine, position, opened_by):
                raise _unknown_cursor()
            found, more = await poll(
                lambda: self._read(position, request.limit, opened_by),
                lambda read: bool(read[0] or read[1]),
                wait_seconds=request.wait,
                interval_seconds=INTERVAL_SECONDS,
                stopping=self._stopping,
            )
            states = await queries.read_last_states(self._engine, {change.reference for change in found})
        return ChangesPage(
            changes=[_change(each) for each in found],
            complaints=await _complaints(states, found),
            cursor=_cursor(found[-1].position if found else position),
            more=more,
        )

    async def _read(self, after: Position | None, limit: int, opened_by: str | None) -> tuple[Sequence[Change], bool]:
        """Read changes, and whether there may be more."""
        is_numbered = not await changes.number_changes(self._engine)
        found = await changes.list_changes(self._engine, after, limit, opened_by)
        return found, len(found) == limit or not is_numbered


async def _complaints(states: Collection[ComplaintState], found: Sequence[Change]) -> list[ProgressView]:
    """Build the complaints' views in the order of their first change."""
    by_reference, real = {state.reference: state for state in states}, now()
    views = {change.reference: ComplaintView.model_validate(change.view) for change in found}
    result = []
    for reference, view in views.items():
        state = by_reference[reference]
        acts = available_acts(Complaint(state), max(real, state.events[-1].at), kinds=SYSTEM_ACTS)
        status = status_of(view, None).model_dump(exclude={"findings"})
        result.append(ProgressView(**status, may_do=[each.act.name for each in acts]))
        await asyncio.sleep(0)  # other requests go on
    return result


def _change(change: Change) -> ChangeView:
    return ChangeView(
        reference=change.reference,
        sequence=change.sequence,
        change=change.kind,
        tier=change.detail.get("tier"),
        at=change.at,
    )


def _cursor(position: Position | None) -> str:
    text = f"{position.number}.{position.sequence}.{position.reference}" if position else ""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") or START


def _read_cursor(cursor: str | None) -> Position | None:
    """Read a cursor; None: the beginning. Raises ProblemError."""
    if cursor is None or cursor == START:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error):
        text = ""
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise invalid_fields(["changed_since: give the cursor of an earlier answer, or leave it out"])
    return Position(number=int(match[1]), sequence=int(match[2]), reference=match[3])


def _unknown_cursor() -> ProblemError:
    return ProblemError(
        HTTPStatus.GONE,
        "cursor_gone",
        "The record does not have this change, as after a restore to an older state, or without the scope all. "
        "Begin again without changed_since: reference and sequence name what you know already.",
    )
