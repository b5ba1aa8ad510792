"""netsh.exe: the dynamic port range, ports set aside, and the proxy of WinHTTP, as state of the host."""

from __future__ import annotations

import re

from lab.windows.folder import HostFolder

Result = tuple[int, bytes, bytes]
_SYNTAX = "The syntax supplied for this command is not valid. Check help for the correct syntax.\r\n"
_FACTORY = {"start": 49152, "number": 16384}
_LOWEST, _FEWEST, _END = 1025, 255, 65536


def _text(code: int, out: str) -> Result:
    return code, out.encode(), b""


def netsh(folder: HostFolder, arguments: list[str]) -> Result:
    """Do ``interface ipv4 show|set dynamicportrange``, ``show excludedportrange`` or ``winhttp show proxy``."""
    words = [word.lower() for word in arguments]
    if words == ["winhttp", "show", "proxy"]:
        return _text(0, _winhttp(folder))
    given = dict(re.findall(r"(\w+)=(\S+)", " ".join(words[4:])))
    known = {
        ("show", "excludedportrange"): _excluded,
        ("show", "dynamicportrange"): _show_range,
        ("set", "dynamicportrange"): _set_range,
    }.get(((words + [""] * 4)[2], (words + [""] * 4)[3]))
    if words[:2] != ["interface", "ipv4"] or known is None or given.get("protocol") not in ("tcp", "udp"):
        return _text(1, _SYNTAX)
    return _text(*known(folder, given))


def _winhttp(folder: HostFolder) -> str:
    server = folder.read("winhttp", "")
    shown = (
        f"Proxy Server(s) :  {server}\r\n    Bypass List     :  (none)"
        if server
        else "Direct access (no proxy server)."
    )
    return f"\r\nCurrent WinHTTP proxy settings:\r\n\r\n    {shown}\r\n\r\n"


def _show_range(folder: HostFolder, given: dict[str, str]) -> tuple[int, str]:
    protocol = given["protocol"]
    kept = folder.read("dynamic-ports", {}).get(protocol, _FACTORY)
    lines = f"Start Port      : {kept['start']}\r\nNumber of Ports : {kept['number']}\r\n"
    return 0, f"\r\nProtocol {protocol} Dynamic Port Range\r\n{'-' * 33}\r\n{lines}\r\n"


def _set_range(folder: HostFolder, given: dict[str, str]) -> tuple[int, str]:
    start, number = int(given.get("startport", 0)), int(given.get("numberofports", 0))
    if start < _LOWEST or number < _FEWEST or start + number > _END:
        return 1, "The parameter is incorrect.\r\n"
    with folder.changing("dynamic-ports", {}) as ranges:
        ranges[given["protocol"]] = {"start": start, "number": number}
        if ranges[given["protocol"]] == _FACTORY:
            del ranges[given["protocol"]]
    return 0, "Ok.\r\n\r\n"


def _excluded(folder: HostFolder, given: dict[str, str]) -> tuple[int, str]:
    """Return what a host sets aside: ``excluded-ports`` of its state, as ``{"tcp": [[first, last], ...]}``."""
    protocol = given["protocol"]
    lines = [f"{first:10}  {last:10}\r\n" for first, last in folder.read("excluded-ports", {}).get(protocol, [])]
    head = f"\r\nProtocol {protocol} Port Exclusion Ranges\r\n\r\nStart Port    End Port\r\n----------    --------\r\n"
    return 0, head + "".join(lines) + "\r\n* - Administered port exclusions.\r\n\r\n"
