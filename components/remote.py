"""The only place that runs a remote command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi
from pulumi_command import remote

from components.departure import leaving_alone
from components.machine import Machine
from components.retry import when_cut
from plan.bundle import PROJECT, revision
from plan.shells import SHELLS, command_line, standard_input
from plan.step import Parameter, Step


class Host(pulumi.ComponentResource):
    """A machine with the project's scripts on it. When it goes, so does everything that stood in their folder."""

    def __init__(self, machine: Machine, opts: pulumi.ResourceOptions | None = None) -> None:
        left_alone = pulumi.ResourceOptions.merge(leaving_alone(machine.gone), opts)
        super().__init__("casement:machine:Host", machine.name, None, left_alone)
        self.machine = machine
        self.connection = _ready_made(machine.connection)
        """How the machine is dialled, made once for all commands on it."""
        shell = SHELLS[machine.os]
        sudo = "" if machine.as_root or machine.os == "windows" else "sudo -n "
        workspace = remote.Command(
            f"{machine.name}-workspace",
            connection=machine.first_connection,
            create=shell.make_upload,
            delete=f"{sudo}{shell.remove_upload}",
            logging=remote.Logging.NONE,
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(machine.ready), hooks=when_cut(), deleted_with=machine.lives_with
            ),
        )
        # Copying has no undo: taking the copy out of the state asks nobody, so that of a gone machine it is left out.
        self.scripts: pulumi.Resource = workspace if machine.gone else self._copy(workspace)
        self.register_outputs({})

    def _copy(self, workspace: pulumi.Resource) -> pulumi.Resource:
        shell = SHELLS[self.machine.os]
        copied: pulumi.Resource = remote.CopyToRemote(
            f"{self.machine.name}-scripts",
            connection=self.connection,
            # Without a slash at its end the folder is copied into the remote one, whether it is there or not.
            source=pulumi.FileArchive(_within_reach(PROJECT / shell.scripts)),
            remote_path=shell.upload,
            # Else the same scripts would not be copied to another machine of this name.
            triggers=[self.machine.connection.host_key],
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[workspace], hooks=when_cut(), deleted_with=self.machine.lives_with
            ),
        )
        return copied


class RemoteSteps:
    """Steps on one machine, one after the other; each is named ``NODE-STEP`` for the node it serves.

    No resource of its own: a component for each of a node's sixteen rows of steps was a third of all resources.
    """

    def __init__(
        self,
        host: Host,
        steps: Sequence[Step],
        *,
        values: Mapping[str, pulumi.Output[str]] | None = None,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
        node: Machine | str | None = None,
        before_change: Mapping[str, pulumi.ResourceHook] = MappingProxyType({}),
    ) -> None:
        """Run the steps on the host.

        Args:
            host: the machine the steps run on.
            steps: what to run, in order.
            values: values of the steps' late parameters; one that is a secret makes the whole input one.
            after: what the first step waits for, besides the host itself.
            opts: resource options of each step, with the component that it belongs to as the parent.
            node: the machine of the node that the steps serve, where they do not run on it; or what else they serve.
            before_change: what may refuse, in a preview already, that the step of this name is given something else.
        """
        self.outputs: dict[str, pulumi.Output[str]] = {}
        """What each step printed on its standard output, by the step's name."""
        self._opts = opts
        self._before_change = before_change
        served = node if isinstance(node, Machine) else host.machine
        self._served = served
        self.done: list[pulumi.Resource] = [host.scripts, *after]
        """What to wait for, to wait for all steps."""
        prefix = node if isinstance(node, str) else served.name
        for step in steps:
            command = self._command(f"{prefix}-{step.name}", host, step, values or {})
            self.outputs[step.name] = command.stdout
            self.done = [command]

    def _command(self, name: str, host: Host, step: Step, values: Mapping[str, pulumi.Output[str]]) -> remote.Command:
        machine = host.machine
        digits = revision(step, machine.os)
        undo = command_line(step, machine.os, step.undo, digits, machine.as_root) if step.undo else None
        line = command_line(step, machine.os, step.script, digits, machine.as_root)
        # Only a secret command's output is a secret to the plugin; any other one is in the engine's verbose log.
        run = pulumi.Output.secret(line) if step.secret_output else line
        own = pulumi.ResourceOptions(
            depends_on=self.done,
            hooks=self._hooks(step),
            deleted_with=machine.lives_with,
            additional_secret_outputs=["stdout"] if step.secret_output else None,
        )
        return remote.Command(
            name,
            connection=host.connection,
            # Without create the plugin does nothing, and dials nobody; without update a change runs create again.
            create=None if step.only_on_change else run,
            update=run if step.only_on_change else None,
            delete=undo,
            stdin=_stdin(step, machine, values),
            triggers=self._triggers(step, machine),
            # Progress is on stderr; what stands on stdout may be a secret, and pulumi-command would print it.
            logging=remote.Logging.STDERR,
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions.merge(self._opts, own),
        )

    def _triggers(self, step: Step, machine: Machine) -> list[pulumi.Output[str]] | None:
        """Return what a step starts from the beginning with, where the machine it serves is made anew.

        None for what has an undo on that machine, which may not answer any more; there the new host key, a change of
        the connection, runs the step again.
        """
        if self._served.identity is None or (step.undo and self._served is machine):
            return None
        return [self._served.identity]

    def _hooks(self, step: Step) -> pulumi.ResourceHookBinding:
        gate = self._before_change.get(step.name)
        return pulumi.ResourceHookBinding.merge(
            when_cut(), pulumi.ResourceHookBinding(before_update=[gate] if gate else None)
        )


def _ready_made(connection: remote.ConnectionArgs) -> pulumi.Output[Any]:
    """Return a connection for any number of resources, each of which would else make an Output of each part of it.

    Pulumi takes apart what is an args class or a dict, and not any other mapping, which it sends in the same way.
    """
    return pulumi.Output.from_input(connection).apply(lambda parts: MappingProxyType(vars(parts)))


def _within_reach(folder: Path) -> str:
    """Return the name of a folder for the engine: a relative one where it can be, the same in every checkout."""
    here = Path.cwd()
    return str(folder.relative_to(here) if folder.is_relative_to(here) else folder)


def _stdin(step: Step, machine: Machine, values: Mapping[str, pulumi.Output[str]]) -> pulumi.Input[str]:
    if not step.late_parameters:
        return standard_input(step.parameters, machine.os)
    known: Mapping[str, Parameter] = step.parameters
    late = pulumi.Output.all(**{name: values[name] for name in step.late_parameters})
    return late.apply(lambda given: standard_input({**known, **given}, machine.os))
