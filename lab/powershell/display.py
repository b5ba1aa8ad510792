"""What the console shows: strings as they are, other objects in the manner of Format-List.

PowerShell shows objects of up to four properties as a table; that is not modelled, a script's output is its data.
"""

from __future__ import annotations

from lab.powershell.members import properties_of
from lab.powershell.text import text_of
from lab.powershell.values import ErrorRecord, Hashtable, PSObject, is_null


def display(value: object) -> list[str]:
    """The lines an object becomes."""
    if is_null(value):
        return []
    if isinstance(value, ErrorRecord):
        return error_text(value).rstrip("\r\n").split("\r\n")
    if isinstance(value, Hashtable) or (isinstance(value, PSObject) and value.text is None):
        shown = properties_of(value)
        width = max((len(name) for name in shown), default=0)
        return ["", *(f"{name.ljust(width)} : {text_of(item)}" for name, item in shown.items()), ""]
    if isinstance(value, list):
        return [line for item in value for line in display(item)]
    return text_of(value).split("\r\n")


def error_text(record: ErrorRecord) -> str:
    """An error as Windows PowerShell prints it."""
    message = record.exception.message
    if record.error_id.partition(",")[0] == "NativeCommandError":
        return f"{message}\r\n"
    if record.activity and not record.error_id.startswith("Microsoft.PowerShell.Commands.WriteErrorException"):
        message = f"{record.activity} : {message}"
    target = text_of(record.target)
    reason = record.exception.type_name.rpartition(".")[2]
    lines = [
        *message.splitlines(),
        *record.position.splitlines(),
        f"    + CategoryInfo          : {record.category}: ({target}:) [{record.activity}], {reason}",
        f"    + FullyQualifiedErrorId : {record.error_id}",
        " ",
    ]
    return "".join(f"{line}\r\n" for line in lines)
