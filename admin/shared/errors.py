"""Exit codes, and the exception that ends a command with one of them.

Any function of `admin` may raise CommandError; `admin.app` prints its lines.
"""

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    UNREACHABLE = 4


class CommandError(Exception):
    """The failure of a command: `lines` for people, and `detail`, which --json prints too."""

    def __init__(self, code: Exit, *lines: str, detail: dict[str, str] | None = None) -> None:
        super().__init__("\n".join(lines))
        self.code = code
        self.lines = lines
        self.detail = detail or {}


def bad_input(*errors: str) -> CommandError:
    return CommandError(Exit.BAD_INPUT, *errors)


def refused(code: str, sentence: str, hint: str | None = None, **detail: str) -> CommandError:
    """Make the error of a refusal; `hint` is one more line."""
    lines = [f"{sentence} ({code})", *([hint] if hint else [])]
    return CommandError(Exit.REFUSED, *lines, detail={"code": code, "sentence": sentence, **detail})


def unreachable(reason: str) -> CommandError:
    return CommandError(Exit.UNREACHABLE, reason)
