"""The .NET sockets of the stubs, for the interpreter; stubs/Start-Pwsh.ps1 has the same for real PowerShell.

Every TCP connection is refused. A UDP socket that asks is answered; one that listens is asked once, and then ends the
script that would go on listening. What was sent is noted in the file SENT.
"""

from __future__ import annotations

from lab.powershell.faults import NetFault
from lab.powershell.host import StaticType
from lab.powershell.values import NOTHING, NetException, PSObject
from tests.windows.stub_drive import Drive

SENT = r"C:\sent.txt"
_NAMESPACE = "System.Net.Sockets"


def socket_types(drive: Drive) -> list[StaticType]:
    """Return TcpClient and UdpClient."""
    return [
        StaticType(f"{_NAMESPACE}.TcpClient", constructor=_tcp_client),
        StaticType(f"{_NAMESPACE}.UdpClient", constructor=lambda port=0: _udp_client(drive, int(str(port)))),
    ]


def _refused(*_: object) -> PSObject:
    def wait(_milliseconds: object) -> object:
        failed = NetFault("One or more errors occurred.", "System.AggregateException")
        data: dict[str, object] = {"SocketErrorCode": "ConnectionRefused"}
        failed.exception.inner = NetException("Connection refused", f"{_NAMESPACE}.SocketException", data=data)
        raise failed

    return PSObject({}, methods={"Wait": wait})


def _tcp_client() -> PSObject:
    return PSObject({}, methods={"ConnectAsync": _refused, "Close": lambda: NOTHING})


def _udp_client(drive: Drive, port: int) -> PSObject:
    questions = ["casement-ask 1 64 ".ljust(64, ".")] if port else []

    def send(data: object, length: object, *_target: object) -> object:
        assert isinstance(data, bytes | bytearray)
        drive.write(SENT, " ".join(data.decode().split(" ")[:3]))
        return length

    def receive() -> PSObject:
        text = questions.pop() if questions else "" if port else "casement-answer 1 64 ".ljust(64, ".")

        def wait(_milliseconds: object) -> object:
            if not text:
                raise NetFault("the stubs are out of time", "System.InvalidOperationException")
            return True

        came_from = PSObject({"Address": "10.77.0.11", "Port": 5})
        result = PSObject({"Buffer": bytearray(text.encode()), "RemoteEndPoint": came_from})
        return PSObject({"Result": result, "IsCompleted": True}, methods={"Wait": wait})

    return PSObject({"DontFragment": False}, methods={"Send": send, "ReceiveAsync": receive, "Close": lambda: NOTHING})
