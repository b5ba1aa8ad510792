"""Layers of the lab's images that are not Go programs: a small root, BusyBox, Debian's network tools, pause."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.archive import Entry, Folder, Link
from lab.shell import run

_BUSYBOX = Path("/bin/busybox")
_APPLETS = (
    *("cat", "chmod", "cp", "date", "echo", "env", "false", "grep", "head", "hostname", "id", "ln", "ls", "mkdir"),
    *(
        "mv",
        "nc",
        "nslookup",
        "ping",
        "ps",
        "rm",
        "sed",
        "sh",
        "sleep",
        "tail",
        "test",
        "timeout",
        "true",
        "vi",
        "wget",
    ),
)
# What kube-proxy and flannel call: iptables, nft, ip and conntrack, with the whole folder of xtables extensions.
# Without the links in that folder iptables-restore says `unknown option "--random-fully"`.
_TOOL_PACKAGES = ("iptables", "nftables", "iproute2", "conntrack")
_PAUSE = """\
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void stop(int signal) { (void)signal; _exit(0); }
static void reap(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0) {} }

int main(int count, char **arguments) {
    // kubeadm runs this before an upgrade, to see whether the cluster can run anything.
    if (count > 1 && !strcmp(arguments[1], "-v")) return 0;
    struct sigaction children = { .sa_handler = reap, .sa_flags = SA_NOCLDSTOP };
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    sigaction(SIGCHLD, &children, 0);
    for (;;) pause();
}
"""
_PAUSE_WINDOWS = """\
#include <windows.h>

int main(void) {
    Sleep(INFINITE);
    return 0;
}
"""


def root_layer() -> dict[str, Entry]:
    """Return a root with merged /usr, as Debian's, and the files that C libraries and Go look for."""
    return {
        "bin": Link("usr/bin"),
        "lib": Link("usr/lib"),
        "lib64": Link("usr/lib64"),
        "sbin": Link("usr/sbin"),
        "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
        "etc/nsswitch.conf": b"hosts: files dns\n",
        "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
        "root": Folder(0o700),
        "run": Folder(),
        "tmp": Folder(0o1777),
        **{f"usr/{name}": Folder() for name in ("bin", "lib", "lib64", "sbin")},
    }


def busybox_layer() -> dict[str, Entry]:
    """Return BusyBox under the names of the few tools that manifests and tests call in a container."""
    links: dict[str, Entry] = {f"usr/bin/{applet}": Link("busybox") for applet in _APPLETS}
    return links | {"usr/bin/busybox": _BUSYBOX}


def network_tools_layer(base: Path) -> dict[str, Entry]:
    """Return the network tools of the base system, with the libraries that they load."""
    entries: dict[str, Entry] = {}
    listed = run(["chroot", str(base), "dpkg-query", "--listfiles", *_TOOL_PACKAGES]).split()
    for name in listed:
        path = base / name.lstrip("/")
        unwanted = name.startswith(("/usr/share", "/usr/include", "/etc/init", "/lib/systemd"))
        if not unwanted and (path.is_symlink() or not path.is_dir()) and name.count("/") > 1:
            _add(entries, base, name)
    for link in sorted((base / "etc/alternatives").glob("ip*tables*")):
        entries[str(link.relative_to(base))] = link
        _add(entries, base, f"/usr/sbin/{link.name}")
    programs = [f"/{name}" for name, entry in entries.items() if isinstance(entry, Path) and _is_elf(entry)]
    libraries = _libraries(base, programs)
    for library in (*libraries, *run(["chroot", str(base), "realpath", *libraries]).split()):
        _add(entries, base, library)
    return entries


def _add(entries: dict[str, Entry], base: Path, name: str) -> None:
    """Add a file under the path that it has once the links /bin, /sbin and /lib are followed."""
    path = base / name.lstrip("/")
    if path.exists() or path.is_symlink():
        entries[str(path.parent.resolve().relative_to(base) / path.name)] = path


def _is_elf(path: Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _libraries(base: Path, programs: list[str]) -> list[str]:
    """Return the shared libraries, and the loader, that programs of the base system need."""
    # ldd fails as a whole when one of the files is static, and still lists the others.
    done = subprocess.run(["chroot", str(base), "ldd", *programs], capture_output=True, text=True, check=False)
    words = (word for line in done.stdout.splitlines() for word in line.split() if not line.startswith("/"))
    loaders = (line.split()[0] for line in done.stdout.splitlines() if line.startswith("\t/"))
    return sorted({word for word in words if word.startswith("/") and not word.endswith(":")} | set(loaders))


def compile_pause(folder: Path) -> Path:
    """Compile ``pause``, the program that holds a Linux pod's namespaces, and return its path."""
    return _compile(["gcc", "-static", "-Os", "-s"], folder / "pause", _PAUSE)


def compile_windows_pause(folder: Path) -> Path:
    """Compile ``pause.exe``, which does nothing for ever, and return its path."""
    return _compile(["x86_64-w64-mingw32-gcc", "-Os", "-s"], folder / "pause.exe", _PAUSE_WINDOWS)


def _compile(command: list[str], program: Path, source: str) -> Path:
    run([*command, "-x", "c", "-o", str(program), "-"], text=source)
    return program
