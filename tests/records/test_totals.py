"""The totals equal the counts of the single views."""

from collections import Counter

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure import acts
from complaints.procedure.enums import Outcome, Status
from complaints.procedure.views.views import transition_since, view_of
from complaints.records.database import RecordUnreachableError, make_engine
from complaints.records.totals import ComplaintTotals, TotalsGroup, ping, read_totals
from complaints.records.transitions import write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.fixtures.tcp_proxy import TcpProxy
from tests.records.sample_complaints import ACTION, at, opened, withdrawn


async def test_totals_count_by_tier_and_status_and_closed_ones_only_if_overdue(engine: AsyncEngine) -> None:
    late, settled = opened("C-3"), opened("C-6")
    late.elapse(at(1, 8))
    settled.apply(
        acts.Reply(id="1", by="mary", outcome=Outcome.UPHELD, findings="Slow.", remedies=(ACTION,)),
        at(1, 2),
        DIRECTORY_RESULT,
    )
    settled.apply(acts.Resolve(id="2", by="intake"), at(1, 3), DIRECTORY_RESULT)
    settled.elapse(at(6, 1))
    complaints = [opened("C-4"), opened("C-5"), late, opened("H-2"), list(withdrawn())[-1], settled]
    for complaint in complaints:
        await write_transition(engine, transition_since(complaint, 0))
    views = [view_of(complaint) for complaint in complaints]
    opens: Counter[tuple[str | None, Status]] = Counter(
        (view.tier, view.status) for view in views if view.status is not Status.CLOSED
    )
    overdue = Counter((view.tier, view.status) for view in views if view.overdue)
    read = await read_totals(engine)
    assert sorted(read.groups, key=str) == sorted(
        (
            TotalsGroup(tier=tier, status=status, open=opens[tier, status], overdue=overdue[tier, status])
            for tier, status in opens.keys() | overdue.keys()
        ),
        key=str,
    )
    assert sum(group.overdue for group in read.groups if group.status is Status.CLOSED) == 1
    assert read.oldest_due_at == min(view.next_due_at for view in views if view.next_due_at)


async def test_an_empty_record_has_no_totals(engine: AsyncEngine) -> None:
    assert await read_totals(engine) == ComplaintTotals(groups=[], oldest_due_at=None)


async def test_an_unavailable_database_raises_an_error(tcp_proxy: TcpProxy) -> None:
    engine = make_engine(tcp_proxy.url)
    await ping(engine)
    tcp_proxy.refuse()
    for ask in (ping, read_totals):
        with pytest.raises(RecordUnreachableError):
            await ask(engine)
    await engine.dispose()
