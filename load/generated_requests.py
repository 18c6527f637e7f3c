"""Requests made from the service's own description, good ones and bad ones, by schemathesis; each answer is checked."""

import itertools
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import DrawFn, SearchStrategy, composite, integers, sampled_from

from starter.api.examples import FORM
from starter.api.request_body import JSON, JSON_LINES

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of what it is made of
    import schemathesis
    from schemathesis.checks import CHECKS, load_all_checks
    from schemathesis.core.parameters import ParameterLocation
    from schemathesis.generation import GenerationMode

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)
SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
MENDED = "FUZZ-"
"""How the references of nearly good forms begin."""
ANSWERED_WITHIN = 30.0
"""Seconds."""


@schemathesis.serializer(*JSON_LINES)
def as_lines(_context: Any, text: str) -> bytes:
    return text.encode(errors="surrogatepass")


@dataclass
class Fuzz:
    """Against the service at `url`, with `key`; `reference` is of a complaint that there is."""

    url: str
    key: str
    reference: str
    answers: Counter[int] = field(default_factory=Counter)
    """How many there were of each status."""

    def run(self, wanted: int, at_a_time: int, first_seed: int) -> None:
        """Until so many requests were made; so many of a kind at a time. Raises what schemathesis finds amiss."""
        load_all_checks()
        checks = [CHECKS.get_one(name) for name in CHECKED]
        schema: Any = schemathesis.openapi.from_url(f"{self.url}/openapi.json")
        kinds = list(self._kinds(schema))
        with requests.Session() as session:
            for number in itertools.count(first_seed):
                for kind in kinds:
                    self._try(kind, at_a_time, number, checks, session)
                    if self.answers.total() >= wanted:
                        return

    def _kinds(self, schema: Any) -> Iterator[SearchStrategy[Any]]:
        """Each operation, with data as described and other data, of strange complaints and of one that there is."""
        for found in schema.get_all_operations():
            operation = found.ok()
            references: list[dict[str, Any]] = [{}]
            if "{reference}" in operation.path:
                references.append({"path_parameters": {"reference": self.reference}})
            for mode in GenerationMode:
                if mode is GenerationMode.POSITIVE or _may_be_wrong(operation):
                    yield from (operation.as_strategy(mode, **each) for each in references)
            if operation.label == "POST /complaints":
                yield nearly_good(operation.as_strategy())

    def _try(
        self,
        kind: SearchStrategy[Any],
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
            suppress_health_check=SLOW_IS_FINE,
        )
        @given(case=kind)
        def call(case: Any) -> None:
            headers = {"Authorization": f"Bearer {self.key}"}
            response = case.call(session=session, headers=headers, timeout=ANSWERED_WITHIN)
            self.answers[response.status_code] += 1
            not_checked = [] if _is_bad(case) else [CHECKS.get_one("negative_data_rejection")]
            case.validate_response(response, checks=checks, excluded_checks=not_checked, headers=headers)

        call()


@composite
def nearly_good(draw: DrawFn, forms: SearchStrategy[Any]) -> Any:
    """A good form, but for one field that is as described, and no more: most of them open a complaint."""
    case = draw(forms)
    name = draw(sampled_from(sorted(case.body)))
    reference = f"{MENDED}{draw(integers(min_value=0, max_value=10**9))}"
    case.headers = {}
    case.body = {**FORM, "reference": reference, name: case.body[name]}
    return case


def _may_be_wrong(operation: Any) -> bool:
    """Lines are any text, each of which is answered by itself."""
    return any(body.media_type == JSON[0] for body in operation.body)


def _is_bad(case: Any) -> bool:
    """Its body, for sure. What is too long only by the white space around it is taken, without that."""
    body = case.meta.components.get(ParameterLocation.BODY)
    return bool(body) and body.mode is GenerationMode.NEGATIVE and not _is_padded(case.body) and not _is_mended(case)


def _is_mended(case: Any) -> bool:
    return isinstance(case.body, dict) and str(case.body.get("reference")).startswith(MENDED)


def _is_padded(value: Any) -> bool:
    if isinstance(value, str):
        return value != value.strip()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return any(map(_is_padded, parts))
