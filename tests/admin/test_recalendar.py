"""Amend the calendar and recalculate open complaints (R14).

In Northern Ireland, whose calendar no other test uses.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.records.calendar_amendments import list_amendments
from complaints.records.stale_calendars import list_stale
from complaints.runtime.clock import now
from tests.admin.cli_runner import Script

REGION = "northern-ireland"
POLICY = Path("complaints/policies/financial-ombudsman-service.toml")
BY = ("--as", "op", "--region", REGION)
NOTICED_WITHIN = 10.0
"""Seconds."""


@pytest.fixture
def there(tmp_path: Path) -> Sequence[str]:
    """Options by which a complaint is opened under that region's calendar."""
    policy = tmp_path / "there.toml"
    policy.write_text(POLICY.read_text(encoding="utf-8").replace("england-and-wales", REGION), encoding="utf-8")
    return ("--policy", str(policy))


def working_day(number: int) -> date:
    """Return the region's n-th working day after today."""
    policy = load_policy().model_copy(update={"region": REGION})
    return calendar_for(policy, now(), now()).working_day_after(now().date(), number)


async def due(script: Script, reference: str) -> str:
    return str((await script.shown(reference))["deadlines"][1]["due_on"])


async def is_counted(engine: AsyncEngine) -> None:
    """Once the record knows that nobody of that region carries another calendar."""
    async with asyncio.timeout(NOTICED_WITHIN):
        while True:
            regions = {each.carried.calendar.region async for each in list_stale(engine, by="op")}
            if REGION not in regions:
                return
            await asyncio.sleep(0.05)


async def test_a_holiday_announced_late_moves_open_dates(
    script: Script, engine: AsyncEngine, there: Sequence[str]
) -> None:
    references = [await script.opened(*there) for _ in range(3)]
    for reference in references:
        await script.recorded(reference)
    before, funeral = await due(script, references[0]), working_day(6)
    assert before == str(working_day(10))

    added = await script.done("calendar", "add", str(funeral), "State funeral", *BY, "--reason", "Announced.", "--json")
    assert added.json["open_complaints_with_another_calendar"] == 3
    [difference] = (await script.done("calendar", "diff", "--json")).json["differences"]
    assert (difference["complaints"], difference["days"]) == (
        3,
        [{"on": str(funeral), "was": None, "now": "State funeral"}],
    )

    foreseen = (await script.done("recalendar", "--dry-run", "--json")).json
    assert [each["reference"] for each in foreseen] == references
    assert [(each["of"], each["from_on"]) for each in foreseen[0]["changes"]] == [("manager: reply", before)]
    assert "3 dates move: 0 stop being late, 0 lapse" in (await script.done("recalendar", "--dry-run")).out
    assert await due(script, references[0]) == before

    run = (await script.done("recalendar", "--as", "op", "--json")).json
    assert (run["total"], run["tally"]["redated"], run["is_finished"]) == (3, 3, True)
    after = await due(script, references[0])
    assert after == foreseen[0]["changes"][0]["to_on"] > before
    await is_counted(engine)
    [move] = (await script.done("explain", references[0], "--json")).json[1]["moves"]
    assert (move["rule"], move["by"], move["to_on"], move["why"]) == ("R14", "op", after, "Announced.")
    again = (await script.done("recalendar", "--as", "op", "--json")).json
    assert (again["total"], again["tally"]["redated"]) == (0, 0)
    assert "Every open complaint carries the working days in force." in (await script.done("calendar", "diff")).out

    shown = (await script.done("calendar", "show", "--region", REGION, "--year", str(funeral.year), "--json")).json
    assert {"on": str(funeral), "name": "State funeral", "counts": False, "from": "amendment 1"} in shown["days"]
    calculated = await script.done(
        "calculate", "--from", f"{now():%Y-%m-%d}", "--working-days", "10", "--region", REGION, "--json"
    )
    assert calculated.json["due_on"] == after
    newcomer = await script.opened(*there)
    assert await due(script, newcomer) == after
    assert "amendment 1" in (await script.done("explain", newcomer)).out

    await script.done("calendar", "strike", str(funeral), *BY, "--reason", "A mistake.")
    await script.done("recalendar", "--as", "op")
    assert await due(script, references[0]) == before
    assert [amendment.by for amendment in await list_amendments(engine, REGION)] == ["op", "op"]
    shown = await script.done("calendar", "show", "--region", REGION)
    assert "struck" in shown.out
    assert "A mistake." in shown.out


@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        (
            ("add", "tomorrow", " "),
            [
                "--as: is needed",
                "DATE: give a date such as 2026-12-09",
                "NAME: must not be empty",
                "--reason: is needed",
            ],
        ),
        (
            ("add", "2026-12-26", "Boxing Day", "--as", "op", "--reason", "x", "--region", "moon"),
            [
                "--region: there is no moon; give england-and-wales, scotland or northern-ireland",
                "DATE: 2026-12-26 is a Saturday, which is no working day in any case; give a weekday",
            ],
        ),
        (
            ("add", "2026-12-25", "Holiday", *BY, "--reason", "x"),
            ["DATE: Fri 25 Dec 2026 is a holiday in northern-ireland already (Christmas Day)"],
        ),
        (
            ("strike", "2026-12-09", *BY, "--reason", "x"),
            ["DATE: Wed 9 Dec 2026 is no holiday in northern-ireland; nothing to strike"],
        ),
        (("show", "--year", "0"), ["--year: give a year from 1900 to 2199"]),
    ],
)
async def test_an_invalid_amendment_is_bad_input(script: Script, arguments: Sequence[str], errors: list[str]) -> None:
    ran = await script("calendar", *arguments)
    assert (ran.code, ran.errors) == (2, errors)


async def test_recalendar_needs_an_actor(script: Script) -> None:
    ran = await script("recalendar")
    assert (ran.code, ran.errors) == (2, ["--as: is needed"])


async def test_an_unauthorised_actor_is_refused_by_the_first_complaint_only(
    script: Script, engine: AsyncEngine, there: Sequence[str]
) -> None:
    references = [await script.opened(*there) for _ in range(2)]
    for reference in references:
        await script.recorded(reference)
    await script.done("calendar", "add", str(working_day(7)), "Funeral", *BY, "--reason", "Announced.")
    ran = await script("recalendar", "--as", "nobody.knows", "--json")
    assert (ran.code, ran.json["code"]) == (3, "unknown_staff")
    refusals = [
        event["kind"] == "refused" for reference in references for event in (await script.shown(reference))["events"]
    ]
    assert sum(refusals) <= 1
    before = await due(script, references[0])
    await script.done("recalendar", "--as", "op")
    assert await due(script, references[0]) > before
    await script.done("calendar", "strike", str(working_day(7)), *BY, "--reason", "A mistake.")
    await script.done("recalendar", "--as", "op")
    await is_counted(engine)
