"""Post many forms at once while the worker restarts: each opens one complaint, once.

`make many` posts a thousand, and kills the worker too.
"""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from load.many import count_recorded, forms, post_all
from tests.starter.api.service import add_system, serving
from worker.composition import make_worker

NUMBER = 30
TASK_QUEUE = "many"


async def test_forms_posted_while_the_worker_restarts_each_open_one_complaint(
    client: Client, engine: AsyncEngine
) -> None:
    posted_forms, key = forms(NUMBER), await add_system(engine, "many")
    async with serving(client, engine, key, intake_rate=1_000, task_queue=TASK_QUEUE) as service:
        async with make_worker(client, engine, TASK_QUEUE):
            posting = asyncio.create_task(post_all(service.url, str(key), posted_forms))
            await count_recorded(engine, 1)
        async with make_worker(client, engine, TASK_QUEUE):
            assert (await posting).total() == NUMBER
            assert await count_recorded(engine, NUMBER) == NUMBER
            assert await post_all(service.url, str(key), posted_forms) == {200: NUMBER}
            assert await count_recorded(engine, NUMBER) == NUMBER
