"""`reassign --all-of` reassigns all that somebody holds, once, however often it is repeated."""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.records.worklists import list_held, list_owned
from complaints.staff.directory import Directory
from starter.service.reassign_all import BulkReassignment, choose_assignee, reassign
from tests.admin.cli_runner import CliRunner, CommandResult, TypeAhead
from tests.fixtures.staff import DIRECTORY
from tests.procedure.builders import opened

MANAGERS = ("mary", "anna", "bert", "harry")
_numbers = itertools.count(1)


@dataclass
class Team:
    """Managers for an aspect of these tests only, their lead, and the complaints of the first."""

    cli: CliRunner
    number: int
    held: list[str]

    def id(self, name: str) -> str:
        return f"{name}-{self.number}"

    async def reassign_all(self, *more: str) -> CommandResult:
        reason = ("--as", self.id("lead"), "--reason", "She has left.")
        return await self.cli("reassign", "--all-of", self.id("mary"), *reason, *more)

    async def import_managers(self, *managers: str, until: str = "") -> None:
        """Import managers and their lead into the directory, active until a day if one is given."""
        rows = [f"{self.id(name)},{name},manager,,inappropriate_communication,{until}" for name in managers]
        lines = ["id,name,roles,leads,aspects,active_until", *rows, f"{self.id('lead')},lead,,manager,,{until}"]
        await self.cli.run("staff", "import", self.cli.write_file(*lines, name="team.csv"))

    async def holder(self, reference: str) -> Any:
        return (await self.cli.show(reference))["holder"]


@pytest.fixture
async def team(cli: CliRunner) -> AsyncIterator[Team]:
    team = Team(cli, next(_numbers), [])
    await team.import_managers("mary", "harry")  # harry is the case handler, so that mary is chosen
    concerns = [{"aspect": "inappropriate_communication", "what_happened": "He was rude."}]
    for _ in range(2):
        case = {"reference": "K", "open": True, "handler": team.id("harry")}
        team.held.append(await cli.open_complaint(case=case, concerns=concerns))
    for reference in team.held:
        await cli.wait_until_recorded(reference)
    await team.import_managers(*MANAGERS)
    yield team
    await team.import_managers(*MANAGERS, until="2026-01-01")


async def test_all_complaints_go_to_the_named_member(team: Team) -> None:
    result = await team.reassign_all("--to", team.id("anna"))
    assert (result.code, result.err) == (0, "")
    for reference in team.held:
        assert f"{reference}: given to {team.id('anna')}\n" in result.out
        assert await team.holder(reference) == team.id("anna")
        await team.cli.wait_until_recorded(reference)
    assert (await team.reassign_all("--to", team.id("anna"))).out == f"{team.id('mary')} holds no open complaint.\n"


async def test_without_a_named_member_the_directory_chooses_for_each(team: Team) -> None:
    result = await team.reassign_all("--json")
    assert result.code == 0
    assert [json.loads(line)["code"] for line in result.out.splitlines()] == ["done", "done"]
    assert {await team.holder(reference) for reference in team.held} == {team.id("anna"), team.id("bert")}


async def test_a_repeated_command_reassigns_nothing_twice(team: Team, client: Client, engine: AsyncEngine) -> None:
    """Repeat the command before the record has caught up."""
    first, second = await list_held(engine, team.id("mary"))
    reassignment = BulkReassignment(team.id("mary"), team.id("anna"), team.id("lead"), "She has left.", None)
    assert (await reassign(client, reassignment, first, Directory({}))).code == "done"
    await team.cli.run(
        "reassign", first.state.reference, "--as", team.id("lead"), "--to", team.id("bert"), "--reason", "Too many."
    )
    for holding in (first, second):
        assert (await reassign(client, reassignment, holding, Directory({}))).code == "done"
    assert await team.holder(first.state.reference) == team.id("bert")
    assert await team.holder(second.state.reference) == team.id("anna")


def test_the_command_and_the_workflow_choose_the_same_holder() -> None:
    complaint = opened(aspects=["delay", "outcome", "data_protection"])
    query = complaint.complaint.directory_query((), complaint.now)
    assert query
    by_workflow = DIRECTORY.resolve(query).assignee
    assert by_workflow == choose_assignee(complaint.state, "nobody.else", DIRECTORY) == "m.okafor"


async def test_a_refusal_is_printed_and_the_rest_goes_on(team: Team) -> None:
    result = await team.reassign_all("--to", team.id("harry"))
    assert result.code == 3
    assert [line.endswith("(was_case_handler)") for line in result.errors] == [True, True]
    assert {await team.holder(reference) for reference in team.held} == {team.id("mary")}


async def test_a_preview_names_the_new_holders_and_reassigns_nothing(team: Team) -> None:
    result = await team.reassign_all("--preview")
    assert result.out.startswith(f"{team.id('mary')} holds 2 open complaints.")
    assert all(f"  {reference}: " in result.out for reference in team.held)
    planned = (await team.reassign_all("--preview", "--json")).json
    assert {each["to"] for each in planned} == {team.id("anna"), team.id("bert")}
    assert {await team.holder(reference) for reference in team.held} == {team.id("mary")}


@pytest.fixture
async def undertaken(team: Team) -> list[str]:
    """Mary's undertakings: of a complaint that bert holds, and of one that is closed."""
    of_other, closed = team.held
    for reference in team.held:
        letter = ("--outcome", "upheld", "--findings", "It was slow.", "--remedy", "compensation:50.00")
        await team.cli.run("reply", reference, "--as", team.id("mary"), *letter)
    give = ("--as", team.id("lead"), "--to", team.id("bert"), "--reason", "Too many.")
    await team.cli.run("reassign", of_other, *give)
    await team.cli.run("withdraw", closed, "--as", "front-desk")
    for reference in team.held:
        await team.cli.wait_until_recorded(reference)
    return sorted(team.held)


async def _owned(engine: AsyncEngine, staff: str) -> list[str]:
    return [each.state.reference for each in await list_owned(engine, staff)]


async def test_undertakings_go_too_also_of_complaints_that_others_hold_or_that_are_closed(
    team: Team, undertaken: list[str], engine: AsyncEngine
) -> None:
    assert await _owned(engine, team.id("mary")) == undertaken
    result = await team.reassign_all("--to", team.id("anna"))
    assert (result.code, result.err) == (0, "")
    assert [line.partition(": ")[0] for line in result.out.splitlines()] == [
        f"{reference} undertaking 1" for reference in undertaken
    ]
    for reference in undertaken:
        await team.cli.wait_until_recorded(reference)
    assert await _owned(engine, team.id("anna")) == undertaken
    assert await team.holder(team.held[0]) == team.id("bert")
    assert (await team.reassign_all("--to", team.id("anna"))).out == f"{team.id('mary')} holds no open complaint.\n"


async def test_the_directory_chooses_an_owner_who_works_at_the_tier(
    team: Team, undertaken: list[str], engine: AsyncEngine
) -> None:
    planned = (await team.reassign_all("--preview", "--json")).json
    result = await team.reassign_all("--json")
    assert result.code == 0
    done = [json.loads(line) for line in result.out.splitlines()]
    assert [(each["reference"], each["undertaking"], each["code"]) for each in done] == [
        (reference, 1, "done") for reference in undertaken
    ]
    for each in planned:
        await team.cli.wait_until_recorded(each["reference"])
        assert each["reference"] in await _owned(engine, each["to"])


async def test_a_preview_lists_the_undertakings(team: Team, undertaken: list[str], engine: AsyncEngine) -> None:
    result = await team.reassign_all("--preview", "--to", team.id("anna"))
    assert f"{team.id('mary')} has 2 open undertakings. They would go to others:" in result.out
    assert all(f"  {reference} undertaking 1: {team.id('anna')}\n" in result.out for reference in undertaken)
    assert await _owned(engine, team.id("mary")) == undertaken


async def test_a_repeated_command_gives_no_undertaking_away_twice(
    team: Team, undertaken: list[str], client: Client, engine: AsyncEngine
) -> None:
    """Repeat the command before the record has caught up."""
    owned = (await list_owned(engine, team.id("mary")))[0]
    reassignment = BulkReassignment(team.id("mary"), team.id("anna"), team.id("lead"), "She has left.", None)
    assert (await reassign(client, reassignment, owned, Directory({}))).code == "done"
    give = ("--as", team.id("lead"), "--to", team.id("bert"), "--reason", "Too many.")
    await team.cli.run("reassign-undertaking", undertaken[0], "1", *give)
    assert (await reassign(client, reassignment, owned, Directory({}))).code == "done"
    await team.cli.wait_until_recorded(undertaken[0])
    assert await _owned(engine, team.id("bert")) == undertaken[:1]


async def test_on_a_terminal_all_complaints_are_named_before_they_go(team: Team, type_ahead: TypeAhead) -> None:
    type_ahead("n\n")
    result = await team.reassign_all("--to", team.id("anna"))
    assert (result.code, f"  {team.held[0]}: {team.id('anna')}" in result.err) == (1, True)
    assert {await team.holder(reference) for reference in team.held} == {team.id("mary")}
    assert (await team.reassign_all("--to", team.id("anna"), "--yes")).code == 0


async def test_an_unknown_staff_id_is_named_before_anything_is_reassigned(team: Team) -> None:
    to = f"{team.id('anna')}x"
    result = await team.reassign_all("--to", to)
    assert (result.code, result.errors) == (2, [f"--to: there is no {to}; {team.id('anna')}?"])
    nobody = await team.cli("reassign", "--all-of", "m.huges", "--as", "lead", "--reason", "x")
    assert (nobody.code, nobody.errors) == (2, ["--all-of: there is no m.huges; m.hughes?"])


async def test_every_option_error_is_printed_at_once(cli: CliRunner) -> None:
    result = await cli("reassign", "C-1", "--all-of", "m o", "--to", "m o", "--signal", "--reason", " ")
    assert (result.code, [line.split(": ")[0] for line in result.errors]) == (
        2,
        ["REF", "--signal", "--all-of", "--to", "--reason", "--to"],
    )
    result = await cli("reassign", "--to", "m.o", "--as", "lead")
    assert [line.split(": ")[0] for line in result.errors] == ["REF", "--reason"]
