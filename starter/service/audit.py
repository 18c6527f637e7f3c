"""Check the record for changes of the past."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.audit.finding import Finding
from complaints.audit.folder import read_folder
from complaints.audit.history_check import check_history
from complaints.audit.signing import AuditKeyError, RootVerifier
from complaints.procedure.views.chain_view import ChainView
from complaints.records import queries
from complaints.records.audit.chains import RecordedChain
from complaints.records.audit.check import AuditSummary, audit
from complaints.records.audit.roots import read_roots
from complaints.settings import IntakeSettings
from complaints.temporal.calls import CannotAnswerError, NoAnswerError, call_with_timeout, query_workflow
from starter.client.send_act import complaint_handle
from starter.service.models import RequestModel
from workflows import names


class AuditQuery(RequestModel):
    """What to check besides chains and roots."""

    histories: bool = False
    """Whether to compare each complaint with its history in Temporal, which a worker replays."""


class AuditLine(BaseModel):
    """A finding, or at the end the summary."""

    finding: Finding | None = None
    summary: AuditSummary | None = None


class Auditor:
    """Audits the record with the keys and the folder of the settings."""

    def __init__(self, client: Client, engine: AsyncEngine, settings: IntakeSettings) -> None:
        self._client = client
        self._engine = engine
        self._settings = settings

    async def knows(self, reference: str) -> bool:
        """Return whether the record or a signed root has the complaint.

        Raises RecordUnreachableError.
        """
        if await queries.find_complaint(self._engine, reference):
            return True
        return reference in (await read_roots(self._engine)).heads()

    async def audit(self, reference: str | None, *, histories: bool) -> AsyncGenerator[AuditLine, None]:
        """Stream what is not as it was recorded, and a summary; `reference` None: of all complaints.

        Raises RecordUnreachableError.
        """
        verifier, files = None, None
        wrong: list[str] = []
        if key := self._settings.audit_public_key:
            try:
                verifier = RootVerifier.load(key)
            except AuditKeyError as error:
                wrong.append(f"COMPLAINTS_AUDIT_PUBLIC_KEY: {error}")
        if folder := self._settings.audit_roots:
            try:
                files = list(read_folder(folder))
            except OSError as error:
                wrong.append(f"COMPLAINTS_AUDIT_ROOTS: cannot read {folder} ({error.strerror})")
        for sentence in wrong:
            yield AuditLine(finding=Finding(reference=None, sentence=sentence))
        found = audit(
            self._engine,
            verifier,
            files,
            None if reference is None else [reference],
            self._check_history if histories else None,
        )
        async with aclosing(found) as lines:
            async for each in lines:
                if isinstance(each, AuditSummary):
                    yield AuditLine(summary=each.model_copy(update={"findings": each.findings + len(wrong)}))
                else:
                    yield AuditLine(finding=each)

    async def _check_history(self, chain: RecordedChain) -> tuple[bool, Finding | None]:
        """Compare with the workflow; return whether there is one that answers, and what differs."""
        try:
            handle = complaint_handle(self._client, chain.reference)
            known = await call_with_timeout(query_workflow(handle, names.CHAIN_QUERY, ChainView))
        except (RPCError, NoAnswerError, CannotAnswerError):
            return False, None
        return True, check_history(chain.reference, chain.events, known)
