"""Load the templates and the sender of letters from COMPLAINTS_LETTERS."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from complaints.letters.facts_builder import build_facts
from complaints.letters.owed_letter import OwedLetter
from complaints.letters.sender import Sender
from complaints.letters.templates import ComposedLetter, Templates, TemplatesError
from complaints.procedure.enums import Channel
from complaints.procedure.state import ComplaintState
from complaints.procedure.validation_messages import validation_errors
from complaints.records.deliveries import MessageContents
from complaints.runtime.service import StartupError
from complaints.staff.members import Member

SENDER, FONTS = "sender.toml", "fonts"


def holder_to_name(state: ComplaintState) -> str | None:
    """Return the id of the holder that letters name, if any."""
    return state.holder if state.policy.name_holder and not state.is_closed else None


@dataclass(frozen=True)
class Stationery:
    """The templates, sender and fonts of letters."""

    templates: Templates
    sender: Sender
    fonts: Path | None = None
    """A folder of further fonts, for scripts that the shipped ones lack."""

    def compose(
        self, contents: MessageContents, channel: Channel, at: datetime, holder: Member | None = None
    ) -> ComposedLetter:
        """Compose a letter for `channel` at `at`; both may differ from when it became owed.

        `holder` is `holder_to_name`, as the staff directory knows them.
        """
        owed = OwedLetter.of(contents.event).model_copy(update={"channel": channel})
        state = contents.state
        free_text = contents.free_text.get(owed.quoted_event, {}) if owed.quoted_event else {}
        facts = build_facts(
            state.form, state.policy, state.calendar, owed, free_text, at, holder.name if holder else None
        )
        writer = owed.detail["tier"] if facts.by_tier else None
        return self.templates.compose(facts, self.sender.for_tier(writer))


def load_stationery(folder: Path | None, *, check: bool = True) -> Stationery:
    """Load and check them. Raises StartupError with a line for each error.

    The check keeps letters with empty fields from complainants; with templates in the folder it takes seconds.
    """
    if folder is None:
        raise StartupError(
            f"COMPLAINTS_LETTERS: not set; give a folder with {SENDER}, which names the sender of letters"
        )
    try:
        sender = Sender.model_validate(tomllib.loads((folder / SENDER).read_text(encoding="utf-8")))
        templates = Templates(folder)
        if check:
            templates.check()
    except OSError as error:
        raise StartupError(f"COMPLAINTS_LETTERS: {folder / SENDER} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartupError(f"COMPLAINTS_LETTERS: {SENDER}: not a TOML file: {error}") from error
    except ValidationError as error:
        lines = (f"COMPLAINTS_LETTERS: {SENDER}: {line}" for line in validation_errors(error, Sender))
        raise StartupError("\n".join(lines)) from error
    except TemplatesError as error:
        raise StartupError("\n".join(f"COMPLAINTS_LETTERS: {line}" for line in str(error).splitlines())) from error
    fonts = folder / FONTS
    return Stationery(templates, sender, fonts if fonts.is_dir() else None)
