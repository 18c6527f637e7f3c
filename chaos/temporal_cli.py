"""Temporal's own command, as an operator would type it."""

import asyncio
import sysconfig
from pathlib import Path

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"


async def temporal_command(address: str, *arguments: str) -> int:
    """Its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(str(TEMPORAL), *arguments, "--address", address),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()
