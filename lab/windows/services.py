"""The services of a Windows host: Wine's own service manager, asked through its real calls (``c/scm.c``)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lab.windows import openssh
from lab.windows.folder import HostFolder
from lab.windows.wine import run_windows_program

DOES_NOT_EXIST = 1060
ALREADY_RUNNING = 1056
NOT_ACTIVE = 1062
EXISTS = 1073
_STATES = ("", "Stopped", "StartPending", "StopPending", "Running", "ContinuePending", "PausePending", "Paused")
_STARTS = {2: "Automatic", 3: "Manual", 4: "Disabled"}
START_WORDS = {"automatic": "auto", "manual": "demand", "disabled": "disabled"}
"""PowerShell's words for the ways to start a service, to those of the service manager's tool."""
MESSAGES = {
    2: "The system cannot find the file specified.",
    5: "Access is denied.",
    109: "The pipe has been ended.",
    1053: "The service did not respond to the start or control request in a timely fashion.",
    1056: "An instance of the service is already running.",
    1058: "The service cannot be started, either because it is disabled or because it has no enabled devices.",
    1060: "The specified service does not exist as an installed service.",
    1062: "The service has not been started.",
    1068: "The dependency service or group failed to start.",
    1072: "The specified service has been marked for deletion.",
    1073: "The specified service already exists.",
}
"""Win32 errors of services in Windows' own words."""


class ServiceError(Exception):
    """The service manager refused; ``code`` is the Win32 error."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(MESSAGES.get(code, f"Windows error {code}."))


@dataclass(frozen=True, slots=True)
class Service:
    """What the service manager knows of one service."""

    name: str
    display: str
    binary: str
    account: str
    start: str
    state: str
    process: int
    exit_code: int
    depends: tuple[str, ...]


def parse_service(line: str) -> Service:
    """Return a service from a line of the tool: key=value fields parted by tabs."""
    parts = line.rstrip("\r\n").split("\t")
    if not all("=" in part for part in parts):
        raise ValueError(f"labscm.exe said what is no service: {line!r}")
    field = dict(part.split("=", 1) for part in parts)
    return Service(
        name=field["name"],
        display=field["display"],
        binary=field["binary"],
        account=field["account"],
        start=_STARTS.get(int(field["start"]), "Boot"),
        state=_STATES[int(field["state"])],
        process=int(field["pid"]),
        exit_code=int(field["exit"]),
        depends=tuple(name for name in field["depends"].split("/") if name),
    )


def in_order(services: list[Service]) -> list[Service]:
    """Return services so that each follows those it depends on; a circle is broken somewhere."""
    left, ordered = {service.name.lower(): service for service in services}, []
    while left:
        ready = [one for one in left.values() if not any(name.lower() in left for name in one.depends)]
        for service in ready or [next(iter(left.values()))]:
            ordered.append(left.pop(service.name.lower()))
    return ordered


class Services:
    """The service manager of one host. Every method raises ServiceError with the Win32 error when it is refused."""

    def __init__(self, folder: HostFolder) -> None:
        self._folder = folder

    def _ask(self, *words: str) -> list[str]:
        _, said, _ = run_windows_program(self._folder, "labscm.exe", words)
        lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
        for line in {*lines[:1], *lines[-1:]}:
            if line.startswith("ERROR "):
                raise ServiceError(int(line.split()[1]))
        return lines

    def all(self) -> list[Service]:
        """Return every service, except those by which Wine runs its own devices."""
        return [one for one in map(parse_service, self._ask("list")) if not one.name.startswith("Winedevice")]

    def get(self, name: str) -> Service:
        """Return one service."""
        return parse_service(self._ask("query", name)[0])

    def find(self, name: str) -> Service | None:
        """Return one service, or None where there is none of that name."""
        try:
            return self.get(name)
        except ServiceError as error:
            if error.code != DOES_NOT_EXIST:
                raise
            return None

    def create(self, name: str, display: str, binary: str, start: str, depends: tuple[str, ...]) -> None:
        """Make a service; ``start`` is auto, demand or disabled."""
        self._ask("create", name, display, binary, start, "/".join(depends) or "-")

    def change(self, name: str, *, display: str = "-", binary: str = "-", start: str = "-", depends: str = "-") -> None:
        """Change some of what a service is; what is not given stays. ``depends`` is names parted by a slash."""
        self._ask("config", name, display, binary, start, depends)

    def describe(self, name: str, text: str) -> None:
        """Set a service's description."""
        self._ask("describe", name, text)

    def start(self, name: str) -> None:
        """Start what the service depends on and then the service, as Windows does and Wine does not.

        Returns when it reports running; nothing to do when it runs.
        """
        service = self.get(name)
        if service.start == "Disabled":
            raise ServiceError(1058)
        for needed in service.depends:
            try:
                self.start(needed)
            except ServiceError as error:
                raise ServiceError(1068) from error
        if service.state != "Running":
            if name.lower() == openssh.SERVICE:
                openssh.first_start(self._folder)
            try:
                self._ask("start", name)
            except ServiceError as error:
                # Somebody else was faster; PowerShell takes no offence either.
                if error.code != ALREADY_RUNNING:
                    raise

    def stop(self, name: str, seconds: float = 30) -> None:
        """Stop a service and wait until it has stopped.

        Raises ServiceError with 1053 when it has not after so many seconds.
        """
        if self.get(name).state == "Stopped":
            return
        try:
            self._ask("stop", name)
        except ServiceError as error:
            # The pipe to the service breaks when it ends before it has answered; one that hangs as it ends is silent.
            if error.code not in (109, 232, 1053, NOT_ACTIVE):
                raise
        deadline = time.monotonic() + seconds
        while self.get(name).state != "Stopped":
            if time.monotonic() > deadline:
                raise ServiceError(1053)
            time.sleep(0.1)

    def dependents(self, name: str) -> list[Service]:
        """Return the running services that depend on this one, directly or not, the last in the chain first."""
        running = [one for one in self.all() if one.state != "Stopped"]
        found = {name.lower()}
        for _ in running:
            found |= {one.name.lower() for one in running if found & {need.lower() for need in one.depends}}
        return [one for one in reversed(in_order(running)) if one.name.lower() in found - {name.lower()}]

    def delete(self, name: str) -> None:
        """Take a service away."""
        self._ask("delete", name)
        with self._folder.changing("failure-actions", {}) as actions:
            actions.pop(name.lower(), None)
