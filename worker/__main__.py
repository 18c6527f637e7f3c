"""`python -m worker run`."""

import asyncio
import sys

from complaints.ending import end
from complaints.settings import read_environment
from worker.logs import set_up
from worker.run import CannotStartError, WorkerFailedError, read_settings, run

USAGE = "usage: python -m worker run"
FAILED, BAD_INPUT, CANNOT_START = 1, 2, 4


def main(arguments: list[str]) -> int:
    if arguments != ["run"]:
        print(USAGE, file=sys.stderr)
        return BAD_INPUT
    environment = read_environment()
    try:
        settings = read_settings(environment)
        set_up(settings.log_level)
        asyncio.run(run(settings, environment))
    except CannotStartError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    except WorkerFailedError as error:
        print(error, file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    end(main(sys.argv[1:]))
