"""A working day of staff on a terminal of 80 columns, which is `docs/a-working-day.md`.

With COMPLAINTS_WRITE_DOCUMENT set, the test writes the document instead of comparing it.
"""

import os
import re
import shlex
from dataclasses import dataclass, field

from local.servers.worker import ROOT
from tests.admin.cli_runner import CliRunner
from tests.admin.terminal import on_terminal

MAX_COMMAND = 66
"""The most characters of a command that is printed on one line."""
DOCUMENT = ROOT / "docs" / "a-working-day.md"
WRITE = "COMPLAINTS_WRITE_DOCUMENT"
HEAD = """# A working day

What members of staff see on a terminal of 80 columns. A test runs these commands on real servers
and compares what they print with this page. `DAY`, `TIME` and `ID` replace dates, times and act
ids.
"""
WEEKDAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:day|sday|nesday|rsday|urday)?"
REPLACED = (
    (rf"{WEEKDAY}\s+\d{{1,2}}\s+[A-Z][a-z]+\s+\d{{4}}", "DAY"),
    (r"DAY\s+\d\d:\d\d", "DAY TIME"),
    (r"\b[0-9a-f]{32}\b", "ID"),
)
MANAGER, COLLEAGUE = "r.quist", "p.amory"


@dataclass
class Day:
    """The transcript so far."""

    parts: list[str] = field(default_factory=list)

    def heading(self, title: str, text: str) -> None:
        self.parts.append(f"## {title}\n\n{text}\n")

    async def run(self, command: str, *, confirm: bool = False, leave_out: tuple[str, str] | None = None) -> None:
        """Run a command, which must succeed, and add what it prints.

        `leave_out`: parts of two lines; what is between them is left out.
        """
        keys = "y\n" if confirm else ""
        environment = {"PAGER": "cat", "COMPLAINTS_LETTERS": str(ROOT / "examples" / "letters")}
        screen = await on_terminal(*shlex.split(command), keys=keys, environment=environment)
        assert screen.code == 0, screen.text
        text = screen.text.replace("[y/N] ", "[y/N] y\n").removeprefix("y\n")
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        if leave_out:
            first, last = (next(n for n, line in enumerate(lines) if each in line) for each in leave_out)
            lines = [*lines[: first + 1], "…", *lines[last:]]
        typed = command.replace(" --", " \\\n    --") if len(command) > MAX_COMMAND else command
        self.parts.append("```\n$ complaints " + "\n".join([typed, *lines]) + "\n```\n")

    @property
    def text(self) -> str:
        text = "\n".join([HEAD, *self.parts])
        for pattern, replacement in REPLACED:
            text = re.sub(pattern, replacement, text)
        return text


async def test_the_document_is_what_the_commands_print(cli_alone: CliRunner) -> None:
    first, second = await _set_the_scene(cli_alone)
    day = Day()
    day.heading("What is to be done", "A manager begins with the worklist: what is due first is on top.")
    await day.run(f"list --mine --as {MANAGER}")
    day.heading("An acknowledgement", "An act shows the complaint and what it sends, and asks.")
    await day.run(f"acknowledge {first} --as {MANAGER}", confirm=True)
    day.heading("A reply", "`--preview` prints the letter and does nothing. The same command without it replies.")
    reply = (
        f"reply {first} --as {MANAGER} --outcome 'partly upheld' --findings 'We were slow.' --remedy compensation:75"
    )
    await day.run(f"{reply} --preview", leave_out=("Dear", "undertaking 1"))
    await day.run(reply, confirm=True)
    await cli_alone.wait_until_recorded(first)
    day.heading(
        "A slip", "The reply went with the wrong amount. `correct` previews and sends a letter that puts it right."
    )
    correct = (
        f"correct {first} --as {MANAGER} --outcome 'partly upheld' --findings 'We were slow.'"
        " --remedy compensation:175 --reason 'I forgot the second month.'"
    )
    await day.run(f"{correct} --preview", leave_out=("Dear", "undertaking 1"))
    await day.run(correct, confirm=True)
    await cli_alone.wait_until_recorded(first)
    day.heading(
        "A letter that came back",
        "The post room brings back a letter, and its holder records that. With a new address it goes again.",
    )
    await cli_alone.run("acknowledge", second, "--as", MANAGER)
    letter = await _last_letter(cli_alone, second)
    await cli_alone.wait_until_recorded(second)
    await day.run(f"letter-held {second} {letter} --as r.quist --reason 'The address is unknown.'", confirm=True)
    await cli_alone.wait_until_recorded(second)
    await day.run(f"list --mine --as {MANAGER}")
    await day.run(f"change-contact {second} --email tom.abel@example.org --as {MANAGER}", confirm=True)
    day.heading("A caller", "Somebody rings and gives a name only. Capitals and accents do not matter.")
    await day.run(f"find quarrington --as {MANAGER}")
    await day.run(f"show {first}", leave_out=("Deadlines", "window opened"))
    day.heading("An escalation", "The complainant goes on; a member of the team takes the complaint.")
    await day.run(f"escalate {first} --reason 'The amount is too small.' --as {MANAGER}", confirm=True)
    await day.run(f"acknowledge {first} --as t.abara", confirm=True)
    day.heading("A colleague is away", "A lead records the absence, and gives the complaints to a colleague.")
    await cli_alone.wait_until_recorded(second)
    await cli_alone.wait_until_recorded(first)
    await day.run(f"staff absent {MANAGER} --until tomorrow --as lead.manager")
    await day.run(f"reassign --all-of {MANAGER} --to {COLLEAGUE} --as lead.manager --reason 'On leave.'", confirm=True)
    if os.environ.get(WRITE):
        DOCUMENT.write_text(day.text, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8").split() == day.text.split()


async def _last_letter(cli: CliRunner, reference: str) -> int:
    events = (await cli.show(reference))["events"]
    return max(int(event["sequence"]) for event in events if event["kind"] == "letter")


async def _set_the_scene(cli: CliRunner) -> tuple[str, str]:
    """Open two complaints of a manager who has no others."""
    for staff in (MANAGER, COLLEAGUE):
        await cli.run("staff", "add", staff, "--name", staff, "--role", "manager", "--aspect", "data_protection")
    case = {"reference": "PNX-2031", "open": True}
    references = ("D-1001", "D-1002")
    for reference, name in zip(references, ("Zo\u00eb Quarrington", "Tom Abel"), strict=True):
        complainant = {"name": name, "capacity": "customer", "email": "mail@example.org", "prefers": "email"}
        await cli.open_complaint("--as", "front-desk", reference=reference, complainant=complainant, case=case)
        await cli.run("reassign", reference, "--as", "lead.manager", "--to", MANAGER, "--reason", "For her.")
        await cli.wait_until_recorded(reference)
    return references
