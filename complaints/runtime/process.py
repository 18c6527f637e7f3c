"""Run a service as a process: its settings, its log, and its exit code."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from complaints.environment import read_environment
from complaints.runtime.logs import configure_logging
from complaints.runtime.service import StartupError
from complaints.settings import ServerSettings, settings_errors

DONE, BAD_INPUT, STARTUP_FAILED = 0, 2, 4

AnySettings = TypeVar("AnySettings", bound=ServerSettings)


def run_process(
    settings_type: type[AnySettings], run: Callable[[AnySettings, Mapping[str, str]], Coroutine[Any, Any, None]]
) -> int:
    """Run a service until it ends, and return the exit code. `run` may raise StartupError."""
    environment = read_environment()
    try:
        settings = settings_type.read(environment)
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
