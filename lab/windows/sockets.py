"""The .NET socket classes that scripts use, on the real sockets of the host's network: TcpClient and UdpClient.

A task that was begun is done when the script waits for it, which no script can tell from one that is done meanwhile.
"""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable
from ipaddress import IPv4Address

from lab.powershell.faults import NetFault
from lab.powershell.host import StaticType
from lab.powershell.values import NOTHING, Computed, NetException, PSObject

_NAMESPACE = "System.Net.Sockets."
_LARGEST = 65535
_MTU_DISCOVER, _ALWAYS_WHOLE = 10, 2  # IP_MTU_DISCOVER, IP_PMTUDISC_DO
# What Windows calls the errors of Linux' sockets, with its words.
_ERRORS = {
    errno.ECONNREFUSED: (
        "ConnectionRefused",
        "No connection could be made because the target machine actively refused it",
    ),
    errno.ETIMEDOUT: (
        "TimedOut",
        "A connection attempt failed because the connected party did not properly respond after a period of time",
    ),
    errno.EHOSTUNREACH: ("HostUnreachable", "A socket operation was attempted to an unreachable host"),
    errno.ENETUNREACH: ("NetworkUnreachable", "A socket operation was attempted to an unreachable network"),
    errno.EADDRINUSE: (
        "AddressAlreadyInUse",
        "Only one usage of each socket address (protocol/network address/port) is normally permitted",
    ),
    errno.EMSGSIZE: (
        "MessageSize",
        "A message sent on a datagram socket was larger than the internal message buffer or some other network limit",
    ),
}


def socket_types() -> list[StaticType]:
    """Return the types, for a host whose scripts are run in its own network namespace."""
    return [
        StaticType(_NAMESPACE + "TcpClient", constructor=_tcp_client),
        StaticType(_NAMESPACE + "UdpClient", constructor=_udp_client),
        StaticType("System.Net.IPEndPoint", constructor=_end_point),
    ]


def _socket_exception(error: OSError) -> NetException:
    if isinstance(error, socket.gaierror):
        code, text = "HostNotFound", "No such host is known"
    else:
        code, text = _ERRORS.get(error.errno or 0, ("SocketError", str(error)))
    return NetException(text, _NAMESPACE + "SocketException", data={"SocketErrorCode": code})


def _fault(error: OSError) -> NetFault:
    found = _socket_exception(error)
    made = NetFault(found.message, found.type_name)
    made.exception.data.update(found.data)
    return made


def _task(work: Callable[[float], tuple[bool, object]]) -> PSObject:
    """Return a Task whose work is given seconds to get done in, and tells whether it is and what came of it."""
    result: list[object] = []

    def wait(milliseconds: object = -1) -> object:
        if result:
            return True
        try:
            done, value = work(int(str(milliseconds)) / 1000)
        except OSError as error:
            # What goes wrong inside a task comes wrapped.
            made = NetFault("One or more errors occurred.", "System.AggregateException")
            made.exception.inner = _socket_exception(error)
            raise made from error
        if done:
            result.append(value)
        return done

    properties: dict[str, object] = {
        "Result": Computed(lambda: result[0] if result else None),
        "IsCompleted": Computed(lambda: bool(result)),
    }
    return PSObject(properties, type_name="System.Threading.Tasks.Task", methods={"Wait": wait})


def _tcp_client() -> PSObject:
    opened: list[socket.socket] = []

    def connect(host: object, port: object) -> PSObject:
        def work(seconds: float) -> tuple[bool, object]:
            try:
                made = socket.create_connection((str(host), int(str(port))), timeout=seconds if seconds >= 0 else None)
            except TimeoutError:
                return False, None
            opened.append(made)
            return True, None

        return _task(work)

    def close() -> object:
        for one in opened:
            one.close()
        return NOTHING

    return PSObject(
        type_name=_NAMESPACE + "TcpClient", methods={"ConnectAsync": connect, "Close": close, "Dispose": close}
    )


def _end_point(address: object, port: object) -> PSObject:
    return PSObject(
        {"Address": IPv4Address(str(address)), "Port": int(str(port)), "AddressFamily": "InterNetwork"},
        type_name="System.Net.IPEndPoint",
    )


def _udp_client(port: object = 0) -> PSObject:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.bind(("", int(str(port))))
    except OSError as error:
        opened.close()
        raise _fault(error) from error

    def send(data: object, length: object, *target: object) -> object:
        """Send to an end point, or to a host and port."""
        assert isinstance(data, bytes | bytearray)
        if len(target) == 1 and isinstance(target[0], PSObject):
            to = (str(target[0].properties["Address"]), int(str(target[0].properties["Port"])))
        else:
            to = (str(target[0]), int(str(target[1])))
        if client.properties["DontFragment"] is True:
            opened.setsockopt(socket.IPPROTO_IP, _MTU_DISCOVER, _ALWAYS_WHOLE)
        try:
            return opened.sendto(bytes(data[: int(str(length))]), to)
        except OSError as error:
            raise _fault(error) from error

    def receive() -> PSObject:
        def work(seconds: float) -> tuple[bool, object]:
            ready, _, _ = select.select([opened], [], [], None if seconds < 0 else seconds)
            if not ready:
                return False, None
            data, (address, sent_from) = opened.recvfrom(_LARGEST)
            properties = {"Buffer": bytearray(data), "RemoteEndPoint": _end_point(address, sent_from)}
            return True, PSObject(properties, type_name=_NAMESPACE + "UdpReceiveResult")

        return _task(work)

    def close() -> object:
        opened.close()
        return NOTHING

    client = PSObject(
        {"DontFragment": False},
        type_name=_NAMESPACE + "UdpClient",
        methods={"Send": send, "ReceiveAsync": receive, "Close": close, "Dispose": close},
    )
    return client
