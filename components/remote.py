"""The only place that runs a remote command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_command import remote

from components.machine import Machine
from components.retry import when_cut
from plan.bundle import revision
from plan.shells import SHELLS, command_line, standard_input
from plan.step import Parameter, Step


class Host(pulumi.ComponentResource):
    """A machine with the project's scripts on it. When it goes, so does everything that stood in their folder."""

    def __init__(self, machine: Machine, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("casement:machine:Host", machine.name, None, opts)
        self.machine = machine
        shell = SHELLS[machine.os]
        sudo = "" if machine.as_root or machine.os == "windows" else "sudo -n "
        workspace = remote.Command(
            f"{machine.name}-workspace",
            connection=machine.first_connection,
            create=shell.make_upload,
            delete=f"{sudo}{shell.remove_upload}",
            logging=remote.Logging.NONE,
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(machine.ready), hooks=when_cut()),
        )
        self.scripts = remote.CopyToRemote(
            f"{machine.name}-scripts",
            connection=machine.connection,
            # Without a slash at its end the folder is copied into the remote one, whether it is there or not.
            source=pulumi.FileArchive(shell.scripts),
            remote_path=shell.upload,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[workspace], hooks=when_cut()),
        )
        self.register_outputs({})


class RemoteSteps(pulumi.ComponentResource):
    """Steps on one machine, one after the other; each is named ``NODE-STEP`` for the node it serves."""

    def __init__(
        self,
        name: str,
        host: Host,
        steps: Sequence[Step],
        *,
        secrets: Mapping[str, pulumi.Output[str]] | None = None,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
        node: str | None = None,
    ) -> None:
        """Run the steps on the host.

        Args:
            name: name of the group, unique in the stack.
            host: the machine the steps run on.
            steps: what to run, in order.
            secrets: values of the steps' secret parameters.
            after: what the first step waits for, besides the host itself.
            opts: resource options of the group.
            node: the node the steps serve, where it is not the machine they run on.
        """
        super().__init__("casement:machine:RemoteSteps", name, None, opts)
        self.outputs: dict[str, pulumi.Output[str]] = {}
        """What each step printed on its standard output, by the step's name."""
        self.done: list[pulumi.Resource] = [host.scripts, *after]
        """What to wait for, to wait for all steps."""
        for step in steps:
            command = self._command(f"{node or host.machine.name}-{step.name}", host.machine, step, secrets or {})
            self.outputs[step.name] = command.stdout
            self.done = [command]
        self.register_outputs({})

    def _command(
        self, name: str, machine: Machine, step: Step, secrets: Mapping[str, pulumi.Output[str]]
    ) -> remote.Command:
        digits = revision(step, machine.os)
        undo = command_line(step, machine.os, step.undo, digits, machine.as_root) if step.undo else None
        create = command_line(step, machine.os, step.script, digits, machine.as_root)
        return remote.Command(
            name,
            connection=machine.connection,
            # Only a secret command's output is a secret to the plugin; any other one is in the engine's verbose log.
            create=pulumi.Output.secret(create) if step.secret_output else create,
            delete=undo,
            stdin=_stdin(step, machine, secrets),
            # Progress is on stderr; what stands on stdout may be a secret, and pulumi-command would print it.
            logging=remote.Logging.STDERR,
            add_previous_output_in_env=False,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=self.done,
                hooks=when_cut(),
                additional_secret_outputs=["stdout"] if step.secret_output else None,
            ),
        )


def _stdin(step: Step, machine: Machine, secrets: Mapping[str, pulumi.Output[str]]) -> pulumi.Input[str]:
    if not step.secret_parameters:
        return standard_input(step.parameters, machine.os)
    known: Mapping[str, Parameter] = step.parameters
    values = pulumi.Output.all(**{name: secrets[name] for name in step.secret_parameters})
    return pulumi.Output.secret(values.apply(lambda given: standard_input({**known, **given}, machine.os)))
