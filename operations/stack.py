"""A stack as its file describes it, read without running the program.

The file alone is enough as long as nothing in it is encrypted: no Pulumi, no login, no passphrase is needed then. Where
something is (`pulumi config set --secret`), Pulumi is asked for the values, since it alone has the key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from config.parse import Configuration, parse
from config.settings import LinuxNode, WindowsNode
from config.stackfile import has_encrypted_values, read_stack_file
from operations.engine import PulumiStack
from operations.problem import OperationError

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
Node = LinuxNode | WindowsNode


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of this project."""

    name: str
    project: str
    """The project's name, which stands before every key in the file."""
    file: Path
    configuration: Configuration
    pulumi: PulumiStack

    def nodes(self, names: Iterable[str] = ()) -> tuple[Node, ...]:
        """Return the nodes of these names, in the file's order; where none is named, all whose machines are there.

        Raises OperationError for a name that the file does not have.
        """
        every = self.configuration.settings.nodes
        wanted = set(names)
        unknown = sorted(wanted - {node.name for node in every})
        if unknown:
            known = ", ".join(node.name for node in every)
            raise OperationError(
                f"{self.file.name} has no node named {', '.join(unknown)}", remedy=f"name one of {known}"
            )
        return tuple(node for node in every if (node.name in wanted if wanted else not node.gone))


def open_stack(name: str, folder: Path = PROJECT_FOLDER) -> Stack:
    """Read a stack's file and check it as the program does.

    Raises OperationError if there is no such stack, ConfigurationError with everything that is wrong in its file.
    """
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    # A stack may be named as ORGANIZATION/PROJECT/STACK; its file has the last part.
    file = folder / project.get("stackConfigDir", ".") / f"Pulumi.{name.rpartition('/')[2]}.yaml"
    pulumi = PulumiStack(name, folder)
    try:
        values = read_stack_file(file, project["name"])
        encrypted = has_encrypted_values(file)
    except (OSError, ValueError) as error:
        stacks = sorted(path.name.split(".")[1] for path in file.parent.glob("Pulumi.*.yaml"))
        raise OperationError(
            f"the file of stack {name} cannot be read: {error}", remedy=f"name one of {', '.join(stacks)}"
        ) from None
    if encrypted:
        prefix = f"{project['name']}:"
        known = pulumi.configuration().items()
        values |= {name.removeprefix(prefix): value for name, value in known if name.startswith(prefix)}
    return Stack(name, project["name"], file, parse(values, folder), pulumi)
