"""Writing to the streams."""

from __future__ import annotations

from collections.abc import Iterator

from lab.powershell.builtins.shared import engine_of
from lab.powershell.cmdlet import Cmdlet, CmdletCall, cmdlet
from lab.powershell.convert import elements
from lab.powershell.display import display
from lab.powershell.text import text_of
from lab.powershell.values import ErrorRecord, NetException


@cmdlet("Write-Output", positional=["InputObject"], switches=["NoEnumerate"], pipeline="InputObject", remaining="Rest")
def write_output(call: CmdletCall) -> Iterator[object]:
    """Pass objects on."""
    if call.piped and not call.given("InputObject"):
        yield from call.pipeline
        return
    value = call.get("InputObject")
    if call.switch("NoEnumerate"):
        yield value
    else:
        yield from elements(value)
    yield from elements(call.get("Rest", []))


@cmdlet(
    "Write-Error",
    positional=["Message:string"],
    named=["Exception", "ErrorRecord", "Category:string", "ErrorId:string", "TargetObject", "CategoryActivity:string"],
    pipeline="Message",
)
def write_error(call: CmdletCall) -> None:
    """Report an error."""
    record = call.get("ErrorRecord")
    if not isinstance(record, ErrorRecord):
        exception = call.get("Exception")
        if not isinstance(exception, NetException):
            message = call.text("Message") or "".join(text_of(one) for one in call.pipeline)
            exception = NetException(message, "Microsoft.PowerShell.Commands.WriteErrorException")
        identity = call.text("ErrorId") or exception.type_name
        record = ErrorRecord(exception, identity, call.text("Category", "NotSpecified"), call.get("TargetObject"))
    engine = engine_of(call)
    engine.report(record, call.error_action)
    engine.succeeded = False


def _texts(call: CmdletCall, name: str) -> list[str]:
    values = call.pipeline if call.piped and not call.given(name) else [call.get(name)]
    return [text_of(value) for value in values]


def _message_cmdlet(stream: str, parameter: str) -> Cmdlet:
    @cmdlet(f"Write-{stream.capitalize()}", positional=[parameter, "Tags"], pipeline=parameter)
    def write(call: CmdletCall) -> None:
        for text in _texts(call, parameter):
            call.engine.message(stream, text)

    return write


@cmdlet(
    "Write-Host",
    positional=["Object"],
    named=["Separator:string", "ForegroundColor:string", "BackgroundColor:string"],
    switches=["NoNewline"],
    pipeline="Object",
    remaining="Rest",
)
def write_host(call: CmdletCall) -> None:
    """Write to the console, which is standard output of powershell.exe."""
    engine = engine_of(call)
    values = (
        call.pipeline
        if call.piped and not call.given("Object")
        else [call.get("Object"), *elements(call.get("Rest", []))]
    )
    separator = call.text("Separator", " ")
    text = separator.join(separator.join(text_of(one) for one in elements(value)) for value in values)
    if call.switch("NoNewline") and "6" not in engine.sinks:
        engine.out(text)
    else:
        engine.message("host", text)


@cmdlet("Write-Progress", positional=["Activity", "Status"], named=["PercentComplete", "Id"], switches=["Completed"])
def write_progress(_call: CmdletCall) -> None:
    """Nothing: there is no console to draw on."""


@cmdlet("Out-Null", named=["InputObject"], pipeline="InputObject")
def out_null(_call: CmdletCall) -> None:
    """Swallow everything."""


@cmdlet("Out-Default", named=["InputObject"], pipeline="InputObject")
def out_default(call: CmdletCall) -> None:
    """Show objects on the console."""
    engine = engine_of(call)
    for item in call.items("InputObject"):
        engine.show(item)


@cmdlet("Out-Host", named=["InputObject"], pipeline="InputObject")
def out_host(call: CmdletCall) -> None:
    """Show objects on the console."""
    engine = engine_of(call)
    for item in call.items("InputObject"):
        engine.show(item)


@cmdlet("Out-String", named=["InputObject", "Width:int"], switches=["Stream"], pipeline="InputObject")
def out_string(call: CmdletCall) -> Iterator[object]:
    """The console's text of objects, as one string."""
    lines = [line for item in call.items("InputObject") for line in display(item)]
    if call.switch("Stream"):
        yield from lines
    else:
        yield "".join(line + "\r\n" for line in lines)


write_warning = _message_cmdlet("warning", "Message")
write_verbose = _message_cmdlet("verbose", "Message")
write_debug = _message_cmdlet("debug", "Message")
write_information = _message_cmdlet("information", "MessageData")

CMDLETS = (
    write_output,
    write_error,
    write_warning,
    write_verbose,
    write_debug,
    write_information,
    write_host,
    write_progress,
    out_null,
    out_default,
    out_host,
    out_string,
)
