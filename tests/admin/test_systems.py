"""Commands of systems and their keys: a key is printed only once."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import ApiKey
from complaints.records import refused_requests
from complaints.records.refused_requests import RefusedRequests
from complaints.records.systems import System, list_systems
from complaints.runtime.clock import now
from tests.admin.cli_runner import CliRunner


async def find_system(engine: AsyncEngine, name: str) -> System:
    [system] = [each for each in await list_systems(engine) if each.name == name]
    return system


async def test_a_key_is_printed_once_and_its_secret_stored_nowhere(
    cli_without_worker: CliRunner, engine: AsyncEngine
) -> None:
    added = await cli_without_worker.run(
        "systems", "add", "press", "--scope", "open", "--scope", "act", "--as", "ops.lee"
    )
    key = ApiKey.read(added.out.splitlines()[-1])
    assert key
    system = await find_system(engine, "press")
    assert (system.scopes, system.added_by) == (("act", "open"), "ops.lee")
    assert [(stored.id, key.matches(stored.digest)) for stored in system.keys] == [(key.id, True)]
    for listed in (
        await cli_without_worker.run("systems", "list"),
        await cli_without_worker.run("systems", "list", "--json"),
    ):
        assert key.id in listed.out
        assert key.secret not in listed.out
        assert "digest" not in listed.out


async def test_a_rotated_key_stays_valid_for_the_overlap(cli_without_worker: CliRunner, engine: AsyncEngine) -> None:
    await cli_without_worker.run("systems", "add", "rota", "--scope", "read", "--as", "ops.lee")
    rotated = await cli_without_worker.run("systems", "rotate", "rota", "--as", "ops.lee", "--json")
    newest, old = (await find_system(engine, "rota")).keys
    key = ApiKey.read(rotated.json["key"])
    assert key
    assert (rotated.json["system"], newest.id, newest.ends_at) == ("rota", key.id, None)
    assert old.ends_at
    assert timedelta(hours=23) < old.ends_at - now() < timedelta(hours=25)
    await cli_without_worker.run("systems", "rotate", "rota", "--overlap", "0", "--as", "ops.lee")
    assert [key.ends_at is None or key.ends_at <= now() for key in (await find_system(engine, "rota")).keys] == [
        True
    ] * 3


async def test_a_revoked_system_is_never_added_again(cli_without_worker: CliRunner, engine: AsyncEngine) -> None:
    await cli_without_worker.run("systems", "add", "ex-portal", "--scope", "read", "--as", "ops.lee")
    await cli_without_worker.run("systems", "revoke", "ex-portal", "--as", "ops.lee")
    assert (await find_system(engine, "ex-portal")).revoked_by == "ops.lee"
    assert "revoked" in (await cli_without_worker.run("systems", "list")).out
    for command, says in (
        (["revoke", "ex-portal"], "NAME: ex-portal was revoked on"),
        (["rotate", "ex-portal"], "NAME: ex-portal was revoked on"),
        (
            ["add", "ex-portal", "--scope", "read"],
            "NAME: there is a system ex-portal already, or was; choose another name",
        ),
        (["rotate", "nobody"], "NAME: there is no nobody; see complaints systems list"),
    ):
        result = await cli_without_worker("systems", *command, "--as", "ops.lee")
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(says)


@pytest.mark.parametrize(
    ("command", "errors"),
    [
        (
            ["add", "a b", "--scope", "every"],
            [
                "NAME: give a name of up to 64 letters, digits and . _ -",
                "--scope: give open, read, act, findings or all",
            ],
        ),
        (["add", "portal"], ["--scope: is needed"]),
        (["add", "portal", "--scope", "findings"], ["--scope: findings goes with read only; add read"]),
        (["rotate", "portal", "--overlap", "soon"], ["--overlap: give a whole number from 0 to 720"]),
        (["refusals", "--days", "0"], ["--days: give a whole number from 1 to 9,999"]),
    ],
)
async def test_all_errors_are_listed_at_once(
    cli_without_worker: CliRunner, command: list[str], errors: list[str]
) -> None:
    result = await cli_without_worker("systems", *command)
    assert (result.code, result.errors) == (2, errors)


async def test_denied_requests_are_listed_by_day(cli_without_worker: CliRunner, engine: AsyncEngine) -> None:
    at = now()
    counts = {"reason": "no_such_key", "system": "", "request": "GET /shown-by-day", "times": 3}
    for day in (at, at, at - timedelta(days=40)):
        each = RefusedRequests.model_validate({**counts, "day": day.date(), "first_at": day, "last_at": day})
        await refused_requests.add_counts(engine, [each])
    listed = (await cli_without_worker.run("systems", "refusals", "--json")).json
    [shown] = [each for each in listed if each["request"] == counts["request"]]
    assert (shown["times"], shown["reason"]) == (6, "no_such_key")
    assert "no such key" in (await cli_without_worker.run("systems", "refusals", "--days", "41")).out
