"""The command `python -m chaos`."""

import sys

import pytest

from chaos import __main__ as command
from chaos.run import RunOutcome


def test_a_scenario_runs_alone_by_its_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def outage(seed: str) -> RunOutcome:
        return RunOutcome(seed, complaints=12)

    monkeypatch.setattr(command, "SCENARIOS", {"outage": outage, "other": outage})
    monkeypatch.setattr(command, "run_in_processes", lambda *_: pytest.fail("seeded runs were started"))
    monkeypatch.setattr(sys, "argv", ["chaos", "--seed", "s", "--scenario", "outage"])
    assert command.main() == 0
    assert "1 runs, 12 complaints" in (output := capsys.readouterr().out)
    assert "s/outage" in output
    assert "s/other" not in output
