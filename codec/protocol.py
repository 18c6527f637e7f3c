"""Read and write payloads by Temporal's codec protocol: protobuf's JSON, with base64."""

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import Request, Response
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from starter.api.problems import ProblemError
from starter.api.request_body import read_body

MAX_BYTES = 8 * 1024 * 1024
"""Of a body. Temporal takes payloads of 4 MB, of which base64 makes 5.4 MB."""
NAMESPACE_HEADER = "x-namespace"


async def read_payloads(request: Request, namespace: str) -> list[Payload]:
    """Read the payloads of a request. Raises ProblemError, and ClientDisconnect."""
    if request.headers.get(NAMESPACE_HEADER, namespace) != namespace:
        raise _invalid(f"X-Namespace: this server has the keys of {namespace}, and of no other namespace.")
    body = await read_body(request, max_bytes=MAX_BYTES)
    try:
        return list(json_format.Parse(body, Payloads(), ignore_unknown_fields=True).payloads)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError):
        raise _invalid('The body: give JSON such as {"payloads": [{"metadata": {}, "data": ""}]}, in base64.') from None


def payloads_response(payloads: Sequence[Payload]) -> Response:
    return Response(json_format.MessageToJson(Payloads(payloads=payloads), indent=None), media_type="application/json")


def _invalid(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, "no_payloads", detail)
