"""What staff get by email, and where: alerts, digests, and what is to come; no word of a complainant's."""

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from complaints.channels.addresses import Mailbox
from complaints.channels.errors import ChannelAwayError
from complaints.channels.webhook_payloads import Notice
from complaints.formatting.plural import plural
from complaints.messages.digest import Digest, OverdueItem
from complaints.procedure.dates.calendar import CalendarChange, zone
from complaints.procedure.dates.date_format import format_date
from complaints.staff.members import Member

CARRIES, CARRY = "open complaint carries", "open complaints carry"


class Message(NamedTuple):
    subject: str
    text: str

    @property
    def html(self) -> str:
        """The same, for readers that show nothing else."""
        return f'<!doctype html><html lang="en-GB"><body><pre>{html.escape(self.text)}</pre></body></html>\n'


def message_of_notice(notice: Notice, time_zone: str) -> Message:
    commands = (notice.command, notice.otherwise, f"complaints show {notice.reference}")
    lines = (
        notice.what,
        "",
        f"Complaint {notice.reference}, since {_local(notice.since, time_zone)}.",
        "",
        notice.to_do,
        "",
        *(f"    {command}" for command in dict.fromkeys(commands) if command),
    )
    return Message(f"{notice.reference}: {notice.what}", "\n".join(lines) + "\n")


def message_of_digest(digest: Digest) -> Message:
    counts = {"due today": len(digest.due), "overdue": len(digest.overdue), "not sent": len(digest.held)}
    told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    parts = [
        _part("Due by the end of today", (f"{d.reference}: {d.words}{_held_by(d.holder)}" for d in digest.due)),
        _part("Overdue", map(_overdue, digest.overdue)),
        _part(
            "Letters and alerts that could not be sent",
            (f"{h.reference}.{h.sequence}.{h.to}: {h.why}" for h in digest.held),
        ),
    ]
    tier = digest.tier.replace("_", " ")
    commands = f"    complaints list --tier {digest.tier}\n    complaints letters --held\n"
    return Message(f"{format_date(digest.day)}: {told} ({tier})", "\n".join([*filter(None, parts), commands]))


def _local(at: datetime, time_zone: str) -> str:
    """`Thu 5 Mar 2026, 00:00 (London)`."""
    there = at.astimezone(zone(time_zone))
    place = time_zone.rpartition("/")[2].replace("_", " ")
    return f"{format_date(there.date())}, {there:%H:%M} ({place})"


def message_of_retention(anonymise: Mapping[str, int], review: Mapping[str, int], on: date) -> Message:
    """What has been kept for as long as the policy says, by its kind; `on` that day it is anonymised."""
    number = sum(anonymise.values())
    lines = [
        *(
            f"- {count:,} {kind.replace('_', ' ')}: anonymised on {format_date(on)}"
            for kind, count in anonymise.items()
        ),
        *(
            f"- {count:,} {kind.replace('_', ' ')}: you decide whether they are erased"
            for kind, count in review.items()
        ),
    ]
    text = (
        "These closed complaints have been kept for as long as the policy says:",
        "",
        *lines,
        "",
        "Once they are anonymised, nobody can tell who complained, or what was said. Every figure stays.",
        "",
        "    complaints retention",
        "    complaints retention hold REF --until DATE --reason TEXT --as ID",
        "    complaints erase REF --reason TEXT --as ID",
    )
    to_come = f"{plural(number, 'complaint')} to be anonymised on {format_date(on)}"
    return Message(to_come if number else "Old complaints to be looked at", "\n".join(text) + "\n")


def mailboxes(to: str, members: Sequence[Member], domain: str | None) -> tuple[Mailbox, ...]:
    """Of staff:ID or lead:TIER, whom the directory knows as `members`.

    Where it has no address it is ID@domain, and of a tier that nobody leads lead.TIER@domain.
    Raises ChannelAwayError, ChannelRefusedError.
    """
    kind, _, name = to.partition(":")
    known = [(member.name, member.id, member.email) for member in members]
    return tuple(
        Mailbox.of(called, address or _at(local, domain))
        for called, local, address in known or [("", f"lead.{name}" if kind == "lead" else name, None)]
    )


def _at(local: str, domain: str | None) -> str:
    if domain is None:
        raise ChannelAwayError("it is not known where staff read their mail; see COMPLAINTS_STAFF_DOMAIN")
    return f"{local}@{domain}"


def message_of_stale_calendars(tier: str, number: int, days: Iterable[CalendarChange]) -> Message:
    """Open complaints at the tier whose working days are not those in force (R14)."""
    what = plural(number, CARRIES, CARRY)
    lines = (
        f"{what} another calendar than the one in force.",
        "",
        *(
            f"- {format_date(day.on)}: {day.now or 'a working day'} (carried: {day.was or 'a working day'})"
            for day in days
        ),
        "",
        "Their dates stay as they are until an operator has them counted afresh.",
        "",
        "    complaints calendar diff",
        "    complaints recalendar --dry-run",
    )
    return Message(f"{what} another calendar ({tier.replace('_', ' ')})", "\n".join(lines) + "\n")


def _part(title: str, lines: Iterable[str]) -> str:
    listed = "".join(f"- {line}\n" for line in lines)
    return f"{title}\n\n{listed}" if listed else ""


def _overdue(overdue: OverdueItem) -> str:
    return f"{overdue.reference}: {overdue.what}, due {format_date(overdue.due_on)}{_held_by(overdue.holder)}"


def _held_by(holder: str | None) -> str:
    return f", held by {holder}" if holder else ", nobody holds it"
