"""The morning digest of a tier's lead."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.audit.roots import SignedRoot
from complaints.messages.digest import DigestRequest, DueItem, NewItem, UnheldItem
from complaints.messages.key import COMPLAINANT, MessageKey
from complaints.messages.staff_email import digest_email
from complaints.procedure import acts
from complaints.procedure.views.views import transition_since
from complaints.records.deliveries import claim
from complaints.records.digests import build_digest, list_tiers
from complaints.records.transitions import write_transition
from tests.fixtures.staff import DIRECTORY_RESULT, directory_result
from tests.records.sample_complaints import ACTION, RECEIVED, at, opened


def request(tier: str, day: date, *more_steps: str) -> DigestRequest:
    """Return a request for a day from Monday to Thursday, after another working day."""
    until = datetime.combine(day, time(9), UTC)
    day_before, tomorrow = until - timedelta(days=1), day + timedelta(days=1)
    steps = (tier, *more_steps)
    return DigestRequest(tier=tier, steps=steps, day=day, tomorrow=tomorrow, since=day_before, until=until)


async def test_a_digest_lists_due_overdue_and_held(engine: AsyncEngine) -> None:
    due, overdue, untouched = opened("C-1"), opened("C-2"), opened("C-3")
    overdue.apply(acts.Acknowledge(id="1", by="carl"), at(1, 20), DIRECTORY_RESULT)
    for complaint in (due, overdue, untouched):
        await write_transition(engine, transition_since(complaint, 0))
    letter = next(e.sequence for e in overdue.state.events if e.detail.get("occasion") == "acknowledgement")
    async with claim(engine, MessageKey(reference="C-2", sequence=letter, to=COMPLAINANT)) as claimed:
        await claimed.mark_held(at(1, 20), "the mail server refused the recipient (550 5.1.1)")
    assert await list_tiers(engine) == ["customer_complaints_team", "manager"]

    digest = await build_digest(engine, request("manager", date(2026, 12, 18)))
    assert [(each.reference, each.what) for each in digest.due] == [
        ("C-1", "acknowledgement"),
        ("C-3", "acknowledgement"),
    ]
    passed_on = await build_digest(engine, request("customer_complaints_team", date(2027, 1, 21)))
    assert [each.reference for each in passed_on.held] == ["C-2"]
    message = digest_email(passed_on)
    assert message.subject.startswith("Thu 21 Jan 2027: ")
    assert f"- C-2.{letter}.complainant: the mail server refused the recipient (550 5.1.1)" in message.text
    assert "complaints list --tier customer_complaints_team" in message.text
    assert "Signed root" not in message.text
    of_root = {"day": date(2027, 1, 21), "at": at(1, 21), "complaints": 3, "changes": "", "previous": None}
    root = SignedRoot.model_validate({**of_root, "root": "ab" * 32, "signature": "cd" * 64})
    text = digest_email(passed_on, root).text
    assert "Signed root of the record on Thu 21 Jan 2027, over 3 complaints:\n" in text
    assert "ab" * 32 in text
    assert text.count("cd" * 32) == 2


async def test_a_digest_says_what_is_new_what_nobody_holds_and_what_is_due_tomorrow(engine: AsyncEngine) -> None:
    unheld, held, with_nobody = opened("C-1"), opened("C-2"), opened("H-3")
    for complaint, holder in ((held, "mary"), (with_nobody, None)):
        query = complaint.directory_query((), RECEIVED)
        assert query
        complaint.apply_directory_result(query, directory_result(holder), RECEIVED)
    for complaint in (unheld, held, with_nobody):
        await write_transition(engine, transition_since(complaint, 0))
    digest = await build_digest(engine, request("manager", date(2026, 12, 17), "case_handler"))
    assert digest.new == [
        NewItem(reference="C-1", holder=None),
        NewItem(reference="C-2", holder="mary"),
        NewItem(reference="H-3", holder=None),
    ]
    assert digest.unheld == [
        UnheldItem(reference="C-1", due_on=date(2026, 12, 18)),
        UnheldItem(reference="H-3", due_on=None),
    ]
    due_on = date(2026, 12, 18)
    assert digest.due_tomorrow == [
        DueItem(reference="C-1", holder=None, what="acknowledgement", due_on=due_on),
        DueItem(reference="C-2", holder="mary", what="acknowledgement", due_on=due_on),
    ]
    message = digest_email(digest)
    assert message.subject == "Thu 17 Dec 2026: 3 new, 2 without a holder, 2 due tomorrow (manager)"
    assert "- C-2: acknowledgement, due Fri 18 Dec 2026, held by mary\n" in message.text
    assert "    complaints reassign C-1 --as ID --to ID --reason TEXT\n" in message.text


async def test_a_digest_lists_undertakings_due_today(engine: AsyncEngine) -> None:
    complaint = opened()
    by = date(2026, 12, 22)
    reply = acts.Reply(id="1", by="mary", outcome="upheld", findings="So.", remedies=(ACTION,), carry_out_by=by)
    complaint.apply(reply, RECEIVED, DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, 0))
    digest = await build_digest(engine, request("manager", by))
    assert digest.due == [DueItem(reference="C-1", holder="mary", what="undertaking 1", due_on=by)]


async def test_a_digest_without_news_is_empty(engine: AsyncEngine) -> None:
    complaint = opened()
    complaint.apply(acts.Acknowledge(id="1", by="mary"), RECEIVED, DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, 0))
    assert (await build_digest(engine, request("manager", date(2026, 12, 22)))).is_empty
