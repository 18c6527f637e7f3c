"""Print what happens, for a terminal or a plain log 100 columns wide."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from complaints.procedure.enums import EventKind, humanize_code
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.views.views import ComplaintHistory, EventView
from local.demo.letters import ArrivedLetter
from local.demo.story import LONDON, Story, StoryOutcome

LEFT_OUT = {EventKind.GIVEN_TO}
"""Events that say nothing new to a reader: the first person to act becomes the holder."""

BOOKKEEPING = {
    EventKind.ADMITTED,
    EventKind.DEADLINE_SET,
    EventKind.DEADLINE_MET,
    EventKind.DEADLINE_ENDED,
    EventKind.WINDOW_MOVED,
    EventKind.LETTER,
}
"""Events that only `--all` prints; the letters are listed at the end of each story."""

LABELS = {
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
    EventKind.ESCALATED_ON_LAPSE: "automatic",
    EventKind.WINDOW_OPENED: "window",
    EventKind.WINDOW_MOVED: "window",
    EventKind.WINDOW_ENDED: "window",
    EventKind.UNDERTAKING_MOVED: "undertaking",
    EventKind.LETTER: "letter",
    EventKind.CLOSED: "closed",
}
"""Labels that replace the actor for events that no person caused."""

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
"""Colours of events; an act is bold."""

ACT_STYLE = "bold"

REPEATED = {EventKind.ALERTED: "staff are alerted", EventKind.LETTER: "the complainant gets a letter"}
"""Shorter texts for an event that repeats the previous line."""


class Narrator:
    """Print one complaint after another on a console."""

    def __init__(self, console: Console, policy: Policy, *, everything: bool = False) -> None:
        self._console = console
        self._everything = everything
        """Whether to print every event, and not only the main ones."""
        titles = [tier.title for tier in policy.tiers]
        if policy.case_handler:
            titles.append(policy.case_handler.title)
        self._prefixes = [f"{title}: " for title in titles]
        self._printed_up_to = 0
        """Sequence of the last event printed."""
        self._signals: set[tuple[str, str]] = set()
        """Name and actor of each act that is sent as a signal."""

    def begin(self, story: Story, form: Form) -> None:
        self._printed_up_to = 0
        self._signals = {(step.act.name, step.fields["by"]) for step in story.steps if step.act and step.as_signal}
        self._console.print()
        self._console.rule(Text(f"{form.reference}  {story.title}", style="bold"), align="left", style="dim")
        capacity = humanize_code(form.complainant.capacity)
        who = Text(f"{form.complainant.name} ({capacity}): ")
        who.append(f"“{form.concerns[0].what_happened}”", style="italic")
        self._console.print(Padding(who, (0, 0, 1, 0)))

    def listen(self, complaint: ComplaintHistory) -> None:
        """Print a line for each new event; with `everything`, another for what is due next."""
        new = [event for event in complaint.events if event.sequence > self._printed_up_to]
        said = ""
        for event in new:
            if event.kind not in LEFT_OUT and (self._everything or event.kind not in BOOKKEEPING):
                self._line(complaint.reference, event, said)
                said = event.what
        if new:
            self._printed_up_to = new[-1].sequence
            if self._everything:
                self._next(complaint)

    def print_letters(self, form: Form, letters: Sequence[ArrivedLetter]) -> None:
        """Print the letters that the complainant was sent; with `everything`, also how each begins."""
        self._console.print(Text(f"\nWhat {form.complainant.name} was sent:", style="dim"))
        for letter in letters:
            grid = _grid(21)
            summary = Text(letter.subject, style="bold")
            if self._everything:
                summary.append(f"\n{letter.begins}", style="not bold italic")
            grid.add_row(Text(_when(letter.delivery.owed_at), style="dim"), summary)
            self._console.print(grid)

    def end(self, outcomes: Sequence[StoryOutcome]) -> None:
        """Print a table of all outcomes, and every difference from the stories."""
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
        label = LABELS.get(kind, "") if kind else ""
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
            Text(what, style=STYLES.get(kind, "") if kind else ACT_STYLE),
        )
        self._console.print(grid)

    def _next(self, complaint: ComplaintHistory) -> None:
        what = "nothing until somebody acts"
        if complaint.next_due_at and complaint.next_due:
            what = f"{_short(_when(complaint.next_due_at))}  {self._without_tier(_short(complaint.next_due))}"
        grid = _grid(21, 4)
        grid.add_row("", Text("next", style="dim"), Text(what, style="dim italic"))
        self._console.print(grid)

    def _without_tier(self, what: str) -> str:
        """Remove the tier's title, which the lines before have shown."""
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
    """Shorten dates: leave out the year, and the "end of" that every deadline has."""
    what = re.sub(r"(\d [A-Z][a-z]{2}) 20\d\d", r"\1", what)
    return what.replace("the end of ", "").replace("complainant may go on", "may go on")


def _row(outcome: StoryOutcome) -> tuple[Text, ...]:
    ended, days, lapses = "not closed", "", ""
    if record := outcome.record:
        lapses = str(Counter(event.kind for event in record.events)[EventKind.LAPSED])
        if record.closed_at and record.closing_reason:
            ended = humanize_code(record.closing_reason)
            open_for = record.closed_at.astimezone(LONDON).date() - record.received_at.astimezone(LONDON).date()
            days = str(open_for.days)
    return (
        Text(outcome.reference),
        Text(outcome.story.title),
        Text(humanize_code(outcome.story.ending.reason)),
        Text(ended, style="bold red" if outcome.differences else "green"),
        Text(days),
        Text(lapses),
    )
