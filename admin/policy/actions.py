"""Sets a policy beside those that open complaints keep."""

from collections.abc import AsyncIterator
from typing import Any

from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from admin.shared.connections import Connections
from admin.shared.date_preview import DatePreviewPrinter, previews_in_batches
from admin.shared.errors import bad_input
from admin.shared.output import out, print_json, printable, table
from complaints.calendars.builder import calendar_in_force
from complaints.procedure.acts import Act, ChangePolicy
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy
from complaints.procedure.views.date_preview import DatePreview
from complaints.procedure.views.policy_diff import Difference, differences
from complaints.records.calendar_amendments import Carried, carried_by, carried_by_open
from complaints.records.stale_calendars import READ_AT_ONCE, KnownAmendments

NOBODY, FORESEEN = "nobody", "To see what it would change."


async def print_policy_differences(reach: Connections, policy: Policy, *, as_json: bool) -> None:
    """Raises CommandError."""
    kept: dict[str, list[Difference]] = {}
    found: list[DatePreview] = []
    shown = DatePreviewPrinter(as_json=False)
    async with reach.record() as engine:
        async for foreseen in previews_in_batches(engine, _moves(engine, policy, kept)):
            if as_json:
                found += foreseen
            else:
                shown.add(foreseen)
    if as_json:
        print_json(_as_json(policy, kept, found))
        return
    if not kept:
        out.print(f"Every open complaint under {policy.id} keeps these figures: {policy.name}.")
        return
    shown.end()
    for name, lines in kept.items():
        out.print(Text(printable(f"{name}, beside {policy.name}"), style="bold"))
        out.print(table("", ["figure", "kept", "new"], ((d.key, d.was or "none", d.now or "none") for d in lines)))
    out.print("Open complaints keep theirs unless moved: complaints policy move REF --to FILE --as ID --reason TEXT")


def _as_json(policy: Policy, kept: dict[str, list[Difference]], found: list[DatePreview]) -> dict[str, Any]:
    return {
        "policy": policy.name,
        "kept": {name: [line.model_dump() for line in lines] for name, lines in kept.items()},
        "complaints": [foreseen.model_dump(mode="json") for foreseen in found],
    }


async def _moves(
    engine: AsyncEngine, policy: Policy, kept: dict[str, list[Difference]]
) -> AsyncIterator[tuple[str, Act]]:
    """For each open complaint that keeps another version; `kept` gathers wherein those differ."""
    known = KnownAmendments(engine)
    after = ""
    while some := await carried_by_open(engine, after=after, limit=READ_AT_ONCE):
        for carried in some:
            if carried.policy.id == policy.id and carried.policy != policy:
                kept.setdefault(carried.policy.name, differences(carried.policy, policy))
                calendar = await _calendar(known, carried, policy)
                act = ChangePolicy(id=FORESEEN, by=NOBODY, policy=policy, calendar=calendar, reason=FORESEEN)
                yield carried.reference, act
        after = some[-1].reference


async def calendar_under(reach: Connections, reference: str, policy: Policy) -> WorkingCalendar:
    """Of the days that a complaint knows, as the policy counts them today. Raises CommandError."""
    async with reach.record() as engine:
        found = await carried_by(engine, [reference])
        if not found:
            raise bad_input(f"REF: there is no complaint {reference}")
        return await _calendar(KnownAmendments(engine), found[0], policy)


async def _calendar(known: KnownAmendments, carried: Carried, policy: Policy) -> WorkingCalendar:
    return calendar_in_force(policy, carried.calendar, await known.of(policy.region))
