"""Alerts go to a real receiver, signed; a failure is permanent or temporary."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.signing import sign, verify
from complaints.channels.webhook import Webhook
from complaints.channels.webhook_payloads import Notice, WebhookKind, render_payload
from tests.channels.faults import Silence
from tests.channels.sample_messages import NOW
from tests.channels.webhook_server import WebhookServer

SIGNING_KEY = "0123456789abcdef0123456789abcdef"


def notice(**changes: Any) -> Notice:
    fields: dict[str, Any] = {
        "key": "C-1003.12.alert",
        "kind": "reply_lapsed",
        "reference": "C-1003",
        "since": NOW - timedelta(hours=1),
        "what": "The manager's reply is overdue",
        "to_do": "Reply, or give a new date and say why.",
        "command": "complaints reply C-1003 --as m.okafor --outcome … --findings …",
    }
    return Notice(**(fields | changes))


async def post(
    webhook_server: WebhookServer, kind: WebhookKind = WebhookKind.PLAIN, timeout_seconds: float = 10
) -> None:
    async with Webhook.open(webhook_server.url, SIGNING_KEY, kind, timeout_seconds=timeout_seconds) as webhook:
        await webhook.post(notice(), NOW)


async def test_a_receiver_can_verify_the_signature(webhook_server: WebhookServer) -> None:
    await post(webhook_server)
    [request] = webhook_server.requests
    assert request.path == "/alerts"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == "C-1003.12.alert"
    timestamp, signature = request.headers["complaints-timestamp"], request.headers["complaints-signature"]
    assert verify(SIGNING_KEY, timestamp, request.body, signature, NOW)
    assert not verify("another secret", timestamp, request.body, signature, NOW)
    assert request.json == {
        "key": "C-1003.12.alert",
        "kind": "reply_lapsed",
        "reference": "C-1003",
        "since": "2026-12-09T09:00:00Z",
        "what": "The manager's reply is overdue",
        "to_do": "Reply, or give a new date and say why.",
        "command": "complaints reply C-1003 --as m.okafor --outcome … --findings …",
    }


@pytest.mark.parametrize("kind", list(WebhookKind))
async def test_a_notice_of_each_kind_holds_every_field(webhook_server: WebhookServer, kind: WebhookKind) -> None:
    await post(webhook_server, kind)
    body = json.dumps(webhook_server.requests[0].json, ensure_ascii=False)
    for part in ("The manager's reply is overdue", "C-1003", "2026-12-09T09:00:00Z", "Reply, or give a new date", "…"):
        assert part in body
    assert "$" not in body.replace("$schema", "")


def test_slack_gets_plain_text_only() -> None:
    body = json.loads(render_payload(notice(), WebhookKind.SLACK))
    texts = [block["text"] for block in body["blocks"] if "text" in block]
    assert {text["type"] for text in texts} == {"plain_text"}
    assert body["text"] == "The manager's reply is overdue"
    assert body["mrkdwn"] is False


def test_teams_gets_an_adaptive_card() -> None:
    [attachment] = json.loads(render_payload(notice(), WebhookKind.TEAMS))["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    runs = [inline["text"] for block in attachment["content"]["body"] for inline in block["inlines"]]
    assert runs[0] == "The manager's reply is overdue"


@pytest.mark.parametrize("kind", list(WebhookKind))
def test_no_value_changes_the_structure_of_the_json(kind: WebhookKind) -> None:
    hostile = '", "text": "$key ${what} $$ \\u0022 <!channel> \n'
    one, other = (
        json.loads(render_payload(notice(), kind)),
        json.loads(render_payload(notice(what=hostile, to_do=hostile), kind)),
    )
    assert _structure(one) == _structure(other)


def test_a_value_arrives_unchanged() -> None:
    assert json.loads(render_payload(notice(what='"$key" \\ <b>'), WebhookKind.PLAIN))["what"] == '"$key" \\ <b>'


def _structure(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _structure(part) for name, part in body.items()}
    return [_structure(part) for part in body] if isinstance(body, list) else type(body)


@pytest.mark.parametrize("key", ["", "a\r\nX: y", "é", "a b"])
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        notice(key=key)


@pytest.mark.parametrize("code", [200, 201, 202, 204])
async def test_every_2xx_code_is_a_success(webhook_server: WebhookServer, code: int) -> None:
    webhook_server.inject("answer", code)
    await post(webhook_server)


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
async def test_after_a_temporary_failure_the_notice_is_accepted(webhook_server: WebhookServer, code: int) -> None:
    webhook_server.inject("answer", code, times=1)
    with pytest.raises(ChannelUnavailableError, match=str(code)):
        await post(webhook_server)
    await post(webhook_server)
    assert [len(repeats) for repeats in webhook_server.by_key().values()] == [2]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 413, 422])
async def test_a_4xx_code_is_a_permanent_failure_without_the_receivers_text(
    webhook_server: WebhookServer, code: int
) -> None:
    webhook_server.inject("answer", code)
    with pytest.raises(ChannelRefusedError, match=str(code)) as refusal:
        await post(webhook_server)
    assert "said at length" not in str(refusal.value)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_not_followed(webhook_server: WebhookServer, code: int) -> None:
    webhook_server.inject("answer", code)
    with pytest.raises(ChannelRefusedError, match=str(code)):
        await post(webhook_server)
    assert [request.path for request in webhook_server.requests] == ["/alerts"]


async def test_a_receiver_that_hangs_is_a_temporary_failure(webhook_server: WebhookServer) -> None:
    webhook_server.inject("answer", Silence.HANG)
    with pytest.raises(ChannelUnavailableError, match="did not answer in time") as failure:
        await post(webhook_server, timeout_seconds=0.3)
    assert failure.value.__cause__ is None


async def test_an_answer_that_drips_in_times_out() -> None:
    """Each byte comes in time, the whole answer does not."""

    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Much: " + b"x" * 1_000:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Webhook.open(f"http://127.0.0.1:{port}/", SIGNING_KEY, timeout_seconds=0.3) as webhook:
            with pytest.raises(ChannelUnavailableError, match="did not answer in time"):
                await webhook.post(notice(), NOW)


async def test_a_receiver_that_is_started_again_accepts_the_notice(webhook_server: WebhookServer) -> None:
    async with Webhook.open(webhook_server.url, SIGNING_KEY) as webhook:
        await webhook.post(notice(), NOW)
        await webhook_server.stop()
        with pytest.raises(ChannelUnavailableError, match="cannot be reached"):
            await webhook.post(notice(key="C-1003.13.alert"), NOW)
        await webhook_server.start()
        await webhook.post(notice(key="C-1003.13.alert"), NOW)
    assert list(webhook_server.by_key()) == ["C-1003.12.alert", "C-1003.13.alert"]


def test_a_signature_covers_the_timestamp_and_the_body() -> None:
    # Computed by: printf '1796810400.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    expected = "2c84c72078237277e4815857659a9f9a276af144b44e01495c939a5a7ede5665"
    assert sign(SIGNING_KEY, "1796810400", b'{"a":1}') == f"v1={expected}"


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=5), -timedelta(minutes=5)])
def test_a_signature_is_valid_within_the_tolerance(apart: timedelta) -> None:
    timestamp = str(int(NOW.timestamp()))
    assert verify(SIGNING_KEY, timestamp, b"body", sign(SIGNING_KEY, timestamp, b"body"), NOW + apart)


@pytest.mark.parametrize("apart", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_a_signature_is_invalid_beyond_the_tolerance(apart: timedelta) -> None:
    timestamp = str(int(NOW.timestamp()))
    assert not verify(SIGNING_KEY, timestamp, b"body", sign(SIGNING_KEY, timestamp, b"body"), NOW + apart)


@pytest.mark.parametrize("signature", ["", "v1=", "v1=00", "v2=00", "é", "v1=" + "0" * 64])
def test_a_malformed_signature_is_invalid(signature: str) -> None:
    assert not verify(SIGNING_KEY, str(int(NOW.timestamp())), b"body", signature, NOW)


def test_a_changed_body_timestamp_or_signature_is_invalid() -> None:
    timestamp = str(int(NOW.timestamp()))
    signature = sign(SIGNING_KEY, timestamp, b"body")
    assert not verify(SIGNING_KEY, timestamp, b"Body", signature, NOW)
    assert not verify(SIGNING_KEY, str(int(NOW.timestamp()) + 1), b"body", signature, NOW)
    assert not verify(SIGNING_KEY, timestamp, b"body", signature.upper(), NOW)


@pytest.mark.parametrize("timestamp", ["", "soon", "1.5", "-", "NaN"])
def test_a_malformed_timestamp_is_invalid(timestamp: str) -> None:
    assert not verify(SIGNING_KEY, timestamp, b"body", sign(SIGNING_KEY, timestamp, b"body"), NOW)
