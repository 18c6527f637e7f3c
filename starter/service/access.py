"""Decide which complaints a caller may read and act on.

A system has those that it opened, or all with the scope `all`. Staff see dates, status and codes of all; people's words
are for those who have a part in the complaint, and for auditors. Each reading of words is counted.
"""

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from complaints.api_keys import Scope
from complaints.procedure.permissions import OfficeRole
from complaints.procedure.views.readers import memberships
from complaints.records import queries
from complaints.temporal.calls import call_with_timeout
from starter.api.auth.key_cache import Caller
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError, translate_errors, unknown_complaint
from starter.client.record_lookup import RecordLookup
from starter.client.send_act import complaint_handle
from starter.service.reading_log import ReadingLog
from starter.service.references import require_valid_reference
from workflows import names

RECORD_RETRY_SECONDS = 2.0
"""For so long after a failure, Temporal says who opened a complaint."""


class Access:
    """Check callers' access to complaints, and count who reads words."""

    def __init__(
        self, client: Client, engine: AsyncEngine, readings: ReadingLog, system_names: Callable[[], Collection[str]]
    ) -> None:
        self._client = client
        self._system_names = system_names
        self._engine = engine
        self._readings = readings
        self._record = RecordLookup(engine, retry_seconds=RECORD_RETRY_SECONDS)

    async def require_complaint(self, reference: str, caller: Caller | StaffCaller) -> None:
        """Require that the caller may read and act on the complaint.

        Raises ProblemError: of another system's complaint the same as of one that does not exist.
        """
        require_valid_reference(reference)
        if not await self.has_complaint(reference, caller):
            raise unknown_complaint()

    async def has_complaint(self, reference: str, caller: Caller | StaffCaller) -> bool:
        """Whether the caller may read and act on the complaint, if there is one.

        Raises ProblemError.
        """
        if isinstance(caller, StaffCaller) or Scope.ALL in caller.scopes:
            return True
        return await self._opened_by(reference) == caller.name

    def require_own_reference(self, reference: str, caller: Caller | StaffCaller) -> None:
        """Require that a system does not take another system's reference.

        References that begin with a system's name and `-` are its own. Raises ProblemError.
        """
        beginnings = {name.lower(): name for name in self._system_names()}
        own = (name for beginning, name in beginnings.items() if reference.lower().startswith(f"{beginning}-"))
        owner = max(own, key=len, default=None)
        if owner and owner != caller.name and not isinstance(caller, StaffCaller):
            raise foreign_reference(reference, caller)

    async def require_words(self, reference: str, caller: StaffCaller) -> None:
        """Require that a member of staff may read people's words, and count the reading.

        Raises ProblemError.
        """
        require_valid_reference(reference)
        with translate_errors():
            readers = await queries.read_readers(self._engine, reference)
        if readers is None:
            raise unknown_complaint()
        if not may_read_words(caller, readers):
            raise no_part()
        self.count_reading([reference], caller)

    def count_reading(self, references: Collection[str], caller: StaffCaller) -> None:
        """Count that a member of staff has read words of these complaints."""
        self._readings.count(references, caller.id)

    async def _opened_by(self, reference: str) -> str | None:
        """Find who opened a complaint: by the record, else by Temporal while the record lags.

        Raises ProblemError.
        """
        if known := await self._record.find(reference):
            return known.opened_by
        with translate_errors():
            try:
                return await call_with_timeout(_opened_by(complaint_handle(self._client, reference)))
            except RPCError:  # Temporal does not have it: then it is not the record's lag
                known = await queries.find_complaint(self._engine, reference)
                return known.opened_by if known else None


async def _opened_by(handle: WorkflowHandle[Any, Any]) -> str | None:
    """Read the memo of a complaint's workflow. None: a stranger started it."""
    opened_by = await (await handle.describe()).memo_value(names.OPENED_BY_MEMO, None)
    return opened_by if isinstance(opened_by, str) else None


def may_read_words(caller: StaffCaller, readers: Collection[str]) -> bool:
    """Whether they have a part in a complaint with these `readers`, or are an auditor."""
    return caller.has(OfficeRole.AUDITOR) or not set(memberships(caller.member.authority)).isdisjoint(readers)


def foreign_reference(reference: str, caller: Caller | StaffCaller) -> ProblemError:
    """Refuse a reference of somebody else, the same whether or not a complaint has it."""
    return ProblemError(
        HTTPStatus.CONFLICT,
        "reference_taken",
        f"reference: {reference} is not free; give one of your own, such as {caller.name}-1.",
    )


def no_part() -> ProblemError:
    return ProblemError(
        HTTPStatus.FORBIDDEN,
        "no_part",
        "You have no part in this complaint; people's words are for those who have one, and for auditors.",
    )
