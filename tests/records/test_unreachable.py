"""A database that is unavailable, hangs or restarts: callers fail soon, and all recovers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.procedure.views.views import transition_since
from complaints.records import queries
from complaints.records.database import RecordUnreachableError, make_engine
from complaints.records.migrations.revisions import schema_problem
from complaints.records.transitions import write_transition
from tests.fixtures.tcp_proxy import TcpProxy
from tests.records.sample_complaints import opened, withdrawn

SOON = 2.5
"""Seconds."""


async def _list(engine: AsyncEngine) -> list[object]:
    return [view async for view in queries.list_views(engine)]


async def _list_references(engine: AsyncEngine) -> list[str]:
    return [reference async for reference in queries.list_references(engine)]


USES: list[Callable[[AsyncEngine], Awaitable[object]]] = [
    lambda engine: write_transition(engine, transition_since(opened(), 0)),
    lambda engine: queries.read_history(engine, "C-1"),
    lambda engine: queries.read_state(engine, "C-1"),
    lambda engine: queries.find_complaint(engine, "C-1"),
    lambda engine: queries.read_free_text(engine, "C-1"),
    _list,
    _list_references,
    schema_problem,
]


@asynccontextmanager
async def engine_at(url: str, pool_size: int = 1) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url, keys=InMemoryKeys(), pool_size=pool_size)
    yield engine
    await engine.dispose()


async def gives_up(use: Callable[[AsyncEngine], Awaitable[object]], engine: AsyncEngine) -> str:
    began = monotonic()
    with pytest.raises(RecordUnreachableError) as raised:
        await use(engine)
    assert monotonic() - began < SOON
    return str(raised.value)


async def test_a_refused_connection_fails_at_once(unused_tcp_port: int) -> None:
    async with engine_at(f"postgresql+asyncpg://u:secret@127.0.0.1:{unused_tcp_port}/d") as engine:
        for use in USES:
            assert "secret" not in await gives_up(use, engine)


async def test_a_server_that_accepts_and_never_answers_times_out(tcp_proxy: TcpProxy) -> None:
    tcp_proxy.stall()
    async with engine_at(tcp_proxy.url, pool_size=len(USES)) as engine:
        await asyncio.gather(*(gives_up(use, engine) for use in USES))


async def test_dead_connections_time_out_and_are_replaced(tcp_proxy: TcpProxy) -> None:
    async with engine_at(tcp_proxy.url, pool_size=len(USES)) as engine:
        await asyncio.gather(*(use(engine) for use in USES))
        tcp_proxy.stall()
        await asyncio.gather(*(gives_up(use, engine) for use in USES))
        tcp_proxy.restore()
        await asyncio.gather(*(use(engine) for use in USES))


@pytest.mark.parametrize("messages", [1, 2, 3, 4])
async def test_a_connection_that_breaks_in_the_middle_loses_nothing(
    tcp_proxy: TcpProxy, engine: AsyncEngine, messages: int
) -> None:
    """Cut the connection after N messages: begin, complaint, other tables, commit."""
    first, *_, last = [transition_since(complaint, 0) for complaint in withdrawn()]
    last = last.model_copy(update={"events": last.events[first.sequence :]}).lean()
    async with engine_at(tcp_proxy.url) as far:
        await write_transition(far, first)
        tcp_proxy.stall(after=messages)
        await gives_up(lambda far: write_transition(far, last), far)
        story = await queries.read_history(engine, "C-1")
        assert story
        assert story.sequence == len(story.events) == (last if messages == 4 else first).sequence
        tcp_proxy.restore()
        await write_transition(far, last)
    story = await queries.read_history(engine, "C-1")
    assert story
    assert story.sequence == len(story.events) == last.sequence


async def test_a_cancelled_attempt_ends_at_once_and_returns_its_connection(tcp_proxy: TcpProxy) -> None:
    transition = transition_since(opened(), 0)
    async with engine_at(tcp_proxy.url) as engine:
        await write_transition(engine, transition)
        tcp_proxy.stall()
        began = monotonic()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(write_transition(engine, transition), 0.2)
        assert monotonic() - began < 0.7
        tcp_proxy.restore()
        await write_transition(engine, transition)


async def test_more_callers_than_connections_fail_soon(tcp_proxy: TcpProxy) -> None:
    async with engine_at(tcp_proxy.url, pool_size=2) as engine:
        tcp_proxy.stall()
        await asyncio.gather(*(gives_up(USES[0], engine) for _ in range(8)))
        tcp_proxy.restore()
        await asyncio.gather(*(USES[0](engine) for _ in range(8)))


async def test_connections_that_the_server_closed_are_replaced(url: str, engine: AsyncEngine) -> None:
    async with engine_at(url, pool_size=3) as other:
        await asyncio.gather(*(USES[0](other) for _ in range(3)))
        async with engine.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        for use in USES:
            await use(other)


async def test_a_wrong_user_database_or_address_is_unavailable(url: str) -> None:
    for wrong in (make_url(url).set(username="nobody"), make_url(url).set(database="nowhere")):
        async with engine_at(wrong.render_as_string(hide_password=False)) as engine:
            await gives_up(USES[0], engine)
    for wrong_form in ("nonsense", "mysql://u@h/d"):
        with pytest.raises(RecordUnreachableError, match="postgresql\\+asyncpg://"):
            make_engine(wrong_form)
