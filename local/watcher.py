"""Ends an ephemeral stack when its owner is done, or dead: `python -m local.watcher DIRECTORY`.

The owner holds the other end of our standard input and never writes to it. It closes that end when it is done, and the
system closes it for an owner which was killed.
"""

import shutil
import sys
from pathlib import Path

from local.stack import Stack


def main() -> None:
    directory = Path(sys.argv[1])
    sys.stdin.buffer.read()
    Stack(directory).stop()
    for folder in ((directory / "postgres").resolve(), directory):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
