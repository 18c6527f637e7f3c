"""How a command ends: its exit code, and what is said when it is not `done`."""

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    UNREACHABLE = 4


class CommandError(Exception):
    """Ends a command. `lines` are for people; `detail` is what --json prints beside them."""

    def __init__(self, code: Exit, *lines: str, detail: dict[str, str] | None = None) -> None:
        super().__init__("\n".join(lines))
        self.code = code
        self.lines = lines
        self.detail = detail or {}


def bad_input(*errors: str) -> CommandError:
    return CommandError(Exit.BAD_INPUT, *errors)


def refused(code: str, sentence: str, **detail: str) -> CommandError:
    return CommandError(Exit.REFUSED, f"{sentence} ({code})", detail={"code": code, "sentence": sentence, **detail})


def unreachable(what: str) -> CommandError:
    return CommandError(Exit.UNREACHABLE, what)
