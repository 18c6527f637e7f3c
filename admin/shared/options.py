"""The options that several commands share, and the panels under which the commands are shown."""

from enum import StrEnum
from typing import Annotated, Any

import typer

INSTANT = "as 2026-12-09T10:00Z"
REMEDY = "apology, action:TEXT or compensation:POUNDS.PENCE; may be repeated."


class Panel(StrEnum):
    """Who has something to say."""

    INTAKE = "Intake"
    STAFF = "Staff"
    COMPLAINANT = "What the complainant says"
    CASE_SYSTEM = "What the case system says"
    ASSESSOR = "Independent Assessor"
    POST_ROOM = "What the post room says"
    SYSTEMS = "Systems that call the intake service"
    LOOKING = "Looking"
    REPORTS = "Reports"
    KEEPING = "How long things are kept"
    CALENDAR = "Calendar and policy"
    TRYING = "Trying out, on the local stack"


def option(metavar: str, help_text: str, *names: str) -> Any:
    return typer.Option(*names, metavar=metavar, help=help_text, show_default=False)


def needed(metavar: str, help_text: str, *names: str) -> Any:
    """Needed, but asked for by the act's model, which names every mistake at once."""
    return option(metavar, f"{help_text} (needed)", *names)


def flag(help_text: str, *names: str) -> Any:
    """On or off; `--yes/--no` in `names` for one that may also be left open."""
    return typer.Option(*names, metavar="", help=help_text, show_default=False)


def number(help_text: str) -> Any:
    """Read by the act's model, which names every mistake at once."""
    return typer.Argument(metavar="N", help=help_text)


Ref = Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")]
ActId = Annotated[str | None, option("ID", "The act's id: sent twice, it takes effect once.", "--id")]
Signal = Annotated[bool, flag("Send it and do not wait for an answer.", "--signal")]
Json = Annotated[bool, flag("Print JSON, for programs.", "--json")]
Reason = Annotated[str | None, needed("TEXT", "Why.")]
ReasonIfAny = Annotated[str | None, option("TEXT", "Why.")]
Explanation = Annotated[str | None, needed("TEXT", "What was done or decided, and why.")]
ReceivedAt = Annotated[str | None, option("INSTANT", f"When it was received, {INSTANT}; else now.")]
On = Annotated[str | None, option("INSTANT", f"When that was, {INSTANT}; else now.")]
SentAt = Annotated[str | None, option("INSTANT", f"The letter went already, {INSTANT}; else it is sent for you, now.")]
By = Annotated[str | None, option("DATE", "To be carried out by; else by the policy.", "--by")]
ChannelOption = Annotated[str | None, option("email|post", "How the letter travels; else as they prefer.")]
TierOption = Annotated[str | None, option("TIER", "For a letter of a tier already left.")]
Remedies = Annotated[list[str] | None, option("REMEDY", f"What puts things right: {REMEDY}", "--remedy")]
Recommended = Annotated[list[str] | None, option("REMEDY", f"What she recommends: {REMEDY}", "--recommend")]
