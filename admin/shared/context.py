"""What surrounds a command: the settings and the policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from admin.shared.errors import CommandError, Exit, bad_input
from complaints.procedure.field_types import Reference, StaffId
from complaints.procedure.policy import Policy, PolicyError, TierId
from complaints.procedure.validation_messages import validation_errors
from complaints.settings import Settings, mistakes_in_settings, read_environment

REFERENCE, STAFF_ID, TIER_ID = TypeAdapter(Reference), TypeAdapter(StaffId), TypeAdapter(TierId)


@dataclass(frozen=True)
class Surroundings:
    """The environment and the settings that it makes."""

    environment: Mapping[str, str]
    settings: Settings

    @classmethod
    def read(cls) -> "Surroundings":
        """Raises CommandError."""
        try:
            environment = read_environment()
            return cls(environment, Settings.read(environment))
        except ValidationError as error:
            raise bad_input(*mistakes_in_settings(error)) from error
        except OSError as error:
            raise CommandError(Exit.FAILED, f"the local stack's settings cannot be read: {error}") from error

    def policy(self, chosen: str | None = None) -> Policy:
        """The policy of --policy, else of the settings. Raises CommandError."""
        from complaints.policies.loader import load_policy

        try:
            return load_policy(chosen or self.settings.policy)
        except PolicyError as error:
            raise bad_input(f"{'--policy' if chosen else 'COMPLAINTS_POLICY'}: {error}") from error


def mistakes_in_reference(ref: str) -> list[str]:
    return mistakes_in_id("REF", REFERENCE, ref)


def reference(ref: str) -> str:
    """Raises CommandError for what cannot be one."""
    if mistakes := mistakes_in_reference(ref):
        raise bad_input(*mistakes)
    return ref


def mistakes_in_id(name: str, kind: TypeAdapter[str], given: str | None) -> list[str]:
    """`name` is the option's."""
    if given is None:
        return []
    try:
        kind.validate_python(given)
    except ValidationError as error:
        return [f"{name}: {line}" for line in validation_errors(error)]
    return []
