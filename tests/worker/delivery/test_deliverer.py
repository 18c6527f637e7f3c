"""Every letter and alert goes out, once in effect, whatever its channel does meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.delivery import delivery_workflow_id
from complaints.messages.key import DeliveryStatus
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.enums import Aspect, Channel
from complaints.records.deliveries import redirect
from complaints.records.staff import update_members
from complaints.runtime.clock import now as real_now
from complaints.staff.members import Member
from tests.channels.faults import Silence
from tests.fixtures.temporal_plain_text import readable_texts
from tests.letters.parse_letter import pdf_text, without_spaces
from tests.worker.delivery.delivery_worker import LEADS_OF_MANAGER, Office, open_office
from tests.workflows.test_nothing_personal import PERSONAL, PERSONAL_FORM

NOT_SERVICE = (Aspect.DATA_PROTECTION,)
UNHURRIED = load_policy("tries-by-hand")


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(client, engine, record_url, tmp_path / "post", f"office-{tmp_path.name}") as office:
        yield office


async def test_the_complainant_is_written_to_by_email(office: Office) -> None:
    complaint = await office.opener.open()
    await complaint.do(acts.Acknowledge)
    [delivery] = await office.settled_letters(complaint)
    assert (delivery.status, delivery.occasion, delivery.sent_at) == (
        DeliveryStatus.SENT,
        "acknowledgement",
        delivery.owed_at,
    )
    [letter] = [taken for taken in office.mail.messages if taken.recipients == ("ada@example.org",)]
    assert letter.message["Subject"] == f"We have received your complaint ({complaint.reference})"
    assert "Dear Ada Example" in letter.text()
    assert "reply to you by Monday 17 March 2031" in letter.text()


async def test_the_complainant_is_written_to_by_post_as_a_pdf_for_the_mail_room(office: Office) -> None:
    complainant = {"name": "Zoë O'Neil", "capacity": "customer", "address": "1 High Street, Leeds", "prefers": "post"}
    complaint = await office.opener.open(complainant=complainant)
    await complaint.do(acts.Acknowledge)
    [delivery] = await office.settled_letters(complaint)
    assert delivery.status is DeliveryStatus.SENT
    [pdf] = office.post.iterdir()
    assert pdf.name == f"{complaint.reference}-{delivery.key.sequence}.pdf"
    assert "Dear Zoë O'Neil" in PdfReader(pdf).pages[0].extract_text().replace("’", "'")  # noqa: RUF001
    assert {taken.recipients for taken in office.mail.messages} == {("m.okafor@staff.example.org",)}


async def test_staff_are_alerted_by_email_and_by_webhook(office: Office) -> None:
    complaint = await office.opener.open()
    await complaint.do(acts.Reassign, "lead", to="m.silva", reason="On leave.")
    await complaint.advance_to(datetime(2031, 3, 6, tzinfo=UTC))
    deliveries = await office.settled(complaint)
    assert {delivery.status for delivery in deliveries} == {DeliveryStatus.SENT}
    emails = {taken.recipients for taken in office.mail.messages}
    assert emails == {("m.okafor@staff.example.org",), ("m.silva@staff.example.org",), LEADS_OF_MANAGER}
    kinds = [call.json["kind"] for call in office.webhook.requests]
    assert sorted(kinds) == ["acknowledgement_lapsed", "given", "given", "reminded"]
    assert office.webhook.requests[-1].json["command"] == f"complaints acknowledge {complaint.reference} --as ID"
    assert not any("rang me back" in call.body.decode() for call in office.webhook.requests)


async def test_alerts_go_to_the_addresses_in_the_directory(office: Office) -> None:
    engine, at = office.opener.engine, real_now()
    leni = Member(id="leni", name="Leni", email="leni@leads.example", leads=("manager",))
    placed = Member(id="m.placed", name="M.", email="placed@mail.example", roles=("manager",), aspects=NOT_SERVICE)
    others = [Member(id="lars", name="Lars", leads=("manager",)), placed]
    await update_members(engine, ["leni", "lars", "m.placed"], lambda _: [leni, *others], at=at, by="test")
    try:
        complaint = await office.opener.open()
        await complaint.do(acts.Reassign, "lead", to="m.placed", reason="On leave.")
        await complaint.advance_to(datetime(2031, 3, 6, tzinfo=UTC))
        await office.settled(complaint)
    finally:
        gone = [each.model_copy(update={"active_until": date(2026, 1, 1)}) for each in (leni, *others)]
        await update_members(engine, ["leni", "lars", "m.placed"], lambda _: gone, at=at, by="test")
    emails = {taken.recipients: taken for taken in office.mail.messages}
    [leads] = emails.keys() - {("placed@mail.example",), ("m.okafor@staff.example.org",)}
    assert {*leads} == {*LEADS_OF_MANAGER, "lars@staff.example.org", "leni@leads.example"}
    assert "Leni <leni@leads.example>" in str(emails[leads].message["To"])


async def test_an_unavailable_channel_delays_nothing_and_gets_everything_on_its_return(office: Office) -> None:
    complaint = await office.open()
    await office.mail.stop()
    async with asyncio.timeout(3):
        assert (await complaint.do(acts.Acknowledge)).code == "done"
        assert (await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.")).code == "done"
    await complaint.check_agreement()
    letters = [delivery for delivery in await office.deliveries(complaint) if delivery.kind == "letter"]
    assert {delivery.status for delivery in letters} == {DeliveryStatus.WAITING}
    await office.mail.start()
    await office.settled(complaint)
    assert len(office.letters_about(complaint)) == 2


async def test_a_slow_channel_slows_no_answer(office: Office) -> None:
    complaint = await office.open()
    office.mail.inject("data", 5.0)
    async with asyncio.timeout(3):
        await complaint.do(acts.Acknowledge)
        for number in range(5):
            await complaint.do(acts.Reassign, "lead", to=f"m.{number}", reason="On leave.")
    assert office.letters_about(complaint) == []
    await office.settled(complaint)
    assert len(office.letters_about(complaint)) == 1


async def test_mail_taken_before_the_connection_dropped_is_sent_again_with_the_same_message_id(office: Office) -> None:
    complaint = await office.open()
    office.mail.inject("data", Silence.DROP, times=2)
    await complaint.do(acts.Acknowledge)
    letter = (await office.settled_letters(complaint))[0].key
    assert len(office.mail.by_message_id()[f"<{letter}@example.org>"]) == 3


async def test_a_message_refused_for_good_is_held_and_the_lead_is_alerted(office: Office) -> None:
    complaint = await office.open()
    office.mail.inject("rcpt", "550 5.1.1 no such user", times=1)
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.")
    letter = (await office.settled_letters(complaint))[0]
    assert (letter.status, letter.why) == (DeliveryStatus.HELD, "the mail server refused the recipient (550 5.1.1)")
    assert (await office.when_recorded(complaint, "letter_held")).window_ends_at is None
    alerts = [delivery for delivery in await office.settled(complaint) if delivery.occasion == "letter_held"]
    assert {alert.key.to for alert in alerts} == {"staff:m.okafor", "lead:manager", "webhook"}


async def test_a_letter_that_mail_refuses_goes_by_post_instead_and_counts_as_received_two_working_days_later(
    office: Office,
) -> None:
    complainant = {"name": "Ada", "capacity": "customer", "email": "ada@example.org", "prefers": "email"}
    complaint = await office.open(complainant=complainant | {"address": "1 High Street, Leeds"})
    office.mail.inject("rcpt", "550 5.1.1 no such user", times=1)
    await complaint.do(acts.CaseClosed, "case-system")
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.")
    [held] = [delivery for delivery in await office.settled(complaint) if delivery.status is DeliveryStatus.HELD]
    await office.when_recorded(complaint, "letter_held")
    await redirect(office.opener.engine, [held.key], Channel.POST)
    await office.post_again(held.key)
    story = await office.when_recorded(complaint, "letter_sent")
    [pdf] = office.post.iterdir()
    assert pdf.name == f"{complaint.reference}-{held.key.sequence}.pdf"
    printed = pdf_text(pdf.read_bytes())
    assert without_spaces("Your request must reach us by the end of Saturday 5 April 2031.") in printed
    assert without_spaces("Write to us at the address at the top of this letter") in printed
    assert story.window_ends_at == datetime(2031, 4, 5, 23, tzinfo=UTC)


async def test_a_letter_is_held_if_the_post_room_has_another_file_of_its_name(office: Office) -> None:
    complainant = {"name": "Ada", "capacity": "customer", "address": "1 High Street, Leeds", "prefers": "post"}
    complaint = await office.opener.open(complainant=complainant)
    office.post.mkdir(exist_ok=True)
    for number in range(1, 50):
        (office.post / f"{complaint.reference}-{number}.pdf").write_bytes(b"another")
    await complaint.do(acts.Acknowledge)
    [letter] = [each for each in await office.settled(complaint) if each.occasion == "acknowledgement"]
    assert letter.status is DeliveryStatus.HELD
    assert letter.why
    assert letter.why.startswith("the post room has another file of its name")
    await office.when_recorded(complaint, "letter_held")
    assert {file.read_bytes() for file in office.post.iterdir()} == {b"another"}


async def test_a_staff_id_with_a_plus_is_alerted_and_one_without_a_mail_address_is_held(office: Office) -> None:
    engine, at = office.opener.engine, real_now()
    ids = ["m.plus+one", "m" * 90]
    members = [Member(id=each, name="M.", roles=("manager",), aspects=NOT_SERVICE) for each in ids]
    await update_members(engine, ids, lambda _: members, at=at, by="test")
    complaints = []
    try:
        for each in ids:
            complaint = await office.opener.open()
            await complaint.do(acts.Reassign, "lead", to=each, reason="On leave.")
            await complaint.advance_to(datetime(2031, 3, 6, tzinfo=UTC))
            await office.settled(complaint)
            complaints.append(complaint)
    finally:
        gone = [each.model_copy(update={"active_until": date(2026, 1, 1)}) for each in members]
        await update_members(engine, ids, lambda _: gone, at=at, by="test")
    assert ("m.plus+one@staff.example.org",) in {taken.recipients for taken in office.mail.messages}
    held = [each for each in await office.deliveries(complaints[1]) if each.status is DeliveryStatus.HELD]
    assert {each.key.to for each in held} == {f"staff:{ids[1]}"}
    assert {each.why for each in held} == {"mail cannot be sent to this address; correct it"}


async def test_a_held_letter_goes_again_after_the_complainant_gives_another_address(office: Office) -> None:
    complainant = {"name": "Ada", "capacity": "customer", "email": "ada@example.org", "prefers": "email"}
    complaint = await office.open(complainant=complainant)
    office.mail.inject("rcpt", "550 5.1.1 no such user", times=1)
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.")
    await office.when_recorded(complaint, "letter_held")
    await complaint.do(acts.ChangeContact, "intake", email="ada.new@example.org")
    await office.when_recorded(complaint, "letter_sent")
    [letter] = await office.settled_letters(complaint)
    assert letter.status is DeliveryStatus.SENT
    [mail] = [mail for mail in office.mail.messages if "ada.new@example.org" in mail.recipients]
    assert mail.message_id == f"<{letter.key}@example.org>"


async def test_a_posted_letter_that_came_back_is_printed_again_for_the_new_address_in_large_print(
    office: Office,
) -> None:
    complainant = {"name": "Ada", "capacity": "customer", "address": "1 High Street, Leeds", "prefers": "post"}
    complaint = await office.open(complainant=complainant)
    await complaint.do(acts.Acknowledge)
    [letter] = [each for each in await office.settled(complaint) if each.occasion == "acknowledgement"]
    file = office.post / f"{complaint.reference}-{letter.key.sequence}.pdf"
    assert "1HighStreet" in pdf_text(file.read_bytes())
    await complaint.do(acts.LetterHeld, "op", letter=letter.key.sequence, reason="It came back.")
    await office.when_recorded(complaint, "letter_held")
    needs = {"large_print": True}
    await complaint.do(acts.ChangeContact, "intake", address="2 Low Street, York", needs=needs)
    await office.when_recorded(complaint, "letter_sent")
    assert list(office.post.iterdir()) == [file]
    printed = file.read_bytes()
    assert "2LowStreet" in pdf_text(printed)
    assert "largeprint" not in pdf_text(printed)


async def test_a_letter_sent_late_moves_the_window(office: Office) -> None:
    """In real time. The mail server comes back, and the complaint records the sending."""
    now = real_now()
    complaint = await office.open(now=now, policy=UNHURRIED, received_at=now, told_case_handler_on=str(now.date()))
    office.mail.inject("rcpt", "550 5.1.1 no such user", times=1)
    await complaint.do(acts.CaseClosed, "case-system")
    await complaint.do(acts.Reply, outcome="not_upheld", findings="We were quick.")
    [held] = [delivery for delivery in await office.settled(complaint) if delivery.status is DeliveryStatus.HELD]
    assert (await office.when_recorded(complaint, "letter_held")).window_ends_at is None
    await complaint.do(acts.LetterSent, "op", letter=held.key.sequence)
    story = await complaint.check_agreement()
    assert story.window_ends_at
    assert story.window_ends_at > now + timedelta(seconds=120)
    assert (await office.settled_letters(complaint))[0].status is DeliveryStatus.SENT


async def test_the_history_of_a_held_delivery_has_no_personal_data(office: Office) -> None:
    complaint = await office.open(
        **PERSONAL_FORM | {"complainant": PERSONAL_FORM["complainant"] | {"prefers": "email"}}
    )
    office.mail.inject("rcpt", f"451 4.3.2 <{PERSONAL_FORM['complainant']['email']}> later", times=1)
    office.mail.inject("rcpt", f"550 5.1.1 <{PERSONAL_FORM['complainant']['email']}> no such user", times=1)
    await complaint.do(acts.Acknowledge)
    await office.when_recorded(complaint, "letter_held")
    held = [delivery for delivery in await office.settled(complaint) if delivery.status is DeliveryStatus.HELD]
    [history] = [
        await office.opener.client.get_workflow_handle(delivery_workflow_id(d.key)).fetch_history() for d in held
    ]
    readable = " ".join(text for event in history.events for text in readable_texts(event))
    assert "send to complainant" in readable
    assert f"Acknowledgement, by email, to the complainant of {complaint.reference}" in readable
    assert [part for part in PERSONAL if part in f"{readable} {history.events}".lower()] == []
