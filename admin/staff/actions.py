"""Change the staff directory through the HTTP service."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from admin.shared.api import Api, ServiceError
from admin.shared.errors import bad_input
from admin.shared.input_files import name_of
from admin.shared.output import out, print_json, printable
from admin.shared.typed_dates import TypedDates, given
from admin.staff.render import describe_change
from complaints.formatting.plural import plural

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "ID",
        "name": "--name",
        "email": "--email",
        "subject": "--subject",
        "roles": "--role",
        "leads": "--lead",
        "aspects": "--aspect",
        "teams": "--team",
        "active_from": "--from",
        "active_until": "--until",
        "since": "--from",
        "until": "--until",
        "on": "--on",
        "cancel": "--cancel",
    }
)
"""The option of each field of the service."""
EXISTS = "is in the directory already"
NO_ABSENCE = "has no such absence"


def add(staff: str, fields: dict[str, Any], by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        body = {"id": staff, **_with_days(fields, dates)}
        try:
            with dates.all_errors():
                changes = api.post("/staff", json=body)
        except ServiceError as error:
            raise _advise(error, EXISTS, "change that entry", "use complaints staff change") from None
        _print(changes, as_json=as_json)


def change(staff: str, fields: dict[str, Any], by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        body = _with_days(fields, dates)
        with dates.all_errors():
            changes = api.patch(_path(staff), json=body)
        _print(changes, as_json=as_json)


def leave(staff: str, on: str | None, by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        body = given(on=dates.day("on", on))
        with dates.all_errors():
            changes = api.post(f"{_path(staff)}/leave", json=body)
        _print(changes, as_json=as_json, then_held_by=staff)


def enter_absence(
    staff: str, since: str | None, until: str | None, by: str | None, *, cancel: bool, as_json: bool
) -> None:
    with Api(by, FIELDS) as api:
        dates = TypedDates(api)
        days, path = given(since=dates.day("since", since), until=dates.day("until", until)), f"{_path(staff)}/absences"
        try:
            with dates.all_errors():
                changes = api.delete(path, params=days) if cancel else api.post(path, json=days)
        except ServiceError as error:
            raise _advise(error, NO_ABSENCE, "", f"; see complaints staff show {staff}") from None
        _print(changes, as_json=as_json, then_held_by=None if cancel else staff)


def import_csv(file: str, text: str, by: str | None, *, as_json: bool) -> None:
    with Api(by, FIELDS) as api:
        try:
            changes = api.post("/staff/import", content=text.encode(), headers={"Content-Type": "text/csv"})
        except ServiceError as error:
            lines = [line for line in error.lines if line.startswith("line ")]
            raise bad_input(*(f"{name_of(file)}: {line}" for line in lines)) if lines else error from None
        _print(changes, as_json=as_json, of=len(changes["changes"]) + changes["unchanged"])


def _path(staff: str) -> str:
    return f"/staff/{quote(staff, safe='')}"


def _with_days(fields: dict[str, Any], dates: TypedDates) -> dict[str, Any]:
    """Read the first and the last day from what was typed; an empty text stays empty."""
    days: dict[str, Any] = {
        name: dates.day(name, fields[name]) if fields[name] else None
        for name in ("active_from", "active_until")
        if name in fields
    }
    return {**fields, **days}


def _advise(error: ServiceError, about: str, service_advice: str, advice: str) -> Exception:
    """Put a command in place of what the service advises."""
    lines = [
        line.removesuffix(service_advice) + advice if about in line and line.endswith(service_advice) else line
        for line in error.lines
    ]
    return bad_input(*lines) if lines != list(error.lines) else error


def _print(changes: dict[str, Any], *, as_json: bool, of: int = 1, then_held_by: str | None = None) -> None:
    if as_json:
        print_json({"changes": changes["changes"], "unchanged": changes["unchanged"]})
        return
    for each in changes["changes"]:
        for line in describe_change(each["changed"]):
            out.print(printable(f"{each['staff']}: {line}"))
    unchanged = changes["unchanged"]
    if unchanged:
        out.print(f"{unchanged} of {of}: nothing to change" if of > 1 else "Nothing to change.")
    if then_held_by and changes["holds"]:
        out.print(
            f"{then_held_by} holds {plural(changes['holds'], 'open complaint')}. To give them to others:\n"
            f"    complaints reassign --all-of {then_held_by} --reason TEXT"
        )
