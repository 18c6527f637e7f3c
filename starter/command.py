"""The command `python -m starter`."""

import asyncio
import sys

from pydantic import ValidationError

from complaints.environment import read_environment
from complaints.runtime.logs import configure_logging
from complaints.runtime.service import StartupError
from complaints.settings import IntakeSettings, settings_errors
from starter.run import run

DONE, BAD_INPUT, STARTUP_FAILED = 0, 2, 4


def run_service() -> int:
    """Run the service and return the exit code."""
    environment = read_environment()
    try:
        settings = IntakeSettings.read(environment)
    except ValidationError as error:
        print("\n".join(settings_errors(error)), file=sys.stderr)
        return BAD_INPUT
    configure_logging(settings.log_level)
    try:
        asyncio.run(run(settings, environment))
    except StartupError as error:
        print(error, file=sys.stderr)
        return STARTUP_FAILED
    return DONE
