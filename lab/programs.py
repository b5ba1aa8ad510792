"""The programs that the lab builds from Go modules: which module, which version, which packages, which flags.

Everything is the upstream source at a released version. The departures, all for Wine's sake, are named in
``docs/lab.md`` and applied in ``lab/build.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GO_VERSION = "1.26.6"
PULUMI = "3.259.0"
KUBERNETES = "1.36.4"
FLANNEL = "0.28.9"
CONTAINERD = "2.3.4"
CRI_TOOLS = "1.36.0"
CNI_PLUGINS = "1.9.1"
ETCD = "3.6.16"
COREDNS = "1.14.2"


@dataclass(frozen=True, slots=True)
class Unit:
    """Programs that share one go.mod, and so one set of compiled packages."""

    name: str
    requires: Mapping[str, str]
    """Module path to version; the first is the one whose packages are built."""
    programs: Mapping[str, str]
    """Name of the finished program to the package it is built from."""
    ldflags: str = ""
    tags: str = ""
    os: str = "linux"
    static_c: bool = False
    """Whether the program holds C and is linked statically."""
    replaces: Mapping[str, str] = field(default_factory=dict)
    staging: str = ""
    """Version given to the modules that k8s.io/kubernetes keeps in its own staging folder; empty for others."""
    patched: bool = False
    """Whether the first module is built from a copy in which Wine's lack of AF_UNIX is worked around."""


def _kubernetes_ldflags(version: str) -> str:
    major, minor, _ = version.split(".")
    values = {
        "gitVersion": f"v{version}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitCommit": "lab",
        "gitTreeState": "archive",
        "buildDate": "2026-01-01T00:00:00Z",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(f"-X {package}.{key}={value}" for package in packages for key, value in values.items())


def kubernetes_units(version: str) -> tuple[Unit, ...]:
    """Return the Linux and Windows programs of one Kubernetes version."""
    requires = {"k8s.io/kubernetes": f"v{version}"}
    staging = "v0." + version.split(".", 1)[1]
    linux = (
        "kubectl",
        "kubeadm",
        "kubelet",
        "kube-proxy",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
    )
    windows = ("kubelet", "kubeadm", "kube-proxy", "kubectl")
    flags = _kubernetes_ldflags(version)
    return (
        Unit(
            "kubernetes",
            requires,
            {name: f"k8s.io/kubernetes/cmd/{name}" for name in linux}
            | {"agnhost": "k8s.io/kubernetes/test/images/agnhost"},
            ldflags=flags,
            staging=staging,
        ),
        Unit(
            "kubernetes-windows",
            requires,
            {f"{name}.exe": f"k8s.io/kubernetes/cmd/{name}" for name in windows}
            | {
                "kube-log-runner.exe": "k8s.io/component-base/logs/kube-log-runner",
                "agnhost.exe": "k8s.io/kubernetes/test/images/agnhost",
            },
            ldflags=flags,
            staging=staging,
            os="windows",
            patched=True,
        ),
    )


# The versions of this SDK that flannel names are not served by every module proxy.
_TENCENT = "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud"
_FLANNEL_REPLACES = {f"{_TENCENT}/common": "v1.1.0", f"{_TENCENT}/vpc": "v1.1.0"}
_PULUMI_VERSION = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{PULUMI}"
_CNI = "github.com/containernetworking/plugins"

UNITS: tuple[Unit, ...] = (
    Unit(
        "pulumi",
        {"github.com/pulumi/pulumi/pkg/v3": f"v{PULUMI}", "github.com/pulumi/pulumi/sdk/v3": f"v{PULUMI}"},
        {"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        ldflags=_PULUMI_VERSION,
        tags="osusergo,grpcnotrace",
    ),
    # The last version of this module that holds the Python language host.
    Unit(
        "pulumi-language-python",
        {"github.com/pulumi/pulumi/sdk/v3": "v3.79.0"},
        {"pulumi-language-python": "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"},
    ),
    *kubernetes_units(KUBERNETES),
    Unit(
        "flannel",
        {"github.com/flannel-io/flannel": f"v{FLANNEL}"},
        {"flanneld": "github.com/flannel-io/flannel"},
        ldflags=f"-X github.com/flannel-io/flannel/pkg/version.Version=v{FLANNEL}",
        static_c=True,
        replaces=_FLANNEL_REPLACES,
    ),
    Unit(
        "flannel-windows",
        {"github.com/flannel-io/flannel": f"v{FLANNEL}"},
        {"flanneld.exe": "github.com/flannel-io/flannel"},
        ldflags=f"-X github.com/flannel-io/flannel/pkg/version.Version=v{FLANNEL}",
        os="windows",
        replaces=_FLANNEL_REPLACES,
    ),
    Unit(
        "etcd",
        {"go.etcd.io/etcd/server/v3": f"v{ETCD}"},
        {"etcd": "go.etcd.io/etcd/server/v3"},
    ),
    Unit(
        "cni-plugins",
        {_CNI: f"v{CNI_PLUGINS}"},
        {
            name: f"{_CNI}/plugins/{kind}/{name}"
            for kind, name in (
                ("main", "bridge"),
                ("main", "loopback"),
                ("ipam", "host-local"),
                ("meta", "portmap"),
            )
        },
    ),
    Unit(
        "cni-plugins-windows",
        {_CNI: f"v{CNI_PLUGINS}"},
        {
            "win-overlay.exe": f"{_CNI}/plugins/main/windows/win-overlay",
            "host-local.exe": f"{_CNI}/plugins/ipam/host-local",
        },
        os="windows",
    ),
    # flannel-io/cni-plugin is not served by the module proxy; this is the same plugin before it moved there.
    Unit(
        "flannel-cni",
        {_CNI: "v0.9.1"},
        {"flannel": f"{_CNI}/plugins/meta/flannel"},
    ),
    Unit(
        "flannel-cni-windows",
        {_CNI: "v0.9.1"},
        {"flannel.exe": f"{_CNI}/plugins/meta/flannel"},
        os="windows",
    ),
    Unit(
        "containerd",
        {"github.com/containerd/containerd/v2": f"v{CONTAINERD}"},
        {
            "containerd": "github.com/containerd/containerd/v2/cmd/containerd",
            "containerd-shim-runc-v2": "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
            "ctr": "github.com/containerd/containerd/v2/cmd/ctr",
        },
        ldflags=f"-X github.com/containerd/containerd/v2/version.Version={CONTAINERD}",
        tags="no_btrfs,no_devmapper,no_zfs",
    ),
    Unit(
        "cri-tools",
        {"sigs.k8s.io/cri-tools": f"v{CRI_TOOLS}"},
        {"crictl": "sigs.k8s.io/cri-tools/cmd/crictl"},
        ldflags=f"-X sigs.k8s.io/cri-tools/pkg/version.Version=v{CRI_TOOLS}",
    ),
    Unit(
        "cri-tools-windows",
        {"sigs.k8s.io/cri-tools": f"v{CRI_TOOLS}"},
        {"crictl.exe": "sigs.k8s.io/cri-tools/cmd/crictl"},
        ldflags=f"-X sigs.k8s.io/cri-tools/pkg/version.Version=v{CRI_TOOLS}",
        os="windows",
    ),
    Unit(
        "coredns",
        {"github.com/coredns/coredns": f"v{COREDNS}"},
        {"coredns": "github.com/coredns/coredns"},
    ),
)
