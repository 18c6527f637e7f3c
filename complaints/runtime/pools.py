"""The connection pools of this process, by name, for its metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine

_POOLS: dict[str, AsyncEngine] = {}


@contextmanager
def named_pool(name: str, engine: AsyncEngine) -> Iterator[None]:
    """List the engine's pool under a name for the length of a `with` block."""
    _POOLS[name] = engine
    try:
        yield
    finally:
        _POOLS.pop(name, None)


def open_pools() -> Iterator[tuple[str, QueuePool]]:
    """Yield each pool that limits its connections, with its name."""
    for name, engine in _POOLS.items():
        if isinstance(engine.pool, QueuePool):
            yield name, engine.pool
