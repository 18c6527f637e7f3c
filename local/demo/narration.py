"""Tells what happens, for people at a terminal or in a plain log, a hundred columns wide."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from complaints.procedure.enums import EventKind
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.views.views import ComplaintHistory, EventView
from local.demo.letters import Letter
from local.demo.story import LONDON, Story, StoryOutcome

LEFT_OUT = {EventKind.GIVEN_TO}
"""What a reader knows already: whoever acts first holds the complaint."""

BY_ITSELF = {
    EventKind.ADMITTED: "admitted",
    EventKind.SIGNPOSTED: "signpost",
    EventKind.TIER_REACHED: "reached",
    EventKind.DEADLINE_SET: "deadline",
    EventKind.DEADLINE_MOVED: "deadline",
    EventKind.DEADLINE_MET: "deadline",
    EventKind.DEADLINE_ENDED: "deadline",
    EventKind.REMINDED: "reminder",
    EventKind.LAPSED: "lapse",
    EventKind.LAPSE_WITHDRAWN: "lapse",
    EventKind.ALERTED: "alert",
    EventKind.CHASED: "chaser",
    EventKind.ESCALATED_ON_LAPSE: "by itself",
    EventKind.WINDOW_OPENED: "window",
    EventKind.WINDOW_MOVED: "window",
    EventKind.WINDOW_ENDED: "window",
    EventKind.UNDERTAKING_MOVED: "undertaking",
    EventKind.LETTER: "letter",
    EventKind.CLOSED: "closed",
}
"""What stands in the place of an actor where the product does something by itself."""

STYLES = {
    EventKind.REMINDED: "yellow",
    EventKind.CHASED: "yellow",
    EventKind.LAPSED: "bold red",
    EventKind.ALERTED: "red",
    EventKind.REFUSED: "red",
    EventKind.ESCALATED_ON_LAPSE: "bold magenta",
    EventKind.CLOSED: "bold green",
    EventKind.LETTER: "dim",
    EventKind.DEADLINE_MET: "dim",
    EventKind.DEADLINE_ENDED: "dim",
    EventKind.ADMITTED: "dim",
    EventKind.DEADLINE_SET: "blue",
    EventKind.DEADLINE_MOVED: "blue",
    EventKind.WINDOW_OPENED: "blue",
    EventKind.WINDOW_MOVED: "blue",
    EventKind.UNDERTAKING_SET: "blue",
    EventKind.UNDERTAKING_MOVED: "blue",
}
"""Of what is told; an act is bold."""

ACTS = "bold"

REPEATED = {EventKind.ALERTED: "staff are told", EventKind.LETTER: "the complainant is told"}
"""Instead of the same words twice in a row."""


class Narrator:
    """Tells one complaint after another on a console."""

    def __init__(self, console: Console, policy: Policy) -> None:
        self._console = console
        titles = [tier.title for tier in policy.tiers]
        if policy.case_handler:
            titles.append(policy.case_handler.title)
        self._prefixes = [f"{title}: " for title in titles]
        self._told = 0
        """The sequence of the last event told."""
        self._signals: set[tuple[str, str]] = set()
        """The name and actor of what comes as a signal."""

    def begin(self, story: Story, form: Form) -> None:
        self._told = 0
        self._signals = {(step.act.name, step.fields["by"]) for step in story.steps if step.act and step.as_signal}
        self._console.print()
        self._console.rule(Text(f"{form.reference}  {story.title}", style="bold"), align="left", style="dim")
        capacity = form.complainant.capacity.replace("_", " ")
        who = Text(f"{form.complainant.name} ({capacity}): ")
        who.append(f"“{form.concerns[0].what_happened}”", style="italic")
        self._console.print(Padding(who, (0, 0, 1, 0)))

    def listen(self, complaint: ComplaintHistory) -> None:
        """One line for each thing that has happened since the last time, then one for what is due next."""
        new = [event for event in complaint.events if event.sequence > self._told]
        said = ""
        for event in new:
            if event.kind not in LEFT_OUT:
                self._line(complaint.reference, event, said)
                said = event.what
        if new:
            self._told = new[-1].sequence
            self._next(complaint)

    def tell_letters(self, form: Form, letters: Sequence[Letter]) -> None:
        """What the complainant was sent, and how each letter begins."""
        self._console.print(Text(f"\nWhat {form.complainant.name} was sent:", style="dim"))
        for letter in letters:
            grid = _grid(21)
            told = Text(letter.subject, style="bold")
            told.append(f"\n{letter.begins}", style="not bold italic")
            grid.add_row(Text(_when(letter.delivery.owed_at), style="dim"), told)
            self._console.print(grid)

    def end(self, outcomes: Sequence[StoryOutcome]) -> None:
        """The table of what became of each, and in what any of them differs from its story."""
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for column in ("", "story", "must end", "ended"):
            table.add_column(column)
        for column in ("days", "lapses"):
            table.add_column(column, justify="right")
        for outcome in outcomes:
            table.add_row(*_row(outcome))
        self._console.print()
        self._console.rule(Text("What became of them, by the record", style="bold"), align="left", style="dim")
        self._console.print(table)
        for outcome in outcomes:
            for difference in outcome.differences:
                self._console.print(Text(f"{outcome.reference} ended otherwise: {difference}", style="bold red"))
        if not any(outcome.differences for outcome in outcomes):
            self._console.print("\nAll ended as their stories say.", style="green")

    def _line(self, reference: str, event: EventView, said_before: str) -> None:
        kind = EventKind(event.kind) if event.kind in set(EventKind) else None
        label = BY_ITSELF.get(kind, "") if kind else ""
        what = _short(event.what) if kind is None else self._without_tier(_short(event.what))
        if kind and said_before.endswith(event.what):
            what = REPEATED.get(kind, what)
        if event.by is None:
            what = what.removeprefix(f"{label}: ")
        if (event.kind, event.by) in self._signals:
            what += " (as a signal)"
        grid = _grid(21, 6, 12)
        grid.add_row(
            Text(_when(event.at), style="dim"),
            Text(reference, style="dim"),
            Text(event.by or label, style="cyan" if event.by else "dim"),
            Text(what, style=STYLES.get(kind, "") if kind else ACTS),
        )
        self._console.print(grid)

    def _next(self, complaint: ComplaintHistory) -> None:
        what = "nothing by itself"
        if complaint.next_due_at and complaint.next_due:
            what = f"{_short(_when(complaint.next_due_at))}  {self._without_tier(_short(complaint.next_due))}"
        grid = _grid(21, 4)
        grid.add_row("", Text("next", style="dim"), Text(what, style="dim italic"))
        self._console.print(grid)

    def _without_tier(self, what: str) -> str:
        """The complaint's tier is known from the lines before."""
        return next((what.removeprefix(each) for each in self._prefixes if what.startswith(each)), what)


def _grid(*widths: int) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for width in widths:
        grid.add_column(width=width, no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _when(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local:%a} {local.day:2} {local:%b %Y %H:%M}"


def _short(what: str) -> str:
    """Dates without their year, with which the line begins, and without the day's end, which any date means here."""
    what = re.sub(r"(\d [A-Z][a-z]{2}) 20\d\d", r"\1", what)
    return what.replace("the end of ", "").replace("complainant may go on", "may go on")


def _row(outcome: StoryOutcome) -> tuple[Text, ...]:
    ended, days, lapses = "not closed", "", ""
    if record := outcome.record:
        lapses = str(Counter(event.kind for event in record.events)[EventKind.LAPSED])
        if record.closed_at and record.closing_reason:
            ended = record.closing_reason.replace("_", " ")
            open_for = record.closed_at.astimezone(LONDON).date() - record.received_at.astimezone(LONDON).date()
            days = str(open_for.days)
    return (
        Text(outcome.reference),
        Text(outcome.story.title),
        Text(outcome.story.ending.reason.replace("_", " ")),
        Text(ended, style="bold red" if outcome.differences else "green"),
        Text(days),
        Text(lapses),
    )
