"""What is built together from one Go module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Unit:
    """Programs that share one go.mod, and so one set of compiled packages."""

    name: str
    requires: Mapping[str, str]
    """Module path to version; the first is the one whose packages are built."""
    programs: Mapping[str, str]
    """Name of the finished program to the package it is built from."""
    ldflags: str = ""
    tags: str = ""
    os: str = "linux"
    static_c: bool = False
    """Whether the program holds C and is linked statically."""
    replaces: Mapping[str, str] = field(default_factory=dict)
    staging: str = ""
    """Version given to the modules that k8s.io/kubernetes keeps in its own staging folder; empty for others."""
    patched: bool = False
    """Whether the first module is built from a copy in which Wine's lack of AF_UNIX is worked around."""
