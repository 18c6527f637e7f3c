"""The intake service's actions, without HTTP: open a complaint, query it."""

from contextlib import nullcontext

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.records import queries
from complaints.runtime.clock import now
from complaints.temporal.calls import call_with_timeout
from starter.api.auth.key_cache import Caller
from starter.api.auth.staff import StaffCaller
from starter.api.problems import invalid_fields, translate_errors, unavailable, unknown_complaint
from starter.api.responses import FindingsView, StatusView, findings_of, status_of
from starter.client.open_complaint import Opened, ReferenceTakenError, open_complaint
from starter.client.query_complaint import fetch_history
from starter.client.record_lookup import RecordLookup
from starter.client.send_act import NotRunningError
from starter.service.access import Access, foreign_reference
from starter.service.references import not_running, require_valid_reference

QUERY_TIMEOUT_SECONDS = 3.0
"""After this, the record answers."""


class Intake:
    """Open and query complaints. Expected failures are raised as ProblemError."""

    def __init__(
        self,
        client: Client,
        engine: AsyncEngine,
        policy: Policy,
        task_queue: str,
        access: Access,
        record: RecordLookup,
    ) -> None:
        self._client = client
        self._access = access
        self._engine = engine
        self._policy = policy
        self._task_queue = task_queue
        self._record = record

    async def open(self, form: Form, caller: Caller | StaffCaller, policy: Policy | None = None) -> Opened:
        """Open a complaint; when this returns, it is durable. Raises ProblemError.

        `policy`: None for the service's own.
        """
        self._access.require_own_reference(form.reference, caller)
        opening = open_complaint(
            self._client,
            form,
            policy=policy or self._policy,
            now=now(),
            opened_by=caller.name,
            find=self._record.find,
            amended=self._record.amendments,
            task_queue=self._task_queue,
        )
        with translate_errors():
            try:
                opened = await call_with_timeout(opening)
            except RPCError as error:  # NOT_FOUND: the complaint ended, and Temporal deleted it, during this call
                raise unavailable("the complaint was not found") from error
            except ReferenceTakenError:
                await self._require_own(form.reference, caller)
                raise
        if not opened.is_new:
            await self._require_own(form.reference, caller)
        return opened

    async def _require_own(self, reference: str, caller: Caller | StaffCaller) -> None:
        """Require that the complaint is the caller's, so that nothing of another's is revealed.

        Raises ProblemError.
        """
        if not await self._access.has_complaint(reference, caller):
            raise foreign_reference(reference, caller)

    async def status(self, reference: str, *, with_findings: bool) -> StatusView:
        """Query a complaint's status, and on request its findings. Raises ProblemError."""
        require_valid_reference(reference)
        with translate_errors():
            try:
                history = await fetch_history(
                    self._client, lambda: nullcontext(self._engine), reference, QUERY_TIMEOUT_SECONDS
                )
            except NotRunningError as error:
                raise not_running(error) from error
            if history is None:
                raise unknown_complaint()
            findings: FindingsView | None = None
            if with_findings:
                events = await queries.read_events(self._engine, reference)
                findings = findings_of(history, events, await queries.read_free_text(self._engine, reference))
        return status_of(history, findings)


def require_same_key(idempotency_key: str | None, name: str, key: str) -> None:
    """Require that an Idempotency-Key repeats `key`, by which a repeat is recognised.

    `name` is what `key` is: the form's reference, or the act's id. Raises ProblemError.
    """
    if idempotency_key is None:
        return
    given = _read_as_utf8(idempotency_key.strip())
    if key not in (given, given.removeprefix('"').removesuffix('"')):
        raise invalid_fields([f"Idempotency-Key: give the {name}, or leave it out"])


def _read_as_utf8(header: str) -> str:
    """Return a header, which ASGI decodes as Latin-1, as the UTF-8 that clients send."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header
