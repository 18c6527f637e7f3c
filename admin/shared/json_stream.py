"""Print a JSON array item by item, so that any number of items takes little memory."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from admin.shared.output import as_json

if TYPE_CHECKING:
    from pydantic import BaseModel


class JsonArray:
    """A JSON array on standard output. `number` counts the items printed so far."""

    def __init__(self) -> None:
        self.number = 0

    def add(self, value: "BaseModel | dict[str, Any]") -> None:
        print(",\n" if self.number else "[", as_json(value), sep="", end="")
        self.number += 1

    def end(self) -> None:
        print("]" if self.number else "[]")


def print_json_array(values: Iterable["BaseModel | dict[str, Any]"]) -> None:
    array = JsonArray()
    for value in values:
        array.add(value)
    array.end()


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Split a stream at newlines only: a string of JSON may hold other line separators."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode()
    if rest:
        yield rest.decode()
