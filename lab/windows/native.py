"""The tools of system32 that Wine lacks or only pretends to have, as powershell.exe would run them.

``curl.exe`` and ``tar.exe`` are this machine's own, inside the host's network, with their paths translated; the others
act on the host's model. Each takes the parameters that the project uses and refuses others.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import ssl
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lab.windows.events import query_events
from lab.windows.loopback import ask
from lab.windows.netsh import netsh
from lab.windows.processes import TREE, end_tree, find_process
from lab.windows.services import ServiceError

if TYPE_CHECKING:
    from lab.windows.machine import WindowsMachine

Result = tuple[int, bytes, bytes]
_USAGE = 87
_NO_CERTIFICATE = -2146885628
_INVALID_DATA = -2147024883
_PUBLIC_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
_CURL_FLAGS = {"--ssl-revoke-best-effort", "--fail", "--silent", "--show-error", "--location"}
_CURL_VALUES = {"--retry", "--retry-delay", "--connect-timeout", "--max-time", "--speed-limit", "--speed-time"}
_USERS_READ = "*S-1-5-32-545:(OI)(CI)RX"
_GRANT = re.compile(r"\*S-1-5-(18|32-544):(\(OI\)\(CI\))?F|" + re.escape(_USERS_READ))


def _of_tree() -> dict[str, str]:
    """Return what tells that a program was started by this process."""
    return {TREE: os.environ[TREE]} if TREE in os.environ else {}


def _text(code: int, out: str = "", err: str = "") -> Result:
    return code, out.encode(), err.encode()


class Native:
    """Windows' own programs on one machine."""

    def __init__(self, machine: WindowsMachine) -> None:
        self._machine = machine

    def run(self, name: str, arguments: list[str], stdin: bytes | None) -> Result:
        """Run a tool and return its exit code, stdout and stderr."""
        del stdin
        tool = MODELLED[name]
        return tool(self, arguments)

    def curl(self, arguments: list[str]) -> Result:
        """Fetch a URL with curl. Raises ValueError for a parameter that is not modelled."""
        command, rest = ["curl", "--disable"], list(arguments)
        while rest:
            word = rest.pop(0)
            if word in _CURL_FLAGS:
                command.append(word)
            elif word in _CURL_VALUES:
                command += [word, rest.pop(0)]
            elif word == "--output":
                command += [word, str(self._machine.path(rest.pop(0)))]
            elif word.startswith("-"):
                return _text(2, err=f"curl: option {word}: is unknown to the lab's model of curl.exe\r\n")
            else:
                command.append(word)
        proxies = {key: self._machine.environment().get(key, "") for key in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")}
        # curl reads http_proxy in lower case only; on Windows a variable has no case.
        given = {key.lower(): value for key, value in proxies.items() if value}
        roots = self._machine.folder.read("trusted-roots", {})
        if roots:
            bundle = self._machine.folder.root / "trusted-roots.pem"
            bundle.write_text(_PUBLIC_ROOTS.read_text() + "".join(roots.values()))
            command += ["--cacert", str(bundle)]
        done = subprocess.run(
            command, capture_output=True, check=False, env={"PATH": os.environ["PATH"], **_of_tree(), **given}
        )
        return done.returncode, done.stdout, done.stderr

    def tar(self, arguments: list[str]) -> Result:
        """Unpack or make an archive: ``-xf|-czf FILE -C FOLDER [--strip-components=N] [MEMBER...]``."""
        if len(arguments) < 4 or arguments[0] not in ("-xf", "-czf") or arguments[2] != "-C":
            return _text(1, err="tar.exe: Error opening archive: these parameters are not modelled\r\n")
        archive, folder = self._machine.path(arguments[1]), self._machine.path(arguments[3])
        if arguments[0] == "-xf" and zipfile.is_zipfile(archive):
            # Windows' tar is bsdtar, which reads zip archives too.
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder)
            return _text(0)
        owner = ["--no-same-owner"] if arguments[0] == "-xf" else []
        command = ["tar", arguments[0], str(archive), "-C", str(folder), *owner, *arguments[4:]]
        done = subprocess.run(command, capture_output=True, check=False)
        return min(done.returncode, 1), done.stdout, done.stderr

    def icacls(self, arguments: list[str]) -> Result:
        """Protect a file or folder: ``PATH /inheritance:r /grant:r *SID:(OI)(CI)F ...``; or ``PATH /reset``."""
        path, words = self._machine.path(arguments[0]), arguments[1:]
        if not path.exists():
            return _text(3, err=f"{arguments[0]}: The system cannot find the file specified.\r\n")
        if words[:1] == ["/reset"] and set(words[1:]) <= {"/T", "/C", "/Q"}:
            # What it inherits is the rights of the folder it is in.
            for each in (path, *(path.rglob("*") if path.is_dir() and "/T" in words else ())):
                each.chmod(0o755 if each.is_dir() else 0o644)
            return _text(0, "Successfully processed 1 files; Failed processing 0 files\r\n")
        if words[:2] != ["/inheritance:r", "/grant:r"] or not all(_GRANT.fullmatch(word) for word in words[2:]):
            return _text(_USAGE, err=f'Invalid parameter "{" ".join(words)}"\r\n')
        # What Get-Acl reads, for which nobody has rights of the folder above; a folder made anew is open again.
        group = 0o050 if _USERS_READ in words else 0
        path.chmod((0o700 if path.is_dir() else 0o600) | group)
        return _text(
            0, f"processed file: {arguments[0]}\r\nSuccessfully processed 1 files; Failed processing 0 files\r\n"
        )

    def shutdown(self, arguments: list[str]) -> Result:
        """Restart or switch off the host: ``/r|/s /t SECONDS [/f] [/d REASON] [/c TEXT]``."""
        rest, kind, seconds = [*arguments], "", "30"
        while rest:
            word = rest.pop(0).lower()
            if word in ("/r", "/s"):
                kind = "restart" if word == "/r" else "off"
            elif word == "/t":
                seconds = rest.pop(0)
            elif word in ("/d", "/c") and rest:
                rest.pop(0)
            elif word != "/f":
                return _text(_USAGE, err=f"shutdown.exe: {word} is not modelled\r\n")
        if not kind or not seconds.isdigit():
            return _text(_USAGE, "Usage: shutdown [/r | /s] [/t xxx]\r\n")
        answer = ask("Shutdown", f"{seconds} {kind}")
        said = "A system shutdown has already been scheduled.(1190)\r\n" if answer.result else ""
        # Wine's own programs would carry only eight bits of this; PowerShell sees all of it.
        return _text(answer.result, err=said)

    def sc(self, arguments: list[str]) -> Result:
        """Change services: ``delete NAME``, ``failure NAME reset= N actions= restart/MS/...``."""
        verb, name = [*arguments, "", ""][:2]
        try:
            if verb == "delete" and len(arguments) == 2:
                self._machine.services.delete(name)
                return _text(0, "[SC] DeleteService SUCCESS\r\n")
            if verb == "failure" and arguments[2::2] == ["reset=", "actions="]:
                return self._failure(name, arguments[3], arguments[5])
        except ServiceError as error:
            return _text(error.code, f"[SC] OpenService FAILED {error.code}:\r\n\r\n{error}\r\n\r\n")
        return _text(1639, f"sc.exe {' '.join(arguments)} is not modelled\r\n")

    def _failure(self, name: str, reset: str, actions: str) -> Result:
        words = actions.split("/")
        if (
            len(words) % 2
            or set(words[::2]) != {"restart"}
            or not all(word.isdigit() for word in [reset, *words[1::2]])
        ):
            return _text(1639, f"[SC] the actions {actions} are not modelled\r\n")
        service = self._machine.services.get(name)
        with self._machine.folder.changing("failure-actions", {}) as kept:
            kept[service.name.lower()] = {"reset": [int(reset)], "restart": [int(word) / 1000 for word in words[1::2]]}
        return _text(0, "[SC] ChangeServiceConfig2 SUCCESS\r\n")

    def taskkill(self, arguments: list[str]) -> Result:
        """End processes: ``/PID N [/T] /F``."""
        if arguments[:1] != ["/PID"] or "/F" not in arguments[2:] or set(arguments[2:]) - {"/T", "/F"}:
            return _text(1, err="ERROR: Invalid argument/option.\r\n")
        number = int(arguments[1])
        if find_process(number) is None:
            return _text(128, err=f'ERROR: The process "{number}" not found.\r\n')
        if "/T" in arguments:
            end_tree(number)
        else:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        return _text(0, f"SUCCESS: The process with PID {number} has been terminated.\r\n")

    def w32tm(self, arguments: list[str]) -> Result:
        """Say where the time comes from: ``/query /source``."""
        if arguments != ["/query", "/source"]:
            return _text(_USAGE, err="w32tm.exe with these parameters is not modelled\r\n")
        return _text(0, "time.windows.com,0x8 \r\n")

    def wevtutil(self, arguments: list[str]) -> Result:
        """Show events: ``qe LOG /q:QUERY /c:N /rd:true /f:text``."""
        return _text(*query_events(self._machine.folder, self._machine.environment()["COMPUTERNAME"], arguments))

    def certutil(self, arguments: list[str]) -> Result:
        """Look for, add or remove a trusted root: ``-store|-delstore Root SHA1``, ``-f -addstore Root FILE``."""
        with self._machine.folder.changing("trusted-roots", {}) as roots:
            if arguments[:3] == ["-f", "-addstore", "Root"] and len(arguments) == 4:
                pem = self._machine.path(arguments[3]).read_text()
                try:
                    der = ssl.PEM_cert_to_DER_cert(pem)
                except ValueError:
                    return _text(_INVALID_DATA, "CertUtil: -addstore command FAILED: 0x8007000d\r\n")
                roots[hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()] = pem
                return _text(0, "CertUtil: -addstore command completed successfully.\r\n")
            if len(arguments) != 3 or arguments[0] not in ("-store", "-delstore") or arguments[1] != "Root":
                return _text(_USAGE, "CertUtil: these parameters are not modelled\r\n")
            verb, name = arguments[0], arguments[2].upper()
            if name not in roots:
                return _text(_NO_CERTIFICATE, f"CertUtil: {verb} command FAILED: 0x80092004\r\n")
            if verb == "-delstore":
                del roots[name]
            return _text(0, f"CertUtil: {verb} command completed successfully.\r\n")

    def netsh(self, arguments: list[str]) -> Result:
        """Look at, and change, what the host's network is set to."""
        return netsh(self._machine.folder, arguments)

    def powershell(self, arguments: list[str]) -> Result:
        """Refuse: a script starts powershell.exe as a process, or as a task."""
        return _text(1, err=f"powershell.exe {' '.join(arguments)} called as a native program is not modelled\r\n")


MODELLED = {
    "curl.exe": Native.curl,
    "tar.exe": Native.tar,
    "icacls.exe": Native.icacls,
    "shutdown.exe": Native.shutdown,
    "sc.exe": Native.sc,
    "taskkill.exe": Native.taskkill,
    "w32tm.exe": Native.w32tm,
    "certutil.exe": Native.certutil,
    "wevtutil.exe": Native.wevtutil,
    "netsh.exe": Native.netsh,
    "powershell.exe": Native.powershell,
}
"""The tools, by their file names in system32."""
