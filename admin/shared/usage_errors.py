"""Rewrite Typer's messages about a command line in our form: `OPTION: problem; remedy`."""

import re
from collections.abc import Callable

from complaints.formatting.nearest_name import nearest_name

_REWRITES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"Missing (?:argument|option) '(.+?)'.*", lambda m: f"{m[1]}: is needed"),
    (r"No such option: (\S+) \(Possible options: (.+)\)", lambda m: _no_option(m[1], m[2].split(", "))),
    (r"No such option: (\S+)", lambda m: _no_option(m[1], [])),
    (r"No such command '(.+)'\. Did you mean (.+)\?", lambda m: f"{m[1]}: there is no such command; {_bare(m[2])}?"),
    (r"No such command '(.+)'\.", lambda m: f"{m[1]}: there is no such command; see --help"),
    (r"Option '(.+)' does not take a value\.", lambda m: f"{m[1]}: takes no value; give {m[1]} alone"),
    (r"Option '(.+)' requires an argument\.", lambda m: f"{m[1]}: a value is missing; give one"),
    (r"Got unexpected extra argument.* \((.+)\)", lambda m: f"{m[1]}: not expected; put a text with spaces in quotes"),
)


def rewrite_usage_error(message: str) -> list[str]:
    """Return the lines for people; a message that is not known stays as it is."""
    for pattern, rewrite in _REWRITES:
        if match := re.fullmatch(pattern, message, re.DOTALL):
            return [rewrite(match)]
    return message.splitlines()


def _no_option(given: str, possible: list[str]) -> str:
    """Suggest an option only if its name is near: Typer compares the dashes, too."""
    nearest = nearest_name(given.lstrip("-"), (option.lstrip("-") for option in possible))
    return f"{given}: there is no such option; {f'--{nearest}?' if nearest else 'see --help'}"


def _bare(names: str) -> str:
    return names.replace("'", "")
