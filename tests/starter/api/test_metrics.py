"""The intake service's metrics: requests by route and system, and refusals by limits."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from complaints.metrics.endpoint import make_runtime
from complaints.settings import Address
from local.supervisor.ports import LOOPBACK, free_port
from tests.fixtures.metrics_endpoint import MetricsEndpoint
from tests.starter.api.service import add_system, serving

READ, ACT = "/complaints/{reference}", "/complaints/{reference}/acts/resolve"


async def test_each_request_is_counted_by_its_route_and_system(
    client: Client, engine: AsyncEngine, worker: Worker
) -> None:
    address = Address(LOOPBACK, free_port())
    runtime, figures = make_runtime(address), MetricsEndpoint(address)
    key = await add_system(engine, "measured")
    async with (
        serving(client, engine, key, meter=runtime.metric_meter, intake_rate=1) as service,
        service.client() as caller,
    ):
        assert (await caller.get("/complaints/NOBODY-KNOWS")).status_code == 404
        assert (await caller.post("/complaints/NOBODY-KNOWS/acts/resolve", content=b"{}")).status_code == 415
        assert (await caller.get("/complaints/NOBODY-KNOWS")).status_code == 429
        assert (await caller.get("/no/such/path")).status_code == 404
        no_key = {"Authorization": "Bearer none"}
        assert (await caller.get("/complaints/NOBODY-KNOWS", headers=no_key)).status_code == 401
        requests = await figures.of("complaints_intake_requests_total", "method", "route", "status", "system")
        assert requests == {
            ("GET", READ, "404", "measured"): 1,
            ("POST", ACT, "415", "measured"): 1,
            ("GET", READ, "429", "measured"): 1,
            ("", "unknown", "404", ""): 1,
            ("GET", READ, "401", ""): 1,
        }
        within_a_second = await figures.of("complaints_intake_request_seconds_bucket", "route", "class", "le")
        assert within_a_second[ACT, "4xx", "1"] == 1
        limits = await figures.of("complaints_intake_refused_by_limit_total", "limit")
        assert limits == {("rate",): 1, ("at_once",): 0, ("service",): 0}
