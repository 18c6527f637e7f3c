"""Measure how much of a workflow's start the SDK keeps while the workflow is cached.

Run as `python -m benchmarks.cached_start`. A worker caches workflows that have dropped their argument: once with the
SDK as it is, once with copies of what the SDK keeps of the activation (decision 22). Each runs in its own process.
"""

import argparse
import asyncio
import gc
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial, partialmethod
from typing import Any

import psutil
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker._workflow import _WorkflowWorker
from temporalio.worker._workflow_instance import _WorkflowInstanceImpl

from benchmarks.load import at_once
from local.ephemeral_stack import ephemeral_temporal

QUEUE = "cached-start"
WARM = 20
"""Workflows started before the first measurement."""


@workflow.defn
class IdleWorkflow:
    """Waits without end; it keeps nothing of its argument."""

    @workflow.run
    async def run(self, text: str) -> None:  # noqa: ARG002 (only its size matters)
        await workflow.wait_condition(lambda: False)


def copy_of(message: Any) -> Any:
    """Return a message in memory of its own."""
    return type(message).FromString(message.SerializeToString())


def start_without_arguments(start: Any) -> Any:
    """Copy a start's message without its arguments, which stay as they are."""
    arguments = [copy_of(argument) for argument in start.arguments]
    del start.arguments[:]
    copied = copy_of(start)
    start.arguments.extend(arguments)
    return copied


def keep_copies() -> None:
    """Let the SDK keep copies, so that the activation does not stay in memory."""

    def make_input(original: Callable[..., Any], self: Any, start: Any) -> Any:
        made = original(self, start)
        made.headers = {name: copy_of(value) for name, value in start.headers.items()}
        return made

    def activate(original: Callable[..., Any], self: Any, activation: Any) -> Any:
        completion = original(self, activation)
        version = vars(self)["_deployment_version_for_current_task"]
        vars(self)["_deployment_version_for_current_task"] = version and copy_of(version)
        return completion

    def create(original: Callable[..., Any], self: Any, activation: Any, start: Any) -> Any:
        return original(self, activation, start_without_arguments(start))

    _wrap(_WorkflowInstanceImpl, "_make_workflow_input", make_input)
    _wrap(_WorkflowInstanceImpl, "activate", activate)
    _wrap(_WorkflowWorker, "_create_workflow_instance", create)


def _wrap(cls: type, name: str, wrapper: Callable[..., Any]) -> None:
    setattr(cls, name, partialmethod(partial(wrapper, vars(cls)[name])))


async def measure(address: str, number: int, size: int, *, with_copies: bool) -> float:
    """Return the resident bytes that each cached workflow adds."""
    queue = f"{QUEUE}-with-copies" if with_copies else QUEUE
    if with_copies:
        keep_copies()
    client = await Client.connect(address)  # no codec, which would compress the argument
    async with Worker(
        client,
        task_queue=queue,
        workflows=[IdleWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=number + WARM,
    ):
        await _start(client, queue, 0, WARM, size)
        before = _resident()
        await _start(client, queue, WARM, number, size)
        return (_resident() - before) / number


async def _start(client: Client, queue: str, first: int, number: int, size: int) -> None:
    """Start workflows, and wait until each has had its first task."""

    async def start(nth: int) -> None:
        handle = await client.start_workflow(
            IdleWorkflow.run, "x" * size, id=f"{queue}-{first + nth}", task_queue=queue
        )
        await handle.query("__temporal_workflow_metadata")

    await at_once(number, start)


def _resident() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cached_start", description=__doc__)
    parser.add_argument("--workflows", type=int, default=400)
    parser.add_argument("--size", type=int, default=48_000, help="bytes of a start's argument")
    parser.add_argument("--address", help=argparse.SUPPRESS)
    parser.add_argument("--with-copies", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.address:
        print(asyncio.run(measure(options.address, options.workflows, options.size, with_copies=options.with_copies)))
        return
    with ephemeral_temporal() as address:
        for name, option in (("the SDK as it is", []), ("with copies", ["--with-copies"])):
            child = [sys.executable, "-m", "benchmarks.cached_start", *arguments, "--address", address, *option]
            measured = subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
            print(f"{float(measured.stdout) / 1_000:6.1f} kB for each cached workflow, {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
