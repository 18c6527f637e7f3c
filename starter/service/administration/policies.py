"""Check a policy; compare it with those of open complaints; build a calendar under it."""

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import PurePath
from typing import Self

from pydantic import model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.builder import calendar_in_force
from complaints.policies.loader import load_policy, read_policy
from complaints.procedure.acts import Act, ChangePolicy
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.field_types import ActId, LongText
from complaints.procedure.policy import Policy, PolicyError
from complaints.procedure.views.date_preview import DatePreview
from complaints.procedure.views.policy_diff import Difference, differences
from complaints.records.calendar_amendments import ComplaintCalendar, list_calendars, list_calendars_in_use
from complaints.records.stale_calendars import BATCH_SIZE, AmendmentCache
from starter.api.problems import invalid_fields, unknown_complaint
from starter.service.administration.date_previews import preview_in_batches
from starter.service.models import AnswerModel, RequestModel

PREVIEW, PREVIEW_REASON = "preview", "To preview the change."
"""The id and actor, and the reason, of acts that are only previewed."""


class PolicySource(RequestModel):
    """A policy: a shipped one by its name, or your own as TOML; neither: the service's own."""

    name: str | None = None
    toml: str | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.name is not None and self.toml is not None:
            raise ValueError("name: does not go with toml; give one of them")
        return self


class PolicyMove(PolicySource):
    """Move a complaint to a policy."""

    id: ActId
    """The act's id: sent twice, it takes effect once."""
    reason: LongText


class PolicyChecked(AnswerModel):
    """A policy that is valid."""

    id: str
    version: str
    name: str
    """Its id and version."""
    title: str


class PolicyComparison(AnswerModel):
    """A policy, and the figures of other versions that open complaints keep."""

    policy: str
    kept: dict[str, list[Difference]]
    """By the name of the version that is kept."""


class PolicyDiffLine(AnswerModel):
    """One line of a comparison: a complaint's preview, or at the end the comparison."""

    complaint: DatePreview | None = None
    comparison: PolicyComparison | None = None


def read_source(source: PolicySource, own: Policy) -> Policy:
    """Return the policy. Raises ProblemError with every error and its key."""
    if source.toml is None and source.name is None:
        return own
    try:
        return read_policy(source.toml) if source.toml is not None else _shipped(source.name or "")
    except PolicyError as error:
        raise invalid_fields(_lines(error)) from None


def check(policy: Policy) -> PolicyChecked:
    return PolicyChecked(id=policy.id, version=policy.version, name=policy.name, title=policy.title)


async def compare(engine: AsyncEngine, policy: Policy) -> AsyncGenerator[PolicyDiffLine, None]:
    """Yield each open complaint's dates under the policy, then the figures that differ."""
    kept: dict[str, list[Difference]] = {}
    async for previews in preview_in_batches(engine, _moves(engine, policy, kept)):
        for each in previews:
            yield PolicyDiffLine(complaint=each)
    yield PolicyDiffLine(comparison=PolicyComparison(policy=policy.name, kept=kept))


async def _calendar_under(engine: AsyncEngine, reference: str, policy: Policy) -> WorkingCalendar:
    """Build a complaint's calendar under another policy. Raises ProblemError."""
    calendars = await list_calendars(engine, [reference])
    if not calendars:
        raise unknown_complaint()
    return await _calendar(AmendmentCache(engine), calendars[0], policy)


async def build_move(engine: AsyncEngine, reference: str, move: PolicyMove, own: Policy, *, by: str) -> ChangePolicy:
    """Build the act that moves a complaint. Raises ProblemError."""
    policy = read_source(move, own)
    calendar = await _calendar_under(engine, reference, policy)
    return ChangePolicy(id=move.id, by=by, policy=policy, calendar=calendar, reason=move.reason)


def _shipped(name: str) -> Policy:
    """Load a shipped policy: a name is no path on the service's machine."""
    if PurePath(name).name != name or name.endswith(".toml"):
        raise PolicyError(f"name: {name!r} is no name of a policy; give one such as financial-ombudsman-service")
    return load_policy(name)


def _lines(error: PolicyError) -> list[str]:
    return str(error).splitlines()


async def _moves(
    engine: AsyncEngine, policy: Policy, kept: dict[str, list[Difference]]
) -> AsyncIterator[tuple[str, Act]]:
    """Yield an act for each open complaint under another version; add the differences to `kept`."""
    amendment_cache = AmendmentCache(engine)
    after = ""
    while batch := await list_calendars_in_use(engine, after=after, limit=BATCH_SIZE):
        for carried in batch:
            if carried.policy.id == policy.id and carried.policy != policy:
                kept.setdefault(carried.policy.name, differences(carried.policy, policy))
                calendar = await _calendar(amendment_cache, carried, policy)
                act = ChangePolicy(id=PREVIEW, by=PREVIEW, policy=policy, calendar=calendar, reason=PREVIEW_REASON)
                yield carried.reference, act
        after = batch[-1].reference


async def _calendar(amendment_cache: AmendmentCache, carried: ComplaintCalendar, policy: Policy) -> WorkingCalendar:
    return calendar_in_force(policy, carried.calendar, await amendment_cache.get(policy.region))
