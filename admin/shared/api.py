"""Call the HTTP service: plain JSON comes back, and a problem becomes a CommandError.

It needs only COMPLAINTS_URL. This module imports neither pydantic nor a server's library.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from types import MappingProxyType, TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx2

from admin.shared.errors import CommandError, Exit, bad_input, refused, unreachable
from admin.sign_in.http import open_http, unreachable_server
from admin.sign_in.session import SignIn
from complaints.environment import read_environment
from complaints.runtime.urls import is_protected

URL = "COMPLAINTS_URL"
SERVICE = "the complaints service"
NO_FIELDS: Mapping[str, str] = MappingProxyType({})
UNAVAILABLE = (HTTPStatus.TOO_MANY_REQUESTS, *(HTTPStatus(status) for status in (502, 503, 504)))
REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)


class ServiceError(CommandError):
    """A problem that the service answered: `status` and `problem` are its own words."""

    def __init__(self, error: CommandError, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(error.code, *error.lines, detail=error.detail)
        self.status = status
        self.problem = problem

    @property
    def problem_code(self) -> str:
        return str(self.problem.get("code", ""))


class Api:
    """The service, for one command. It signs in at the first request.

    `staff`: the value of --as, which only the local stack takes. `fields`: the option or argument of each of the
    service's fields, such as {"sent_at": "--sent-at"}; other fields keep their names in errors.
    """

    def __init__(self, staff: str | None = None, fields: Mapping[str, str] = NO_FIELDS) -> None:
        environment = _environment()
        self.url = _url(environment)
        self._staff = staff
        self._fields = fields
        self._http = open_http(self.url)
        self.sign_in = SignIn.at(self.url, self._http, environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def token(self) -> str:
        """Return an access token. Raises CommandError."""
        return self.sign_in.token(self._staff)

    def use_token(self, token: str) -> None:
        """Send this access token with every request."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **params: Any) -> Any:
        """Get JSON. Parameters that are None are left out; a list is repeated. Raises CommandError."""
        return self.request("GET", path, params=params)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        """Post JSON. Raises CommandError."""
        return self.request("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> Any:
        """Put JSON. Raises CommandError."""
        return self.request("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Any:
        """Patch with JSON. Raises CommandError."""
        return self.request("PATCH", path, json=json, **options)

    def delete(self, path: str, json: Any = None, **options: Any) -> Any:
        """Delete. Raises CommandError."""
        return self.request("DELETE", path, json=json, **options)

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Send a request; return the answer's JSON, or None if it is empty.

        `options` are httpx2's. Raises CommandError.
        """
        with self.stream(method, path, **options) as answer:
            content = answer.read()
            if not content:
                return None
            try:
                return answer.json()
            except ValueError:
                raise _no_json(self.url, answer) from None

    @contextmanager
    def stream(self, method: str, path: str, **options: Any) -> Iterator[httpx2.Response]:
        """Send a request, and read the answer piece by piece. Raises CommandError."""
        if "params" in options:
            options["params"] = {name: value for name, value in options["params"].items() if value is not None}
        if options.get("json") is None:
            options.pop("json", None)
        if "Authorization" not in self._http.headers:
            self.use_token(self.token())
        try:
            with self._http.stream(method, path, **options) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._error(path, answer)
                yield answer
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise unreachable_server(SERVICE, self.url, error) from None

    def _error(self, path: str, answer: httpx2.Response) -> CommandError:
        try:
            problem = answer.json()
            code, detail = str(problem["code"]), str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            return _no_json(self.url, answer)
        error = self._translate(path, answer.status_code, problem, code, detail)
        return ServiceError(error, answer.status_code, problem)

    def _translate(self, path: str, status: int, problem: Mapping[str, Any], code: str, detail: str) -> CommandError:
        if status in UNAVAILABLE:
            return unreachable(detail)
        if code == "not_running":
            return CommandError(Exit.FAILED, _lost(_reference_of(path)))
        if status in REFUSED:
            return refused(code, detail)
        if code == "no_such_complaint":
            return bad_input(f"REF: there is no complaint {_reference_of(path)}")
        if problem.get("errors"):
            return bad_input(*(self._line(error) for error in problem["errors"]))
        return CommandError(Exit.FAILED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Exit.BAD_INPUT, detail)

    def _line(self, error: Mapping[str, str]) -> str:
        """Format an error with the name of its option."""
        name, detail = self.name_of(error.get("field", "")), error.get("detail", "")
        return f"{name}: {detail}" if name else detail

    def name_of(self, field: str) -> str:
        """Return the option or argument of one of the service's fields."""
        return self._fields.get(field) or self._fields.get(re.split(r"[\[.]", field)[0]) or field


def _reference_of(path: str) -> str:
    """Return the reference of a complaint's path; of another path, nothing."""
    _, _, rest = path.partition("/complaints/")
    return unquote(rest.split("/")[0])


def _lost(reference: str) -> str:
    """Say what to do about a complaint that has no workflow."""
    return (
        f"{reference} is open on the record, but has no running workflow in Temporal, so nothing of it goes on; "
        f"run python -m worker revive {reference}."
    )


def _environment() -> dict[str, str]:
    try:
        return read_environment()
    except OSError as error:
        raise CommandError(Exit.FAILED, f"cannot read the local stack's settings: {error.strerror}") from error


def _url(environment: Mapping[str, str]) -> str:
    """Read the service's address. Raises CommandError."""
    url = environment.get(URL, "").rstrip("/")
    if not url:
        raise unreachable(f"{URL} is not set, and no local stack runs (make up); set it to the service's address")
    try:
        parts = urlsplit(url)
        is_valid = bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        is_valid = False
    if not (is_valid and is_protected(url, is_local=True)):
        raise bad_input(
            f"{URL}: give an https address such as https://complaints.example.org; http only on the loopback"
        )
    return url


def _no_json(url: str, answer: httpx2.Response) -> CommandError:
    return CommandError(Exit.FAILED, f"{SERVICE} at {url} gave no JSON (HTTP {answer.status_code}); check {URL}")
