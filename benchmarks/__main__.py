"""Measure the product against a bare Temporal baseline, in one run: `make bench`."""

import argparse
import asyncio
import sys
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from benchmarks.histories import Weight, stories, weigh
from benchmarks.intake import measure
from benchmarks.load import CALLERS, QUICK, Round, Size, alternate
from benchmarks.markdown import facts, histories_table, intake_table, others_table, sides_table
from benchmarks.servers import NotMeasuredError, baseline_worker, product_worker, running
from benchmarks.single_process import from_up_to_recorded, memory
from benchmarks.workloads import BaselineSide, ProductSide
from complaints.records.database import make_engine
from complaints.runtime.exit import exit_process
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import ephemeral_stack
from local.servers.owner import upgrade_as_owner
from local.supervisor.roles import StackError

MEASURED, NOT_MEASURED = 0, 1

begun = monotonic()


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 unless something could not be measured, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that it measures; its figures mean nothing")
    parser.add_argument("--intake", action="store_true", help="only the intake service")
    given = parser.parse_args(arguments)
    size = QUICK if given.quick else Size()
    try:
        accepted = _accepted(size)
        if given.intake:
            print(f"{facts()}\n\n{intake_table(accepted)}")
            return MEASURED
        ups = [_first(number, size) for number in range(size.ups)]
        rounds, used = asyncio.run(_sides(size))
        weights = asyncio.run(_weights(size))
    except (NotMeasuredError, StackError, RPCError, SQLAlchemyError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return NOT_MEASURED
    print(facts())
    tables = [sides_table(rounds, used), intake_table(accepted), others_table(weights, ups), histories_table(weights)]
    for table in tables:
        print(f"\n{table}")
    return MEASURED


def _first(number: int, size: Size) -> float:
    _tell(f"from make up to the first recorded complaint: {number + 1} of {size.ups}")
    return from_up_to_recorded()


async def _sides(size: Size) -> tuple[dict[str, list[Round]], dict[str, float]]:
    with ephemeral_stack() as stack:
        client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address})
        engine = make_engine(stack.database_url, pool_size=CALLERS)
        with (
            running(baseline_worker(stack.directory / "baseline", stack)),
            running(product_worker(stack.directory / "product", stack, Settings().task_queue)),
        ):
            rounds = await alternate([BaselineSide(client), ProductSide(client, engine)], size, _tell)
        await engine.dispose()
        _tell(f"memory of {size.open_complaints:,} open")
        return rounds, await memory(stack, client, size.open_complaints)


def _accepted(size: Size) -> dict[str, list[float]]:
    with ephemeral_stack() as stack:
        upgrade_as_owner(stack.database_url)
        return asyncio.run(measure(stack, size, _tell))


async def _weights(size: Size) -> list[Weight]:
    _tell("replays")
    return await weigh(stories(), size.replays)


def _tell(what: str) -> None:
    print(f"{monotonic() - begun:4.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
