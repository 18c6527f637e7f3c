"""Run Temporal's CLI, as an operator would."""

import asyncio
import sysconfig
from pathlib import Path

TEMPORAL = Path(sysconfig.get_path("scripts")) / "temporal"


async def temporal_command(address: str, *arguments: str) -> int:
    """Run a command of Temporal's CLI; return its exit code."""
    process = await asyncio.create_subprocess_exec(
        *(str(TEMPORAL), *arguments, "--address", address),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()
