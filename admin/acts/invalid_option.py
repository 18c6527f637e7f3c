"""An option whose value could not be read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InvalidOption:
    """The value of a field whose option could not be read, with the errors."""

    errors: tuple[str, ...]
