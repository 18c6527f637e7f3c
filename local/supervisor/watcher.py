"""Stop an ephemeral stack when its owner ends.

Run as `python -m local.supervisor.watcher DIRECTORY`.

The owner holds the other end of our standard input and never writes to it. It closes that end when it is
done, and the system closes it for an owner that was killed.
"""

import sys
from pathlib import Path

from local.supervisor.stack import Stack


def main() -> None:
    sys.stdin.buffer.read()
    Stack(Path(sys.argv[1])).erase()


if __name__ == "__main__":
    main()
