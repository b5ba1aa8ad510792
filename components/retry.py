"""What happens to a step whose connection was cut: it is run again, because every step can be."""

from __future__ import annotations

import asyncio
import re
from functools import cache

import pulumi

# Texts of golang.org/x/crypto/ssh and of the operating system under pulumi-command, when a session ends without an
# answer from the script. A script that ends by itself always has an exit status, and is not run again.
_CUT = re.compile(
    r"exited without exit status|connection reset by peer|broken pipe|unexpected packet|ssh: disconnect|"
    r"failed to create session|use of closed network connection|\bEOF\b|connection lost|i/o timeout"
)
_MOST_RETRIES = 12
_SECONDS_BETWEEN = 5


def connection_was_cut(error: str) -> bool:
    """Tell whether an error of a remote command means a lost connection, and not an answer of the script."""
    return bool(_CUT.search(error.split("running ", 1)[0]))


async def _run_again(args: pulumi.ErrorHookArgs) -> bool:
    if len(args.errors) > _MOST_RETRIES or not connection_was_cut(args.errors[0]):
        return False
    pulumi.log.info(f"{args.name}: the connection was cut, as a restart or a new network does; trying again")
    await asyncio.sleep(_SECONDS_BETWEEN)
    return True


@cache
def when_cut() -> pulumi.ResourceHookBinding:
    """Return the hooks that run a step again when its connection was cut, a dozen times at most."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("connection-was-cut", _run_again)])
