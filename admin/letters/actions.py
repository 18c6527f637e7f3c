"""List letters and alerts from the outbox, and send them again."""

from contextlib import aclosing
from zoneinfo import ZoneInfo

from admin.letters.waiting import WaitingReasons, explain
from admin.shared.actor import keyed_by
from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.json_stream import JsonArray
from admin.shared.output import humanize_code, instant, out, print_json
from admin.shared.records import print_note, print_records
from complaints.messages.key import DeliveryStatus, MessageKey
from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Channel
from complaints.records import queries
from complaints.records.deliveries import Delivery, NoAddressError, ask_again, find_delivery, list_deliveries, redirect
from complaints.runtime.clock import now
from starter.client.delivery_attempts import Attempts
from starter.client.delivery_result import find_known_delivery
from starter.client.start_delivery import start_delivery

ROWS_IN_A_TABLE = 500
HEADINGS = ["id", "what", "by", "owed", "status", "why"]


async def print_deliveries(
    connections: Connections, reference: str | None, status: DeliveryStatus | None, *, as_json: bool
) -> None:
    """Print deliveries as they are read, so that any number takes little memory.

    Of waiting ones, it says why each waits, as Temporal knows. Raises CommandError if there is no such complaint.
    """
    local = _zone(connections)
    array, number = JsonArray(), 0
    rows: list[Delivery] = []
    reasons = WaitingReasons(connections)

    async def print_rows() -> None:
        why = await reasons.of(rows) if status is DeliveryStatus.WAITING else {}
        if as_json:
            for row in rows:
                waits = {"waits": why[row.key].model_dump(mode="json")} if row.key in why else {}
                array.add(row.model_dump(mode="json") | waits)
        elif rows:
            print_records("", HEADINGS, [_row(row, why.get(row.key), local) for row in rows])
        rows.clear()

    async with (
        connections.record() as engine,
        aclosing(list_deliveries(engine, status=status, reference=reference)) as deliveries,
    ):
        if reference and await queries.find_complaint(engine, reference) is None:
            raise bad_input(f"--of: there is no complaint {reference} on the record")
        async for delivery in deliveries:
            rows.append(delivery)
            number += 1
            if len(rows) == ROWS_IN_A_TABLE:
                await print_rows()
        await print_rows()
    if as_json:
        array.end()
    elif number:
        print_note(f"{number:,} letters and alerts.")
    else:
        out.print("There are no letters or alerts.")


def _zone(connections: Connections) -> ZoneInfo:
    return zone(connections.context.policy().time_zone)


def _row(delivery: Delivery, attempts: Attempts | None, local: ZoneInfo) -> tuple[str, ...]:
    at = delivery.sent_at or delivery.held_at
    status = f"{delivery.status} {instant(at, local)}" if at else str(delivery.status)
    content = humanize_code(delivery.occasion or delivery.kind)
    why = explain(attempts, local) if attempts else delivery.why or ""
    return str(delivery.key), content, delivery.channel, instant(delivery.owed_at, local), status, why


async def send_again(
    connections: Connections, keys: list[MessageKey], channel: Channel | None, *, as_json: bool
) -> None:
    """Send messages again, or none of them.

    Raises CommandError if one is unknown, has been sent, or has no address.
    """
    async with connections.record() as engine:
        deliveries = [(key, await find_delivery(engine, key)) for key in keys]
        errors = [
            f"{key}: there is no such letter or alert; see complaints letters --of {key.reference}"
            for key, delivery in deliveries
            if delivery is None
        ]
        errors += [
            f"{key}: it was sent on {instant(delivery.sent_at, _zone(connections))}"
            for key, delivery in deliveries
            if delivery and delivery.sent_at
        ]
        errors += await _sent_before_restore(connections, [delivery for _, delivery in deliveries if delivery])
        if channel and not errors:
            try:
                await redirect(engine, keys, channel)
            except NoAddressError as error:
                errors += str(error).splitlines()
        if not errors:
            await ask_again(engine, keys, keyed_by(None), now())
    if errors:
        raise CommandError(Exit.REFUSED, *errors)
    client, task_queue = await connections.temporal(), connections.context.settings.task_queue
    for key, delivery in deliveries:
        assert delivery, "an unknown one is refused above"
        summary = delivery.model_copy(update={"channel": channel} if channel else {}).summary
        await call_workflow(start_delivery(client, task_queue, key, summary, again=True), "see: complaints letters")
    if as_json:
        print_json({"again": [str(key) for key in keys]})
    else:
        out.print(f"On the way again: {', '.join(map(str, keys))}. To see the result: complaints letters")


async def _sent_before_restore(connections: Connections, deliveries: list[Delivery]) -> list[str]:
    """Return an error for each message that Temporal knows as sent, and the record as open.

    A letter that somebody has marked as held went, and came back: it may go again.
    """
    client, task_queue = await connections.temporal(), connections.context.settings.task_queue
    errors = []
    for delivery in deliveries:
        if delivery.sent_at or delivery.is_held_by_hand:
            continue
        known = await call_workflow(find_known_delivery(client, task_queue, delivery.key), "nothing is sent")
        if known and known.result and known.result.status is DeliveryStatus.SENT:
            sent_at = instant(known.result.at, _zone(connections))
            errors.append(
                f"{delivery.key}: it was sent on {sent_at}, before the record was restored to an older state; "
                "run python -m worker reconcile"
            )
    return errors
