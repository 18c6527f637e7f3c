"""Run commands for the tests: in this process, in a thread, on the real servers."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from admin.__main__ import run as run_command
from admin.shared.errors import Exit
from complaints.runtime.clock import now

AUDITOR = "a.ridley"
"""Reads every complaint, words included."""
RECORDED_WITHIN = TAKES_EFFECT_WITHIN = 60.0
"""Seconds."""

TypeAhead = Callable[[str], int]
"""Types a line into the pseudo-terminal of a command, before it asks."""

references = (f"S-{number}" for number in itertools.count(1))

ENVIRONMENT = ("COMPLAINTS_STAFF", "COMPLAINTS_POLICY", "COMPLAINTS_TASK_QUEUE", "TEMPORAL_NAMESPACE")
"""Variables that the machine may set; the tests remove them."""


@dataclass(frozen=True)
class CommandResult:
    """A command's exit code and output."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


@dataclass
class CliRunner:
    """`await cli("show", "C-1")` is `complaints show C-1`."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    async def __call__(self, *arguments: str | Path) -> CommandResult:
        code = await asyncio.to_thread(run_command, [str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return CommandResult(code, captured.out, captured.err)

    async def run(self, *arguments: str | Path) -> CommandResult:
        """Run a command that must succeed."""
        result = await self(*arguments)
        assert result.code == 0, result
        return result

    async def open_complaint(self, *options: str, **changes: Any) -> str:
        """Open a complaint, which starts at its first tier; return its reference."""
        complaint_form = form(**changes)
        await self.run("open", self.write_file(complaint_form), *options)
        return str(complaint_form["reference"])

    async def show(self, reference: str) -> Any:
        return (await self.run("show", reference, "--as", AUDITOR, "--json")).json

    async def show_after_event(self, reference: str, kind: str) -> Any:
        """Wait until a signal has taken effect: its sender gets no answer."""
        async with asyncio.timeout(TAKES_EFFECT_WITHIN):
            while True:
                history = await self.show(reference)
                if kind in [event["kind"] for event in history["events"]]:
                    return history
                await asyncio.sleep(0.02)

    async def wait_until_recorded(self, reference: str) -> None:
        """Wait until the record has caught up with the complaint, also while its worker starts."""
        async with asyncio.timeout(RECORDED_WITHIN):
            while True:
                shown = await self("show", reference, "--as", AUDITOR, "--json")
                assert shown.code in (Exit.DONE, Exit.UNREACHABLE), shown
                if shown.code == Exit.DONE and await self._recorded_sequence(reference) >= shown.json["sequence"]:
                    return
                await asyncio.sleep(0.02)

    async def _recorded_sequence(self, reference: str) -> int:
        listed = (await self.run("list", "--all", "--json")).json
        return max((int(view["sequence"]) for view in listed if view["reference"] == reference), default=0)

    def write_file(self, *forms: Any, name: str = "form.json") -> Path:
        """Write one form as JSON, several as JSON Lines; a text stays as it is."""
        path = self.folder / name
        path.write_text("\n".join(map(_as_text, forms)), encoding="utf-8")
        return path

    async def advance_past(self, reference: str, until: str) -> None:
        """Move the complaint's clock past an instant."""
        ahead = datetime.fromisoformat(until) - now()
        await self.run("advance", reference, "--days", str(max(1, ahead // timedelta(days=1) + 1)))


def form(**changes: Any) -> dict[str, Any]:
    """Return the form of a customer's complaint about a delay, received a minute ago.

    It was raised with the case handler first; the case is open.
    """
    fields = {
        "reference": next(references),
        "received_at": (now() - timedelta(minutes=1)).isoformat(),
        "complainant": {"name": "Ada Example", "capacity": "customer", "email": "ada@example.org", "prefers": "email"},
        "case": {"reference": "K-1", "open": True, "handler": "h.lee"},
        "concerns": [{"aspect": "delay", "what_happened": "Nobody rang me back."}],
        "told_case_handler_on": f"{now() - timedelta(days=3):%Y-%m-%d}",
    }
    return fields | changes


def reply(by: str, *more: str) -> Iterable[str]:
    return ("--as", by, "--outcome", "upheld", "--findings", "It was slow.", *more)


def _as_text(form: Any) -> str:
    return form if isinstance(form, str) else json.dumps(form, ensure_ascii=False)
