"""The end of the program, where Pulumi begins to ask the engine for what the program has named."""

from __future__ import annotations

import asyncio


async def all_begun() -> None:
    """Let the requests for all resources begin, for ``pulumi.run``.

    Pulumi waits for requests that have begun first, which is quick. Where none has begun yet, as at the end of a
    program that never waits, it looks again at every value that is still to come after each one that has come: with a
    thousand resources more than half of the time of a preview (``wait_for_rpcs`` in pulumi/runtime/stack.py).
    """
    await asyncio.sleep(0)
