"""Check a policy, and compare it with those of open complaints, through the HTTP service."""

import json
from collections.abc import Mapping
from typing import Any

from rich.text import Text

from admin.shared.api import Api
from admin.shared.date_preview import DatePreviewPrinter
from admin.shared.input_files import read_policy_file
from admin.shared.output import out, print_json, printable
from admin.shared.records import print_records


def read_source(option: str, name: str | None) -> dict[str, str | None]:
    """Return a policy as the service reads it: a file's text, or a name. Raises CommandError."""
    toml = read_policy_file(option, name)
    return {"name": name} if toml is None else {"toml": toml}


def check_policy(name: str, by: str | None) -> None:
    """Say that a policy is valid. Raises CommandError with every error and its key."""
    with Api(by) as api:
        checked = api.post("/policies/check", json=read_source("FILE|NAME", name))
    out.print(printable(f"OK: {checked['name']}, {checked['title']}"))


def print_policy_differences(name: str | None, by: str | None, *, as_json: bool) -> None:
    """Print what differs in the versions of open complaints, and a preview of their dates."""
    source = read_source("FILE|NAME", name)
    previews: list[dict[str, Any]] = []
    comparison: dict[str, Any] = {}
    printer = DatePreviewPrinter("policy", as_json=False)
    with Api(by) as api, api.stream("POST", "/policies/compare", json=source) as answer:
        for line in answer.iter_lines():
            part = json.loads(line)
            comparison = part["comparison"] or comparison
            if part["complaint"] and as_json:
                previews.append(part["complaint"])
            elif part["complaint"]:
                printer.add(part["complaint"])
    if as_json:
        print_json({**comparison, "complaints": previews})
        return
    policy, kept = comparison["policy"], comparison["kept"]
    if not kept:
        out.print(f"Every open complaint under {policy.partition(' ')[0]} keeps these figures: {policy}.")
        return
    printer.end()
    for name_kept, lines in kept.items():
        out.print(Text(printable(f"{name_kept}, compared with {policy}"), style="bold"))
        print_records("", ["figure", "kept", "new"], map(_row, lines))
    out.print("Open complaints keep theirs unless moved: complaints policy move REF --to FILE --reason TEXT")


def _row(difference: Mapping[str, Any]) -> tuple[str, str, str]:
    return difference["key"], difference["was"] or "none", difference["now"] or "none"
