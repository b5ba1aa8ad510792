"""Machines become nodes, and nodes a cluster. pyinfra runs each operation on all hosts at once."""

from io import StringIO
from typing import Any

from pyinfra import host, inventory
from pyinfra.facts.files import File
from pyinfra.operations import apt, files, python, server, systemd

_SITE = host.data.site
_CACHE = "/var/cache/node"
_PACKAGES = [
    "ca-certificates",
    "conntrack",
    "curl",
    "ethtool",
    "iproute2",
    "iptables",
    "kmod",
    "mount",
    "openssl",
    "socat",
]
_FILES = {
    "modules.conf": "/etc/modules-load.d/node.conf",
    "sysctl.conf": "/etc/sysctl.d/99-node.conf",
    "containerd.service": "/etc/systemd/system/containerd.service",
    "kubelet.service": "/etc/systemd/system/kubelet.service",
    "10-kubeadm.conf": "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
    "crictl.yaml": "/etc/crictl.yaml",
}
_ADMIN = "/etc/kubernetes/admin.conf"


def _download(name: str, target: str, mode: str = "755") -> Any:  # noqa: ANN401 - pyinfra has its own environment
    pinned = _SITE["programs"][name]
    return files.download(
        name=f"Download {name}", src=pinned["url"], dest=target, sha256sum=pinned["sha256"], mode=mode
    )


def _unpack(name: str, folder: str) -> Any:  # noqa: ANN401 - as above
    archive = f"{_CACHE}/{name}.tgz"
    arrived = _download(name, archive, "600")
    server.shell(
        name=f"Unpack {name}",
        commands=[f"tar --extract --gzip --no-same-owner --file {archive} --directory {folder}"],
        _if=arrived.did_change,
    )
    return arrived


def prepare_node() -> None:
    """Make the machine ready to be a node, without a cluster."""
    apt.packages(name="Packages", packages=_PACKAGES, no_recommends=True)
    for folder in (_CACHE, "/opt/cni/bin"):
        files.directory(name=f"Folder {folder}", path=folder)
    written = [files.put(name=f"File {path}", src=f"../files/{name}", dest=path) for name, path in _FILES.items()]
    files.put(
        name="The node's address",
        src=StringIO(f"KUBELET_EXTRA_ARGS=--node-ip={host.data.address}\n"),
        dest="/etc/default/kubelet",
    )
    server.shell(
        name="Kernel modules and settings",
        commands=[
            "modprobe --all $(cat /etc/modules-load.d/node.conf)",
            f"sysctl --quiet --load={_FILES['sysctl.conf']}",
        ],
        _if=lambda: any(each.did_change() for each in written),
    )
    server.shell(name="No swap", commands=['test "$(wc -l < /proc/swaps)" -le 1 || swapoff --all'])
    configured = files.put(
        name="Configuration of containerd",
        src=StringIO(_SITE["containerd_configuration"]),
        dest="/etc/containerd/config.toml",
    )
    unpacked = _unpack("containerd", "/usr/local")
    _download("runc", "/usr/local/sbin/runc")
    systemd.daemon_reload(name="Units are read", _if=lambda: any(each.did_change() for each in written))
    started = systemd.service(name="containerd runs", service="containerd", running=True, enabled=True)
    systemd.service(
        name="containerd has its configuration",
        service="containerd",
        restarted=True,
        _if=lambda: (configured.did_change() or unpacked.did_change()) and not started.did_change(),
    )
    for program in ("kubelet", "kubeadm", "kubectl"):
        _download(program, f"/usr/local/bin/{program}")
    _unpack("crictl", "/usr/local/bin")
    _unpack("cni_plugins", "/opt/cni/bin")
    systemd.service(name="kubelet is enabled", service="kubelet", running=None, enabled=True)


def import_images() -> None:
    """Have the images in containerd, once."""
    images = _SITE["images"]
    marker, archive = f"{_CACHE}/imported-{images['sha256']}", f"{_CACHE}/images.tar"
    is_missing = not host.get_fact(File, path=marker)
    files.download(
        name="Download images",
        src=images["url"],
        dest=archive,
        sha256sum=images["sha256"],
        _if=lambda: is_missing,
    )
    server.shell(
        name="Import images",
        commands=[f"ctr --namespace k8s.io images import --local {archive} && touch {marker} && rm {archive}"],
        _if=lambda: is_missing,
    )


def initialise() -> None:
    """Have a control plane with flannel."""
    is_head, is_there = host.name == _SITE["control_plane"], bool(host.get_fact(File, path=_ADMIN))
    for name, path, text in (
        ("kubeadm's document", "/etc/kubernetes-kubeadm.yaml", _SITE["kubeadm_configuration"]),
        ("flannel's document", "/etc/kubernetes-flannel.yaml", _SITE["flannel_manifest"]),
    ):
        files.put(name=name, src=StringIO(text), dest=path, _if=lambda: is_head)
    server.shell(
        name="The control plane",
        commands=["kubeadm init --config /etc/kubernetes-kubeadm.yaml --skip-token-print"],
        _if=lambda: is_head and not is_there,
    )
    server.shell(
        name="The pod network",
        commands=[f"kubectl --kubeconfig {_ADMIN} apply --filename /etc/kubernetes-flannel.yaml"],
        _if=lambda: is_head,
    )


def join() -> None:
    """Join the worker that runs this, with a token made for it."""
    done, output = inventory.get_host(_SITE["control_plane"]).run_shell_command(
        "kubeadm token create --ttl 1h --print-join-command"
    )
    if not done:
        raise RuntimeError(f"no token: {output.stderr}")
    options = f"--node-name {host.name} --ignore-preflight-errors {_SITE['ignored_preflight_errors']}"
    server.shell(name="The worker", commands=[f"{output.stdout.strip()} {options}"])


def join_workers() -> None:
    """Have every worker in the cluster."""
    is_member = bool(host.get_fact(File, path="/etc/kubernetes/kubelet.conf"))
    python.call(name="Join", function=join, _if=lambda: host.name in _SITE["workers"] and not is_member)


def await_nodes() -> None:
    """Wait until all nodes are Ready, and flannel runs on each."""
    is_head, kubectl = host.name == _SITE["control_plane"], f"kubectl --kubeconfig {_ADMIN}"
    server.shell(
        name="Nodes are Ready",
        commands=[f"{kubectl} wait node --for=condition=Ready --timeout=300s {' '.join(_SITE['addresses'])}"],
        _retries=30,
        _retry_delay=1,
        _if=lambda: is_head,
    )
    server.shell(
        name="Flannel is rolled out",
        commands=[f"{kubectl} --namespace kube-flannel rollout status daemonset/kube-flannel-ds --timeout=300s"],
        _if=lambda: is_head,
    )


# Operations keep their order only where every host has all of them; whom one does not concern passes it over (_if).
prepare_node()
import_images()
initialise()
join_workers()
await_nodes()
