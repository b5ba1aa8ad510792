"""Runs one command on this machine: what the project needs of ``local.Command``, without assets and archives."""

from __future__ import annotations

import asyncio
import os

from lab.providers.go_text import quoted
from lab.providers.remote_run import LogPipe
from lab.providers.server import Context, ProviderError
from lab.providers.values import Properties


async def run(
    context: Context,
    command: str,
    options: Properties,
    environment: dict[str, str],
    logged: tuple[bool, bool],
) -> tuple[str, str]:
    """Return stdout and stderr, each without one newline at its end. Raises ProviderError. Cancel ends the command."""
    arguments = [*(options.get("interpreter") or ["/bin/sh", "-c"]), command]
    pipe, collected = LogPipe(context), {True: b"", False: b""}
    both: list[bytes] = []

    async def collect(stream: asyncio.StreamReader, is_out: bool) -> None:
        while data := await stream.read(64 * 1024):
            collected[is_out] += data
            both.append(data)
            if logged[0 if is_out else 1]:
                pipe.write(data)

    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=options.get("dir"),
        env=os.environ | environment,
        stdin=asyncio.subprocess.PIPE if options.get("stdin") else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018
    if process.stdin is not None:
        process.stdin.write(options["stdin"].encode())
        process.stdin.close()
    work = asyncio.gather(collect(process.stdout, True), collect(process.stderr, False), process.wait())

    async def end_when_cancelled() -> None:
        await context.cancelled.wait()
        process.kill()

    ending = asyncio.create_task(end_when_cancelled())
    await work
    ending.cancel()
    await pipe.close()
    if process.returncode:
        status = "signal: killed" if process.returncode < 0 else f"exit status {process.returncode}"
        shown = b"".join(both).decode(errors="replace")
        raise ProviderError(f"{status}: running {quoted(command)}:\n{shown}")
    out, err = (collected[is_out].decode(errors="replace").removesuffix("\n") for is_out in (True, False))
    return out, err
