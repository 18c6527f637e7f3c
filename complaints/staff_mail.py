"""What staff get by email: an alert, the digest, or that a calendar has changed; no word of a complainant's."""

import html
from collections.abc import Iterable
from typing import NamedTuple

from complaints.channels.notices import Notice
from complaints.procedure.calendar import Change
from complaints.procedure.dates import written
from complaints.records.digests import Digest


class Message(NamedTuple):
    subject: str
    text: str

    @property
    def html(self) -> str:
        """The same, for readers that show nothing else."""
        return f'<!doctype html><html lang="en-GB"><body><pre>{html.escape(self.text)}</pre></body></html>\n'


def message_of_notice(notice: Notice) -> Message:
    lines = (
        notice.what,
        "",
        f"Complaint {notice.reference}, since {notice.since:%Y-%m-%d %H:%M} UTC.",
        "",
        notice.to_do,
        "",
        f"    {notice.command}",
        f"    complaints show {notice.reference}",
    )
    return Message(f"{notice.reference}: {notice.what}", "\n".join(lines) + "\n")


def message_of_digest(digest: Digest) -> Message:
    counts = {"due today": len(digest.due), "overdue": len(digest.overdue), "held": len(digest.held)}
    told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    parts = [
        _part("Due by the end of today", (f"{d.reference}: {d.kind.words}{_held_by(d.holder)}" for d in digest.due)),
        _part("Overdue", (f"{o.reference}{_held_by(o.holder)}" for o in digest.overdue)),
        _part(
            "Letters and alerts that could not be sent",
            (f"{h.reference}.{h.sequence}.{h.to}: {h.why}" for h in digest.held),
        ),
    ]
    tier = digest.tier.replace("_", " ")
    commands = f"    complaints list --tier {digest.tier}\n    complaints letters --held\n"
    return Message(f"{written(digest.day)}: {told} ({tier})", "\n".join([*filter(None, parts), commands]))


def message_of_stale_calendars(tier: str, number: int, days: Iterable[Change]) -> Message:
    """Open complaints at the tier whose working days are not those in force (R14)."""
    what = "1 open complaint carries" if number == 1 else f"{number:,} open complaints carry"
    lines = (
        f"{what} another calendar than the one in force.",
        "",
        *(f"- {written(day.on)}: {day.now or 'a working day'} (carried: {day.was or 'a working day'})" for day in days),
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


def _held_by(holder: str | None) -> str:
    return f", held by {holder}" if holder else ", nobody holds it"
