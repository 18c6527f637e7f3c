"""The context of a command of the local stack: its environment and settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from admin.shared.errors import CommandError, Exit, bad_input
from complaints.environment import read_environment
from complaints.procedure.policy import Policy, PolicyError
from complaints.settings import Settings, settings_errors


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

    def policy(self) -> Policy:
        """Load the policy in COMPLAINTS_POLICY, else the default. Raises CommandError."""
        from complaints.policies.loader import load_policy

        try:
            return load_policy(self.settings.policy)
        except PolicyError as error:
            raise bad_input(f"COMPLAINTS_POLICY: {error}") from error
