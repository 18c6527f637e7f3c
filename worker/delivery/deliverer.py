"""Send one letter or alert to one recipient, and record the result.

The outbox row is locked during the send, and marked once the channel has the message. If a worker dies between the
two, the message is sent again: at least once. The repeat has the same Message-ID, key or file name.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from jinja2 import TemplateError
from sqlalchemy.ext.asyncio import AsyncEngine
from typst import TypstError

from activities.asked_for import NotAskedForError
from complaints.channels.addresses import Mailbox
from complaints.channels.email_message import Email
from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.formatting.shorten import shorten
from complaints.letters.facts_builder import FactsError
from complaints.letters.html import render_html
from complaints.letters.pdf import render_pdf
from complaints.letters.sender import Sender
from complaints.letters.stationery import Stationery, holder_to_name
from complaints.letters.templates import ComposedLetter
from complaints.letters.text import render_text
from complaints.messages.alerts import build_notice
from complaints.messages.key import COMPLAINANT, WEBHOOK, DeliveryResult, DeliveryStatus, MessageKey
from complaints.messages.staff_email import StaffEmail, alert_email, resolve_mailboxes
from complaints.procedure.enums import Channel
from complaints.procedure.steps.holder import involved_earlier
from complaints.records.database import translate_database_errors
from complaints.records.deliveries import Claim, Delivery, MessageContents, UnknownDeliveryError, claim
from complaints.records.directory import list_recipients
from complaints.staff.members import Member
from worker.delivery.channel_health import ChannelHealth
from worker.delivery.channels import Channels

MAX_REASON = 200
"""Characters of the reason for which a message is held, as the act `letter_held` takes them."""
WRITING_ERRORS = (
    *(ValueError, TypeError, LookupError, ArithmeticError, AttributeError, AssertionError),
    *(TemplateError, TypstError),
)
"""Errors that come again whenever the same message is written."""

log = logging.getLogger(__name__)


@contextmanager
def refuse_unwritable() -> Iterator[None]:
    """Translate errors of writing a message to ChannelRefusedError.

    No later attempt can avoid them.
    """
    try:
        yield
    except FactsError:
        raise
    except WRITING_ERRORS as error:
        log.exception("a message cannot be written")
        kind = type(error).__name__
        raise ChannelRefusedError(f"the message cannot be written ({kind}); see the worker's log") from None


@contextmanager
def refuse_unknown(key: MessageKey) -> Iterator[None]:
    """Translate the lookup error of an unknown message to NotAskedForError."""
    try:
        yield
    except UnknownDeliveryError:
        raise NotAskedForError(f"{key} is no letter or alert that anybody owes") from None


class MessageSender:
    """Send messages through the channels; `health` notes failures. `now` is the real clock.

    Where a complaint's clock is ahead of it, a letter is dated when it became owed.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        channels: Channels,
        stationery: Stationery,
        health: ChannelHealth,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._channels = channels
        self._stationery = stationery
        self._health = health
        self._now = now

    async def deliver(self, key: MessageKey) -> DeliveryResult:
        """Send the message unless it was sent, and mark the outbox row.

        Raises ChannelUnavailableError, DeliveryClaimedError, RecordUnreachableError: all can be retried.
        Raises NotAskedForError for a message that is unknown, or held and not asked for again.
        """
        with self._health.reading_record(), refuse_unknown(key):
            async with claim(self._engine, key) as claimed:
                delivery = claimed.delivery
                if delivery.sent_at:
                    return DeliveryResult(
                        status=DeliveryStatus.SENT,
                        at=delivery.sent_at,
                        channel=delivery.channel,
                        notify_complaint=False,
                    )
                if not delivery.is_owed:
                    raise NotAskedForError(f"{key} is held; to send it again: complaints letters retry {key}")
                return await self._deliver(claimed, max(delivery.owed_at, self._now()))

    async def _deliver(self, claimed: Claim, at: datetime) -> DeliveryResult:
        delivery = claimed.delivery
        was_held = delivery.status is DeliveryStatus.HELD
        try:
            with refuse_unwritable():
                contents = await claimed.contents()
                await self._send(claimed, contents, at)
        except (ChannelRefusedError, FactsError) as error:
            reason = shorten(str(error), MAX_REASON)
            await claimed.mark_held(at, reason)
            return DeliveryResult(
                status=DeliveryStatus.HELD, at=at, channel=delivery.channel, why=reason, notify_complaint=not was_held
            )
        await claimed.mark_sent(at)
        if not was_held:  # one that was held has waited for a person
            self._health.observe_gone(delivery.channel, delivery.owed_at)
        day_of = contents.state.calendar.day_of
        was_redirected = delivery.channel != contents.event.detail.get("channel", delivery.channel)
        is_news = was_held or was_redirected or day_of(at) > day_of(delivery.owed_at)
        return DeliveryResult(status=DeliveryStatus.SENT, at=at, channel=delivery.channel, notify_complaint=is_news)

    async def _send(self, claimed: Claim, contents: MessageContents, at: datetime) -> None:
        """Send by the channel. Raises ChannelUnavailableError, ChannelRefusedError, FactsError."""
        delivery = claimed.delivery
        if delivery.key.to == COMPLAINANT:
            named = holder_to_name(contents.state)
            found = await claimed.recipients(f"staff:{named}", contents.state.calendar.day_of(at)) if named else []
            holder = found[0] if found else None
            letter = self._stationery.compose(contents, Channel(delivery.channel), at, holder)
            await self._send_letter(delivery, letter, contents, at)
            return
        notice = build_notice(contents.state, contents.event, delivery.key.to)
        if delivery.key.to == WEBHOOK:
            with self._health.attempt(WEBHOOK):
                if self._channels.webhook is None:
                    raise ChannelUnavailableError("COMPLAINTS_WEBHOOK: not set; give the receiver's address")
                await self._channels.webhook.post(notice, self._now())
            return
        on = contents.state.calendar.day_of(at)
        members = await claimed.recipients(delivery.key.to, on)
        others = await _reached_otherwise(claimed, contents, on)
        remaining = [member for member in members if member.id not in others]
        if not remaining and (members or delivery.key.to.startswith("role:")):
            return
        message = alert_email(notice, contents.state.policy.time_zone)
        await self.send_to_staff(delivery.key.to, remaining, message, notice.key, at, notice.reference)

    async def send_to_lead(self, tier: str, message: StaffEmail, key: str, at: datetime) -> None:
        """Send a message about no complaint to a tier's leads.

        Raises ChannelUnavailableError, ChannelRefusedError, RecordUnreachableError.
        """
        lead = f"lead:{tier}"
        with translate_database_errors():
            async with self._engine.connect() as connection:
                leads = await list_recipients(connection, lead, at.date())
        await self.send_to_staff(lead, leads, message, key, at, reference=None)

    async def send_to_staff(
        self, to: str, members: Sequence[Member], message: StaffEmail, key: str, at: datetime, reference: str | None
    ) -> None:
        """Send a message to `members`, as which the directory knows `to`, such as staff:ID.

        Raises ChannelUnavailableError, ChannelRefusedError.
        """
        with refuse_unwritable():
            with self._health.preparing(Channel.EMAIL):
                to_mailboxes = resolve_mailboxes(to, members, self._channels.staff_domain)
            if len(to_mailboxes) < len(members):
                refused = len(members) - len(to_mailboxes)
                log.warning("some addresses are not valid", extra={"refused": refused, "of": len(members)})
            await self._mail(to_mailboxes, message.subject, message.text, message.html, key, at, reference)

    async def _send_letter(
        self, delivery: Delivery, letter: ComposedLetter, contents: MessageContents, at: datetime
    ) -> None:
        key = delivery.key
        if delivery.channel == Channel.POST:
            with self._health.attempt(Channel.POST):
                await self._print(delivery, letter)
            return
        complainant = contents.state.form.complainant
        mailbox = Mailbox.of(complainant.name, complainant.email or "")
        text, html = render_text(letter), render_html(letter)
        await self._mail((mailbox,), letter.subject, text, html, str(key), at, key.reference, letter.sender)

    async def _print(self, delivery: Delivery, letter: ComposedLetter) -> None:
        if self._channels.post_room is None:
            raise ChannelUnavailableError("COMPLAINTS_POST_ROOM: not set; give a folder")
        printed = await asyncio.to_thread(render_pdf, letter, self._stationery.fonts)
        if not printed.is_complete:
            raise ChannelRefusedError("no font has some of its characters; add a font to COMPLAINTS_LETTERS/fonts")
        file = f"{delivery.key.reference}-{delivery.key.sequence}.pdf"
        await self._channels.post_room.put(file, printed.content, replace=delivery.is_held_by_hand)

    async def _mail(
        self,
        to: tuple[Mailbox, ...],
        subject: str,
        text: str,
        html: str,
        key: str,
        at: datetime,
        reference: str | None,
        letterhead: Sender | None = None,
    ) -> None:
        """Mail it, in the name of a tier and with its address for replies where they differ (R11)."""
        reply_to, ours = None, self._stationery.sender
        with self._health.attempt(Channel.EMAIL):
            if self._channels.smtp is None or self._channels.mail_from is None:
                raise ChannelUnavailableError("COMPLAINTS_SMTP: not set; give the mail server's address")
            sender = self._channels.mail_from
            if letterhead and letterhead.name != ours.name:
                sender = Mailbox.of(letterhead.name, sender.address)
            if letterhead and letterhead.email != ours.email:
                reply_to = Mailbox.of(letterhead.name, letterhead.email)
            email = Email(
                key=key,
                to=to,
                sender=sender,
                reply_to=reply_to,
                subject=subject,
                text=text,
                html=html,
                sent_at=at,
                reference=reference,
            )
            await self._channels.smtp.send(email)


async def _reached_otherwise(claimed: Claim, contents: MessageContents, on: date) -> set[str]:
    """Return who does not get an alert as this recipient, so that each person gets it once.

    They get it as an earlier recipient of the same alert; or the complaint is offered to their role, and they may
    not hold it (R11).
    """
    to = claimed.delivery.key.to
    recipients = contents.event.detail["to"]
    others = set(involved_earlier(contents.state)) if to.startswith("role:") else set()
    for earlier in recipients[: recipients.index(to)]:
        others.update(member.id for member in await claimed.recipients(earlier, on))
    return others
