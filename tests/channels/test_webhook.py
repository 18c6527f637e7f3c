"""Alerts go to a real receiver, signed; what goes wrong there is told apart: for good, or for now."""

import asyncio
import json
from collections.abc import AsyncIterator
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

SIGNED_WITH = "0123456789abcdef0123456789abcdef"


def notice(**changes: Any) -> Notice:
    given: dict[str, Any] = {
        "key": "C-1003.12.alert",
        "kind": "reply_lapsed",
        "reference": "C-1003",
        "since": NOW - timedelta(hours=1),
        "what": "The manager's reply is overdue",
        "to_do": "Reply, or give a new date and say why.",
        "command": "complaints reply C-1003 --as m.okafor --outcome … --findings …",
    }
    return Notice(**(given | changes))


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookServer]:
    async with WebhookServer() as receiver:
        yield receiver


async def post(receiver: WebhookServer, kind: WebhookKind = WebhookKind.PLAIN, timeout_seconds: float = 10) -> None:
    async with Webhook.open(receiver.url, SIGNED_WITH, kind, timeout_seconds=timeout_seconds) as webhook:
        await webhook.post(notice(), NOW)


async def test_a_receiver_gets_what_it_can_verify(receiver: WebhookServer) -> None:
    await post(receiver)
    [call] = receiver.requests
    assert call.path == "/alerts"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["idempotency-key"] == "C-1003.12.alert"
    timestamp, signature = call.headers["complaints-timestamp"], call.headers["complaints-signature"]
    assert verify(SIGNED_WITH, timestamp, call.body, signature, NOW)
    assert not verify("another secret", timestamp, call.body, signature, NOW)
    assert call.json == {
        "key": "C-1003.12.alert",
        "kind": "reply_lapsed",
        "reference": "C-1003",
        "since": "2026-12-09T09:00:00Z",
        "what": "The manager's reply is overdue",
        "to_do": "Reply, or give a new date and say why.",
        "command": "complaints reply C-1003 --as m.okafor --outcome … --findings …",
    }


@pytest.mark.parametrize("kind", list(WebhookKind))
async def test_each_kind_says_all_of_it(receiver: WebhookServer, kind: WebhookKind) -> None:
    await post(receiver, kind)
    said = json.dumps(receiver.requests[0].json, ensure_ascii=False)
    for part in ("The manager's reply is overdue", "C-1003", "2026-12-09T09:00:00Z", "Reply, or give a new date", "…"):
        assert part in said
    assert "$" not in said.replace("$schema", "")


def test_a_slack_like_receiver_gets_texts_that_it_does_not_interpret() -> None:
    body = json.loads(render_payload(notice(), WebhookKind.SLACK))
    texts = [block["text"] for block in body["blocks"] if "text" in block]
    assert {text["type"] for text in texts} == {"plain_text"}
    assert body["text"] == "The manager's reply is overdue"
    assert body["mrkdwn"] is False


def test_a_teams_like_receiver_gets_a_card() -> None:
    [attachment] = json.loads(render_payload(notice(), WebhookKind.TEAMS))["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    runs = [inline["text"] for block in attachment["content"]["body"] for inline in block["inlines"]]
    assert runs[0] == "The manager's reply is overdue"


@pytest.mark.parametrize("kind", list(WebhookKind))
def test_no_value_changes_the_form(kind: WebhookKind) -> None:
    nasty = '", "text": "$key ${what} $$ \\u0022 <!channel> \n'
    one, other = (
        json.loads(render_payload(notice(), kind)),
        json.loads(render_payload(notice(what=nasty, to_do=nasty), kind)),
    )
    assert _form(one) == _form(other)


def test_a_value_arrives_as_it_was_given() -> None:
    assert json.loads(render_payload(notice(what='"$key" \\ <b>'), WebhookKind.PLAIN))["what"] == '"$key" \\ <b>'


def _form(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _form(part) for name, part in body.items()}
    return [_form(part) for part in body] if isinstance(body, list) else type(body)


@pytest.mark.parametrize("key", ["", "a\r\nX: y", "é", "a b"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        notice(key=key)


@pytest.mark.parametrize("code", [200, 201, 202, 204])
async def test_every_yes_is_a_yes(receiver: WebhookServer, code: int) -> None:
    receiver.inject("answer", code)
    await post(receiver)


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_for_now_and_then_it_is_taken(receiver: WebhookServer, code: int) -> None:
    receiver.inject("answer", code, times=1)
    with pytest.raises(ChannelUnavailableError, match=str(code)):
        await post(receiver)
    await post(receiver)
    assert [len(repeats) for repeats in receiver.by_key().values()] == [2]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 413, 422])
async def test_a_no_is_for_good(receiver: WebhookServer, code: int) -> None:
    receiver.inject("answer", code)
    with pytest.raises(ChannelRefusedError, match=str(code)) as refusal:
        await post(receiver)
    assert "said at length" not in str(refusal.value)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_not_followed(receiver: WebhookServer, code: int) -> None:
    receiver.inject("answer", code)
    with pytest.raises(ChannelRefusedError, match=str(code)):
        await post(receiver)
    assert [call.path for call in receiver.requests] == ["/alerts"]


async def test_one_that_hangs_is_left(receiver: WebhookServer) -> None:
    receiver.inject("answer", Silence.HANG)
    with pytest.raises(ChannelUnavailableError, match="did not answer in time") as failure:
        await post(receiver, timeout_seconds=0.3)
    assert failure.value.__cause__ is None


async def test_one_whose_answer_never_begins_in_earnest_is_left() -> None:
    """Each byte is in time, the whole is not."""

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
        async with Webhook.open(f"http://127.0.0.1:{port}/", SIGNED_WITH, timeout_seconds=0.3) as webhook:
            with pytest.raises(ChannelUnavailableError, match="did not answer in time"):
                await webhook.post(notice(), NOW)


async def test_one_that_dies_and_returns_takes_it_then(receiver: WebhookServer) -> None:
    async with Webhook.open(receiver.url, SIGNED_WITH) as webhook:
        await webhook.post(notice(), NOW)
        await receiver.stop()
        with pytest.raises(ChannelUnavailableError, match="cannot be reached"):
            await webhook.post(notice(key="C-1003.13.alert"), NOW)
        await receiver.start()
        await webhook.post(notice(key="C-1003.13.alert"), NOW)
    assert list(receiver.by_key()) == ["C-1003.12.alert", "C-1003.13.alert"]


def test_a_signature_is_of_the_time_and_the_body() -> None:
    # As openssl has it: printf '1796810400.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    known = "2c84c72078237277e4815857659a9f9a276af144b44e01495c939a5a7ede5665"
    assert sign(SIGNED_WITH, "1796810400", b'{"a":1}') == f"v1={known}"


@pytest.mark.parametrize("apart", [timedelta(0), timedelta(minutes=5), -timedelta(minutes=5)])
def test_a_signature_holds_within_the_tolerance(apart: timedelta) -> None:
    timestamp = str(int(NOW.timestamp()))
    assert verify(SIGNED_WITH, timestamp, b"body", sign(SIGNED_WITH, timestamp, b"body"), NOW + apart)


@pytest.mark.parametrize("apart", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1)])
def test_and_not_beyond(apart: timedelta) -> None:
    timestamp = str(int(NOW.timestamp()))
    assert not verify(SIGNED_WITH, timestamp, b"body", sign(SIGNED_WITH, timestamp, b"body"), NOW + apart)


@pytest.mark.parametrize("signature", ["", "v1=", "v1=00", "v2=00", "é", "v1=" + "0" * 64])
def test_what_is_no_signature_does_not_hold(signature: str) -> None:
    assert not verify(SIGNED_WITH, str(int(NOW.timestamp())), b"body", signature, NOW)


def test_what_was_changed_does_not_hold() -> None:
    timestamp = str(int(NOW.timestamp()))
    signature = sign(SIGNED_WITH, timestamp, b"body")
    assert not verify(SIGNED_WITH, timestamp, b"Body", signature, NOW)
    assert not verify(SIGNED_WITH, str(int(NOW.timestamp()) + 1), b"body", signature, NOW)
    assert not verify(SIGNED_WITH, timestamp, b"body", signature.upper(), NOW)


@pytest.mark.parametrize("timestamp", ["", "soon", "1.5", "-", "NaN"])
def test_what_is_no_time_does_not_hold(timestamp: str) -> None:
    assert not verify(SIGNED_WITH, timestamp, b"body", sign(SIGNED_WITH, timestamp, b"body"), NOW)
