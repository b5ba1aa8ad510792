"""The disk that every Windows host of the lab starts from: a Wine prefix with what Wine lacks, made once."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from lab.cache import made_once
from lab.shell import run
from lab.windows.folder import HostFolder
from lab.windows.services import Services
from lab.windows.wine import WINE, run_windows_program, stop_wine

_SOURCES = Path(__file__).parent / "c"
_COMPILER = ("x86_64-w64-mingw32-gcc", "-O2", "-Wall", "-Wno-int-to-pointer-cast")
# What goes into system32: file to its source and how it is linked.
_PROGRAMS = {
    "bcryptprimitives.dll": ("prng.c", ("-shared",), ("-ladvapi32",)),
    "pdh.dll": ("pdh.c", ("-shared",), ()),
    "vmcompute.dll": ("hns.c", ("-shared",), ("-lws2_32", "-lole32")),
    "computenetwork.dll": ("hns.c", ("-shared",), ("-lws2_32", "-lole32")),
    "labscm.exe": ("scm.c", ("-municode",), ("-ladvapi32",)),
    "labservice.exe": ("service.c", (), ("-ladvapi32",)),
    "labreg.exe": ("reg.c", ("-municode",), ("-ladvapi32",)),
}
# Services that every Windows Server runs and Wine lacks; they do nothing.
_SERVICES = {"w32time": "Windows Time", "WinDefend": "Microsoft Defender Antivirus Service"}
RELEASES = {
    "2022": ("20348", 2340, "Windows Server 2022 Datacenter"),
    "2025": ("26100", 1742, "Windows Server 2025 Datacenter"),
}
"""Release to build number, update build revision and product name."""
_VERSION_KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_MEMORY_KEY = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management"
BOOT_KEY = rf"{_MEMORY_KEY}\PrefetchParameters"
"""Registry key whose value BootId the kubelet reports as the boot id."""


def registry_file(release: str) -> str:
    """Return what makes Wine's registry that of a Windows Server, as text of a ``.reg`` file.

    Raises ValueError for a release the lab does not know.
    """
    if release not in RELEASES:
        raise ValueError(f"no Windows Server release {release!r}: {', '.join(RELEASES)}")
    build, revision, product = RELEASES[release]
    values: dict[str, dict[str, str | int | list[str]]] = {
        _VERSION_KEY: {
            "CurrentBuild": build, "CurrentBuildNumber": build, "UBR": revision, "CurrentMajorVersionNumber": 10,
            "CurrentMinorVersionNumber": 0, "CurrentVersion": "6.3", "ProductName": product,
            "EditionID": "ServerDatacenter", "InstallationType": "Server",
        },
        r"HKEY_LOCAL_MACHINE\SYSTEM\HardwareConfig": {"LastConfig": "{5d0f8a3e-5d5c-4d0a-8f26-4b0c2d3c7f10}"},
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ProductOptions": {"ProductType": "ServerNT"},
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control": {
            "PreshutdownOrder": ["UsoSvc", "DeviceInstall", "gpsvc", "trustedinstaller"],
            # How long Windows waits for a service to answer, in ms (Wine reads it as text); Wine's own are 10 s.
            "ServicesPipeTimeout": "30000",
        },
        BOOT_KEY: {"BootId": 1},
        # Ours instead of Wine's own; no window is ever drawn.
        r"HKEY_CURRENT_USER\Software\Wine\DllOverrides": {"pdh": "native"},
        r"HKEY_CURRENT_USER\Software\Wine\Drivers": {"Graphics": "null"},
    }  # fmt: skip
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, entries in values.items():
        lines += [f"[{key}]", *(f'"{name}"={_registry_value(value)}' for name, value in entries.items()), ""]
    return "\r\n".join(lines) + "\r\n"


def _registry_value(value: str | int | list[str]) -> str:
    if isinstance(value, list):
        # The file is no UTF-16 text, so its bytes are of the code page too.
        return "hex(7):" + ",".join(f"{byte:02x}" for byte in "".join(f"{part}\0" for part in [*value, ""]).encode())
    return f"dword:{value:08x}" if isinstance(value, int) else f'"{value}"'


def _compile(folder: Path) -> None:
    for name, (source, flags, libraries) in _PROGRAMS.items():
        run([*_COMPILER, *flags, "-o", str(folder / name), str(_SOURCES / source), *libraries])


def template(release: str) -> Path:
    """Return the folder whose ``prefix`` is a fresh Windows Server of that release; 10 s the first time."""
    sources = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(_SOURCES.glob("*.c"))}
    registry = registry_file(release)

    def make(root: Path) -> None:
        folder = HostFolder(root)
        (root / "home").mkdir()
        folder.drive_c.mkdir(parents=True)
        run_windows_program(folder, "wineboot", ["-i"], directory="C:\\")
        _compile(folder.drive_c / "windows" / "system32")
        (folder.drive_c / "server.reg").write_text(registry)
        code, _, said = run_windows_program(folder, "regedit", ["/S", r"C:\server.reg"], directory="C:\\")
        if code:
            raise RuntimeError(f"regedit ended with {code}: {said.decode(errors='replace')}")
        for name, display in _SERVICES.items():
            Services(folder).create(name, display, rf"C:\windows\system32\labservice.exe {name}", "auto", ())
        stop_wine(folder)
        _furnish(folder)

    recipe = {"registry": registry, "sources": sources, "wine": _wine_version(), "recipe": 1}
    return made_once(f"windows-{release}", recipe, make)


def _wine_version() -> str:
    return run([WINE, "--version"]).strip()


def _furnish(folder: HostFolder) -> None:
    """Make the folders that a Windows Server has, and take away what only Wine has."""
    (folder.drive_c / "server.reg").unlink()
    for name in ("Users/Administrator", "Program Files", "ProgramData", "Windows/Temp"):
        folder.path("C:/" + name).mkdir(parents=True, exist_ok=True)
    # A Windows program sees no file of this machine.
    for drive in (folder.prefix / "dosdevices").iterdir():
        if drive.name != "c:":
            drive.unlink()
    for path in (folder.drive_c / "users").rglob("*"):
        if path.is_symlink():
            path.unlink()
            path.mkdir()


def make_prefix(release: str, prefix: Path) -> None:
    """Make a host's own disk: Windows' files are shared with the template, the registry and the rest are copies.

    The folder appears under its name only when it is whole.
    """
    source = template(release) / "prefix"
    unfinished = prefix.with_name(prefix.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, symlinks=True, copy_function=_link_or_copy)
    unfinished.rename(prefix)


def _link_or_copy(source: str, target: str) -> str:
    # Nothing writes into a program file in place; anything else is the host's own.
    if "/windows/" in source and Path(source).suffix in (".dll", ".exe", ".sys", ".drv", ".nls", ".ocx", ".acm"):
        try:
            os.link(source, target)
        except OSError:
            pass
        else:
            return target
    return shutil.copy2(source, target)
