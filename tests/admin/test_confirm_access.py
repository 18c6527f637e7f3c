"""After a restore of the record, a person confirms staff and systems, and sees them first."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.restores.marks import confirm, finish_restore, list_unconfirmed, mark_restored
from complaints.records.staff import update_members
from complaints.runtime.clock import now
from complaints.staff.members import Member
from tests.admin.cli_runner import CliRunner, TypeAhead


@pytest.fixture
async def restored(engine: AsyncEngine) -> AsyncIterator[None]:
    """Mark the record as restored; confirm everybody at the end."""
    await finish_restore(engine, await mark_restored(engine, now()), now())
    yield
    await confirm(engine, "staff", await list_unconfirmed(engine, "staff"), "test", now())
    await confirm(engine, "system", await list_unconfirmed(engine, "system"), "test", now())


@pytest.mark.usefixtures("restored")
async def test_an_unconfirmed_person_is_refused_until_somebody_confirms_them(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    refused = await cli("acknowledge", reference, "--as", "m.okafor")
    assert (refused.code, refused.errors) == (
        3,
        ["m.okafor must be confirmed since the record was restored: complaints staff confirm m.okafor. (unconfirmed)"],
    )
    shown = await cli.run("staff", "confirm")
    assert [line for line in shown.out.splitlines() if line.startswith("m.okafor: ")]
    assert "are refused. To confirm all: complaints staff confirm --all" in shown.out
    assert "m.okafor" in (await cli.run("staff", "confirm", "--json")).json["unconfirmed"]
    confirmed = await cli.run("staff", "confirm", "m.okafor", "--as", "ops.lee")
    assert confirmed.out == "Confirmed: m.okafor.\n"
    await cli.run("acknowledge", reference, "--as", "m.okafor")
    again = await cli("staff", "confirm", "m.okafor", "--as", "ops.lee")
    assert (again.code, again.errors[0].startswith("ID: ")) == (2, True)
    await cli.run("staff", "confirm", "--all", "--as", "ops.lee")
    assert (await cli.run("staff", "confirm")).out.startswith("Everybody is confirmed")


async def test_systems_are_shown_and_asked_for_before_they_are_confirmed(
    cli_without_worker: CliRunner, engine: AsyncEngine, type_ahead: TypeAhead
) -> None:
    cli = cli_without_worker
    await cli.run("systems", "add", "old-portal", "--scope", "read", "--as", "ops.lee")
    await finish_restore(engine, await mark_restored(engine, now()), now())
    ids = await list_unconfirmed(engine, "staff")
    await confirm(engine, "staff", ids, "test", now())
    await update_members(engine, ["n.since"], lambda _: [Member(id="n.since", name="N.")], at=now(), by="test")
    assert await list_unconfirmed(engine, "staff") == []
    type_ahead("n\n")
    assert (await cli("systems", "confirm", "old-portal", "--as", "ops.lee")).code == 1
    type_ahead("y\n")
    result = await cli.run("systems", "confirm", "old-portal", "--as", "ops.lee")
    assert "old-portal: read; keys " in result.err
    assert result.out == "Confirmed: old-portal.\n"
    await cli.run("systems", "confirm", "--all", "--yes", "--as", "ops.lee")
    assert await list_unconfirmed(engine, "system") == []
