"""Options that several commands share, and the panels of the help that list the commands."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer

from complaints.formatting.written_code import as_code, known_name

INSTANT = "such as '9 Dec 2026 10:00', yesterday or 2026-12-09T10:00Z"
REMEDY = "apology, action:TEXT or compensation:POUNDS, such as compensation:1,000.00; may be repeated."


class Panel(StrEnum):
    """Titles of the panels, in the order of the help."""

    INTAKE = "Intake"
    STAFF = "Staff"
    COMPLAINANT = "What the complainant says"
    CASE_SYSTEM = "What the case system says"
    ASSESSOR = "Independent Assessor"
    POST_ROOM = "What the post room says"
    SIGNING_IN = "Signing in"
    SYSTEMS = "Systems that call the intake service"
    LOOKING = "Looking things up"
    REPORTS = "Reports"
    KEEPING = "Retention and erasure"
    CALENDAR = "Calendar and policy"
    TRYING = "Trying out, on the local stack"


def option(metavar: str, help_text: str, *names: str) -> Any:
    return typer.Option(*names, metavar=metavar, help=help_text, show_default=False)


def needed(metavar: str, help_text: str, *names: str) -> Any:
    """Declare a needed option. The command checks it, so that it can list every error at once."""
    return option(metavar, f"{help_text} (needed)", *names)


def lower_id(value: str | None) -> str | None:
    """Return a staff id in small letters, which are the same as capitals (R11)."""
    return value and value.lower()


def staff_option(help_text: str, *names: str) -> Any:
    """Declare an option that names a member of staff."""
    return typer.Option(*names, metavar="ID", help=help_text, show_default=False, callback=lower_id)


def code_option(metavar: str, help_text: str, known: Iterable[str] = (), *names: str) -> Any:
    """Declare an option for a `known` code or a tier's id, however it is written."""

    def read(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [_code(each, known) for each in value]
        return value and _code(value, known)

    return typer.Option(*names, metavar=metavar, help=help_text, show_default=False, callback=read)


def _code(text: str, known: Iterable[str]) -> str:
    return known_name(text, known) if known else as_code(text)


def flag(help_text: str, *names: str) -> Any:
    """Declare a flag. With `--yes/--no` in `names` it may also be left out."""
    return typer.Option(*names, metavar="", help=help_text, show_default=False)


def number(help_text: str) -> Any:
    """Declare an argument N. The act's model checks it, so that every error is listed at once."""
    return typer.Argument(metavar="N", help=help_text)


Ref = Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")]
ActId = Annotated[str | None, option("ID", "An id for the act: sent twice, it takes effect once.", "--id")]
Signal = Annotated[bool, flag("Send the act as a signal, without waiting for an answer.", "--signal")]
Json = Annotated[bool, flag("Print JSON, for programs.", "--json")]
Yes = Annotated[bool, flag("Do it without asking, for programs.", "--yes", "-y")]
Preview = Annotated[bool, flag("Print the letter and the dates that change, and do nothing.", "--preview")]
Reason = Annotated[str | None, needed("TEXT", "The reason.")]
ReasonIfAny = Annotated[str | None, option("TEXT", "The reason, if one is given.")]
Explanation = Annotated[str | None, needed("TEXT", "What was done or decided, and why.")]
ReceivedAt = Annotated[str | None, option("INSTANT", f"When it was received, {INSTANT}; else now.")]
On = Annotated[str | None, option("INSTANT", f"When that was, {INSTANT}; else now.")]
SentAt = Annotated[str | None, option("INSTANT", f"When the letter went, {INSTANT}; else the product sends it now.")]
By = Annotated[str | None, option("DATE", "The day by which it is carried out; else as the policy says.", "--by")]
ChannelOption = Annotated[str | None, option("email|post", "How the letter travels; else as the complainant prefers.")]
TierOption = Annotated[str | None, option("TIER", "The tier of the letter, if the complaint has left it.")]
Remedies = Annotated[list[str] | None, option("REMEDY", f"A remedy: {REMEDY}", "--remedy")]
Recommended = Annotated[list[str] | None, option("REMEDY", f"A recommendation: {REMEDY}", "--recommend")]
