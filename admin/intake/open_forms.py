"""Open complaints from forms through the service, and print a line for each form."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import track

from admin.shared.api import Api, ServiceError
from admin.shared.errors import CommandError, Exit
from admin.shared.input_files import FormText
from admin.shared.output import as_json_line, humanize_code, out, print_error, printable
from complaints.procedure.dates.date_format import format_date

BATCH_SIZE = 100
"""The most forms in one request."""
LINES, ONE = {"Content-Type": "application/jsonl"}, {"Content-Type": "application/json"}
UNCLOSED = {"closed_at": None, "closing_reason": None}
DEFAULT_ZONE = ZoneInfo("Europe/London")
"""Of a closed complaint whose own the service cannot say."""
ABOUT_CALLER = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
FIELDS = {"policy": "--policy", "toml": "--policy"}


@dataclass(frozen=True)
class FormResult:
    form: FormText
    code: Exit
    lines: Sequence[str]
    detail: Mapping[str, Any]


def open_forms(
    staff: str | None, forms: list[FormText], policy: str | None, toml: str | None, *, as_json: bool
) -> Exit:
    """Open a complaint from each form, and return the highest exit code.

    `policy`: its name, or with `toml` its file. None: the service's own.

    Raises CommandError if nobody is signed in, or for an unknown policy.
    """
    worst = Exit.DONE
    chunks = [[form] for form in forms] if toml else list(_chunks(forms))
    is_quiet = len(chunks) < 2 or not sys.stderr.isatty()
    progress = track(chunks, "opening", console=Console(stderr=True), disable=is_quiet, transient=True)
    with Api(staff, FIELDS) as api:
        for chunk in progress:
            for result in _open_chunk(api, chunk, policy, toml):
                _print(result, as_json)
                worst = max(worst, result.code)
    return worst


def _chunks(forms: Sequence[FormText]) -> Iterator[list[FormText]]:
    """Yield the forms for each request: alone if a form has several lines."""
    chunk: list[FormText] = []
    for form in forms:
        is_alone = "\n" in form.text or len(forms) == 1
        if chunk and (is_alone or len(chunk) == BATCH_SIZE):
            yield chunk
            chunk = []
        if is_alone:
            yield [form]
        else:
            chunk.append(form)
    if chunk:
        yield chunk


def _open_chunk(api: Api, forms: Sequence[FormText], policy: str | None, toml: str | None) -> Iterator[FormResult]:
    if len(forms) == 1:
        yield _open_one(api, forms[0], policy, toml)
        return
    content = "\n".join(form.text for form in forms).encode()
    waiting = iter(forms)
    try:
        options: dict[str, Any] = {"content": content, "headers": LINES, "params": {"policy": policy}}
        with api.stream("POST", "/complaints/batch", **options) as answer:
            for line in answer.iter_lines():
                result = json.loads(line)
                form = next(waiting)
                yield _opened(api, form, result["opened"]) if "opened" in result else _failed(form, result["problem"])
    except CommandError as error:
        if isinstance(error, ServiceError):
            raise
        yield from (FormResult(form, error.code, error.lines, {}) for form in waiting)


def _open_one(api: Api, form: FormText, policy: str | None, toml: str | None) -> FormResult:
    path, params, content = "/complaints", {"policy": policy}, form.text
    if toml is not None:
        path, params, content = "/complaints/under-policy", {}, f'{{"toml": {json.dumps(toml)}, "form": {form.text}}}'
    try:
        opened = api.post(path, content=content.encode(), headers=ONE, params=params)
    except ServiceError as error:
        is_about_policy = any(each["field"] in FIELDS for each in error.problem.get("errors", []))
        if error.status in ABOUT_CALLER or is_about_policy:
            raise
        return _failed(form, error.problem)
    return _opened(api, form, opened)


def _opened(api: Api, form: FormText, opened: Mapping[str, Any]) -> FormResult:
    detail = UNCLOSED | dict(opened)
    return FormResult(form, Exit.DONE, [_describe(api, detail)], detail)


def _failed(form: FormText, problem: Mapping[str, Any]) -> FormResult:
    errors = [(each["field"].removeprefix("form."), each["detail"]) for each in problem["errors"]]
    lines = [f"{field}: {detail}" if field else detail for field, detail in errors]
    if lines:
        return FormResult(form, Exit.BAD_INPUT, lines, {})
    sentence = problem["detail"].removesuffix(".")
    if problem["status"] == HTTPStatus.CONFLICT:
        return FormResult(form, Exit.REFUSED, [sentence], {"code": problem["code"], "sentence": sentence})
    if problem["status"] in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        return FormResult(form, Exit.UNREACHABLE, [problem["detail"]], {})
    is_ours = problem["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR
    return FormResult(form, Exit.FAILED if is_ours else Exit.BAD_INPUT, [problem["detail"]], {})


def _describe(api: Api, opened: Mapping[str, Any]) -> str:
    reference = opened["reference"]
    if opened["is_new"]:
        return f"{reference}: opened"
    if opened["closed_at"] is None:
        return f"{reference}: open already"
    closed_at = datetime.fromisoformat(opened["closed_at"])
    closed_on = closed_at.astimezone(_zone_of(api, reference)).date()
    return f"{reference}: closed on {format_date(closed_on)}, {humanize_code(opened['closing_reason'])}"


def _zone_of(api: Api, reference: str) -> ZoneInfo:
    with suppress(CommandError):  # Temporal has deleted it
        return ZoneInfo(api.get(f"/complaints/{reference}/clock")["time_zone"])
    return DEFAULT_ZONE


def _print(result: FormResult, as_json: bool) -> None:
    if as_json:
        failure = {} if result.code is Exit.DONE else {"error": list(result.lines)}
        print(as_json_line({"file": result.form.place, **failure, **result.detail}))
        return
    for line in result.lines:
        if result.code is Exit.DONE:
            out.print(printable(line))
        else:
            print_error(f"{result.form.place}: {line}")
