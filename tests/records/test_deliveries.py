"""The outbox: one row for each message and recipient, claimed by one sender at a time."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.channels.errors import ChannelUnavailableError
from complaints.messages.key import COMPLAINANT, WEBHOOK, DeliveryStatus, MessageKey
from complaints.procedure import acts
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Channel, Outcome
from complaints.procedure.views.views import transition_since
from complaints.records.deliveries import (
    Delivery,
    DeliveryClaimedError,
    UnknownDeliveryError,
    claim,
    find_delivery,
    list_deliveries,
)
from complaints.records.transitions import list_owed_messages, write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened

LATER = at(1, 4)


def answered() -> Complaint:
    """Make a complaint with a reminder, two lapses and a late reply."""
    complaint = opened()
    reply = acts.Reply(id="1", by="mary", outcome=Outcome.NOT_UPHELD, findings="So it was.", channel=Channel.EMAIL)
    complaint.apply(reply, LATER, DIRECTORY_RESULT)
    return complaint


def the_letter(complaint: Complaint, occasion: str = "reply") -> MessageKey:
    [event] = [event for event in complaint.state.events if event.detail.get("occasion") == occasion]
    return MessageKey(reference=complaint.state.reference, sequence=event.sequence, to=COMPLAINANT)


async def all_of(engine: AsyncEngine, status: DeliveryStatus | None = None) -> list[Delivery]:
    return [delivery async for delivery in list_deliveries(engine, status=status)]


async def test_each_message_that_a_transition_owes_is_waiting(engine: AsyncEngine) -> None:
    complaint = answered()
    transition = transition_since(complaint, 0)
    await write_transition(engine, transition, with_webhook=True)
    deliveries = await all_of(engine, DeliveryStatus.WAITING)
    assert {delivery.key for delivery in deliveries} == set(list_owed_messages(transition, with_webhook=True))
    assert {delivery.key.to for delivery in deliveries} == {COMPLAINANT, WEBHOOK, "lead:manager"}
    assert [delivery.owed_at for delivery in deliveries] == sorted(delivery.owed_at for delivery in deliveries)


async def test_without_a_webhook_no_message_waits_for_it(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(answered(), 0))
    assert WEBHOOK not in {delivery.key.to for delivery in await all_of(engine)}


async def test_a_sent_message_stays_sent_when_its_transition_is_written_again(engine: AsyncEngine) -> None:
    complaint = answered()
    await write_transition(engine, transition_since(complaint, 0))
    async with claim(engine, the_letter(complaint)) as claimed:
        await claimed.mark_sent(LATER)
    await write_transition(engine, transition_since(complaint, 0))
    assert [delivery.key for delivery in await all_of(engine, DeliveryStatus.SENT)] == [the_letter(complaint)]


async def test_a_claimed_message_cannot_be_claimed_again(engine: AsyncEngine) -> None:
    complaint = answered()
    await write_transition(engine, transition_since(complaint, 0))
    async with claim(engine, the_letter(complaint)):
        with pytest.raises(DeliveryClaimedError):
            async with claim(engine, the_letter(complaint)):
                pass


async def test_a_message_that_failed_still_waits(engine: AsyncEngine) -> None:
    complaint = answered()
    await write_transition(engine, transition_since(complaint, 0))
    with suppress(ChannelUnavailableError):
        async with claim(engine, the_letter(complaint)) as claimed:
            await claimed.mark_sent(LATER)
            raise ChannelUnavailableError
    found = await find_delivery(engine, the_letter(complaint))
    assert found
    assert found.status is DeliveryStatus.WAITING


async def test_a_message_that_is_not_owed_cannot_be_claimed(engine: AsyncEngine) -> None:
    with pytest.raises(UnknownDeliveryError):
        async with claim(engine, MessageKey(reference="C-9", sequence=1, to=COMPLAINANT)):
            pass
    assert await find_delivery(engine, MessageKey(reference="C-9", sequence=1, to=COMPLAINANT)) is None


async def test_a_letters_contents_are_its_event_and_the_free_text(engine: AsyncEngine) -> None:
    complaint = answered()
    await write_transition(engine, transition_since(complaint, 0))
    async with claim(engine, the_letter(complaint)) as claimed:
        contents = await claimed.contents()
    assert contents.event.detail["occasion"] == "reply"
    assert contents.free_text[contents.event.detail["reply"]] == {"findings": "So it was."}
    assert contents.state.form == complaint.state.form
    assert contents.state.calendar == complaint.state.calendar


async def test_a_letter_held_or_sent_by_an_act_changes_its_delivery(engine: AsyncEngine) -> None:
    complaint = answered()
    key = the_letter(complaint)
    held = acts.LetterHeld(id="2", by="op", letter=key.sequence, reason="It came back.")
    complaint.apply(held, LATER + timedelta(days=1), DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, 0))
    [delivery] = await all_of(engine, DeliveryStatus.HELD)
    assert (delivery.key, delivery.held_at) == (key, LATER + timedelta(days=1))
    assert delivery.why == "It came back."

    before = complaint.state.sequence
    complaint.apply(acts.LetterSent(id="3", by="op", letter=key.sequence), LATER + timedelta(days=2), DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, before))
    [delivery] = await all_of(engine, DeliveryStatus.SENT)
    assert (delivery.sent_at, delivery.held_at, delivery.why) == (LATER + timedelta(days=2), None, None)


@pytest.mark.parametrize("written", ["C-1.7.complainant", "C.1.7.webhook", "C-1.7.lead:manager", "C-1.12.staff:m.o"])
def test_a_message_key_parses_to_itself(written: str) -> None:
    assert str(MessageKey.read(written)) == written


@pytest.mark.parametrize("written", ["", "C-1", "C-1.7", "C-1.0.complainant", "C-1.7.nobody", "C 1.7.complainant"])
def test_a_malformed_message_key_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="give an id as"):
        MessageKey.read(written)
