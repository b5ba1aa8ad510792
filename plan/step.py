"""A step: one script that makes one thing true on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Parameter = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One script to run on a machine, by the name of what it makes true.

    The script looks, changes what is not so, and proves the name before it ends; running it again changes nothing.
    """

    name: str
    """What is true afterwards, for example ``containerd-running``; unique among the steps of a machine."""
    script: str
    """File name in ``scripts/linux`` or ``scripts/windows``."""
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))
    late_parameters: tuple[str, ...] = ()
    """Names of parameters whose values are known only at run time, because another step prints them."""
    undo: str | None = None
    """File name of the script that takes back what this one did, given the same parameters."""
    secret_output: bool = False
    """Whether what the script prints on stdout is a secret."""
    only_on_change: bool = False
    """Whether it runs only when what it is given has changed: nothing runs, and nobody is asked, when it is new."""
    time_limit: int = 900
    """Seconds after which the remote process is ended and the step has failed."""
