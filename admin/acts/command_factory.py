"""Make an act's command from a function that reads the act's own options."""

import inspect
from collections.abc import Callable
from typing import Any

import typer

from admin.acts.draft import ActDraft, ActOptions
from admin.acts.typed_values import Fields
from admin.shared.actor import ActorOption, OnBehalfOf
from admin.shared.options import ActId, Json, Panel, Preview, Ref, Signal, Yes


class ActCommands:
    """Register one Typer command for each act."""

    def __init__(self) -> None:
        self.app = typer.Typer()

    def by_staff(self, example: str, panel: Panel = Panel.STAFF) -> Callable[[Callable[..., Fields]], None]:
        """Register an act of staff."""
        return self._command(example, panel)

    def keyed(self, example: str, panel: Panel) -> Callable[[Callable[..., Fields]], None]:
        """Register an act of the complainant or the case system, which staff key (R11)."""
        return self._command(example, panel, _parameter("on_behalf_of", OnBehalfOf, None))

    def _command(self, example: str, panel: Panel, *more: inspect.Parameter) -> Callable[[Callable[..., Fields]], None]:
        def register(read_options: Callable[..., Fields]) -> None:
            act = read_options.__name__

            def command(**options: Any) -> None:
                staff, act_id, reference = options.pop("by"), options.pop("act_id"), options.pop("ref")
                flags = {name: options.pop(name) for name in ("signal", "json", "yes", "preview")}
                keyed = {each.name: options.pop(each.name) for each in more}
                from admin.acts.send import send

                send(ActDraft(act, ActOptions(reference, staff, act_id, **flags), read_options(**options) | keyed))

            own = [
                parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                for parameter in inspect.signature(read_options).parameters.values()
            ]
            shared = [
                _parameter("by", ActorOption, None),
                _parameter("act_id", ActId, None),
                _parameter("signal", Signal, False),
                _parameter("json", Json, False),
                _parameter("yes", Yes, False),
                _parameter("preview", Preview, False),
            ]
            parameters = [_parameter("ref", Ref, inspect.Parameter.empty), *own, *more, *shared]
            command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
            command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
            name = act.replace("_", "-")
            epilog = f"Example: complaints {name} {example}"
            self.app.command(name, help=read_options.__doc__, epilog=epilog, rich_help_panel=panel)(command)

        return register


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
