"""Gives the workflow one update for each act of the table: named, typed, described, with a validator."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from complaints.procedure.acts import ACTS, Act
    from complaints.procedure.state import Answer


class TakesActs(Protocol):
    def check(self, act: Act) -> None: ...

    async def take(self, act: Act) -> Answer: ...


Workflow = TypeVar("Workflow", bound=type)


def takes_acts(cls: Workflow) -> Workflow:
    """Every update has a validator: one without would wedge the workflow when called with no argument."""
    for act in ACTS:
        setattr(cls, act.name, _update(act))
    return cls


def _update(act_type: type[Act]) -> Callable[..., Any]:
    async def handler(self: TakesActs, act: Act) -> Answer:
        return await self.take(act)

    def validator(self: TakesActs, act: Act) -> None:
        self.check(act)

    for function in (handler, validator):
        function.__name__ = act_type.name
        function.__qualname__ = f"ComplaintWorkflow.{act_type.name}"
        function.__annotations__["act"] = act_type
        del function.__annotations__["self"]  # Temporal counts an annotated self among the arguments
    update = workflow.update(name=act_type.name, description=act_type.description)(handler)
    update.validator(validator)
    return update
