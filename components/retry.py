"""What happens to a resource that fails: what was only not reached is tried again, all else explained if it can be."""

from __future__ import annotations

import asyncio
import re
from functools import cache

import pulumi

from plan.failures import explain

# Texts of golang.org/x/crypto/ssh and of the operating system under pulumi-command, when a session ends without an
# answer from the script, or the machine ends it while it goes down. A script that ends by itself has no signal.
_CUT = re.compile(
    r"exited without exit status|connection reset by peer|broken pipe|unexpected packet|ssh: disconnect|"
    r"failed to create session|use of closed network connection|\bEOF\b|connection lost|i/o timeout|"
    r"read: connection timed out|read: no route to host|from signal (TERM|KILL)"
)
# pulumi-command has tried for minutes by then: the machine is off, and stays off.
_GAVE_UP = re.compile(r"after \d+ failed attempts")
# Texts of pulumi-kubernetes, client-go and net/http, when nobody answers at the API server's address, or the control
# plane is about to be there again. An answer of the API server (forbidden, invalid, conflict) is none of them.
_API_AWAY = re.compile(
    r"connection refused|connection reset by peer|i/o timeout|TLS handshake timeout|\bEOF\b|"
    r"no route to host|client connection lost|context deadline exceeded|etcdserver: |apiserver not ready|"
    r"unable to handle the request|unable to return a response|Service ?Unavailable"
)
# What the provider found when it was started, and says for the rest of the run: only another run looks again.
_AWAY_FOR_THIS_RUN = re.compile(r"configured Kubernetes cluster is unreachable")
_MOST_RETRIES = 12
_SECONDS_BETWEEN = 5


def connection_was_cut(error: str) -> bool:
    """Tell whether an error of a remote command means a lost connection, and not an answer of the script."""
    told = error.split("running ", 1)[0]
    return bool(_CUT.search(told)) and not _GAVE_UP.search(told)


def api_was_away(error: str) -> bool:
    """Tell whether an error of a Kubernetes resource means that the API server did not answer."""
    return bool(_API_AWAY.search(error)) and not _AWAY_FOR_THIS_RUN.search(error)


def _explain(args: pulumi.ErrorHookArgs) -> None:
    known = explain(args.errors[0])
    if known:
        # Beside the engine's own error, which shows what the step has printed.
        pulumi.log.error(f"{args.name} failed. Likely cause: {known.cause}. Next: {known.remedy}.")


async def _answer(args: pulumi.ErrorHookArgs) -> bool:
    if len(args.errors) > _MOST_RETRIES or not connection_was_cut(args.errors[0]):
        _explain(args)
        return False
    pulumi.log.info(f"{args.name}: the connection was cut, as a restart or a new network does; trying again")
    await asyncio.sleep(_SECONDS_BETWEEN)
    return True


async def _ask_again(args: pulumi.ErrorHookArgs) -> bool:
    if len(args.errors) > _MOST_RETRIES or not api_was_away(args.errors[0]):
        _explain(args)
        return False
    pulumi.log.info(f"{args.name}: the API server does not answer; trying again")
    await asyncio.sleep(_SECONDS_BETWEEN)
    return True


@cache
def when_cut() -> pulumi.ResourceHookBinding:
    """Return the hooks that run a step again when its connection was cut, a dozen times at most, or explain it."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("connection-was-cut", _answer)])


async def _tell(args: pulumi.ErrorHookArgs) -> bool:
    _explain(args)
    return False


@cache
def when_refused() -> pulumi.ResourceHookBinding:
    """Return the hooks that explain what a cloud answers when it does not do what it was asked for."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("cloud-refused", _tell)])


@cache
def when_api_is_away() -> pulumi.ResourceHookBinding:
    """Return the hooks that try a Kubernetes resource again while the API server is away, for about a minute."""
    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook("api-was-away", _ask_again)])
