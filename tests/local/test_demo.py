"""The stories of the demo end as written, on the real servers."""

import io
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import takewhile
from pathlib import Path

import psutil
import pytest
from rich.console import Console
from temporalio.worker import Worker

from complaints.calendars.builder import calendar_for
from complaints.encryption.data_keys import KeyRing
from complaints.policies.loader import load_policy
from complaints.procedure.enums import ClosingReason
from complaints.procedure.form import Form
from complaints.procedure.steps.admission import form_errors
from complaints.runtime.clock import now
from local.demo.narration import Narrator
from local.demo.run import exit_code
from local.demo.runner import perform
from local.demo.stories import STORIES
from local.demo.stories.first_tiers import OUT_OF_TIME, WITHDRAWN
from local.demo.story import EXAMPLES, START, Story, StoryEnding, StoryOutcome, on
from local.ephemeral_stack import EphemeralStack
from local.servers.worker import ROOT
from local.supervisor.processes import wait_until
from starter.client.open_complaint import read_form

FORMS = sorted(EXAMPLES.glob("*.json"))


async def perform_stories(stack: EphemeralStack, keys: KeyRing, *stories: Story) -> tuple[list[StoryOutcome], str]:
    """Play the stories; return their outcomes and the output."""
    console = Console(file=io.StringIO(), width=100)
    narrator = Narrator(console, load_policy(), everything=True)
    address, url = stack.temporal_address, stack.database_url
    outcomes = await perform(stories, temporal_address=address, database_url=url, keys=keys, narrator=narrator)
    narrator.end(outcomes)
    assert isinstance(console.file, io.StringIO)
    return outcomes, console.file.getvalue()


def with_reference(story: Story, reference: str, folder: Path) -> Story:
    """Return the story with another complaint's reference."""
    text = (EXAMPLES / story.form).read_text()
    form = folder / f"{reference}.json"
    form.write_text(re.sub('"reference": "C-[0-9]+"', f'"reference": "{reference}"', text))
    return replace(story, form=str(form))


async def test_every_story_ends_as_written(stack: EphemeralStack, keys: KeyRing, worker: Worker) -> None:
    outcomes, output = await perform_stories(stack, keys, *STORIES)
    assert {outcome.reference: outcome.differences for outcome in outcomes if outcome.differences} == {}
    assert exit_code(outcomes) == 0
    assert "All ended as their stories say." in output
    assert "Sat 11 Jan 2031 00:00 C-1003 automatic    Manager did not reply: passed to Customer" in output
    assert "Mon 30 Dec 2030 11:00 C-1005 m.osei       Manager: replied, partly upheld (as a signal)" in output
    assert "next Thu  2 Jan 09:00  reminder that the reply is due Fri 3 Jan" in output


async def test_a_story_with_another_ending_makes_the_demo_fail(
    stack: EphemeralStack, keys: KeyRing, worker: Worker, tmp_path: Path
) -> None:
    otherwise = replace(OUT_OF_TIME, ending=StoryEnding(ClosingReason.SETTLED, date(2030, 12, 17), lapsed=2))
    [outcome], output = await perform_stories(stack, keys, with_reference(otherwise, "D-1", tmp_path))
    assert outcome.differences == ("closing reason: out_of_time, not settled", "lapsed: 0, not 2")
    assert exit_code([outcome]) == 1
    assert "D-1 ended otherwise: closing reason: out_of_time, not settled" in output


async def test_an_act_that_is_answered_differently_makes_the_demo_fail(
    stack: EphemeralStack, keys: KeyRing, worker: Worker, tmp_path: Path
) -> None:
    acknowledge = WITHDRAWN.steps[0]
    assert acknowledge.act
    twice = replace(WITHDRAWN, steps=(acknowledge, on("2030-12-19 09:00", acknowledge.act, by="m.okafor")))
    [outcome], _ = await perform_stories(stack, keys, with_reference(twice, "D-2", tmp_path))
    assert outcome.record
    [difference] = outcome.differences
    assert "acknowledge (D-2-2) was to be taken, and was already_done" in difference
    assert exit_code([outcome]) == 1


def test_every_example_has_its_story() -> None:
    assert sorted(story.form for story in STORIES) == [form.name for form in FORMS]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_example_form_is_valid_today(path: Path) -> None:
    form = read_form(path.read_bytes())
    policy, instant = load_policy(), now()
    assert form_errors(form, policy, calendar_for(policy, form.received_at, instant), instant) == []


def test_a_form_keeps_the_days_between_its_dates_at_the_virtual_start() -> None:
    def days_before_receipt(form: Form) -> list[int]:
        days = [form.told_case_handler_on, form.case.answered_on, *(each.on for each in form.communication)]
        return [(form.received_at.date() - day).days for day in days if day]

    for story in STORIES:
        form = story.read_form()
        assert form.received_at == START
        assert days_before_receipt(form) == days_before_receipt(read_form((EXAMPLES / story.form).read_bytes()))


def test_the_demo_shows_the_letters_and_stops_at_ctrl_c_without_a_traceback() -> None:
    command = [sys.executable, "-m", "local", "demo", "--all"]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as demo:
        assert demo.stdout
        output = "".join(takewhile(lambda line: "C-1003" not in line, demo.stdout))
        started = psutil.Process(demo.pid).children(recursive=True)
        names = {process.name() for process in started}
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()
    assert "was sent:" in output
    assert "We have received your complaint (C-1001)" in output
    assert "We uphold your complaint." in output
    assert "What we have done about your complaint (C-1002) (by post)" in output
    assert demo.returncode == 130, rest
    assert rest.endswith("\nStopped.\n")
    assert "Traceback" not in rest
    assert {"temporal", "postgres"} <= names
    assert wait_until(lambda: not any(process.is_running() for process in started), patience=5)
