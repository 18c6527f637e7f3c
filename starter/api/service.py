"""What the service does with what it is sent, whoever carries it: opens complaints, tells them acts, asks them."""

from collections.abc import Sequence
from http import HTTPStatus
from time import monotonic

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.calendars.amendments import Amendment
from complaints.procedure.acts import Act
from complaints.procedure.field_types import Reference
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.records import queries
from complaints.records.calendar_amendments import amendments_of
from complaints.records.database import RecordError, RecordUnreachableError
from complaints.runtime.clock import now
from complaints.temporal.calls import NoAnswerError, call_with_timeout
from starter.api.auth.key_cache import Caller
from starter.api.problems import ProblemError, bad_fields, no_such_complaint, out_of_reach
from starter.api.responses import FindingsView, StatusView, findings_of, status_of
from starter.client.open_complaint import FormRefusedError, Opened, ReferenceTakenError, open_complaint
from starter.client.query_complaint import fetch_history
from starter.client.send_act import ActRefusedError, IdTakenError, refuse_not_running, update

ASKED_WITHIN = 3.0
"""Seconds; then the record is asked."""
NOT_ASKED_FOR = 2.0
"""Seconds, once the record did not answer: nobody waits for it again and again."""

AMENDMENTS_KNOWN_FOR = 10.0
"""Seconds; of the one region of the service's policy."""

REFERENCE_ADAPTER = TypeAdapter(Reference)


class Intake:
    """Of one service. All that it raises is ProblemError."""

    def __init__(self, client: Client, engine: AsyncEngine, policy: Policy, task_queue: str) -> None:
        self._client = client
        self._engine = engine
        self._policy = policy
        self._task_queue = task_queue
        self._asked_from = 0.0
        self._amendments: Sequence[Amendment] = ()
        self._amendments_known_until = 0.0

    async def open(self, form: Form, caller: Caller) -> Opened:
        """When this returns, the complaint is durable."""
        opening = open_complaint(
            self._client,
            form,
            policy=self._policy,
            now=now(),
            opened_by=caller.name,
            find=self._find,
            amended=self._amended,
            task_queue=self._task_queue,
        )
        try:
            return await call_with_timeout(opening)
        except FormRefusedError as error:
            raise bad_fields(error.errors) from None
        except ReferenceTakenError as error:
            raise ProblemError(HTTPStatus.CONFLICT, "reference_taken", f"{error}.") from None
        except NoAnswerError as error:
            raise out_of_reach(str(error)) from error
        except RPCError as error:  # it ended, and was forgotten, between two looks at it
            raise out_of_reach("the complaint was not to be found") from error

    async def tell(self, reference: str, act: Act) -> Answer:
        if not _may_exist(reference):  # nor may it be the id of another workflow of ours
            raise no_such_complaint()
        try:
            return await update(self._client, reference, act)
        except ActRefusedError as error:
            raise _refused(error) from error
        except IdTakenError as error:
            raise ProblemError(HTTPStatus.CONFLICT, "id_taken", f"id: {error}.") from error
        except NoAnswerError as error:
            raise out_of_reach(str(error)) from error
        except RPCError as error:
            raise await self._not_running(reference) from error

    async def status(self, reference: str, *, with_findings: bool) -> StatusView:
        if not _may_exist(reference):
            raise no_such_complaint()
        try:
            story = await fetch_history(self._client, self._engine, reference, ASKED_WITHIN)
            if story is None:
                raise no_such_complaint()
            findings: FindingsView | None = None
            if with_findings:
                events = await queries.events(self._engine, reference)
                findings = findings_of(story, events, await queries.free_text(self._engine, reference))
        except (NoAnswerError, RecordUnreachableError) as error:
            raise out_of_reach(str(error)) from error
        return status_of(story, findings)

    async def _find(self, reference: str) -> queries.RecordedComplaint | None:
        """None also while the record is away: Temporal knows every complaint that lives."""
        if monotonic() < self._asked_from:
            return None
        try:
            return await queries.find(self._engine, reference)
        except RecordError:
            self._asked_from = monotonic() + NOT_ASKED_FOR
            return None

    async def _amended(self, region: str) -> Sequence[Amendment]:
        """As last known, also while the record is away: the daily look at calendars sees what a complaint lacks."""
        if monotonic() >= max(self._amendments_known_until, self._asked_from):
            try:
                self._amendments = await amendments_of(self._engine, region)
                self._amendments_known_until = monotonic() + AMENDMENTS_KNOWN_FOR
            except RecordError:
                self._asked_from = monotonic() + NOT_ASKED_FOR
        return self._amendments

    async def _not_running(self, reference: str) -> ProblemError:
        try:
            why = await refuse_not_running(self._engine, reference)
        except RecordUnreachableError as error:
            return out_of_reach(str(error))
        if isinstance(why, ActRefusedError):
            return _refused(why)
        if why.is_lost:
            detail = "The complaint is open on the record, but Temporal has no workflow for it."
            return ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "lost", detail)
        return no_such_complaint()


def require_same_key(given: str | None, name: str, key: str) -> None:
    """The reference, or the act's id, is what makes a repeat one: an Idempotency-Key may say it again, and no other."""
    if given is not None and given.strip().removeprefix('"').removesuffix('"') != key:
        raise bad_fields([f"Idempotency-Key: give the {name}, or leave it out"])


def _may_exist(reference: str) -> bool:
    try:
        REFERENCE_ADAPTER.validate_python(reference)
    except ValidationError:
        return False
    return True


def _refused(error: ActRefusedError) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, error.refusal.code, error.refusal.sentence)
