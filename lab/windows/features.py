"""Windows features of a host: a change is pending until the host restarts, as with the Containers feature."""

from __future__ import annotations

from lab.windows.folder import HostFolder

AVAILABLE, INSTALLED = "Available", "Installed"
_PENDING = {"InstallPending": INSTALLED, "UninstallPending": AVAILABLE}
_KNOWN = {"Containers": AVAILABLE, "Hyper-V": AVAILABLE}
_DISPLAY = {"Containers": "Containers", "Hyper-V": "Hyper-V"}


def states(folder: HostFolder) -> dict[str, str]:
    """Return each feature's state, in the words of Get-WindowsFeature."""
    found: dict[str, str] = _KNOWN | folder.read("features", {})
    return found


def installed(folder: HostFolder, name: str) -> bool:
    """Return whether a feature works now; one to be taken away works until the restart."""
    return states(folder)[name] in (INSTALLED, "UninstallPending")


def change(folder: HostFolder, name: str, wanted: str) -> bool:
    """Ask for a feature to be Installed or Available; return whether that needs a restart."""
    with folder.changing("features", {}) as kept:
        now = kept.get(name, _KNOWN[name])
        if _PENDING.get(now, now) == wanted:
            return now in _PENDING
        # Taking back what has not happened yet needs no restart.
        if now in _PENDING:
            kept[name] = wanted
            return False
        kept[name] = "InstallPending" if wanted == INSTALLED else "UninstallPending"
    return True


def find(name: str) -> str | None:
    """Return a feature's name in its own case, or None when Windows has no such feature."""
    return next((known for known in _KNOWN if known.lower() == name.lower()), None)


def restart_pending(folder: HostFolder) -> bool:
    """Return whether a restart would change a feature."""
    return any(state in _PENDING for state in states(folder).values())


def apply_pending(folder: HostFolder) -> None:
    """Do, at boot, what was asked for before."""
    with folder.changing("features", {}) as kept:
        for name, state in list(kept.items()):
            kept[name] = _PENDING.get(state, state)
