"""Compare a policy with those of open complaints."""

from collections.abc import AsyncIterator
from typing import Any

from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.connections import Connections
from admin.shared.date_preview import DatePreviewPrinter
from admin.shared.errors import bad_input
from admin.shared.output import out, print_json, printable
from admin.shared.records import print_records
from complaints.calendars.builder import calendar_in_force
from complaints.procedure.acts import Act, ChangePolicy
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy
from complaints.procedure.views.date_preview import DatePreview
from complaints.procedure.views.policy_diff import Difference, differences
from complaints.records.calendar_amendments import ComplaintCalendar, list_calendars, list_calendars_in_use
from complaints.records.stale_calendars import BATCH_SIZE, AmendmentCache
from starter.service.administration.date_previews import preview_in_batches

PREVIEW, PREVIEW_REASON = "preview", "To preview the change."
"""The id and actor, and the reason, of acts that are only previewed."""


async def print_policy_differences(connections: Connections, policy: Policy, *, as_json: bool) -> None:
    """Print what differs in the versions of open complaints, and a preview of their dates."""
    kept: dict[str, list[Difference]] = {}
    previews: list[DatePreview] = []
    printer = DatePreviewPrinter("policy", as_json=False)
    async with connections.record() as engine:
        async for batch in preview_in_batches(engine, _moves(engine, policy, kept)):
            if as_json:
                previews += batch
            else:
                for preview in batch:
                    printer.add(preview.model_dump(mode="json"))
    if as_json:
        print_json(_as_json(policy, kept, previews))
        return
    if not kept:
        out.print(f"Every open complaint under {policy.id} keeps these figures: {policy.name}.")
        return
    printer.end()
    for name, lines in kept.items():
        out.print(Text(printable(f"{name}, compared with {policy.name}"), style="bold"))
        print_records("", ["figure", "kept", "new"], ((d.key, d.was or "none", d.now or "none") for d in lines))
    out.print("Open complaints keep theirs unless moved: complaints policy move REF --to FILE --as ID --reason TEXT")


def _as_json(policy: Policy, kept: dict[str, list[Difference]], previews: list[DatePreview]) -> dict[str, Any]:
    return {
        "policy": policy.name,
        "kept": {name: [line.model_dump() for line in lines] for name, lines in kept.items()},
        "complaints": [preview.model_dump(mode="json") for preview in previews],
    }


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


async def calendar_under(connections: Connections, reference: str, policy: Policy) -> WorkingCalendar:
    """Build a complaint's calendar under another policy."""
    async with connections.record() as engine:
        calendars = await list_calendars(engine, [reference])
        if not calendars:
            raise bad_input(f"REF: there is no complaint {reference}")
        return await _calendar(AmendmentCache(engine), calendars[0], policy)


async def _calendar(amendment_cache: AmendmentCache, carried: ComplaintCalendar, policy: Policy) -> WorkingCalendar:
    return calendar_in_force(policy, carried.calendar, await amendment_cache.get(policy.region))
