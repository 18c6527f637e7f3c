"""Refuse work that nobody with the right asked for.

Anybody who reaches Temporal can start a workflow or an activity, with any input. So an activity acts only for its own
workflow, and only on what the record or a Schedule asks for.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

NOT_ASKED_FOR = "not_asked_for"
"""The type of the failure."""

Input = TypeVar("Input", bound=BaseModel)


class NotAskedForError(ApplicationError):
    """Nobody with the right asked for this. No retry can succeed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"nothing was done: {why}", type=NOT_ASKED_FOR, non_retryable=True)


def require_workflow(*types: str, workflow_id: str | None = None) -> None:
    """Require that a workflow of one of these types, and with this id, runs this activity.

    Raises NotAskedForError.
    """
    info = activity.info()
    if info.workflow_type not in types:
        raise NotAskedForError(f"{info.activity_type} is an activity of {' and '.join(types)} alone")
    if workflow_id is not None and info.workflow_id != workflow_id:
        raise NotAskedForError(f"{info.activity_type} is for the workflow {workflow_id} alone")


def workflow_run() -> str:
    """Return Temporal's id of the workflow run. Call it after `require_workflow`."""
    run_id = activity.info().workflow_run_id
    assert run_id, "an activity of a workflow has its run's id"
    return run_id


def read_input(given: Sequence[Any], kind: type[Input]) -> Input:
    """Parse the arguments with which a workflow was started: one, of this kind.

    Raises NotAskedForError.

    Its `run` takes `*given: Any`, which Temporal can always decode. Arguments that do not fit a signature would fail
    its workflow task again and again.
    """
    try:
        [value] = given
    except ValueError:
        raise NotAskedForError(f"{len(given)} inputs; give one {kind.__name__}") from None
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, each["loc"])) or "all of it" for each in error.errors(include_input=False))
        raise NotAskedForError(f"the input is no {kind.__name__}: {fields}") from None


def require_no_input(given: Sequence[Any]) -> None:
    """Require a start without arguments. Raises NotAskedForError."""
    if given:
        raise NotAskedForError(f"{len(given)} inputs; give none")
