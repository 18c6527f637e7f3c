"""Measure how a mail server that takes five seconds a letter affects acts.

Run as `python -m benchmarks.slow_channel`.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from statistics import median

from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from benchmarks.load import CALLERS, Round, Size, alternate
from benchmarks.servers import NotMeasuredError, product_worker, running
from benchmarks.tables.markdown import Figure, facts, markdown, p99, ranged
from benchmarks.workloads import ProductSide, Side
from complaints.encryption.key_ring import open_key_ring
from complaints.records.database import make_engine
from complaints.runtime.exit import exit_process
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import ephemeral_stack
from local.servers.channels import channels
from local.supervisor.roles import StackError
from tests.channels.smtp_server import SmtpServer

TAKES = {"at-once": 0.0, "after-5-s": 5.0}
"""Seconds that each mail server takes for a letter."""
SIZE = Size(starts=20, lives=60)


async def measure() -> dict[str, list[Round]]:
    """Measure two workers in turn, each with a mail server of its own."""
    async with AsyncExitStack() as opened:
        stack = opened.enter_context(ephemeral_stack())
        keys = await opened.enter_async_context(open_key_ring(Settings.read(stack.key_settings)))
        client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
        engine = make_engine(stack.database_url, keys=keys, pool_size=CALLERS)
        opened.push_async_callback(engine.dispose)
        sides: list[Side] = []
        for number, (name, seconds) in enumerate(TAKES.items()):
            mail = await opened.enter_async_context(SmtpServer())
            mail.inject("data", seconds)
            task_queue = f"channel-{number}"
            folder = stack.directory / task_queue
            leaves_by = channels(mail.url, folder / "post", folder / "mail")
            opened.enter_context(running(product_worker(folder, stack, task_queue, leaves_by)))
            sides.append(ProductSide(client, engine, task_queue, name))
        return await alternate(sides, SIZE, lambda what: print(what, file=sys.stderr, flush=True))


def table(rounds: dict[str, list[Round]]) -> str:
    figures: dict[str, Figure] = {
        "An act, one at a time: p50, ms": lambda r: median(r.alone),
        "An act, one at a time: p99, ms": lambda r: p99(r.alone),
        f"An act, {CALLERS} at once: p50, ms": lambda r: median(r.busy),
        f"An act, {CALLERS} at once: p99, ms": lambda r: p99(r.busy),
    }
    rows = []
    for what, figure in figures.items():
        quick, slow = ([figure(each) * 1_000 for each in rounds[name]] for name in TAKES)
        ratio = f"{median(slow) / median(quick):.2f} : 1"
        rows.append((what, ranged(quick, "{:.1f}".format), ranged(slow, "{:.1f}".format), ratio))
    return markdown(("mail is taken", "at once", "after 5 s", "after 5 s : at once"), rows)


def main() -> int:
    """Return the exit code."""
    try:
        rounds = asyncio.run(measure())
    except (NotMeasuredError, StackError, RPCError, SQLAlchemyError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(f"{facts()}.\n\n{table(rounds)}")
    return 0


if __name__ == "__main__":
    exit_process(main())
