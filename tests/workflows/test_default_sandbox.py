"""Workers run workflows without a sandbox.

Replays in Temporal's default one show that they need none.
"""

import dataclasses
from collections.abc import AsyncIterator, Iterable

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from complaints.encryption.converter import PLAIN_DATA_CONVERTER
from tests.workflows.impure_workflow import Impure
from worker.composition import WORKFLOWS
from worker.replay.fetch_histories import workflow_type_of
from worker.replay.history_files import read_history
from worker.replay.replayer import make_replayer
from worker.replay.verify import HISTORIES
from workflows import names

DEFAULT_BUT_FOR_TIME_ZONES = dataclasses.replace(
    SandboxRestrictions.default,
    invalid_module_members=SandboxRestrictions.invalid_module_members_default.with_child_unrestricted("zoneinfo"),
)
"""The default sandbox replaces ZoneInfo with a proxy, which no datetime takes."""
UNUSUAL = ("continued-as-new-2", "directory-unavailable", "malformed-signals", "postgresql-unavailable")
"""Complaints that take other ways through the workflow than the stories. Each history costs a second of CPU."""


async def test_the_recorded_stories_and_all_other_workflows_replay_in_temporals_default_sandbox() -> None:
    recorded = [read_history(file) for file in sorted(HISTORIES.glob("*.jsonl"))]
    stories = [each for each in recorded if each.name.startswith(("story-", *UNUSUAL))]
    others = [each for each in recorded if workflow_type_of(each) != names.WORKFLOW]
    assert len(stories) >= 12
    assert len({workflow_type_of(each) for each in others}) == len(WORKFLOWS) - 1
    assert await failures(sandboxed(*WORKFLOWS), [*stories, *others]) == {}


async def test_temporals_default_sandbox_fails_a_workflow_that_reads_the_clock() -> None:
    history = read_history(HISTORIES / "no-acts.jsonl")
    assert await failures(make_replayer(Impure), [history]) == {}
    [failure] = (await failures(sandboxed(Impure), [history])).values()
    assert "RestrictedWorkflowAccessError" in failure


def sandboxed(*workflows: type) -> Replayer:
    """Return a replayer in the default sandbox.

    It is without Temporal's limit of two seconds, which imports exceed on a busy machine.
    """
    return Replayer(
        workflows=workflows,
        workflow_runner=SandboxedWorkflowRunner(restrictions=DEFAULT_BUT_FOR_TIME_ZONES),
        data_converter=PLAIN_DATA_CONVERTER,
        debug_mode=True,
    )


async def failures(replayer: Replayer, histories: Iterable[WorkflowHistory]) -> dict[str, str]:
    """Return why each history that does not replay fails, by workflow id."""

    async def given() -> AsyncIterator[WorkflowHistory]:
        for each in histories:
            yield each

    async with replayer.workflow_replay_iterator(given()) as results:
        return {each.history.workflow_id: str(each.replay_failure) async for each in results if each.replay_failure}
