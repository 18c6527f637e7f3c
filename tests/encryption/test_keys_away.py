"""While a complaint's key is out of reach, its acts wait; then they take effect, in order."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from complaints.encryption.converter import data_converter
from complaints.encryption.data_keys import DataKey, KeyRing, KeysUnreachableError
from complaints.procedure import acts
from complaints.settings import WorkerSettings
from tests.fixtures.servers import WITHOUT_CACHE
from tests.workflows.complaint_driver import ComplaintOpener
from worker.composition import make_worker

WITHIN_SECONDS = 60.0


class SwitchedKeys:
    """A key ring that can be out of reach."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self.is_away = False

    async def for_subject(self, subject: str) -> DataKey:
        self._check()
        return await self._keys.for_subject(subject)

    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:
        self._check()
        return await self._keys.by_id(key_id, subject)

    def _check(self) -> None:
        if self.is_away:
            raise KeysUnreachableError("the key store is away")

    def __getattr__(self, name: str) -> object:
        return getattr(self._keys, name)


async def test_acts_wait_for_a_key_that_is_out_of_reach_and_take_effect_in_order(
    client: Client, engine: AsyncEngine, keys: KeyRing
) -> None:
    switched = SwitchedKeys(keys)
    converter = data_converter(switched, client.namespace)  # type: ignore[arg-type]
    without = Client(**{**client.config(), "data_converter": converter})  # type: ignore[arg-type]
    opener = ComplaintOpener(client, engine, "keys-away")
    settings: WorkerSettings = WITHOUT_CACHE
    async with make_worker(without, engine, opener.task_queue, settings=settings):
        complaint = await opener.open()
        await complaint.wait_until_recorded()
        switched.is_away = True
        await complaint.signal(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
        update = asyncio.create_task(complaint.do(acts.Acknowledge, by="m.silva"))
        async with asyncio.timeout(WITHIN_SECONDS):
            while not await has_failed_task(client, complaint.reference):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        switched.is_away = False
        assert (await update).code == "done"
        events = [event.kind for event in (await complaint.check_agreement()).events]
    assert events.index("reassign") < events.index("acknowledge")
    assert "refused" not in events


async def has_failed_task(client: Client, reference: str) -> bool:
    events = (await client.get_workflow_handle(reference).fetch_history()).events
    return any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in events)
