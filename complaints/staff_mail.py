"""What staff get by email: an alert, or the morning's digest. No words of a complainant's stand in it."""

import html
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from complaints.channels.notices import Notice
from complaints.procedure.calendar import zone
from complaints.procedure.dates import written
from complaints.records.digests import Digest, Overdue


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
    return Message(f"{written(digest.day)}: {told} ({tier})", "\n".join([*filter(None, parts), commands]))


def _local(at: datetime, time_zone: str) -> str:
    """`Thu 5 Mar 2026, 00:00 (London)`."""
    there = at.astimezone(zone(time_zone))
    place = time_zone.rpartition("/")[2].replace("_", " ")
    return f"{written(there.date())}, {there:%H:%M} ({place})"


def _part(title: str, lines: Iterable[str]) -> str:
    listed = "".join(f"- {line}\n" for line in lines)
    return f"{title}\n\n{listed}" if listed else ""


def _overdue(overdue: Overdue) -> str:
    return f"{overdue.reference}: {overdue.what}, due {written(overdue.due_on)}{_held_by(overdue.holder)}"


def _held_by(holder: str | None) -> str:
    return f", held by {holder}" if holder else ", nobody holds it"
