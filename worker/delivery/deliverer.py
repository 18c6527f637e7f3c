"""Sends one letter or alert to one recipient, and writes down what became of it.

The row is locked meanwhile, and marked once the channel has the message. A worker that dies between the two sends it
again, the same by its Message-ID, its key or its file's name: what a channel cannot take exactly once, it gets at
least once, and can tell the repeat.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.channels.addresses import Mailbox
from complaints.channels.email_message import Email
from complaints.channels.errors import ChannelAwayError, ChannelRefusedError
from complaints.letters.facts_builder import FactsError
from complaints.letters.html import html_of
from complaints.letters.pdf import pdf_of
from complaints.letters.templates import Composed
from complaints.letters.text import text_of
from complaints.messages.alerts import notice_of
from complaints.messages.key import COMPLAINANT, WEBHOOK, DeliveryResult, DeliveryStatus, MessageKey
from complaints.messages.staff_email import Message, mailboxes, message_of_notice
from complaints.procedure.enums import Channel
from complaints.records.database import translate_database_errors
from complaints.records.deliveries import Claim, Contents, Delivery, claim
from complaints.records.directory import addressed
from complaints.staff.members import Member
from worker.delivery.channels import Channels
from worker.delivery.stationery import Stationery


class MessageSender:
    """`now` is the real instant; for a complaint whose clock runs ahead of it, a letter goes when it is owed."""

    def __init__(
        self, engine: AsyncEngine, channels: Channels, stationery: Stationery, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._stationery = stationery
        self._now = now

    async def deliver(self, key: MessageKey) -> DeliveryResult:
        """Raises ChannelAwayError, BeingSentError, RecordUnreachableError: to be tried again."""
        async with claim(self._engine, key) as claimed:
            delivery = claimed.delivery
            if delivery.sent_at:
                return DeliveryResult(
                    status=DeliveryStatus.SENT, at=delivery.sent_at, channel=delivery.channel, notify_complaint=False
                )
            return await self._deliver(claimed, max(delivery.owed_at, self._now()))

    async def _deliver(self, claimed: Claim, at: datetime) -> DeliveryResult:
        delivery = claimed.delivery
        contents = await claimed.contents()
        was_held = delivery.status is DeliveryStatus.HELD
        try:
            await self._send(claimed, contents, at)
        except (ChannelRefusedError, FactsError) as error:
            why = str(error)
            await claimed.held(at, why)
            return DeliveryResult(
                status=DeliveryStatus.HELD, at=at, channel=delivery.channel, why=why, notify_complaint=not was_held
            )
        await claimed.sent(at)
        day_of = contents.state.calendar.day_of
        was_redirected = delivery.channel != contents.event.detail.get("channel", delivery.channel)
        is_news = was_held or was_redirected or day_of(at) > day_of(delivery.owed_at)
        return DeliveryResult(status=DeliveryStatus.SENT, at=at, channel=delivery.channel, notify_complaint=is_news)

    async def _send(self, claimed: Claim, contents: Contents, at: datetime) -> None:
        """Raises ChannelAwayError, ChannelRefusedError, FactsError."""
        delivery = claimed.delivery
        if delivery.key.to == COMPLAINANT:
            letter = self._stationery.compose(contents, Channel(delivery.channel), at)
            await self._send_letter(delivery, letter, contents, at)
            return
        notice = notice_of(contents.state, contents.event, delivery.key.to)
        if delivery.key.to == WEBHOOK:
            if self._channels.webhook is None:
                raise ChannelAwayError("no webhook is set up; see COMPLAINTS_WEBHOOK")
            await self._channels.webhook.post(notice, self._now())
            return
        members = await claimed.addressed(contents.state.calendar.day_of(at))
        message = message_of_notice(notice, contents.state.policy.time_zone)
        await self.send_to_staff(delivery.key.to, members, message, notice.key, at, notice.reference)

    async def send_to_lead(self, tier: str, message: Message, key: str, at: datetime) -> None:
        """What is about no complaint. Raises ChannelAwayError, ChannelRefusedError, RecordUnreachableError."""
        lead = f"lead:{tier}"
        with translate_database_errors():
            async with self._engine.connect() as connection:
                leads = await addressed(connection, lead, at.date())
        await self.send_to_staff(lead, leads, message, key, at, reference=None)

    async def send_to_staff(
        self, to: str, members: Sequence[Member], message: Message, key: str, at: datetime, reference: str | None
    ) -> None:
        """`to` is staff:ID or lead:TIER, whom the directory knows as `members`.

        Raises ChannelAwayError, ChannelRefusedError.
        """
        known = mailboxes(to, members, self._channels.staff_domain)
        await self._mail(known, message.subject, message.text, message.html, key, at, reference)

    async def _send_letter(self, delivery: Delivery, letter: Composed, contents: Contents, at: datetime) -> None:
        key = delivery.key
        if delivery.channel == Channel.POST:
            if self._channels.post_room is None:
                raise ChannelAwayError("no post room is set up; see COMPLAINTS_POST_ROOM")
            printed = await asyncio.to_thread(pdf_of, letter, self._stationery.fonts)
            if not printed.is_complete:
                raise ChannelRefusedError(
                    "some of its characters are in no font; put one into COMPLAINTS_LETTERS/fonts"
                )
            await self._channels.post_room.put(f"{key.reference}-{key.sequence}.pdf", printed.pdf)
            return
        complainant = contents.state.form.complainant
        mailbox = Mailbox.of(complainant.name, complainant.email or "")
        await self._mail((mailbox,), letter.subject, text_of(letter), html_of(letter), str(key), at, key.reference)

    async def _mail(
        self, to: tuple[Mailbox, ...], subject: str, text: str, html: str, key: str, at: datetime, reference: str | None
    ) -> None:
        if self._channels.smtp is None or self._channels.mail_from is None:
            raise ChannelAwayError("no mail server is set up; see COMPLAINTS_SMTP")
        email = Email(
            key=key,
            to=to,
            sender=self._channels.mail_from,
            subject=subject,
            text=text,
            html=html,
            sent_at=at,
            reference=reference,
        )
        await self._channels.smtp.send(email)
