"""`python -m worker run`: does the complaints' work until it is told to stop, then drains."""

import asyncio
import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from complaints.records.engine import RecordUnreachableError, make_engine
from temporalio.service import RPCError

from complaints.settings import Settings
from complaints.temporal import TemporalUnreachableError, connect
from worker.checks import missing
from worker.composition import RECORDS_AT_ONCE, make_worker

log = logging.getLogger("worker")


class CannotStartError(Exception):
    """What is missing; a line for each thing."""


async def run(environment: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT. Raises CannotStartError."""
    settings = Settings.read(environment)
    if settings.database_url is None:
        raise CannotStartError("COMPLAINTS_DATABASE_URL is not set")
    engine = make_engine(settings.database_url, pool_size=RECORDS_AT_ONCE)
    try:
        client = await connect(environment)
        if lines := await missing(client, engine):
            raise CannotStartError("missing: " + "\nmissing: ".join(lines))
        worker = make_worker(client, engine, settings.task_queue)
        stopping = _told_to_stop()
        async with worker:
            log.info("polling task queue %s", settings.task_queue)
            with _ready(settings.ready_file):
                await stopping.wait()
            log.info("draining")
        log.info("stopped")
    except (TemporalUnreachableError, RecordUnreachableError, RPCError) as error:
        raise CannotStartError(str(error)) from error
    finally:
        await engine.dispose()


def _told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


@contextmanager
def _ready(file: Path | None) -> Iterator[None]:
    if file:
        file.touch()
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)
