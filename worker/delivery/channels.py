"""Open the channels that the settings name."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from complaints.channels.addresses import Mailbox
from complaints.channels.post_room import PostRoom
from complaints.channels.smtp import SmtpChannel
from complaints.channels.webhook import Webhook
from complaints.settings import WorkerSettings


def has_channels(settings: WorkerSettings) -> bool:
    """Return whether any channel is configured; else messages wait in PostgreSQL."""
    return bool(settings.smtp or settings.post_room or settings.webhook)


@dataclass(frozen=True)
class Channels:
    """The configured channels. Messages of another channel wait until it is configured."""

    smtp: SmtpChannel | None = None
    mail_from: Mailbox | None = None
    staff_domain: str | None = None
    """The mail domain of staff without an address in the directory."""
    post_room: PostRoom | None = None
    webhook: Webhook | None = None


@asynccontextmanager
async def open_channels(settings: WorkerSettings) -> AsyncIterator[Channels]:
    async with AsyncExitStack() as opened:
        webhook = None
        if settings.webhook and settings.webhook_secret:
            webhook = await opened.enter_async_context(
                Webhook.open(
                    settings.webhook.get_secret_value(),
                    settings.webhook_secret.get_secret_value(),
                    settings.webhook_kind,
                )
            )
        post_room = PostRoom(settings.post_room) if settings.post_room else None
        if post_room:
            with suppress(OSError):  # the first letter says what is wrong with the folder
                await post_room.delete_unfinished()
        yield Channels(
            smtp=SmtpChannel(settings.smtp) if settings.smtp else None,
            mail_from=settings.mail_from,
            staff_domain=settings.staff_domain,
            post_room=post_room,
            webhook=webhook,
        )
