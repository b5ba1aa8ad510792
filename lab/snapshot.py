"""What a Linux host consists of, as plain values: two snapshots tell what came, went and changed in between.

Left out, because it changes by itself: logs, caches, temporary files, systemd's own state, shell histories, compiled
Python files, SSH sessions, and kernel settings outside ``net.`` (those belong to the machine, not to one host).
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from lab.archive import file_digest
from lab.linux_host import LinuxHost

Snapshot = dict[str, dict[str, str]]
"""Kind of thing, then its name, to what it is like."""

_VOLATILE = re.compile(
    r"(dev|proc|run|sys|tmp|lost\+found|var/(log|cache|tmp|lib/systemd|lib/dbus))(/|$)"
    r"|.*/__pycache__(/|$)|.*/\.(bash_history|cache)(/|$)|etc/\.pwd\.lock$"
)
_SYSTEM_RUN = (
    "/run/(systemd|udev|user|lock|log|dbus|credentials|mount|host|sudo|initctl|utmp|agetty.reload|motd.*|sshd.*)"
)
_VOLATILE_SETTING = re.compile(
    r"\.(nf_conntrack_count|flush|stable_secret|tcp_fastopen_key)$|^net\.ipv4\.(tcp|udp)_mem$"
)
# Each prints one thing a line; what follows the first blank says what it is like.
_QUERIES = {
    "cgroups": "cd /sys/fs/cgroup && find . -mindepth 2 -maxdepth 2 -type d"
    " | grep -vE '^./systemd/|[.](slice|scope|mount|service|socket)$' || true",
    "interfaces": "ip -o -d link"
    " | sed -E 's/^[0-9]+: ([^:@]+)(@[^:]*)?:/\\1/; s/ (qlen|promiscuity|link-netnsid) .*//'",
    "addresses": "ip -o addr show scope global | sed -E 's/^[0-9]+: (\\S+) +(\\S+) (\\S+).*/\\1-\\2-\\3/'",
    "routes": "ip route show",
    "neighbours": "ip neigh show nud permanent; bridge fdb show | grep dst || true",
    "firewall": "(iptables-save; ip6tables-save; iptables-legacy-save; ip6tables-legacy-save) 2>/dev/null"
    " | grep -E '^(-A|:[^ ]+ -)' | sed 's/ \\[[0-9:]*\\]//' | sort",
    "nftables": "nft list tables | grep -vE '^table ip6? (filter|nat|mangle|raw|security)$' || true",
    "mounts": "findmnt -rn -o TARGET,FSTYPE | grep -vE '^/run/(credentials|user|host)'",
    "processes": "ps -eo ppid=,args= | grep -vE '^ *(0|2) |sshd: |systemd --user|\\(sd-pam\\)'"
    " | grep -vE 'ps -eo|grep|sed|sort -u|bash -c' | sed -E 's/^ *[0-9]+ //' | sort -u",
    "runtime files": f"find /run -xdev -mindepth 1 | grep -vE '^{_SYSTEM_RUN}(/|$)'",
    "settings": "sysctl -a --pattern '^net\\.' 2>/dev/null",
    "unit files": "systemctl list-unit-files --no-legend --plain",
    "active units": "systemctl list-units --state=active,failed --type=service,timer,socket,mount --no-legend --plain"
    " | awk '{print $1, $3, $4}' | grep -vE '^(user|session-|run-user|run-credentials|systemd-tmpfiles-clean)'",
    "users": "getent passwd; getent group",
}  # fmt: skip


def snapshot(host: LinuxHost) -> Snapshot:
    """Return what the running host consists of.

    Raises RuntimeError when the host does not answer.
    """
    script = "".join(f"echo '@@ {kind}'\n{query}\n" for kind, query in _QUERIES.items())
    found: Snapshot = {"files": dict(_files(host.folder / "root"))}
    kind = ""
    for line in host.run("bash -s", text=script).splitlines():
        if line.startswith("@@ "):
            kind = line[3:]
            found[kind] = {}
            continue
        if kind == "settings" and _VOLATILE_SETTING.search(line.partition(" ")[0]):
            continue
        name, value = (line, "") if kind in ("firewall", "processes", "routes") else line.partition(" ")[::2]
        found[kind][name] = value.strip()
    return found


def _files(root: Path) -> Iterator[tuple[str, str]]:
    """Yield each file of the disk with type, mode, owner, and size and hash or link target."""
    for folder, names in _walk(root):
        for name in names:
            path = folder / name
            try:
                status = path.lstat()
                yield f"/{path.relative_to(root)}", _description(path, status)
            except FileNotFoundError:
                # Gone while we looked: a running host.
                continue


def _walk(root: Path) -> Iterator[tuple[Path, list[str]]]:
    for folder, subfolders, files in os.walk(root):
        here = Path(folder)
        subfolders[:] = [name for name in subfolders if not _is_volatile(here / name, root)]
        yield here, [*subfolders, *(name for name in files if not _is_volatile(here / name, root))]


def _is_volatile(path: Path, root: Path) -> bool:
    return _VOLATILE.match(str(path.relative_to(root))) is not None


def _description(path: Path, status: os.stat_result) -> str:
    common = f"{stat.filemode(status.st_mode)} {status.st_uid}:{status.st_gid}"
    if stat.S_ISLNK(status.st_mode):
        return f"{common} -> {path.readlink()}"
    if stat.S_ISREG(status.st_mode):
        return f"{common} {status.st_size} {file_digest(path)}"
    return common


def differences(before: Snapshot, after: Snapshot, kinds: Iterable[str] = ()) -> list[str]:
    """Return a line for each thing that came, went or changed, of these kinds or all; empty when nothing did."""
    lines = []
    for kind in kinds or sorted(before.keys() | after.keys()):
        old, new = before.get(kind, {}), after.get(kind, {})
        lines += [f"{kind}: {name} came ({new[name]})" for name in sorted(new.keys() - old.keys())]
        lines += [f"{kind}: {name} went ({old[name]})" for name in sorted(old.keys() - new.keys())]
        both = sorted(old.keys() & new.keys())
        lines += [f"{kind}: {name} was {old[name]}, is {new[name]}" for name in both if old[name] != new[name]]
    return lines
