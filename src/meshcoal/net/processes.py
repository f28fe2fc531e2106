"""Waiting for a process that was told to end, and ending it where it does not."""

from __future__ import annotations

import asyncio
import contextlib


async def ended(process: asyncio.subprocess.Process, within_s: float) -> None:
    """Wait until it has ended by itself; after `within_s` seconds it is killed."""
    try:
        async with asyncio.timeout(within_s):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
