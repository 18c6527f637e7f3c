"""Emails to staff, and their addresses. They hold nothing that a complainant wrote."""

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from complaints.audit.roots import SignedRoot
from complaints.channels.addresses import Mailbox
from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.webhook_payloads import Notice
from complaints.formatting.command_hints import command_for
from complaints.formatting.plural import plural
from complaints.messages.digest import Digest, DueItem, OverdueItem, UnheldItem
from complaints.procedure import acts
from complaints.procedure.dates.calendar import CalendarChange, zone
from complaints.procedure.dates.date_format import format_date, format_instant
from complaints.procedure.enums import humanize_code
from complaints.staff.members import Member


class StaffEmail(NamedTuple):
    """The subject and the text of an email."""

    subject: str
    text: str

    @property
    def html(self) -> str:
        """The text as HTML."""
        return f'<!doctype html><html lang="en-GB"><body><pre>{html.escape(self.text)}</pre></body></html>\n'


def alert_email(notice: Notice, time_zone: str) -> StaffEmail:
    """Write an alert."""
    commands = (notice.command, notice.otherwise, f"complaints show {notice.reference}")
    lines = (
        notice.what,
        "",
        f"Complaint {notice.reference}, since {format_instant(notice.since, zone(time_zone))}.",
        "",
        notice.to_do,
        "",
        *(f"    {command}" for command in dict.fromkeys(commands) if command),
    )
    return StaffEmail(f"{notice.reference}: {notice.what}", "\n".join(lines) + "\n")


def digest_email(digest: Digest, root: SignedRoot | None = None) -> StaffEmail:
    """Write the daily digest of a tier, with the newest signed root of the record."""
    counts = {
        "new": len(digest.new),
        "without a holder": len(digest.unheld),
        "due today": len(digest.due),
        "due tomorrow": len(digest.due_tomorrow),
        "overdue": len(digest.overdue),
        "not sent": len(digest.held),
    }
    summary = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    parts = [
        _part("New since the last digest", (f"{n.reference}{_held_by(n.holder)}" for n in digest.new)),
        _part("Nobody holds", map(_unheld, digest.unheld)),
        _part("Due by the end of today", (f"{d.reference}: {d.what}{_held_by(d.holder)}" for d in digest.due)),
        _part("Due by the end of the next working day", map(_due, digest.due_tomorrow)),
        _part("Overdue", map(_due, digest.overdue)),
        _part(
            "Letters and alerts that could not be sent",
            (f"{h.reference}.{h.sequence}.{h.to}: {h.why}" for h in digest.held),
        ),
    ]
    tier = humanize_code(digest.tier)
    commands = f"    complaints list --tier {digest.tier}\n    complaints letters --held\n"
    if digest.unheld:
        commands += f"    {command_for(acts.Reassign, digest.unheld[0].reference)}\n"
    return StaffEmail(
        f"{format_date(digest.day)}: {summary} ({tier})", "\n".join([*filter(None, parts), commands]) + _root(root)
    )


def retention_email(anonymise: Mapping[str, int], review: Mapping[str, int], on: date) -> StaffEmail:
    """Write to a lead about complaints whose retention period has ended.

    `anonymise` and `review` count complaints by kind; the first are anonymised `on` that day.
    """
    number = sum(anonymise.values())
    lines = [
        *(f"- {count:,} {humanize_code(kind)}: anonymised on {format_date(on)}" for kind, count in anonymise.items()),
        *(f"- {count:,} {humanize_code(kind)}: you decide whether they are erased" for kind, count in review.items()),
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
    return StaffEmail(to_come if number else "Old complaints to be looked at", "\n".join(text) + "\n")


def resolve_mailboxes(to: str, members: Sequence[Member], domain: str | None) -> tuple[Mailbox, ...]:
    """Return the mailboxes of staff:ID, lead:TIER or role:TIER, whose `members` are given.

    A member without an address gets ID@domain. A tier without a lead gets lead.TIER@domain.
    Somebody whose address is not valid is left out, and keeps the message from nobody else.
    Raises ChannelUnavailableError, and ChannelRefusedError if nobody is left.
    """
    kind, _, name = to.partition(":")
    people = [(member.name, member.id, member.email) for member in members]
    mailboxes: list[Mailbox] = []
    refused: ChannelRefusedError | None = None
    for label, local, address in people or [("", f"lead.{name}" if kind == "lead" else name, None)]:
        try:
            mailboxes.append(Mailbox.of(label, address or _address(local, domain)))
        except ChannelRefusedError as error:
            refused = error
    if not mailboxes and refused:
        raise refused
    return tuple(mailboxes)


def _address(local: str, domain: str | None) -> str:
    if domain is None:
        raise ChannelUnavailableError("staff have no mail domain; set COMPLAINTS_STAFF_DOMAIN")
    return f"{local}@{domain}"


def stale_calendar_email(tier: str, number: int, days: Iterable[CalendarChange]) -> StaffEmail:
    """Write to a lead about open complaints whose calendar is not the one in force (R14)."""
    what = plural(number, "open complaint carries", "open complaints carry")
    lines = (
        f"{what} another calendar than the one in force.",
        "",
        *(
            f"- {format_date(day.on)}: {day.now or 'a working day'} (carried: {day.was or 'a working day'})"
            for day in days
        ),
        "",
        "Their dates stay as they are until an operator has them recalculated.",
        "",
        "    complaints calendar diff",
        "    complaints recalendar --dry-run",
    )
    return StaffEmail(f"{what} another calendar ({humanize_code(tier)})", "\n".join(lines) + "\n")


def _part(title: str, lines: Iterable[str]) -> str:
    listed = "".join(f"- {line}\n" for line in lines)
    return f"{title}\n\n{listed}" if listed else ""


def _root(root: SignedRoot | None) -> str:
    """Quote a root, so that each lead's mailbox shows what the record was."""
    if root is None:
        return ""
    return (
        f"\nSigned root of the record on {format_date(root.day)}, over {plural(root.complaints, 'complaint')}:\n"
        f"    {root.root}\n    {root.signature[:64]}\n    {root.signature[64:]}\n"
    )


def _due(item: DueItem | OverdueItem) -> str:
    return f"{item.reference}: {item.what}, due {format_date(item.due_on)}{_held_by(item.holder)}"


def _unheld(unheld: UnheldItem) -> str:
    return f"{unheld.reference}, due {format_date(unheld.due_on)}" if unheld.due_on else unheld.reference


def _held_by(holder: str | None) -> str:
    return f", held by {holder}" if holder else ", nobody holds it"
