"""What the record says of letters and alerts, and having one sent again."""

from contextlib import aclosing
from zoneinfo import ZoneInfo

from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError, Exit
from admin.shared.json_stream import JsonArray
from admin.shared.output import instant, out, print_json, table
from complaints.messages.key import DeliveryStatus, MessageKey
from complaints.procedure.enums import Channel
from complaints.records.deliveries import Delivery, NoAddressError, find, list_deliveries, redirect
from starter.client.start_delivery import start_delivery

IN_ONE_TABLE = 500
UTC = ZoneInfo("UTC")
"""In which the record has its instants; a list may be of several policies."""
HEADINGS = ["id", "what", "by", "owed", "", "why"]


async def print_deliveries(
    reach: Connections, reference: str | None, fate: DeliveryStatus | None, *, as_json: bool
) -> None:
    """Raises CommandError."""
    array, number = JsonArray(), 0
    rows: list[Delivery] = []
    async with (
        reach.record() as engine,
        aclosing(list_deliveries(engine, status=fate, reference=reference)) as deliveries,
    ):
        async for delivery in deliveries:
            if as_json:
                array.add(delivery)
            else:
                rows.append(delivery)
                if len(rows) == IN_ONE_TABLE:
                    _print(rows)
            number += 1
    if as_json:
        array.end()
    elif number:
        _print(rows)
        out.print(f"{number:,} letters and alerts; times are UTC.", style="dim")
    else:
        out.print("There is none.")


def _print(rows: list[Delivery]) -> None:
    out.print(table("", HEADINGS, map(_row, rows)))
    rows.clear()


def _row(delivery: Delivery) -> tuple[str, ...]:
    at = delivery.sent_at or delivery.held_at
    fate = f"{delivery.status} {instant(at, UTC)}" if at else str(delivery.status)
    what = (delivery.occasion or delivery.kind).replace("_", " ")
    return str(delivery.key), what, delivery.channel, instant(delivery.owed_at, UTC), fate, delivery.why or ""


async def send_again(reach: Connections, keys: list[MessageKey], channel: Channel | None, *, as_json: bool) -> None:
    """Raises CommandError: one of them is not owed, has gone, or has no address. Then none is sent."""
    async with reach.record() as engine:
        found = [(key, await find(engine, key)) for key in keys]
        errors = [f"{key}: there is no such letter" for key, delivery in found if delivery is None]
        errors += [
            f"{key}: it was sent on {instant(delivery.sent_at, UTC)} UTC"
            for key, delivery in found
            if delivery and delivery.sent_at
        ]
        if channel and not errors:
            try:
                await redirect(engine, keys, channel)
            except NoAddressError as error:
                errors += str(error).splitlines()
    if errors:
        raise CommandError(Exit.REFUSED, *errors)
    client, task_queue = await reach.temporal(), reach.context.settings.task_queue
    for key in keys:
        await call_workflow(start_delivery(client, task_queue, key, again=True), "see whether it has gone with letters")
    if as_json:
        print_json({"again": [str(key) for key in keys]})
    else:
        out.print(f"On the way again: {', '.join(map(str, keys))}. See what became of it with letters.")
