"""Opens the channels that the settings name, and reads how the organisation writes its letters."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from complaints.channels.post_room import PostRoom
from complaints.channels.smtp import SmtpChannel
from complaints.channels.webhook import Webhook
from complaints.letters.sender import Sender
from complaints.letters.templates import Templates, TemplatesError
from complaints.procedure.validation_messages import mistakes_in
from complaints.settings import WorkerSettings
from worker.connections import CannotStartError
from worker.delivery.deliverer import Channels, Stationery

SENDER, FONTS = "sender.toml", "fonts"


def has_channels(settings: WorkerSettings) -> bool:
    """Whether anything can be sent at all; else what is owed waits on the record."""
    return bool(settings.smtp or settings.post_room or settings.webhook)


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


def read_stationery(folder: Path | None) -> Stationery:
    """Raises CannotStartError with everything that is wrong with it: nobody shall get a letter with an empty space."""
    if folder is None:
        raise CannotStartError(f"COMPLAINTS_LETTERS is not set: a folder with {SENDER}, which says who writes letters")
    try:
        sender = Sender.model_validate(tomllib.loads((folder / SENDER).read_text(encoding="utf-8")))
        templates = Templates(folder)
        templates.check()
    except OSError as error:
        raise CannotStartError(f"COMPLAINTS_LETTERS: {folder / SENDER} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotStartError(f"COMPLAINTS_LETTERS: {SENDER}: not a TOML file: {error}") from error
    except ValidationError as error:
        lines = (f"COMPLAINTS_LETTERS: {SENDER}: {line}" for line in mistakes_in(error))
        raise CannotStartError("\n".join(lines)) from error
    except TemplatesError as error:
        raise CannotStartError("\n".join(f"COMPLAINTS_LETTERS: {line}" for line in str(error).splitlines())) from error
    fonts = folder / FONTS
    return Stationery(templates, sender, fonts if fonts.is_dir() else None)
