"""The steps that gather logs on a node. They only look: whatever they write goes with the folder they are in."""

from __future__ import annotations

from config.settings import LinuxNode, WindowsNode
from operations.redaction import CUT_PATTERN, PATTERNS
from plan.step import Parameter, Step

LARGEST_FILE = 5_000_000
"""Bytes of each file that are kept; of larger ones the end."""


def collecting(node: LinuxNode | WindowsNode, time_limit: int, largest_file: int = LARGEST_FILE) -> Step:
    """Return the step that gathers everything within ``time_limit`` seconds, secrets taken out."""
    if isinstance(node, WindowsNode):
        parameters: dict[str, Parameter] = {
            "LogFolder": node.log_folder,
            "CriEndpoint": node.runtime_endpoint,
            "LargestFile": largest_file,
            "Patterns": PATTERNS,
            "CutPattern": CUT_PATTERN,
        }
        return Step("logs-collected", "Export-Logs.ps1", parameters, time_limit=time_limit)
    parameters = {"largest_file": largest_file, "patterns": PATTERNS, "cut_pattern": CUT_PATTERN}
    return Step("logs-collected", "export-logs.sh", parameters, time_limit=time_limit)


def packing(node: LinuxNode | WindowsNode) -> Step:
    """Return the step that packs what was gathered, however far that came, and prints the archive's path."""
    script = "Compress-Logs.ps1" if isinstance(node, WindowsNode) else "pack-logs.sh"
    return Step("logs-packed", script, time_limit=300)
