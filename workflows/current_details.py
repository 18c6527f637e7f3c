"""Render a complaint as Markdown for Temporal's web page, without any free text."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from complaints.formatting.command_hints import command_for
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_due, format_instant, format_last_day
from complaints.procedure.enums import humanize_code
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.available_acts import available_acts


def render_details(complaint: Complaint, now: datetime) -> str:
    """Return the state, the deadlines, the next event, and the commands of the acts allowed now.

    Times are in the policy's time zone.
    """
    local = zone(complaint.state.policy.time_zone)
    parts = (
        _heading(complaint.state),
        _summary(complaint.state, local),
        "\n".join(_dates(complaint.state, local)),
        _next(complaint, local),
        "\n".join(_commands(complaint, now)),
    )
    return "\n\n".join(part for part in parts if part)


def _heading(c: ComplaintState) -> str:
    where = f"{c.tier_title}: " if c.tier_periods else ""
    status = f"closed, {humanize_code(c.closing.reason)}" if c.closing else humanize_code(c.status)
    return f"### {where}{status}{', overdue' if c.is_overdue else ''}"


def _summary(c: ComplaintState, local: ZoneInfo) -> str:
    received = f"Received {format_instant(c.received_at, local)}."
    sentences = [received, f"The case is {'open' if c.case.open else 'closed'}."]
    if c.closing:
        sentences.append(f"Closed {format_instant(c.closing.at, local)}.")
    elif c.tier_periods:
        sentences.append(f"Held by {c.holder}." if c.holder else "Nobody holds it yet.")
    if c.window and not c.closing:
        last_day = format_last_day(c.window.ends_at, local) if c.window.ends_at else None
        end = f"until the end of {last_day}" if last_day else "while the case is open"
        sentences.append(f"The complainant may go on {end}.")
    return " ".join(sentences)


def _dates(c: ComplaintState, local: ZoneInfo) -> Iterator[str]:
    if not c.deadlines and not c.undertakings:
        return
    yield "| due by the end of | first | current | met or lapsed |"
    yield "|---|---|---|---|"
    for d in c.deadlines:
        what = f"{c.policy.title_of(d.tier)}: {d.label}"
        first, current = format_due(d.first_on, d.first_at, local), format_due(d.due_on, d.at, local)
        yield f"| {what} | {first} | {current} | {_deadline_status(d.lapsed_at, d.met_at, d.ended_at, local)} |"
    for u in c.undertakings:
        by = format_due(u.by, u.by_at, local)
        status = _deadline_status(u.lapsed_at, u.carried_out_at, u.replaced_at, local)
        yield f"| Undertaking {u.number}: {u.kind} | {by} | {by} | {status} |"


def _deadline_status(
    lapsed_at: datetime | None, met_at: datetime | None, ended_at: datetime | None, local: ZoneInfo
) -> str:
    facts = [f"lapsed {format_instant(lapsed_at, local)}"] if lapsed_at else []
    if met_at:
        facts.append(f"met {format_instant(met_at, local)}")
    elif ended_at:
        facts.append("no longer awaited")
    return ", ".join(facts) or "running"


def _next(complaint: Complaint, local: ZoneInfo) -> str:
    following, retires_at = complaint.next_due(), complaint.retires_at()
    if following:
        return f"**Next:** {format_instant(following.at, local)}, {following.summary}"
    if retires_at:
        ends = "closed for good: the workflow completes, the record stays"
        return f"**Next:** {format_instant(retires_at, local)}, {ends}"
    return "**Next:** nothing is due"


def _commands(complaint: Complaint, now: datetime) -> Iterator[str]:
    yield "**May be done now:**\n"
    for act, number in available_acts(complaint, now):
        yield f"- `{command_for(act, complaint.state.reference, number)}`"
