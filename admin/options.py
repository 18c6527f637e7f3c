"""The options that several commands share."""

from typing import Annotated, Any

import typer

STAFF = "COMPLAINTS_STAFF"
INSTANT = "as 2026-12-09T10:00Z"


def option(metavar: str, help_text: str, *names: str) -> Any:
    return typer.Option(*names, metavar=metavar, help=help_text, show_default=False)


def needed(metavar: str, help_text: str, *names: str) -> Any:
    """Needed, but asked for by the act's model, which names every mistake at once."""
    return option(metavar, f"{help_text} (needed)", *names)


Ref = Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")]
As = Annotated[str | None, typer.Option("--as", metavar="ID", envvar=STAFF, help="Who acts. (needed)")]
KeyedBy = Annotated[
    str | None, typer.Option("--as", metavar="ID", envvar=STAFF, help="Who keys it; else whoever is logged in.")
]
ActId = Annotated[str | None, option("ID", "The act's id: sent twice, it takes effect once.", "--id")]
Signal = Annotated[bool, typer.Option("--signal", help="Send it and do not wait for an answer.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Reason = Annotated[str | None, needed("TEXT", "Why.")]
ReasonIfAny = Annotated[str | None, option("TEXT", "Why.")]
Explanation = Annotated[str | None, needed("TEXT", "What was done or decided, and why.")]
ReceivedAt = Annotated[str | None, option("INSTANT", f"When it was received, {INSTANT}; else now.")]
On = Annotated[str | None, option("INSTANT", f"When that was, {INSTANT}; else now.")]
SentAt = Annotated[str | None, option("INSTANT", f"The letter went already, {INSTANT}; else it is sent for you, now.")]
By = Annotated[str | None, option("DATE", "To be carried out by; else by the policy.", "--by")]
ChannelOption = Annotated[str | None, option("email|post", "How the letter travels; else as they prefer.")]
TierOption = Annotated[str | None, option("TIER", "For a letter of a tier already left.")]
Remedies = Annotated[
    list[str] | None, option("REMEDY", "apology, action:TEXT or compensation:POUNDS.PENCE; may be repeated.")
]
