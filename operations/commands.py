"""Every command there is."""

from __future__ import annotations

from operations import drift, logs, smoke, trace
from operations.command import Command

COMMANDS: tuple[Command, ...] = (drift.COMMAND, logs.COMMAND, smoke.COMMAND, trace.COMMAND)
