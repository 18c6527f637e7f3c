"""Opens the channels that the settings name, and reads how the organisation writes its letters."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from complaints.channels.addresses import Mailbox
from complaints.channels.post_room import PostRoom
from complaints.channels.smtp import SmtpChannel
from complaints.channels.webhook import Webhook
from complaints.settings import WorkerSettings


def has_channels(settings: WorkerSettings) -> bool:
    """Whether anything can be sent at all; else what is owed waits on the record."""
    return bool(settings.smtp or settings.post_room or settings.webhook)


@dataclass(frozen=True)
class Channels:
    """Those that are set up; what is owed by another waits until that is, too."""

    smtp: SmtpChannel | None = None
    mail_from: Mailbox | None = None
    staff_domain: str | None = None
    """Where staff read their mail of whom the directory has no address."""
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
        yield Channels(
            smtp=SmtpChannel(settings.smtp) if settings.smtp else None,
            mail_from=settings.mail_from,
            staff_domain=settings.staff_domain,
            post_room=PostRoom(settings.post_room) if settings.post_room else None,
            webhook=webhook,
        )
