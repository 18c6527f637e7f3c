"""Many callers at once while the worker is restarted: as many complaints as forms, and none when they come again.

`make many` does it with a thousand, and kills the worker too.
"""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from load.many import count_recorded, forms, post_all
from tests.starter.api.service import add_system, serving
from worker.composition import make_worker

NUMBER = 30
OF_ITS_OWN = "many"


async def test_what_many_post_while_the_worker_restarts_is_there_once(client: Client, engine: AsyncEngine) -> None:
    given, key = forms(NUMBER), await add_system(engine, "many")
    async with serving(client, engine, key, intake_rate=1_000, task_queue=OF_ITS_OWN) as service:
        async with make_worker(client, engine, OF_ITS_OWN):
            posting = asyncio.create_task(post_all(service.url, str(key), given))
            await count_recorded(engine, 1)
        async with make_worker(client, engine, OF_ITS_OWN):
            assert (await posting).total() == NUMBER
            assert await count_recorded(engine, NUMBER) == NUMBER
            assert await post_all(service.url, str(key), given) == {200: NUMBER}
            assert await count_recorded(engine, NUMBER) == NUMBER
