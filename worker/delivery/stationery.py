"""The templates of letters and their sender, as COMPLAINTS_LETTERS names them."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from complaints.letters.facts_builder import facts_of
from complaints.letters.owed_letter import OwedLetter
from complaints.letters.sender import Sender
from complaints.letters.templates import Composed, Templates, TemplatesError
from complaints.procedure.enums import Channel
from complaints.procedure.validation_messages import validation_errors
from complaints.records.deliveries import Contents
from worker.connections import CannotStartError

SENDER, FONTS = "sender.toml", "fonts"


@dataclass(frozen=True)
class Stationery:
    """How the organisation writes its letters."""

    templates: Templates
    sender: Sender
    fonts: Path | None = None
    """Further ones, for scripts that ours do not have."""

    def compose(self, contents: Contents, channel: Channel, at: datetime) -> Composed:
        """A letter that goes by `channel` at `at`, which may both be other than when it became owed."""
        owed = OwedLetter.of(contents.event).model_copy(update={"channel": channel})
        state = contents.state
        words = contents.free_text.get(owed.quotes, {}) if owed.quotes else {}
        facts = facts_of(state.form, state.policy, state.calendar, owed, words, at)
        return self.templates.compose(facts, self.sender)


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
        lines = (f"COMPLAINTS_LETTERS: {SENDER}: {line}" for line in validation_errors(error))
        raise CannotStartError("\n".join(lines)) from error
    except TemplatesError as error:
        raise CannotStartError("\n".join(f"COMPLAINTS_LETTERS: {line}" for line in str(error).splitlines())) from error
    fonts = folder / FONTS
    return Stationery(templates, sender, fonts if fonts.is_dir() else None)
