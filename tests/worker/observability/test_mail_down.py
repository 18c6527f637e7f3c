"""Mail is down: metrics, the log and `letters --waiting` show it, without a line a try."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.messages.key import COMPLAINANT, MessageKey
from complaints.procedure import acts
from complaints.records.deliveries import list_deliveries
from complaints.runtime.clock import now
from complaints.settings import Address, WorkerSettings
from local.supervisor.ports import LOOPBACK, free_port
from starter.client.delivery_attempts import Attempts, describe_attempts
from tests.channels.smtp_server import SmtpServer
from tests.fixtures.metrics_endpoint import SHOWN_WITHIN, MetricsEndpoint
from tests.worker.process import working
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.database_connections import pools_of_worker

QUEUE = "mail-down"
LETTERS = Path(__file__).parents[3] / "deploy" / "letters"
TRIES = 3


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SHOWN_WITHIN):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.2)


async def letter_of(engine: AsyncEngine, complaint: ComplaintDriver) -> MessageKey:
    """Wait for the complaint's first letter to be owed."""
    async with asyncio.timeout(SHOWN_WITHIN):
        while True:
            async for delivery in list_deliveries(engine, reference=complaint.reference):
                if delivery.key.to == COMPLAINANT:
                    return delivery.key
            await asyncio.sleep(0.2)


async def test_mail_that_is_down_is_one_line_and_figures_until_it_is_up(
    environment: dict[str, str], client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    address = Address(LOOPBACK, free_port())
    async with SmtpServer() as mail:
        settings = {
            "COMPLAINTS_TASK_QUEUE": QUEUE,
            "COMPLAINTS_METRICS": str(address),
            "COMPLAINTS_SMTP": mail.url,
            "COMPLAINTS_MAIL_FROM": "Complaints <complaints@example.org>",
            "COMPLAINTS_STAFF_DOMAIN": "staff.example.org",
            "COMPLAINTS_LETTERS": str(LETTERS),
        }
        await mail.stop()
        figures, opener = MetricsEndpoint(address), ComplaintOpener(client, engine, QUEUE)
        async with working(environment | settings, tmp_path) as worker:
            instant = now()
            complaint = await opener.open(
                now=instant, received_at=instant, told_case_handler_on=f"{instant:%Y-%m-%d}", advance=False
            )
            await complaint.do(acts.Acknowledge)
            key = await letter_of(engine, complaint)

            async def attempts() -> Attempts:
                [found] = await describe_attempts(client, [key])
                return found

            async def tried() -> bool:
                return (await attempts()).tries >= TRIES

            await until(tried)
            waits = await attempts()
            assert waits.why.startswith("the mail server")
            assert waits.since
            assert waits.since >= instant
            failures = await figures.of("complaints_channel_failures_total", "channel")
            assert failures[("email",)] >= TRIES
            assert (failures[("post",)], failures[("webhook",)]) == (0, 0)
            [failed] = worker.logged("a channel is unavailable")
            assert (failed["kind"], failed["times"], failed["why"]) == ("email", 1, waits.why)
            assert worker.logged("Completing activity as failed") == []

            async def waiting_shown() -> bool:
                letters = await figures.of("complaints_letters", "channel", "state")
                return letters.get(("email", "waiting"), 0) >= 1

            await until(waiting_shown)
            oldest = (await figures.of("complaints_oldest_letter_timestamp_seconds", "channel"))[("email",)]
            assert oldest <= now().timestamp()
            await mail.start()

            async def measured() -> bool:
                delays = await figures.of("complaints_letter_delay_seconds_bucket", "channel", "le")
                return delays.get(("email", "900"), 0) >= 1

            await until(measured)
            again = worker.logged("a channel is available again")
            assert [line["kind"] for line in again] == ["email"]
            assert 1 + again[0]["times"] >= TRIES
            taken = worker.logged("taken")[0]
            assert (taken["reference"], taken["build"]) == (complaint.reference, "0.1.0")
            await _shows_process(figures)
            await _shows_temporal(figures)
            await worker.stop()


async def _shows_process(figures: MetricsEndpoint) -> None:
    assert await figures.of("complaints_build_info", "version", "build_id", "deployment") == {("0.1.0", "", ""): 1}
    with_channels = pools_of_worker(WorkerSettings.read({"COMPLAINTS_POST_ROOM": "/post-room"}))
    assert await figures.of("complaints_pool_connections_limit", "pool") == {
        (pool,): size for pool, size in with_channels.items()
    }
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"):
        [value] = (await figures.of(name)).values()
        assert value > 0
    assert (await figures.types())["process_cpu_seconds_total"] == "counter"


async def _shows_temporal(figures: MetricsEndpoint) -> None:
    await figures.shows("complaints_task_queue_pollers", 1, queue=f"{QUEUE}-deliveries")
    await figures.shows("complaints_task_queue_pollers", 1, queue=f"{QUEUE}-operations")
    await figures.shows("complaints_task_queue_pollers", 1, queue=QUEUE)
    await figures.shows("complaints_stuck", 0)
    ran = await figures.of("complaints_schedule_last_run_timestamp_seconds", "schedule")
    assert ("digest",) in ran
