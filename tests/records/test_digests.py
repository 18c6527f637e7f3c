"""The morning digest of a tier's lead."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.messages.key import COMPLAINANT, MessageKey
from complaints.messages.staff_email import digest_email
from complaints.procedure import acts
from complaints.procedure.views.views import transition_since
from complaints.records.deliveries import claim
from complaints.records.digests import build_digest, list_tiers
from complaints.records.transitions import write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened


async def test_a_digest_lists_due_overdue_and_held(engine: AsyncEngine) -> None:
    due, overdue, untouched = opened("C-1"), opened("C-2"), opened("C-3")
    overdue.apply(acts.Acknowledge(id="1", by="carl"), at(1, 20), DIRECTORY_RESULT)
    for complaint in (due, overdue, untouched):
        await write_transition(engine, transition_since(complaint, 0))
    letter = next(e.sequence for e in overdue.state.events if e.detail.get("occasion") == "acknowledgement")
    async with claim(engine, MessageKey(reference="C-2", sequence=letter, to=COMPLAINANT)) as claimed:
        await claimed.mark_held(at(1, 20), "the mail server refused the recipient (550 5.1.1)")
    assert await list_tiers(engine) == ["customer_complaints_team", "manager"]

    digest = await build_digest(engine, "manager", date(2026, 12, 18))
    assert [(each.reference, each.kind) for each in digest.due] == [
        ("C-1", "acknowledgement"),
        ("C-3", "acknowledgement"),
    ]
    passed_on = await build_digest(engine, "customer_complaints_team", date(2027, 1, 21))
    assert [each.reference for each in passed_on.held] == ["C-2"]
    message = digest_email(passed_on)
    assert message.subject.startswith("Thu 21 Jan 2027: ")
    assert f"- C-2.{letter}.complainant: the mail server refused the recipient (550 5.1.1)" in message.text
    assert "complaints list --tier customer_complaints_team" in message.text


async def test_a_digest_without_news_is_empty(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(opened(), 0))
    assert (await build_digest(engine, "manager", date(2026, 12, 17))).is_empty
