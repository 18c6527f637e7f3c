"""An operator enters the first administrator of a record, and another only on request."""

import asyncio

import pytest

from complaints.policies.loader import load_policy
from complaints.records.database import make_engine
from complaints.records.directory import read_members
from complaints.records.staff import list_changes, update_members
from complaints.runtime.clock import now
from complaints.staff.members import Member
from local.servers.owner import upgrade_as_owner
from tests.fixtures.empty_record import empty_url, server_url
from worker.administrator import NoAdministratorError, enter_administrator

__all__ = ["empty_url", "server_url"]

FIRST = {"id": "A.Keller", "name": "Anna Keller", "email": "anna@example.org"}
SECOND = {"id": "m.okafor", "name": "Mary Okafor", "email": "mary@example.org"}


async def test_the_first_administrator_is_entered_once(empty_url: str) -> None:
    await asyncio.to_thread(upgrade_as_owner, empty_url)
    engine, policy = make_engine(empty_url, pool_size=1), load_policy()
    entered = await enter_administrator(engine, policy, FIRST, now(), another=False)
    assert (entered.id, entered.roles, entered.email) == ("a.keller", ("administrator",), "anna@example.org")
    assert [change.by for change in await list_changes(engine, "a.keller")] == ["operator"]
    manager = Member(id="m.okafor", name="Mary", roles=("manager",))
    await update_members(engine, ["m.okafor"], lambda _: [manager], at=now(), by="a.keller")
    with pytest.raises(NoAdministratorError, match=r"a\.keller can enter administrators"):
        await enter_administrator(engine, policy, SECOND, now(), another=False)
    another = await enter_administrator(engine, policy, SECOND, now(), another=True)
    assert another.roles == ("administrator", "manager")
    with pytest.raises(NoAdministratorError, match="email: give an address"):
        await enter_administrator(engine, policy, {**FIRST, "id": "x", "email": "nowhere"}, now(), another=True)
    assert {*await read_members(engine)} == {"a.keller", "m.okafor"}
    await engine.dispose()
