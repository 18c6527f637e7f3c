"""`python -m worker run`."""

import asyncio
import logging
import os
import sys

from complaints.settings import read_environment
from worker.run import CannotStartError, run

USAGE = "usage: python -m worker run"
BAD_INPUT, CANNOT_START = 2, 4


def main(arguments: list[str]) -> int:
    if arguments != ["run"]:
        print(USAGE, file=sys.stderr)
        return BAD_INPUT
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it is only asked whether there is anything to migrate
    try:
        asyncio.run(run(read_environment()))
    except CannotStartError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a Temporal client may crash the interpreter's exit, and would replace this code
