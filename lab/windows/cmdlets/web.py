"""Invoke-RestMethod, from the host's own network."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

from lab.powershell.cmdlet import CmdletCall, catalogue, cmdlet
from lab.powershell.values import Hashtable

_ERROR = "System.Net.WebException"
_DEFAULT_SECONDS = 100
# A host of the lab has no proxy of its own, whatever this machine has.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@cmdlet(
    "Invoke-RestMethod",
    named=["Method:string", "Uri:string", "Headers", "Body:string", "TimeoutSec:int"],
    mandatory=["Uri"],
)
def invoke_rest_method(call: CmdletCall) -> Iterator[object]:
    """Send a request, and return the answer as text."""
    given = call.get("Headers")
    headers = {str(name): str(value) for name, value in given.items()} if isinstance(given, Hashtable) else {}
    body = call.text("Body").encode() if call.given("Body") else None
    uri, method = call.text("Uri"), call.text("Method", "Get").upper()
    request = urllib.request.Request(uri, body, headers, method=method)  # noqa: S310 - the script's own address
    failed, said = "", ""
    try:
        with _OPENER.open(request, timeout=call.integer("TimeoutSec", _DEFAULT_SECONDS)) as answer:
            said = answer.read().decode()
    except urllib.error.HTTPError as error:
        failed = f"The remote server returned an error: ({error.code}) {error.reason}."
    except OSError:
        failed = "Unable to connect to the remote server"
    if failed:
        raise call.fail(failed, category="InvalidOperation", error_id="WebCmdletWebResponseException", exception=_ERROR)
    if said:
        yield said


CMDLETS = catalogue(invoke_rest_method)
