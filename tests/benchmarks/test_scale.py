"""A corpus of lives and their copies is a record like any other, and is measured."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest_asyncio
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.corpus.copies import COPIED
from benchmarks.corpus.derived_keys import DerivedKeys
from benchmarks.corpus.open_complaints import open_complaint_at
from benchmarks.scale.measurement import Figures, measure, measure_partitions, render_sizes, render_times
from benchmarks.scale.partitions import QUESTIONS
from benchmarks.scale.questions import HOLDER, TIER, questions
from complaints.calendars.builder import calendar_for
from complaints.records import tables
from complaints.records.database import make_engine
from complaints.records.queries import list_views, read_history
from complaints.records.search import find_complaints
from complaints.records.worklists import read_worklist
from local.ephemeral_stack import ephemeral_postgres
from local.servers.owner import upgrade_as_owner
from tests.fixtures.random_complaints import FOS

LIVES, COPIES, OPEN = 20, 3, 40


@pytest_asyncio.fixture(scope="module")
async def measured() -> AsyncIterator[tuple[AsyncEngine, list[Figures]]]:
    """Measure 20 lives, and then each of them three times."""
    with ephemeral_postgres() as url:
        await asyncio.to_thread(upgrade_as_owner, url)
        _, figures = await measure(url, LIVES, OPEN, (LIVES, LIVES * COPIES), 1, lambda _: None)
        engine = make_engine(url, keys=DerivedKeys(), command_timeout_seconds=None)
        yield engine, figures
        await engine.dispose()


async def test_each_life_has_as_many_rows_as_each_of_its_copies(
    measured: tuple[AsyncEngine, list[Figures]],
) -> None:
    engine, _ = measured
    async with engine.connect() as connection:
        for table in COPIED:
            rows = (
                await connection.execute(
                    text(
                        f"SELECT split_part(reference, '-', 1), count(*) FROM {table.name} "  # noqa: S608 (ours)
                        "WHERE reference !~ '^O' GROUP BY 1"
                    )
                )
            ).all()
            assert [row[0] for row in sorted(rows)] == ["R", "S0001", "S0002"], table.name
            assert len({row[1] for row in rows}) == 1, table.name


async def test_every_row_of_a_copy_names_a_complaint_and_an_event_that_are_there(
    measured: tuple[AsyncEngine, list[Figures]],
) -> None:
    engine, _ = measured
    async with engine.connect() as connection:
        for table in COPIED:
            for key in table.foreign_key_constraints:
                named = key.referred_table
                pairs = zip(key.elements, key.column_keys, strict=True)
                is_there = select(named).where(*(pair.column == table.c[own] for pair, own in pairs)).exists()
                missing = await connection.scalar(select(table).where(~is_there).limit(1))
                assert missing is None, (table.name, named.name)


async def test_the_lives_and_the_open_complaints_are_listed_found_and_shown(
    measured: tuple[AsyncEngine, list[Figures]],
) -> None:
    engine, _ = measured
    assert len([view async for view in list_views(engine, closed=False)]) == OPEN
    history = await read_history(engine, "R-000007")
    assert history is not None
    assert history.reference == "R-000007"
    [found] = await find_complaints(engine, "R-000007", 2)
    assert found.reference == "R-000007"
    assert await read_worklist(engine, HOLDER, (), (TIER,)) is not None


async def test_a_copy_has_search_tokens_of_its_own_and_those_that_many_lives_share(
    measured: tuple[AsyncEngine, list[Figures]],
) -> None:
    engine, _ = measured
    table = tables.search_terms.c
    async with engine.connect() as connection:
        rows = await connection.execute(
            select(table.reference, table.tokens).where(table.reference.in_(["R-000007", "S0001-000007"]))
        )
        life, copy = (set(row.tokens) for row in sorted(rows))
    assert len(life) == len(copy)
    assert life != copy
    assert life & copy


async def test_the_tables_have_a_line_for_each_question_and_each_table(
    measured: tuple[AsyncEngine, list[Figures]],
) -> None:
    _, figures = measured
    assert [each.closed for each in figures] == [LIVES, LIVES * COPIES]
    times, sizes = render_times(figures), render_sizes(figures[-1], OPEN)
    assert all(f"| {what} |" in times for what in questions("R-000007", "Jane Smith"))
    assert all(f"| `{table.name}` |" in sizes for table in COPIED)


async def test_events_by_year_are_compared_with_one_table(measured: tuple[AsyncEngine, list[Figures]]) -> None:
    engine, _ = measured
    table = await measure_partitions(engine.url.render_as_string(hide_password=False), lambda _: None)
    assert all(f"| {what} |" in table for what in (*QUESTIONS, "indexes, MB", "a year taken out, ms"))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM events WHERE at < '2022-01-01'")), "none is deleted"


def test_an_open_complaint_of_the_corpus_is_open_at_its_instant_and_mostly_held() -> None:
    at = datetime(2027, 3, 31, 18, tzinfo=UTC)
    complaints = [open_complaint_at(f"O-{number}", at, FOS, calendar_for(FOS, at, at)) for number in range(20)]
    assert not any(each.state.is_closed for each in complaints)
    assert all(event.at <= at for each in complaints for event in each.state.events)
    assert sum(each.state.holder is not None for each in complaints) > 10
