"""Restart replicas one at a time, as a Deployment of Kubernetes does."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chaos.environment import Environment
from chaos.rolling.service_proxy import ServiceProxy
from local.supervisor.processes import Process
from local.supervisor.roles import Role

PRE_STOP_SECONDS = 2.0
"""From the beginning of a stop until SIGTERM, for processes behind a service: longer than the lag of its removal."""
GRACE_SECONDS = 60.0
"""From SIGTERM until SIGKILL."""


@dataclass(frozen=True)
class NewReplica:
    """A replica to be started. `port`: 0 where it has none of its own."""

    role: Role
    port: int = 0


@dataclass(frozen=True)
class Replica:
    process: Process
    port: int


@dataclass
class Deployment:
    """Replicas behind a service, or without one."""

    environment: Environment
    new_replica: Callable[[int], NewReplica]
    """Describes another replica, in place of that number."""
    service: ServiceProxy | None = None
    replicas: dict[int, Replica] = field(default_factory=dict)
    """By number, from 0."""
    stop_seconds: list[float] = field(default_factory=list)
    """What each needed from SIGTERM to its end."""

    async def restart_all(self) -> None:
        """Restart one after the other. The new replica is ready before the old one is stopped."""
        for number, old in list(self.replicas.items()):
            await self._start(number)
            await self._stop(old)

    async def kill_one(self) -> None:
        """Kill a replica with SIGKILL, then start another one."""
        number, killed = next(iter(self.replicas.items()))
        await asyncio.to_thread(killed.process.stop, signal.SIGKILL, GRACE_SECONDS)
        if self.service:
            self.service.remove(killed.port)
        await self._start(number)

    async def kill_all(self) -> None:
        for replica in self.replicas.values():
            await asyncio.to_thread(replica.process.stop, signal.SIGKILL, GRACE_SECONDS)

    def add(self, number: int, new: NewReplica) -> None:
        """Count a started replica in, and let its service know."""
        process = self.environment.process(new.role.name)
        assert process
        self.replicas[number] = Replica(process, new.port)
        if self.service:
            self.service.add(new.port, process.alive)

    async def _start(self, number: int) -> None:
        new = self.new_replica(number)
        await self.environment.start(new.role)
        self.add(number, new)

    async def _stop(self, old: Replica) -> None:
        if self.service:
            self.service.remove(old.port)
            await asyncio.sleep(PRE_STOP_SECONDS)
        begun = asyncio.get_running_loop().time()
        await asyncio.to_thread(old.process.stop, signal.SIGTERM, GRACE_SECONDS)
        self.stop_seconds.append(asyncio.get_running_loop().time() - begun)


async def start_all(environment: Environment, deployments: Sequence[tuple[Deployment, int]]) -> None:
    """Start the first replicas of all deployments at once; each with its number of replicas."""
    new = [
        (deployment, number, deployment.new_replica(number))
        for deployment, replicas in deployments
        for number in range(replicas)
    ]
    await asyncio.to_thread(environment.stack.start, [each.role for _, _, each in new])
    for deployment, number, each in new:
        deployment.add(number, each)
