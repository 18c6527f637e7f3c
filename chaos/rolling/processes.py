"""Describe the processes: workers, intake services and codec servers."""

import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from chaos.environment import Environment
from chaos.rolling.deployments import Deployment, NewReplica
from chaos.rolling.service_proxy import ServiceProxy
from local.servers.channels import channels
from local.servers.codec import codec
from local.servers.intake import intake
from local.servers.sign_in import sign_in_settings
from local.sign_in.issuer import Issuer
from local.supervisor.ports import free_port
from tests.channels.smtp_server import SmtpServer

COMPLAINTS, DELIVERIES = "complaints,operations", "deliveries"
"""What workers serve."""
PAGE_PORT = 8233
"""Of Temporal's page, which nobody opens here."""


@dataclass(frozen=True)
class Deployments:
    workers: Deployment
    services: Deployment
    codecs: Deployment
    intake: ServiceProxy
    """In front of the services."""
    codec: ServiceProxy

    @property
    def all(self) -> dict[str, Deployment]:
        return {"worker": self.workers, "intake service": self.services, "codec server": self.codecs}


@asynccontextmanager
async def make_deployments(
    environment: Environment, mail: SmtpServer, issuer: Issuer, *, workers: int, drain_seconds: int
) -> AsyncIterator[Deployments]:
    """Describe the processes, and run the proxies in front of them.

    `workers`: their number, of which the last one serves deliveries only, and the others the rest. `drain_seconds`: as
    COMPLAINTS_DRAIN_SECONDS.
    """
    directory, numbers = environment.stack.directory, itertools.count(1)
    url = environment.engine.url.render_as_string(hide_password=False)
    draining = {"COMPLAINTS_DRAIN_SECONDS": str(drain_seconds)}
    sign_in = {**sign_in_settings(urlsplit(issuer.url).port or 0), **draining}
    sending = channels(mail.url, directory / "post", directory / "mail")

    def new_worker(number: int) -> NewReplica:
        serves = DELIVERIES if number == workers - 1 else COMPLAINTS
        return NewReplica(environment.worker_role({**sending, "COMPLAINTS_SERVES": serves}))

    def new_service(_: int) -> NewReplica:
        port = free_port()
        role = intake(
            directory,
            port=port,
            temporal_address=environment.address,
            database_url=url,
            keys=environment.keys,
            sign_in=sign_in,
        )
        command = [sys.executable, "-m", "starter"]
        return NewReplica(replace(role, name=f"intake-{next(numbers)}", command=command), port)

    def new_codec(_: int) -> NewReplica:
        port = free_port()
        role = codec(port=port, page_port=PAGE_PORT, database_url=url, keys=environment.keys, sign_in=sign_in)
        command = [sys.executable, "-m", "codec"]
        return NewReplica(replace(role, name=f"codec-{next(numbers)}", command=command), port)

    async with ServiceProxy.running() as to_intake, ServiceProxy.running() as to_codec:
        yield Deployments(
            Deployment(environment, new_worker),
            Deployment(environment, new_service, to_intake),
            Deployment(environment, new_codec, to_codec),
            to_intake,
            to_codec,
        )
