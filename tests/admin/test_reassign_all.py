"""`reassign --all-of` gives away all that somebody holds, once, however often it is tried."""

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.staff.reassign_all import BulkReassignment, choose_assignee, reassign
from complaints.records.worklists import list_held
from complaints.staff.directory import Directory
from tests.admin.cli_runner import Ran, Script
from tests.fixtures.staff import DIRECTORY
from tests.procedure.builders import opened

MANAGERS = ("mary", "anna", "bert", "harry")
_numbers = itertools.count(1)


@dataclass
class Team:
    """Managers for the aspect of these tests only, their lead, and what the first one holds."""

    script: Script
    number: int
    held: list[str]

    def id(self, name: str) -> str:
        return f"{name}-{self.number}"

    async def give_away(self, *more: str) -> Ran:
        reason = ("--as", self.id("lead"), "--reason", "She has left.")
        return await self.script("reassign", "--all-of", self.id("mary"), *reason, *more)

    async def enter(self, *managers: str, until: str = "") -> None:
        """Into the directory with their lead, until a day if there is one."""
        rows = [f"{self.id(name)},{name},manager,,inappropriate_communication,{until}" for name in managers]
        lines = ["id,name,roles,leads,aspects,active_until", *rows, f"{self.id('lead')},lead,,manager,,{until}"]
        await self.script.done("staff", "import", self.script.file(*lines, name="team.csv"))

    async def holder(self, reference: str) -> Any:
        return (await self.script.shown(reference))["holder"]


@pytest.fixture
async def team(script: Script) -> AsyncIterator[Team]:
    team = Team(script, next(_numbers), [])
    await team.enter("mary", "harry")  # harry is the case handler, so that mary is chosen
    concerns = [{"aspect": "inappropriate_communication", "what_happened": "He was rude."}]
    for _ in range(2):
        case = {"reference": "K", "open": True, "handler": team.id("harry")}
        team.held.append(await script.opened(case=case, concerns=concerns))
    for reference in team.held:
        await script.recorded(reference)
    await team.enter(*MANAGERS)
    yield team
    await team.enter(*MANAGERS, until="2026-01-01")


async def test_all_complaints_go_to_the_named_member(team: Team) -> None:
    ran = await team.give_away("--to", team.id("anna"))
    assert (ran.code, ran.err) == (0, "")
    for reference in team.held:
        assert f"{reference}: given to {team.id('anna')}\n" in ran.out
        assert await team.holder(reference) == team.id("anna")
        await team.script.recorded(reference)
    assert (await team.give_away("--to", team.id("anna"))).out == f"{team.id('mary')} holds no open complaint.\n"


async def test_without_a_named_member_the_directory_chooses_for_each(team: Team) -> None:
    ran = await team.give_away("--json")
    assert ran.code == 0
    assert [json.loads(line)["code"] for line in ran.out.splitlines()] == ["done", "done"]
    assert {await team.holder(reference) for reference in team.held} == {team.id("anna"), team.id("bert")}


async def test_a_repeated_command_reassigns_nothing_twice(team: Team, client: Client, engine: AsyncEngine) -> None:
    """Where it is tried again before the record has caught up."""
    first, second = await list_held(engine, team.id("mary"))
    handover = BulkReassignment(team.id("mary"), team.id("anna"), team.id("lead"), "She has left.", None)
    assert (await reassign(client, handover, first, Directory({}))).code == 0
    await team.script.done(
        "reassign", first.state.reference, "--as", team.id("lead"), "--to", team.id("bert"), "--reason", "Too many."
    )
    for holding in (first, second):
        assert (await reassign(client, handover, holding, Directory({}))).code == 0
    assert await team.holder(first.state.reference) == team.id("bert")
    assert await team.holder(second.state.reference) == team.id("anna")


def test_the_script_and_the_workflow_choose_the_same_holder() -> None:
    story = opened(aspects=["delay", "outcome", "data_protection"])
    query = story.complaint.directory_query((), story.now)
    assert query
    by_workflow = DIRECTORY.resolve(query).assignee
    assert by_workflow == choose_assignee(story.state, "nobody.else", DIRECTORY) == "m.okafor"


async def test_a_refusal_is_printed_and_the_rest_goes_on(team: Team) -> None:
    ran = await team.give_away("--to", team.id("harry"))
    assert ran.code == 3
    assert [line.endswith("(was_case_handler)") for line in ran.errors] == [True, True]
    assert {await team.holder(reference) for reference in team.held} == {team.id("mary")}


async def test_every_option_error_is_printed_at_once(alone: Script) -> None:
    ran = await alone("reassign", "C-1", "--all-of", "m o", "--to", "m o", "--signal", "--reason", " ")
    assert (ran.code, [line.split(": ")[0] for line in ran.errors]) == (
        2,
        ["REF", "--signal", "--as", "--all-of", "--to", "--reason", "--to"],
    )
    ran = await alone("reassign", "--to", "m.o", "--as", "l.m")
    assert [line.split(": ")[0] for line in ran.errors] == ["REF", "--reason"]
