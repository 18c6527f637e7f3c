"""Many callers at once, while the worker is restarted: `python -m load.many` posts 1,000 complaints."""

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
RECORDED_WITHIN = 120.0
"""Seconds."""
AGAIN_AFTER = 0.2


def forms(number: int) -> list[dict[str, Any]]:
    return [form(reference=f"MANY-{each}") for each in range(number)]


async def post_all(url: str, key: str, given: Sequence[dict[str, Any]]) -> Counter[int]:
    """By twenty callers, each of whom insists; how many were new (201), and how many were there already (200)."""
    answers: Counter[int] = Counter()
    left = iter(given)

    async def call(left: Iterator[dict[str, Any]]) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=30) as caller:
            for each in left:
                answers[await _insist(caller, each)] += 1

    await asyncio.gather(*(call(left) for _ in range(CALLERS)))
    return answers


async def _insist(caller: httpx2.AsyncClient, given: dict[str, Any]) -> int:
    while True:
        answer = await caller.post("/complaints", json=given)
        if answer.status_code in (200, 201):
            return answer.status_code
        assert answer.status_code in (429, 503), answer.text
        await asyncio.sleep(AGAIN_AFTER)


async def recorded(engine: AsyncEngine, wanted: int) -> int:
    """How many of them are on the record, once it has caught up."""
    counted = select(func.count()).where(complaints.c.reference.startswith("MANY-"))
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            async with engine.connect() as connection:
                found = await connection.scalar(counted)
            if found is not None and found >= wanted:
                return int(found)
            await asyncio.sleep(0.1)


async def _check(product: Product, database_url: str, number: int) -> bool:
    engine, given = make_engine(database_url), forms(number)
    posting = asyncio.create_task(post_all(product.url, product.key, given))
    for how in (signal.SIGTERM, signal.SIGKILL):
        await product.restart_worker(how)
    first = await posting
    print(f"{number:,} posted while the worker was restarted twice: {first[201]:,} new, {first[200]:,} known.")
    print(f"On the record: {await recorded(engine, number):,}.")
    again = await post_all(product.url, product.key, given)
    print(f"Posted again: {again[201]:,} new, {again[200]:,} known.")
    in_all = await recorded(engine, number)
    print(f"On the record: {in_all:,}.")
    await engine.dispose()
    return (in_all, again[201]) == (number, 0)


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m load.many", description=__doc__)
    parser.add_argument("--complaints", type=int, default=1_000)
    number = parser.parse_args(arguments).complaints
    with (
        tempfile.TemporaryDirectory(prefix="complaints-many-") as folder,
        ephemeral_stack() as servers,
        product(servers, Path(folder), Settings().task_queue) as running,
    ):
        return 0 if asyncio.run(_check(running, servers.database_url, number)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
