"""`make many`: post 1,000 complaints from 20 callers, while the worker is restarted."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import make_engine
from complaints.records.tables import complaints
from complaints.settings import Settings
from local.ephemeral_stack import ephemeral_stack
from tests.admin.cli_runner import form
from tests.starter.product import Product, product

CALLERS = 20
RECORD_TIMEOUT_SECONDS = 120.0
RETRY_SECONDS = 0.2


def forms(number: int) -> list[dict[str, Any]]:
    return [form(reference=f"MANY-{each}") for each in range(number)]


async def post_all(url: str, key: str, forms: Sequence[dict[str, Any]]) -> Counter[int]:
    """Post every form until it is accepted; count new (201) and known (200) complaints."""
    answers: Counter[int] = Counter()
    left = iter(forms)

    async def call(left: Iterator[dict[str, Any]]) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=30) as caller:
            for complaint in left:
                answers[await _post_until_accepted(caller, complaint)] += 1

    await asyncio.gather(*(call(left) for _ in range(CALLERS)))
    return answers


async def _post_until_accepted(caller: httpx2.AsyncClient, complaint: dict[str, Any]) -> int:
    while True:
        answer = await caller.post("/complaints", json=complaint)
        if answer.status_code in (200, 201):
            return answer.status_code
        assert answer.status_code in (429, 503), answer.text
        await asyncio.sleep(RETRY_SECONDS)


async def count_recorded(engine: AsyncEngine, wanted: int) -> int:
    """Count the complaints on the record, once there are at least `wanted`."""
    query = select(func.count()).where(complaints.c.reference.startswith("MANY-"))
    async with asyncio.timeout(RECORD_TIMEOUT_SECONDS):
        while True:
            async with engine.connect() as connection:
                count = await connection.scalar(query)
            if count is not None and count >= wanted:
                return int(count)
            await asyncio.sleep(0.1)


async def _check(product: Product, database_url: str, number: int) -> bool:
    engine, complaints_to_post = make_engine(database_url), forms(number)
    posting = asyncio.create_task(post_all(product.url, product.key, complaints_to_post))
    for how in (signal.SIGTERM, signal.SIGKILL):
        await product.restart_worker(how)
    first = await posting
    print(f"{number:,} posted while the worker was restarted twice: {first[201]:,} new, {first[200]:,} known.")
    print(f"On the record: {await count_recorded(engine, number):,}.")
    again = await post_all(product.url, product.key, complaints_to_post)
    print(f"Posted again: {again[201]:,} new, {again[200]:,} known.")
    total = await count_recorded(engine, number)
    print(f"On the record: {total:,}.")
    await engine.dispose()
    return (total, again[201]) == (number, 0)


def main(arguments: list[str]) -> int:
    """Post, restart and post again; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m load.many", description=__doc__)
    parser.add_argument("--complaints", type=int, default=1_000, help="the number of complaints")
    number = parser.parse_args(arguments).complaints
    with (
        tempfile.TemporaryDirectory(prefix="complaints-many-") as folder,
        ephemeral_stack() as servers,
        product(servers, Path(folder), Settings().task_queue) as running,
    ):
        return 0 if asyncio.run(_check(running, servers.database_url, number)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
