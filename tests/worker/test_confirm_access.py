"""After a restore, an operator confirms staff and systems, and sees them first."""

from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import ApiKey, Scope
from complaints.records.restores.marks import Kind, confirm, finish_restore, list_unconfirmed, mark_restored
from complaints.records.staff import update_members
from complaints.records.systems import add_system
from complaints.runtime.clock import now
from complaints.staff.members import Member
from worker.confirm_access import UnknownNamesError, confirm_access

KINDS: tuple[Kind, ...] = ("staff", "system")


@pytest.fixture
async def restored(engine: AsyncEngine) -> AsyncIterator[None]:
    """Mark the record as restored; confirm everybody at the end."""
    await add_system(engine, f"old-{ApiKey.new().id}", [Scope.READ], "op", now(), ApiKey.new())
    await finish_restore(engine, await mark_restored(engine, now()), now())
    yield
    for kind in KINDS:
        await confirm(engine, kind, await list_unconfirmed(engine, kind), "test", now())


async def run(
    engine: AsyncEngine, kind: Kind, *names: str, everybody: bool = False, answer: bool = True
) -> tuple[bool, list[str], list[str]]:
    """Return whether it was done, the lines that were asked, and those that were printed."""
    asked: list[str] = []
    printed: list[str] = []

    def ask(lines: Sequence[str]) -> bool:
        asked.extend(lines)
        return answer

    is_done = await confirm_access(engine, kind, names, "ops.lee", everybody=everybody, ask=ask, report=printed.append)
    return is_done, asked, printed


@pytest.mark.usefixtures("restored")
async def test_the_unconfirmed_are_shown_and_confirmed_by_name_or_all_at_once(engine: AsyncEngine) -> None:
    _, _, shown = await run(engine, "staff")
    assert "m.okafor: m.okafor, acts as manager, stage 1, leads none" in shown
    assert shown[-1].endswith("are refused. To confirm all: python -m worker confirm staff --all")
    is_done, asked, printed = await run(engine, "staff", "m.okafor")
    assert (is_done, len(asked), printed) == (True, 1, ["Confirmed: m.okafor."])
    with pytest.raises(UnknownNamesError, match=r"NAME: there is no m\.okafor; "):
        await run(engine, "staff", "m.okafor")
    await update_members(engine, ["n.since"], lambda _: [Member(id="n.since", name="N.")], at=now(), by="test")
    assert "n.since" not in await list_unconfirmed(engine, "staff")
    await run(engine, "staff", everybody=True)
    assert (await run(engine, "staff"))[2][0].startswith("Everybody is confirmed")


@pytest.mark.usefixtures("restored")
async def test_a_system_stays_unconfirmed_after_a_no(engine: AsyncEngine) -> None:
    name = next(name for name in await list_unconfirmed(engine, "system") if name.startswith("old-"))
    is_done, asked, _ = await run(engine, "system", name, answer=False)
    assert (is_done, [line.startswith(f"{name}: read; keys ") for line in asked]) == (False, [True])
    assert name in await list_unconfirmed(engine, "system")
    await run(engine, "system", everybody=True)
    assert await list_unconfirmed(engine, "system") == []
