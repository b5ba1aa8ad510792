"""Stand-in for the command provider 1.2.1: remote.Command, remote.CopyToRemote, local.Command.

Left out: ``CopyFile`` (deprecated), ``local.run``, and the assets and archives of ``local.Command``.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from lab.providers.command_schema import SHAPES, checked
from lab.providers.diff import Difference, compare
from lab.providers.server import Call, Failure, Provider, ProviderError, merged
from lab.providers.values import UNKNOWN, Properties, PropertyValue, Secret, has_secret, has_unknown, plain, same

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection

COPY, LOCAL, REMOTE = "command:remote:CopyToRemote", "command:local:Command", "command:remote:Command"


def _outputs(token: str, call: Call, stdout: PropertyValue, stderr: PropertyValue) -> Properties:
    """Return the inputs, as secret as they came, and what the command printed.

    That is secret where ``create`` or ``update`` is: the real plugin wires these, and no other inputs, to it.
    """
    if token == COPY:
        return call.inputs
    printed: Properties = {"stdout": stdout, "stderr": stderr}
    if any(has_secret(call.inputs.get(name)) for name in ("create", "update")):
        printed = {name: Secret(value) for name, value in printed.items()}
    return merged(call.inputs, printed)


class CommandProvider(Provider):
    """Commands over SSH and on this machine."""

    name, version = "command", "1.2.1"

    def __init__(self) -> None:
        # The real plugin never closes a command's connection: each lasts as long as the process.
        self._connections: list[SSHClientConnection] = []

    async def check(self, call: Call) -> tuple[Properties, list[Failure]]:
        """Refuse what the real plugin does not know, and fill in its defaults."""
        if call.type not in SHAPES:
            raise ProviderError(f"Check {call.type} is not implemented by this stand-in")
        return checked(call.type, call.inputs)

    async def diff(self, call: Call) -> Difference:
        """Compare inputs with inputs: any change is an update, changed triggers are a replacement.

        Of the triggers the real one only knows the property as a whole; that a changed element is a replacement too
        comes from the SDK's ``replace_on_changes``.
        """
        return compare(call.old_inputs, call.inputs, lambda path: path == "triggers")

    async def create(self, call: Call) -> tuple[str, Properties]:
        """Run ``create``, or copy."""
        token = call.type
        digits = secrets.token_hex(4)
        if call.preview:
            return "" if token == COPY else call.name + digits, _outputs(token, call, UNKNOWN, UNKNOWN)
        if token == COPY:
            await self._copy(call)
            return digits, call.inputs
        stdout, stderr = await self._run(call, token, plain(call.inputs), "create", ("", ""))
        return call.name + digits, _outputs(token, call, stdout, stderr)

    async def update(self, call: Call) -> Properties:
        """Run ``update``, or where there is none ``create`` again; copy again only what changed."""
        token, inputs, state = call.type, plain(call.inputs), plain(call.state)
        before = (state.get("stdout") or "", state.get("stderr") or "")
        if call.preview:
            changed = any(
                has_unknown(call.inputs.get(key)) or (old is not None and not same(old, call.inputs.get(key)))
                for key, old in call.state.items()
                if key not in ("stdout", "stderr")
            ) or any(has_unknown(value) for value in call.inputs.values())
            return _outputs(token, call, *((UNKNOWN, UNKNOWN) if changed else before))
        if token == COPY:
            old, new = state.get("source") or {}, inputs["source"]
            if old.get("hash") != new.get("hash") or state.get("remotePath") != inputs["remotePath"]:
                await self._copy(call)
            return call.inputs
        which = "update" if inputs.get("update") is not None else "create"
        return _outputs(token, call, *await self._run(call, token, inputs, which, before))

    async def delete(self, call: Call) -> None:
        """Run ``delete`` with what the last update left: its connection, its stdin. Copied files stay."""
        if call.type == COPY:
            return
        state = plain(call.state)
        await self._run(call, call.type, state, "delete", (state.get("stdout") or "", state.get("stderr") or ""))

    async def _copy(self, call: Call) -> None:
        from lab.providers import sftp, ssh  # noqa: PLC0415 - a preview never needs SSH

        inputs = plain(call.inputs)
        connection = await ssh.dial(call.context, inputs["connection"])
        try:
            await sftp.copy(connection, inputs["source"], inputs["remotePath"])
        finally:
            connection.close()

    async def _run(
        self, call: Call, token: str, properties: Properties, which: str, before: tuple[str, str]
    ) -> tuple[str, str]:
        """Return what the command prints; without a command nothing runs and nothing is dialled."""
        command = properties.get(which)
        if command is None:
            return before
        logging = properties.get("logging")
        logged = (logging in (None, "stdout", "stdoutAndStderr"), logging in (None, "stderr", "stdoutAndStderr"))
        environment = {name: str(value) for name, value in (properties.get("environment") or {}).items()}
        previous: dict[str, str] = {}
        if properties.get("addPreviousOutputInEnv", True):
            named = {"PULUMI_COMMAND_STDOUT": before[0], "PULUMI_COMMAND_STDERR": before[1]}
            previous = {name: value for name, value in named.items() if value}
        if token == LOCAL:
            from lab.providers import local_run  # noqa: PLC0415

            return await local_run.run(call.context, command, properties, environment | previous, logged)
        from lab.providers import remote_run, ssh  # noqa: PLC0415

        connection = await ssh.dial(call.context, properties["connection"])
        self._connections.append(connection)
        return await remote_run.run(
            call.context,
            connection,
            command=command,
            stdin=properties.get("stdin") or "",
            environment=environment,
            optional_environment=previous,
            logged=logged,
        )
