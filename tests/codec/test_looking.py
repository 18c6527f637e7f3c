"""Who sees payloads in clear, and what everybody else sees."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload

from codec.reader import ERASED, FOREIGN, NOT_RECORDED, NOT_YOURS
from complaints.encryption.codec import KEY_ID
from complaints.encryption.data_keys import new_key
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.procedure import acts
from complaints.records.callers.readings import list_readings
from local.sign_in.issuer import Issuer
from local.sign_in.server import serve_sign_in
from tests.codec.codec_server import CodecServer, body_of, payloads_of, serving_codec
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened
from tests.reports.sample_complaints import put_on_record
from tests.starter.api.service import sign_in_settings

WORDS = "Zanzibar never rang me back."
HELD, WITH_HANDLER = "LOOK-1", "H-LOOK-2"
"""A complaint that mary holds at the managers' step, and one at the case handler's step."""


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serve_sign_in() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def ring() -> InMemoryKeys:
    return InMemoryKeys()


@pytest_asyncio.fixture(scope="module")
async def server(engine: AsyncEngine, ring: InMemoryKeys, issuer: Issuer) -> AsyncIterator[CodecServer]:
    held = opened(HELD)
    held.apply(acts.Acknowledge(id="1", by="mary"), at(1, 5), DIRECTORY_RESULT)
    await put_on_record(engine, [held, opened(WITH_HANDLER)])
    async with serving_codec(engine, ring, **sign_in_settings(issuer)) as server:
        yield server


@pytest.mark.parametrize(
    ("reference", "staff", "sees"),
    [
        (HELD, "mary", True),
        (HELD, "lead.manager", True),
        (HELD, "au.ditor", True),
        (HELD, "m.okafor", False),  # a manager who does not hold it
        (HELD, "lead.team", False),  # the lead of another tier
        (HELD, "harry", False),  # its case handler, who holds it no more
        (HELD, "ops.lee", False),  # an administrator
        (WITH_HANDLER, "lead.manager", True),
        (WITH_HANDLER, "lead.team", False),
        (WITH_HANDLER, "au.ditor", True),
    ],
)
async def test_a_complaint_is_for_its_holder_the_lead_of_its_tier_and_auditors(
    server: CodecServer, issuer: Issuer, reference: str, staff: str, sees: bool
) -> None:
    for workflow_id in (reference, f"delivery/{reference}.7.complainant"):
        payload = await server.encrypted(workflow_id, {"said": WORDS})
        [seen] = await server.seen(issuer.access_token(staff), payload)
        assert seen == ({"said": WORDS} if sees else NOT_YOURS)


@pytest.mark.parametrize(
    ("staff", "sees"), [("ops.lee", True), ("lead.team", True), ("au.ditor", True), ("mary", False)]
)
async def test_the_services_own_payloads_are_for_administrators_leads_and_auditors(
    server: CodecServer, issuer: Issuer, staff: str, sees: bool
) -> None:
    payload = await server.encrypted("erasure/LOOK-9", "LOOK-9")
    assert await server.seen(issuer.access_token(staff), payload) == ["LOOK-9" if sees else NOT_YOURS]


async def test_what_cannot_be_shown_is_a_sentence_between_what_can(
    server: CodecServer, issuer: Issuer, ring: InMemoryKeys
) -> None:
    seen = await server.encrypted(HELD, WORDS)
    erased = await server.encrypted("LOOK-ERASED", WORDS)
    await ring.destroy("LOOK-ERASED", "op", "erased", at(1, 5))
    blank = new_key()
    ring._by_id[blank.id] = blank
    newborn, tampered, unknown = Payload(), Payload(), Payload()
    for copy in (newborn, tampered, unknown):
        copy.CopyFrom(seen)
    newborn.metadata[KEY_ID] = blank.id.encode()
    tampered.data = seen.data[:-1] + bytes([seen.data[-1] ^ 1])
    unknown.metadata[KEY_ID] = b"k_\xff"
    other_namespace = await server.encrypted(HELD, WORDS, namespace="another")
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"a summary"')
    payloads = (seen, erased, newborn, tampered, unknown, other_namespace, plain)
    shown = await server.seen(issuer.access_token("au.ditor"), *payloads)
    assert shown == [WORDS, ERASED, NOT_RECORDED, FOREIGN, FOREIGN, FOREIGN, "a summary"]


async def test_a_complaint_that_the_record_does_not_have_is_for_auditors(server: CodecServer, issuer: Issuer) -> None:
    payload = await server.encrypted("LOOK-NOWHERE", WORDS)
    assert await server.seen(issuer.access_token("lead.manager"), payload) == [NOT_YOURS]
    assert await server.seen(issuer.access_token("au.ditor"), payload) == [WORDS]


async def test_a_look_at_a_complaint_is_a_reading_on_the_record(
    engine: AsyncEngine, ring: InMemoryKeys, issuer: Issuer
) -> None:
    async with serving_codec(engine, ring, **sign_in_settings(issuer)) as server:
        payload, services = await server.encrypted("LOOK-READ", WORDS), await server.encrypted("retention", "x")
        for staff in ("au.ditor", "au.ditor", "m.okafor"):
            await server.seen(issuer.access_token(staff), payload, payload, services)
    readings = await list_readings(engine, "LOOK-READ")
    assert [(each.staff, each.times) for each in readings] == [("au.ditor", 1)]
    assert await list_readings(engine, "*") == []


async def test_a_query_argument_is_encrypted_and_nobody_sees_it_again(server: CodecServer, issuer: Issuer) -> None:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"id"')
    async with server.client(issuer.access_token("mary")) as caller:
        [encoded] = payloads_of(await caller.post("/encode", json=body_of(plain)))
        assert (await caller.post("/encode", json={})).json() == {}
    assert encoded.metadata["encoding"] == b"binary/encrypted"
    assert await server.seen(issuer.access_token("au.ditor"), encoded) == [FOREIGN]
