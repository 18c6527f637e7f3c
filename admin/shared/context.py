"""The context of a command: its environment, settings and policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from admin.shared.errors import CommandError, Exit, bad_input
from complaints.environment import read_environment
from complaints.procedure.field_types import Reference, StaffId
from complaints.procedure.policy import Policy, PolicyError, TierId
from complaints.procedure.validation_messages import validation_errors
from complaints.settings import Settings, settings_errors

REFERENCE, STAFF_ID, TIER_ID = TypeAdapter(Reference), TypeAdapter(StaffId), TypeAdapter(TierId)


@dataclass(frozen=True)
class CommandContext:
    """The environment, and the settings read from it."""

    environment: Mapping[str, str]
    settings: Settings

    @classmethod
    def read(cls) -> "CommandContext":
        """Read the environment and the local stack's settings. Raises CommandError."""
        try:
            environment = read_environment()
            return cls(environment, Settings.read(environment))
        except ValidationError as error:
            raise bad_input(*settings_errors(error)) from error
        except OSError as error:
            raise CommandError(Exit.FAILED, f"cannot read the local stack's settings: {error.strerror}") from error

    def policy(self, name: str | None = None, *, option: str = "--policy") -> Policy:
        """Load the policy of `option`, else the one in COMPLAINTS_POLICY, else the default.

        Raises CommandError for a policy that is unknown or not valid.
        """
        from complaints.policies.loader import load_policy

        try:
            return load_policy(name or self.settings.policy)
        except PolicyError as error:
            raise bad_input(f"{option if name else 'COMPLAINTS_POLICY'}: {error}") from error


def reference_errors(reference: str, argument: str = "REF") -> list[str]:
    """List what is wrong with the form of a complaint's reference."""
    return id_errors(argument, REFERENCE, reference) if reference else [f"{argument}: is needed"]


def id_errors(option: str, kind: TypeAdapter[str], value: str | None) -> list[str]:
    """List what is wrong with the form of an id; of None, nothing."""
    if value is None:
        return []
    try:
        kind.validate_python(value)
    except ValidationError as error:
        return [f"{option}: {line}" for line in validation_errors(error)]
    return []
