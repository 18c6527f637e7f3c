"""`python -m starter`: the intake service."""

import asyncio
import sys

from pydantic import ValidationError

from complaints.runtime.exit import end
from complaints.runtime.logs import set_up
from complaints.settings import IntakeSettings, read_environment, settings_errors
from starter.run import CannotStartError, run

DONE, BAD_INPUT, CANNOT_START = 0, 2, 4


def main() -> int:
    """The exit code."""
    environment = read_environment()
    try:
        settings = IntakeSettings.read(environment)
    except ValidationError as error:
        print("\n".join(settings_errors(error)), file=sys.stderr)
        return BAD_INPUT
    set_up(settings.log_level)
    try:
        asyncio.run(run(settings, environment))
    except CannotStartError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    return DONE


if __name__ == "__main__":
    end(main())
