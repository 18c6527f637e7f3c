"""Render a complaint as Markdown for Temporal's web page, without any free text.

It also reads well as plain text of 80 columns, as `temporal workflow metadata` prints it.
"""

import textwrap
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from complaints.formatting.command_hints import command_for
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_due, format_instant, format_last_day, format_since
from complaints.procedure.enums import humanize_code
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.available_acts import available_acts

COLUMNS = 80


def render_details(complaint: Complaint, now: datetime, forked_since: datetime | None = None) -> str:
    """Return the state, the deadlines, the next event, and the commands of the acts allowed now.

    `forked_since`: since when the record refuses the complaint's events. Times are in the policy's time zone.
    """
    local = zone(complaint.state.policy.time_zone)
    overdue = _overdue(complaint.state, local)
    status = _status(complaint.state)
    parts = (
        f"### {overdue or status}",
        _wrap(_fork(forked_since, local)) if forked_since else "",
        _wrap(" ".join([*([f"{status}."] if overdue else []), *_summary(complaint.state, local)])),
        "\n".join(map(_item, _dates(complaint.state, local))),
        _wrap(_next(complaint, local)),
        "**May be done now:**",
        "\n".join(_item(f"`{command}`") for command in _commands(complaint, now)),
    )
    return "\n\n".join(part for part in parts if part)


def _fork(since: datetime, local: ZoneInfo) -> str:
    why = "the record holds other events under these numbers, as after a restore of Temporal"
    return f"**Not recorded since {format_instant(since, local)}:** {why}. Run `python -m worker reconcile`."


def _item(text: str) -> str:
    return _wrap(f"- {text}", "  ")


def _wrap(text: str, indent: str = "") -> str:
    if len(text) <= COLUMNS:
        return text
    return textwrap.fill(text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _overdue(c: ComplaintState, local: ZoneInfo) -> str:
    """Return what is overdue since when, the first of several; empty: nothing is."""
    items = sorted(
        [(d.at, d.label) for d in c.deadlines if d.is_overdue]
        + [(u.by_at, f"undertaking {u.number}") for u in c.undertakings if u.is_overdue]
    )
    if not items:
        return ""
    at, what = items[0]
    further = f", and {len(items) - 1} more" if len(items) > 1 else ""
    return f"Overdue since {format_since(at, local)}: {what}{further}"


def _status(c: ComplaintState) -> str:
    where = f"{c.tier_title}: " if c.tier_periods else ""
    return where + (f"closed, {humanize_code(c.closing.reason)}" if c.closing else humanize_code(c.status))


def _summary(c: ComplaintState, local: ZoneInfo) -> list[str]:
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
    return sentences


def _dates(c: ComplaintState, local: ZoneInfo) -> Iterator[str]:
    for d in c.deadlines:
        first, due = format_due(d.first_on, d.first_at, local), format_due(d.due_on, d.at, local)
        moved = f" (first {first})" if first != due else ""
        status = _deadline_status(d.lapsed_at, d.met_at, d.ended_at, d.at if d.is_overdue else None, local)
        yield f"{c.policy.title_of(d.tier)}: {d.label}, due {due}{moved}: {status}"
    for u in c.undertakings:
        status = _deadline_status(
            u.lapsed_at, u.carried_out_at, u.replaced_at, u.by_at if u.is_overdue else None, local
        )
        yield f"Undertaking {u.number}: {u.kind}, due {format_due(u.by, u.by_at, local)}: {status}"


def _deadline_status(
    lapsed_at: datetime | None,
    met_at: datetime | None,
    ended_at: datetime | None,
    overdue_since: datetime | None,
    local: ZoneInfo,
) -> str:
    if overdue_since:
        return f"overdue since {format_since(overdue_since, local)}"
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
    for act, number in available_acts(complaint, now):
        yield command_for(act, complaint.state.reference, number)
