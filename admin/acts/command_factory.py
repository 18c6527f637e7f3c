"""Make an act's command from a function that reads the act's own options."""

import inspect
from collections.abc import Callable
from typing import Any

import typer

from admin.acts.build import ActCommandInput, ActDraft
from admin.shared.actor import ActorOption, KeyedByOption, actor_name
from admin.shared.context import CommandContext
from admin.shared.local_dates import LocalDates
from admin.shared.options import ActId, Json, Panel, Preview, Ref, Signal, Yes
from complaints.procedure.acts import Act

Fields = dict[str, Any]


def do_act(context: CommandContext, draft: ActDraft) -> None:
    """Check what was typed, then send the act. Raises CommandError."""
    draft.build(lambda: LocalDates.of(context.policy()))
    from admin.acts.send import send

    send(context, draft)


class ActCommands:
    """Register one Typer command for each act."""

    def __init__(self) -> None:
        self.app = typer.Typer()

    def by_staff(
        self, act_type: type[Act], example: str, panel: Panel = Panel.STAFF
    ) -> Callable[[Callable[..., Fields]], None]:
        """Register an act that staff do: --as is needed."""
        return self._command(act_type, example, panel, ActorOption)

    def keyed(self, act_type: type[Act], example: str, panel: Panel) -> Callable[[Callable[..., Fields]], None]:
        """Register an act of the complainant or the case system, keyed by --as or the login (R11)."""
        return self._command(act_type, example, panel, KeyedByOption, or_login=True)

    def _command(
        self,
        act_type: type[Act],
        example: str,
        panel: Panel,
        by_option: Any,
        *,
        or_login: bool = False,
    ) -> Callable[[Callable[..., Fields]], None]:
        def register(read_options: Callable[..., Fields]) -> None:
            def command(**options: Any) -> None:
                by, act_id = actor_name(options.pop("by"), or_login=or_login), options.pop("act_id")
                flags = {name: options.pop(name) for name in ("signal", "json", "yes", "preview")}
                command_input = ActCommandInput(options.pop("ref"), by, act_id, **flags)
                do_act(CommandContext.read(), ActDraft(command_input, act_type, read_options(**options)))

            own = [
                parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
                for parameter in inspect.signature(read_options).parameters.values()
            ]
            shared = [
                _parameter("by", by_option, None),
                _parameter("act_id", ActId, None),
                _parameter("signal", Signal, False),
                _parameter("json", Json, False),
                _parameter("yes", Yes, False),
                _parameter("preview", Preview, False),
            ]
            parameters = [_parameter("ref", Ref, inspect.Parameter.empty), *own, *shared]
            command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
            command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
            name = act_type.name.replace("_", "-")
            epilog = f"Example: complaints {name} {example}"
            self.app.command(name, help=act_type.description, epilog=epilog, rich_help_panel=panel)(command)

        return register


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
