"""`python -m worker run`: does the complaints' work until it is told to stop, then drains."""

import asyncio
import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from temporalio.service import RPCError

from complaints.records.engine import RecordError, make_engine
from complaints.settings import Settings
from complaints.temporal import TemporalUnreachableError, connect
from worker.checks import missing
from worker.composition import RECORDS_AT_ONCE, make_worker
from worker.reach import CannotStartError

log = logging.getLogger("worker")


async def run(environment: Mapping[str, str]) -> None:
    """Until SIGTERM or SIGINT. Raises CannotStartError."""
    settings = Settings.read(environment)
    if settings.database_url is None:
        raise CannotStartError("COMPLAINTS_DATABASE_URL is not set")
    try:
        engine = make_engine(settings.database_url, pool_size=RECORDS_AT_ONCE)
    except RecordError as error:
        raise CannotStartError(f"COMPLAINTS_DATABASE_URL: {error}") from error
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
    except (TemporalUnreachableError, RecordError, RPCError) as error:
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
    """Raises CannotStartError."""
    try:
        if file:
            file.touch()
    except OSError as error:
        raise CannotStartError(f"COMPLAINTS_READY_FILE: {file} cannot be made: {error.strerror}") from error
    try:
        yield
    finally:
        if file:
            file.unlink(missing_ok=True)
