"""Run commands for the tests: in this process, in a thread, on the real servers."""

import asyncio
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from admin.__main__ import run
from complaints.runtime.clock import now

RECORDED_WITHIN = TAKES_EFFECT_WITHIN = 10.0
"""Seconds."""

references = (f"S-{number}" for number in itertools.count(1))

ENVIRONMENT = ("COMPLAINTS_STAFF", "COMPLAINTS_POLICY", "COMPLAINTS_TASK_QUEUE", "TEMPORAL_NAMESPACE")
"""Variables that the machine may set; the tests remove them."""


@dataclass(frozen=True)
class Ran:
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
class Script:
    """`await script("show", "C-1")` is `complaints show C-1`."""

    capsys: pytest.CaptureFixture[str]
    folder: Path

    async def __call__(self, *arguments: str | Path) -> Ran:
        code = await asyncio.to_thread(run, [str(argument) for argument in arguments])
        captured = self.capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Ran(code, captured.out, captured.err)

    async def done(self, *arguments: str | Path) -> Ran:
        ran = await self(*arguments)
        assert ran.code == 0, ran
        return ran

    async def opened(self, *options: str, **changes: Any) -> str:
        """Open a complaint, which starts at its first tier; return its reference."""
        given = form(**changes)
        await self.done("open", self.file(given), *options)
        return str(given["reference"])

    async def shown(self, reference: str) -> Any:
        return (await self.done("show", reference, "--json")).json

    async def shown_after(self, reference: str, kind: str) -> Any:
        """Wait until a signal has taken effect: its sender gets no answer."""
        async with asyncio.timeout(TAKES_EFFECT_WITHIN):
            while True:
                story = await self.shown(reference)
                if kind in [event["kind"] for event in story["events"]]:
                    return story
                await asyncio.sleep(0.02)

    async def recorded(self, reference: str) -> None:
        """Wait until the record has caught up with the complaint."""
        story = await self.shown(reference)
        async with asyncio.timeout(RECORDED_WITHIN):
            while True:
                if await self._recorded_sequence(reference) >= story["sequence"]:
                    return
                await asyncio.sleep(0.02)

    async def _recorded_sequence(self, reference: str) -> int:
        listed = (await self.done("list", "--json")).json
        return max((int(view["sequence"]) for view in listed if view["reference"] == reference), default=0)

    def file(self, *forms: Any, name: str = "form.json") -> Path:
        """Write one form as JSON, several as JSON Lines; a text stays as it is."""
        path = self.folder / name
        path.write_text("\n".join(map(_as_text, forms)), encoding="utf-8")
        return path

    async def passed(self, reference: str, until: str) -> None:
        """Move the complaint's clock past an instant."""
        ahead = datetime.fromisoformat(until) - now()
        await self.done("advance", reference, "--days", str(max(1, ahead // timedelta(days=1) + 1)))


def form(**changes: Any) -> dict[str, Any]:
    """Return the form of a customer's complaint about a delay, received a minute ago.

    It was raised with the case handler first; the case is open.
    """
    given = {
        "reference": next(references),
        "received_at": (now() - timedelta(minutes=1)).isoformat(),
        "complainant": {"name": "Ada Example", "capacity": "customer", "email": "ada@example.org", "prefers": "email"},
        "case": {"reference": "K-1", "open": True, "handler": "h.lee"},
        "concerns": [{"aspect": "delay", "what_happened": "Nobody rang me back."}],
        "told_case_handler_on": f"{now() - timedelta(days=3):%Y-%m-%d}",
    }
    return given | changes


def reply(by: str, *more: str) -> Iterable[str]:
    return ("--as", by, "--outcome", "upheld", "--findings", "It was slow.", *more)


def _as_text(given: Any) -> str:
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
