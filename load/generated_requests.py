"""Generate valid and invalid requests from the OpenAPI description; check each answer."""

import itertools
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import DrawFn, SearchStrategy, composite, integers, sampled_from

from starter.api.examples import FORM
from starter.api.request_body import JSON, JSON_LINES

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # from its dependencies
    import schemathesis
    from schemathesis.checks import CHECKS, load_all_checks
    from schemathesis.core.parameters import ParameterLocation
    from schemathesis.generation import GenerationMode

CHECK_NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)
SUPPRESSED_HEALTH_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
VALID_PREFIX = "FUZZ-"
"""Prefix of the references of nearly valid forms."""
ANSWER_TIMEOUT_SECONDS = 30.0


@schemathesis.serializer(*JSON_LINES)
def as_lines(_context: Any, text: str) -> bytes:
    return text.encode(errors="surrogatepass")


Token = Callable[[], str]
"""Returns a system's key, or a new access token of a member of staff."""


@dataclass
class RequestFuzzer:
    """Fuzz the service at `url` with `key`; `reference` belongs to an existing complaint.

    What staff may call, the members of `staff` call in turn. `is_wanted` says which operations are called.
    """

    url: str
    key: str
    reference: str
    staff: Sequence[Token] = ()
    is_wanted: Callable[[Any], bool] = lambda _: True
    answers: Counter[int] = field(default_factory=Counter)
    """The number of answers by status."""

    def run(self, wanted: int, at_a_time: int, first_seed: int) -> None:
        """Send requests, `at_a_time` of each kind in turn, until `wanted` were sent.

        Raises schemathesis's FailureGroup for a wrong answer.
        """
        load_all_checks()
        checks = [CHECKS.get_one(name) for name in CHECK_NAMES]
        schema: Any = schemathesis.openapi.from_url(f"{self.url}/openapi.json")
        kinds = list(self._kinds(schema))
        with requests.Session() as session:
            for number in itertools.count(first_seed):
                for kind, callers in kinds:
                    self._try(kind, callers, at_a_time, number, checks, session)
                    if self.answers.total() >= wanted:
                        return

    def _kinds(self, schema: Any) -> Iterator[tuple[SearchStrategy[Any], Sequence[Token]]]:
        """Yield the requests of each operation, and who sends them: systems, staff, or each in turn."""
        for result in schema.get_all_operations():
            operation = result.ok()
            if self.is_wanted(operation):
                for kind in self._requests(operation):
                    yield from ((kind, callers) for callers in self._callers(operation) if callers)

    def _callers(self, operation: Any) -> list[Sequence[Token]]:
        schemes = [name for scheme in operation.definition.raw.get("security", []) for name in scheme]
        return [*([self.staff] if "staff" in schemes else []), *([[lambda: self.key]] if schemes != ["staff"] else [])]

    def _requests(self, operation: Any) -> Iterator[SearchStrategy[Any]]:
        """Yield it with valid and invalid data, for unknown and existing complaints."""
        references: list[dict[str, Any]] = [{}]
        if "{reference}" in operation.path:
            references.append({"path_parameters": {"reference": self.reference}})
        for mode in GenerationMode:
            if mode is GenerationMode.POSITIVE or _has_json_body(operation):
                yield from (operation.as_strategy(mode, **each) for each in references)
        if operation.label == "POST /complaints":
            yield nearly_valid(operation.as_strategy())

    def _try(
        self,
        kind: SearchStrategy[Any],
        callers: Sequence[Token],
        examples: int,
        number: int,
        checks: list[Any],
        session: requests.Session,
    ) -> None:
        @seed(number)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=SUPPRESSED_HEALTH_CHECKS,
        )
        @given(case=kind)
        def call(case: Any) -> None:
            token = callers[self.answers.total() % len(callers)]
            headers = {"Authorization": f"Bearer {token()}"}
            response = case.call(session=session, headers=headers, timeout=ANSWER_TIMEOUT_SECONDS)
            self.answers[response.status_code] += 1
            not_checked = [] if _is_surely_invalid(case) else [CHECKS.get_one("negative_data_rejection")]
            case.validate_response(response, checks=checks, excluded_checks=not_checked, headers=headers)

        call()


@composite
def nearly_valid(draw: DrawFn, forms: SearchStrategy[Any]) -> Any:
    """Generate a valid form with one generated field: most of them open a complaint."""
    case = draw(forms)
    name = draw(sampled_from(sorted(case.body)))
    reference = f"{VALID_PREFIX}{draw(integers(min_value=0, max_value=10**9))}"
    case.headers = {}
    case.body = {**FORM, "reference": reference, name: case.body[name]}
    return case


def _has_json_body(operation: Any) -> bool:
    """Return whether invalid data must be rejected as a whole, which JSON Lines are not."""
    return any(body.media_type == JSON[0] for body in operation.body)


def _is_surely_invalid(case: Any) -> bool:
    """Return whether the body is invalid also when white space around texts is stripped."""
    body = case.meta.components.get(ParameterLocation.BODY)
    return (
        bool(body) and body.mode is GenerationMode.NEGATIVE and not _is_padded(case.body) and not _is_nearly_valid(case)
    )


def _is_nearly_valid(case: Any) -> bool:
    return isinstance(case.body, dict) and str(case.body.get("reference")).startswith(VALID_PREFIX)


def _is_padded(value: Any) -> bool:
    if isinstance(value, str):
        return value != value.strip()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return any(map(_is_padded, parts))
