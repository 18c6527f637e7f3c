"""Reassign all complaints and undertakings of somebody, through the service."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from admin.shared.api import Api
from admin.shared.errors import CommandError, Exit
from admin.shared.json_stream import print_json_array
from admin.shared.output import as_json_line, out, print_error, printable
from complaints.formatting.plural import plural

FIELDS = {"of": "--all-of", "to": "--to", "reason": "--reason", "id": "--id"}
CODES = {"done": Exit.DONE, "failed": Exit.FAILED}
"""Exit codes; any other code is a refusal."""
Line = Mapping[str, Any]


def read_plan(api: Api, of: str, request: Mapping[str, Any]) -> list[Line]:
    """Fetch who would get what. Raises CommandError."""
    return list(_lines(api, f"/staff/{of}/reassign-all/preview", request))


def reassign_all(api: Api, of: str, request: Mapping[str, Any], *, as_json: bool) -> None:
    """Reassign each complaint and undertaking, and print the result.

    Raises CommandError with the worst code.
    """
    worst, is_empty = Exit.DONE, True
    for line in _lines(api, f"/staff/{of}/reassign-all", request):
        is_empty = False
        worst = max(worst, _code_of(line))
        _print(line, as_json=as_json)
    if is_empty and not as_json:
        out.print(printable(f"{of} holds no open complaint."))
    if worst is not Exit.DONE:
        raise CommandError(worst)


def print_plan(of: str, plan: Sequence[Line], *, as_json: bool) -> None:
    """Print who would get each complaint and each undertaking."""
    if as_json:
        print_json_array(map(_without_nothing, plan))
        return
    for line in describe_plan(of, plan):
        out.print(printable(line))
    out.print("This is a preview: nothing has been sent or recorded.")


def describe_plan(of: str, plan: Sequence[Line]) -> list[str]:
    held = [line for line in plan if line["undertaking"] is None]
    owned = [line for line in plan if line["undertaking"] is not None]
    lines = [
        f"{of} holds {plural(len(held), 'open complaint')}. They would go to others:"
        if held
        else f"{of} holds no open complaint."
    ]
    lines += [f"  {line['reference']}: {line['to'] or 'nobody is eligible'}" for line in held]
    if owned:
        lines.append(f"{of} has {plural(len(owned), 'open undertaking')}. They would go to others:")
    return lines + [
        f"  {line['reference']} undertaking {line['undertaking']}: {line['to'] or 'nobody is eligible'}"
        for line in owned
    ]


def _lines(api: Api, path: str, request: Mapping[str, Any]) -> Iterator[Line]:
    with api.stream("POST", path, json=request) as answer:
        for text in answer.iter_lines():
            yield json.loads(text)


def _code_of(line: Line) -> Exit:
    return CODES.get(line["code"], Exit.REFUSED)


def _without_nothing(line: Line) -> dict[str, Any]:
    """Leave out what a complaint does not have: an undertaking's number, and an act's id."""
    return {name: value for name, value in line.items() if value is not None or name == "to"}


def _print(line: Line, *, as_json: bool) -> None:
    """Print one line: to standard error if nothing was reassigned."""
    if as_json:
        print(as_json_line(_without_nothing(line)))
        return
    number = line["undertaking"]
    about = f"{line['reference']} undertaking {number}" if number else line["reference"]
    if _code_of(line) is Exit.DONE:
        out.print(printable(f"{about}: {line['sentence']}"))
    else:
        print_error(f"{about}: {line['sentence']} ({line['code']})")
