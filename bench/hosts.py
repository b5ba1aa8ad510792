"""Fresh hosts for one contestant, and what can be seen of them without asking the contestant."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from types import FrameType

from bench.contestants import WORKERS
from lab import network, run
from lab.base import base
from lab.cache import made_once
from lab.linux_disk import make_disk
from lab.linux_host import LinuxHost
from lab.shell import run as run_program
from lab.up import make_ground

_LIBRARY = "libpython3.11-stdlib"
_ADDRESSES = {"cp1": run.LINUX["cp1"], **{name: IPv4Address(address) for name, address in WORKERS.items()}}
_CONNECTION = re.compile(r"^(Accepted |Connection (closed|reset) by .*\[preauth\])", re.MULTILINE)
# What a run may leave its traces in, and must not when it changes nothing: files, services, flannel's DaemonSet.
_TRACES = """\
find /etc /opt /usr/local -xdev -type f -printf '%p %s %T@\\n' | sort
systemctl show --property InvocationID containerd.service kubelet.service
kubectl --kubeconfig /etc/kubernetes/admin.conf --namespace kube-flannel get daemonset \
  -o 'jsonpath={.items[*].metadata.generation}' 2>/dev/null || true
"""


def _python_library() -> Path:
    """Return Python's standard library as Debian's cloud images have it, of the base system's own version.

    Ansible's modules need it on the hosts; the lab's base system has the minimal one only.
    """
    status = f"--admindir={base() / 'var/lib/dpkg'}"
    version = run_program(["dpkg-query", status, "--show", "--showformat", "${Version}", "libpython3.11-minimal"])

    def make(folder: Path) -> None:
        run_program(["bash", "-c", 'cd "$0" && apt-get download --quiet "$1"', str(folder), f"{_LIBRARY}={version}"])
        (package,) = folder.glob("*.deb")
        run_program(["dpkg-deb", "--extract", str(package), str(folder / "root")])

    return made_once("bench-python", {"package": _LIBRARY, "version": version}, make) / "root"


def _make(host: LinuxHost) -> None:
    """Throw away what the host was, and start it afresh."""
    host.erase()
    root = host.folder / "root"
    make_disk(root, host.name, host.address, run.SSH)
    run_program(["cp", "--archive", f"{_python_library()}/.", str(root)])
    host.start()


def _at_once(action: Callable[[LinuxHost], None], hosts: Mapping[str, LinuxHost]) -> None:
    with ThreadPoolExecutor(len(hosts)) as pool:
        list(pool.map(action, hosts.values()))


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Let the first SIGINT end the block, and no further one disturb what it does at its end.

    A terminal's comes to all that runs there, and timeout(1) sends it twice: hosts must not stay behind for that.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def fresh_hosts() -> Iterator[dict[str, LinuxHost]]:
    """Have a machine for the control plane and one for every worker, by name, as long as the block runs."""
    hosts = {name: run.linux_host(name, address) for name, address in _ADDRESSES.items()}
    with network.locked("command"):
        make_ground()
    _python_library()
    with interrupted_once():
        try:
            _at_once(_make, hosts)
            yield hosts
        finally:
            _at_once(LinuxHost.erase, hosts)


def connections(host: LinuxHost) -> int:
    """Return how many SSH connections the host's server has had, those that it refused included.

    Looking is one itself, and counted.
    """
    return len(_CONNECTION.findall(host.run("journalctl --identifier sshd --output cat --no-pager")))


def traces(host: LinuxHost) -> str:
    """Return what would differ if anything on the host had been changed."""
    return host.run("bash -s", text=_TRACES)
