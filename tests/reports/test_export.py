"""The export: a complaint on each line, or an event in each row; free text only on request."""

import json
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import Reply
from complaints.records import tables
from complaints.reports.export import BATCH_SIZE, export_complaints, export_events
from complaints.reports.period import Period
from tests.records.table_dump import everything
from tests.reports.sample_complaints import SampleComplaint, put_on_record

JUNE = Period(date(2026, 6, 1), date(2026, 6, 30), "Europe/London")
NAME = "Ada Quince"


def answered(reference: str, on: date = JUNE.first) -> SampleComplaint:
    remedies = [{"kind": "action", "what": f"Write to {NAME}."}]
    return SampleComplaint(reference, on, complainant={"name": NAME}).act(
        Reply, 2, outcome="upheld", findings="It was so.", remedies=remedies
    )


async def test_each_complaint_is_one_line(engine: AsyncEngine) -> None:
    inside = [answered("first"), answered("last", JUNE.last)]
    outside = [answered("may", date(2026, 5, 31)), answered("july", date(2026, 7, 1))]
    await put_on_record(engine, (each.complaint for each in inside + outside))
    lines = [line async for line in export_complaints(engine, JUNE, with_free_text=False)]
    first, last = map(json.loads, lines)
    assert [first["reference"], last["reference"]] == ["first", "last"]
    recorded = await everything(engine)
    for part in ("events", "deadlines", "undertakings", "deliveries"):
        assert len(first[part]) == sum(row[0] == "first" for row in recorded[part]), part
    assert NAME not in "".join(lines)
    [whole, _] = [json.loads(line) async for line in export_complaints(engine, JUNE, with_free_text=True)]
    assert whole["form"]["complainant"]["name"] == NAME
    assert whole["undertakings"][0]["what"] == f"Write to {NAME}."
    assert {"findings": "It was so.", "remedy 1": f"Write to {NAME}."} in [
        each.get("words") for each in whole["events"]
    ]


async def test_each_event_is_one_row(engine: AsyncEngine) -> None:
    lived = [answered(f"number-{number:02}") for number in range(20)]
    await put_on_record(engine, (each.complaint for each in lived))
    rows = [row async for row in export_events(engine, JUNE, with_free_text=False)]
    recorded = await everything(engine)
    place = list(tables.events.columns.keys()).index("sequence")
    assert len(rows) > BATCH_SIZE
    assert [(row.reference, row.sequence) for row in rows] == sorted((row[0], row[place]) for row in recorded["events"])
    assert not any(row.words for row in rows)
    assert NAME not in "".join(map(str, rows))
    with_words = [row async for row in export_events(engine, JUNE, with_free_text=True)]
    assert {(row.complainant, row.capacity) for row in with_words} == {(NAME, "customer")}
    assert all(row.case_reference and row.email for row in with_words)
    assert not any(row.complainant or row.capacity or row.email or row.case_reference for row in rows)
    assert not any(row.represents or row.authority or row.needs for row in with_words)
    assert any(
        row.words and NAME in row.words
        for row in [row async for row in export_events(engine, JUNE, with_free_text=True)]
    )


async def test_an_event_of_a_representatives_complaint_names_the_person_represented(engine: AsyncEngine) -> None:
    needs = {"large_print": True, "language": "Polish"}
    who = {"name": NAME, "capacity": "representative", "represents": "Bo Hart", "authority": "a letter", "needs": needs}
    await put_on_record(engine, [SampleComplaint("first", JUNE.first, complainant=who).complaint])
    with_words = [row async for row in export_events(engine, JUNE, with_free_text=True)]
    assert {(row.represents, row.authority) for row in with_words} == {("Bo Hart", "a letter")}
    assert all(json.loads(row.needs or "") == needs for row in with_words)
    rows = [row async for row in export_events(engine, JUNE, with_free_text=False)]
    assert not any(row.represents or row.authority or row.needs for row in rows)
