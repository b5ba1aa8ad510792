"""The programs that the lab builds from Go modules: which module, which version, which packages, which flags.

Everything is the upstream source at a released version, but that an older release gets the libraries of the newest. The
departures from it, all for Wine's sake, are named in ``docs/lab.md`` and applied in ``lab/build.py``.
"""

from __future__ import annotations

from dataclasses import replace

from lab.release import CNI_PLUGINS, CONTAINERD, COREDNS, CRI_TOOLS, ETCD, FLANNEL, KUBERNETES, NEWEST, PULUMI, Release
from lab.unit import Unit

_KUBERNETES = "k8s.io/kubernetes"
_AGNHOST = f"{_KUBERNETES}/test/images/agnhost"
_LIBRARIES = {
    "golang.org/x/crypto": "v0.53.0",
    "golang.org/x/net": "v0.56.0",
    "golang.org/x/sync": "v0.21.0",
    "golang.org/x/sys": "v0.46.0",
    "golang.org/x/term": "v0.44.0",
    "golang.org/x/text": "v0.39.0",
}
"""What the newest Kubernetes requires and the older one has in older versions."""


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


def _kubernetes_units(version: str) -> tuple[Unit, ...]:
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
    staging = "v0." + KUBERNETES.split(".", 1)[1]
    return (
        Unit(
            "kubernetes",
            {_KUBERNETES: f"v{KUBERNETES}"},
            {name: f"{_KUBERNETES}/cmd/{name}" for name in linux} | {"agnhost": _AGNHOST},
            ldflags=flags,
            staging=staging,
        ),
        Unit(
            "kubernetes-windows",
            {_KUBERNETES: f"v{KUBERNETES}"},
            {f"{name}.exe": f"{_KUBERNETES}/cmd/{name}" for name in windows}
            | {"kube-log-runner.exe": "k8s.io/component-base/logs/kube-log-runner", "agnhost.exe": _AGNHOST},
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
_FLANNEL = "github.com/flannel-io/flannel"
_CONTAINERD = "github.com/containerd/containerd/v2"


def _versioned_units(release: Release) -> tuple[Unit, ...]:
    """Return the units whose programs are told their version."""
    cni_flags = f"-X {_CNI}/pkg/utils/buildversion.BuildVersion=v{release.cni_plugins}"
    flannel_flags = f"-X {_FLANNEL}/pkg/version.Version=v{release.flannel}"
    return (
        *_kubernetes_units(release.kubernetes),
        Unit(
            "flannel",
            {_FLANNEL: f"v{FLANNEL}"},
            {"flanneld": _FLANNEL},
            ldflags=flannel_flags,
            static_c=True,
            replaces=_FLANNEL_REPLACES,
        ),
        Unit(
            "flannel-windows",
            {_FLANNEL: f"v{FLANNEL}"},
            {"flanneld.exe": _FLANNEL},
            ldflags=flannel_flags,
            os="windows",
            replaces=_FLANNEL_REPLACES,
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
            ldflags=cni_flags,
        ),
        Unit(
            "cni-plugins-windows",
            {_CNI: f"v{CNI_PLUGINS}"},
            {
                "win-overlay.exe": f"{_CNI}/plugins/main/windows/win-overlay",
                "host-local.exe": f"{_CNI}/plugins/ipam/host-local",
            },
            ldflags=cni_flags,
            os="windows",
        ),
        Unit(
            "containerd",
            {_CONTAINERD: f"v{CONTAINERD}"},
            {
                "containerd": f"{_CONTAINERD}/cmd/containerd",
                "containerd-shim-runc-v2": f"{_CONTAINERD}/cmd/containerd-shim-runc-v2",
                "ctr": f"{_CONTAINERD}/cmd/ctr",
            },
            ldflags=f"-X {_CONTAINERD}/version.Version={release.containerd}",
            tags="no_btrfs,no_devmapper,no_zfs",
        ),
    )


_OTHERS: tuple[Unit, ...] = (
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
    Unit(
        "etcd",
        {"go.etcd.io/etcd/server/v3": f"v{ETCD}"},
        {"etcd": "go.etcd.io/etcd/server/v3"},
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


def units(release: Release = NEWEST) -> tuple[Unit, ...]:
    """Return everything that is built; of a release that is not the newest, what takes the place of the newest's."""
    newest = (*_versioned_units(NEWEST), *_OTHERS)
    if release == NEWEST:
        return newest
    return (*newest, *(_from_source_of(release, unit) for unit in _versioned_units(release)))


def _from_source_of(release: Release, unit: Unit) -> Unit:
    """Return a unit of an older release that shares all it can with the newest's.

    Asked for is the newest, built is the source that replaces it. So the libraries are those of the newest, and a
    package that is alike in both is compiled once, since its path holds the version that was asked for.
    """
    versions = {
        _KUBERNETES: release.kubernetes,
        _FLANNEL: release.flannel,
        _CNI: release.cni_plugins,
        _CONTAINERD: release.containerd,
    }
    module = next(iter(unit.requires))
    # The image of agnhost has a version of its own.
    programs = {name: package for name, package in unit.programs.items() if package != _AGNHOST}
    libraries = _LIBRARIES if module == _KUBERNETES else {}
    return replace(
        unit,
        requires={**unit.requires, **libraries},
        programs=programs,
        replaces={**unit.replaces, module: f"v{versions[module]}"},
    )


UNITS = units()
"""Everything that is built for the lab's own cluster."""
