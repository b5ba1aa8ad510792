"""Making errors: the .NET exception behind them, and which exception is a kind of which."""

from __future__ import annotations

from lab.powershell.errors import PowerShellError
from lab.powershell.values import ErrorRecord, NetException

AUTOMATION = "System.Management.Automation"
RUNTIME = f"{AUTOMATION}.RuntimeException"

BASES = {
    "System.SystemException": "System.Exception",
    "System.ApplicationException": "System.Exception",
    "System.AggregateException": "System.Exception",
    RUNTIME: "System.SystemException",
    f"{AUTOMATION}.ActionPreferenceStopException": RUNTIME,
    f"{AUTOMATION}.CommandNotFoundException": RUNTIME,
    f"{AUTOMATION}.ParameterBindingException": RUNTIME,
    f"{AUTOMATION}.ParameterBindingValidationException": f"{AUTOMATION}.ParameterBindingException",
    f"{AUTOMATION}.MethodInvocationException": RUNTIME,
    f"{AUTOMATION}.PropertyNotFoundException": RUNTIME,
    f"{AUTOMATION}.RemoteException": RUNTIME,
    f"{AUTOMATION}.PSInvalidCastException": "System.InvalidCastException",
    f"{AUTOMATION}.ItemNotFoundException": RUNTIME,
    f"{AUTOMATION}.DriveNotFoundException": RUNTIME,
    f"{AUTOMATION}.PSArgumentException": "System.ArgumentException",
    f"{AUTOMATION}.PSInvalidOperationException": "System.InvalidOperationException",
    f"{AUTOMATION}.PSNotSupportedException": "System.NotSupportedException",
    "Microsoft.PowerShell.Commands.WriteErrorException": "System.SystemException",
    "Microsoft.PowerShell.Commands.ServiceCommandException": "System.SystemException",
    "Microsoft.PowerShell.Commands.ProcessCommandException": "System.SystemException",
    "Microsoft.Management.Infrastructure.CimException": "System.Exception",
    "System.ArgumentException": "System.SystemException",
    "System.ArgumentNullException": "System.ArgumentException",
    "System.ArgumentOutOfRangeException": "System.ArgumentException",
    "System.ArithmeticException": "System.SystemException",
    "System.DivideByZeroException": "System.ArithmeticException",
    "System.OverflowException": "System.ArithmeticException",
    "System.FormatException": "System.SystemException",
    "System.IndexOutOfRangeException": "System.SystemException",
    "System.InvalidCastException": "System.SystemException",
    "System.InvalidOperationException": "System.SystemException",
    "System.ObjectDisposedException": "System.InvalidOperationException",
    "System.NotSupportedException": "System.SystemException",
    "System.NotImplementedException": "System.SystemException",
    "System.NullReferenceException": "System.SystemException",
    "System.TimeoutException": "System.SystemException",
    "System.UnauthorizedAccessException": "System.SystemException",
    "System.ComponentModel.Win32Exception": "System.SystemException",
    "System.IO.IOException": "System.SystemException",
    "System.IO.InvalidDataException": "System.SystemException",
    "System.IO.FileNotFoundException": "System.IO.IOException",
    "System.IO.DirectoryNotFoundException": "System.IO.IOException",
    "System.IO.PathTooLongException": "System.IO.IOException",
    "System.Net.WebException": "System.InvalidOperationException",
    "System.Net.Sockets.SocketException": "System.ComponentModel.Win32Exception",
    "System.Security.SecurityException": "System.SystemException",
    "System.ServiceProcess.TimeoutException": "System.SystemException",
    "System.Collections.Generic.KeyNotFoundException": "System.SystemException",
}


class NetFault(Exception):  # noqa: N818 - what a .NET member throws; wrapped where the script calls it
    """An exception from inside a .NET member."""

    def __init__(self, message: str, type_name: str = "System.InvalidOperationException") -> None:
        self.exception = NetException(message, type_name)
        super().__init__(message)


def fault(
    message: str,
    error_id: str = "RuntimeException",
    *,
    type_name: str = RUNTIME,
    category: str = "InvalidOperation",
    target: object = None,
    inner: NetException | None = None,
) -> PowerShellError:
    """A terminating error of the engine itself, to be raised."""
    return PowerShellError(ErrorRecord(NetException(message, type_name, inner), error_id, category, target))


def is_kind_of(actual: str, wanted: str) -> bool:
    """Whether an exception type is, or derives from, another; names in full, without regard to case."""
    name: str | None = actual
    while name:
        if name.lower() == wanted.lower():
            return True
        name = BASES.get(name)
    return wanted.lower() == "system.exception"


def os_fault(error: OSError, shown: str) -> NetFault:
    """The .NET exception for a failed file operation on the Windows path `shown`."""
    if isinstance(error, FileNotFoundError):
        return NetFault(f"Could not find file '{shown}'.", "System.IO.FileNotFoundException")
    if isinstance(error, FileExistsError):
        message = f"Cannot create '{shown}' because a file or directory with the same name already exists."
        return NetFault(message, "System.IO.IOException")
    if isinstance(error, PermissionError | IsADirectoryError):
        return NetFault(f"Access to the path '{shown}' is denied.", "System.UnauthorizedAccessException")
    return NetFault(f"{error.strerror} : '{shown}'", "System.IO.IOException")
