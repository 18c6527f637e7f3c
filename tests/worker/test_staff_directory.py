"""The cached staff directory answers while PostgreSQL hangs or is unavailable."""

from collections.abc import AsyncIterator
from datetime import date
from time import monotonic

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery
from complaints.procedure.enums import Aspect
from complaints.records.database import RecordError, make_engine
from complaints.records.personal.encryption import keys_of
from complaints.records.staff import update_members
from complaints.runtime.clock import now
from complaints.staff.members import Member
from tests.fixtures import empty_record
from tests.fixtures.tcp_proxy import TcpProxy
from worker.staff_directory import CachedDirectory

server_url, migrated_url, url = empty_record.server_url, empty_record.migrated_url, empty_record.url
engine, tcp_proxy = empty_record.engine, empty_record.tcp_proxy

ANNA, BERT = (Member(id=id, name=id, roles=("manager",)) for id in ("anna", "bert"))  # noqa: A001
VACANCY = AssignmentRequest(tier="manager", aspects=(Aspect.DELAY,), involved=())
ASKED = DirectoryQuery(on=date(2026, 12, 16), actors=("anna",), assignment=VACANCY)
SOON = 1.0
"""Seconds."""


@pytest.fixture
async def directory(engine: AsyncEngine, tcp_proxy: TcpProxy) -> AsyncIterator[CachedDirectory]:
    """A directory of two managers that reaches PostgreSQL through `tcp_proxy`."""
    await update_members(engine, ["anna", "bert"], lambda _: [ANNA, BERT], at=now(), by="test")
    through_line = make_engine(tcp_proxy.url, keys=keys_of(engine))
    yield CachedDirectory(through_line)
    await through_line.dispose()


async def test_the_copy_answers_soon_while_postgresql_hangs(directory: CachedDirectory, tcp_proxy: TcpProxy) -> None:
    known = await directory.answer_query(ASKED)
    assert ([standing.id for standing in known.authorities], known.assignee) == (["anna"], "anna")
    tcp_proxy.stall()
    began = monotonic()
    chosen = [(await directory.answer_query(ASKED)).assignee for _ in range(5)]
    assert monotonic() - began < SOON
    assert chosen == ["anna", "bert", "anna", "bert", "anna"]


async def test_a_new_member_of_staff_is_found_although_postgresql_is_slow(
    directory: CachedDirectory, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await directory.refresh()
    monkeypatch.setattr("worker.staff_directory.QUERY_TIMEOUT_SECONDS", 0.0)
    carl = Member(id="carl", name="carl", roles=("manager",))
    await update_members(engine, ["carl"], lambda _: [carl], at=now(), by="test")
    for actor in ("anna", "carl"):
        found = await directory.answer_query(DirectoryQuery(on=ASKED.on, actors=(actor,)))
        assert [standing.id for standing in found.authorities] == [actor]


async def test_an_unknown_id_stays_unknown_while_postgresql_is_unavailable(
    directory: CachedDirectory, tcp_proxy: TcpProxy
) -> None:
    await directory.refresh()
    tcp_proxy.refuse()
    assert (await directory.answer_query(DirectoryQuery(on=ASKED.on, actors=("anna", "nobody")))).authorities == (
        ANNA.authority,
    )


async def test_postgresql_is_queried_again_once_it_is_back(
    directory: CachedDirectory, tcp_proxy: TcpProxy, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.staff_directory.RETRY_AFTER_SECONDS", 0.0)
    await directory.answer_query(ASKED)
    tcp_proxy.refuse()
    assert (await directory.answer_query(ASKED)).authorities == (ANNA.authority,)
    tcp_proxy.restore()
    lead = ANNA.model_copy(update={"leads": ("manager",)})
    await update_members(engine, ["anna"], lambda _: [lead], at=now(), by="test")
    assert (await directory.answer_query(ASKED)).authorities == (lead.authority,)


async def test_a_directory_without_a_copy_raises_an_error(directory: CachedDirectory, tcp_proxy: TcpProxy) -> None:
    tcp_proxy.refuse()
    with pytest.raises(RecordError):
        await directory.answer_query(ASKED)
