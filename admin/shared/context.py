"""What surrounds a command: the settings and the policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from admin.shared.errors import CommandError, Exit, bad_input
from complaints.procedure.field_types import Reference, StaffId
from complaints.procedure.policy import Policy, PolicyError, TierId
from complaints.procedure.validation_messages import validation_errors
from complaints.settings import Settings, read_environment, settings_errors

REFERENCE, STAFF_ID, TIER_ID = TypeAdapter(Reference), TypeAdapter(StaffId), TypeAdapter(TierId)


@dataclass(frozen=True)
class CommandContext:
    """The environment and the settings that it makes."""

    environment: Mapping[str, str]
    settings: Settings

    @classmethod
    def read(cls) -> "CommandContext":
        """Raises CommandError."""
        try:
            environment = read_environment()
            return cls(environment, Settings.read(environment))
        except ValidationError as error:
            raise bad_input(*settings_errors(error)) from error
        except OSError as error:
            raise CommandError(Exit.FAILED, f"the local stack's settings cannot be read: {error}") from error

    def policy(self, chosen: str | None = None) -> Policy:
        """The policy of --policy, else of the settings. Raises CommandError."""
        from complaints.policies.loader import load_policy

        try:
            return load_policy(chosen or self.settings.policy)
        except PolicyError as error:
            raise bad_input(f"{'--policy' if chosen else 'COMPLAINTS_POLICY'}: {error}") from error


def reference_errors(ref: str) -> list[str]:
    return id_errors("REF", REFERENCE, ref)


def reference(ref: str) -> str:
    """Raises CommandError for what cannot be one."""
    if errors := reference_errors(ref):
        raise bad_input(*errors)
    return ref


def id_errors(name: str, kind: TypeAdapter[str], given: str | None) -> list[str]:
    """`name` is the option's."""
    if given is None:
        return []
    try:
        kind.validate_python(given)
    except ValidationError as error:
        return [f"{name}: {line}" for line in validation_errors(error)]
    return []
