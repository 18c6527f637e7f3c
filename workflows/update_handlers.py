"""Give the workflow one update for each act: named, typed, described, with a validator."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from temporalio import workflow

from complaints.procedure.acts import ACTS, Act
from complaints.procedure.state import Answer


class ActHandler(Protocol):
    """A workflow that validates and handles acts."""

    def validate_act(self, act: Act) -> None: ...

    async def handle_act(self, act: Act) -> Answer: ...


Workflow = TypeVar("Workflow", bound=type)


def add_update_handlers(cls: Workflow) -> Workflow:
    """Add an update with a validator for each act.

    Without a validator, an update without argument would block the workflow.
    """
    for act in ACTS:
        setattr(cls, act.name, _update(act))
    return cls


def _update(act_type: type[Act]) -> Callable[..., Any]:
    async def handler(self: ActHandler, act: Act) -> Answer:
        return await self.handle_act(act)

    def validator(self: ActHandler, act: Act) -> None:
        self.validate_act(act)

    for function in (handler, validator):
        function.__name__ = act_type.name
        function.__qualname__ = f"ComplaintWorkflow.{act_type.name}"
        function.__annotations__["act"] = act_type
        del function.__annotations__["self"]  # Temporal counts an annotated self among the arguments
    update = workflow.update(name=act_type.name, description=act_type.description)(handler)
    update.validator(validator)
    return update
